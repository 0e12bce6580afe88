//! What becomes of the mailbox of somebody who leaves: shared, forwarded, answered, opened, hidden, and
//! all of it undone; and no licence goes before the mailbox is seen to be shared.

use serde_json::{Value, json};

use crate::person::{BASIC, office_of, online, seats_used};
use crate::story::{Shell, Tenant};

const LEAVES: &str = "account(\"tim\").forward_to(\"eva\").set_auto_reply(\"Tim has left.\")\
                      .grant_access(\"eva\").hide_from_address_list().convert_to_shared()";

const COMES_BACK: &str = "account(\"tim\").stop_forwarding().end_auto_reply().revoke_access(\"eva\")\
                          .show_in_address_list().convert_to_regular()";

fn mailbox(tenant: &Tenant, name: &str) -> Value {
    let found = tenant.exchange("Get-Mailbox", &json!({ "Identity": name }));
    found.into_iter().next().unwrap()
}

fn reply(tenant: &Tenant) -> Value {
    let cmdlet = "Get-MailboxAutoReplyConfiguration";
    tenant.exchange(cmdlet, &json!({ "Identity": "tim@contoso.com" })).remove(0)
}

fn may_open(tenant: &Tenant) -> String {
    let all = tenant.exchange("Get-MailboxPermission", &json!({ "Identity": "tim@contoso.com" }));
    Value::Array(all).to_string()
}

/// A fault on the next commands of that name.
fn refuses(tenant: &Tenant, cmdlet: &str) {
    let path = format!("/exchange/adminapi/beta/*/InvokeCommand/{cmdlet}");
    tenant.knob("POST", "faults", Some(json!({ "kind": "refused", "path": path, "times": 100 })));
}

#[test]
fn a_mailbox_is_shared_forwarded_answered_opened_and_hidden_and_all_of_it_is_undone() {
    let (tenant, shell) = office_of(&["tim", "eva"]);
    shell
        .acctsh(&["-c", LEAVES, "--what-if"])
        .exits(0)
        .prints("mailbox: a person's → shared")
        .prints("forwarded to: nobody → eva, with a copy here")
        .prints("automatic reply: off → on")
        .prints("access: + eva@contoso.com")
        .prints("hidden: no → yes");
    let before = mailbox(&tenant, "tim");
    shell.does(LEAVES);
    let tims = mailbox(&tenant, "tim");
    assert_eq!(tims["RecipientTypeDetails"], "SharedMailbox");
    assert_eq!(
        (&tims["ForwardingAddress"], &tims["DeliverToMailboxAndForward"]),
        (&json!("eva"), &json!(true))
    );
    assert_eq!(tims["HiddenFromAddressListsEnabled"], true);
    assert_eq!(
        (&reply(&tenant)["AutoReplyState"], &reply(&tenant)["ExternalMessage"]),
        (&json!("Enabled"), &json!("Tim has left."))
    );
    assert!(may_open(&tenant).contains("eva@contoso.com"));
    assert_eq!(shell.value("account(\"tim\").mailbox"), "shared");

    shell.does(LEAVES).says("5 people complete already");

    shell.does(COMES_BACK);
    let now = mailbox(&tenant, "tim");
    for property in ["RecipientTypeDetails", "ForwardingAddress", "HiddenFromAddressListsEnabled"] {
        assert_eq!(now[property], before[property], "{property}");
    }
    assert_eq!(reply(&tenant)["AutoReplyState"], "Disabled");
    assert!(!may_open(&tenant).contains("eva@contoso.com"));
}

#[test]
fn licences_are_freed_only_after_the_mailbox_is_seen_to_be_shared() {
    let (tenant, shell) = office_of(&["tim", "eva"]);
    let job = ["run", "offboard", "--user", "tim", "--free-licenses", "--hand-over-to", "eva"];
    shell.acctsh(&[&job[..], &["--yes"]].concat()).exits(0).says("keeps its mailbox: it is shared");
    assert_eq!(seats_used(&tenant, BASIC), 1);
    let month = json!({ "advance_seconds": 31 * 24 * 3600 });
    tenant.knob("POST", "clock", Some(month));
    assert_eq!(mailbox(&tenant, "tim")["RecipientTypeDetails"], "SharedMailbox", "it is kept");
    assert_eq!(mailbox(&tenant, "tim")["ForwardingAddress"], "eva");
}

#[test]
fn a_mailbox_that_can_not_be_shared_keeps_its_licence() {
    let (tenant, shell) = office_of(&["tim"]);
    refuses(&tenant, "Set-Mailbox");
    let job = ["run", "offboard", "--user", "tim", "--free-licenses", "--yes"];
    let ran = shell.acctsh(&job);
    assert_ne!(ran.exit, 0, "{}", ran.err);
    assert_eq!(seats_used(&tenant, BASIC), 1, "the licence stays");
    assert_eq!(online(&tenant, "tim")["accountEnabled"], false, "the door is closed all the same");
}

#[test]
fn without_a_right_in_exchange_no_licence_is_freed_and_the_rest_goes() {
    let (tenant, shell) = office_of(&["tim"]);
    tenant.knob("PUT", "app", Some(json!({ "roles": ["User Administrator"] })));
    shell
        .acctsh(&["run", "offboard", "--user", "tim", "--free-licenses", "--yes"])
        .exits(6)
        .says("the app may not use Exchange")
        .says("acctsh doctor");
    assert_eq!(seats_used(&tenant, BASIC), 1);
    shell.acctsh(&["run", "offboard", "--user", "tim", "--yes"]).exits(0);
    assert_eq!(online(&tenant, "tim")["accountEnabled"], false);
}

#[test]
fn mail_outside_a_hold_and_mail_in_a_circle_are_spoken_of_before() {
    let (tenant, shell) = office_of(&["tim"]);
    shell
        .acctsh(&["-c", "account(\"tim\").forward_to(\"tim@fabrikam.com\")", "--what-if"])
        .exits(0)
        .says("tim@fabrikam.com is outside");
    shell
        .is_refused("account(\"tim\").forward_to(\"nobody@contoso.com\")", 2)
        .says("nobody here has the address nobody@contoso.com");
    shell.is_refused("account(\"tim\").forward_to(\"tim\")", 2).says("mail can't go on to itself");
    shell.does("account(\"tim\").set_licenses([\"ENTERPRISEPACK\"])");
    let held = json!({ "Identity": "tim@contoso.com", "LitigationHoldEnabled": true });
    tenant.exchange("Set-Mailbox", &held);
    shell
        .acctsh(&["-c", "account(\"tim\").convert_to_shared()", "--what-if"])
        .exits(0)
        .says("its mailbox is on hold");
}

#[test]
fn who_takes_a_shared_or_forwarded_mailbox_along_is_told_so() {
    let (_tenant, shell) = office_of(&["tim", "eva"]);
    shell.does(LEAVES);
    shell
        .acctsh(&["-c", "account(\"tim\").delete()", "--what-if"])
        .exits(0)
        .says("its mailbox is shared: whoever works in it loses it too")
        .says("its mail is forwarded to eva: that ends");
}

#[test]
fn groups_are_left_and_those_that_nobody_else_owns_are_named_or_handed_on() {
    let (tenant, shell) = office_of(&["tim", "eva", "kim"]);
    for (name, owner) in [("Sales", "tim"), ("Board", "kim")] {
        shell.does(&format!(
            "create_group(#{{ name: \"{name}\", owners: [\"{owner}\"], members: [\"tim\", \"eva\"] }})"
        ));
    }
    let job = ["run", "offboard", "--user", "tim", "--leave-groups"];
    shell
        .acctsh(&[&job[..], &["--what-if"]].concat())
        .exits(0)
        .says("tim alone owns the group Sales")
        .prints("groups: − Sales, Board");
    shell.acctsh(&[&job[..], &["--hand-over-to", "eva", "--yes"]].concat()).exits(0);
    assert_eq!(shell.value("group(\"Sales\").members.map(|it| it.user_name)"), json!(["eva"]));
    assert_eq!(shell.value("group(\"Sales\").owners.map(|it| it.user_name)"), json!(["eva"]));
    assert_eq!(shell.value("account(\"tim\").groups"), json!([]));
    drop(tenant);
}

#[test]
fn aliases_go_to_whoever_takes_over() {
    let (tenant, shell) = office_of(&["tim", "eva"]);
    tenant.knob("PUT", "exchange", Some(json!({ "address_hold_seconds": 0 })));
    shell.does("account(\"tim\").add_alias(\"info\")");
    let job = ["run", "offboard", "--user", "tim", "--hand-over-to", "eva", "--yes"];
    shell.acctsh(&job).exits(0).says("info@contoso.com moves from somebody else");
    assert!(
        mailbox(&tenant, "eva")["EmailAddresses"].to_string().contains("smtp:info@contoso.com")
    );
    assert!(!mailbox(&tenant, "tim")["EmailAddresses"].to_string().contains("info@contoso.com"));
}

fn without_exchange() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["tim"]);
    for product in [
        "O365_BUSINESS_ESSENTIALS",
        "O365_BUSINESS_PREMIUM",
        "SPB",
        "ENTERPRISEPACK",
        "EXCHANGESTANDARD",
    ] {
        tenant.knob("PUT", &format!("skus/{product}"), Some(json!({ "standing": "Suspended" })));
    }
    (tenant, shell)
}

#[test]
fn without_exchange_online_the_functions_say_so_and_the_rest_works() {
    let (_tenant, shell) = without_exchange();
    for code in ["account(\"tim\").add_alias(\"info\")", "create_group(#{ name: \"Sales\" })"] {
        shell.is_refused(code, 2).says("the tenant has no Exchange Online");
    }
    for code in ["groups()", "aliases()", "account(\"tim\").aliases"] {
        shell.acctsh(&["-c", code]).exits(2).says("the tenant has no Exchange Online");
    }
    assert_eq!(shell.value("account(\"tim\").mailbox"), "none");
    shell.does("account(\"tim\").rename(\"timothy\")");
    shell
        .acctsh(&[
            "run",
            "offboard",
            "--user",
            "timothy",
            "--free-licenses",
            "--leave-groups",
            "--yes",
        ])
        .exits(0);
}
