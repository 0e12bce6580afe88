//! Products of the tenant, and who has which (`graph.md` §7).

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::{Map, Value, json};

use super::collection::{single, whole};
use super::license_states::{
    Assigned, assigned, check_removable, direct, with_inherited, write_down,
};
use super::mailbox::{self, MAILBOX_PLANS};
use super::{Desk, users};
use crate::TENANT_ID;
use crate::call::Reply;
use crate::odata::query::Query;
use crate::odata::select::Projection;
use crate::permission::{ASSIGN_LICENSES, READ_SKUS, READ_USERS};
use crate::refusal::Refusal;
use crate::schema::{LICENSE_DETAILS, SUBSCRIBED_SKU, USER};
use crate::state::skus::{self, Sku, Standing};
use crate::state::users::{self as kept, Document, text};

/// Plans that can't be on together: Exchange plan 1 and 2, SharePoint plan 1 and 2.
const EXCLUSIVE: [(&str, &str); 2] = [
    ("9aaf7827-d63c-4b61-89c3-182f06f82e5c", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
    ("c7699d2e-19aa-44de-8edf-1736da088ca1", "5dbe027f-2339-4123-9542-606e4d348a72"),
];
/// Plans (first) that work only beside another.
const DEPENDENT: [(&str, &str); 1] =
    [("fe71d6c3-a2ea-4499-9778-da042bf08063", "5dbe027f-2339-4123-9542-606e4d348a72")];

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn sku_document(sku: &Sku) -> Map<String, Value> {
    let plans: Vec<Value> =
        sku.plans.iter().map(|plan| plan_document(plan, set_up(sku, plan))).collect();
    // Units stand where the subscription stands (`graph.md` §7.1).
    let units = |standing| if sku.standing == standing { sku.seats } else { 0 };
    let standing = match sku.standing {
        Standing::Enabled if sku.seats == 0 => Standing::Suspended,
        standing => standing,
    };
    object(json!({
        "id": format!("{TENANT_ID}_{}", sku.sku_id),
        "accountId": TENANT_ID,
        "accountName": "contoso",
        "appliesTo": "User",
        "capabilityStatus": standing.word(),
        "consumedUnits": sku.consumed,
        "skuId": sku.sku_id,
        "skuPartNumber": sku.part_number,
        "subscriptionIds": [format!("a1b2c3d4-0000-4000-8000-{}", &sku.sku_id[24..])],
        "prepaidUnits": {
            "enabled": units(Standing::Enabled),
            "suspended": units(Standing::Suspended),
            "warning": units(Standing::Warning),
            "lockedOut": units(Standing::LockedOut),
        },
        "servicePlans": plans,
    }))
}

/// How far a plan of a product is set up.
fn set_up(sku: &Sku, plan: &skus::Plan) -> &'static str {
    if sku.pending.contains(&plan.id) { "PendingProvisioning" } else { "Success" }
}

fn plan_document(plan: &skus::Plan, status: &str) -> Value {
    json!({
        "servicePlanId": plan.id,
        "servicePlanName": plan.name,
        "provisioningStatus": status,
        "appliesTo": "User",
    })
}

pub(super) fn list_skus(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_SKUS)?;
    let all: Vec<_> = skus::all(desk.state)?.iter().map(sku_document).collect();
    whole(desk, &SUBSCRIBED_SKU, "subscribedSkus", &all)
}

pub(super) fn get_sku(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_SKUS)?;
    let sku_id = id.to_ascii_lowercase();
    let sku_id = sku_id.strip_prefix(&format!("{TENANT_ID}_")).unwrap_or_default();
    let sku = skus::find(desk.state, sku_id)?.ok_or_else(|| Refusal::not_found(id))?;
    single(desk, &SUBSCRIBED_SKU, "subscribedSkus", &sku_document(&sku))
}

/// The plans that a user's products bring, as `assignedPlans` lists them.
pub(super) fn assigned_plans(desk: &Desk<'_>, document: &Document) -> Result<Value, Refusal> {
    let since = document
        .get("licenseAssignmentStates")
        .and_then(|states| states[0].get("lastUpdatedDateTime").cloned())
        .unwrap_or_default();
    let mut plans = Vec::new();
    for (sku_id, off) in assigned(document) {
        let sku = skus::find(desk.state, &sku_id)?;
        let Some(sku) = sku else { continue };
        let all = sku.plans.iter().filter(|plan| !off.contains(&plan.id));
        plans.extend(all.map(|plan| plan_state(plan, sku.standing, &since)));
    }
    Ok(plans.into())
}

/// One entry of `assignedPlans`.
pub(super) fn plan_state(plan: &skus::Plan, standing: Standing, since: &Value) -> Value {
    let service = SERVICES
        .iter()
        .find(|(start, _)| plan.name.starts_with(start))
        .map_or(plan.name.as_str(), |(_, service)| service);
    json!({
        "assignedDateTime": since,
        "capabilityStatus": standing.word(),
        "service": service,
        "servicePlanId": plan.id,
    })
}

/// Services by the beginning of their plans' names; others are named like their plan.
const SERVICES: [(&str, &str); 4] = [
    ("EXCHANGE_", "exchange"),
    ("SHAREPOINT", "SharePoint"),
    ("MCO", "MicrosoftCommunicationsOnline"),
    ("TEAMS", "TeamspaceAPI"),
];

pub(super) fn details(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_USERS)?;
    let user = users::seen(desk, name)?;
    let mut all = Vec::new();
    for (sku_id, off) in assigned(&user.document) {
        let Some(sku) = skus::find(desk.state, &sku_id)? else { continue };
        let plans: Vec<Value> = sku
            .plans
            .iter()
            .map(|plan| {
                plan_document(
                    plan,
                    if off.contains(&plan.id) { "Disabled" } else { set_up(&sku, plan) },
                )
            })
            .collect();
        all.push(object(json!({
            "id": BASE64.encode(format!("{}{sku_id}", user.id)),
            "skuId": sku_id,
            "skuPartNumber": sku.part_number,
            "servicePlans": plans,
        })));
    }
    whole(desk, &LICENSE_DETAILS, &format!("users('{}')/licenseDetails", user.id), &all)
}

/// What an `assignLicense` asks for.
struct Request {
    add: Assigned,
    remove: BTreeSet<String>,
}

fn guid(value: &Value) -> Result<String, Refusal> {
    let text = value.as_str().unwrap_or_default();
    uuid::Uuid::try_parse(text).map(|guid| guid.to_string()).map_err(|_| {
        Refusal::malformed_url(format!(
            "Cannot convert the value '{value}' to the expected type 'Edm.Guid'."
        ))
    })
}

impl Request {
    fn read(body: &Map<String, Value>) -> Result<Self, Refusal> {
        let list = |wanted: &str| {
            body.iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .and_then(|(_, value)| value.as_array())
                .ok_or_else(|| {
                    Refusal::bad_request(format!(
                        "One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: {wanted}."
                    ))
                })
        };
        let (additions, removals) = (list("addLicenses")?, list("removeLicenses")?);
        if let Some(stranger) = body.keys().find(|name| {
            !name.eq_ignore_ascii_case("addLicenses")
                && !name.eq_ignore_ascii_case("removeLicenses")
        }) {
            return Err(Refusal::bad_request(format!(
                "The parameter '{stranger}' in the request payload is not a valid parameter for the operation 'assignLicense'."
            )));
        }
        let mut add = Assigned::new();
        for license in additions {
            let (sku_id, off) = Self::addition(license)?;
            if add.insert(sku_id, off).is_some() {
                return Err(Refusal::bad_request("The request contains duplicate licenses."));
            }
        }
        let remove = removals.iter().map(guid).collect::<Result<BTreeSet<_>, _>>()?;
        if remove.len() != removals.len() || remove.iter().any(|sku_id| add.contains_key(sku_id)) {
            return Err(Refusal::bad_request("The request contains duplicate licenses."));
        }
        Ok(Self { add, remove })
    }

    fn addition(license: &Value) -> Result<(String, BTreeSet<String>), Refusal> {
        let members =
            license.as_object().ok_or_else(|| Refusal::invalid_value("addLicenses", USER.name))?;
        let (mut sku_id, mut off) = (None, BTreeSet::new());
        for (name, value) in members.iter().filter(|(name, _)| !name.contains('@')) {
            match (name.to_ascii_lowercase().as_str(), value) {
                ("skuid", value) => sku_id = Some(guid(value)?),
                ("disabledplans", Value::Array(plans)) => {
                    off = plans.iter().map(guid).collect::<Result<_, _>>()?;
                }
                ("disabledplans", _) => {
                    return Err(Refusal::invalid_value("disabledPlans", "AssignedLicense"));
                }
                _ => {
                    return Err(Refusal::unknown_property(name, "microsoft.graph.assignedLicense"));
                }
            }
        }
        let sku_id = sku_id.ok_or_else(|| Refusal::value_required("skuId", "AssignedLicense"))?;
        Ok((sku_id, off))
    }
}

pub(super) fn assign(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(ASSIGN_LICENSES)?;
    Query::parse(desk.call, &[])?;
    let request = Request::read(&desk.call.json()?)?;
    let mut user = users::find(desk, name)?;
    if !request.add.is_empty() && text(&user.document, "usageLocation").is_none() {
        return Err(Refusal::bad_request(
            "License assignment cannot be done for user with invalid usage location.",
        ));
    }
    let before = assigned(&user.document);
    let mut given = direct(&user.document);
    for sku_id in &request.remove {
        check_removable(&user.document, sku_id)?;
        given.remove(sku_id);
    }
    for (sku_id, off) in &request.add {
        check_plans(desk, sku_id, off)?;
        given.insert(sku_id.clone(), off.clone());
    }
    let after = with_inherited(&user.document, &given);
    let plans = plans_on(desk, &after)?;
    check_together(&plans)?;
    for sku_id in before.keys().filter(|sku_id| !after.contains_key(*sku_id)) {
        kept::free_seat(desk.state, user.seq, sku_id)?;
    }
    for sku_id in after.keys().filter(|sku_id| !before.contains_key(*sku_id)) {
        check_seat(desk, sku_id)?;
        kept::take_seat(desk.state, user.seq, sku_id)?;
    }
    write_down(&mut user.document, desk.now, &given);
    if brings_mailbox(&plans) {
        mailbox::open(desk.state, &mut user)?;
    }
    users::let_linger(desk, &user)?;
    kept::save(desk.state, &user)?;
    users::entity(desk, 200, &Projection::default_of(&USER), &user.document)
}

fn check_plans(desk: &Desk<'_>, sku_id: &str, off: &BTreeSet<String>) -> Result<(), Refusal> {
    let sku = skus::find(desk.state, sku_id)?.ok_or_else(|| {
        Refusal::bad_request(format!("Subscription with SKU {sku_id} does not exist."))
    })?;
    match off.iter().find(|plan| !sku.plans.iter().any(|known| known.id == **plan)) {
        Some(stranger) => Err(Refusal::bad_request(format!(
            "License assignment failed because service plan {stranger} does not belong to SKU {sku_id}."
        ))),
        None => Ok(()),
    }
}

fn plans_on(desk: &Desk<'_>, assigned: &Assigned) -> Result<BTreeSet<String>, Refusal> {
    let mut on = BTreeSet::new();
    for (sku_id, off) in assigned {
        if let Some(sku) = skus::find(desk.state, sku_id)? {
            on.extend(sku.plans.into_iter().map(|plan| plan.id).filter(|plan| !off.contains(plan)));
        }
    }
    Ok(on)
}

fn brings_mailbox(plans: &BTreeSet<String>) -> bool {
    MAILBOX_PLANS.iter().any(|plan| plans.contains(*plan))
}

/// Whether a user's licences bring a mailbox.
pub(super) fn has_mailbox(desk: &Desk<'_>, document: &Document) -> Result<bool, Refusal> {
    Ok(brings_mailbox(&plans_on(desk, &assigned(document))?))
}

fn check_together(plans: &BTreeSet<String>) -> Result<(), Refusal> {
    for (one, other) in EXCLUSIVE {
        if plans.contains(one) && plans.contains(other) {
            return Err(Refusal::bad_request(format!(
                "License assignment failed because service plans {one}, {other} are mutually exclusive."
            ))
            .with_detail("MutuallyExclusiveViolation"));
        }
    }
    for (plan, needed) in DEPENDENT {
        if plans.contains(plan) && !plans.contains(needed) {
            return Err(Refusal::bad_request(format!(
                "License assignment failed because service plan {plan} depends on the service plan(s) {needed}."
            ))
            .with_detail("DependencyViolation"));
        }
    }
    Ok(())
}

fn check_seat(desk: &Desk<'_>, sku_id: &str) -> Result<(), Refusal> {
    match skus::find(desk.state, sku_id)? {
        Some(sku) if sku.has_seat() => Ok(()),
        _ => Err(Refusal::bad_request(format!(
            "Subscription with SKU {sku_id} does not have any available licenses."
        ))),
    }
}
