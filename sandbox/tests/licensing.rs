//! Products, seats, and who has which.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use reqwest::Method;
use serde_json::{Value, json};
use tenant::{BASIC, E3, EXCHANGE, EXCHANGE_PLAN, PREMIUM, Tenant, license, person, with};

async fn consumed(tenant: &Tenant, sku: &str) -> i64 {
    let answer = tenant.get("/subscribedSkus").await;
    let all = answer.body["value"].as_array().unwrap();
    all.iter().find(|each| each["skuId"] == sku).unwrap()["consumedUnits"].as_i64().unwrap()
}

#[tokio::test]
async fn the_tenant_starts_with_ten_thousand_seats_of_five_products() {
    let tenant = Tenant::new().await;
    let answer = tenant.get("/subscribedSkus").await;
    assert_eq!(
        answer.column("skuPartNumber"),
        [
            "O365_BUSINESS_ESSENTIALS",
            "O365_BUSINESS_PREMIUM",
            "SPB",
            "ENTERPRISEPACK",
            "EXCHANGESTANDARD"
        ]
    );
    let first = &answer.body["value"][0];
    assert_eq!(
        first["prepaidUnits"],
        json!({ "enabled": 10000, "suspended": 0, "warning": 0, "lockedOut": 0 })
    );
    assert_eq!(first["servicePlans"].as_array().unwrap().len(), 13);
    let one = tenant.get(&format!("/subscribedSkus/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(one.body["skuPartNumber"], "O365_BUSINESS_ESSENTIALS");
}

#[tokio::test]
async fn a_license_takes_a_seat_shows_on_the_user_and_brings_addresses() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let off = ["57ff2da0-773e-42df-b2af-ffb7a2317929"];
    let answer = tenant.assign(&id, license(BASIC, &off), json!([])).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["mail"], "mia@contoso.com");
    assert!(answer.body.get("assignedLicenses").is_none());
    assert_eq!(consumed(&tenant, BASIC).await, 1);

    let user = tenant
        .get(&format!(
            "/users/{id}?$select=assignedLicenses,licenseAssignmentStates,proxyAddresses"
        ))
        .await
        .body;
    assert_eq!(user["assignedLicenses"], json!([{ "skuId": BASIC, "disabledPlans": off }]));
    let state = &user["licenseAssignmentStates"][0];
    assert_eq!(
        (&state["skuId"], &state["state"], &state["assignedByGroup"]),
        (&json!(BASIC), &json!("Active"), &Value::Null)
    );
    assert_eq!(
        user["proxyAddresses"],
        json!(["SMTP:mia@contoso.com", "smtp:mia@contoso.onmicrosoft.com"])
    );

    let details = tenant.get(&format!("/users/{id}/licenseDetails")).await.body;
    let plans = details["value"][0]["servicePlans"].as_array().unwrap();
    let teams = plans.iter().find(|plan| plan["servicePlanId"] == off[0]).unwrap();
    assert_eq!(teams["provisioningStatus"], "Disabled");
}

#[tokio::test]
async fn adding_again_replaces_the_disabled_plans_and_takes_no_second_seat() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.assign(&id, license(EXCHANGE, &[EXCHANGE_PLAN]), json!([])).await;
    tenant.assign(&id, license(EXCHANGE, &[]), json!([])).await;
    let user = tenant.get(&format!("/users/{id}?$select=assignedLicenses")).await.body;
    assert_eq!(user["assignedLicenses"], json!([{ "skuId": EXCHANGE, "disabledPlans": [] }]));
    assert_eq!(consumed(&tenant, EXCHANGE).await, 1);
}

#[tokio::test]
async fn swapping_products_is_one_call() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.assign(&id, license(BASIC, &[]), json!([])).await;
    let answer = tenant.assign(&id, license(PREMIUM, &[]), json!([BASIC])).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((consumed(&tenant, BASIC).await, consumed(&tenant, PREMIUM).await), (0, 1));
}

#[tokio::test]
async fn each_refusal_has_its_text_and_changes_nothing() {
    let tenant = Tenant::new().await;
    let mut nowhere = person("nowhere");
    nowhere.as_object_mut().unwrap().remove("usageLocation");
    let nowhere = tenant.post("/users", nowhere).await.id();
    let mia = tenant.create("mia").await;
    tenant.assign(&mia, license(BASIC, &[]), json!([])).await;
    tenant.knob(Method::PUT, "/skus/SPB", json!({ "seats": 0 })).await;

    let refused = async |user: &str, add: Value, remove: Value, text: &str| {
        let answer = tenant.assign(user, add, remove).await;
        assert_eq!(answer.refusal(), (400, "Request_BadRequest", text));
        answer
    };
    refused(
        &nowhere,
        license(BASIC, &[]),
        json!([]),
        "License assignment cannot be done for user with invalid usage location.",
    )
    .await;
    let text = format!("Subscription with SKU {PREMIUM} does not have any available licenses.");
    refused(&mia, license(PREMIUM, &[]), json!([BASIC]), &text).await;
    refused(&mia, json!([]), json!([E3]), "User does not have a corresponding license.").await;
    let text = "License assignment failed because service plans 9aaf7827-d63c-4b61-89c3-182f06f82e5c, efb87545-963c-4e0d-99df-69c6916d9eb0 are mutually exclusive.";
    let answer = refused(&mia, license(E3, &[]), json!([]), text).await;
    assert_eq!(answer.body["error"]["details"][0]["code"], "MutuallyExclusiveViolation");

    let user = tenant.get(&format!("/users/{mia}?$select=assignedLicenses")).await.body;
    assert_eq!(user["assignedLicenses"][0]["skuId"], BASIC);
    assert_eq!((consumed(&tenant, BASIC).await, consumed(&tenant, E3).await), (1, 0));
}

#[tokio::test]
async fn a_plan_that_needs_another_is_refused_alone_on_add_and_on_remove() {
    let tenant = Tenant::new().await;
    let addon = "a403ebcc-fae0-4ca2-8c8c-7a907fd6c235";
    let plan =
        json!({ "id": "fe71d6c3-a2ea-4499-9778-da042bf08063", "name": "SHAREPOINT_S_DEVELOPER" });
    let sku = json!({ "sku_id": addon, "part_number": "ADDON", "seats": 5, "plans": [plan] });
    tenant.knob(Method::POST, "/skus", sku).await;
    let mia = tenant.create("mia").await;
    let text = "License assignment failed because service plan fe71d6c3-a2ea-4499-9778-da042bf08063 depends on the service plan(s) 5dbe027f-2339-4123-9542-606e4d348a72.";
    assert_eq!(tenant.assign(&mia, license(addon, &[]), json!([])).await.refusal().2, text);
    tenant.assign(&mia, license(E3, &[]), json!([])).await;
    assert_eq!(tenant.assign(&mia, license(addon, &[]), json!([])).await.status, 200);
    assert_eq!(tenant.assign(&mia, json!([]), json!([E3])).await.refusal().2, text);
    assert_eq!(tenant.assign(&mia, json!([]), json!([E3, addon])).await.status, 200);
}

#[tokio::test]
async fn both_lists_are_required_even_when_empty() {
    let tenant = Tenant::new().await;
    let mia = tenant.create("mia").await;
    let path = format!("/users/{mia}/assignLicense");
    for body in [json!({ "addLicenses": [] }), json!({ "removeLicenses": [] }), json!({})] {
        assert_eq!(tenant.post(&path, body).await.status, 400);
    }
    assert_eq!(tenant.assign(&mia, json!([]), json!([])).await.status, 200);
}

#[tokio::test]
async fn an_address_somebody_else_has_stops_the_assignment() {
    let tenant = Tenant::new().await;
    let jo = tenant.create("jo").await;
    tenant.patch(&format!("/users/{jo}"), json!({ "mail": "mia@contoso.com" })).await;
    let taken = tenant.post("/users", person("mia")).await;
    assert_eq!(taken.body["error"]["details"][0]["target"], "proxyAddresses");
    let other = with(person("mia"), "userPrincipalName", json!("mia.berg@contoso.com"));
    tenant.post("/users", other).await.id();
}

const GROUP: &str = "4a1d2b3c-5e6f-4a7b-8c9d-0e1f2a3b4c5d";

async fn licenses_of(tenant: &Tenant, id: &str) -> (Value, Value) {
    let path = format!("/users/{id}?$select=assignedLicenses,licenseAssignmentStates");
    let mut body = tenant.get(&path).await.body;
    (body["assignedLicenses"].take(), body["licenseAssignmentStates"].take())
}

async fn inherit(tenant: &Tenant, id: &str, from: Value) {
    tenant.knob(Method::PUT, &format!("/users/{id}"), json!({ "inherits": from })).await;
}

#[tokio::test]
async fn what_a_group_gives_takes_one_seat_and_cant_be_removed_from_the_user() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    inherit(
        &tenant,
        &id,
        json!([{ "group": GROUP, "sku": "O365_BUSINESS_ESSENTIALS", "disabled_plans": ["TEAMS1"] }]),
    )
    .await;
    let teams = "57ff2da0-773e-42df-b2af-ffb7a2317929";
    let (all, states) = licenses_of(&tenant, &id).await;
    assert_eq!(all, json!([{ "skuId": BASIC, "disabledPlans": [teams] }]));
    assert_eq!(states[0]["assignedByGroup"], GROUP);
    assert_eq!(consumed(&tenant, BASIC).await, 1);
    let refused = tenant.assign(&id, json!([]), json!([BASIC])).await;
    assert_eq!(
        refused.refusal().2,
        "User license is inherited from a group membership and it cannot be removed directly from the user."
    );

    // The same product given directly as well: one seat, and a plan is on where either has it on.
    assert_eq!(tenant.assign(&id, license(BASIC, &[]), json!([])).await.status, 200);
    let (all, states) = licenses_of(&tenant, &id).await;
    assert_eq!(all, json!([{ "skuId": BASIC, "disabledPlans": [] }]));
    assert_eq!(states.as_array().unwrap().len(), 2);
    assert_eq!(consumed(&tenant, BASIC).await, 1);
    assert_eq!(tenant.assign(&id, json!([]), json!([BASIC])).await.status, 200);
    assert_eq!(consumed(&tenant, BASIC).await, 1, "the group's assignment stays");

    inherit(&tenant, &id, json!([])).await;
    assert_eq!(licenses_of(&tenant, &id).await, (json!([]), json!([])));
    assert_eq!(consumed(&tenant, BASIC).await, 0);
}

#[tokio::test]
async fn a_group_without_a_seat_left_says_so_on_its_member() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.knob(Method::PUT, "/skus/SPB", json!({ "seats": 0 })).await;
    inherit(&tenant, &id, json!([{ "group": GROUP, "sku": "SPB" }])).await;
    let (all, states) = licenses_of(&tenant, &id).await;
    assert_eq!(all, json!([]));
    assert_eq!(
        (&states[0]["state"], &states[0]["error"]),
        (&json!("Error"), &json!("CountViolation"))
    );
}

#[tokio::test]
async fn a_subscription_in_warning_goes_on_and_a_suspended_one_gives_no_seat() {
    let tenant = Tenant::new().await;
    let (mia, tim) = (tenant.create("mia").await, tenant.create("tim").await);
    let stands = async |standing: &str| {
        tenant.knob(Method::PUT, "/skus/SPB", json!({ "seats": 5, "standing": standing })).await;
        let answer = tenant.get("/subscribedSkus").await;
        let all = answer.body["value"].as_array().unwrap();
        let sku = all.iter().find(|sku| sku["skuId"] == PREMIUM).unwrap();
        (sku["capabilityStatus"].clone(), sku["prepaidUnits"].clone())
    };
    let units = json!({ "enabled": 0, "suspended": 0, "warning": 5, "lockedOut": 0 });
    assert_eq!(stands("Warning").await, (json!("Warning"), units));
    assert_eq!(tenant.assign(&mia, license(PREMIUM, &[]), json!([])).await.status, 200);
    let units = json!({ "enabled": 0, "suspended": 5, "warning": 0, "lockedOut": 0 });
    assert_eq!(stands("Suspended").await, (json!("Suspended"), units));
    let refused = tenant.assign(&tim, license(PREMIUM, &[]), json!([])).await;
    assert!(refused.refusal().2.ends_with("does not have any available licenses."));
    let user = tenant.get(&format!("/users/{mia}?$select=assignedPlans")).await.body;
    assert_eq!(user["assignedPlans"][0]["capabilityStatus"], "Suspended");
}

#[tokio::test]
async fn a_service_plan_can_still_be_on_its_way() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.assign(&id, license(EXCHANGE, &[]), json!([])).await;
    let pending = json!({ "pending": ["EXCHANGE_S_STANDARD"] });
    tenant.knob(Method::PUT, "/skus/EXCHANGESTANDARD", pending).await;
    let details = tenant.get(&format!("/users/{id}/licenseDetails")).await.body;
    let plans = details["value"][0]["servicePlans"].as_array().unwrap();
    let exchange = plans.iter().find(|plan| plan["servicePlanId"] == EXCHANGE_PLAN).unwrap();
    assert_eq!(exchange["provisioningStatus"], "PendingProvisioning");
}
