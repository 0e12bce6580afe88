//! People who leave: disabled, unassigned or deleted, one by one or by a list.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

const BASIC: &str = "Microsoft 365 Business Basic";

fn four_people() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(4));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (tenant, shell)
}

/// Name, status and reason of everybody who is left, and their licences.
fn statuses(shell: &Shell) -> serde_json::Value {
    shell.value(
        r#"accounts("person*").map(|a| [a.user_name, a.enabled, a.status_reason, a.licenses.len()])"#,
    )
}

#[test]
fn disabled_people_keep_licences_mail_and_data_and_are_signed_out() {
    let (tenant, shell) = four_people();
    let leave = ["run", "offboard", "--user", "person.0001"];
    shell
        .acctsh(&[&leave[..], &["--what-if"]].concat())
        .exits(0)
        .prints("user: enabled → disabled")
        .prints("online sign-in: open → blocked")
        .prints("signed out")
        .says("disabling leaves licences, mail and data as they are");
    shell.acctsh(&leave).exits(5).says("this needs a confirmation");
    shell.acctsh(&[&leave[..], &["--yes"]].concat()).exits(0);
    assert_eq!(statuses(&shell)[0], json!(["person.0001", false, "sign-in is blocked", 1]));
    let requests = tenant.summary()["requests"].clone();
    assert_eq!(requests["POST /users/{id}/revokeSignInSessions"], 1, "{requests}");
}

#[test]
fn unassigned_people_lose_the_licence_and_are_told_about_the_mailbox() {
    let (tenant, shell) = four_people();
    shell
        .acctsh(&["run", "offboard", "--user", "person.0001", "--how", "unassign", "--yes"])
        .exits(0)
        .says("loses its mailbox for good about 30 days after the licence");
    assert_eq!(statuses(&shell)[0], json!(["person.0001", true, "unassigned", 0]));
    assert_eq!(tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 3);
    shell.acctsh(&["-c", r#"account("person.0001").assign()"#, "--yes"]).exits(0);
    assert_eq!(shell.value(r#"account("person.0001").licenses"#), json!([BASIC]));
}

#[test]
fn deleted_people_are_gone_on_both_sides_and_come_back_for_30_days() {
    let (_tenant, shell) = four_people();
    shell
        .acctsh(&["run", "offboard", "--user", "person.0002", "--how", "delete", "--yes"])
        .exits(0)
        .says("for 30 days, then they are gone")
        .never_says("not yet visible");
    assert_eq!(statuses(&shell).as_array().unwrap().len(), 3);
    assert_eq!(shell.value("deleted_accounts().map(|a| a.user_name)"), json!(["person.0002"]));
    shell.acctsh(&["-c", r#"deleted_account("person.0002").restore()"#, "--yes"]).exits(0);
    let back = shell.value(r#"let a = account("person.0002"); [a.licenses, a.status_reason]"#);
    assert_eq!(back, json!([[BASIC], "sign-in is blocked"]), "as it was when it was deleted");
}

#[test]
fn a_list_of_leavers_says_who_goes_when_and_who_stays() {
    let (_tenant, shell) = four_people();
    shell.file(
        "leavers.csv",
        "user_name,last_day,delete_after\n\
         person.0001,2020-01-31,\n\
         person.0002,2020-01-31,2020-03-31\n\
         person.0003,2999-12-31,\n\
         person.0004,,2999-12-31\n",
    );
    shell
        .acctsh(&["run", "offboard", "--csv", "leavers.csv", "--free-licenses", "--yes"])
        .exits(0)
        .says("1 left as they are, their last day is not over: person.0003");
    assert_eq!(
        statuses(&shell),
        json!([
            ["person.0001", false, "unassigned", 0],
            ["person.0003", true, null, 1],
            ["person.0004", false, "unassigned", 0]
        ])
    );
    let bad = "user_name,last_day\nperson.0003,31.12.2026\n";
    shell.file("bad.csv", bad);
    shell
        .acctsh(&["run", "offboard", "--csv", "bad.csv", "--yes"])
        .exits(1)
        .says("line 2: \"31.12.2026\" is not a date; write it as 2027-01-31");
}

#[test]
fn whom_it_is_about_must_be_said() {
    let (_tenant, shell) = four_people();
    shell.acctsh(&["run", "offboard", "--yes"]).exits(1).says("say who leaves");
}
