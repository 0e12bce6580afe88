//! What users were before a write that not everybody sees yet (`graph.md` §14). Of several, the oldest
//! whose time isn't over is what is seen.

use rusqlite::{Connection, OptionalExtension, params};

use super::users::Document;
use crate::clock::Moment;
use crate::refusal::Refusal;

/// Keeps what a user is now, before it is written to: others read it by id until `read_until`, and in
/// lists until `listed_until`.
pub(crate) fn keep(
    state: &Connection,
    seq: i64,
    now: Moment,
    (read_until, listed_until): (Moment, Moment),
) -> Result<(), Refusal> {
    state.prepare_cached("DELETE FROM former WHERE listed_until <= ?1")?.execute([now.0])?;
    state
        .prepare_cached(
            "INSERT INTO former (user_seq, doc, read_until, listed_until)
             SELECT seq, doc, ?2, ?3 FROM users WHERE seq = ?1",
        )?
        .execute(params![seq, read_until.0, listed_until.0])?;
    Ok(())
}

/// What others read of the user by id, if it isn't what the user is.
pub(crate) fn read(state: &Connection, seq: i64, now: Moment) -> Result<Option<Document>, Refusal> {
    let found: Option<String> = state
        .prepare_cached(
            "SELECT doc FROM former WHERE user_seq = ?1 AND read_until > ?2 ORDER BY no LIMIT 1",
        )?
        .query_row(params![seq, now.0], |row| row.get(0))
        .optional()?;
    found.map(|document| serde_json::from_str(&document).map_err(Refusal::from)).transpose()
}

/// The id of the user whom others still know by that name.
pub(crate) fn named(
    state: &Connection,
    name: &str,
    now: Moment,
) -> Result<Option<String>, Refusal> {
    Ok(state
        .prepare_cached(
            "SELECT id FROM former JOIN users ON seq = user_seq
             WHERE read_until > ?1 AND lower(former.doc ->> '$.userPrincipalName') = ?2
             ORDER BY no LIMIT 1",
        )?
        .query_row(params![now.0, name.to_lowercase()], |row| row.get(0))
        .optional()?)
}

/// Whether any list differs from what is.
pub(crate) fn any_listed(state: &Connection, now: Moment) -> Result<bool, Refusal> {
    Ok(state
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM former WHERE listed_until > ?1)")?
        .query_row([now.0], |row| row.get(0))?)
}
