//! A run is held by one process at a time, which can be named.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use jiff::{Timestamp, Unit};
use thiserror::Error;

use super::private_file;

/// Why a lock isn't ours.
#[derive(Debug, Error)]
pub enum RunLockError {
    /// Another process holds it.
    #[error("held by {by}")]
    Held {
        /// Which one: `process 4711 on host1 since 2027-01-31T09:00:00Z`.
        by: String,
    },
    /// The lock file can't be used.
    #[error("the lock file can't be used: {0}")]
    Io(#[from] io::Error),
}

/// A lock of the operating system on a file. It ends with this value or with the process, however
/// that ends; the file stays, since removing it would let two processes lock two files of one name.
#[derive(Debug)]
pub struct RunLock(File);

impl RunLock {
    /// Takes the lock, or says at once who holds it.
    pub fn acquire(path: &Path) -> Result<Self, RunLockError> {
        let mut file = private_file::open_or_create(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&mut file)),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        let mut lock = Self(file);
        lock.sign()?;
        Ok(lock)
    }

    /// Writes into the file who we are, for those who come later.
    fn sign(&mut self) -> io::Result<()> {
        let started = Timestamp::now().round(Unit::Second).unwrap_or_default();
        let host = gethostname::gethostname();
        self.0.set_len(0)?;
        self.0.rewind()?;
        write!(
            self.0,
            "process {} on {} since {started}",
            std::process::id(),
            host.to_string_lossy()
        )
    }
}

impl Drop for RunLock {
    /// An empty file names nobody wrongly while its next holder is about to sign. If that fails,
    /// the lock still ends with the file. It is given up by word: a child that was started at this
    /// very moment has the file too until it becomes another program.
    fn drop(&mut self) {
        let _ = self.0.set_len(0);
        let _ = self.0.unlock();
    }
}

fn held(file: &mut File) -> RunLockError {
    let mut by = String::new();
    match file.take(1000).read_to_string(&mut by) {
        Ok(_) if by.is_empty() => RunLockError::Held { by: "another process".to_owned() },
        Ok(_) => RunLockError::Held { by },
        Err(error) => RunLockError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_by_one_and_names_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        let first = RunLock::acquire(&path).unwrap();

        let Err(RunLockError::Held { by }) = RunLock::acquire(&path) else {
            panic!("it was given twice");
        };
        let host = gethostname::gethostname();
        let us = format!("process {} on {} since ", std::process::id(), host.to_string_lossy());
        assert!(by.starts_with(&us), "{by}");

        drop(first);
        RunLock::acquire(&path).unwrap();
    }

    #[test]
    fn what_a_killed_holder_left_in_the_file_does_not_hold_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.lock");
        std::fs::write(&path, "process 1 on gone since 2027-01-31T09:00:00Z, and more").unwrap();
        let ours = RunLock::acquire(&path).unwrap();
        let signed = std::fs::read_to_string(&path).unwrap();
        assert!(signed.starts_with(&format!("process {} on ", std::process::id())), "{signed}");
        assert!(!signed.contains("more"), "{signed}");
        drop(ours);
    }
}
