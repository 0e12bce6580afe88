//! `delete` takes both halves away, `restore` brings both back as they were.

use serde_json::{Value, json};

use crate::person::{
    BASIC, expect_password, has_online, has_user, office_of, online, seats_used, take_password,
    user,
};
use crate::story::{Shell, Tenant, databases_under, is_on_samba};

const DELETE: &str = "account(\"tim\").delete()";
const RESTORE: &str = "deleted_account(\"tim\").restore()";

fn in_tenants_bin(tenant: &Tenant) -> usize {
    let bin = tenant.graph("directory/deletedItems/microsoft.graph.user?$select=id");
    bin["value"].as_array().unwrap().len()
}

fn in_bins(shell: &Shell) -> Value {
    shell.value("deleted_accounts().map(|it| [it.user_name, it.online_id])")
}

#[test]
fn both_halves_go_and_come_back_with_licences_link_and_password() {
    let (tenant, shell) = office_of(&["tim", "eva"]);
    let (before, user_before) = (online(&tenant, "tim"), user(&shell, "tim"));
    let password = shell.passwords()["tim"].clone();
    expect_password(&tenant, &shell, "tim", &password);

    shell
        .acctsh(&["-c", DELETE])
        .exits(5)
        .says("keeps the online account with its mail and files for 30 days, then they are gone")
        .says("disable keeps everything");
    let databases = databases_under(&shell.home());
    shell
        .acctsh(&["-c", DELETE, "--what-if"])
        .exits(0)
        .prints("online account deleted, user deleted");
    assert_eq!(databases_under(&shell.home()), databases);
    assert!(has_online(&tenant, "tim"));

    shell.does(DELETE);
    assert!(has_user(&shell, "tim").is_none() && !has_online(&tenant, "tim"));
    assert!(has_user(&shell, "eva").is_some() && has_online(&tenant, "eva"));
    assert_eq!(in_tenants_bin(&tenant), 1);
    assert_eq!(in_bins(&shell), json!([["tim", "tim@contoso.com"]]));

    shell.does(RESTORE);
    assert_eq!(online(&tenant, "tim"), before);
    let user_after = user(&shell, "tim");
    assert_eq!(
        (user_after.guid, user_after.link, user_after.enabled, &user_after.details),
        (user_before.guid, user_before.link, user_before.enabled, &user_before.details)
    );
    // A domain without recycle bin gives back everything but that.
    let taken = take_password(&tenant, &shell, "tim", &password);
    assert_eq!(taken, (!is_on_samba(), true));
    assert_eq!((in_tenants_bin(&tenant), in_bins(&shell)), (0, json!([])));
    assert_eq!(seats_used(&tenant, BASIC), 2);
}

#[test]
fn whoever_has_one_half_only_loses_and_regains_that() {
    let (tenant, shell) = office_of(&["tim"]);
    shell.does("account(\"tim\").unlink()");
    shell.does("account(\"tim@contoso.com\").delete()");
    assert!(has_user(&shell, "tim").is_some() && !has_online(&tenant, "tim"));
    shell.does("deleted_account(\"tim@contoso.com\").restore()");
    assert!(has_online(&tenant, "tim"));
    shell.does(DELETE).never_says("30 days");
    assert!(has_user(&shell, "tim").is_none() && has_online(&tenant, "tim"));
    shell.does(RESTORE);
    assert!(has_user(&shell, "tim").is_some());
}

#[test]
fn a_name_that_was_taken_meanwhile_stands_in_the_way_until_it_is_free() {
    let (tenant, shell) = office_of(&["tim", "eva"]);
    shell.does(DELETE);
    shell.does("account(\"eva\").rename(\"tim\")");
    shell
        .is_refused(RESTORE, 2)
        .says("the user name tim was taken by somebody else meanwhile")
        .says("the online ID tim@contoso.com was taken by somebody else meanwhile");
    shell.does("account(\"tim\").rename(\"eva\")");
    shell.does(RESTORE);
    assert!(has_user(&shell, "tim").is_some() && has_online(&tenant, "tim"));
}

#[test]
fn after_30_days_only_the_user_comes_back_and_it_is_said() {
    let (tenant, shell) = office_of(&["tim"]);
    shell.does(DELETE);
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 30 * 86_400 + 60 })));
    assert_eq!(in_bins(&shell), json!([["tim", null]]));
    shell.does(RESTORE).says("its online account is not in the recycle bin any more");
    assert!(has_user(&shell, "tim").is_some() && !has_online(&tenant, "tim"));
}

#[test]
fn whoever_is_in_no_recycle_bin_is_said_to_be_missing() {
    let (_tenant, shell) = office_of(&["tim", "eva"]);
    shell.does(DELETE);
    shell
        .is_refused("deleted_account(\"timm\").restore()", 2)
        .says("nobody called \"timm\" is in the recycle bins")
        .says("did you mean \"tim\"?");
}

#[test]
fn what_was_deleted_between_plan_and_apply_makes_the_plan_stale() {
    let (tenant, shell) = office_of(&["tim"]);
    shell.acctsh(&["-c", "account(\"tim\").disable()", "--plan-out", "p.plan"]).exits(0);
    let id = online(&tenant, "tim")["id"].as_str().unwrap().to_owned();
    tenant.graph_delete(&format!("users/{id}"));
    let ran = shell.acctsh(&["plan", "apply", "p.plan", "--yes"]);
    assert_eq!(ran.exit, 4, "{}", ran.err);
    assert!(user(&shell, "tim").enabled, "nothing of it was applied");
}

#[test]
fn what_somebody_else_deletes_during_the_run_is_done_already() {
    let (tenant, shell) = office_of(&["tim"]);
    let id = online(&tenant, "tim")["id"].as_str().unwrap().to_owned();
    // The request takes effect, nobody hears of it, and the second one finds nobody there.
    let cut =
        json!({ "kind": "cut_after", "method": "DELETE", "path": format!("/v1.0/users/{id}") });
    tenant.knob("POST", "faults", Some(cut));
    shell.does(DELETE).says("1 done");
    assert!(has_user(&shell, "tim").is_none());
    assert_eq!(in_tenants_bin(&tenant), 1);
}

#[test]
fn an_online_half_that_stays_keeps_its_user() {
    let (tenant, shell) = office_of(&["tim"]);
    let refused =
        json!({ "kind": "refused", "method": "DELETE", "path": "/v1.0/users/*", "rate": 1.0 });
    tenant.knob("POST", "faults", Some(refused));
    shell.acctsh(&["-c", DELETE, "--yes"]).exits(1);
    assert!(has_user(&shell, "tim").is_some() && has_online(&tenant, "tim"));
    tenant.knob("DELETE", "faults", None);
    shell.does(DELETE);
    assert!(has_user(&shell, "tim").is_none() && !has_online(&tenant, "tim"));
}
