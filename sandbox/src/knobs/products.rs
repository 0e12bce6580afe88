//! Products: bought, run out, expired, not set up yet.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::state::skus::{self, Plan, Sku, Standing};
use crate::tenant::Tenant;

/// The product of that part number or id.
pub(super) fn find(state: &rusqlite::Connection, name: &str) -> Result<Sku, Refusal> {
    skus::all(state)?
        .into_iter()
        .find(|sku| {
            sku.part_number.eq_ignore_ascii_case(name) || sku.sku_id.eq_ignore_ascii_case(name)
        })
        .ok_or_else(|| Refusal::not_found(name))
}

/// The ids of a product's plans of those names or ids.
pub(super) fn plan_ids(sku: &Sku, names: &[String]) -> Result<BTreeSet<String>, Refusal> {
    let id = |name: &String| {
        let plan = sku.plans.iter().find(|plan| {
            plan.name.eq_ignore_ascii_case(name) || plan.id.eq_ignore_ascii_case(name)
        });
        plan.map(|plan| plan.id.clone()).ok_or_else(|| Refusal::not_found(name))
    };
    names.iter().map(id).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    seats: Option<u32>,
    standing: Option<Standing>,
    pending: Option<Vec<String>>,
}

pub(super) fn change(tenant: &mut Tenant, name: &str, change: Change) -> Result<Value, Refusal> {
    let transaction = tenant.state.transaction()?;
    let mut sku = find(&transaction, name)?;
    if let Some(seats) = change.seats {
        sku.seats = i64::from(seats);
    }
    if let Some(standing) = change.standing {
        sku.standing = standing;
    }
    if let Some(names) = &change.pending {
        sku.pending = plan_ids(&sku, names)?;
    }
    skus::save(&transaction, &sku)?;
    transaction.commit()?;
    Ok(json!({ "seats": sku.seats, "consumed": sku.consumed, "standing": sku.standing.word() }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProduct {
    sku_id: uuid::Uuid,
    part_number: String,
    seats: u32,
    plans: Vec<Plan>,
}

pub(super) fn add(tenant: &Tenant, new: NewProduct) -> Result<Value, Refusal> {
    let sku = Sku {
        sku_id: new.sku_id.to_string(),
        part_number: new.part_number,
        seats: i64::from(new.seats),
        consumed: 0,
        plans: new.plans,
        standing: Standing::Enabled,
        pending: BTreeSet::new(),
    };
    skus::add(&tenant.state, &sku)?;
    Ok(json!({ "sku_id": sku.sku_id }))
}
