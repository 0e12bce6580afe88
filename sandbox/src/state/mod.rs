//! The tenant's state: one SQLite file, which several servers may share.
//!
//! A file a kind of thing (`users.rs`, `skus.rs`, …). Rules of Graph don't belong here, only keeping and
//! finding. Write-ahead logging with `synchronous = NORMAL`: a killed process loses nothing it answered
//! for, since what was committed is in the operating system's hands; only a power cut could lose it.

mod catalogue;
pub(crate) mod domains;
pub(crate) mod roles;
mod seed;
pub(crate) mod settings;
pub(crate) mod skus;
pub(crate) mod users;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use crate::options::Error;

/// How long a request waits for another server's write.
const BUSY: Duration = Duration::from_secs(30);

const STEPS: &[M<'static>] = &[M::up(include_str!("schema.sql"))];
const MIGRATIONS: Migrations<'static> = Migrations::from_slice(STEPS);

/// Opens the state file, and fills it with the tenant of the seed when it is new.
pub(crate) fn open(path: &Path) -> Result<Connection, Error> {
    let failed = |source| Error::State { path: path.to_owned(), source };
    let mut state = Connection::open(path).map_err(failed)?;
    prepare(&mut state).map_err(failed)?;
    // Two servers started at once: the second waits for the first one's migration and seed.
    migrate(&mut state).map_err(|source| Error::Migration { path: path.to_owned(), source })?;
    let seeding =
        state.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    seed::plant(&seeding).map_err(|refusal| Error::Seed { detail: refusal.message })?;
    seeding.commit().map_err(failed)?;
    Ok(state)
}

fn prepare(state: &mut Connection) -> rusqlite::Result<()> {
    state.busy_timeout(BUSY)?;
    state.pragma_update(None, "journal_mode", "WAL")?;
    state.pragma_update(None, "synchronous", "NORMAL")?;
    state.pragma_update(None, "foreign_keys", true)?;
    state.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn migrate(state: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    // A lock of our own around the migration, whose own transaction reads before it writes.
    let mut attempt = MIGRATIONS.to_latest(state);
    for _ in 0..50 {
        let busy = matches!(
            &attempt,
            Err(rusqlite_migration::Error::RusqliteError { err, .. })
                if matches!(
                    err.sqlite_error_code(),
                    Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked)
                )
        );
        if !busy && attempt.is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
        attempt = MIGRATIONS.to_latest(state);
    }
    attempt
}
