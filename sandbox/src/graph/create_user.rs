//! `POST /users` (`graph.md` §4.1).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Desk, mailbox, passwords, user_fields, users};
use crate::call::Reply;
use crate::odata::query::Query;
use crate::odata::select::Projection;
use crate::permission::CREATE_USER;
use crate::refusal::Refusal;
use crate::schema::USER;
use crate::state::domains;
use crate::state::users::{self as kept, Document, NewUser, text};

const REQUIRED: [&str; 5] =
    ["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"];

pub(super) fn create(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(CREATE_USER)?;
    Query::parse(desk.call, &[])?;
    let mut document = read(&desk.call.json()?)?;
    let password = take_password(&mut document)?;
    let name = text(&document, "userPrincipalName").unwrap_or_default().to_owned();
    check_domain(desk, &name, &document)?;
    check_name_free(desk, &name, None)?;
    check_immutable_id_free(desk, &document, None)?;
    if let Some(mail) = text(&document, "mail") {
        mailbox::check_free(desk.state, mail, None)?;
    }
    complete(desk, &mut document)?;
    let document = keep(desk, document, &password)?;
    if desk.call.wants_minimal() {
        return Ok(Reply::no_content());
    }
    let mut reply = users::entity(desk, 201, &Projection::default_of(&USER), &document)?;
    let id = text(&document, "id").unwrap_or_default();
    reply.headers.push(("Location", format!("{}/v1.0/users/{id}", desk.call.origin)));
    Ok(reply)
}

/// The body as a document, with everything that is required in it.
fn read(body: &Map<String, Value>) -> Result<Document, Refusal> {
    for name in REQUIRED {
        let given = body.iter().find(|(member, _)| member.eq_ignore_ascii_case(name));
        if given.is_none_or(|(_, value)| value.is_null() || *value == json!("")) {
            return Err(Refusal::value_required(name, USER.name));
        }
    }
    Ok(user_fields::read_body(body)?
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(property, value)| (property.name.to_owned(), value))
        .collect())
}

/// Takes the password out of the document, which must not hold it.
fn take_password(document: &mut Document) -> Result<String, Refusal> {
    let strong =
        !text(document, "passwordPolicies").is_some_and(|p| p.contains("DisableStrongPassword"));
    let password = document
        .get_mut("passwordProfile")
        .and_then(Value::as_object_mut)
        .and_then(passwords::take)
        .ok_or_else(|| Refusal::value_required("passwordProfile.password", USER.name))?;
    passwords::check(&password, strong)?;
    Ok(password)
}

/// Refuses a name outside the verified domains, or in a federated one without an immutable id.
pub(super) fn check_domain(
    desk: &Desk<'_>,
    name: &str,
    document: &Document,
) -> Result<(), Refusal> {
    let (_, domain) = name.split_once('@').unwrap_or_default();
    match domains::find(desk.state, domain)? {
        Some(domain)
            if domain.is_verified
                && (!domain.federated || text(document, "onPremisesImmutableId").is_some()) =>
        {
            Ok(())
        }
        _ => Err(Refusal::domain_not_verified()),
    }
}

/// Refuses a name that somebody else signs in with or receives mail at.
pub(super) fn check_name_free(
    desk: &Desk<'_>,
    name: &str,
    own_seq: Option<i64>,
) -> Result<(), Refusal> {
    match kept::by_principal_name(desk.state, name)? {
        Some(holder) if Some(holder.seq) != own_seq => Err(Refusal::conflict("userPrincipalName")),
        _ => mailbox::check_free(desk.state, name, own_seq),
    }
}

/// Refuses an immutable id that another live user has.
pub(super) fn check_immutable_id_free(
    desk: &Desk<'_>,
    document: &Document,
    own_seq: Option<i64>,
) -> Result<(), Refusal> {
    let Some(id) = text(document, "onPremisesImmutableId") else { return Ok(()) };
    match kept::by_immutable_id(desk.state, id)? {
        Some(holder) if Some(holder.seq) != own_seq => {
            Err(Refusal::conflict("onPremisesImmutableId"))
        }
        _ => Ok(()),
    }
}

/// How a user signs in by name.
pub(super) fn name_identity(desk: &Desk<'_>, name: &str) -> Result<Value, Refusal> {
    Ok(json!([{
        "signInType": "userPrincipalName",
        "issuer": domains::initial(desk.state)?,
        "issuerAssignedId": name,
    }]))
}

fn complete(desk: &Desk<'_>, document: &mut Document) -> Result<(), Refusal> {
    let now = json!(desk.now.to_text());
    let name = text(document, "userPrincipalName").unwrap_or_default();
    let identity = name_identity(desk, name)?;
    document.entry("identities").or_insert(identity);
    document.entry("userType").or_insert(json!("Member"));
    for name in ["createdDateTime", "lastPasswordChangeDateTime", "signInSessionsValidFromDateTime"]
    {
        document.insert(name.to_owned(), now.clone());
    }
    document.insert("id".to_owned(), json!(Uuid::new_v4().to_string()));
    Ok(())
}

fn keep(desk: &Desk<'_>, document: Document, password: &str) -> Result<Document, Refusal> {
    let mail = text(&document, "mail").map(str::to_owned);
    let (visible_at, listed_at) = desk.seen_by_others();
    let user = NewUser {
        id: text(&document, "id").unwrap_or_default().to_owned(),
        document,
        password: passwords::sealed(password),
        visible_at,
        listed_at,
    };
    let seq = kept::insert(desk.state, &user)?;
    let mut document = user.document;
    if let Some(mail) = mail {
        let mut owner = kept::User {
            seq,
            id: user.id,
            document,
            deleted_at: None,
            visible_at: user.visible_at,
        };
        mailbox::make_primary(desk.state, &mut owner, &mail)?;
        kept::save(desk.state, &owner)?;
        document = owner.document;
    }
    Ok(document)
}
