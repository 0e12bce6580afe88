//! Mailboxes: when they come and go, and what can be set on them.

#![allow(clippy::unwrap_used, reason = "a story ends where it can't go on")]

mod exchange;
mod tenant;

use exchange::{Exchange, column};
use reqwest::Method;
use serde_json::{Value, json};
use tenant::{E3, EXCHANGE, EXCHANGE_PLAN, license};

async fn status(exchange: &Exchange, id: &str) -> u16 {
    exchange.run("Get-Mailbox", json!({ "Identity": id })).await.status
}

#[tokio::test]
async fn a_mailbox_comes_some_time_after_the_license() {
    let exchange = Exchange::new().await;
    exchange.behave(json!({ "mailbox_delay_seconds": 900 })).await;
    let mia = exchange.person("mia").await;
    assert_eq!(status(&exchange, &mia).await, 404);
    let hide = json!({ "Identity": mia, "HiddenFromAddressListsEnabled": true });
    let (_, class, _) = exchange.refused("Set-Mailbox", hide).await;
    assert_eq!(class, "ManagementObjectNotFoundException");
    exchange.pass(890).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    exchange.pass(10).await;
    let mailbox = exchange.one("Get-Mailbox", &mia).await;
    assert_eq!(mailbox["RecipientTypeDetails"], "UserMailbox");
    assert_eq!(mailbox["UserPrincipalName"], "mia@contoso.com");
    assert_eq!(mailbox["ExternalDirectoryObjectId"], json!(mia));
}

#[tokio::test]
async fn the_delay_is_told_at_the_start_and_the_administrator_can_own_a_group_before() {
    let delay = std::time::Duration::from_secs(900);
    let exchange = Exchange::with(|options| options.mailbox_delay = Some(delay)).await;
    let mia = exchange.person("mia").await;
    assert_eq!(status(&exchange, &mia).await, 404);
    let group = exchange.group("sales", "admin@contoso.onmicrosoft.com").await;
    assert_eq!(group["ManagedBy"].as_array().unwrap().len(), 1);
    exchange.pass(900).await;
    assert_eq!(status(&exchange, &mia).await, 200);
}

#[tokio::test]
async fn a_license_whose_exchange_service_is_off_brings_no_mailbox() {
    let exchange = Exchange::new().await;
    let mia = exchange.tenant.create("mia").await;
    exchange.tenant.assign(&mia, license(EXCHANGE, &[EXCHANGE_PLAN]), json!([])).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    exchange.tenant.assign(&mia, license(EXCHANGE, &[]), json!([])).await;
    assert_eq!(status(&exchange, &mia).await, 200);
}

#[tokio::test]
async fn without_license_a_mailbox_is_cut_off_and_gone_after_thirty_days() {
    let mut exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let hide = json!({ "Identity": mia, "HiddenFromAddressListsEnabled": true });
    exchange.done("Set-Mailbox", hide).await;
    exchange.tenant.assign(&mia, json!([]), json!([EXCHANGE])).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    exchange.pass_days(29).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    exchange.tenant.assign(&mia, license(EXCHANGE, &[]), json!([])).await;
    let back = exchange.one("Get-Mailbox", &mia).await;
    assert_eq!(back["HiddenFromAddressListsEnabled"], true, "as it was");

    exchange.tenant.assign(&mia, json!([]), json!([EXCHANGE])).await;
    exchange.pass_days(31).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    exchange.tenant.assign(&mia, license(EXCHANGE, &[]), json!([])).await;
    let new = exchange.one("Get-Mailbox", &mia).await;
    assert_eq!(new["HiddenFromAddressListsEnabled"], false, "a new one");
}

#[tokio::test]
async fn a_shared_or_a_held_mailbox_needs_no_license_to_stay() {
    let mut exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let jo = exchange.tenant.create("jo").await;
    exchange.tenant.assign(&jo, license(E3, &[]), json!([])).await;
    exchange.done("Set-Mailbox", json!({ "Identity": mia, "Type": "Shared" })).await;
    exchange.done("Set-Mailbox", json!({ "Identity": jo, "LitigationHoldEnabled": true })).await;
    exchange.tenant.assign(&mia, json!([]), json!([EXCHANGE])).await;
    exchange.tenant.assign(&jo, json!([]), json!([E3])).await;
    exchange.pass_days(60).await;
    let kinds = column(&exchange.done("Get-Mailbox", json!({})).await, "RecipientTypeDetails");
    assert_eq!(
        kinds,
        ["SharedMailbox", "SharedMailbox", "UserMailbox"],
        "the first is the administrator's"
    );
    exchange.done("Set-Mailbox", json!({ "Identity": mia, "Type": "Regular" })).await;
    assert_eq!(status(&exchange, &mia).await, 404);
}

#[tokio::test]
async fn a_mailbox_goes_and_comes_back_with_its_user() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    exchange.person("jo").await;
    let group = exchange.group("sales", "jo").await["Guid"].clone();
    let add = json!({ "Identity": group, "Member": mia, "BypassSecurityGroupManagerCheck": true });
    exchange.done("Add-DistributionGroupMember", add).await;
    exchange.tenant.delete(&format!("/users/{mia}")).await;
    assert_eq!(status(&exchange, &mia).await, 404);
    let addresses = json!({ "Identity": "jo", "WindowsEmailAddress": "mia@contoso.com" });
    let (_, _, text) = exchange.refused("Set-Mailbox", addresses).await;
    assert_eq!(text, "ExternalDirectoryObjectId was not returned.");
    let path = format!("/directory/deletedItems/{mia}/restore");
    assert_eq!(exchange.tenant.post(&path, json!({})).await.status, 200);
    assert_eq!(status(&exchange, &mia).await, 200);
    exchange.tenant.delete(&format!("/users/{mia}")).await;
    exchange.tenant.delete(&format!("/directory/deletedItems/{mia}")).await;
    let members = json!({ "Identity": group });
    assert_eq!(exchange.done("Get-DistributionGroupMember", members).await.len(), 0);
}

#[tokio::test]
async fn a_mailbox_forwards_replies_and_lets_others_in() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    exchange.person("jo").await;
    let forward = json!({ "Identity": mia, "ForwardingAddress": "jo@contoso.com", "ForwardingSmtpAddress": "x@fabrikam.com", "DeliverToMailboxAndForward": true });
    exchange.done("Set-Mailbox", forward).await;
    let mailbox = exchange.one("Get-Mailbox", &mia).await;
    assert_eq!(mailbox["ForwardingAddress"], "jo");
    assert_eq!(mailbox["ForwardingSmtpAddress"], "smtp:x@fabrikam.com");
    let stop = json!({ "Identity": mia, "ForwardingAddress": null, "ForwardingSmtpAddress": null, "DeliverToMailboxAndForward": false });
    exchange.done("Set-Mailbox", stop).await;
    let mailbox = exchange.one("Get-Mailbox", &mia).await;
    assert_eq!(
        (&mailbox["ForwardingAddress"], &mailbox["DeliverToMailboxAndForward"]),
        (&Value::Null, &json!(false))
    );
    let nobody = json!({ "Identity": mia, "ForwardingAddress": "x@fabrikam.com" });
    assert!(exchange.refused("Set-Mailbox", nobody).await.2.starts_with("Couldn't find object"));

    let reply = json!({ "Identity": mia, "AutoReplyState": "Enabled", "InternalMessage": "Gone", "ExternalAudience": "All" });
    exchange.done("Set-MailboxAutoReplyConfiguration", reply).await;
    let reply = exchange.one("Get-MailboxAutoReplyConfiguration", &mia).await;
    assert_eq!(
        (&reply["AutoReplyState"], &reply["InternalMessage"]),
        (&json!("Enabled"), &json!("Gone"))
    );

    let access =
        json!({ "Identity": mia, "User": "jo@contoso.com", "AccessRights": ["FullAccess"] });
    exchange.done("Add-MailboxPermission", access.clone()).await;
    let wanted = json!({ "Identity": mia, "User": "jo" });
    let found = exchange.done("Get-MailboxPermission", wanted.clone()).await;
    assert_eq!(found[0]["AccessRights"], json!(["FullAccess"]));
    exchange.done("Remove-MailboxPermission", access).await;
    assert!(exchange.done("Get-MailboxPermission", wanted).await.is_empty());
    let nobody = json!({ "Identity": "no", "User": "jo", "AccessRights": ["FullAccess"] });
    assert!(exchange.refused("Add-MailboxPermission", nobody).await.2.contains("doesn't exist"));
}

#[tokio::test]
async fn a_hold_needs_a_plan_that_has_it() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    let hold = json!({ "Identity": mia, "LitigationHoldEnabled": true });
    assert_eq!(exchange.run("Set-Mailbox", hold).await.status, 400);
}

#[tokio::test]
async fn a_synchronised_mailbox_changes_where_its_master_is() {
    let exchange = Exchange::new().await;
    let mia = exchange.person("mia").await;
    exchange
        .tenant
        .knob(Method::PUT, &format!("/users/{mia}"), json!({ "synchronized": true }))
        .await;
    let primary = json!({ "Identity": mia, "WindowsEmailAddress": "berg@contoso.com" });
    let (_, _, text) = exchange.refused("Set-Mailbox", primary.clone()).await;
    assert!(text.contains("out of the current user's write scope"));
    exchange.done("Set-Mailbox", json!({ "Identity": mia, "Type": "Shared" })).await;
    exchange.done("Set-Mailbox", json!({ "Identity": mia, "IsExchangeCloudManaged": true })).await;
    exchange.done("Set-Mailbox", primary).await;
}
