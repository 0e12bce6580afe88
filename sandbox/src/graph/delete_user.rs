//! `DELETE /users/{id}`: soft, restorable for 30 days (`graph.md` §9).

use serde_json::json;

use super::{Desk, mailbox, users};
use crate::call::Reply;
use crate::odata::query::Query;
use crate::permission::DELETE_USER;
use crate::refusal::Refusal;
use crate::state::roles;
use crate::state::users::{self as kept, text};

pub(super) fn delete(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(DELETE_USER)?;
    Query::parse(desk.call, &[])?;
    let mut user = users::find(desk, name)?;
    if roles::is_administrator(desk.state, user.seq)? {
        desk.granted.require_right_over_administrators()?;
    }
    // The name becomes free for somebody new.
    let name = text(&user.document, "userPrincipalName").unwrap_or_default();
    let parked = format!("{}{name}", user.id.replace('-', ""));
    user.document.insert("userPrincipalName".to_owned(), json!(parked));
    user.document.insert("deletedDateTime".to_owned(), json!(desk.now.to_text()));
    user.deleted_at = Some(desk.now);
    mailbox::release(desk.state, &user)?;
    users::let_linger(desk, &user)?;
    kept::save(desk.state, &user)?;
    Ok(Reply::no_content())
}
