//! What can go wrong with keys, sealed copies and letters.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a key or a hand-over folder can't be used. It never says what a secret is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PasswordFault {
    /// Others than the owner have rights to it.
    #[error("{} is open to others (permissions {mode:03o})", path.display())]
    OpenToOthers {
        /// The key file or folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It belongs to another user of this machine.
    #[error("{} belongs to another user of this machine", path.display())]
    OfSomeoneElse {
        /// The key file or folder.
        path: PathBuf,
    },
    /// A letter that we didn't write.
    #[error("{} belongs to another user of this machine", path.display())]
    LetterOfSomeoneElse {
        /// The letter.
        path: PathBuf,
    },
    /// The folder is a link, whose target may be anybody's.
    #[error("{} is a link, not a folder", path.display())]
    Link {
        /// The folder.
        path: PathBuf,
    },
    /// There is something else where the folder should be.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The file holds no key.
    #[error("{} holds no key", path.display())]
    NotAKey {
        /// The key file.
        path: PathBuf,
    },
    /// A sealed copy that this key doesn't open, or that is damaged.
    #[error("a sealed password can't be opened with the key of this machine")]
    NotSealedByThisKey,
    /// The outbox was never set up.
    #[error("{} is no outbox: it has no recipient.txt", folder.display())]
    NoOutbox {
        /// The folder.
        folder: PathBuf,
    },
    /// The key that opens the outbox is gone.
    #[error(
        "the key of the outbox, {}, is gone, and {waiting} {} sealed to it",
        path.display(),
        if *waiting == 1 { "password is" } else { "passwords are" }
    )]
    KeyLost {
        /// Where the key was.
        path: PathBuf,
        /// How many passwords nobody can open any more.
        waiting: usize,
    },
    /// Passwords would be sealed to somebody else's key.
    #[error("{} is not the public half of this outbox's key", path.display())]
    OtherRecipient {
        /// The file with the public half.
        path: PathBuf,
    },
    /// Others could put their own key into the outbox.
    #[error("others can replace files in {}", path.display())]
    Replaceable {
        /// The folder.
        path: PathBuf,
    },
    /// The thread that seals is gone: the program is ending.
    #[error("a password can't be sealed, since the program is ending")]
    NotSealed,
    /// The operating system refuses.
    #[error("{} can't be used: {detail}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's words.
        detail: String,
    },
}

impl PasswordFault {
    /// What to do about it, where there is something.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::OpenToOthers { .. } => {
                Some("take the rights of group and others away (chmod go-rwx)")
            }
            Self::OfSomeoneElse { .. } | Self::Link { .. } | Self::NotAFolder { .. } => {
                Some("name another folder, or one that isn't there yet")
            }
            Self::LetterOfSomeoneElse { .. } => {
                Some("trust no password in it; reset_password() makes a new one")
            }
            Self::NotAKey { .. } => {
                Some("bring it back from a copy; without it, passwords of unfinished runs are lost")
            }
            Self::NotSealedByThisKey => {
                Some("resume where the run began, or abandon it and reset the passwords")
            }
            Self::NoOutbox { .. } => Some("run acctsh sync once: it sets the outbox up"),
            Self::KeyLost { .. } => Some(
                "bring the key back from a copy; or run acctsh sync --new-key, which gives those passwords \
                 up: whoever changed theirs changes it once more, or gets one by reset_password()",
            ),
            Self::OtherRecipient { .. } => Some(
                "find out who has changed it; then remove it and run acctsh sync, which writes it again",
            ),
            Self::Replaceable { .. } => {
                Some("let others only add files: chmod 1730, with the group of those who may")
            }
            Self::NotSealed | Self::Io { .. } => None,
        }
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self::Io { path: path.to_owned(), detail: error.to_string() }
    }
}
