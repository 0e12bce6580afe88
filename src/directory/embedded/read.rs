//! Reading users.

use rusqlite::{OptionalExtension, Transaction};
use uuid::Uuid;

use super::row::{read_user, select};
use crate::directory::{DirectoryChanges, DirectoryFault, UserQuery};
use crate::model::{User, UserGuid, UserName};

/// The users of a query, in the order of their creation.
pub(super) fn users(
    transaction: &Transaction<'_>,
    query: &UserQuery,
) -> rusqlite::Result<Vec<User>> {
    match query {
        UserQuery::All => rows(transaction, "ORDER BY number", ()),
        UserQuery::Names(names) => rows(
            transaction,
            "WHERE name_key IN (SELECT value FROM json_each(?1)) ORDER BY number",
            [list(names.iter().map(UserName::key))],
        ),
        UserQuery::Guids(guids) => rows(
            transaction,
            "WHERE guid IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY number",
            [list(guids.iter().map(|guid| hex(guid.0)))],
        ),
        UserQuery::Links(links) => rows(
            transaction,
            "WHERE link IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY number",
            [list(links.iter().map(|link| hex(link.0)))],
        ),
    }
}

/// What has changed since that time, in microseconds since 1970; what changed at that very time is given
/// again.
pub(super) fn changes(
    transaction: &Transaction<'_>,
    since: Option<i64>,
    with_deleted: bool,
) -> rusqlite::Result<DirectoryChanges> {
    let mark: i64 = transaction.query_row(
        "SELECT max((SELECT coalesce(max(last_changed), 0) FROM users), \
         (SELECT coalesce(max(deleted), 0) FROM deleted_users))",
        (),
        |row| row.get(0),
    )?;
    let users = match since {
        Some(since) => rows(transaction, "WHERE last_changed >= ?1 ORDER BY number", [since])?,
        None => rows(transaction, "ORDER BY number", ())?,
    };
    let mut deleted = Vec::new();
    if let Some(since) = since.filter(|_| with_deleted) {
        let mut select = transaction
            .prepare_cached("SELECT guid FROM deleted_users WHERE deleted >= ?1 ORDER BY number")?;
        let guids = select.query_map([since], |row| row.get(0).map(Uuid::from_bytes))?;
        deleted = guids.map(|guid| guid.map(UserGuid)).collect::<rusqlite::Result<_>>()?;
    }
    Ok(DirectoryChanges { mark: mark.to_string(), users, deleted })
}

fn rows(
    transaction: &Transaction<'_>,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> rusqlite::Result<Vec<User>> {
    select(transaction, condition)?.query_map(parameters, read_user)?.collect()
}

/// Any number of values as one parameter: `SQLite` takes at most 32,766 of them one by one.
fn list(values: impl Iterator<Item = String>) -> String {
    values.collect::<serde_json::Value>().to_string()
}

fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// How many users there are.
pub(super) fn count(transaction: &Transaction<'_>) -> rusqlite::Result<u64> {
    let count: i64 = transaction.query_row("SELECT count(*) FROM users", (), |row| row.get(0))?;
    Ok(count.unsigned_abs())
}

/// The directory's id.
pub(super) fn identity(transaction: &Transaction<'_>) -> rusqlite::Result<Uuid> {
    transaction.query_row("SELECT id FROM directory", (), |row| row.get(0).map(Uuid::from_bytes))
}

/// The user's password hash, if it has a password.
pub(super) fn password_hash(
    transaction: &Transaction<'_>,
    user: UserGuid,
) -> Result<Option<String>, DirectoryFault> {
    transaction
        .prepare_cached(
            "SELECT hash FROM users LEFT JOIN passwords ON passwords.user = users.number \
             WHERE guid = ?1",
        )?
        .query_row([user.0.as_bytes()], |row| row.get(0))
        .optional()?
        .ok_or(DirectoryFault::NoSuchUser(user))
}
