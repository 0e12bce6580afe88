//! What can go wrong in a directory.

use thiserror::Error;

use crate::model::{Field, UserGuid, UserName};

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
    /// The directory refuses the value.
    #[error("{field} is refused: {reason}")]
    Refused {
        /// Which value.
        field: Field,
        /// Why, in the directory's words.
        reason: String,
    },
    /// It can't be reached or its file can't be used; nothing is known of the outcome.
    #[error("the directory can't be used: {0}")]
    Unavailable(String),
}
