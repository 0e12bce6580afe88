//! `set` writes each field where it lives; what it can't write it refuses, and says what can.

use acctsh::model::Field;
use serde_json::{Value, json};

use crate::person::{office_of, online, user};
use crate::story::{Shell, Tenant};

fn values(shell: &Shell, name: &str, fields: &str) -> Value {
    let list: Vec<String> = fields.split(' ').map(|field| format!("a.{field}")).collect();
    shell.value(&format!("let a = account(\"{name}\"); [{}]", list.join(", ")))
}

fn with_tim() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("create_account(#{ user_name: \"tim\", online: false })");
    (tenant, shell)
}

#[test]
fn a_field_of_both_halves_is_written_on_both_and_cleared_on_both() {
    let (tenant, shell) = office_of(&["bob"]);
    shell
        .acctsh(&["-c", "account(\"bob\").set(#{ department: \"Sales\" })", "--what-if"])
        .exits(0)
        .prints("department: Plant → Sales");
    assert_eq!(online(&tenant, "bob")["department"], "Plant");

    shell.does("account(\"bob\").set(#{ department: \"Sales\", mobile: \"+49 170 5550101\" })");
    assert_eq!(user(&shell, "bob").details.get(Field::Department), Some("Sales"));
    assert_eq!(online(&tenant, "bob")["department"], "Sales");
    assert_eq!(online(&tenant, "bob")["mobilePhone"], "+49 170 5550101");

    shell.does("account(\"bob\").set(#{ department: (), mobile: () })");
    assert_eq!(user(&shell, "bob").details.get(Field::Department), None);
    assert_eq!(online(&tenant, "bob")["department"], Value::Null);
    assert_eq!(online(&tenant, "bob")["mobilePhone"], Value::Null);
    shell.does("account(\"bob\").set(#{ department: () })").says("1 person complete already");
}

#[test]
fn the_usage_location_lives_online_and_is_a_country() {
    let (tenant, shell) = with_tim();
    shell.does("account(\"bob\").set(#{ usage_location: \"France\" })");
    assert_eq!(online(&tenant, "bob")["usageLocation"], "FR");
    assert_eq!(user(&shell, "bob").details.get(Field::UsageLocation), None);
    shell
        .is_refused("account(\"bob\").set(#{ usage_location: \"Atlantis\" })", 2)
        .says("\"Atlantis\" is not a country's code or English name");
    shell
        .is_refused("account(\"tim\").set(#{ usage_location: \"FR\" })", 2)
        .says("has no online account, where usage_location lives");
}

#[test]
fn expiry_and_forced_change_belong_to_the_user() {
    let (tenant, shell) = office_of(&["bob"]);
    let before = online(&tenant, "bob");
    shell.does("account(\"bob\").set(#{ expires: \"2031-01-31\", must_change_password: false })");
    assert_eq!(values(&shell, "bob", "expires must_change_password"), json!(["2031-01-31", false]));
    shell.does("account(\"bob\").set(#{ expires: () }).require_password_change()");
    assert_eq!(values(&shell, "bob", "expires must_change_password"), json!([null, true]));
    assert_eq!(online(&tenant, "bob"), before);

    shell
        .is_refused("account(\"bob\").set(#{ expires: \"2031-02-30\" })", 2)
        .says("\"2031-02-30\" is not a date")
        .says("write it as 2027-01-31");
    shell
        .is_refused("account(\"bob\").set(#{ must_change_password: \"yes\" })", 2)
        .says("must_change_password must be true or false");
    shell.does("account(\"bob\").unlink()");
    shell
        .is_refused("account(\"bob@contoso.com\").set(#{ expires: \"2031-01-31\" })", 2)
        .says("has no user");
}

#[test]
fn an_unknown_field_is_refused_with_the_nearest_one() {
    let (_tenant, shell) = office_of(&["bob"]);
    shell
        .is_refused("account(\"bob\").set(#{ departmnt: \"Sales\" })", 2)
        .says("an account has no field \"departmnt\"")
        .says("did you mean department?");
}

#[test]
fn a_field_that_another_verb_writes_is_refused_with_that_verb() {
    let (_tenant, shell) = office_of(&["bob"]);
    for (field, value, verb) in [
        ("user_name", "\"rob\"", "use rename"),
        ("online_id", "\"rob\"", "use rename"),
        ("enabled", "false", "use enable or disable"),
        ("can_sign_in", "false", "use enable or disable"),
        ("licenses", "[]", "use set_licenses"),
        ("password", "\"x\"", "use reset_password"),
        ("status", "\"x\"", "it follows from other things"),
        ("created", "\"x\"", "it follows from other things"),
    ] {
        shell
            .acctsh(&["-c", &format!("account(\"bob\").set(#{{ {field}: {value} }})"), "--yes"])
            .exits(2)
            .says(&format!("{field} can't be set"))
            .says(verb);
    }
}

#[test]
fn a_value_that_is_too_long_or_of_the_wrong_kind_is_refused_where_it_stands() {
    let (tenant, shell) = office_of(&["bob"]);
    let long = "x".repeat(65);
    shell
        .is_refused(
            &format!("account(\"bob\").set(#{{ city: \"Bonn\", department: \"{long}\" }})"),
            2,
        )
        .says("department has 65 characters, at most 64 are allowed");
    shell
        .is_refused("account(\"bob\").set(#{ department: [1] })", 2)
        .says("department must be a text");
    let fits = "x".repeat(64);
    shell.does(&format!("account(\"bob\").set(#{{ department: \"{fits}\" }})"));
    assert_eq!(online(&tenant, "bob")["department"], fits);
}

#[test]
fn synchronised_fields_are_refused_online_and_the_usage_location_is_not() {
    let (tenant, shell) = office_of(&["bob"]);
    let id = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    tenant.knob("PUT", &format!("users/{id}"), Some(json!({ "synchronized": true })));
    shell
        .is_refused("account(\"bob\").set(#{ department: \"Sales\" })", 2)
        .says("is run by directory synchronisation: department can't be changed online");
    shell.does("account(\"bob\").set(#{ usage_location: \"FR\" })");
    assert_eq!(online(&tenant, "bob")["usageLocation"], "FR");
}
