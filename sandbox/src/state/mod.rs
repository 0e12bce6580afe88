//! The tenant's state: one SQLite file, which several servers may share.
//!
//! A file a kind of thing (`users.rs`, `skus.rs`, …). Rules of Graph don't belong here, only keeping and
//! finding. Write-ahead logging with `synchronous = NORMAL`: a killed process loses nothing it answered
//! for, since what was committed is in the operating system's hands; only a power cut could lose it.

mod catalogue;
pub(crate) mod domains;
pub(crate) mod former;
pub(crate) mod roles;
mod seed;
pub(crate) mod settings;
pub(crate) mod skus;
pub(crate) mod users;

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use rusqlite_migration::{M, Migrations};

use crate::options::Error;

/// How long a request waits for another server's write.
const BUSY: Duration = Duration::from_secs(30);
/// How long between two attempts where SQLite doesn't wait by itself.
const A_MOMENT: Duration = Duration::from_millis(5);

const ADMINISTRATORS_MAILBOX: &str = include_str!("administrators_mailbox.sql");
const STEPS: &[M<'static>] = &[
    M::up(include_str!("schema.sql")),
    M::up(include_str!("former.sql")),
    M::up(include_str!("standing.sql")),
    M::up(include_str!("exchange.sql")),
    M::up(ADMINISTRATORS_MAILBOX),
    M::up(include_str!("exchange_role.sql")),
];
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
    // SQLite doesn't wait by itself here while another server makes the same switch.
    let deadline = Instant::now() + BUSY;
    while let Err(error) = state.pragma_update(None, "journal_mode", "WAL") {
        if !is_busy(&error) || Instant::now() > deadline {
            return Err(error);
        }
        std::thread::sleep(A_MOMENT);
    }
    state.pragma_update(None, "synchronous", "NORMAL")?;
    state.pragma_update(None, "foreign_keys", true)?;
    state.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn migrate(state: &mut Connection) -> Result<(), rusqlite_migration::Error> {
    let deadline = Instant::now() + BUSY;
    while let Err(error) = MIGRATIONS.to_latest(state) {
        // The version is read before the lock is taken: another server may have done it in between.
        if MIGRATIONS.pending_migrations(state).is_ok_and(|pending| pending == 0) {
            return Ok(());
        }
        let busy = matches!(
            &error,
            rusqlite_migration::Error::RusqliteError { err, .. } if is_busy(err)
        );
        if !busy || Instant::now() > deadline {
            return Err(error);
        }
        std::thread::sleep(A_MOMENT);
    }
    Ok(())
}
