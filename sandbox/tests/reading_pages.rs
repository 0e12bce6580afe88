//! Collections: pages, projections, filters, and what an advanced query asks for.

mod tenant;

use std::collections::HashSet;

use serde_json::json;
use tenant::{Tenant, person, with};

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let tenant = Tenant::new().await;
    for number in 0..24 {
        tenant.create(&format!("p{number:02}")).await;
    }
    let first = tenant.get_eventual("/users?$select=id,displayName&$top=10&$count=true").await;
    assert_eq!(first.body["@odata.count"], 25);
    let mut seen: HashSet<String> = HashSet::new();
    let mut sizes = Vec::new();
    let mut page = first;
    loop {
        let ids = page.column("id");
        sizes.push(ids.len());
        assert!(ids.into_iter().all(|id| seen.insert(id.to_owned())));
        let Some(next) = page.body["@odata.nextLink"].as_str() else { break };
        assert!(next.starts_with(&format!("{}/v1.0/users?$select=id,displayName&", tenant.base)));
        let next = next.to_owned();
        page = tenant.get_eventual(&next).await;
        assert!(page.body.get("@odata.count").is_none());
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(seen.len(), 25);
}

#[tokio::test]
async fn a_page_has_a_hundred_users_and_at_most_999() {
    let tenant = Tenant::new().await;
    for number in 0..100 {
        tenant.create(&format!("p{number:03}")).await;
    }
    let page = tenant.get("/users").await;
    assert_eq!(page.body["value"].as_array().unwrap().len(), 100);
    assert!(page.body["@odata.nextLink"].is_string());
    assert_eq!(tenant.get("/users?$top=999").await.body["value"].as_array().unwrap().len(), 101);
    for bad in ["0", "1000", "ten", "-1"] {
        assert_eq!(tenant.get(&format!("/users?$top={bad}")).await.status, 400, "{bad}");
    }
    assert_eq!(tenant.get("/users?$skiptoken=made-up").await.status, 400);
}

#[tokio::test]
async fn what_is_not_selected_is_absent_and_what_is_unset_is_null() {
    let tenant = Tenant::new().await;
    let user = tenant.get("/users?$select=userPrincipalName,department,assignedLicenses").await;
    assert_eq!(
        user.body["value"][0],
        json!({
            "userPrincipalName": "admin@contoso.onmicrosoft.com",
            "department": null,
            "assignedLicenses": [],
        })
    );
    assert!(
        user.body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("#users(userPrincipalName,department,assignedLicenses)")
    );
    assert!(tenant.get("/users").await.body["value"][0].get("accountEnabled").is_none());
    assert_eq!(tenant.get("/users?$select=id,nickname").await.refusal().1, "BadRequest");
    assert_eq!(tenant.get("/users?$select=aboutMe").await.refusal().1, "NotImplemented");
    let one = tenant.get("/users/admin@contoso.onmicrosoft.com?$select=aboutMe").await;
    assert_eq!((one.status, &one.body["aboutMe"]), (200, &json!(null)));
}

#[tokio::test]
async fn filters_find_by_indexed_properties_without_an_advanced_query() {
    let tenant = Tenant::new().await;
    let mia = with(with(person("mia"), "employeeId", json!("7")), "accountEnabled", json!(false));
    tenant.post("/users", with(mia, "onPremisesImmutableId", json!("q83vEg=="))).await.id();
    tenant
        .post(
            "/users",
            with(
                with(person("oneil"), "userPrincipalName", json!("o'neil@contoso.com")),
                "department",
                json!("Finance"),
            ),
        )
        .await
        .id();
    for (filter, expected) in [
        ("userPrincipalName eq 'MIA@contoso.com'", vec!["mia@contoso.com"]),
        ("userPrincipalName eq 'o''neil@contoso.com'", vec!["o'neil@contoso.com"]),
        ("employeeId in ('7','8')", vec!["mia@contoso.com"]),
        ("onPremisesImmutableId eq 'q83vEg=='", vec!["mia@contoso.com"]),
        ("accountEnabled eq false", vec!["mia@contoso.com"]),
        (
            "startsWith(displayName,'person') and department eq 'finance'",
            vec!["o'neil@contoso.com"],
        ),
        (
            "department eq 'Finance' or employeeId eq '7'",
            vec!["mia@contoso.com", "o'neil@contoso.com"],
        ),
        (
            "(department eq null) and usageLocation eq 'DE' and mailNickname eq 'admin'",
            vec!["admin@contoso.onmicrosoft.com"],
        ),
    ] {
        let request = tenant.request(reqwest::Method::GET, "/users").query(&[("$filter", filter)]);
        let answer = tenant::Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
        assert_eq!(answer.column("userPrincipalName"), expected, "{filter}");
    }
}

#[tokio::test]
async fn an_advanced_query_needs_its_header_and_its_count() {
    let tenant = Tenant::new().await;
    tenant.create("mia").await;
    assert_eq!(
        tenant.get("/users/$count").await.refusal(),
        (400, "Request_BadRequest", "$count is not currently supported.")
    );
    let count = tenant.get_eventual("/users/$count").await;
    assert_eq!((count.header("content-type"), &count.body), ("text/plain", &json!(2)));
    let ignored = tenant.get("/users?$count=true").await;
    assert_eq!(ignored.status, 200);
    assert!(ignored.body.get("@odata.count").is_none());
    for filter in [
        "endsWith(mail,'@contoso.com')",
        "accountEnabled ne true",
        "not(accountEnabled eq true)",
        "assignedLicenses/$count eq 0",
    ] {
        let path = format!("/users?$filter={filter}");
        assert_eq!(tenant.get(&path).await.refusal().1, "Request_UnsupportedQuery", "{filter}");
        assert_eq!(tenant.get_eventual(&path).await.refusal().1, "Request_UnsupportedQuery");
        let answer = tenant.get_eventual(&format!("{path}&$count=true")).await;
        assert_eq!(answer.status, 200, "{filter}: {}", answer.body);
    }
    let search = "/users?$search=\"displayName:mia\"";
    let refused = tenant.get(search).await;
    assert_eq!(refused.refusal().1, "Request_UnsupportedQuery");
    assert!(refused.refusal().2.contains("ConsistencyLevel: eventual"));
    assert_eq!(tenant.get_eventual(search).await.column("userPrincipalName"), ["mia@contoso.com"]);
}

#[tokio::test]
async fn users_are_sorted_by_name_across_pages() {
    let tenant = Tenant::new().await;
    for alias in ["cid", "ann", "bob"] {
        tenant.post("/users", with(person(alias), "displayName", json!(alias))).await.id();
    }
    let page = tenant.get("/users?$orderby=displayName desc&$top=2").await;
    assert_eq!(page.column("displayName"), ["cid", "bob"]);
    let next = tenant.get(page.body["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(next.column("displayName"), ["ann", "Administrator"]);
    assert_eq!(tenant.get("/users?$orderby=city").await.refusal().1, "Request_UnsupportedQuery");
    let both = "/users?$orderby=displayName&$filter=startsWith(displayName,'b')";
    assert_eq!(tenant.get(both).await.refusal().1, "Request_UnsupportedQuery");
    let answer = tenant.get_eventual(&format!("{both}&$count=true")).await;
    assert_eq!(answer.column("displayName"), ["bob"]);
}

#[tokio::test]
async fn links_say_https_where_tls_ends_in_front_of_the_sandbox() {
    let tenant = Tenant::new().await;
    tenant.create("mia").await;
    let request = tenant
        .request(reqwest::Method::GET, "/users?$top=1")
        .header("Host", "graph.microsoft.com")
        .header("X-Forwarded-Proto", "https");
    let page = tenant::Answer::of(request.send().await.unwrap()).await;
    let next = page.body["@odata.nextLink"].as_str().unwrap();
    assert!(next.starts_with("https://graph.microsoft.com/v1.0/users?"), "{next}");
    let context = page.body["@odata.context"].as_str().unwrap();
    assert!(context.starts_with("https://graph.microsoft.com/v1.0/$metadata#users"), "{context}");
}
