//! Who is in which group, told from both ends: the group's members, and a person's groups.

use serde_json::json;

use crate::mail_seen::{group, group_names, members, new_contact, new_group, new_member};
use crate::person::office_of;
use crate::story::{Shell, Tenant};

/// Some people, and two groups without anybody in them.
fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["ann", "bob", "eva", "tim"]);
    new_group(&tenant, "Sales", "sales");
    new_group(&tenant, "Board", "board");
    (tenant, shell)
}

fn at_contoso(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("{name}@contoso.com")).collect()
}

/// Runs it as a preview alone: the changes of its subjects.
fn preview(shell: &Shell, code: &str) -> String {
    let code = format!("{code}; preview()");
    let ran = shell.acctsh(&["-c", &code, "--what-if", "--output", "list"]).exits(0);
    format!("{}{}", ran.out, ran.err)
}

#[test]
fn a_group_takes_people_groups_and_contacts_and_lets_them_go() {
    let (tenant, shell) = office();
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    let add = "group(\"Sales\").add([\"bob\", account(\"eva\"), accounts([\"tim\", \"bob\"]), \
               \"ann@contoso.com\", group(\"Board\"), \"lee@fabrikam.com\"])";
    let seen = preview(&shell, add);
    assert!(seen.contains("members: + bob, eva, tim, ann, Board, lee@fabrikam.com"), "{seen}");
    shell.does(add).says("6 members to add");
    let mut all = at_contoso(&["ann", "board", "bob", "eva", "tim"]);
    all.insert(4, "lee@fabrikam.com".to_owned());
    assert_eq!(members(&tenant, "Sales"), all);
    shell.does(add).says("1 group complete already");

    let kinds = "group(\"Sales\").members.map(|m| switch type_of(m) { \"Account\" => m.user_name, \
                 \"Group\" => m.name, _ => `${m.kind} ${m.address}` })";
    let mut kinds = shell.value(kinds);
    kinds.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    assert_eq!(kinds, json!(["Board", "ann", "bob", "contact lee@fabrikam.com", "eva", "tim"]));

    let remove = "group(\"Sales\").remove([\"bob\", \"bob\", groups().filter(|g| g.name == \"Board\"), \
                  \"lee@fabrikam.com\"])";
    shell.does(remove).says("3 members to remove");
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["ann", "eva", "tim"]));
    shell.does(remove).says("1 group complete already");
    // What members gives can be given back.
    shell.does("group(\"Board\").add(group(\"Sales\").members)");
    assert_eq!(members(&tenant, "Board"), at_contoso(&["ann", "eva", "tim"]));
}

#[test]
fn a_person_comes_into_groups_leaves_them_or_is_in_exactly_these() {
    let (tenant, shell) = office();
    new_group(&tenant, "Press", "press");
    shell.does(
        "account(\"bob\").add_to_group(\"Sales\").add_to_group([\"board\", group(\"Sales\")])",
    );
    shell.does("accounts([\"eva\", \"tim\"]).add_to_group(\"sales@contoso.com\")");
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["bob", "eva", "tim"]));
    assert_eq!(members(&tenant, "Board"), at_contoso(&["bob"]));
    assert_eq!(shell.value("account(\"bob\").groups"), json!(["Sales", "Board"]));

    let exactly = "account(\"bob\").set_groups([\"Press\", \"Board\"])";
    let seen = preview(&shell, exactly);
    assert!(seen.contains("groups: + Press, groups: − Sales"), "{seen}");
    shell.does(exactly).says("1 member to add, 1 member to remove");
    assert_eq!(members(&tenant, "Press"), at_contoso(&["bob"]));
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["eva", "tim"]));
    shell.does(exactly).says("1 person complete already");

    shell.does("accounts([\"eva\", \"tim\"]).remove_from_group([\"Sales\", \"Board\"])");
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
    shell.does("account(\"bob\").set_groups([])");
    assert_eq!(shell.value("account(\"bob\").groups"), json!([]));
}

#[test]
fn the_members_are_set_and_those_who_are_nobody_of_ours_stay() {
    let (tenant, shell) = office();
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    new_group(&tenant, "Press", "press");
    for member in ["ann", "bob", "eva", "lee@fabrikam.com", "press"] {
        new_member(&tenant, "Sales", member);
    }
    // Eva's mailbox becomes a shared one: it is nobody's any more.
    tenant.exchange("Set-Mailbox", &json!({ "Identity": "eva@contoso.com", "Type": "Shared" }));
    let set = "group(\"Sales\").set_members([\"bob\", \"tim\", group(\"Board\")])";
    let seen = preview(&shell, set);
    assert!(seen.contains("members: + tim, Board"), "{seen}");
    assert!(seen.contains("members: − ann"), "{seen}");
    shell.does(set).says("2 members to add, 2 members to remove");
    let mut all = at_contoso(&["board", "bob", "eva", "tim"]);
    all.insert(3, "lee@fabrikam.com".to_owned());
    assert_eq!(members(&tenant, "Sales"), all);
    shell.does(set).says("1 group complete already");

    let exactly = "group(\"Sales\").set_members([\"bob\", \"tim\"], #{ exact: true })";
    shell.does(exactly).says("3 members to remove");
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["bob", "tim"]));
    shell.does(exactly).says("1 group complete already");
    shell.is_refused("group(\"Sales\").set_members([], #{ exactly: true })", 2).says("exact");
}

#[test]
fn a_group_is_never_in_itself_however_long_the_way() {
    let (tenant, shell) = office();
    new_group(&tenant, "Press", "press");
    shell
        .is_refused("group(\"Sales\").add(group(\"Sales\"))", 2)
        .says("Sales would be in itself by way of Sales");
    shell.does("group(\"Sales\").add(group(\"Board\")); group(\"Board\").add(group(\"Press\"))");
    shell
        .is_refused("group(\"Board\").add(\"Sales\")", 2)
        .says("Sales would be in itself by way of Board");
    shell
        .is_refused("group(\"Press\").set_members([\"bob\", \"sales@contoso.com\"])", 2)
        .says("Sales would be in itself by way of Press");
    // Also by way of groups that the same plan makes and fills.
    shell
        .is_refused(
            "let g = create_group(#{ name: \"Shop\", members: [group(\"Sales\")] }); \
             group(\"Press\").add(g)",
            2,
        )
        .says("Shop would be in itself by way of Press");
    // Once the way is cut, the other direction is free.
    shell.does("group(\"Sales\").remove(group(\"Board\")); group(\"Press\").add(group(\"Sales\"))");
    assert_eq!(members(&tenant, "Press"), at_contoso(&["sales"]));
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
}

#[test]
fn whoever_has_no_mailbox_can_not_be_a_member_and_the_reason_is_said() {
    let (tenant, shell) = office();
    shell.does("create_account(#{ user_name: \"lou\", display_name: \"Lou\", online: false })");
    shell.does("create_account(#{ user_name: \"kim\", display_name: \"Kim\", licenses: [] })");
    for code in ["group(\"Sales\").add([\"bob\", NAME])", "account(NAME).add_to_group(\"Sales\")"] {
        shell
            .is_refused(&code.replace("NAME", "\"lou\""), 2)
            .says("has no mailbox: there is no online account");
        shell
            .is_refused(&code.replace("NAME", "\"kim\""), 2)
            .says("has no mailbox: no licence comes with one");
    }
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
    // Somebody who gets a licence in the same plan is waited for.
    shell.does("account(\"kim\").add_license(\"Microsoft 365 Business Basic\"); group(\"Sales\").add(\"kim\")");
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["kim"]));
}

#[test]
fn a_name_that_means_nobody_is_said_with_its_row() {
    let (tenant, shell) = office();
    shell.file("members.csv", "member\nbob\neva\nnobody@contoso.com\nSails\n");
    shell.file("people.csv", "user_name,groups\nbob,Sales\neva,Sales;Sails\ntim,Board\nann,nope\n");
    shell.file(
        "groups.rhai",
        "for row in read_csv(\"people.csv\") { \
             account(row.user_name).add_to_group(row.groups.split(\";\")) }",
    );
    let ran = shell.acctsh(&["run", "groups.rhai", "--yes"]).exits(2);
    for said in [
        "people.csv:3: eva",
        "\"Sails\"",
        "did you mean \"Sales\"?",
        "people.csv:5: ann",
        "\"nope\"",
    ] {
        assert!(ran.err.contains(said), "{said:?} is not in:\n{}", ran.err);
    }
    let ran = shell
        .acctsh(&["run", "sync-group", "--group", "Sales", "--csv", "members.csv", "--yes"])
        .exits(2);
    for said in ["members.csv:4", "\"nobody@contoso.com\"", "members.csv:5", "\"Sails\""] {
        assert!(ran.err.contains(said), "{said:?} is not in:\n{}", ran.err);
    }
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
}

#[test]
fn a_group_that_is_gone_in_this_plan_takes_nobody_and_is_in_none() {
    let (tenant, shell) = office();
    new_member(&tenant, "Sales", "board");
    for code in [
        "group(\"Sales\").add(g)",
        "account(\"bob\").add_to_group(g)",
        "account(\"bob\").set_groups([g])",
        "create_group(#{ name: \"Press\", members: g })",
    ] {
        let code = format!("let g = create_group(#{{ name: \"Shop\" }}); g.delete(); {code}");
        shell.is_refused(&code, 2).says("group Shop is not there at this point of the plan");
    }
    shell.is_refused("group(\"Board\").delete(); group(\"Sales\").add(\"Board\")", 2);
    let code = "group(\"Board\").delete(); print(group(\"Sales\").members.len()); \
                group(\"Sales\").set_members([\"bob\"])";
    shell.does(code).prints("0\n").says("1 member to add, 1 group to delete");
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["bob"]));
}

#[test]
fn a_group_is_made_filled_nested_and_renamed_in_one_plan() {
    let (tenant, shell) = office();
    shell.file(
        "reorganise.rhai",
        r#"
        let staff = create_group(#{ name: "Staff", owners: "eva", members: accounts(["ann", "bob"]) });
        let shop = create_group(#{ name: "Shop", members: [staff] });
        staff.add("tim").remove("ann").rename("All staff");
        account("tim").add_to_group(shop);
        create_account(#{ user_name: "zoe", display_name: "Zoe", groups: ["All staff"] });
        group("Sales").add(shop).set(#{ description: "Everybody who sells" });
        shop.add_alias("market");
        group("Board").delete();
        print(group("Sales").members.len() + shop.members.len() + staff.members.len());
        "#,
    );
    shell.acctsh(&["run", "reorganise.rhai", "--what-if"]).exits(0).prints("6\n");
    assert_eq!(group_names(&tenant), ["Board", "Sales"]);
    shell.acctsh(&["run", "reorganise.rhai", "--yes"]).exits(0).prints("6\n");
    assert_eq!(group_names(&tenant), ["All staff", "Sales", "Shop"]);
    assert_eq!(members(&tenant, "All staff"), at_contoso(&["bob", "tim", "zoe"]));
    assert_eq!(members(&tenant, "Shop"), at_contoso(&["staff", "tim"]));
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["shop"]));
    assert!(
        group(&tenant, "Shop")["EmailAddresses"].to_string().contains("smtp:market@contoso.com")
    );
}

#[test]
fn a_group_made_and_deleted_in_one_plan_leaves_nothing() {
    let (tenant, shell) = office();
    shell.does("let g = create_group(#{ name: \"Shop\", members: [\"bob\", \"eva\"] }); g.remove(\"bob\"); g.delete()");
    assert_eq!(group_names(&tenant), ["Board", "Sales"]);
}

#[test]
fn a_new_group_that_the_tenant_sees_only_later_is_waited_for() {
    let (tenant, shell) = office();
    tenant.knob("PUT", "settings", Some(json!({ "lag": { "fixed_ms": 700 } })));
    shell.does(
        "let g = create_group(#{ name: \"Shop\", members: [\"bob\", \"eva\"] }); \
         g.remove(\"bob\").rename(\"Market\"); group(\"Sales\").add(g)",
    );
    assert_eq!(members(&tenant, "Market"), at_contoso(&["eva"]));
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["shop"]));
}

#[test]
fn a_group_that_goes_into_another_one_is_deleted_only_then() {
    let (tenant, shell) = office();
    let cut = json!({
        "kind": "cut_before", "method": "POST",
        "path": "/exchange/adminapi/beta/*/InvokeCommand/Add-DistributionGroupMember"
    });
    tenant.knob("POST", "faults", Some(json!([cut])));
    shell.does("group(\"Sales\").add(group(\"Board\")); group(\"Board\").delete()");
    assert_eq!(group_names(&tenant), ["Sales"]);
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
}

#[test]
fn what_came_of_a_group_is_printed_as_for_people() {
    let (_tenant, shell) = office();
    let add = "group(\"Sales\").add([\"bob\", \"eva\"])";
    shell.acctsh(&["-c", add, "--what-if"]).exits(0).prints("members: + bob, eva");
    shell.does(add).prints("member added");
}

#[test]
fn whoever_loses_the_mailbox_leaves_groups_first_wherever_the_plan_says_so() {
    let (tenant, shell) = office();
    shell.does("group(\"Sales\").add([\"ann\", \"bob\", \"eva\"])");
    // Exchange wants to be asked again: without an order the licence would be gone by then.
    let busy = json!({
        "kind": "service_unavailable", "retry_after": 1, "times": 3,
        "path": "/exchange/adminapi/beta/*/InvokeCommand/Remove-DistributionGroupMember"
    });
    tenant.knob("POST", "faults", Some(busy));
    shell.does(
        "account(\"ann\").unassign(); account(\"eva\").set_licenses([]); \
         group(\"Sales\").set_members([\"bob\"])",
    );
    assert_eq!(members(&tenant, "Sales"), at_contoso(&["bob"]));
}

#[test]
fn whoever_stays_a_member_without_a_mailbox_is_named() {
    let (tenant, shell) = office();
    shell.does("group(\"Sales\").add([\"ann\", \"bob\"])");
    shell.does("account(\"ann\").set_licenses([])");
    for code in ["group(\"Sales\").remove(\"ann\")", "group(\"Sales\").set_members([\"bob\"])"] {
        shell.acctsh(&["-c", code, "--yes"]).exits(1).prints(
            "ann is still a member, without a mailbox: Exchange doesn't find whom to take out",
        );
    }
    let all = tenant.exchange("Get-DistributionGroupMember", &json!({ "Identity": "Sales" }));
    assert_eq!(all.len(), 2, "{all:?}");
}
