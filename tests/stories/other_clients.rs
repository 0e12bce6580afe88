//! What another client of Exchange does between a plan and its writing: theirs stays.

use serde_json::json;

use crate::aftermath::runs;
use crate::mail_seen::{addresses, behaves, give_alias, make_primary, members, new_group};
use crate::person::{office_of, user};
use crate::story::{Shell, Tenant};

/// Bob, Eva and Tim with a mailbox each, and the group Sales with Eva in it.
fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["bob", "eva", "tim"]);
    new_group(&tenant, "Sales", "sales");
    add_member(&tenant, "Sales", "eva@contoso.com");
    (tenant, shell)
}

fn add_member(tenant: &Tenant, group: &str, member: &str) {
    let whom =
        json!({ "Identity": group, "Member": member, "BypassSecurityGroupManagerCheck": true });
    tenant.exchange("Add-DistributionGroupMember", &whom);
}

fn remove_member(tenant: &Tenant, group: &str, member: &str) {
    let whom = json!({
        "Identity": group, "Member": member, "BypassSecurityGroupManagerCheck": true,
        "Confirm": false
    });
    tenant.exchange("Remove-DistributionGroupMember", &whom);
}

/// Kim's mailbox takes its time: what is wanted of it is put off. Meanwhile it comes.
fn put_off(wanted: &str) -> (Tenant, Shell, String) {
    let (tenant, shell) = office();
    behaves(&tenant, json!({ "mailbox_delay_seconds": 900 }));
    let impatient = "patience_seconds = 5\n            mailbox_patience_seconds = 1";
    shell.config(&tenant.profile().replace("patience_seconds = 5", impatient));
    let code = format!("let kim = create_account(#{{ user_name: \"kim\" }}); {wanted}");
    shell.acctsh(&["-c", &code, "--yes"]).exits(7).says("its mailbox is not there yet");
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 900 })));
    let run = runs(&shell)[0].0.clone();
    (tenant, shell, run)
}

#[test]
fn an_alias_that_they_gave_makes_a_plan_file_stale_and_stays_when_it_is_made_again() {
    let (tenant, shell) = office();
    shell.does("account(\"bob\").add_alias(\"old\")");
    let code = "account(\"bob\").set_aliases([\"old\", \"ours\"])";
    shell.acctsh(&["-c", code, "--plan-out", "p.json"]).exits(0);
    give_alias(&tenant, "bob@contoso.com", "theirs@contoso.com");
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("p.json does not fit any more: bob (line 1): other values for change aliases");
    shell
        .acctsh(&["-c", code, "--what-if"])
        .exits(0)
        .prints("alias: + ours@contoso.com, alias: − theirs@contoso.com");
    shell.does("account(\"bob\").add_alias(\"ours\").remove_alias(\"old\")");
    let all = ["SMTP:bob@contoso.com", "smtp:ours@contoso.com", "smtp:theirs@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
    assert!(user(&shell, "bob").mail.entries().contains(&all[2].to_owned()), "nor is it lost here");
}

#[test]
fn an_alias_that_they_gave_a_new_mailbox_stays_whatever_was_put_off() {
    let (tenant, shell, run) =
        put_off("kim.add_alias(\"ours\"); kim.set_primary_address(\"kim.li\");");
    give_alias(&tenant, "kim@contoso.com", "theirs@contoso.com");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    let all = [
        "SMTP:kim.li@contoso.com",
        "smtp:kim@contoso.com",
        "smtp:ours@contoso.com",
        "smtp:theirs@contoso.com",
    ];
    assert_eq!(addresses(&tenant, "kim@contoso.com"), all);
}

#[test]
fn what_they_have_done_already_is_done() {
    let (tenant, shell, run) = put_off(
        "kim.add_alias(\"ours\"); kim.set_primary_address(\"kim.li\"); kim.add_to_group(\"Sales\");",
    );
    give_alias(&tenant, "kim@contoso.com", "ours@contoso.com");
    make_primary(&tenant, "kim@contoso.com", "kim.li@contoso.com");
    add_member(&tenant, "Sales", "kim@contoso.com");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    let all = ["SMTP:kim.li@contoso.com", "smtp:kim@contoso.com", "smtp:ours@contoso.com"];
    assert_eq!(addresses(&tenant, "kim@contoso.com"), all);
    assert_eq!(members(&tenant, "Sales"), ["eva@contoso.com", "kim.li@contoso.com"]);
}

#[test]
fn a_primary_address_that_they_chose_is_said_and_not_overwritten() {
    let (tenant, shell, run) = put_off("kim.set_primary_address(\"kim.li\");");
    make_primary(&tenant, "kim@contoso.com", "boss@contoso.com");
    shell
        .acctsh(&["plan", "resume", &run, "--yes"])
        .exits(3)
        .prints("somebody else has given it another primary address meanwhile");
    let all = ["SMTP:boss@contoso.com", "smtp:kim@contoso.com"];
    assert_eq!(addresses(&tenant, "kim@contoso.com"), all);
    assert!(
        !user(&shell, "kim").mail.entries().join(" ").contains("kim.li"),
        "nor in the directory"
    );
}

#[test]
fn a_plan_file_that_would_overwrite_their_primary_address_does_not_fit_any_more() {
    let (tenant, shell) = office();
    let code = "account(\"bob\").set_primary_address(\"bob.miller\")";
    shell.acctsh(&["-c", code, "--plan-out", "p.json"]).exits(0);
    make_primary(&tenant, "bob@contoso.com", "boss@contoso.com");
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("p.json does not fit any more: bob");
    let all = ["SMTP:boss@contoso.com", "smtp:bob@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
}

#[test]
fn an_address_that_they_gave_to_somebody_else_is_theirs() {
    let (tenant, shell) = office();
    shell.acctsh(&["-c", "account(\"bob\").add_alias(\"info\")", "--plan-out", "p.json"]).exits(0);
    give_alias(&tenant, "tim@contoso.com", "info@contoso.com");
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("info@contoso.com is held by tim");

    let (tenant, shell, run) = put_off("kim.add_alias(\"info\");");
    give_alias(&tenant, "tim@contoso.com", "info@contoso.com");
    shell
        .acctsh(&["plan", "resume", &run, "--yes"])
        .exits(3)
        .prints("the address info@contoso.com is held by Kim tim");
    assert_eq!(addresses(&tenant, "kim@contoso.com"), ["SMTP:kim@contoso.com"]);
    let tims = ["SMTP:tim@contoso.com", "smtp:info@contoso.com"];
    assert_eq!(addresses(&tenant, "tim@contoso.com"), tims);
}

#[test]
fn a_member_that_they_added_stays_and_one_that_they_removed_is_gone() {
    let (tenant, shell) = office();
    let code = "group(\"Sales\").set_members([\"bob\"])";
    shell.acctsh(&["-c", code, "--plan-out", "p.json"]).exits(0);
    remove_member(&tenant, "Sales", "eva@contoso.com");
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(4).says("does not fit any more");

    let (tenant, shell, run) =
        put_off("group(\"Sales\").add(kim); group(\"Sales\").remove(\"eva\");");
    add_member(&tenant, "Sales", "tim@contoso.com");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    assert_eq!(members(&tenant, "Sales"), ["kim@contoso.com", "tim@contoso.com"]);
}

#[test]
fn a_groups_primary_address_that_they_chose_is_said_and_not_overwritten() {
    let (tenant, shell) = office();
    let path = "/exchange/adminapi/beta/*/InvokeCommand/Set-DistributionGroup";
    let down = json!({ "kind": "service_unavailable", "path": path, "times": 1000 });
    tenant.knob("POST", "faults", Some(down));
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    let code = "group(\"Sales\").set_primary_address(\"selling\")";
    assert_ne!(shell.acctsh(&["-c", code, "--yes"]).exit, 0);
    tenant.knob("DELETE", "faults", None);
    let theirs = json!({
        "Identity": "Sales", "PrimarySmtpAddress": "market@contoso.com",
        "BypassSecurityGroupManagerCheck": true
    });
    tenant.exchange("Set-DistributionGroup", &theirs);
    shell
        .acctsh(&["plan", "resume", &runs(&shell)[0].0, "--yes"])
        .exits(1)
        .prints("somebody else has given it another primary address meanwhile");
    assert_eq!(addresses(&tenant, "Sales")[0], "SMTP:market@contoso.com");
}
