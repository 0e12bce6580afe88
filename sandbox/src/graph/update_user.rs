//! `PATCH /users/{id}` and signing a user out everywhere (`graph.md` §4.4, §10).

use serde_json::{Value, json};

use super::create_user::{check_domain, check_immutable_id_free, check_name_free, name_identity};
use super::{Desk, licenses, mailbox, passwords, user_fields, users};
use crate::call::Reply;
use crate::odata::query::Query;
use crate::permission::{
    ENABLE_USER, REVOKE_SESSIONS, SET_IDENTITIES, SET_OTHER_MAILS, SET_PHONES, UPDATE_USER,
};
use crate::refusal::Refusal;
use crate::schema::Property;
use crate::state::roles;
use crate::state::users::{self as kept, User, text};

pub(super) fn update(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    Query::parse(desk.call, &[])?;
    let members = user_fields::read_body(&desk.call.json()?)?;
    // One property without its permission fails the whole request.
    for (property, _) in &members {
        check_permission(desk, property)?;
    }
    let mut user = users::find(desk, name)?;
    let sensitive = ["accountEnabled", "passwordProfile"];
    if members.iter().any(|(property, _)| sensitive.contains(&property.name))
        && roles::is_administrator(desk.state, user.seq)?
    {
        desk.granted.require_right_over_administrators()?;
    }
    let synchronized = user.document.get("onPremisesSyncEnabled") == Some(&json!(true));
    if synchronized && members.iter().any(|(property, _)| property.name != "usageLocation") {
        return Err(Refusal::synchronized());
    }
    for (property, value) in members {
        apply(desk, &mut user, property.name, value)?;
    }
    check_domain_of_changed(desk, &user)?;
    users::let_linger(desk, &user)?;
    kept::save(desk.state, &user)?;
    Ok(Reply::no_content())
}

fn check_permission(desk: &Desk<'_>, property: &Property) -> Result<(), Refusal> {
    match property.name {
        "passwordProfile" => desk.granted.require_password_right(),
        "accountEnabled" => desk.granted.require(ENABLE_USER),
        "businessPhones" | "mobilePhone" => desk.granted.require(SET_PHONES),
        "otherMails" => desk.granted.require(SET_OTHER_MAILS),
        "identities" => desk.granted.require(SET_IDENTITIES),
        _ => desk.granted.require(UPDATE_USER),
    }
}

fn apply(
    desk: &Desk<'_>,
    user: &mut User,
    name: &'static str,
    value: Value,
) -> Result<(), Refusal> {
    match (name, value) {
        ("passwordProfile", Value::Object(profile)) => return set_password(desk, user, profile),
        ("mail", Value::String(mail)) => return mailbox::make_primary(desk.state, user, &mail),
        ("userPrincipalName", Value::String(new)) => {
            check_name_free(desk, &new, Some(user.seq))?;
            user.document.insert("identities".to_owned(), name_identity(desk, &new)?);
            if licenses::has_mailbox(desk, &user.document)? {
                mailbox::follow_name(desk.state, user, &new)?;
            }
            user.document.insert(name.to_owned(), json!(new));
        }
        ("onPremisesExtensionAttributes", Value::Object(attributes)) => {
            let kept = user.document.entry(name).or_insert_with(|| json!({}));
            if let Some(kept) = kept.as_object_mut() {
                kept.extend(attributes);
            }
        }
        (_, Value::Null) => {
            user.document.remove(name);
        }
        (_, value) => {
            user.document.insert(name.to_owned(), value);
        }
    }
    if name == "onPremisesImmutableId" {
        check_immutable_id_free(desk, &user.document, Some(user.seq))?;
    }
    Ok(())
}

/// A rename must end in a verified domain; the immutable id that a federated one asks for may come in
/// the same request.
fn check_domain_of_changed(desk: &Desk<'_>, user: &User) -> Result<(), Refusal> {
    let before = kept::by_id(desk.state, &user.id)?;
    let old = before.as_ref().and_then(|before| text(&before.document, "userPrincipalName"));
    let new = text(&user.document, "userPrincipalName");
    match new {
        Some(name) if new != old => check_domain(desk, name, &user.document),
        _ => Ok(()),
    }
}

fn set_password(
    desk: &Desk<'_>,
    user: &mut User,
    mut profile: serde_json::Map<String, Value>,
) -> Result<(), Refusal> {
    if let Some(password) = passwords::take(&mut profile) {
        let policies = text(&user.document, "passwordPolicies");
        let strong = !policies.is_some_and(|p| p.contains("DisableStrongPassword"));
        passwords::check(&password, strong)?;
        kept::set_password(desk.state, user.seq, &passwords::sealed(&password))?;
        let now = json!(desk.now.to_text());
        user.document.insert("lastPasswordChangeDateTime".to_owned(), now);
    }
    let kept = user.document.entry("passwordProfile").or_insert_with(|| json!({}));
    if let Some(kept) = kept.as_object_mut() {
        kept.extend(profile);
    }
    Ok(())
}

pub(super) fn revoke(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(REVOKE_SESSIONS)?;
    Query::parse(desk.call, &[])?;
    let mut user = users::find(desk, name)?;
    let now = json!(desk.now.to_text());
    user.document.insert("signInSessionsValidFromDateTime".to_owned(), now);
    users::let_linger(desk, &user)?;
    kept::save(desk.state, &user)?;
    Ok(Reply::json(200, json!({ "@odata.context": desk.context("Edm.Boolean"), "value": true })))
}
