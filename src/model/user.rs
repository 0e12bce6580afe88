//! The local half of an account.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Details, ObjectId, UserGuid, UserName};

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
    /// Whether the password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// The last day of the account; `None` is never.
    pub expires: Option<Date>,
    /// What the person may do.
    pub access_level: AccessLevel,
    /// Made by the directory itself, such as Administrator or Guest.
    pub is_built_in: bool,
    /// The online account it is linked to.
    pub link: Option<ObjectId>,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub last_changed: Timestamp,
}
