//! Deleted users: seeing them, bringing them back, ending them (`graph.md` §9).

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::create_user::{check_domain, check_immutable_id_free, name_identity};
use super::{Desk, mailbox, user_fields, users};
use crate::call::Reply;
use crate::clock::Moment;
use crate::odata::query::Query;
use crate::odata::select::Projection;
use crate::permission::{DELETE_USER, READ_USERS};
use crate::refusal::Refusal;
use crate::schema::USER;
use crate::state::roles;
use crate::state::users::{self as kept, User, text};

/// How long a deleted user can be restored.
const KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Purges those whose 30 days are over; called before deleted users are looked at.
pub(crate) fn expire(state: &Connection, now: Moment) -> Result<(), Refusal> {
    for seq in kept::deleted_before(state, now.plus_millis(-KEPT_MILLIS))? {
        kept::purge(state, seq)?;
    }
    Ok(())
}

fn find(desk: &Desk<'_>, id: &str) -> Result<User, Refusal> {
    if uuid::Uuid::parse_str(id).is_err() {
        return Err(Refusal::not_an_identifier(id));
    }
    kept::by_id(desk.state, id)?
        .filter(|user| user.deleted_at.is_some())
        .ok_or_else(|| Refusal::not_found(id))
}

pub(super) fn list(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    users::listing(desk, true)
}

pub(super) fn get(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    let query = Query::parse(desk.call, &["$select"])?;
    let projection = Projection::parse(query.get("$select"), &USER)?;
    let user = find(desk, id)?;
    as_directory_object(desk, &projection, &user)
}

fn as_directory_object(
    desk: &Desk<'_>,
    projection: &Projection,
    user: &User,
) -> Result<Reply, Refusal> {
    let mut body = users::show(desk, projection, &user.document)?;
    let context = desk.context(&format!("directoryObjects{}/$entity", projection.suffix()));
    body.insert("@odata.context".to_owned(), context.into());
    body.insert("@odata.type".to_owned(), format!("#{}", USER.type_name).into());
    Ok(Reply::json(200, Value::Object(body)))
}

pub(super) fn purge(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    desk.granted.require(DELETE_USER)?;
    Query::parse(desk.call, &[])?;
    let user = find(desk, id)?;
    if roles::is_administrator(desk.state, user.seq)? {
        desk.granted.require_right_over_administrators()?;
    }
    kept::purge(desk.state, user.seq)?;
    Ok(Reply::no_content())
}

/// The two parameters of a restore, both optional.
#[derive(Debug, Default)]
struct Parameters {
    reconcile: bool,
    new_name: Option<String>,
}

impl Parameters {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut parameters = Self::default();
        for (name, value) in body {
            match (name.to_ascii_lowercase().as_str(), value) {
                ("autoreconcileproxyconflict", Value::Bool(reconcile)) => {
                    parameters.reconcile = *reconcile;
                }
                ("newuserprincipalname", Value::String(name)) => {
                    let judged = Map::from_iter([("userPrincipalName".to_owned(), json!(name))]);
                    user_fields::read_body(&judged)?;
                    parameters.new_name = Some(name.clone());
                }
                ("autoreconcileproxyconflict" | "newuserprincipalname", Value::Null) => {}
                ("autoreconcileproxyconflict" | "newuserprincipalname", _) => {
                    return Err(Refusal::invalid_value(name, USER.name));
                }
                _ => {
                    return Err(Refusal::bad_request(format!(
                        "The parameter '{name}' in the request payload is not a valid parameter for the operation 'restore'."
                    )));
                }
            }
        }
        Ok(parameters)
    }
}

pub(super) fn restore(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    desk.granted.require(DELETE_USER)?;
    Query::parse(desk.call, &[])?;
    let parameters = if desk.call.body.is_empty() {
        Parameters::default()
    } else {
        Parameters::read(&desk.call.json()?)?
    };
    let mut user = find(desk, id)?;
    if roles::is_administrator(desk.state, user.seq)? {
        desk.granted.require_right_over_administrators()?;
    }
    let parked = text(&user.document, "userPrincipalName").unwrap_or_default();
    let prefix = user.id.replace('-', "");
    let old = parked.strip_prefix(&prefix).unwrap_or(parked).to_owned();
    let name = parameters.new_name.unwrap_or(old);
    check_domain(desk, &name, &user.document)?;
    if kept::by_principal_name(desk.state, &name)?.is_some() {
        return Err(Refusal::conflict("userPrincipalName"));
    }
    check_immutable_id_free(desk, &user.document, Some(user.seq))?;
    user.document.insert("identities".to_owned(), name_identity(desk, &name)?);
    user.document.insert("userPrincipalName".to_owned(), json!(name));
    user.document.remove("deletedDateTime");
    user.deleted_at = None;
    mailbox::reclaim(desk.state, &mut user, parameters.reconcile)?;
    kept::save(desk.state, &user)?;
    let (visible_at, listed_at) = desk.seen_by_others();
    kept::hide_until(desk.state, user.seq, visible_at, listed_at)?;
    as_directory_object(desk, &Projection::default_of(&USER), &user)
}
