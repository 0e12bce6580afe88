//! Eventual consistency: what was just made is not there yet.

mod tenant;

use std::time::Duration;

use acctsh_sandbox::Lag;
use reqwest::Method;
use serde_json::json;
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
