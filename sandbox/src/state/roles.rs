//! Entra roles somebody was ever given, and who holds them.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::refusal::Refusal;

/// A role that every tenant knows (`graph.md` §17.1).
pub(crate) struct Template {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    description: &'static str,
}

const fn template(id: &'static str, name: &'static str, description: &'static str) -> Template {
    Template { id, name, description }
}

/// The roles of both contracts (`graph.md` §17.1, `exchange.md` §2), the highest first.
#[rustfmt::skip]
pub(crate) const TEMPLATES: [Template; 12] = [
    template("62e90394-69f5-4237-9190-012177145e10", "Global Administrator", "Can manage all aspects of Microsoft Entra ID and Microsoft services that use Microsoft Entra identities."),
    template("e8611ab8-c189-46e8-94e1-60213ab1f814", "Privileged Role Administrator", "Can manage role assignments in Microsoft Entra ID."),
    template("7be44c8a-adaf-4e2a-84d6-ab2649e08a13", "Privileged Authentication Administrator", "Can reset the password of any user, administrators included."),
    template("fe930be7-5e62-47db-91af-98c3a49a38b1", "User Administrator", "Can manage all aspects of users and groups, including resetting passwords for limited admins."),
    template("29232cdf-9323-42fd-ade2-1d097af3e4de", "Exchange Administrator", "Can manage all aspects of the Exchange product."),
    template("31392ffb-586c-42d1-9346-e59415a2cc4e", "Exchange Recipient Administrator", "Can create or update Exchange Online recipients within the Exchange Online organization."),
    template("194ae4cb-b126-40b2-bd5b-6091b380977d", "Security Administrator", "Can read security information and reports, and manage configuration in Microsoft Entra ID and Office 365."),
    template("17315797-102d-40b4-93e0-432062caca18", "Compliance Administrator", "Can read and manage compliance configuration and reports in Microsoft Entra ID and Microsoft 365."),
    template("729827e3-9c14-49f7-bb1b-9608f156bbb8", "Helpdesk Administrator", "Can reset passwords for non-administrators and Helpdesk Administrators."),
    template("966707d0-3269-4727-9be2-8c3a10f19b9d", "Password Administrator", "Can reset passwords for non-administrators and Password Administrators."),
    template("5d6b6bb7-de71-4623-b4af-96380a352509", "Security Reader", "Can read security information and reports in Microsoft Entra ID and Office 365."),
    template("f2ef992c-3afb-46b9-b7cf-a126ee74c451", "Global Reader", "Can read everything that a Global Administrator can, but not update anything."),
];

/// The role of that name or template id.
pub(crate) fn known(name: &str) -> Option<&'static Template> {
    TEMPLATES
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(name) || role.id.eq_ignore_ascii_case(name))
}

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
        .prepare_cached("SELECT id, template_id, name, description FROM roles ORDER BY name")?;
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
pub(crate) fn activate(state: &Connection, id: &str, role: &Template) -> Result<(), Refusal> {
    state.execute(
        "INSERT INTO roles (id, template_id, name, description) VALUES (?1, ?2, ?3, ?4)",
        params![id, role.id, role.name, role.description],
    )?;
    Ok(())
}

/// The id of a role, which is activated where nobody ever had it.
pub(crate) fn activated(state: &Connection, role: &Template) -> Result<String, Refusal> {
    if let Some(active) = find(state, role.id)? {
        return Ok(super::users::text(&active, "id").unwrap_or_default().to_owned());
    }
    let id = Uuid::new_v4().to_string();
    activate(state, &id, role)?;
    Ok(id)
}

/// Whether a user, by row number, holds any role.
pub(crate) fn is_administrator(state: &Connection, user_seq: i64) -> Result<bool, Refusal> {
    let mut statement =
        state.prepare_cached("SELECT EXISTS (SELECT 1 FROM role_members WHERE user_seq = ?1)")?;
    Ok(statement.query_row([user_seq], |row| row.get(0))?)
}

/// Takes every role from a user.
pub(crate) fn take_all(state: &Connection, user_seq: i64) -> Result<(), Refusal> {
    state.execute("DELETE FROM role_members WHERE user_seq = ?1", [user_seq])?;
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
