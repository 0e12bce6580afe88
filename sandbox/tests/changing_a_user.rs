//! `PATCH /users/{id}`, and signing a user out.

mod tenant;

use reqwest::Method;
use serde_json::{Value, json};
use tenant::{Tenant, person, with};

#[tokio::test]
async fn a_change_answers_nothing_and_touches_nothing_else() {
    let tenant = Tenant::new().await;
    let id = tenant.post("/users", with(person("mia"), "city", json!("Berlin"))).await.id();
    let answer = tenant.patch(&format!("/users/{id}"), json!({ "jobTitle": "Controller" })).await;
    assert_eq!((answer.status, &answer.body), (204, &json!("")));
    let user = tenant.get(&format!("/users/{id}?$select=jobTitle,city")).await.body;
    assert_eq!((&user["jobTitle"], &user["city"]), (&json!("Controller"), &json!("Berlin")));
    tenant.patch(&format!("/users/{id}"), json!({ "city": null })).await;
    assert_eq!(tenant.get(&format!("/users/{id}?$select=city")).await.body["city"], Value::Null);
}

#[tokio::test]
async fn what_cannot_be_cleared_or_written_is_refused() {
    let tenant = Tenant::new().await;
    let path = format!("/users/{}", tenant.create("mia").await);
    for body in [
        json!({ "displayName": null }),
        json!({ "usageLocation": null }),
        json!({ "businessPhones": null }),
        json!({ "mail": null }),
        json!({ "id": "x" }),
        json!({ "assignedLicenses": [] }),
        json!({ "lastPasswordChangeDateTime": "2026-05-04T00:00:00Z" }),
        json!({ "userPrincipalName": "mia@fabrikam.com" }),
        json!({ "userPrincipalName": "admin@contoso.onmicrosoft.com" }),
    ] {
        assert_eq!(tenant.patch(&path, body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(tenant.patch(&path, json!({ "aboutMe": "x" })).await.status, 403);
    assert_eq!(tenant.get(&path).await.body["userPrincipalName"], "mia@contoso.com");
}

#[tokio::test]
async fn a_new_password_moves_its_date() {
    let tenant = Tenant::new().await;
    let path = format!("/users/{}", tenant.create("mia").await);
    let date = async || {
        tenant.get(&format!("{path}?$select=lastPasswordChangeDateTime")).await.body
            ["lastPasswordChangeDateTime"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let before = date().await;
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 60 })).await;
    tenant.patch(&path, json!({ "jobTitle": "Controller" })).await;
    assert_eq!(date().await, before);
    let profile = json!({ "password": "Tarn+hafen48", "forceChangePasswordNextSignIn": false });
    assert_eq!(tenant.patch(&path, json!({ "passwordProfile": profile })).await.status, 204);
    assert!(date().await > before);
}

#[tokio::test]
async fn a_synchronized_user_takes_nothing_but_a_usage_location() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.knob(Method::PUT, &format!("/users/{id}"), json!({ "synchronized": true })).await;
    let path = format!("/users/{id}");
    let text = "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.";
    let answer = tenant.patch(&path, json!({ "jobTitle": "x" })).await;
    assert_eq!(answer.refusal(), (400, "Request_BadRequest", text));
    assert_eq!(tenant.patch(&path, json!({ "usageLocation": "FR" })).await.status, 204);
}

#[tokio::test]
async fn writing_mail_makes_it_the_primary_address() {
    let tenant = Tenant::new().await;
    let path = format!("/users/{}", tenant.create("mia").await);
    for mail in ["mia@contoso.com", "mia.berg@contoso.com"] {
        assert_eq!(tenant.patch(&path, json!({ "mail": mail })).await.status, 204);
    }
    let user = tenant.get(&format!("{path}?$select=mail,proxyAddresses")).await.body;
    assert_eq!(user["mail"], "mia.berg@contoso.com");
    assert_eq!(
        user["proxyAddresses"],
        json!(["SMTP:mia.berg@contoso.com", "smtp:mia@contoso.com"])
    );
}

#[tokio::test]
async fn signing_out_moves_the_date_sessions_are_valid_from() {
    let tenant = Tenant::new().await;
    let path = format!("/users/{}", tenant.create("mia").await);
    let date = async || {
        let answer = tenant.get(&format!("{path}?$select=signInSessionsValidFromDateTime")).await;
        answer.body["signInSessionsValidFromDateTime"].as_str().unwrap().to_owned()
    };
    let before = date().await;
    tenant.knob(Method::POST, "/clock", json!({ "advance_seconds": 60 })).await;
    let answer = tenant.post(&format!("{path}/revokeSignInSessions"), json!({})).await;
    assert_eq!((answer.status, &answer.body["value"]), (200, &json!(true)));
    assert!(date().await > before);
}
