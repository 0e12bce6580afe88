//! Opening a `SQLite` file: rights, settings, migrations.

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};
use rusqlite_migration::{Error as MigrationError, MigrationDefinitionError, Migrations};

use super::{StateError, private_file};

/// How long we wait for another process's lock.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the file, makes it if it isn't there, and brings its tables up to date.
pub(super) fn open(path: &Path, migrations: &Migrations<'_>) -> Result<Connection, StateError> {
    create_if_missing(path).map_err(|error| StateError::io(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)
        .map_err(|error| StateError::sqlite(path, &error))?;
    configure(&connection).map_err(|error| StateError::sqlite(path, &error))?;
    migrate(&mut connection, migrations).map_err(|error| refused(path, error))?;
    Ok(connection)
}

/// `SQLite` itself would make the file readable for all; its journal files then take over our rights.
fn create_if_missing(path: &Path) -> io::Result<()> {
    if path.try_exists()? {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        private_file::create_folder(folder)?;
    }
    match private_file::create(path, b"") {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    switch_to_write_ahead_log(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// When two processes open a new file at once, `SQLite` refuses this switch to one of them without
/// waiting (the busy handler isn't asked where waiting could end in a deadlock).
fn switch_to_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let started = Instant::now();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && started.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// The crate reads the version before it takes the lock. If another process migrated in between,
/// our try fails on tables that are already there and the version has moved: then try again.
fn migrate(connection: &mut Connection, migrations: &Migrations<'_>) -> Result<(), MigrationError> {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    loop {
        let before = version(connection)?;
        match migrations.to_latest(connection) {
            Err(error) if version(connection)? == before => return Err(error),
            Err(_) => {}
            Ok(()) => return Ok(()),
        }
    }
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn refused(path: &Path, error: MigrationError) -> StateError {
    match error {
        MigrationError::MigrationDefinition(MigrationDefinitionError::DatabaseTooFarAhead) => {
            StateError::Newer { path: path.to_owned() }
        }
        MigrationError::RusqliteError { err, .. } => StateError::sqlite(path, &err),
        other => StateError::Sqlite { path: path.to_owned(), detail: other.to_string() },
    }
}
