//! Eventual consistency: what was just made is not there yet.

mod tenant;

use std::time::Duration;

use acctsh_sandbox::Lag;
use reqwest::Method;
use serde_json::{Value, json};
use tenant::{BASIC, Tenant, license, person};

#[tokio::test]
async fn a_new_user_is_seen_by_id_after_the_lag_and_in_lists_after_twice_that() {
    let lag = Duration::from_secs(10);
    let tenant = Tenant::with(|options| options.lag = Lag::Fixed(lag)).await;
    let id = tenant.create("mia").await;
    let path = format!("/users/{id}");
    let listed = async || tenant.get("/users").await.body["value"].as_array().unwrap().len();
    assert_eq!(tenant.get(&path).await.refusal().1, "Request_ResourceNotFound");
    assert_eq!(tenant.patch(&path, json!({ "city": "Berlin" })).await.status, 404);
    assert_eq!(tenant.assign(&id, license(BASIC, &[]), json!([])).await.status, 404);
    // The name is taken all the same.
    assert_eq!(tenant.post("/users", person("mia")).await.status, 400);
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 11 })).await;
    assert_eq!(tenant.patch(&path, json!({ "city": "Berlin" })).await.status, 204);
    assert_eq!(listed().await, 1);
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 10 })).await;
    assert_eq!(listed().await, 2);
}

/// A tenant whose writes are seen by id after ten seconds, and in lists after twenty, and a user of
/// it whom everybody sees.
async fn lagging() -> (Tenant, String) {
    let lag = Lag::Fixed(Duration::from_secs(10));
    let tenant = Tenant::with(|options| options.lag = lag).await;
    let id = tenant.create("mia").await;
    later(&tenant, 21).await;
    (tenant, id)
}

async fn later(tenant: &Tenant, seconds: u32) {
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": seconds })).await;
}

/// One property by id, and in the list.
async fn shown(tenant: &Tenant, id: &str, property: &str) -> (Value, Value) {
    let query = format!("$select=id,{property}");
    let one = tenant.get(&format!("/users/{id}?{query}")).await.body[property].clone();
    let listed = tenant.get(&format!("/users?{query}&$filter=id eq '{id}'")).await.body;
    (one, listed["value"][0][property].clone())
}

#[tokio::test]
async fn a_changed_property_is_read_and_filtered_by_its_old_value_for_a_while() {
    let (tenant, id) = lagging().await;
    let path = format!("/users/{id}");
    let change = async |name: &str| {
        assert_eq!(tenant.patch(&path, json!({ "displayName": name })).await.status, 204);
    };
    let found = async |name: &str| {
        let filter = format!("/users?$filter=displayName eq '{name}'");
        tenant.get(&filter).await.body["value"].as_array().unwrap().len()
    };
    let (old, first, second) = (json!("Person mia"), json!("First"), json!("Second"));
    change("First").await;
    assert_eq!(shown(&tenant, &id, "displayName").await, (old.clone(), old.clone()));
    assert_eq!((found("Person mia").await, found("First").await), (1, 0));
    later(&tenant, 6).await;
    change("Second").await;
    later(&tenant, 6).await;
    assert_eq!(shown(&tenant, &id, "displayName").await, (first, old));
    later(&tenant, 6).await;
    assert_eq!(shown(&tenant, &id, "displayName").await.0, second);
    later(&tenant, 12).await;
    assert_eq!(shown(&tenant, &id, "displayName").await, (second.clone(), second));
    assert_eq!((found("Person mia").await, found("First").await, found("Second").await), (0, 0, 1));
}

#[tokio::test]
async fn a_license_is_in_its_own_answer_and_elsewhere_only_later() {
    let (tenant, id) = lagging().await;
    let answer = tenant.assign(&id, license(BASIC, &[]), json!([])).await;
    assert_eq!(answer.status, 200);
    let none = json!([]);
    assert_eq!(shown(&tenant, &id, "assignedLicenses").await, (none.clone(), none));
    let details = format!("/users/{id}/licenseDetails");
    assert_eq!(tenant.get(&details).await.body["value"], json!([]));
    // What is written knows what was written before.
    assert_eq!(tenant.assign(&id, json!([]), json!([BASIC])).await.status, 200);
    later(&tenant, 21).await;
    let none = json!([]);
    assert_eq!(shown(&tenant, &id, "assignedLicenses").await, (none.clone(), none));
    assert_eq!(tenant.summary().await["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 0);
}

#[tokio::test]
async fn a_deleted_user_lingers_for_readers_and_is_gone_for_writers() {
    let (tenant, id) = lagging().await;
    let path = format!("/users/{id}");
    let counted = async || tenant.get_eventual("/users/$count").await.body;
    assert_eq!(counted().await, 2);
    assert_eq!(tenant.delete(&path).await.status, 204);
    for name in [id.as_str(), "MIA@contoso.com"] {
        let user = tenant.get(&format!("/users/{name}")).await;
        assert_eq!(user.body["userPrincipalName"], "mia@contoso.com", "{name}");
    }
    assert_eq!(tenant.get("/users").await.column("id").len(), 2);
    assert_eq!(counted().await, 2);
    assert_eq!(tenant.patch(&path, json!({ "city": "Berlin" })).await.status, 404);
    later(&tenant, 11).await;
    assert_eq!(tenant.get(&path).await.status, 404);
    assert_eq!(tenant.get("/users/mia@contoso.com").await.status, 404);
    assert_eq!(tenant.get("/users").await.column("id").len(), 2);
    later(&tenant, 10).await;
    assert_eq!(tenant.get("/users").await.column("id").len(), 1);
    assert_eq!(counted().await, 1);
}

#[tokio::test]
async fn a_renamed_user_is_known_by_the_old_name_for_a_while() {
    let (tenant, id) = lagging().await;
    let rename = json!({ "userPrincipalName": "mia.berg@contoso.com" });
    assert_eq!(tenant.patch(&format!("/users/{id}"), rename).await.status, 204);
    let known = async |name: &str| tenant.get(&format!("/users/{name}@contoso.com")).await.status;
    assert_eq!((known("mia").await, known("mia.berg").await), (200, 404));
    // The old name is free already, and the new one taken.
    assert_eq!(tenant.post("/users", person("mia.berg")).await.status, 400);
    later(&tenant, 11).await;
    assert_eq!((known("mia").await, known("mia.berg").await), (404, 200));
}
