//! acctsh's own files: how a `SQLite` file is opened, migrated and written; how a file is made that
//! nobody else may read; how a run is held by one process.
//!
//! What belongs here: the engine room, which knows of bytes, transactions and locks. What doesn't:
//! any table. Whoever owns a file brings its migrations and its statements.

mod database;
mod error;
mod group;
mod lock;
mod opening;
pub mod private_file;

pub use database::Database;
pub use error::StateError;
pub use lock::{RunLock, RunLockError};
