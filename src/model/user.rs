//! The local half of an account.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Anchor, AssignedLicense, DeletedAccount, Details, MailAddresses, ObjectId, UserGuid, UserName,
};

/// What a user may do on the local side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Works.
    #[default]
    Standard,
    /// Runs the place.
    Administrator,
}

/// Why a user is left out where everybody is meant: it gets something only when it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetApart {
    /// A program signs in with it.
    Service,
    /// It runs the directory.
    Privileged,
}

impl SetApart {
    /// The word for it, as scripts compare it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Privileged => "privileged",
        }
    }
}

/// What is remembered of a person's online half beside the link (DESIGN §1, anchor): it is kept on the
/// user, so that any admin's machine knows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// `disable` closed its sign-in, so `enable` opens it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed_by_disable: bool,
    /// `unassign` took its licences and closed it; only `assign` opens it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unassigned: bool,
    /// Its password is one that nobody knows, until a change made in the directory arrives.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits_for_password: bool,
    /// The direct licences that it had before it was unassigned or deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licenses: Vec<AssignedLicense>,
}

/// A user in the directory's recycle bin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedUser {
    /// The user as it was.
    pub user: User,
    /// When it was deleted.
    pub deleted: Timestamp,
    /// Whether all that it had is known. A domain without a recycle bin keeps little more than its name.
    pub is_whole: bool,
    /// Whether restoring it was begun and not ended: the user is there, without all that it had.
    pub is_half_back: bool,
}

impl DeletedUser {
    /// Its online account in the tenant's recycle bin: the one that it was linked to, or whose anchor
    /// points to it.
    pub fn other_half<'a>(&self, accounts: &'a [DeletedAccount]) -> Option<&'a DeletedAccount> {
        let is_anchored = |it: &&DeletedAccount| {
            it.account.anchor.as_ref().and_then(Anchor::user) == Some(self.user.guid)
        };
        match self.user.link {
            Some(link) => accounts.iter().find(|it| it.account.id == link),
            None => accounts.iter().find(is_anchored),
        }
    }
}

/// A user: an entry in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The identity.
    pub guid: UserGuid,
    /// The name, unique in the directory without regard to case.
    pub name: UserName,
    /// Everything else that is a text.
    pub details: Details,
    /// Whether the person may sign in.
    pub enabled: bool,
    /// Whether wrong passwords have locked it. It may be open again by itself after a while: the directory
    /// says so only at the next sign-in.
    pub is_locked: bool,
    /// Whether the password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// When the password was last changed, by the directory's own clock, where it says so; one that must be
    /// changed has no such time.
    pub password_changed: Option<Timestamp>,
    /// The last day of the account; `None` is never.
    pub expires: Option<Date>,
    /// What the person may do.
    pub access_level: AccessLevel,
    /// Made by the directory itself, such as Administrator or Guest.
    pub is_built_in: bool,
    /// Why it is left out where everybody is meant.
    pub set_apart: Option<SetApart>,
    /// The user that it reports to.
    pub manager: Option<UserGuid>,
    /// The online account it is linked to.
    pub link: Option<ObjectId>,
    /// What must be known of the online half, and only the directory keeps for us.
    pub remembered: Remembered,
    /// Why the directory can't keep a link on it: somebody else's text or anchor is in that place.
    pub no_link: Option<&'static str>,
    /// The e-mail addresses, as they are in the tenant: `SMTP:` and `smtp:` entries alone.
    pub mail: MailAddresses,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub last_changed: Timestamp,
}
