//! The life of a distribution group: made, changed, renamed, deleted; and what is refused on the way.

use serde_json::{Value, json};

use crate::mail_seen::{calls, group, group_names, members, new_contact, new_group, owners};
use crate::person::office_of;
use crate::story::{Shell, Tenant};

fn office() -> (Tenant, Shell) {
    office_of(&["bob", "eva", "tim"])
}

#[test]
fn a_name_is_enough_and_the_rest_is_taken_for_granted() {
    let (tenant, shell) = office();
    shell.does("create_group(#{ name: \"All staff\" })").says("1 group to create");
    let made = group(&tenant, "All staff");
    assert_eq!(made["PrimarySmtpAddress"], "all.staff@contoso.com");
    assert_eq!(made["Alias"], "all.staff");
    assert_eq!(made["RequireSenderAuthenticationEnabled"], json!(false), "outsiders may send");
    assert_eq!(made["RecipientTypeDetails"], "MailUniversalDistributionGroup");
    assert_eq!(owners(&tenant, "All staff"), [acctsh_sandbox::ADMINISTRATOR]);
    assert_eq!(members(&tenant, "All staff"), [""; 0], "whoever owns it isn't in it");
}

#[test]
fn everything_about_it_can_be_said_when_it_is_made() {
    let (tenant, shell) = office();
    shell
        .does(
            "create_group(#{ name: \"Board\", alias: \"board\", domain: \"contoso.onmicrosoft.com\", \
             description: \"Who decides\", owners: [\"eva\", account(\"bob\")], \
             members: [\"tim\", \"eva@contoso.com\", \"tim\"], outside_senders: false })",
        )
        .says("1 group to create, 2 members to add");
    let made = group(&tenant, "Board");
    assert_eq!(made["PrimarySmtpAddress"], "board@contoso.onmicrosoft.com");
    assert_eq!(made["Description"], json!(["Who decides"]));
    assert_eq!(made["RequireSenderAuthenticationEnabled"], json!(true));
    assert_eq!(owners(&tenant, "Board"), ["bob@contoso.com", "eva@contoso.com"]);
    assert_eq!(members(&tenant, "Board"), ["eva@contoso.com", "tim@contoso.com"]);
    let read = shell.value(
        "let g = group(\"board\"); [g.name, g.alias, g.email, g.description, g.outside_senders, \
         g.hidden, g.kind, g.owners.map(|o| o.user_name), g.members.map(|m| m.user_name)]",
    );
    let expected = json!([
        "Board",
        "board",
        "board@contoso.onmicrosoft.com",
        "Who decides",
        false,
        false,
        "distribution group",
        ["bob", "eva"],
        ["eva", "tim"]
    ]);
    assert_eq!(sorted(sorted(read, 7), 8), expected);
}

/// A list in a list, sorted: members come in no order.
fn sorted(mut all: Value, at: usize) -> Value {
    all[at].as_array_mut().unwrap().sort_by_key(ToString::to_string);
    all
}

#[test]
fn a_group_always_has_an_owner() {
    let (tenant, shell) = office();
    shell
        .is_refused("create_group(#{ name: \"Board\", owners: [] })", 2)
        .says("Board: a group needs an owner")
        .says("group_owner");
    shell.does("create_group(#{ name: \"Board\", owners: \"eva\" })");
    shell
        .is_refused("group(\"Board\").set(#{ owners: [] })", 2)
        .says("Board: a group needs an owner");
    shell
        .is_refused("create_group(#{ name: \"Sales\", owners: group(\"Board\") })", 2)
        .says("Board can't own a group: only a person can");
    shell
        .is_refused("create_group(#{ name: \"Sales\", owners: \"nobody\" })", 2)
        .says("there is neither a person nor a group called \"nobody\"");

    let owner = format!(", group_owner = \"{}\"", acctsh_sandbox::ADMINISTRATOR);
    assert!(tenant.profile().contains(&owner));
    shell.config(&tenant.profile().replace(&owner, ""));
    shell
        .is_refused("create_group(#{ name: \"Sales\" })", 2)
        .says("give owners: [\"eva\"], or set group_owner in the profile's defaults");
    assert_eq!(group_names(&tenant), ["Board"]);
}

#[test]
fn each_property_is_changed_by_itself_and_the_rest_stays() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sales");
    let before = group(&tenant, "Sales");
    let changes = [
        ("name: \"Sales team\"", "name: Sales → Sales team"),
        ("alias: \"sellers\"", "alias: sales → sellers"),
        ("description: \"Who sells\"", "description: empty → Who sells"),
        ("description: ()", "description: Who sells → empty"),
        ("outside_senders: true", "outsiders: may not send → may send"),
        ("outside_senders: false", "outsiders: may send → may not send"),
        ("hidden: true", "hidden: no → yes"),
        ("hidden: false", "hidden: yes → no"),
        ("owners: [\"eva\", \"bob\"]", "owners: admin@contoso.onmicrosoft.com → eva, bob"),
    ];
    for (property, words) in changes {
        let set = format!("group(\"sales@contoso.com\").set(#{{ {property} }})");
        shell.acctsh(&["-c", &format!("{set}; preview()"), "--what-if"]).exits(0).prints(words);
        shell.does(&set).says("1 group to update");
        shell.does(&set).says("1 group complete already");
    }
    let mut after = group(&tenant, "Sales team");
    assert_eq!(after["Alias"], "sellers");
    assert_eq!(owners(&tenant, "Sales team"), ["bob@contoso.com", "eva@contoso.com"]);
    // All else is as it was: the address does not follow the alias.
    for name in [
        "Name",
        "DisplayName",
        "Identity",
        "DistinguishedName",
        "Alias",
        "ManagedBy",
        "WhenChangedUTC",
    ] {
        after[name] = before[name].clone();
    }
    assert_eq!(after, before);
}

#[test]
fn an_owner_is_exchanged_for_another_in_one_go() {
    let (tenant, shell) = office();
    shell.does("create_group(#{ name: \"Board\", owners: \"eva\" })");
    shell.does("group(\"Board\").set(#{ owners: [\"tim\"] })");
    assert_eq!(owners(&tenant, "Board"), ["tim@contoso.com"]);
}

#[test]
fn a_renamed_group_keeps_its_addresses_and_members() {
    let (tenant, shell) = office();
    shell.does("create_group(#{ name: \"Sales\", members: [\"bob\"] })");
    shell.does("group(\"Sales\").rename(\"Selling\"); group(\"Selling\").add(\"eva\")");
    assert_eq!(group_names(&tenant), ["Selling"]);
    assert_eq!(group(&tenant, "Selling")["Name"], "Selling");
    assert_eq!(members(&tenant, "sales@contoso.com"), ["bob@contoso.com", "eva@contoso.com"]);
}

#[test]
fn a_group_has_aliases_as_a_person_has() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sales");
    shell.does(
        "group(\"Sales\").add_alias(\"sell\"); group(\"Sales\").add_alias(\"shop@contoso.com\")",
    );
    let has =
        |address: &str| group(&tenant, "Sales")["EmailAddresses"].to_string().contains(address);
    assert!(has("smtp:sell@contoso.com") && has("smtp:shop@contoso.com"));
    assert_eq!(shell.value("group(\"shop@contoso.com\").name"), "Sales");
    shell.does("group(\"Sales\").remove_alias(\"sell@contoso.com\")");
    assert!(!has("sell@contoso.com") && has("SMTP:sales@contoso.com"));
    shell
        .is_refused("group(\"Sales\").add_alias(\"bob\")", 2)
        .says("bob@contoso.com is held by bob");
}

#[test]
fn a_group_is_deleted_after_a_question_and_gone_for_good() {
    let (tenant, shell) = office();
    shell.does("create_group(#{ name: \"Old list\", members: [\"bob\", \"eva\"] })");
    shell
        .acctsh(&["-c", "group(\"Old list\").delete()"])
        .exits(5)
        .says("it is gone for good with its addresses and its 2 members")
        .says("this needs a confirmation");
    assert_eq!(group_names(&tenant), ["Old list"]);
    shell.does("group(\"Old list\").delete()").says("1 group to delete");
    assert_eq!(group_names(&tenant), [""; 0]);
    shell.is_refused("group(\"Old list\").name", 2).says("there is no group called \"Old list\"");
    assert_eq!(shell.value("account(\"bob\").groups.len()"), 0);
}

#[test]
fn whoever_has_the_name_the_alias_or_the_address_is_named_before_anything_is_written() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sales");
    new_group(&tenant, "Board", "board");
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    // It goes by the other's name as an alias, so both answer to it.
    new_group(&tenant, "All staff", "all");
    new_group(&tenant, "All", "everyone");
    for (code, said) in [
        ("group(\"all@contoso.com\").rename(\"All\")", "there is a group All already"),
        (
            "create_group(#{ name: \"sales\" })",
            "there is a group Sales already (sales@contoso.com)",
        ),
        (
            "create_group(#{ name: \"Shop\", alias: \"sales\" })",
            "sales@contoso.com is held by group Sales",
        ),
        ("create_group(#{ name: \"Shop\", alias: \"bob\" })", "bob@contoso.com is held by bob"),
        (
            "create_group(#{ name: \"Shop\", alias: \"sales\", domain: \"contoso.onmicrosoft.com\" })",
            "the alias \"sales\" is held by group Sales",
        ),
        ("group(\"Board\").rename(\"Sales\")", "there is a group Sales already"),
        (
            "group(\"Board\").set(#{ alias: \"sales\" })",
            "the alias \"sales\" is held by group Sales",
        ),
        ("group(\"Board\").set(#{ alias: \"bob\" })", "the alias \"bob\" is held by bob"),
        ("group(\"Board\").add_alias(\"sales\")", "sales@contoso.com is held by group Sales"),
        (
            "create_group(#{ name: \"Shop\" }); create_group(#{ name: \"Shop\" })",
            "there is a group Shop already (shop@contoso.com)",
        ),
        (
            "create_group(#{ name: \"Shop\" }); create_group(#{ name: \"Market\", alias: \"shop\" })",
            "shop@contoso.com is held by group Shop",
        ),
    ] {
        shell.is_refused(code, 2).says(said);
    }
    assert_eq!(group_names(&tenant), ["All", "All staff", "Board", "Sales"]);
}

#[test]
fn what_can_not_be_a_group_is_refused_with_the_reason() {
    let (tenant, shell) = office();
    let long = "x".repeat(65);
    for (code, said) in [
        ("create_group(#{ alias: \"x\" })".to_owned(), "a group needs a name"),
        ("create_group(#{ name: \"\" })".to_owned(), "a group needs a name"),
        ("create_group(#{ name: \"A\", owner: \"eva\" })".to_owned(), "did you mean owners?"),
        (
            format!("create_group(#{{ name: \"{long}\", alias: \"x\" }})"),
            "the name has 65 characters, at most 64 are allowed",
        ),
        (
            "create_group(#{ name: \"A\", alias: \"two..dots\" })".to_owned(),
            "the alias \"two..dots\" can't be used",
        ),
        (
            "create_group(#{ name: \"A\", domain: \"fabrikam.com\" })".to_owned(),
            "fabrikam.com is no domain that this tenant gets mail for",
        ),
        ("group(\"Sales\")".to_owned(), "there is no group called \"Sales\""),
    ] {
        shell.is_refused(&code, 2).says(said);
    }
    assert_eq!(group_names(&tenant), [""; 0]);
}

#[test]
fn a_mail_enabled_security_group_is_looked_after_as_well_and_told_apart() {
    let (tenant, shell) = office();
    let vault = json!({
        "Name": "Vault", "Alias": "vault", "Type": "Security",
        "ManagedBy": [acctsh_sandbox::ADMINISTRATOR]
    });
    tenant.exchange("New-DistributionGroup", &vault);
    assert_eq!(shell.value("group(\"Vault\").kind"), "mail-enabled security group");
    shell.does("group(\"Vault\").add([\"bob\", \"eva\"]); group(\"Vault\").set(#{ hidden: true })");
    shell.does("group(\"Vault\").remove(\"eva\"); account(\"tim\").add_to_group(\"vault\")");
    assert_eq!(members(&tenant, "Vault"), ["bob@contoso.com", "tim@contoso.com"]);
    assert_eq!(group(&tenant, "Vault")["HiddenFromAddressListsEnabled"], json!(true));
    shell.does("group(\"Vault\").delete()");
    assert_eq!(group_names(&tenant), [""; 0]);
}

#[test]
fn a_handle_means_the_same_group_before_and_after_apply() {
    let (tenant, shell) = office();
    let code = "let g = create_group(#{ name: \"Sales\", members: [\"bob\"] }); \
                let seen = [g.email, g.members.len(), g.owners.len(), groups().len()]; \
                apply(); \
                g.add(\"eva\").rename(\"Selling\"); \
                seen += [g.name, g.members.len(), group(\"Selling\").members.len()]; \
                apply(); \
                g.remove(\"bob\"); apply(); \
                print(seen + [g.name, g.members.len(), g.members[0].user_name]);";
    shell
        .does(code)
        .prints("[\"sales@contoso.com\", 1, 1, 1, \"Selling\", 2, 2, \"Selling\", 1, \"eva\"]");
    assert_eq!(members(&tenant, "Selling"), ["eva@contoso.com"]);
    shell
        .is_refused("let g = create_group(#{ name: \"Gone\" }); g.delete(); g.name", 2)
        .says("group Gone is not there at this point of the plan");
}

#[test]
fn groups_that_a_plan_would_make_are_counted_and_listed_without_being_there() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sales");
    let code = "create_group(#{ name: \"Shop\" }); print(groups().len()); groups()";
    let ran = shell.acctsh(&["-c", code, "--what-if"]).exits(0).prints("2\n").prints("Sales");
    assert!(!ran.out.contains("Shop"), "{}", ran.out);
    assert_eq!(group_names(&tenant), ["Sales"]);
}

#[test]
fn a_group_whose_making_was_never_answered_is_made_once() {
    let (tenant, shell) = office();
    tenant.knob("PUT", "exchange", Some(json!({ "lost_writes": 1 })));
    shell.does("create_group(#{ name: \"Sales\", owners: \"eva\", members: [\"bob\"] })");
    let cut = json!({
        "kind": "cut_after", "method": "POST",
        "path": "/exchange/adminapi/beta/*/InvokeCommand/New-DistributionGroup"
    });
    tenant.knob("POST", "faults", Some(json!([cut])));
    shell.does("create_group(#{ name: \"Board\", members: [\"eva\"] })");
    assert_eq!(calls(&tenant)["New-DistributionGroup"], 4, "each was tried twice");
    assert_eq!(group_names(&tenant), ["Board", "Sales"]);
    assert_eq!(members(&tenant, "Sales"), ["bob@contoso.com"]);
    assert_eq!(members(&tenant, "Board"), ["eva@contoso.com"]);
}

#[test]
fn a_group_that_somebody_else_has_made_meanwhile_is_never_taken_for_ours() {
    let (tenant, shell) = office();
    let code = "create_group(#{ name: \"Shop\", members: [\"bob\"] })";
    shell.acctsh(&["-c", code, "--plan-out", "plan.json"]).exits(0);
    new_group(&tenant, "Shop", "shop");
    shell
        .acctsh(&["plan", "apply", "plan.json", "--yes"])
        .exits(4)
        .says("there is a group Shop already (shop@contoso.com)");
    assert_eq!(members(&tenant, "Shop"), [""; 0]);
}

#[test]
fn a_name_that_is_given_up_is_taken_over_only_when_it_is_free_for_sure() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sell");
    new_group(&tenant, "Board", "board");
    for (code, said) in [
        (
            "group(\"Sales\").rename(\"Selling\"); group(\"Board\").rename(\"Sales\")",
            "Sales is the name of group Sales until this plan is done",
        ),
        (
            "group(\"Sales\").delete(); create_group(#{ name: \"Sales\", alias: \"shop\" })",
            "Sales is the name of group Sales until this plan is done",
        ),
        (
            "group(\"Sales\").delete(); group(\"Board\").set(#{ alias: \"sell\" })",
            "sell is the alias of group Sales until this plan is done",
        ),
    ] {
        shell.is_refused(code, 2).says(said).says("call apply() in between");
    }
    shell.does("group(\"Sales\").rename(\"Selling\"); apply(); group(\"Board\").rename(\"Sales\")");
    assert_eq!(group_names(&tenant), ["Sales", "Selling"]);
    // The address is what the one waits for the other by.
    shell.does("group(\"board@contoso.com\").delete(); create_group(#{ name: \"Sales\", alias: \"board\" })");
    assert_eq!(group(&tenant, "Sales")["PrimarySmtpAddress"], "board@contoso.com");
}

#[test]
fn two_groups_of_the_same_name_are_told_apart_by_their_addresses() {
    let (tenant, shell) = office();
    new_group(&tenant, "Sales", "sales");
    let twin = json!({
        "Name": "Sales 2027", "DisplayName": "Sales", "Alias": "sales2027",
        "ManagedBy": [acctsh_sandbox::ADMINISTRATOR]
    });
    tenant.exchange("New-DistributionGroup", &twin);
    shell
        .is_refused("group(\"Sales\").add(\"bob\")", 2)
        .says("\"Sales\" means several groups: Sales (sales@contoso.com) and Sales (sales2027@contoso.com)")
        .says("name it by its address");
    shell
        .is_refused("account(\"bob\").add_to_group(\"Sales\")", 2)
        .says("several groups are called \"Sales\"");
    shell.does("group(\"sales2027@contoso.com\").add(\"bob\")");
    assert_eq!(members(&tenant, "Sales 2027"), ["bob@contoso.com"]);
}

#[test]
fn a_group_made_and_deleted_in_one_plan_is_gone_also_where_it_is_seen_late() {
    let (tenant, shell) = office();
    tenant.knob("PUT", "settings", Some(json!({ "lag": { "fixed_ms": 700 } })));
    shell.does("create_group(#{ name: \"Shop\" }).delete()");
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 5 })));
    assert_eq!(group_names(&tenant), [""; 0]);
}
