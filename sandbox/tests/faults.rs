//! Connections cut on order, before and after the write took effect.

mod tenant;

use reqwest::Method;
use serde_json::json;
use tenant::{Tenant, person};

#[tokio::test]
async fn a_connection_cut_before_leaves_nothing_behind() {
    let tenant = Tenant::new().await;
    tenant
        .knob(
            Method::POST,
            "/faults",
            json!({ "kind": "cut_before", "method": "POST", "path": "/v1.0/users" }),
        )
        .await;
    let sent = tenant.request(Method::POST, "/users").json(&person("mia")).send().await;
    assert!(sent.is_err());
    assert_eq!(tenant.summary().await["users"], 1);
    tenant.create("mia").await;
}

#[tokio::test]
async fn a_connection_cut_after_leaves_the_user_behind() {
    let tenant = Tenant::new().await;
    tenant
        .knob(
            Method::POST,
            "/faults",
            json!({ "kind": "cut_after", "method": "POST", "path": "/v1.0/users" }),
        )
        .await;
    let sent = tenant.request(Method::POST, "/users").json(&person("mia")).send().await;
    assert!(sent.is_err());
    assert_eq!(tenant.get("/users/mia@contoso.com").await.status, 200);
    assert_eq!(tenant.post("/users", person("mia")).await.status, 400);
}

#[tokio::test]
async fn a_counted_fault_strikes_that_often_and_then_no_more() {
    let tenant = Tenant::new().await;
    let order = json!({ "kind": "cut_before", "path": "/v1.0/users/*", "skip": 1, "times": 2 });
    tenant.knob(Method::POST, "/faults", order).await;
    let mut struck = Vec::new();
    for _ in 0..4 {
        let path = "/users/admin@contoso.onmicrosoft.com";
        struck.push(tenant.request(Method::GET, path).send().await.is_err());
    }
    assert_eq!(struck, [false, true, true, false]);
    assert_eq!(tenant.get("/domains").await.status, 200);
}
