//! Signing in with a certificate instead of a secret.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use acctsh_sandbox::{CLIENT_ID, TENANT_ID};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};
use tenant::{Answer, Tenant};

const APP: &str = include_str!("certificates/app.pem");
const APP_KEY: &str = include_str!("certificates/app.key.pem");
const OTHER: &str = include_str!("certificates/other.pem");
const OTHER_KEY: &str = include_str!("certificates/other.key.pem");

/// SHA-256 and SHA-1 of a certificate, each in base64url.
fn thumbprints(pem: &str) -> (String, String) {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let print = |algorithm| URL_SAFE_NO_PAD.encode(ring::digest::digest(algorithm, &der));
    (print(&ring::digest::SHA256), print(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY))
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn claims(tenant: &Tenant) -> Value {
    json!({
        "aud": format!("{}/{TENANT_ID}/oauth2/v2.0/token", tenant.base),
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "jti": uuid::Uuid::new_v4().to_string(),
        "nbf": now(),
        "iat": now(),
        "exp": now() + 300,
    })
}

fn signed(header: &Header, claims: &Value, key: &str) -> String {
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    jsonwebtoken::encode(header, claims, &key).unwrap()
}

fn header(certificate: &str) -> Header {
    Header { x5t_s256: Some(thumbprints(certificate).0), ..Header::new(Algorithm::PS256) }
}

async fn registered() -> Tenant {
    let tenant = Tenant::new().await;
    tenant.knob(Method::PUT, "/app", json!({ "certificates": [APP] })).await;
    tenant
}

async fn ask(tenant: &Tenant, assertion: String) -> Answer {
    let form = [
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", CLIENT_ID.to_owned()),
        ("scope", format!("{}/.default", tenant.base)),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
        ),
        ("client_assertion", assertion),
    ];
    tenant.ask_for_token(TENANT_ID, &form).await
}

#[tokio::test]
async fn the_key_of_a_registered_certificate_signs_in() {
    let mut tenant = registered().await;
    let answer = ask(&tenant, signed(&header(APP), &claims(&tenant), APP_KEY)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["access_token"].as_str().unwrap().clone_into(&mut tenant.token);
    assert_eq!(tenant.get("/users").await.status, 200);
}

#[tokio::test]
async fn the_older_form_is_taken_too() {
    let tenant = registered().await;
    let older = Header { x5t: Some(thumbprints(APP).1), ..Header::new(Algorithm::RS256) };
    assert_eq!(ask(&tenant, signed(&older, &claims(&tenant), APP_KEY)).await.status, 200);
}

#[tokio::test]
async fn an_assertion_that_proves_nothing_is_refused() {
    let tenant = registered().await;
    let right = claims(&tenant);
    let with = |member: &str, value: Value| tenant::with(right.clone(), member, value);
    for (why, assertion, number) in [
        ("unknown certificate", signed(&header(OTHER), &right, OTHER_KEY), 700_027),
        ("another's key", signed(&header(APP), &right, OTHER_KEY), 700_027),
        ("no thumbprint", signed(&Header::new(Algorithm::PS256), &right, APP_KEY), 700_027),
        ("passed", signed(&header(APP), &with("exp", json!(now() - 1)), APP_KEY), 700_024),
        ("to come", signed(&header(APP), &with("nbf", json!(now() + 3600)), APP_KEY), 700_024),
        (
            "another tenant's",
            signed(
                &header(APP),
                &with("aud", json!(format!("{}/common/oauth2/v2.0/token", tenant.base))),
                APP_KEY,
            ),
            700_023,
        ),
        ("another app's", signed(&header(APP), &with("sub", json!("x")), APP_KEY), 50027),
        ("no assertion", "a.b.c".to_owned(), 50027),
    ] {
        let answer = ask(&tenant, assertion).await;
        assert_eq!(
            (answer.status, &answer.body["error"], &answer.body["error_codes"]),
            (401, &json!("invalid_client"), &json!([number])),
            "{why}: {}",
            answer.body
        );
    }
}

#[tokio::test]
async fn an_assertion_is_old_by_the_tenants_clock() {
    let tenant = registered().await;
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 600 })).await;
    let answer = ask(&tenant, signed(&header(APP), &claims(&tenant), APP_KEY)).await;
    assert_eq!(answer.body["error_codes"], json!([700_024]));
    let ahead = jiff::fmt::rfc2822::parse(answer.header("date")).unwrap().timestamp().as_second();
    assert!((595..=605).contains(&(ahead - now())), "its answers tell its time");
}
