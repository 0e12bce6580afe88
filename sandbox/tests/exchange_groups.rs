//! Distribution groups: made, changed, filled, removed.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod exchange;
mod tenant;

use exchange::{Exchange, column, edits};
use serde_json::{Value, json};

fn on(group: &Value, parameters: Value) -> Value {
    let mut all = json!({ "Identity": group["Guid"], "BypassSecurityGroupManagerCheck": true });
    all.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    all
}

async fn members(exchange: &Exchange, group: &Value) -> Vec<String> {
    let all = json!({ "Identity": group["Guid"], "ResultSize": "Unlimited" });
    column(&exchange.done("Get-DistributionGroupMember", all).await, "PrimarySmtpAddress")
}

#[tokio::test]
async fn a_new_group_refuses_outsiders_unless_told() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let group = exchange.group("sales", "mia@contoso.com").await;
    assert_eq!(group["PrimarySmtpAddress"], "sales@contoso.com");
    assert_eq!(group["RequireSenderAuthenticationEnabled"], true);
    assert_eq!(
        (&group["MemberJoinRestriction"], &group["MemberDepartRestriction"]),
        (&json!("Closed"), &json!("Open"))
    );
    assert_eq!(group["ManagedBy"], json!([mia]));
    assert!(members(&exchange, &group).await.is_empty(), "an owner is no member");
    let open = on(&group, json!({ "RequireSenderAuthenticationEnabled": false }));
    exchange.done("Set-DistributionGroup", open).await;
    let group = exchange.one("Get-DistributionGroup", "sales").await;
    assert_eq!(group["RequireSenderAuthenticationEnabled"], false);
}

#[tokio::test]
async fn what_a_new_group_cannot_be_is_refused_with_its_reason() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.group("sales", "mia").await;
    for (changes, status, class) in [
        (json!({ "Name": "Group sales" }), 400, "ADObjectAlreadyExistsException"),
        (json!({ "Name": "x".repeat(65) }), 400, "DataValidationException"),
        (json!({ "Alias": "a b" }), 400, "DataValidationException"),
        (json!({ "PrimarySmtpAddress": "x@fabrikam.com" }), 400, "NotAcceptedDomainException"),
        (json!({ "ManagedBy": ["nobody@contoso.com"] }), 404, "ManagementObjectNotFoundException"),
        (json!({ "Members": ["nobody@contoso.com"] }), 404, "ManagementObjectNotFoundException"),
        (json!({ "ManagedBy": [] }), 400, ""),
        (
            json!({ "Type": "Security", "MemberJoinRestriction": "Open" }),
            400,
            "RecipientTaskException",
        ),
        (json!({ "HiddenFromAddressListsEnabled": true }), 400, ""),
    ] {
        let mut new = json!({ "Name": "New", "Alias": "new", "ManagedBy": ["mia"] });
        new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let refused = exchange.refused("New-DistributionGroup", new).await;
        assert_eq!((refused.0, refused.1.as_str()), (status, class), "{changes}");
    }
    assert_eq!(exchange.done("Get-DistributionGroup", json!({})).await.len(), 1);
}

#[tokio::test]
async fn members_come_and_go_one_by_one_and_twice_is_an_error() {
    let exchange = Exchange::new().await;
    for alias in ["mia", "jo", "eva"] {
        exchange.person(alias).await;
    }
    let group = exchange.group("sales", "mia").await;
    let board = exchange.group("board", "mia").await;
    for member in ["mia", "board@contoso.com"] {
        exchange.done("Add-DistributionGroupMember", on(&group, json!({ "Member": member }))).await;
    }
    let again = on(&group, json!({ "Member": "mia" }));
    assert_eq!(
        exchange.refused("Add-DistributionGroupMember", again).await.1,
        "MemberAlreadyExistsException"
    );
    let stranger = on(&group, json!({ "Member": "jo", "Confirm": false }));
    assert_eq!(
        exchange.refused("Remove-DistributionGroupMember", stranger).await.1,
        "MemberNotFoundException"
    );
    exchange.tenant.create("tim").await;
    let without = on(&group, json!({ "Member": "tim@contoso.com" }));
    assert_eq!(exchange.refused("Add-DistributionGroupMember", without).await.0, 404);
    assert_eq!(members(&exchange, &group).await, ["mia@contoso.com", "board@contoso.com"]);

    let mia = exchange.one("Get-Mailbox", "mia").await["DistinguishedName"].clone();
    let filter = format!("Members -eq '{}'", mia.as_str().unwrap());
    let of_mia = exchange.done("Get-Recipient", json!({ "Filter": filter })).await;
    assert_eq!(column(&of_mia, "Alias"), ["sales"]);

    let all = on(&group, json!({ "Members": ["jo", "eva"] }));
    exchange.done("Update-DistributionGroupMember", all).await;
    assert_eq!(members(&exchange, &group).await, ["jo@contoso.com", "eva@contoso.com"]);
    let emptied = on(&group, json!({ "Members": edits(&["mia"], &[]) }));
    exchange.done("Update-DistributionGroupMember", emptied).await;
    assert!(members(&exchange, &group).await.is_empty());
    exchange.done("Remove-DistributionGroup", on(&board, json!({}))).await;
}

#[tokio::test]
async fn whoever_is_no_owner_has_to_say_so() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let group = exchange.group("sales", "mia").await;
    let set = json!({ "Identity": group["Guid"], "DisplayName": "Sales" });
    let (status, _, text) = exchange.refused("Set-DistributionGroup", set).await;
    assert_eq!(status, 400);
    assert!(text.contains("executing user is not in the current organization"));
}

#[tokio::test]
async fn the_last_owner_stays() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let jo = exchange.person("jo").await;
    let group = exchange.group("sales", "mia").await;
    let swap =
        |add: &[&str], remove: &[&str]| on(&group, json!({ "ManagedBy": edits(add, remove) }));
    assert_eq!(exchange.refused("Set-DistributionGroup", swap(&[], &[&mia])).await.0, 400);
    exchange.done("Set-DistributionGroup", swap(&[&jo], &[&mia])).await;
    assert_eq!(exchange.one("Get-DistributionGroup", "sales").await["ManagedBy"], json!([jo]));
    let owned = exchange.done("Get-DistributionGroup", json!({ "ManagedBy": "jo" })).await;
    assert_eq!(column(&owned, "Alias"), ["sales"]);
}

#[tokio::test]
async fn a_groups_primary_address_moves_and_the_old_one_stays() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    let group = exchange.group("sales", "mia").await;
    let primary = on(&group, json!({ "PrimarySmtpAddress": "emea@contoso.com" }));
    exchange.done("Set-DistributionGroup", primary).await;
    let group = exchange.one("Get-DistributionGroup", "sales").await;
    assert_eq!(group["EmailAddresses"], json!(["SMTP:emea@contoso.com", "smtp:sales@contoso.com"]));
}

#[tokio::test]
async fn a_name_that_two_go_by_is_ambiguous() {
    let exchange = Exchange::new().await;
    exchange.person("mia").await;
    exchange.person("sales").await;
    let other = json!({ "Name": "sales2", "Alias": "salesgroup", "ManagedBy": ["mia"] });
    let group = exchange.done("New-DistributionGroup", other).await.remove(0);
    // A mailbox's name may be that of a group.
    exchange
        .done("Set-Mailbox", json!({ "Identity": "sales@contoso.com", "Alias": "sales2" }))
        .await;
    let (status, _, text) =
        exchange.refused("Get-Recipient", json!({ "Identity": "sales2" })).await;
    assert_eq!(status, 500);
    assert!(text.contains("multiple recipients matching identity"));
    exchange.done("Remove-DistributionGroup", on(&group, json!({}))).await;
}
