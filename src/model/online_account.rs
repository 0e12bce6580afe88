//! The online half of an account.

use jiff::Timestamp;

use super::{Anchor, AssignedLicense, Details, EmailAddress, ObjectId, OnlineId};

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    /// One of ours.
    Member,
    /// A guest from elsewhere.
    Guest,
}

/// An online account: a user object in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineAccount {
    /// The identity.
    pub id: ObjectId,
    /// The sign-in name.
    pub online_id: OnlineId,
    /// Everything else that is a text.
    pub details: Details,
    /// Whether sign-in is open.
    pub can_sign_in: bool,
    /// Member or guest; `None` where the tenant doesn't say (old accounts).
    pub user_type: Option<UserType>,
    /// The e-mail address, once something gave it one.
    pub email: Option<EmailAddress>,
    /// Licences, direct and inherited.
    pub licenses: Vec<AssignedLicense>,
    /// The anchor; `None` when empty.
    pub anchor: Option<Anchor>,
    /// Run by directory synchronisation (`graph.md §4.4`).
    pub is_synchronized: bool,
    /// When it was made, where the tenant says so.
    pub created: Option<Timestamp>,
    /// When its password last changed, where the tenant says so.
    pub last_password_change: Option<Timestamp>,
}

/// An online account in the tenant's recycle bin (`graph.md §9`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedAccount {
    /// The identity, kept by a restore.
    pub id: ObjectId,
    /// The online ID it had, without the prefix that the tenant puts before it.
    pub online_id: OnlineId,
    /// The name it was shown under.
    pub display_name: String,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
}
