//! The tenant's domains.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::refusal::Refusal;

/// One domain of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are Graph's")]
pub(crate) struct Domain {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) is_default: bool,
    pub(crate) is_initial: bool,
    pub(crate) is_verified: bool,
    pub(crate) federated: bool,
}

const COLUMNS: &str = "name, is_default, is_initial, is_verified, federated";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Domain> {
    Ok(Domain {
        name: row.get(0)?,
        is_default: row.get(1)?,
        is_initial: row.get(2)?,
        is_verified: row.get(3)?,
        federated: row.get(4)?,
    })
}

/// All domains in the order they were added.
pub(crate) fn all(state: &Connection) -> Result<Vec<Domain>, Refusal> {
    let mut statement =
        state.prepare_cached(&format!("SELECT {COLUMNS} FROM domains ORDER BY rowid"))?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The domain of that name, without regard to case.
pub(crate) fn find(state: &Connection, name: &str) -> Result<Option<Domain>, Refusal> {
    let mut statement =
        state.prepare_cached(&format!("SELECT {COLUMNS} FROM domains WHERE name = ?1"))?;
    Ok(statement.query_row([name.to_ascii_lowercase()], from_row).optional()?)
}

/// The domain every tenant is born with.
pub(crate) fn initial(state: &Connection) -> Result<String, Refusal> {
    let mut statement = state.prepare_cached("SELECT name FROM domains WHERE is_initial")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// Adds the domain or replaces its facts; a new default takes the place of the old one.
pub(crate) fn put(state: &Connection, domain: &Domain) -> Result<(), Refusal> {
    if domain.is_default {
        state.execute("UPDATE domains SET is_default = 0", [])?;
    }
    state.execute(
        "INSERT INTO domains (name, is_default, is_initial, is_verified, federated)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET is_default = ?2, is_verified = ?4, federated = ?5",
        params![
            domain.name,
            domain.is_default,
            domain.is_initial,
            domain.is_verified,
            domain.federated
        ],
    )?;
    Ok(())
}
