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

#[tokio::test]
async fn a_status_can_be_ordered_with_and_without_the_time_to_wait() {
    let tenant = Tenant::new().await;
    for (order, status, wait) in [
        (json!({ "kind": "too_many_requests", "retry_after": 2.5 }), 429, "2.5"),
        (json!({ "kind": "too_many_requests" }), 429, ""),
        (json!({ "kind": "service_unavailable" }), 503, ""),
        (json!({ "kind": "server_error" }), 500, ""),
        (json!({ "kind": "gateway_timeout" }), 504, ""),
        (json!({ "kind": "conflict" }), 409, ""),
    ] {
        tenant.knob(Method::POST, "/faults", order).await;
        let answer = tenant.post("/users", person("mia")).await;
        assert_eq!((answer.status, answer.header("retry-after")), (status, wait));
        assert_eq!(tenant.summary().await["users"], 1);
    }
    tenant
        .knob(Method::POST, "/faults", json!({ "kind": "server_error", "took_effect": true }))
        .await;
    assert_eq!(tenant.post("/users", person("mia")).await.status, 500);
    assert_eq!(tenant.summary().await["users"], 2);
}

#[tokio::test]
async fn a_body_can_come_slowly_by_half_or_as_a_page_of_html() {
    let tenant = Tenant::new().await;
    let order = json!([
        { "kind": "slow_body", "millis": 200, "path": "/v1.0/users" },
        { "kind": "half_body", "path": "/v1.0/domains" },
        { "kind": "html", "path": "/v1.0/organization" },
    ]);
    tenant.knob(Method::POST, "/faults", order).await;
    let start = std::time::Instant::now();
    assert_eq!(tenant.get("/users").await.status, 200);
    assert!(start.elapsed().as_millis() >= 200);

    let half = tenant.request(Method::GET, "/domains").send().await.unwrap();
    assert_eq!(half.status(), 200);
    assert!(half.bytes().await.is_err());

    let page = tenant.get("/organization").await;
    assert_eq!((page.status, page.header("content-type")), (502, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn tokens_can_expire_in_the_middle() {
    let mut tenant = Tenant::new().await;
    let order = json!({ "kind": "expire_tokens", "path": "/v1.0/users", "skip": 1 });
    tenant.knob(Method::POST, "/faults", order).await;
    assert_eq!(tenant.get("/users").await.status, 200);
    assert_eq!(tenant.get("/users").await.refusal().1, "InvalidAuthenticationToken");
    tenant.sign_in().await;
    assert_eq!(tenant.get("/users").await.status, 200);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused() {
    let tenant = Tenant::new().await;
    for order in
        [json!({}), json!({ "kind": "earthquake" }), json!({ "kind": "conflict", "rate": 2.0 })]
    {
        let url = format!("{}/sandbox/faults", tenant.base);
        let answer = tenant.http.post(url).json(&order).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{order}");
    }
}
