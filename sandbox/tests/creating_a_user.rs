//! `POST /users`: what is asked for, what comes back, what is refused and how.

mod tenant;

use serde_json::{Value, json};
use tenant::{Tenant, person, with};

#[tokio::test]
async fn a_new_user_comes_back_with_the_default_properties_and_no_others() {
    let tenant = Tenant::new().await;
    let answer = tenant.post("/users", person("mia.berg")).await;
    assert_eq!(answer.status, 201);
    let members: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "@odata.context",
            "businessPhones",
            "displayName",
            "givenName",
            "id",
            "jobTitle",
            "mail",
            "mobilePhone",
            "officeLocation",
            "preferredLanguage",
            "surname",
            "userPrincipalName"
        ]
    );
    assert_eq!(answer.body["mail"], Value::Null);
    assert_eq!(answer.body["businessPhones"], json!([]));
    assert!(
        answer.body["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#users/$entity")
    );
}

#[tokio::test]
async fn each_required_property_is_asked_for_by_name() {
    let tenant = Tenant::new().await;
    for name in
        ["accountEnabled", "displayName", "mailNickname", "passwordProfile", "userPrincipalName"]
    {
        let mut body = person("mia");
        body.as_object_mut().unwrap().remove(name);
        let text = format!("A value is required for property '{name}' of resource 'User'.");
        assert_eq!(
            tenant.post("/users", body).await.refusal(),
            (400, "Request_BadRequest", text.as_str())
        );
    }
    assert_eq!(tenant.summary().await["users"], 1);
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_whatever_its_case() {
    let tenant = Tenant::new().await;
    tenant.create("mia").await;
    let answer = tenant
        .post("/users", with(person("mia2"), "userPrincipalName", json!("MIA@Contoso.com")))
        .await;
    let text = "Another object with the same value for property userPrincipalName already exists.";
    assert_eq!(answer.refusal(), (400, "Request_BadRequest", text));
    assert_eq!(
        answer.body["error"]["details"],
        json!([{ "code": "ObjectConflict", "message": text, "target": "userPrincipalName" }])
    );
}

#[tokio::test]
async fn an_immutable_id_is_unique_and_case_sensitive() {
    let tenant = Tenant::new().await;
    let anchored = |alias: &str, id: &str| with(person(alias), "onPremisesImmutableId", json!(id));
    tenant.post("/users", anchored("mia", "q83vEg==")).await.id();
    let taken = tenant.post("/users", anchored("jo", "q83vEg==")).await;
    assert_eq!(taken.body["error"]["details"][0]["target"], "onPremisesImmutableId");
    tenant.post("/users", anchored("jo", "Q83vEg==")).await.id();
    for bad in ["a$b", "a_b"] {
        assert_eq!(tenant.post("/users", anchored("kim", bad)).await.status, 400);
    }
}

#[tokio::test]
async fn the_name_must_be_in_a_verified_domain() {
    let tenant = Tenant::new().await;
    let text = "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.";
    let fabrikam = with(person("mia"), "userPrincipalName", json!("mia@fabrikam.com"));
    assert_eq!(
        tenant.post("/users", fabrikam.clone()).await.refusal(),
        (400, "Request_BadRequest", text)
    );
    tenant.knob(reqwest::Method::PUT, "/domains/fabrikam.com", json!({})).await;
    assert_eq!(tenant.post("/users", fabrikam.clone()).await.status, 400);
    tenant.knob(reqwest::Method::PUT, "/domains/fabrikam.com", json!({ "verified": true })).await;
    assert_eq!(tenant.post("/users", fabrikam).await.status, 201);
}

#[tokio::test]
async fn a_federated_domain_asks_for_the_immutable_id() {
    let tenant = Tenant::new().await;
    let facts = json!({ "verified": true, "federated": true });
    tenant.knob(reqwest::Method::PUT, "/domains/fabrikam.com", facts).await;
    let federated = with(person("mia"), "userPrincipalName", json!("mia@fabrikam.com"));
    assert_eq!(tenant.post("/users", federated.clone()).await.status, 400);
    let anchored = with(federated, "onPremisesImmutableId", json!("q83vEg=="));
    assert_eq!(tenant.post("/users", anchored).await.status, 201);
}

#[tokio::test]
async fn a_weak_password_is_refused_and_a_good_one_never_comes_back() {
    let tenant = Tenant::new().await;
    let text = "The specified password does not comply with password complexity requirements. Please provide a different password.";
    for weak in ["Short1!", "alllowercase1", "P@ssw0rd1", "Grüße-Hafen48"] {
        let body = with(person("mia"), "passwordProfile", json!({ "password": weak }));
        assert_eq!(
            tenant.post("/users", body).await.refusal(),
            (400, "Request_BadRequest", text),
            "{weak}"
        );
    }
    let id = tenant.create("mia").await;
    let profile =
        &tenant.get(&format!("/users/{id}?$select=passwordProfile")).await.body["passwordProfile"];
    assert_eq!(*profile, json!({ "password": null, "forceChangePasswordNextSignIn": true }));
}

#[tokio::test]
async fn no_byte_of_a_password_is_kept() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    let profile = json!({ "passwordProfile": { "password": "Tarn+hafen48" } });
    assert_eq!(tenant.patch(&format!("/users/{id}"), profile).await.status, 204);
    drop(tenant.server.take());
    for entry in std::fs::read_dir(tenant.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for password in ["kV7-rtq!Lopsen", "Tarn+hafen48"] {
            assert!(!bytes.windows(password.len()).any(|window| window == password.as_bytes()));
        }
    }
}

#[tokio::test]
async fn read_only_unknown_and_ill_typed_properties_are_refused() {
    let tenant = Tenant::new().await;
    let refused = async |name: &str, value: Value| {
        tenant.post("/users", with(person("mia"), name, value)).await
    };
    assert_eq!(
        refused("proxyAddresses", json!(["SMTP:mia@contoso.com"])).await.refusal(),
        (400, "Request_BadRequest", "Property 'proxyAddresses' is read-only and cannot be set.")
    );
    assert_eq!(refused("nickname", json!("mia")).await.status, 400);
    assert_eq!(refused("accountEnabled", json!("true")).await.status, 400);
    assert_eq!(refused("employeeHireDate", json!("2026-05-04T00:00:00Z")).await.status, 403);
    assert_eq!(
        refused("userPrincipalName", json!("mía@contoso.com")).await.refusal(),
        (400, "Request_BadRequest", "Property userPrincipalName is invalid.")
    );
    assert_eq!(
        refused("mailNickname", json!("mia berg")).await.refusal(),
        (
            400,
            "Request_BadRequest",
            "Invalid value specified for property 'mailNickname' of resource 'User'."
        )
    );
    assert_eq!(tenant.summary().await["users"], 1);
}

#[tokio::test]
async fn property_names_are_matched_without_regard_to_case() {
    let tenant = Tenant::new().await;
    let mut body = person("mia");
    let nickname = body.as_object_mut().unwrap().remove("mailNickname").unwrap();
    let answer = tenant.post("/Users", with(body, "mailNickName", nickname)).await;
    let read = tenant.get(&format!("/users/{}?$select=MailNickName", answer.id())).await;
    assert_eq!(read.body["mailNickname"], "mia");
}
