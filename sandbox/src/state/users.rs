//! Users, live and deleted: one JSON document each, beside the columns they are found by.

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use serde_json::{Map, Value};

use super::former;
use crate::clock::Moment;
use crate::refusal::Refusal;

/// Properties by name, as Graph spells them; a property never set is absent.
pub(crate) type Document = Map<String, Value>;

/// A user as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) seq: i64,
    /// A GUID in lower case.
    pub(crate) id: String,
    pub(crate) document: Document,
    pub(crate) deleted_at: Option<Moment>,
    /// Before this moment, others than the creator's own answer don't see the user.
    pub(crate) visible_at: Moment,
}

/// What there is to know of a user who is about to exist.
#[derive(Debug)]
pub(crate) struct NewUser {
    pub(crate) id: String,
    pub(crate) document: Document,
    /// Salt and digest.
    pub(crate) password: Vec<u8>,
    pub(crate) visible_at: Moment,
    pub(crate) listed_at: Moment,
}

/// A text member of a document.
pub(crate) fn text<'a>(document: &'a Document, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

fn key(document: &Document, name: &str) -> Option<String> {
    text(document, name).map(str::to_lowercase)
}

/// Adds a user; its row number.
pub(crate) fn insert(state: &Connection, user: &NewUser) -> Result<i64, Refusal> {
    let document = &user.document;
    state
        .prepare_cached(
            "INSERT INTO users (id, upn_key, name_key, mail_key, employee_key, immutable_id, doc,
                                visible_at, listed_at, password)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            user.id,
            key(document, "userPrincipalName"),
            key(document, "displayName"),
            key(document, "mail"),
            key(document, "employeeId"),
            text(document, "onPremisesImmutableId"),
            serde_json::to_string(document)?,
            user.visible_at.0,
            user.listed_at.0,
            user.password,
        ])?;
    Ok(state.last_insert_rowid())
}

/// Writes the document of an existing user, and whether it is deleted.
pub(crate) fn save(state: &Connection, user: &User) -> Result<(), Refusal> {
    let document = &user.document;
    state
        .prepare_cached(
            "UPDATE users SET upn_key = ?2, name_key = ?3, mail_key = ?4, employee_key = ?5,
                              immutable_id = ?6, doc = ?7, deleted_at = ?8 WHERE seq = ?1",
        )?
        .execute(params![
            user.seq,
            key(document, "userPrincipalName"),
            key(document, "displayName"),
            key(document, "mail"),
            key(document, "employeeId"),
            text(document, "onPremisesImmutableId"),
            serde_json::to_string(document)?,
            user.deleted_at.map(|moment| moment.0),
        ])?;
    Ok(())
}

/// Replaces the salted digest of the password.
pub(crate) fn set_password(state: &Connection, seq: i64, password: &[u8]) -> Result<(), Refusal> {
    state
        .prepare_cached("UPDATE users SET password = ?2 WHERE seq = ?1")?
        .execute(params![seq, password])?;
    Ok(())
}

/// Lets others see the user only from these moments on.
pub(crate) fn hide_until(
    state: &Connection,
    seq: i64,
    visible_at: Moment,
    listed_at: Moment,
) -> Result<(), Refusal> {
    state
        .prepare_cached("UPDATE users SET visible_at = ?2, listed_at = ?3 WHERE seq = ?1")?
        .execute(params![seq, visible_at.0, listed_at.0])?;
    Ok(())
}

/// Removes a user for good; its seats become free.
pub(crate) fn purge(state: &Connection, seq: i64) -> Result<(), Refusal> {
    state.prepare_cached("DELETE FROM users WHERE seq = ?1")?.execute([seq])?;
    Ok(())
}

const COLUMNS: &str = "seq, id, doc, deleted_at, visible_at";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(User, String)> {
    let user = User {
        seq: row.get(0)?,
        id: row.get(1)?,
        document: Map::new(),
        deleted_at: row.get::<_, Option<i64>>(3)?.map(Moment),
        visible_at: Moment(row.get(4)?),
    };
    Ok((user, row.get(2)?))
}

fn one(state: &Connection, condition: &str, key: &str) -> Result<Option<User>, Refusal> {
    let mut statement =
        state.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE {condition}"))?;
    let Some((user, document)) = statement.query_row([key], from_row).optional()? else {
        return Ok(None);
    };
    Ok(Some(User { document: serde_json::from_str(&document)?, ..user }))
}

/// The user with that id, live or deleted.
pub(crate) fn by_id(state: &Connection, id: &str) -> Result<Option<User>, Refusal> {
    one(state, "id = ?1", &id.to_ascii_lowercase())
}

/// The user of that row, live or deleted.
pub(crate) fn by_seq(state: &Connection, seq: i64) -> Result<Option<User>, Refusal> {
    one(state, "seq = CAST(?1 AS INTEGER)", &seq.to_string())
}

/// The live user of that name, without regard to case.
pub(crate) fn by_principal_name(state: &Connection, name: &str) -> Result<Option<User>, Refusal> {
    one(state, "upn_key = ?1 AND deleted_at IS NULL", &name.to_lowercase())
}

/// The live user with that immutable id, which is case-sensitive as base64 is.
pub(crate) fn by_immutable_id(state: &Connection, id: &str) -> Result<Option<User>, Refusal> {
    one(state, "immutable_id = ?1 AND deleted_at IS NULL", id)
}

/// How many users are listed by now, those deleted a moment ago included, and how many are deleted.
pub(crate) fn count(state: &Connection, now: Moment) -> Result<(i64, i64), Refusal> {
    let mut statement = state.prepare_cached(
        "SELECT count(*) FILTER (WHERE listed_at <= ?1 AND (deleted_at IS NULL
                    OR seq IN (SELECT user_seq FROM former WHERE listed_until > ?1))),
                count(deleted_at) FROM users",
    )?;
    Ok(statement.query_row([now.0], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Deleted users whose time is over.
pub(crate) fn deleted_before(state: &Connection, moment: Moment) -> Result<Vec<i64>, Refusal> {
    let mut statement = state.prepare_cached("SELECT seq FROM users WHERE deleted_at < ?1")?;
    let rows = statement.query_map([moment.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Who receives mail at `address`: the row number of a live user, or of a group or contact below zero.
pub(crate) fn address_holder(state: &Connection, address: &str) -> Result<Option<i64>, Refusal> {
    let mut statement =
        state.prepare_cached("SELECT user_seq FROM addresses WHERE address = ?1")?;
    Ok(statement.query_row([address.to_lowercase()], |row| row.get(0)).optional()?)
}

/// Makes `addresses` (without prefixes) the addresses of the holder, and no others.
pub(crate) fn set_addresses<'a>(
    state: &Connection,
    seq: i64,
    addresses: impl Iterator<Item = &'a str>,
) -> Result<(), Refusal> {
    state.prepare_cached("DELETE FROM addresses WHERE user_seq = ?1")?.execute([seq])?;
    for address in addresses {
        state
            .prepare_cached("INSERT OR IGNORE INTO addresses (address, user_seq) VALUES (?1, ?2)")?
            .execute(params![address.to_lowercase(), seq])?;
    }
    Ok(())
}

/// Takes a seat of the product for the user.
pub(crate) fn take_seat(state: &Connection, seq: i64, sku_id: &str) -> Result<(), Refusal> {
    state
        .prepare_cached("INSERT INTO user_licenses (user_seq, sku_id) VALUES (?1, ?2)")?
        .execute(params![seq, sku_id])?;
    Ok(())
}

/// Frees the user's seat of the product.
pub(crate) fn free_seat(state: &Connection, seq: i64, sku_id: &str) -> Result<(), Refusal> {
    state
        .prepare_cached("DELETE FROM user_licenses WHERE user_seq = ?1 AND sku_id = ?2")?
        .execute(params![seq, sku_id])?;
    Ok(())
}

/// The columns a listing can be narrowed by before documents are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Id,
    PrincipalName,
    Name,
    Mail,
    EmployeeId,
    ImmutableId,
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::PrincipalName => "upn_key",
            Self::Name => "name_key",
            Self::Mail => "mail_key",
            Self::EmployeeId => "employee_key",
            Self::ImmutableId => "immutable_id",
        }
    }
}

/// Only users whose key is one of these values; every other one is known not to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Narrow {
    pub(crate) key: Key,
    pub(crate) values: Vec<String>,
}

/// In which order users are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they were made.
    #[default]
    Made,
    /// By a text property.
    Text { property: &'static str, descending: bool },
}

/// Where a listing goes on: after that row, whose sort key was that text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) seq: i64,
    pub(crate) key: Option<String>,
}

/// Which users a listing goes through.
#[derive(Debug, Clone)]
pub(crate) struct Scan<'a> {
    pub(crate) deleted: bool,
    pub(crate) now: Moment,
    pub(crate) narrow: Option<&'a Narrow>,
    pub(crate) order: &'a Order,
    pub(crate) after: Option<&'a Cursor>,
}

/// Shows each user of the scan to `see` until it says `false`.
///
/// Pages go on behind the last key seen, never by counting rows, so that the last page of 100,000
/// users costs what the first one does.
pub(crate) fn each(
    state: &Connection,
    scan: &Scan<'_>,
    mut see: impl FnMut(Cursor, Document) -> Result<bool, Refusal>,
) -> Result<(), Refusal> {
    let lags = !scan.deleted && former::any_listed(state, scan.now)?;
    let (sql, parameters) = scan.to_sql(lags)?;
    let mut statement = state.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    while let Some(row) = rows.next()? {
        let cursor = Cursor { seq: row.get(0)?, key: row.get(2)? };
        let document =
            serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        if !see(cursor, document)? {
            break;
        }
    }
    Ok(())
}

/// What is listed of a user: what it was, as long as that lasts.
const FORMER_DOC: &str = "coalesce((SELECT former.doc FROM former
    WHERE user_seq = seq AND listed_until > ?1 ORDER BY no LIMIT 1), doc)";

impl Scan<'_> {
    /// With `lags`, some users are listed as they were.
    fn to_sql(&self, lags: bool) -> Result<(String, Vec<Sql>), Refusal> {
        let (sort, direction, beyond) = match self.order {
            Order::Made => (None, "ASC", ">"),
            Order::Text { property, descending: false } => (Some(sort_key(property)), "ASC", ">"),
            Order::Text { property, descending: true } => (Some(sort_key(property)), "DESC", "<"),
        };
        let shown = sort.clone().unwrap_or_else(|| "NULL".to_owned());
        let doc = if lags { FORMER_DOC } else { "doc" };
        // The moment is ?1, in whatever follows.
        let mut parameters = vec![Sql::Integer(self.now.0)];
        let mut sql = format!("SELECT seq, {doc}, {shown} FROM users WHERE ");
        sql.push_str(match (self.deleted, lags) {
            (true, _) => "deleted_at <= ?1",
            (false, false) => "deleted_at IS NULL AND listed_at <= ?1",
            (false, true) => "listed_at <= ?1 AND (deleted_at IS NULL OR seq IN (SELECT user_seq FROM former WHERE listed_until > ?1))",
        });
        if let Some(narrow) = self.narrow {
            let column = narrow.key.column();
            sql.extend([" AND (", column, " IN (SELECT value FROM json_each(?))"]);
            if lags {
                // The columns are of what is; what was is looked at one by one.
                sql.push_str(" OR seq IN (SELECT user_seq FROM former WHERE listed_until > ?1)");
            }
            sql.push(')');
            parameters.push(Sql::Text(serde_json::to_string(&narrow.values)?));
        }
        match (self.after, &sort) {
            (Some(after), Some(sort)) => {
                sql.extend([" AND (", sort.as_str(), ", seq) ", beyond, " (?, ?)"]);
                parameters.push(Sql::Text(after.key.clone().unwrap_or_default()));
                parameters.push(Sql::Integer(after.seq));
            }
            (Some(after), None) => {
                sql.push_str(" AND seq > ?");
                parameters.push(Sql::Integer(after.seq));
            }
            (None, _) => {}
        }
        match sort {
            Some(sort) => {
                sql.extend([" ORDER BY ", &sort, " ", direction, ", seq ", direction]);
            }
            None => sql.push_str(" ORDER BY seq"),
        }
        Ok((sql, parameters))
    }
}

/// The SQL that a property is sorted by; its name comes from the schema, never from a request.
fn sort_key(property: &str) -> String {
    match property {
        "displayName" => "name_key".to_owned(),
        "userPrincipalName" => "upn_key".to_owned(),
        other => format!("lower(coalesce(doc ->> '$.{other}', ''))"),
    }
}
