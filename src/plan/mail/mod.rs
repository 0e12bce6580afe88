//! What a plan knows and does of mailboxes, addresses and groups.
//!
//! * `edit`: what becomes different
//! * `overlay`: what the changes so far make of the facts
//! * `mailboxes`, `addresses`, `groups`: both together, as changes and scripts ask the view
//!
//! Who owns a mailbox is an online account, never a person: a mailbox goes with it when it is linked to
//! another user.

mod addresses;
mod edit;
mod groups;
mod mailboxes;
mod overlay;

use serde::{Deserialize, Serialize};

use super::change::{ChangeNo, Subject};
use super::person::Person;
use crate::model::{EmailAddress, Mailbox, ObjectId, RecipientId, RecipientKind};

pub use addresses::subject_of;
pub use edit::MailEdit;
pub(super) use overlay::MailOverlay;

/// An online account: one that is there, or the one that a change of this plan makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlineRef {
    /// There.
    Known(ObjectId),
    /// Made by that change.
    MadeBy(ChangeNo),
}

impl OnlineRef {
    /// A person's online account.
    pub fn of(person: &Person) -> Option<Self> {
        let online = person.online.as_ref()?;
        Some(match person.online_made_by {
            Some(no) if online.id == ObjectId::KNOWN_AFTER_APPLY => Self::MadeBy(no),
            _ => Self::Known(online.id),
        })
    }
}

/// Who is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Member {
    /// An online account with its mailbox.
    Account(OnlineRef),
    /// Another group.
    Group(Subject),
    /// A contact, a guest, or whoever else can receive mail.
    Recipient(RecipientId),
}

/// A member as the plan has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMember {
    /// Who.
    pub member: Member,
    /// The name for people: a group's name, anybody else's address.
    pub label: String,
    /// What kind of recipient it is.
    pub kind: RecipientKind,
}

/// Who holds an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Holder {
    /// The mailbox of an online account.
    Mailbox(OnlineRef),
    /// A group.
    Group(Subject),
    /// A contact, a guest, or another kind of recipient.
    Recipient(RecipientId),
}

/// A holder with its name for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressHolder {
    /// Who.
    pub holder: Holder,
    /// Such as `group Sales` or `eva@contoso.com`.
    pub label: String,
}

/// A mailbox as the plan has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMailbox {
    /// Whose.
    pub of: OnlineRef,
    /// Everything about it. One that isn't there yet has its online ID as its only address.
    pub state: Mailbox,
    /// Whether it is there; it comes some time after its licence (`exchange.md §12.2`).
    pub is_there: bool,
    /// Whether the plan waits for it already.
    pub is_awaited: bool,
}

impl PlannedMailbox {
    /// The address that it sends from.
    pub fn address(&self) -> EmailAddress {
        let received = || EmailAddress::received(self.state.online_id.as_str());
        self.state.addresses.primary().unwrap_or_else(received)
    }
}

/// Why somebody has no mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoMailbox {
    /// There is no online account.
    NoOnlineAccount,
    /// No licence comes with one.
    NoLicense,
    /// A licence comes with one, but that service of it is off.
    ServiceOff,
}

/// Whether there is an Exchange to speak of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    /// There is.
    There,
    /// Nothing that the tenant subscribes to comes with mailboxes.
    NotSubscribed,
    /// The app may not use it; why.
    Refused(String),
}

impl From<Holder> for Member {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Mailbox(of) => Self::Account(of),
            Holder::Group(subject) => Self::Group(subject),
            Holder::Recipient(id) => Self::Recipient(id),
        }
    }
}
