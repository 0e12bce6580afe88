//! Where people change their passwords.

use serde::{Deserialize, Serialize};

/// Where a person changes the password (DESIGN §1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordHome {
    /// Online: a new person gets one temporary password for both halves, and changes it there.
    #[default]
    Online,
    /// In the directory: the online half gets a password that nobody knows, and follows each change.
    Directory,
}

impl PasswordHome {
    /// Whether it is the usual one.
    pub fn is_online(&self) -> bool {
        *self == Self::Online
    }
}
