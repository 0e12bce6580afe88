//! `/users/{id}/manager`: a reference to another user (`graph.md` §4.4).

use serde_json::{Value, json};

use super::{Desk, users};
use crate::call::{Content, Reply};
use crate::odata::query::Query;
use crate::permission::SET_MANAGER;
use crate::refusal::Refusal;
use crate::schema::USER;
use crate::state::users::{self as kept, text};

/// Where a user's document keeps the reference; no property of that name is ever shown.
const KEPT_AS: &str = "managerReference";

pub(super) fn put(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(SET_MANAGER)?;
    Query::parse(desk.call, &[])?;
    let mut user = users::find(desk, name)?;
    let body = desk.call.json()?;
    let reference = body.get("@odata.id").and_then(Value::as_str).unwrap_or_default();
    let Some((_, manager)) = reference.rsplit_once('/').filter(|(_, id)| !id.is_empty()) else {
        return Err(Refusal::bad_request("A reference with @odata.id is required."));
    };
    let manager = users::find(desk, manager)?;
    if manager.id == user.id {
        return Err(Refusal::bad_request("A user can't be their own manager."));
    }
    user.document.insert(KEPT_AS.to_owned(), json!(manager.id));
    kept::save(desk.state, &user)?;
    Ok(Reply::no_content())
}

pub(super) fn clear(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(SET_MANAGER)?;
    Query::parse(desk.call, &[])?;
    let mut user = users::find(desk, name)?;
    if user.document.remove(KEPT_AS).is_none() {
        return Err(Refusal::not_found("manager"));
    }
    kept::save(desk.state, &user)?;
    Ok(Reply::no_content())
}

pub(super) fn get(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    let user = users::find(desk, name)?;
    let Some(manager) = text(&user.document, KEPT_AS) else {
        return Err(Refusal::not_found("manager"));
    };
    let mut reply = users::get(desk, manager)?;
    // A manager could be a contact too, so the answer says what it is.
    if let Content::Json(Value::Object(body)) = &mut reply.content {
        body.insert("@odata.type".to_owned(), format!("#{}", USER.type_name).into());
    }
    Ok(reply)
}
