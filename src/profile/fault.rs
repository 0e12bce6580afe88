//! Why a profile can't be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::passwords::PasswordFault;
use crate::plan::journal::JournalError;

/// Why a profile can't be used.
#[derive(Debug, Error)]
pub enum ProfileFault {
    /// There is no place for files.
    #[error("there is no home folder to keep files in; set ACCTSH_HOME")]
    NoHome,
    /// The configuration can't be read.
    #[error("{} can't be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The configuration is wrong.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The configuration can't be written.
    #[error("{} can't be written: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A profile can't have that name.
    #[error("a profile can't be called {name:?}: letters, digits, - and _ only")]
    BadName {
        /// The name.
        name: String,
    },
    /// There is a profile of that name already.
    #[error("there is a profile {name:?} already")]
    Exists {
        /// The name.
        name: String,
    },
    /// There is no profile of that name.
    #[error("there is no profile {name:?}{}", nearest.as_ref().map(|near| format!("; did you mean {near:?}?")).unwrap_or_default())]
    NoSuchProfile {
        /// The name.
        name: String,
        /// The nearest right one.
        nearest: Option<String>,
    },
    /// The journal can't be opened.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The sealing key can't be opened.
    #[error(transparent)]
    Key(#[from] PasswordFault),
    /// The sandbox can't be started.
    #[error("the sandbox tenant can't be started: {0}")]
    Sandbox(String),
}

impl ProfileFault {
    /// What to do about it, where there is something.
    pub fn advice(&self) -> Option<&str> {
        match self {
            Self::Key(fault) => fault.advice(),
            _ => None,
        }
    }
}
