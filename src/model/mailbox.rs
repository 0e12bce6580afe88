//! A mailbox.

use super::{EmailAddress, MailAddresses, ObjectId, OnlineId, RecipientKind};

/// A mailbox in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct Mailbox {
    /// The online account it belongs to.
    pub id: ObjectId,
    /// That account's sign-in name.
    pub online_id: OnlineId,
    /// The name it is shown under.
    pub display_name: String,
    /// The nickname; no address.
    pub alias: String,
    /// All its addresses.
    pub addresses: MailAddresses,
    /// A person's, shared, or a resource's.
    pub kind: RecipientKind,
    /// Whether directory synchronisation owns its addresses (`exchange.md §13`).
    pub is_synchronized: bool,
    /// Whether address lists leave it out.
    pub is_hidden: bool,
    /// A recipient here that gets its mail, by Exchange's name for it.
    pub forwards_to: Option<String>,
    /// An address elsewhere that gets its mail.
    pub forwards_outside: Option<EmailAddress>,
    /// Whether forwarded mail stays here too.
    pub keeps_a_copy: bool,
    /// Whether a litigation hold keeps it.
    pub is_held: bool,
}
