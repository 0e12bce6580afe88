//! Guards: a plan that harms more people than somebody can have meant is refused before the first write.

use serde_json::json;

use crate::aftermath::{events, runs, users};
use crate::person::{has_user, make_administrator, office_of, online, user};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

/// So many users without online account.
fn users_only(count: usize) -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&[]);
    shell.file("people.csv", &people(count));
    shell.does("for row in read_csv(\"people.csv\") { create_account(row, #{ online: false }) }");
    assert_eq!(users(&shell).len(), count);
    (tenant, shell)
}

/// A list with the first so many of them.
fn first(count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|number| format!("person.{number:04}")).collect();
    format!("accounts({})", serde_json::to_string(&names).unwrap())
}

#[test]
fn three_people_may_be_deleted_and_a_fourth_only_when_that_is_said() {
    let (_tenant, shell) = users_only(12);
    shell
        .is_refused(&format!("{}.delete()", first(4)), 4)
        .says("the plan deletes 4 of")
        .says("it may be 3")
        .says("--max-deletes 4");
    shell.does(&format!("{}.delete()", first(3)));
    assert_eq!(users(&shell).len(), 9);
    // The hour's are counted too.
    shell
        .is_refused("account(\"person.0012\").delete()", 4)
        .says("after 3 within the last hour")
        .says("--max-deletes 4");
    let raised = ["-c", "account(\"person.0012\").delete()", "--yes", "--max-deletes", "4"];
    shell.acctsh(&raised).exits(0);
    assert_eq!(users(&shell).len(), 8);
}

#[test]
fn everybody_at_once_is_refused_and_nobody_is_gone() {
    let (_tenant, shell) = users_only(12);
    shell.is_refused("accounts(\"person*\").delete()", 4).says("the plan deletes 12 of");
    shell.is_refused("accounts(\"*\").delete()", 4).says("is built into the directory");
    shell
        .acctsh(&["-c", "accounts(\"*\").delete()", "--yes", "--max-deletes", "100"])
        .exits(4)
        .says("is built into the directory and is never touched");
    assert_eq!(users(&shell).len(), 12);
}

#[test]
fn a_tenth_of_many_people_may_be_deleted() {
    // With the two that the directory is born with, 50 people.
    let (_tenant, shell) = users_only(48);
    shell.is_refused(&format!("{}.delete()", first(6)), 4).says("it may be 5");
    shell.does(&format!("{}.delete()", first(5)));
}

#[test]
fn ten_people_may_be_revoked_something_and_an_eleventh_only_when_that_is_said() {
    let (_tenant, shell) = users_only(14);
    shell
        .is_refused(&format!("{}.disable()", first(11)), 4)
        .says("takes something away from 11 of")
        .says("it may be 10")
        .says("--max-revokes 11");
    shell
        .is_refused(&format!("{}.reset_password()", first(11)), 4)
        .says("takes something away from 11 of");
    let twice = format!("{0}.reset_password(); {0}.disable()", first(10));
    shell.does(&twice);
    assert!(!user(&shell, "person.0010").enabled, "each person counts once");
    shell.is_refused("account(\"person.0011\").disable()", 4).says("after 10 within the last hour");
    let raised = ["-c", "account(\"person.0011\").disable()", "--yes", "--max-revokes", "11"];
    shell.acctsh(&raised).exits(0);
    // What harms nobody is never counted.
    shell.does(&format!("{}.enable()", first(11)));
}

#[test]
fn a_quarter_of_many_people_may_be_disabled() {
    let (_tenant, shell) = users_only(46);
    shell.is_refused(&format!("{}.disable()", first(13)), 4).says("it may be 12");
    shell.does(&format!("{}.disable()", first(12)));
}

#[test]
fn a_resumed_run_is_counted_once() {
    let (mut tenant, shell) = office_of(&["p1", "p2", "p3", "p4"]);
    tenant.kill();
    tenant.restart(&["--latency", "100"]);
    let code = "accounts([\"p1\", \"p2\"]).delete()";
    let begun = events(&shell);
    let mut running = shell.start(&["-c", code, "--yes"]);
    wait_until("it begins", || running.has_ended() || events(&shell) > begun);
    running.kill();
    let (run, state) = runs(&shell).remove(0);
    assert_eq!(state, "unfinished");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    assert!(has_user(&shell, "p1").is_none() && has_user(&shell, "p2").is_none());
    shell.does("account(\"p3\").delete()");
    shell.is_refused("account(\"p4\").delete()", 4).says("after 3 within the last hour");
}

#[test]
fn the_profile_protects_names_whatever_the_flags() {
    let (tenant, shell) = office_of(&["boss", "bob"]);
    shell.config(
        &tenant
            .profile()
            .replace("patience_seconds = 5", "patience_seconds = 5\nprotected = [\"Boss\"]"),
    );
    for verb in [
        "disable()",
        "delete()",
        "unassign()",
        "unlink()",
        "reset_password()",
        "rename(\"chief\")",
        "set(#{ city: \"Bonn\" })",
        "set_licenses([])",
    ] {
        for name in ["boss", "boss@contoso.com"] {
            let code = format!("account(\"{name}\").{verb}");
            shell
                .acctsh(&["-c", &code, "--yes", "--max-deletes", "9", "--max-revokes", "9"])
                .exits(4)
                .says("is protected by the profile and is never touched");
        }
    }
    assert!(user(&shell, "boss").enabled);
    shell.is_refused("accounts([\"bob\", \"boss\"]).disable()", 4);
    shell.does("account(\"bob\").disable()");
}

#[test]
fn the_last_global_administrator_is_never_shut_out() {
    let (tenant, shell) = office_of(&["bob"]);
    let admin = "account(\"admin@contoso.onmicrosoft.com\")";
    for verb in ["disable()", "delete()", "unassign()"] {
        shell
            .is_refused(&format!("{admin}.{verb}"), 4)
            .says("is the last Global Administrator of the tenant who can sign in");
    }
    make_administrator(&tenant, online(&tenant, "bob")["id"].as_str().unwrap());
    shell
        .is_refused(&format!("{admin}.disable(); account(\"bob\").delete()"), 4)
        .says("is the last Global Administrator");
    shell.does(&format!("{admin}.disable()"));
    shell.is_refused("account(\"bob\").unassign()", 4).says("is the last Global Administrator");
    let bob = online(&tenant, "bob");
    assert_eq!(bob["accountEnabled"], json!(true));
}

#[test]
fn users_that_the_directory_is_born_with_are_never_touched() {
    let (_tenant, shell) = office_of(&["bob"]);
    for verb in
        ["disable()", "delete()", "rename(\"x\")", "set(#{ city: \"Bonn\" })", "reset_password()"]
    {
        for name in ["Administrator", "Guest"] {
            shell
                .is_refused(&format!("account(\"{name}\").{verb}"), 4)
                .says("is built into the directory and is never touched");
        }
    }
}
