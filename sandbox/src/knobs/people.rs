//! What others than Graph's callers do to people: synchronise them, give them roles, put them into groups
//! that give licences.

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::products;
use crate::clock;
use crate::graph::license_states::{self, FromGroup};
use crate::refusal::Refusal;
use crate::state::{roles, users};
use crate::tenant::Tenant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    synchronized: Option<bool>,
    roles: Option<Vec<String>>,
    inherits: Option<Vec<Inherited>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Inherited {
    group: Uuid,
    sku: String,
    #[serde(default)]
    disabled_plans: Vec<String>,
}

pub(super) fn change(tenant: &mut Tenant, id: &str, change: Change) -> Result<Value, Refusal> {
    let transaction = tenant.state.transaction()?;
    let mut user = users::by_id(&transaction, id)?.ok_or_else(|| Refusal::not_found(id))?;
    if let Some(synchronized) = change.synchronized {
        let value = if synchronized { json!(true) } else { Value::Null };
        user.document.insert("onPremisesSyncEnabled".to_owned(), value);
        users::save(&transaction, &user)?;
    }
    if let Some(names) = &change.roles {
        roles::take_all(&transaction, user.seq)?;
        for name in names {
            let role = roles::known(name).ok_or_else(|| Refusal::not_found(name))?;
            roles::give(&transaction, &roles::activated(&transaction, role)?, user.seq)?;
        }
    }
    if let Some(inherits) = change.inherits {
        let mut licenses = Vec::new();
        for each in inherits {
            let sku = products::find(&transaction, &each.sku)?;
            let off = products::plan_ids(&sku, &each.disabled_plans)?;
            licenses.push(FromGroup { group: each.group.to_string(), sku_id: sku.sku_id, off });
        }
        license_states::inherit(&transaction, &mut user, &licenses, clock::now(&transaction)?)?;
    }
    transaction.commit()?;
    Ok(json!({}))
}
