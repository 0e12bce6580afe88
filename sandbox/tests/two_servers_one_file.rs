//! Several servers on one state file are one tenant.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use acctsh_sandbox::{Options, Server};
use serde_json::json;
use tenant::{BASIC, Tenant, license, person};

fn second(tenant: &Tenant) -> Server {
    let state = tenant.folder.path().join("tenant.sqlite");
    Server::start(Options { state, ..Options::default() }).unwrap()
}

#[tokio::test]
async fn what_one_server_writes_the_other_reads_and_tokens_hold_at_both() {
    let tenant = Tenant::new().await;
    let other = second(&tenant);
    let id = tenant.create("mia").await;
    let answer = tenant.get(&format!("{}/v1.0/users/{id}", other.base_url())).await;
    assert_eq!(answer.body["userPrincipalName"], "mia@contoso.com");
}

#[tokio::test]
async fn of_many_who_want_one_name_and_one_seat_at_two_servers_one_gets_it() {
    let tenant = Tenant::new().await;
    let other = second(&tenant);
    let hosts = [tenant.base.clone(), other.base_url()];
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(tenant.create(&format!("p{number}")).await);
    }
    tenant
        .knob(reqwest::Method::PUT, "/skus/O365_BUSINESS_ESSENTIALS", json!({ "seats": 1 }))
        .await;

    let mut attempts = tokio::task::JoinSet::new();
    let body = json!({ "addLicenses": license(BASIC, &[]), "removeLicenses": [] });
    for (number, id) in ids.iter().enumerate() {
        let host = &hosts[number % 2];
        let assign = format!("{host}/v1.0/users/{id}/assignLicense");
        let request = tenant.http.post(assign).bearer_auth(&tenant.token).json(&body);
        attempts.spawn(request.send());
        let create = format!("{host}/v1.0/users");
        let request = tenant.http.post(create).bearer_auth(&tenant.token).json(&person("mia"));
        attempts.spawn(request.send());
    }
    let mut status: Vec<u16> = Vec::new();
    while let Some(answer) = attempts.join_next().await {
        status.push(answer.unwrap().unwrap().status().as_u16());
    }
    status.sort_unstable();
    assert_eq!(status[..2], [200, 201]);
    assert!(status[2..].iter().all(|status| *status == 400));
    let summary = tenant.summary().await;
    assert_eq!(summary["users"], 12);
    assert_eq!(summary["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 1);
}

#[tokio::test]
async fn the_tenant_is_kept_from_one_server_to_the_next() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    drop(tenant.server.take());
    let server = second(&tenant);
    let answer = tenant.get(&format!("{}/v1.0/users/{id}", server.base_url())).await;
    assert_eq!(answer.status, 200);
}

#[test]
fn servers_that_start_at_once_on_a_new_file_share_one_tenant() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("tenant.sqlite");
    let starts: Vec<_> = (0..8)
        .map(|_| {
            let state = state.clone();
            std::thread::spawn(move || Server::start(Options { state, ..Options::default() }))
        })
        .collect();
    for start in starts {
        start.join().unwrap().unwrap();
    }
}
