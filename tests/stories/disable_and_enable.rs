//! `disable` blocks sign-in on both halves and touches nothing else; `enable` opens what it closed.

use serde_json::{Value, json};

use crate::person::{BASIC, make_administrator, office_of, online, seats_used, user};
use crate::story::{Shell, Tenant, databases_under};

fn sign_in(tenant: &Tenant, shell: &Shell, name: &str) -> (bool, Value) {
    (user(shell, name).enabled, online(tenant, name)["accountEnabled"].clone())
}

/// The online account but for its sign-in.
fn all_else(tenant: &Tenant, name: &str) -> Value {
    let mut all = online(tenant, name);
    all.as_object_mut().unwrap().remove("accountEnabled");
    all
}

#[test]
fn both_halves_are_closed_and_opened_again_and_nothing_else_is_touched() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let before = all_else(&tenant, "bob");

    shell
        .does("account(\"bob\").disable()")
        .says("disabling leaves licences, mail and data as they are");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (false, json!(false)));
    assert_eq!(sign_in(&tenant, &shell, "eva"), (true, json!(true)), "nobody else");
    assert_eq!(all_else(&tenant, "bob"), before);
    assert_eq!(seats_used(&tenant, BASIC), 2);
    assert_eq!(shell.value("account(\"bob\").status_reason"), "sign-in is blocked");

    shell.does("account(\"bob\").enable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(true)));
    assert_eq!(all_else(&tenant, "bob"), before);
    assert!(!user(&shell, "bob").remembered.closed_by_disable, "nothing is remembered any more");
}

#[test]
fn what_if_shows_before_and_after_and_writes_nothing() {
    let (tenant, shell) = office_of(&["bob"]);
    let (directory, held) = (databases_under(&shell.home()), tenant.summary()["users"].clone());
    shell
        .acctsh(&["-c", "account(\"bob\").disable()", "--what-if"])
        .exits(0)
        .prints("user: enabled → disabled")
        .prints("online sign-in: open → blocked")
        .says("What-if: nothing was written.");
    assert_eq!(databases_under(&shell.home()), directory);
    assert_eq!(tenant.summary()["users"], held);
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(true)));
}

#[test]
fn it_is_asked_for_without_yes_and_the_second_time_there_is_nothing_to_do() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.acctsh(&["-c", "account(\"bob\").disable()"]).exits(5).says("give --yes");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(true)));
    shell.does("account(\"bob\").disable()");
    let runs = shell.newest_runs();
    shell.does("account(\"bob\").disable()").says("1 person complete already");
    assert_eq!(shell.newest_runs(), runs, "no run without a write");
    shell.does("account(\"bob\").enable()");
    shell.does("account(\"bob\").enable()").says("1 person complete already");
}

#[test]
fn what_somebody_closed_online_before_stays_as_it_was_when_there_is_no_licence() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").remove_license(\"Microsoft 365 Business Basic\")");
    // In the portal, where acctsh can't remember it.
    let id = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    tenant.graph_patch(&format!("users/{id}"), &json!({ "accountEnabled": false }));
    shell.does("account(\"bob\").disable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (false, json!(false)));

    shell
        .does("account(\"bob\").enable()")
        .says("has no working licence: online sign-in stays blocked");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(false)));
}

#[test]
fn a_licence_of_a_suspended_subscription_does_not_work() {
    let (tenant, shell) = office_of(&["bob"]);
    let id = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    tenant.graph_patch(&format!("users/{id}"), &json!({ "accountEnabled": false }));
    tenant.knob("PUT", &format!("skus/{BASIC}"), Some(json!({ "seats": 0 })));
    shell.does("account(\"bob\").enable()").says("has no working licence");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(false)));

    tenant.knob("PUT", &format!("skus/{BASIC}"), Some(json!({ "seats": 10 })));
    shell.does("account(\"bob\").enable()");
    assert_eq!(
        sign_in(&tenant, &shell, "bob"),
        (true, json!(true)),
        "with one that works it opens"
    );
}

#[test]
fn an_unassigned_account_stays_closed_online_and_is_told_to_be_assigned() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").unassign()");
    shell.does("account(\"bob\").disable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (false, json!(false)));
    shell
        .does("account(\"bob\").enable()")
        .says("is unassigned: online sign-in stays blocked, use assign");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(false)));
}

#[test]
fn whoever_has_one_half_only_has_that_half_closed() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("create_account(#{ user_name: \"tim\", online: false })");
    shell.does("account(\"tim\").disable()");
    assert!(!user(&shell, "tim").enabled);
    shell.does("account(\"tim\").enable()");
    assert!(user(&shell, "tim").enabled);

    shell.does("account(\"bob\").unlink()");
    shell.does("account(\"bob@contoso.com\").disable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(false)), "the user is not linked");
    shell.does("account(\"bob@contoso.com\").enable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (true, json!(true)));
}

#[test]
fn one_of_two_global_administrators_can_be_disabled() {
    let (tenant, shell) = office_of(&["bob"]);
    make_administrator(&tenant, online(&tenant, "bob")["id"].as_str().unwrap());
    shell.does("account(\"bob\").disable()");
    assert_eq!(sign_in(&tenant, &shell, "bob"), (false, json!(false)));
}
