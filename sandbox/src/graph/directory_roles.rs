//! Who is an administrator (`graph.md` §17.1).

use serde_json::{Map, Value, json};

use super::Desk;
use super::collection::{single, whole};
use crate::SERVICE_PRINCIPAL_ID;
use crate::call::Reply;
use crate::odata::query::Query;
use crate::odata::select::Projection;
use crate::permission::READ_ROLES;
use crate::refusal::Refusal;
use crate::schema::{DIRECTORY_ROLE, USER};
use crate::state::{roles, users};

pub(super) fn list(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_ROLES)?;
    whole(desk, &DIRECTORY_ROLE, "directoryRoles", &roles::all(desk.state)?)
}

fn find(desk: &Desk<'_>, id: &str) -> Result<Map<String, Value>, Refusal> {
    desk.granted.require(READ_ROLES)?;
    if uuid::Uuid::parse_str(id).is_err() {
        return Err(Refusal::not_an_identifier(id));
    }
    roles::find(desk.state, id)?.ok_or_else(|| Refusal::not_found(id))
}

pub(super) fn get(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    single(desk, &DIRECTORY_ROLE, "directoryRoles", &find(desk, id)?)
}

/// The app among the holders of a role: it has few of the properties that a user has.
fn the_app(projection: &Projection) -> Value {
    let known = Map::from_iter([
        ("id".to_owned(), json!(SERVICE_PRINCIPAL_ID)),
        ("displayName".to_owned(), json!("Administration")),
    ]);
    let mut member = projection.apply(&known);
    member.retain(|name, _| known.contains_key(name));
    member.insert("@odata.type".to_owned(), json!("#microsoft.graph.servicePrincipal"));
    Value::Object(member)
}

/// Items are told apart by `@odata.type`, since groups could hold a role too.
pub(super) fn members(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    let role = find(desk, id)?;
    let query = Query::parse(desk.call, &["$select"])?;
    let projection = Projection::parse(query.get("$select"), &USER)?;
    projection.check_for_collection()?;
    let mut value = Vec::new();
    for id in roles::members(desk.state, users::text(&role, "id").unwrap_or_default())? {
        if let Some(user) = users::by_id(desk.state, &id)? {
            let mut member = projection.apply(&user.document);
            member.insert("@odata.type".to_owned(), format!("#{}", USER.type_name).into());
            value.push(Value::Object(member));
        }
    }
    let name = users::text(&role, "displayName").unwrap_or_default();
    if desk.granted.directory_roles.iter().any(|held| held.eq_ignore_ascii_case(name)) {
        value.push(the_app(&projection));
    }
    let context = desk.context(&format!("directoryObjects{}", projection.suffix()));
    Ok(Reply::json(200, json!({ "@odata.context": context, "value": value })))
}
