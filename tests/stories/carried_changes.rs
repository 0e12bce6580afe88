//! What `acctsh sync` carries from the directory besides passwords: last days that are over; and, where the
//! profile says so, who was disabled, enabled, renamed or deleted there. Small plans, under the guards.

use std::fs;

use serde_json::json;

use crate::person::{has_online, office_of, online};
use crate::story::{Shell, Tenant, is_not_of_a_domain};

/// The directory's own file is changed behind acctsh's back, as another program would.
fn behind(shell: &Shell, statement: &str, name: &str) {
    let file = shell.home().join("profiles/contoso/directory.db");
    let directory = rusqlite::Connection::open(file).unwrap();
    let stamped = format!(
        "UPDATE users SET last_changed = max(last_changed + 1, ?2), {statement} WHERE name = ?1"
    );
    let now = jiff::Timestamp::now().as_microsecond();
    assert_eq!(directory.execute(&stamped, rusqlite::params![name, now]).unwrap(), 1, "{name}");
}

/// A user is deleted there by another program.
fn delete_behind(shell: &Shell, name: &str) {
    let file = shell.home().join("profiles/contoso/directory.db");
    let directory = rusqlite::Connection::open(file).unwrap();
    directory
        .execute(
            "INSERT INTO deleted_users (guid, name, name_key, details, enabled, \
             must_change_password, access_level, is_built_in, created, last_changed, remembered, \
             deleted) SELECT guid, name, name_key, details, enabled, must_change_password, \
             access_level, is_built_in, created, last_changed, remembered, ?2 FROM users \
             WHERE name = ?1",
            rusqlite::params![name, jiff::Timestamp::now().as_microsecond()],
        )
        .unwrap();
    assert_eq!(directory.execute("DELETE FROM users WHERE name = ?1", [name]).unwrap(), 1);
}

fn carrying(names: &[&str], what: &str) -> (Tenant, Shell) {
    let (tenant, shell) = office_of(names);
    let config = shell.home().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(config, format!("{text}\n[profiles.contoso.sync]\ncarry = {what}\n")).unwrap();
    shell.acctsh(&["sync"]).exits(0);
    (tenant, shell)
}

fn is_open(tenant: &Tenant, name: &str) -> bool {
    online(tenant, name)["accountEnabled"] == json!(true)
}

#[test]
fn a_last_day_that_is_over_closes_the_online_half_and_a_later_one_opens_it_again() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    shell.does(r#"account("bob").set(#{ expires: "2026-01-31" }); account("eva").set(#{ expires: "2999-01-31" })"#);
    shell.acctsh(&["sync"]).exits(0).says("1 carried from the directory").prints("expired");
    assert!(!is_open(&tenant, "bob") && is_open(&tenant, "eva"));
    assert_eq!(
        shell.value(r#"account("bob").enabled"#),
        json!(true),
        "the directory says it itself"
    );
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered.");

    shell.does(r#"account("bob").set(#{ expires: "2999-01-31" })"#);
    shell.acctsh(&["sync"]).exits(0).prints("enabled");
    assert!(is_open(&tenant, "bob"));
}

#[test]
fn what_an_administrator_closed_in_the_portal_stays_closed() {
    let (tenant, shell) = carrying(&["bob"], r#"["expires", "disabled", "enabled"]"#);
    tenant.graph_patch("users/bob@contoso.com", &json!({ "accountEnabled": false }));
    shell.does(r#"account("bob").set(#{ city: "Bonn" })"#);
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered.");
    assert!(!is_open(&tenant, "bob"));
}

#[test]
fn nothing_but_last_days_is_carried_unless_the_profile_says_so() {
    if is_not_of_a_domain("carried_changes") {
        return;
    }
    let (tenant, shell) = office_of(&["bob", "eva"]);
    shell.acctsh(&["sync"]).exits(0);
    behind(&shell, "enabled = 0", "bob");
    behind(&shell, "name = 'eve', name_key = 'eve'", "eva");
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered.");
    assert!(is_open(&tenant, "bob") && has_online(&tenant, "eva"));
}

#[test]
fn who_is_disabled_enabled_or_renamed_in_the_directory_is_so_online() {
    if is_not_of_a_domain("carried_changes") {
        return;
    }
    let (tenant, shell) = carrying(&["bob", "eva"], r#"["disabled", "enabled", "renamed"]"#);
    behind(&shell, "enabled = 0", "bob");
    behind(&shell, "name = 'eve', name_key = 'eve'", "eva");
    shell.acctsh(&["sync"]).exits(0).says("2 carried").prints("disabled").prints("renamed");
    assert!(!is_open(&tenant, "bob") && has_online(&tenant, "eve") && !has_online(&tenant, "eva"));
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered.");
    behind(&shell, "enabled = 1", "bob");
    shell.acctsh(&["sync"]).exits(0).prints("enabled");
    assert!(is_open(&tenant, "bob"));
}

#[test]
fn who_is_deleted_in_the_directory_goes_online_only_with_that_word_and_under_the_guard() {
    if is_not_of_a_domain("carried_changes") {
        return;
    }
    let names: Vec<String> = (0..12).map(|number| format!("kim{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (tenant, shell) = carrying(&names, r#"["deleted"]"#);
    let gone = |name: &str| delete_behind(&shell, name);
    gone("kim00");
    shell.acctsh(&["sync"]).exits(0).prints("deleted");
    assert!(!has_online(&tenant, "kim00") && has_online(&tenant, "kim01"));
    for name in &names[1..6] {
        gone(name);
    }
    let ran = shell.acctsh(&["sync"]).exits(3).says("5 not carried");
    ran.prints("not deleted").prints("--max-deletes");
    assert!(has_online(&tenant, "kim01"));
    shell.acctsh(&["sync", "--max-deletes", "10"]).exits(0).says("5 carried");
    assert!(!has_online(&tenant, "kim01") && has_online(&tenant, "kim06"));
}

#[test]
fn whom_the_profile_protects_stays_online_when_the_user_is_deleted() {
    if is_not_of_a_domain("carried_changes") {
        return;
    }
    let (tenant, shell) = carrying(&["bob", "eva"], r#"["deleted"]"#);
    let config = shell.home().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let protected = "protected = [\"bob\"]\n            patience_seconds";
    fs::write(config, text.replacen("patience_seconds", protected, 1)).unwrap();
    shell.acctsh(&["sync"]).exits(0);
    delete_behind(&shell, "bob");
    shell.acctsh(&["sync"]).exits(3).prints("is protected by the profile");
    assert!(has_online(&tenant, "bob"));
}

#[test]
fn what_is_carried_later_catches_what_was_so_before_and_what_if_shows_it() {
    let (tenant, shell) = carrying(&["bob"], "[]");
    shell.does(r#"account("bob").set(#{ expires: "2026-01-31" })"#);
    shell.acctsh(&["sync"]).exits(0);
    assert!(is_open(&tenant, "bob"));
    let config = shell.home().join("config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(config, text.replace("carry = []", "carry = [\"expires\"]")).unwrap();
    shell.acctsh(&["sync", "--what-if"]).exits(0).prints("expired").says("1 change to carry");
    assert!(is_open(&tenant, "bob"));
    shell.acctsh(&["sync"]).exits(0).prints("expired");
    assert!(!is_open(&tenant, "bob"));
    shell.acctsh(&["sync", "--what-if"]).exits(0).says("0 changes to carry");
}

#[test]
fn while_the_tenant_is_down_nothing_of_it_is_forgotten() {
    let (mut tenant, shell) = office_of(&["bob"]);
    shell.acctsh(&["sync"]).exits(0);
    shell.does(r#"account("bob").set(#{ expires: "2026-01-31" })"#);
    tenant.kill();
    shell.acctsh(&["sync"]).exits(8);
    tenant.restart(&[]);
    shell.acctsh(&["sync"]).exits(0).prints("expired");
    assert!(!is_open(&tenant, "bob"));
}
