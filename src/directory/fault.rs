//! What can go wrong in a directory.

use thiserror::Error;

use crate::model::{Field, PasswordPolicy, UserGuid, UserName};

/// A directory's answer when it didn't do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DirectoryFault {
    /// Another user has that name.
    #[error("the user name {name} is taken")]
    NameTaken {
        /// The name.
        name: UserName,
        /// Who has it.
        holder: UserGuid,
    },
    /// The very user was made before: by an earlier try whose outcome nobody knew.
    #[error("the user was made by an earlier try, as {0}")]
    AlreadyMade(UserGuid),
    /// There is no user with that GUID.
    #[error("there is no user {0}")]
    NoSuchUser(UserGuid),
    /// The value is neither what was read nor what was to be written.
    #[error("{field} of user {user} was changed by someone else")]
    ChangedMeanwhile {
        /// Whose.
        user: UserGuid,
        /// Which value.
        field: Field,
    },
    /// The password policy is neither what was read nor what was to be set.
    #[error("the password policy was changed by someone else: it is {0}")]
    PolicyChangedMeanwhile(PasswordPolicy),
    /// The directory refuses the value.
    #[error("{field} is refused: {reason}")]
    Refused {
        /// Which value.
        field: Field,
        /// Why, in the directory's words.
        reason: String,
    },
    /// The account that acctsh signs in with lacks a right.
    #[error("{reason}")]
    NotAllowed {
        /// What it may not do.
        reason: String,
        /// How it is given the right.
        advice: String,
    },
    /// It can't be signed in to: a password, a locked account, a certificate that isn't trusted.
    #[error("{reason}")]
    SignIn {
        /// What is wrong.
        reason: String,
        /// What to do about it.
        advice: String,
    },
    /// The settings don't fit the directory.
    #[error("{reason}")]
    Setup {
        /// What is wrong.
        reason: String,
        /// What to do about it.
        advice: String,
    },
    /// No server of it answers, or one stopped answering; nothing is known of the outcome.
    #[error("the directory can't be reached: {0}")]
    OutOfReach(String),
    /// Its file can't be used; nothing is known of the outcome.
    #[error("the directory can't be used: {0}")]
    Unavailable(String),
}

impl DirectoryFault {
    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        match self {
            Self::NotAllowed { advice, .. }
            | Self::SignIn { advice, .. }
            | Self::Setup { advice, .. } => Some(advice),
            Self::OutOfReach(_) => {
                Some("check the network, and whether a controller that the profile names runs")
            }
            _ => None,
        }
    }
}
