//! Entra roles somebody was ever given, and who holds them.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};

use crate::refusal::Refusal;

/// An activated role as Graph shows it.
fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    let member = |index| row.get::<_, String>(index).map(|text| json!(text));
    Ok(Map::from_iter([
        ("id".to_owned(), member(0)?),
        ("roleTemplateId".to_owned(), member(1)?),
        ("displayName".to_owned(), member(2)?),
        ("description".to_owned(), member(3)?),
        ("deletedDateTime".to_owned(), Value::Null),
    ]))
}

/// All activated roles.
pub(crate) fn all(state: &Connection) -> Result<Vec<Map<String, Value>>, Refusal> {
    let mut statement = state
        .prepare_cached("SELECT id, template_id, name, description FROM roles ORDER BY rowid")?;
    let rows = statement.query_map([], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The role with that id (or template id, where the URL says so).
pub(crate) fn find(state: &Connection, id: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    let mut statement = state.prepare_cached(
        "SELECT id, template_id, name, description FROM roles WHERE id = ?1 OR template_id = ?1",
    )?;
    Ok(statement.query_row([id.to_ascii_lowercase()], from_row).optional()?)
}

/// The ids of the live users who hold the role.
pub(crate) fn members(state: &Connection, role_id: &str) -> Result<Vec<String>, Refusal> {
    let mut statement = state.prepare_cached(
        "SELECT users.id FROM role_members JOIN users ON users.seq = role_members.user_seq
         WHERE role_id = ?1 AND users.deleted_at IS NULL ORDER BY users.seq",
    )?;
    let rows = statement.query_map([role_id], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Activates a role.
pub(crate) fn activate(
    state: &Connection,
    id: &str,
    template_id: &str,
    name: &str,
    description: &str,
) -> Result<(), Refusal> {
    state.execute(
        "INSERT INTO roles (id, template_id, name, description) VALUES (?1, ?2, ?3, ?4)",
        params![id, template_id, name, description],
    )?;
    Ok(())
}

/// Gives a role to a user.
pub(crate) fn give(state: &Connection, role_id: &str, user_seq: i64) -> Result<(), Refusal> {
    state.execute(
        "INSERT INTO role_members (role_id, user_seq) VALUES (?1, ?2)",
        params![role_id, user_seq],
    )?;
    Ok(())
}
