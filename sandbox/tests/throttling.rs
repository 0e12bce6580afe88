//! Quotas: what they cost, what happens beyond them, and that servers on one file share them.

mod tenant;

use acctsh_sandbox::{CLIENT_ID, Options, Server, TENANT_ID};
use reqwest::Method;
use serde_json::json;
use tenant::Tenant;

/// A tenant whose buckets are as good as not refilled while a test runs.
async fn throttled() -> Tenant {
    Tenant::with(|options| {
        options.throttle = true;
        options.time_scale = 0.000_001;
    })
    .await
}

#[tokio::test]
async fn the_cost_is_told_with_every_answer() {
    let tenant = Tenant::new().await;
    for (path, cost) in [
        ("/users", "2"),
        ("/users?$select=id", "1"),
        ("/users?$top=5&$select=id", "1"),
        ("/subscribedSkus", "3"),
        ("/users/admin@contoso.onmicrosoft.com", "1"),
        ("/users/admin@contoso.onmicrosoft.com/licenseDetails", "2"),
    ] {
        assert_eq!(tenant.get(path).await.header("x-ms-resource-unit"), cost, "{path}");
    }
}

#[tokio::test]
async fn beyond_3000_writes_the_answer_is_429_with_its_headers() {
    let tenant = throttled().await;
    let admin = "/users/admin@contoso.onmicrosoft.com";
    let item = |id: usize| {
        json!({ "id": id.to_string(), "method": "PATCH", "url": format!("{admin}{id}"),
                "headers": { "Content-Type": "application/json" }, "body": {} })
    };
    // Refused for another reason, each still costs a write.
    let batch = json!({ "requests": (0..20).map(item).collect::<Vec<_>>() });
    for _ in 0..119 {
        assert_eq!(tenant.post("/$batch", batch.clone()).await.status, 200);
    }
    assert_eq!(tenant.patch(admin, json!({})).await.header("x-ms-throttle-limit-percentage"), "");
    for _ in 0..31 {
        tenant.post("/$batch", batch.clone()).await;
    }
    let answer = tenant.patch(admin, json!({ "jobTitle": "x" })).await;
    assert_eq!(answer.refusal(), (429, "TooManyRequests", "Please retry again later."));
    assert_eq!(
        answer.header("x-ms-throttle-scope"),
        format!("Tenant_Application/Write/{CLIENT_ID}/{TENANT_ID}")
    );
    assert_eq!(answer.header("x-ms-throttle-information"), "WriteLimitExceeded");
    assert!(answer.header("retry-after").parse::<f64>().unwrap() > 0.0);
    assert!(answer.header("x-ms-throttle-limit-percentage").parse::<f64>().unwrap() >= 1.0);
    // Reads have units left.
    assert_eq!(tenant.get("/domains").await.status, 200);
}

#[tokio::test]
async fn the_percentage_shows_from_four_fifths_on() {
    let tenant = throttled().await;
    let mut shown = None;
    for count in 1..=1500 {
        let answer = tenant.get("/subscribedSkus").await;
        if !answer.header("x-ms-throttle-limit-percentage").is_empty() {
            shown = Some((count, answer.header("x-ms-throttle-limit-percentage").to_owned()));
            break;
        }
    }
    // 3 units each of 3,500.
    assert_eq!(shown, Some((934, "0.80".to_owned())));
}

#[tokio::test]
async fn scaled_time_refills_and_shortens_the_wait() {
    let tenant = throttled().await;
    while tenant.get("/subscribedSkus").await.status == 200 {}
    tenant.knob(Method::PUT, "/settings", json!({ "time_scale": 1000.0 })).await;
    let mut waits = Vec::new();
    for _ in 0..20 {
        let answer = tenant.get("/subscribedSkus").await;
        if answer.status == 200 {
            return;
        }
        waits.push(answer.header("retry-after").to_owned());
        let seconds: f64 = answer.header("retry-after").parse().unwrap();
        tokio::time::sleep(std::time::Duration::from_secs_f64(seconds)).await;
    }
    panic!("never refilled: {waits:?}");
}

#[tokio::test]
async fn two_servers_on_one_file_spend_from_one_bucket() {
    let tenant = throttled().await;
    let other = Server::start(Options {
        state: tenant.folder.path().join("tenant.sqlite"),
        throttle: true,
        time_scale: 0.000_001,
        ..Options::default()
    })
    .unwrap();
    while tenant.get("/subscribedSkus").await.status == 200 {}
    let elsewhere = format!("{}/v1.0/subscribedSkus", other.base_url());
    assert_eq!(tenant.get(&elsewhere).await.status, 429);
}
