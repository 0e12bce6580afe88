//! `sync-group` and `group-report`: a list of people and the group that it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::aftermath::names;
use crate::mail_seen::{
    calls, calls_since, group_names, members, new_contact, new_group, new_member,
};
use crate::person::{office_of, tenant_and_shell};
use crate::story::{Shell, Tenant, people};

const SYNC: &[&str] = &["run", "sync-group", "--group", "Plant", "--csv", "members.csv"];
const YES: &[&str] = &["run", "sync-group", "--group", "Plant", "--csv", "members.csv", "--yes"];

/// So many people, and a group without anybody in it.
fn plant_of(count: usize) -> (Tenant, Shell) {
    let (tenant, shell) = tenant_and_shell();
    shell.file("people.csv", &people(count));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    new_group(&tenant, "Plant", "plant");
    (tenant, shell)
}

/// A list of members, by user name.
fn list(shell: &Shell, names: &[String]) {
    let mut text = "member\n".to_owned();
    for name in names {
        writeln!(text, "{name}").unwrap();
    }
    shell.file("members.csv", &text);
}

fn addresses(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@contoso.com")).collect()
}

#[test]
fn a_file_says_who_is_in_the_group() {
    let (tenant, shell) = office_of(&["ann", "bob", "eva"]);
    new_group(&tenant, "Plant", "plant");
    new_group(&tenant, "Board", "board");
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    for member in ["ann", "lee@fabrikam.com"] {
        new_member(&tenant, "Plant", member);
    }
    // Each row by whichever column it fills.
    shell.file("members.csv", "user name,email,member\nbob,,\n,eva@contoso.com,\n,,Board\n");
    shell
        .acctsh(&[SYNC, &["--what-if"]].concat())
        .exits(0)
        .prints("members: + bob, eva, Board, members: − ann")
        .says("nothing was written");
    shell.acctsh(SYNC).exits(5).says("this needs a confirmation");
    shell.acctsh(YES).exits(0).says("3 members to add, 1 member to remove");
    let all = ["board@contoso.com", "bob@contoso.com", "eva@contoso.com", "lee@fabrikam.com"];
    assert_eq!(members(&tenant, "Plant"), all);

    let exactly = [YES, &["--exact"]].concat();
    shell.acctsh(&exactly).exits(0).says("1 member to remove");
    assert_eq!(members(&tenant, "Plant"), all[..3]);
}

#[test]
fn a_list_without_names_is_refused_with_the_row() {
    let (tenant, shell) = office_of(&["ann", "bob"]);
    new_group(&tenant, "Plant", "plant");
    shell.file("members.csv", "member,office\nbob,B1\n,B2\n");
    shell.acctsh(YES).exits(1).says("line 3 names nobody");
    shell.file("members.csv", "office\nB1\n");
    shell.acctsh(YES).exits(1).says("line 2 names nobody");
    shell.file("members.csv", "member\nbob\n");
    shell
        .acctsh(&["run", "sync-group", "--group", "Plants", "--csv", "members.csv", "--yes"])
        .exits(2)
        .says("there is no group called \"Plants\"")
        .says("did you mean \"plant\"?");
    assert_eq!(members(&tenant, "Plant"), [""; 0]);
}

#[test]
fn an_unchanged_list_costs_two_reads_and_a_changed_one_a_call_for_each_change() {
    let (tenant, shell) = plant_of(120);
    list(&shell, &names(1..=100));
    let before = calls(&tenant);
    shell.acctsh(YES).exits(0).says("100 members to add");
    assert_eq!(members(&tenant, "Plant"), addresses(&names(1..=100)));
    let mine = without_this_story(calls_since(&tenant, &before));
    assert_eq!(mine["Add-DistributionGroupMember"], 100);
    assert!(mine.values().sum::<u64>() <= 102, "{mine:?}");

    let before = calls(&tenant);
    shell.acctsh(YES).exits(0).says("1 group complete already");
    let mine = calls_since(&tenant, &before);
    let reads = [("Get-DistributionGroup", 1), ("Get-DistributionGroupMember", 1)];
    assert_eq!(mine, reads.map(|(name, count)| (name.to_owned(), count)).into());

    list(&shell, &names(4..=105));
    let before = calls(&tenant);
    shell.acctsh(YES).exits(0).says("5 members to add, 3 members to remove");
    let mine = calls_since(&tenant, &before);
    assert_eq!(mine["Add-DistributionGroupMember"], 5);
    assert_eq!(mine["Remove-DistributionGroupMember"], 3);
    assert!(mine.values().sum::<u64>() <= 2 + 8, "{mine:?}");
    assert_eq!(members(&tenant, "Plant"), addresses(&names(4..=105)));
}

/// The members were read once more, by the story itself.
fn without_this_story(mut calls: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    *calls.get_mut("Get-DistributionGroupMember").unwrap() -= 1;
    calls
}

#[test]
fn a_list_that_would_empty_the_group_is_refused_unless_that_is_said() {
    let (tenant, shell) = plant_of(20);
    list(&shell, &names(1..=20));
    shell.acctsh(YES).exits(0);
    list(&shell, &names(1..=5));
    shell
        .acctsh(YES)
        .exits(4)
        .says("takes something away from 15 of")
        .says("it may be 10")
        .says("--max-revokes 15");
    assert_eq!(members(&tenant, "Plant"), addresses(&names(1..=20)));
    // Ten may go without a word, and what went is remembered for an hour.
    list(&shell, &names(1..=10));
    shell.acctsh(YES).exits(0).says("10 members to remove");
    list(&shell, &names(1..=9));
    shell.acctsh(YES).exits(4).says("after 10 within the last hour").says("--max-revokes 11");
    shell.acctsh(&[YES, &["--max-revokes", "11"]].concat()).exits(0);
    assert_eq!(members(&tenant, "Plant"), addresses(&names(1..=9)));
}

#[test]
fn deleting_many_groups_is_held_against_the_number_of_groups() {
    let (tenant, shell) = office_of(&["ann"]);
    let all: Vec<String> = (1..=8).map(|number| format!("List {number}")).collect();
    for name in &all {
        new_group(&tenant, name, &name.replace(' ', ""));
    }
    let first = |count: usize| {
        let names = serde_json::to_string(&all[..count]).unwrap();
        format!("for name in {names} {{ group(name).delete() }}")
    };
    shell
        .is_refused(&first(4), 4)
        .says("the plan deletes 4 of 8 groups")
        .says("it may be 3")
        .says("--max-deletes 4");
    // What the plan itself makes harms nobody.
    let made = format!("{} create_group(#{{ name: \"Shop\" }}).delete()", first(3));
    shell.does(&made);
    assert_eq!(group_names(&tenant), all[3..]);
    shell
        .is_refused("group(\"List 4\").delete()", 4)
        .says("the plan deletes 1 of 5 groups, after 3 within the last hour");
    shell.acctsh(&["-c", "group(\"List 4\").delete()", "--yes", "--max-deletes", "4"]).exits(0);
}

#[test]
fn the_report_tells_of_groups_and_of_their_members() {
    let (tenant, shell) = office_of(&["ann", "bob"]);
    new_group(&tenant, "Plant", "plant");
    new_group(&tenant, "Board", "board");
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    for member in ["bob", "lee@fabrikam.com", "board"] {
        new_member(&tenant, "Plant", member);
    }
    let report = |options: &[&str]| {
        shell
            .acctsh(&[&["run", "group-report", "--output", "json"], options].concat())
            .exits(0)
            .json()
    };
    let all = report(&[]);
    assert_eq!(all.as_array().unwrap().len(), 2);
    let plant = json!({
        "group": "Plant", "email": "plant@contoso.com", "kind": "distribution group",
        "outside_senders": false, "members": 3, "owners": acctsh_sandbox::ADMINISTRATOR
    });
    assert_eq!(all[1], plant);
    assert_eq!(report(&["--group", "plant@contoso.com"]), json!([plant]));
    let lines =
        |member: &str, kind: &str| json!({ "group": "Plant", "kind": kind, "member": member });
    let mut members = report(&["--group", "Plant", "--members"]);
    members.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    let expected = json!([
        lines("lee@fabrikam.com", "contact"),
        lines("board@contoso.com", "group"),
        lines("bob@contoso.com", "mailbox"),
    ]);
    assert_eq!(members, expected);
    shell
        .acctsh(&["run", "group-report", "--group", "Planet"])
        .exits(2)
        .says("did you mean \"plant\"?");
}
