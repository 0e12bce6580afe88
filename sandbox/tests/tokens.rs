//! The token endpoint and what Graph makes of tokens.

mod tenant;

use std::time::Duration;

use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};
use tenant::{Answer, Tenant};

fn changed(tenant: &Tenant, field: &str, value: &str) -> Vec<(&'static str, String)> {
    let mut form = tenant.credentials();
    for (name, old) in &mut form {
        if *name == field {
            value.clone_into(old);
        }
    }
    form
}

#[tokio::test]
async fn a_token_has_three_parts_and_tells_tenant_app_and_permissions() {
    let tenant = Tenant::new().await;
    let answer = tenant.ask_for_token("contoso.com", &tenant.credentials()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["expires_in"], 3599);
    assert!(answer.body.get("refresh_token").is_none());
    let parts: Vec<&str> = answer.body["access_token"].as_str().unwrap().split('.').collect();
    assert_eq!(parts.len(), 3);
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    assert_eq!((&claims["tid"], &claims["appid"]), (&json!(TENANT_ID), &json!(CLIENT_ID)));
    assert!(claims["roles"].as_array().unwrap().contains(&json!("User.ReadWrite.All")));
    assert!(claims["exp"].as_i64().unwrap() > claims["iat"].as_i64().unwrap());
}

#[tokio::test]
async fn the_secret_may_come_by_http_basic() {
    let tenant = Tenant::new().await;
    let form: Vec<_> =
        tenant.credentials().into_iter().filter(|(name, _)| !name.starts_with("client")).collect();
    let request = tenant
        .http
        .post(format!("{}/{TENANT_ID}/oauth2/v2.0/token", tenant.base))
        .basic_auth(CLIENT_ID, Some(CLIENT_SECRET))
        .form(&form);
    assert_eq!(Answer::of(request.send().await.unwrap()).await.status, 200);
}

#[tokio::test]
async fn each_refusal_has_its_error_and_number() {
    let tenant = Tenant::new().await;
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (name, form, status, error, number) in [
        (TENANT_ID, changed(&tenant, "client_secret", "wrong"), 401, "invalid_client", 7_000_215),
        (TENANT_ID, changed(&tenant, "client_id", unknown), 400, "unauthorized_client", 700_016),
        (unknown, tenant.credentials(), 400, "invalid_request", 90002),
        ("fabrikam.com", tenant.credentials(), 400, "invalid_request", 90002),
        ("common", tenant.credentials(), 400, "invalid_request", 900_023),
        (TENANT_ID, changed(&tenant, "scope", "User.Read"), 400, "invalid_scope", 70011),
        (
            TENANT_ID,
            changed(&tenant, "scope", "https://graph.microsoft.us/.default"),
            400,
            "invalid_scope",
            70011,
        ),
    ] {
        let answer = tenant.ask_for_token(name, &form).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.body["error"], error);
        assert_eq!(answer.body["error_codes"], json!([number]));
        let description = answer.body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{number}: ")), "{description}");
        assert!(description.contains("\r\nTrace ID: "));
    }
}

#[tokio::test]
async fn graph_refuses_a_missing_a_foreign_and_a_changed_token() {
    let tenant = Tenant::new().await;
    let ask = async |authorization: Option<String>| {
        let mut request = tenant.http.get(format!("{}/v1.0/users", tenant.base));
        if let Some(value) = authorization {
            request = request.header("Authorization", value);
        }
        Answer::of(request.send().await.unwrap()).await
    };
    let mut changed = tenant.token.clone();
    changed.replace_range(changed.len() - 3.., "AAA");
    for authorization in [
        None,
        Some("Bearer ".to_owned()),
        Some("Bearer a.b.c".to_owned()),
        Some(format!("Bearer {changed}")),
    ] {
        let answer = ask(authorization).await;
        assert_eq!((answer.status, answer.refusal().1), (401, "InvalidAuthenticationToken"));
        assert!(answer.header("www-authenticate").starts_with("Bearer "));
    }
}

#[tokio::test]
async fn a_token_ends_with_its_lifetime_by_the_tenants_clock() {
    let mut tenant = Tenant::with(|options| options.token_lifetime = Duration::from_mins(10)).await;
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 590 })).await;
    assert_eq!(tenant.get("/users").await.status, 200);
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 10 })).await;
    assert_eq!(tenant.get("/users").await.refusal().1, "InvalidAuthenticationToken");
    tenant.sign_in().await;
    assert_eq!(tenant.get("/users").await.status, 200);
}

#[tokio::test]
async fn a_permission_that_was_not_granted_is_missed() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let only = json!({ "permissions": ["User.ReadWrite.All"], "roles": [] });
    tenant.knob(Method::PUT, "/app", only).await;
    tenant.sign_in().await;
    let denied =
        (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
    let both = json!({ "jobTitle": "Chief", "passwordProfile": { "password": "Tarn+hafen48" } });
    assert_eq!(tenant.patch(&format!("/users/{id}"), both).await.refusal(), denied);
    assert_eq!(tenant.get(&format!("/users/{id}")).await.body["jobTitle"], Value::Null);
    assert_eq!(tenant.get("/domains").await.refusal(), denied);
}

#[tokio::test]
async fn the_login_host_tells_where_tokens_are_given() {
    let tenant = Tenant::new().await;
    let configuration = |name: &str| {
        let path = format!("{}/{name}/v2.0/.well-known/openid-configuration", tenant.base);
        tenant.http.get(path).header("X-Forwarded-Proto", "https")
    };
    let answer = Answer::of(configuration("contoso.com").send().await.unwrap()).await;
    assert_eq!(answer.status, 200);
    let secure = tenant.base.replace("http:", "https:");
    let expected = format!("{secure}/{TENANT_ID}/oauth2/v2.0/token");
    assert_eq!(answer.body["token_endpoint"], expected);
    let answer = Answer::of(configuration("fabrikam.com").send().await.unwrap()).await;
    assert_eq!((answer.status, &answer.body["error_codes"]), (400, &json!([90002])));
}
