//! Licences by name: more, fewer, others, in one call for each person.

use serde_json::{Value, json};

use crate::person::{BASIC, STANDARD, behind_the_scenes, office_of, online, seats_used};
use crate::story::{Shell, Tenant};

const EXCHANGE: &str = "EXCHANGESTANDARD";

/// How often a person's licences were written so far.
fn calls(tenant: &Tenant) -> i64 {
    tenant.summary()["requests"]["POST /users/{id}/assignLicense"].as_i64().unwrap_or(0)
}

fn names(shell: &Shell, person: &str) -> Value {
    shell.value(&format!("account(\"{person}\").licenses"))
}

/// Services that are off, of the first licence.
fn off(tenant: &Tenant, person: &str) -> usize {
    let licenses = online(tenant, person)["assignedLicenses"].clone();
    let with_off = licenses.as_array().unwrap().iter();
    with_off.map(|license| license["disabledPlans"].as_array().unwrap().len()).sum()
}

#[test]
fn more_fewer_and_others_are_one_call_each() {
    let (tenant, shell) = office_of(&["bob"]);
    let mut before = calls(&tenant);
    let mut one_call = |code: &str| {
        let ran = shell.does(code);
        assert_eq!(calls(&tenant), before + 1, "{code}");
        before += 1;
        ran
    };
    one_call("account(\"bob\").add_license(\"EXCHANGESTANDARD\")");
    assert_eq!((seats_used(&tenant, BASIC), seats_used(&tenant, EXCHANGE)), (1, 1));
    one_call("account(\"bob\").remove_license(\"Exchange Online (Plan 1)\")");
    assert_eq!(seats_used(&tenant, EXCHANGE), 0);
    one_call("account(\"bob\").set_licenses([\"Microsoft 365 Business Standard\"])")
        .never_says("mailbox");
    assert_eq!((seats_used(&tenant, BASIC), seats_used(&tenant, STANDARD)), (0, 1));
    one_call("account(\"bob\").set_licenses([])").says("loses its mailbox");
    assert_eq!(seats_used(&tenant, STANDARD), 0);
}

#[test]
fn a_swap_for_everybody_is_one_call_for_each_of_them() {
    let (tenant, shell) = office_of(&["ada", "bob", "eva"]);
    let before = calls(&tenant);
    shell
        .acctsh(&[
            "-c",
            "accounts(#{ department: \"Plant\" }).set_licenses([\"Exchange Online (Plan 1)\"])",
            "--what-if",
        ])
        .exits(0)
        .prints("licence: Microsoft 365 Business Basic → Exchange Online (Plan 1)");
    assert_eq!(calls(&tenant), before);
    shell.does("accounts(#{ department: \"Plant\" }).set_licenses([\"Exchange Online (Plan 1)\"])");
    assert_eq!(calls(&tenant), before + 3);
    assert_eq!((seats_used(&tenant, BASIC), seats_used(&tenant, EXCHANGE)), (0, 3));
    shell
        .does("accounts(#{ department: \"Plant\" }).set_licenses([\"Exchange Online (Plan 1)\"])")
        .says("3 people complete already");
}

#[test]
fn services_that_are_off_in_a_licence_that_stays_are_left_off() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does(r#"account("bob").set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams", "SWAY"] })"#);
    assert_eq!(off(&tenant, "bob"), 2);
    shell.does(r#"account("bob").add_license("Exchange Online (Plan 1)")"#);
    assert_eq!(off(&tenant, "bob"), 2);
    shell.does(r#"account("bob").set_licenses(["Microsoft 365 Business Standard"])"#);
    assert_eq!(off(&tenant, "bob"), 2);
    shell.does(
        r#"account("bob").set_licenses(["Microsoft 365 Business Standard"], #{ without: [] })"#,
    );
    assert_eq!(off(&tenant, "bob"), 0, "they are on when that is said");
    shell
        .is_refused(r#"account("bob").set_licenses(["SPB"], #{ without: ["Teems"] })"#, 2)
        .says("none of the licences has a service \"Teems\"");
    shell
        .is_refused(r#"account("bob").set_licenses(["SPB"], #{ witout: [] })"#, 2)
        .says("did you mean without?");
}

#[test]
fn what_a_group_gives_is_named_and_left() {
    let (tenant, shell) = office_of(&["bob"]);
    let bob = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    let statement = "UPDATE users SET doc = json_set(doc, '$.licenseAssignmentStates[0].assignedByGroup', \
                     '6b1f5f4e-0000-4000-8000-000000000001') WHERE id = ?";
    behind_the_scenes(&tenant, statement, &[&bob]);
    let before = calls(&tenant);
    shell
        .does("account(\"bob\").remove_license(\"Microsoft 365 Business Basic\")")
        .says("keeps Microsoft 365 Business Basic: a group gives it");
    shell.does("account(\"bob\").set_licenses([])").says("a group gives it");
    assert_eq!(calls(&tenant), before);
    assert_eq!(names(&shell, "bob"), json!(["Microsoft 365 Business Basic"]));
}

#[test]
fn the_usage_location_comes_first() {
    let (tenant, shell) = office_of(&[]);
    tenant.graph_post(
        "users",
        &json!({ "accountEnabled": true, "displayName": "Eva Li", "mailNickname": "eva",
            "userPrincipalName": "eva@contoso.com", "passwordProfile": { "password": "Tarnhafen-48-Moor" } }),
    );
    let give = "account(\"eva@contoso.com\").add_license(\"Microsoft 365 Business Basic\")";
    shell.is_refused(give, 2).says("has no usage location").says("set it first");
    shell.does("account(\"eva@contoso.com\").set(#{ country: \"France\" })");
    shell.does(give);
    assert_eq!(online(&tenant, "eva")["usageLocation"], "FR", "the country's");
    assert_eq!(seats_used(&tenant, BASIC), 1);
}

#[test]
fn without_seats_or_subscription_nothing_is_written() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let swap = "accounts([\"bob\", \"eva\"]).set_licenses([\"Exchange Online (Plan 1)\"])";
    tenant.knob("PUT", &format!("skus/{EXCHANGE}"), Some(json!({ "seats": 1 })));
    shell.is_refused(swap, 2).says("Exchange Online (Plan 1) (2 needed, 1 free)");
    tenant.knob("PUT", &format!("skus/{EXCHANGE}"), Some(json!({ "seats": 0 })));
    shell.is_refused(swap, 2).says("can't be assigned").says("renew the subscription");
    shell
        .is_refused("account(\"bob\").add_license(\"Exchange Onlin (Plan 1)\")", 2)
        .says("did you mean \"Exchange Online (Plan 1)\"?");
    assert_eq!(seats_used(&tenant, BASIC), 2);
}

#[test]
fn a_seat_that_one_gives_up_serves_the_next_in_the_same_plan() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    shell.does("account(\"eva\").set_licenses([\"Exchange Online (Plan 1)\"])");
    tenant.knob("PUT", &format!("skus/{BASIC}"), Some(json!({ "seats": 1 })));
    shell.does(
        "account(\"bob\").unassign(); account(\"eva\").set_licenses([\"Microsoft 365 Business Basic\"])",
    );
    assert_eq!(names(&shell, "eva"), json!(["Microsoft 365 Business Basic"]));
    assert_eq!(seats_used(&tenant, BASIC), 1);
}

#[test]
fn a_swap_whose_answer_was_lost_is_done_and_not_refused() {
    let (tenant, shell) = office_of(&["bob"]);
    let cut =
        json!({ "kind": "cut_after", "method": "POST", "path": "/v1.0/users/*/assignLicense" });
    tenant.knob("POST", "faults", Some(cut));
    shell.does("account(\"bob\").set_licenses([\"Exchange Online (Plan 1)\"])").says("1 done");
    assert_eq!(names(&shell, "bob"), json!(["Exchange Online (Plan 1)"]));
    assert_eq!((seats_used(&tenant, BASIC), seats_used(&tenant, EXCHANGE)), (0, 1));
}
