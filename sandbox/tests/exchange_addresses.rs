//! Addresses: one space for all, on both sides of the tenant.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod exchange;
mod tenant;

use exchange::{Exchange, edits};
use reqwest::Method;
use serde_json::{Value, json};
use tenant::{person, with};

fn set(identity: &str, addresses: Value) -> Value {
    json!({ "Identity": identity, "EmailAddresses": addresses })
}

fn add(identity: &str, address: &str) -> Value {
    set(identity, edits(&[&format!("smtp:{address}")], &[]))
}

async fn smtp(exchange: &Exchange, identity: &str) -> Vec<String> {
    let mailbox = exchange.one("Get-Recipient", identity).await;
    let all = mailbox["EmailAddresses"].as_array().unwrap();
    let texts = all.iter().map(|each| each.as_str().unwrap().to_owned());
    texts.filter(|each| each.to_lowercase().starts_with("smtp:")).collect()
}

#[tokio::test]
async fn aliases_are_added_and_removed_and_other_kinds_stay() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.done("Set-Mailbox", add("mia", "berg@contoso.com")).await;
    assert_eq!(
        smtp(&exchange, "mia").await,
        ["SMTP:mia@contoso.com", "smtp:mia@contoso.onmicrosoft.com", "smtp:berg@contoso.com"]
    );
    exchange.done("Set-Mailbox", set("mia", edits(&[], &["smtp:BERG@contoso.com"]))).await;
    assert_eq!(smtp(&exchange, "mia").await.len(), 2);
    let all = exchange.one("Get-Mailbox", "mia").await["EmailAddresses"].to_string();
    assert!(all.contains("SIP:mia@contoso.com") && all.contains("SPO:SPO_"));
    let primary = set("mia", edits(&[], &["smtp:mia@contoso.com"]));
    assert_eq!(exchange.run("Set-Mailbox", primary).await.status, 400);
}

#[tokio::test]
async fn a_whole_list_replaces_everything_but_the_name_one_signs_in_with() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.done("Set-Mailbox", set("mia", json!(["SMTP:berg@contoso.com"]))).await;
    let mailbox = exchange.one("Get-Mailbox", "mia").await;
    assert_eq!(mailbox["EmailAddresses"], json!(["SMTP:berg@contoso.com", "smtp:mia@contoso.com"]));
    let two = json!(["SMTP:a@contoso.com", "SMTP:b@contoso.com"]);
    assert_eq!(exchange.run("Set-Mailbox", set("mia", two)).await.status, 400);
}

#[tokio::test]
async fn a_conflict_names_the_holder_whatever_it_is() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.person("jo").await;
    exchange.group("sales", "mia").await;
    let contact = json!({ "Name": "Ann", "ExternalEmailAddress": "ann@fabrikam.com" });
    exchange.done("New-MailContact", contact).await;
    for (address, holder) in
        [("SALES@contoso.com", "Group sales"), ("mia@contoso.com", "Person mia")]
    {
        let (status, class, text) = exchange.refused("Set-Mailbox", add("jo", address)).await;
        assert_eq!((status, class.as_str()), (409, "ProxyAddressExistsException"));
        assert!(text.contains(&format!("LegacyExchangeDN of \"{holder}\"")), "{text}");
    }
    let group = json!({ "Name": "Second", "Alias": "sales", "ManagedBy": ["mia"] });
    assert_eq!(
        exchange.refused("New-DistributionGroup", group).await.1,
        "ProxyAddressExistsException"
    );
    // Graph knows it as well.
    let taken = exchange.tenant.post("/users", person("sales")).await;
    assert_eq!(taken.body["error"]["details"][0]["target"], "proxyAddresses");
    exchange.tenant.create("tim").await;
    let (_, class, text) = exchange.refused("Set-Mailbox", add("jo", "tim@contoso.com")).await;
    assert_eq!(class, "UnableToWriteToAadException");
    assert!(text.contains("Another object with the same value for property proxyAddresses"));
}

#[tokio::test]
async fn an_address_that_was_given_up_is_held_for_a_while() {
    let exchange = Exchange::new().await;
    exchange.behave(json!({ "address_hold_seconds": 600 })).await;
    exchange.person("mia").await;
    exchange.person("jo").await;
    exchange.done("Set-Mailbox", add("mia", "info@contoso.com")).await;
    exchange.done("Set-Mailbox", set("mia", edits(&[], &["smtp:info@contoso.com"]))).await;
    assert_eq!(exchange.refused("Set-Mailbox", add("jo", "info@contoso.com")).await.0, 409);
    exchange.pass(601).await;
    exchange.done("Set-Mailbox", add("jo", "info@contoso.com")).await;
}

#[tokio::test]
async fn what_is_no_address_of_the_tenant_is_refused() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let (_, class, _) = exchange.refused("Set-Mailbox", add("mia", "mia@fabrikam.com")).await;
    assert_eq!(class, "NotAcceptedDomainException");
    for wrong in ["mia berg@contoso.com", "@contoso.com", ".x@contoso.com"] {
        let (status, _, text) = exchange.refused("Set-Mailbox", add("mia", wrong)).await;
        assert_eq!(status, 400);
        assert!(text.contains("not a valid SMTP address"), "{text}");
    }
    let many: Vec<String> = (0..332).map(|n| format!("smtp:a{n}@contoso.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let (_, class, text) = exchange.refused("Set-Mailbox", set("mia", edits(&many, &[]))).await;
    assert_eq!(class, "UnableToWriteToAadException");
    assert!(text.contains("maximum number of proxy addresses permitted is 333"));
}

#[tokio::test]
async fn a_new_sign_in_name_is_one_more_address_and_the_primary_one_stays() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let rename = json!({ "userPrincipalName": "mia.berg@contoso.com" });
    assert_eq!(exchange.tenant.patch(&format!("/users/{mia}"), rename).await.status, 204);
    let all =
        ["SMTP:mia@contoso.com", "smtp:mia@contoso.onmicrosoft.com", "smtp:mia.berg@contoso.com"];
    assert_eq!(smtp(&exchange, &mia).await, all);
    let user = exchange.tenant.get(&format!("/users/{mia}?$select=mail,proxyAddresses")).await;
    assert_eq!(
        (&user.body["mail"], &user.body["proxyAddresses"]),
        (&json!("mia@contoso.com"), &json!(all))
    );
    let remove = set(&mia, edits(&[], &["smtp:mia.berg@contoso.com"]));
    exchange.done("Set-Mailbox", remove).await;
    assert_eq!(smtp(&exchange, &mia).await, all, "it comes back");
    let jo = exchange.tenant.create("jo").await;
    let rename = json!({ "userPrincipalName": "jo.lee@contoso.com" });
    exchange.tenant.patch(&format!("/users/{jo}"), rename).await;
    let user = exchange.tenant.get(&format!("/users/{jo}?$select=proxyAddresses")).await;
    assert_eq!(user.body["proxyAddresses"], json!([]), "no mailbox, no address");
}

#[tokio::test]
async fn graph_shows_addresses_after_the_lag() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let lag = json!({ "lag": { "fixed_ms": 60_000 } });
    exchange.tenant.knob(Method::PUT, "/settings", lag).await;
    exchange
        .done("Set-Mailbox", json!({ "Identity": mia, "WindowsEmailAddress": "berg@contoso.com" }))
        .await;
    let user = async || {
        exchange.tenant.get(&format!("/users/{mia}?$select=mail,proxyAddresses")).await.body
    };
    assert_eq!(exchange.one("Get-Mailbox", &mia).await["PrimarySmtpAddress"], "berg@contoso.com");
    assert_eq!(user().await["mail"], "mia@contoso.com");
    exchange.pass(61).await;
    let user = user().await;
    assert_eq!(user["mail"], "berg@contoso.com");
    assert_eq!(
        user["proxyAddresses"],
        json!([
            "SMTP:berg@contoso.com",
            "smtp:mia@contoso.com",
            "smtp:mia@contoso.onmicrosoft.com"
        ])
    );
}

#[tokio::test]
async fn the_owner_of_an_address_is_found_by_a_filter_and_nobody_is_an_empty_list() {
    let exchange = Exchange::new().await;
    exchange.tenant.post("/users", with(person("mia"), "displayName", json!("Mia O'Neil"))).await;
    exchange.person("jo").await;
    exchange.group("sales", "jo").await;
    let by = |filter: &str| json!({ "Filter": filter, "ResultSize": 5 });
    let found =
        exchange.done("Get-Recipient", by("EmailAddresses -eq 'smtp:SALES@contoso.com'")).await;
    assert_eq!(found[0]["RecipientTypeDetails"], "MailUniversalDistributionGroup");
    let found =
        exchange.done("Get-Recipient", by("EmailAddresses -eq 'smtp:no@contoso.com'")).await;
    assert!(found.is_empty());
    let found = exchange
        .done("Get-Recipient", by("DisplayName -eq 'Mia O''Neil' -and IsDirSynced -eq 'False'"))
        .await;
    assert!(found.is_empty(), "she has no mailbox");
    assert_eq!(exchange.run("Get-Recipient", by("Nonsense")).await.status, 400);
}
