//! A user's end: soft first, restorable, then for good.

mod tenant;

use reqwest::Method;
use serde_json::json;
use tenant::{BASIC, Tenant, license};

#[tokio::test]
async fn a_deleted_user_is_gone_from_users_and_found_among_the_deleted() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    assert_eq!(tenant.delete(&format!("/users/{id}")).await.status, 204);
    for name in [id.as_str(), "mia@contoso.com"] {
        let answer = tenant.get(&format!("/users/{name}")).await;
        let text = format!(
            "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        );
        assert_eq!(answer.refusal(), (404, "Request_ResourceNotFound", text.as_str()));
    }
    let parked = format!("{}mia@contoso.com", id.replace('-', ""));
    let list = tenant.get("/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime").await;
    assert_eq!(list.column("userPrincipalName"), [parked.as_str()]);
    assert!(list.body["value"][0]["deletedDateTime"].is_string());
    let one = tenant.get(&format!("/directory/deletedItems/{id}")).await;
    assert_eq!(one.body["@odata.type"], "#microsoft.graph.user");
    assert_eq!(tenant.get("/directory/deletedItems").await.status, 400);
    tenant.create("mia").await;
}

#[tokio::test]
async fn a_restored_user_has_name_licenses_and_addresses_back() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.assign(&id, license(BASIC, &[]), json!([])).await;
    tenant.delete(&format!("/users/{id}")).await;
    let answer = tenant.post(&format!("/directory/deletedItems/{id}/restore"), json!({})).await;
    assert_eq!(
        (answer.status, &answer.body["userPrincipalName"]),
        (200, &json!("mia@contoso.com"))
    );
    let user = tenant
        .get(&format!("/users/{id}?$select=assignedLicenses,mail,deletedDateTime"))
        .await
        .body;
    assert_eq!(user["assignedLicenses"][0]["skuId"], BASIC);
    assert_eq!(
        (&user["mail"], &user["deletedDateTime"]),
        (&json!("mia@contoso.com"), &json!(null))
    );
    assert_eq!(tenant.summary().await["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 1);
}

#[tokio::test]
async fn a_restore_settles_a_taken_name_and_taken_addresses_only_when_told_how() {
    let tenant = Tenant::new().await;
    let old = tenant.create("mia").await;
    tenant.assign(&old, license(BASIC, &[]), json!([])).await;
    tenant.delete(&format!("/users/{old}")).await;
    let new = tenant.create("mia").await;
    tenant.assign(&new, license(BASIC, &[]), json!([])).await;
    let path = format!("/directory/deletedItems/{old}/restore");
    let target = async |body| {
        let answer = tenant.post(&path, body).await;
        assert_eq!(answer.refusal().0, 400, "{}", answer.body);
        answer.body["error"]["details"][0]["target"].as_str().unwrap().to_owned()
    };
    assert_eq!(target(json!({})).await, "userPrincipalName");
    let renamed = json!({ "newUserPrincipalName": "mia2@contoso.com" });
    assert_eq!(target(renamed).await, "proxyAddresses");
    let both =
        json!({ "newUserPrincipalName": "mia2@contoso.com", "autoReconcileProxyConflict": true });
    assert_eq!(tenant.post(&path, both).await.status, 200);
    let user = tenant.get("/users/mia2@contoso.com?$select=proxyAddresses").await;
    assert_eq!(user.body["proxyAddresses"], json!([]));
}

#[tokio::test]
async fn a_purge_is_for_good_and_frees_the_seat() {
    let tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.assign(&id, license(BASIC, &[]), json!([])).await;
    tenant.delete(&format!("/users/{id}")).await;
    assert_eq!(tenant.delete(&format!("/directory/deletedItems/{id}")).await.status, 204);
    assert_eq!(tenant.delete(&format!("/directory/deletedItems/{id}")).await.status, 404);
    let summary = tenant.summary().await;
    assert_eq!((&summary["users"], &summary["deleted"]), (&json!(1), &json!(0)));
    assert_eq!(summary["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 0);
}

#[tokio::test]
async fn after_thirty_days_of_the_tenants_clock_nothing_is_left() {
    let mut tenant = Tenant::new().await;
    let id = tenant.create("mia").await;
    tenant.delete(&format!("/users/{id}")).await;
    let days = |days: u32| json!({ "advance_seconds": days * 86_400 });
    tenant.knob(Method::POST, "/clock", days(29)).await;
    tenant.sign_in().await;
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).await.status, 200);
    tenant.knob(Method::POST, "/clock", days(2)).await;
    tenant.sign_in().await;
    assert_eq!(tenant.get(&format!("/directory/deletedItems/{id}")).await.status, 404);
    assert_eq!(tenant.summary().await["deleted"], 0);
}
