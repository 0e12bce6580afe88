//! How many people a plan may harm, and whom none may: `--yes` answers questions, never a guard.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

fn so_many(count: usize) -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(count));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (tenant, shell)
}

fn users_left(shell: &Shell) -> serde_json::Value {
    shell.value(r#"accounts("person*").len()"#)
}

#[test]
fn a_few_may_be_deleted_and_one_more_only_by_a_word_for_so_many() {
    let (_tenant, shell) = so_many(12);
    let four = r#"accounts("person.000*").filter(|a| a.user_name < "person.0005").delete()"#;
    shell
        .acctsh(&["-c", four, "--yes"])
        .exits(4)
        .says("the plan deletes 4 of 14 people; without a word it may be 3")
        .says("--max-deletes 4");
    shell.acctsh(&["-c", four, "--what-if"]).exits(4);
    shell.acctsh(&["-c", r#"accounts("*").delete()"#, "--yes"]).exits(4).says("12 of 14 people");
    assert_eq!(users_left(&shell), json!(12), "nothing was written");
    shell.acctsh(&["-c", four, "--yes", "--max-deletes", "4"]).exits(0);
    assert_eq!(users_left(&shell), json!(8));
}

#[test]
fn what_the_last_hour_did_counts_and_a_resumed_run_once() {
    let (mut tenant, shell) = so_many(12);
    let delete = |name: &str| format!(r#"account("{name}").delete()"#);
    shell.acctsh(&["-c", &delete("person.0001"), "--yes"]).exits(0);
    // The second one stops half-way, and is finished later.
    let second = shell.acctsh(&["-c", &delete("person.0002"), "--plan-out", "two.json"]);
    second.exits(0);
    tenant.kill();
    shell.acctsh(&["plan", "apply", "two.json", "--yes"]).exits(8);
    tenant.restart(&[]);
    shell.acctsh(&["plan", "apply", "two.json", "--yes"]).exits(0);
    shell.acctsh(&["-c", &delete("person.0003"), "--yes"]).exits(0);
    shell
        .acctsh(&["-c", &delete("person.0004"), "--yes"])
        .exits(4)
        .says("deletes 1 of 11 people, after 3 within the last hour; without a word it may be 3");
    shell.acctsh(&["-c", &delete("person.0004"), "--yes", "--max-deletes", "4"]).exits(0);
}

#[test]
fn access_is_taken_from_a_few_and_from_more_only_by_a_word() {
    let (_tenant, shell) = so_many(12);
    let everybody = r#"accounts("person*").disable()"#;
    shell
        .acctsh(&["-c", everybody, "--yes"])
        .exits(4)
        .says("the plan takes something away from 12 of 14 people; without a word it may be 10")
        .says("--max-revokes 12");
    let ten = r#"accounts("person*").filter(|a| a.user_name < "person.0011").disable()"#;
    shell.acctsh(&["-c", ten, "--yes"]).exits(0);
    shell.acctsh(&["-c", everybody, "--yes", "--max-revokes", "12"]).exits(0).says("2 done");
    // Giving something takes nothing away.
    shell.acctsh(&["-c", r#"accounts("person*").enable()"#, "--yes"]).exits(0);
}

#[test]
fn nobody_protected_built_in_or_last_of_the_administrators_is_touched() {
    let (tenant, shell) = so_many(2);
    let protected = tenant
        .profile()
        .replace("patience_seconds = 5", "patience_seconds = 5\nprotected = [\"Person.0001\"]");
    shell.config(&protected);
    for verb in ["disable()", "delete()", "unassign()", "reset_password()", r#"rename("x.y")"#] {
        let code = format!(r#"account("person.0001").{verb}"#);
        shell
            .acctsh(&["-c", &code, "--yes", "--max-deletes", "99", "--max-revokes", "99"])
            .exits(4)
            .says("is protected by the profile");
    }
    shell.acctsh(&["-c", r#"account("Guest").delete()"#, "--yes"]).exits(4).says("built into");
    let administrator = r#"online_accounts().filter(|a| a.is_administrator)"#;
    for verb in ["disable()", "delete()"] {
        shell
            .acctsh(&["-c", &format!("{administrator}.{verb}"), "--yes"])
            .exits(4)
            .says("is the last Global Administrator of the tenant who can sign in");
    }
}

#[test]
fn without_a_terminal_taking_away_needs_a_yes_too() {
    let (_tenant, shell) = so_many(1);
    for verb in ["disable()", "delete()", "unassign()", "reset_password()"] {
        let code = format!(r#"account("person.0001").{verb}"#);
        shell.acctsh(&["-c", &code]).exits(5).says("give --yes, or look first with --what-if");
    }
}
