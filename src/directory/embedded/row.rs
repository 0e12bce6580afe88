//! A user as a row: how each value is stored and read back.

use std::error::Error;

use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{CachedStatement, Row, Transaction};
use serde::Serialize;
use uuid::Uuid;

use crate::model::{AccessLevel, Details, ObjectId, User, UserGuid, UserName};

/// The columns of [`read_user`], in its order.
pub(super) const COLUMNS: &str = "guid, name, details, enabled, must_change_password, expires, access_level, \
                       is_built_in, link, created, last_changed, remembered, manager, mail";

/// A query for whole users; `condition` is what follows `FROM users`.
pub(super) fn select<'t>(
    transaction: &'t Transaction<'_>,
    condition: &str,
) -> rusqlite::Result<CachedStatement<'t>> {
    transaction.prepare_cached(&format!("SELECT {COLUMNS} FROM users {condition}"))
}

/// Reads a row of [`select`].
pub(super) fn read_user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        guid: UserGuid(Uuid::from_bytes(row.get(0)?)),
        name: parsed(row, 1, UserName::parse)?,
        details: details(row, 2)?,
        enabled: row.get(3)?,
        must_change_password: row.get(4)?,
        expires: match row.get_ref(5)?.as_str_or_null()? {
            None => None,
            Some(_) => Some(parsed(row, 5, str::parse)?),
        },
        access_level: parsed(row, 6, access_level)?,
        no_link: None,
        // It counts no wrong passwords.
        is_locked: false,
        // Nobody but acctsh changes one here.
        password_changed: None,
        is_built_in: row.get(7)?,
        // Nobody signs in to this directory but people.
        set_apart: None,
        link: link(row, 8)?,
        created: timestamp(row, 9)?,
        last_changed: timestamp(row, 10)?,
        remembered: parsed(row, 11, |text| serde_json::from_str(text))?,
        manager: row.get::<_, Option<[u8; 16]>>(12)?.map(Uuid::from_bytes).map(UserGuid),
        mail: parsed(row, 13, |text| serde_json::from_str(text))?,
    })
}

fn details(row: &Row<'_>, column: usize) -> rusqlite::Result<Details> {
    parsed(row, column, |text| serde_json::from_str(text))
}

/// What is kept as one JSON object.
pub(super) fn json_text(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn link(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<ObjectId>> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(Uuid::from_bytes).map(ObjectId))
}

pub(super) fn access_level_text(level: AccessLevel) -> &'static str {
    match level {
        AccessLevel::Standard => "standard",
        AccessLevel::Administrator => "administrator",
    }
}

fn access_level(text: &str) -> Result<AccessLevel, String> {
    [AccessLevel::Standard, AccessLevel::Administrator]
        .into_iter()
        .find(|level| access_level_text(*level) == text)
        .ok_or_else(|| format!("there is no access level {text:?}"))
}

/// The point in time, as exact as it is stored.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

pub(super) fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    })
}

fn parsed<T, E: Into<Box<dyn Error + Send + Sync>>>(
    row: &Row<'_>,
    column: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    parse(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}
