//! Which permission each operation needs, and where permissions don't suffice.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod tenant;

use reqwest::Method;
use serde_json::{Value, json};
use tenant::{Answer, BASIC, Tenant, license, person};

const DENIED: (u16, &str, &str) =
    (403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
const ADMINISTRATOR: &str = "0f6a1f64-90b3-4d0e-8b39-3a1c0a4be001";

async fn grant(tenant: &mut Tenant, permissions: &[&str], roles: &[&str]) {
    let body = json!({ "permissions": permissions, "roles": roles });
    tenant.knob(Method::PUT, "/app", body).await;
    tenant.sign_in().await;
}

async fn ask(tenant: &Tenant, method: &str, path: &str, body: &Value) -> Answer {
    let request = tenant.request(method.parse().unwrap(), path);
    let request = if body.is_null() { request } else { request.json(body) };
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn each_operation_is_refused_without_its_permission_and_done_with_it() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let user = format!("/users/{id}");
    let bin = format!("/directory/deletedItems/{id}");
    let licenses = json!({ "addLicenses": license(BASIC, &[]), "removeLicenses": [] });
    let password = json!({ "passwordProfile": { "password": "Tarn+hafen48" } });
    let none = Value::Null;
    for (permission, method, path, body) in [
        ("User.Read.All", "GET", "/users".to_owned(), none.clone()),
        ("User.Create", "POST", "/users".to_owned(), person("tim")),
        ("User.ReadUpdate.All", "PATCH", user.clone(), json!({ "jobTitle": "Chief" })),
        (
            "User.EnableDisableAccount.All",
            "PATCH",
            user.clone(),
            json!({ "accountEnabled": false }),
        ),
        ("User-PasswordProfile.ReadWrite.All", "PATCH", user.clone(), password),
        ("User-Phone.ReadWrite.All", "PATCH", user.clone(), json!({ "mobilePhone": "+49 30 1" })),
        (
            "User-Mail.ReadWrite.All",
            "PATCH",
            user.clone(),
            json!({ "otherMails": ["m@example.com"] }),
        ),
        ("LicenseAssignment.ReadWrite.All", "POST", format!("{user}/assignLicense"), licenses),
        ("User.RevokeSessions.All", "POST", format!("{user}/revokeSignInSessions"), none.clone()),
        ("LicenseAssignment.Read.All", "GET", "/subscribedSkus".to_owned(), none.clone()),
        ("RoleManagement.Read.Directory", "GET", "/directoryRoles".to_owned(), none.clone()),
        ("Domain.Read.All", "GET", "/domains".to_owned(), none.clone()),
        ("Organization.Read.All", "GET", "/organization".to_owned(), none.clone()),
        ("User.DeleteRestore.All", "DELETE", user.clone(), none.clone()),
        ("User.DeleteRestore.All", "POST", format!("{bin}/restore"), json!({})),
    ] {
        grant(&mut tenant, &["GroupMember.Read.All"], &["User Administrator"]).await;
        assert_eq!(ask(&tenant, method, &path, &body).await.refusal(), DENIED, "{method} {path}");
        grant(&mut tenant, &[permission], &["User Administrator"]).await;
        let answer = ask(&tenant, method, &path, &body).await;
        assert!(answer.status < 300, "{permission}: {method} {path}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_role_user_administrator_is_needed_for_passwords() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let body = json!({ "passwordProfile": { "password": "Tarn+hafen48" } });
    grant(&mut tenant, &["User-PasswordProfile.ReadWrite.All"], &["Helpdesk Administrator"]).await;
    assert_eq!(tenant.patch(&format!("/users/{id}"), body.clone()).await.refusal(), DENIED);
    tenant.knob(Method::PUT, "/app", json!({ "roles": ["User Administrator"] })).await;
    let now = tenant.patch(&format!("/users/{id}"), body).await;
    assert_eq!(now.status, 204, "a role counts at once, without a new token");
}

#[tokio::test]
async fn administrators_are_blocked_deleted_and_given_passwords_by_a_higher_role_only() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let path = format!("/users/{id}");
    let knob = format!("/users/{id}");
    tenant.knob(Method::PUT, &knob, json!({ "roles": ["Helpdesk Administrator"] })).await;
    for body in [
        json!({ "accountEnabled": false }),
        json!({ "passwordProfile": { "password": "Tarn+hafen48" } }),
    ] {
        assert_eq!(tenant.patch(&path, body).await.refusal(), DENIED);
    }
    assert_eq!(tenant.delete(&path).await.refusal(), DENIED);
    assert_eq!(tenant.patch(&path, json!({ "jobTitle": "Chief" })).await.status, 204);
    let higher = json!({ "roles": ["Privileged Authentication Administrator"] });
    tenant.knob(Method::PUT, "/app", higher).await;
    assert_eq!(tenant.patch(&path, json!({ "accountEnabled": false })).await.status, 204);
    assert_eq!(tenant.delete(&path).await.status, 204);
}

#[tokio::test]
async fn roles_are_given_and_taken_and_their_members_tell_people_from_apps() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let holders = async |role: &str| {
        let roles = tenant.get("/directoryRoles").await;
        let all = roles.body["value"].as_array().unwrap();
        let Some(role) = all.iter().find(|each| each["displayName"] == role) else {
            return Vec::new();
        };
        let path = format!("/directoryRoles/{}/members?$select=id", role["id"].as_str().unwrap());
        let members = tenant.get(&path).await;
        let all = members.body["value"].as_array().unwrap().iter();
        all.map(|each| (each["@odata.type"].as_str().unwrap().to_owned(), each["id"].clone()))
            .collect()
    };
    let user = |id: &str| ("#microsoft.graph.user".to_owned(), json!(id));
    assert_eq!(holders("Global Administrator").await, [user(ADMINISTRATOR)]);
    assert_eq!(holders("Helpdesk Administrator").await, [], "nobody ever had it");
    let knob = format!("/users/{id}");
    let both = json!({ "roles": ["Global Administrator", "Helpdesk Administrator"] });
    tenant.knob(Method::PUT, &knob, both).await;
    assert_eq!(holders("Global Administrator").await, [user(ADMINISTRATOR), user(&id)]);
    assert_eq!(holders("Helpdesk Administrator").await, [user(&id)]);
    tenant.knob(Method::PUT, &knob, json!({ "roles": [] })).await;
    assert_eq!(holders("Global Administrator").await, [user(ADMINISTRATOR)]);
    let apps = holders("User Administrator").await;
    assert_eq!(apps.len(), 1);
    assert_eq!(apps[0].0, "#microsoft.graph.servicePrincipal");
}
