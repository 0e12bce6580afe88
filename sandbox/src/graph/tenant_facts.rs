//! The tenant itself: organization and domains (`graph.md` §17).

use serde_json::{Map, Value, json};

use super::collection::{single, whole};
use super::{Desk, licenses};
use crate::TENANT_ID;
use crate::call::Reply;
use crate::permission::{READ_DOMAINS, READ_ORGANIZATION};
use crate::refusal::Refusal;
use crate::schema::{DOMAIN, ORGANIZATION};
use crate::state::domains::{self, Domain};
use crate::state::skus;

/// When the tenant and all it owns came to be.
const SINCE: &str = "2021-03-01T08:00:00Z";
const SERVICES: &str = "Email, OfficeCommunicationsOnline";

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn kind(domain: &Domain) -> &'static str {
    if domain.federated { "Federated" } else { "Managed" }
}

fn domain_document(domain: &Domain) -> Map<String, Value> {
    let services: Vec<&str> =
        if domain.is_verified { SERVICES.split(", ").collect() } else { Vec::new() };
    object(json!({
        "id": domain.name,
        "authenticationType": kind(domain),
        "availabilityStatus": null,
        "isAdminManaged": true,
        "isDefault": domain.is_default,
        "isInitial": domain.is_initial,
        "isRoot": domain.is_verified,
        "isVerified": domain.is_verified,
        "supportedServices": services,
        "passwordValidityPeriodInDays": i32::MAX,
        "passwordNotificationWindowInDays": 14,
    }))
}

pub(super) fn list_domains(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_DOMAINS)?;
    let all: Vec<_> = domains::all(desk.state)?.iter().map(domain_document).collect();
    whole(desk, &DOMAIN, "domains", &all)
}

pub(super) fn get_domain(desk: &Desk<'_>, name: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_DOMAINS)?;
    let domain = domains::find(desk.state, name)?.ok_or_else(|| Refusal::not_found(name))?;
    single(desk, &DOMAIN, "domains", &domain_document(&domain))
}

fn organization(desk: &Desk<'_>) -> Result<Map<String, Value>, Refusal> {
    let verified: Vec<Value> = domains::all(desk.state)?
        .iter()
        .filter(|domain| domain.is_verified)
        .map(|domain| {
            json!({
                "name": domain.name,
                "type": kind(domain),
                "capabilities": SERVICES,
                "isDefault": domain.is_default,
                "isInitial": domain.is_initial,
            })
        })
        .collect();
    let plans: Vec<Value> = skus::all(desk.state)?
        .iter()
        .flat_map(|sku| sku.plans.iter().map(|plan| (plan, sku.standing)))
        .map(|(plan, standing)| licenses::plan_state(plan, standing, &json!(SINCE)))
        .collect();
    Ok(object(json!({
        "id": TENANT_ID,
        "assignedPlans": plans,
        "displayName": "Contoso",
        "country": "Germany",
        "countryLetterCode": "DE",
        "defaultUsageLocation": "DE",
        "preferredLanguage": "en",
        "tenantType": "AAD",
        "createdDateTime": SINCE,
        "verifiedDomains": verified,
    })))
}

pub(super) fn list_organizations(desk: &Desk<'_>) -> Result<Reply, Refusal> {
    desk.granted.require(READ_ORGANIZATION)?;
    let all = [organization(desk)?];
    whole(desk, &ORGANIZATION, "organization", &all)
}

pub(super) fn get_organization(desk: &Desk<'_>, id: &str) -> Result<Reply, Refusal> {
    desk.granted.require(READ_ORGANIZATION)?;
    if !id.eq_ignore_ascii_case(TENANT_ID) {
        return Err(Refusal::not_found(id));
    }
    single(desk, &ORGANIZATION, "organization", &organization(desk)?)
}
