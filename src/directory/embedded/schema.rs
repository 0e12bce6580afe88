//! The tables of the directory's file, and who is in a new one.

use rusqlite::{Transaction, params};
use rusqlite_migration::{M, Migrations};
use uuid::Uuid;

use super::row::{access_level_text, now};
use crate::model::{AccessLevel, UserGuid};

/// To change the tables: a new step at the end; those that are there stay as they are.
pub(super) fn migrations() -> Migrations<'static> {
    Migrations::new(vec![
        M::up_with_hook(include_str!("schema.sql"), |transaction: &Transaction| {
            Ok(fill(transaction)?)
        }),
        M::up(include_str!("life.sql")),
        M::up(include_str!("mail.sql")),
        M::up(include_str!("password_before.sql")),
        M::up(include_str!("password_policy.sql")),
    ])
}

/// A new directory has an identity and, as Windows has them, two built-in users without password.
fn fill(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO directory (only_one, id) VALUES (1, ?1)",
        [Uuid::new_v4().as_bytes()],
    )?;
    built_in(transaction, "Administrator", true, AccessLevel::Administrator)?;
    built_in(transaction, "Guest", false, AccessLevel::Standard)
}

fn built_in(
    transaction: &Transaction<'_>,
    name: &str,
    enabled: bool,
    access_level: AccessLevel,
) -> rusqlite::Result<()> {
    let guid = UserGuid::random();
    let now = now().as_microsecond();
    transaction.execute(
        "INSERT INTO users (guid, name, name_key, details, enabled, must_change_password, \
         access_level, is_built_in, created, last_changed) \
         VALUES (?1, ?2, lower(?2), '{}', ?3, 0, ?4, 1, ?5, ?5)",
        params![guid.0.as_bytes(), name, enabled, access_level_text(access_level), now],
    )?;
    Ok(())
}
