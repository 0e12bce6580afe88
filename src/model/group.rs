//! A group that mail can be sent to.

use jiff::Timestamp;

use super::{GroupId, MailAddresses, RecipientKind};

/// A distribution group or a mail-enabled security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The identity.
    pub id: GroupId,
    /// Unique in the tenant; may have a date behind it.
    pub name: String,
    /// What people know it by.
    pub display_name: String,
    /// The nickname; no address.
    pub alias: String,
    /// What it is for.
    pub description: String,
    /// All its addresses.
    pub addresses: MailAddresses,
    /// Which of the two kinds.
    pub kind: RecipientKind,
    /// Whether people outside may send to it.
    pub outside_senders: bool,
    /// Whether address lists leave it out.
    pub is_hidden: bool,
    /// Whether directory synchronisation owns it.
    pub is_synchronized: bool,
    /// Its owners: ids in the tenant's directory, or names in old answers (`exchange.md §10.5`).
    pub owners: Vec<String>,
    /// When it was made, where the tenant says so.
    pub created: Option<Timestamp>,
}
