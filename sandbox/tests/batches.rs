//! `$batch`: twenty requests in one, each with an answer of its own.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};
use tenant::{Answer, BASIC, Tenant, license, person};

fn write(id: &str, method: &str, url: &str, body: impl Into<Value>) -> Value {
    let body: Value = body.into();
    json!({ "id": id, "method": method, "url": url, "body": body,
            "headers": { "Content-Type": "application/json" } })
}

fn read(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

async fn send(tenant: &Tenant, requests: Value) -> Answer {
    tenant.post("/$batch", json!({ "requests": requests })).await
}

fn by_id(answer: &Answer) -> HashMap<String, Value> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = answer.body["responses"].as_array().unwrap();
    all.iter().map(|one| (one["id"].as_str().unwrap().to_owned(), one.clone())).collect()
}

#[tokio::test]
async fn each_item_has_its_own_status_and_body() {
    let tenant = Tenant::new().await;
    let answer = send(
        &tenant,
        json!([
            write("a", "POST", "/users", person("mia")),
            write("b", "POST", "users", person("admin's")),
            read("c", "/users/admin@contoso.onmicrosoft.com?$select=id"),
            read("d", "/nothing"),
        ]),
    )
    .await;
    let items = by_id(&answer);
    let status = |id: &str| items[id]["status"].as_i64().unwrap();
    assert_eq!((status("a"), status("b"), status("c"), status("d")), (201, 400, 200, 400));
    assert_eq!(items["a"]["body"]["userPrincipalName"], "mia@contoso.com");
    assert_eq!(items["b"]["body"]["error"]["code"], "Request_BadRequest");
    assert_eq!(items["c"]["headers"]["x-ms-resource-unit"], "1");
}

#[tokio::test]
async fn an_item_waits_for_those_it_depends_on_and_fails_with_them() {
    let tenant = Tenant::new().await;
    let mia = tenant.create("mia").await;
    let path = format!("/users/{mia}");
    let assign = format!("{path}/assignLicense");
    let body = json!({ "addLicenses": license(BASIC, &[]), "removeLicenses": [] });
    let after = |mut item: Value, ids: Value| {
        item["dependsOn"] = ids;
        item
    };
    let answer = send(
        &tenant,
        json!([
            after(write("2", "POST", &assign, body.clone()), json!(["1"])),
            write("1", "PATCH", &path, json!({ "jobTitle": "Controller" })),
            write("3", "PATCH", "/users/nobody@contoso.com", json!({ "jobTitle": "x" })),
            after(read("4", &path), json!(["3"])),
            after(read("5", &path), json!(["4"])),
        ]),
    )
    .await;
    let items = by_id(&answer);
    let status = |id: &str| items[id]["status"].as_i64().unwrap();
    assert_eq!((status("1"), status("2")), (204, 200));
    assert_eq!((status("3"), status("4"), status("5")), (404, 424, 424));
    assert!(items["1"].get("body").is_none());
}

#[tokio::test]
async fn a_malformed_batch_is_refused_whole_and_runs_nothing() {
    let tenant = Tenant::new().await;
    let good = write("1", "POST", "/users", person("mia"));
    let changed = |member: &str, value: Value| {
        let mut item = write("2", "POST", "/users", person("jo"));
        item[member] = value;
        item
    };
    let many: Vec<Value> = (0..21).map(|id| read(&id.to_string(), "/users")).collect();
    for requests in [
        json!([]),
        json!(many),
        json!([good, changed("id", json!("1"))]),
        json!([good, changed("id", json!(""))]),
        json!([good, changed("headers", json!({}))]),
        json!([good, changed("method", json!("HEAD"))]),
        json!([good, changed("url", json!(null))]),
        json!([good, changed("url", json!("https://graph.microsoft.com/v1.0/users"))]),
        json!([good, changed("dependsOn", json!(["9"]))]),
        json!([good, changed("dependsOn", json!(["2"]))]),
    ] {
        assert_eq!(send(&tenant, requests.clone()).await.refusal().0, 400, "{requests}");
    }
    let twice = json!([read("A", "/users"), read("a", "/users")]);
    assert_eq!(send(&tenant, twice).await.status, 400);
    assert_eq!(tenant.summary().await["users"], 1);
}

#[tokio::test]
async fn twenty_items_run_and_answers_come_in_any_order() {
    let tenant = Tenant::new().await;
    let twenty: Vec<Value> = (0..20).map(|id| read(&id.to_string(), "/domains")).collect();
    let answer = send(&tenant, json!(twenty)).await;
    assert_eq!(by_id(&answer).len(), 20);
    let order: Vec<&str> = answer.body["responses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    let sent: Vec<String> = (0..20).map(|id| id.to_string()).collect();
    // One in 20! that this fails by chance.
    assert_ne!(order, sent);
}

#[tokio::test]
async fn two_writes_to_one_object_in_parallel_collide() {
    let tenant = Tenant::new().await;
    let mia = tenant.create("mia").await;
    let path = format!("/users/{mia}");
    let answer = send(
        &tenant,
        json!([
            write("1", "PATCH", &path, json!({ "jobTitle": "a" })),
            write("2", "PATCH", &path, json!({ "city": "b" })),
        ]),
    )
    .await;
    let mut status: Vec<i64> =
        by_id(&answer).values().map(|item| item["status"].as_i64().unwrap()).collect();
    status.sort_unstable();
    assert_eq!(status, [204, 409]);
}

#[tokio::test]
async fn single_items_can_be_struck() {
    let tenant = Tenant::new().await;
    let order = json!({
        "script": [null, null, { "kind": "too_many_requests", "retry_after": 11.0 }],
        "method": "POST",
        "path": "/v1.0/users",
    });
    tenant.knob(Method::POST, "/faults", order).await;
    let items: Vec<Value> = (0..5)
        .map(|id| write(&id.to_string(), "POST", "/users", person(&format!("p{id}"))))
        .collect();
    let answer = send(&tenant, json!(items)).await;
    let items = by_id(&answer);
    let throttled: Vec<&Value> = items.values().filter(|item| item["status"] == 429).collect();
    assert_eq!(throttled.len(), 1);
    assert_eq!(throttled[0]["headers"]["Retry-After"], "11");
    assert_eq!(tenant.summary().await["users"], 5);
}

#[tokio::test]
async fn a_batch_needs_a_token() {
    let mut tenant = Tenant::new().await;
    "none".clone_into(&mut tenant.token);
    assert_eq!(send(&tenant, json!([read("1", "/users")])).await.status, 401);
}
