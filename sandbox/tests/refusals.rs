//! What every answer carries, and how the unknown is refused.

mod tenant;

use reqwest::Method;
use serde_json::json;
use tenant::{Answer, Tenant};

#[tokio::test]
async fn a_refusal_carries_its_request_id_and_the_clients() {
    let tenant = Tenant::new().await;
    let id = "6b8a2d2e-0d1d-4f7e-b3b0-7a64d1a3c001";
    let request =
        tenant.request(Method::GET, "/users/nobody@contoso.com").header("client-request-id", id);
    let answer = Answer::of(request.send().await.unwrap()).await;
    assert_eq!(answer.status, 404);
    let inner = &answer.body["error"]["innerError"];
    assert_eq!(inner["client-request-id"], id);
    assert_eq!(answer.header("client-request-id"), id);
    assert_eq!(inner["request-id"], answer.header("request-id"));
    assert!(!inner["date"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn an_answer_has_the_services_content_type_and_version() {
    let tenant = Tenant::new().await;
    let answer = tenant.get("/organization").await;
    assert!(answer.header("content-type").starts_with("application/json;odata.metadata=minimal;"));
    assert_eq!(answer.header("odata-version"), "4.0");
    assert_eq!(answer.body["value"][0]["displayName"], "Contoso");
    let domains = answer.body["value"][0]["verifiedDomains"].as_array().unwrap();
    assert_eq!(
        (&domains[1]["name"], &domains[1]["isDefault"]),
        (&json!("contoso.com"), &json!(true))
    );
}

#[tokio::test]
async fn unknown_paths_options_and_methods_are_refused() {
    let tenant = Tenant::new().await;
    assert_eq!(
        tenant.get("/people").await.refusal(),
        (400, "BadRequest", "Resource not found for the segment 'people'.")
    );
    for path in
        ["/users?$skip=5", "/users?color=red", "/users?$select=id&$select=mail", "/domains?$top=1"]
    {
        assert_eq!(tenant.get(path).await.status, 400, "{path}");
    }
    let answer = tenant.delete("/users").await;
    assert_eq!(
        answer.refusal(),
        (405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
    );
    let beta = tenant.get(&format!("{}/beta/users", tenant.base)).await;
    assert_eq!(beta.status, 400);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let tenant = Tenant::new().await;
    let plain = tenant.request(Method::POST, "/users").body("{}");
    assert_eq!(Answer::of(plain.send().await.unwrap()).await.status, 400);
    let broken = tenant
        .request(Method::POST, "/users")
        .header("Content-Type", "application/json")
        .body("{\"displayName\": ");
    assert_eq!(Answer::of(broken.send().await.unwrap()).await.status, 400);
}

#[tokio::test]
async fn the_administrator_is_found_by_role() {
    let tenant = Tenant::new().await;
    let roles = tenant.get("/directoryRoles?$select=id,roleTemplateId").await;
    assert_eq!(
        roles.column("roleTemplateId"),
        [
            "29232cdf-9323-42fd-ade2-1d097af3e4de",
            "62e90394-69f5-4237-9190-012177145e10",
            "fe930be7-5e62-47db-91af-98c3a49a38b1"
        ]
    );
    let id = roles.column("id")[1].to_owned();
    let members = tenant.get(&format!("/directoryRoles/{id}/members")).await;
    assert_eq!(members.column("@odata.type"), ["#microsoft.graph.user"]);
    assert_eq!(members.column("userPrincipalName"), ["admin@contoso.onmicrosoft.com"]);
}
