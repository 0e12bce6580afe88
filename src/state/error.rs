//! Why a file of acctsh's own can't be used, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use thiserror::Error;

/// A `SQLite` file that can't be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StateError {
    /// We may not write the file or its folder. `SQLite` needs both, even to read.
    #[error("{} can't be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Something else is in the file, or it is damaged.
    #[error("{} is not a database, or it is damaged", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// Another process kept it locked longer than we wait.
    #[error("{} has been locked by another process for {} seconds", path.display(), super::opening::PATIENCE.as_secs())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of acctsh has changed its tables.
    #[error("{} was made by a newer version of acctsh", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error("there is no room left for {}", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refuses.
    #[error("{} can't be used: {detail}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
    /// `SQLite` refuses to open, begin or commit.
    #[error("{} can't be used: SQLite says: {detail}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// `SQLite`'s words.
        detail: String,
    },
    /// A statement of a job failed. What the job did before is undone.
    #[error("a statement failed: {detail}")]
    Statement {
        /// `SQLite`'s words.
        detail: String,
    },
    /// `SQLite` gave up the transaction because of another job in it; nothing of it happened.
    #[error("a write to {} was undone because the disk failed another one", path.display())]
    Undone {
        /// The file.
        path: PathBuf,
    },
    /// The job panicked, and what it did is undone; or the thread that owns the file has ended.
    #[error("the work on {} ended without an answer", path.display())]
    NoAnswer {
        /// The file.
        path: PathBuf,
    },
}

impl StateError {
    /// What to do about it, where there is something.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::ReadOnly { .. } => Some(
                "give yourself the right to write the file and its folder, or let ACCTSH_HOME name \
                 another folder",
            ),
            Self::NotADatabase { .. } => Some("move the file away, or bring it back from a copy"),
            Self::Locked { .. } => Some("wait until the other process is done, or end it"),
            Self::Newer { .. } => Some("use that version of acctsh, or a newer one"),
            Self::Full { .. } => Some("make room on the disk and try again"),
            Self::Io { .. }
            | Self::Sqlite { .. }
            | Self::Statement { .. }
            | Self::Undone { .. }
            | Self::NoAnswer { .. } => None,
        }
    }

    /// What an error of `SQLite` means for the file as a whole.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly { path },
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::NotADatabase { path }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DiskFull) => Self::Full { path },
            _ => Self::Sqlite { path, detail: error.to_string() },
        }
    }

    /// What an error of the operating system means for the file.
    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        let path = path.to_owned();
        match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path }
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { path, detail: error.to_string() },
        }
    }
}

/// For `?` on statements inside a job.
impl From<rusqlite::Error> for StateError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Statement { detail: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_is_one_error_whoever_says_so() {
        let path = Path::new("state.db");
        let read_only = StateError::ReadOnly { path: path.to_owned() };
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
            assert_eq!(StateError::io(path, &kind.into()), read_only);
        }
        let sqlite = rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY),
            None,
        );
        assert_eq!(StateError::sqlite(path, &sqlite), read_only);
        assert_eq!(read_only.to_string(), "state.db can't be written");
        assert!(read_only.advice().unwrap().contains("ACCTSH_HOME"));
    }
}
