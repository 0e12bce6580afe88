//! One half refuses: what rests on it is not done on the other, and the row says so.

use serde_json::json;

use crate::person::{office_of, online, user};
use crate::story::{Shell, is_not_of_a_domain};

/// The directory refuses to remember anything more of its people.
fn nothing_is_remembered(shell: &Shell) {
    let file = shell.home().join("profiles/contoso/directory.db");
    let trigger = "CREATE TRIGGER full BEFORE UPDATE OF remembered ON users \
                   WHEN new.remembered <> old.remembered \
                   BEGIN SELECT raise(ABORT, 'refused'); END";
    rusqlite::Connection::open(file).unwrap().execute_batch(trigger).unwrap();
}

#[test]
fn a_user_is_linked_only_to_an_account_that_took_the_anchor() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").unlink()");
    let refused = json!({ "kind": "refused", "method": "PATCH", "path": "/v1.0/users/*" });
    tenant.knob("POST", "faults", Some(refused));
    shell.acctsh(&["-c", "account(\"bob\").link(\"bob@contoso.com\")", "--yes"]).exits(1);
    assert_eq!(user(&shell, "bob").link, None);
    assert_eq!(online(&tenant, "bob")["onPremisesImmutableId"], json!(null));
}

#[test]
fn a_user_keeps_its_link_to_an_account_that_keeps_the_anchor() {
    let (tenant, shell) = office_of(&["bob"]);
    let linked = user(&shell, "bob").link;
    let refused = json!({ "kind": "refused", "method": "PATCH", "path": "/v1.0/users/*" });
    tenant.knob("POST", "faults", Some(refused));
    shell.acctsh(&["-c", "account(\"bob\").unlink()", "--yes"]).exits(1);
    assert_eq!(user(&shell, "bob").link, linked);
    assert_eq!(shell.value("account(\"bob\").status"), json!("active"));
}

#[test]
fn licences_that_nobody_remembers_are_not_taken() {
    if is_not_of_a_domain("a directory that refuses") {
        return;
    }
    let (_tenant, shell) = office_of(&["bob"]);
    nothing_is_remembered(&shell);
    let ran = shell.acctsh(&["-c", "account(\"bob\").unassign()", "--yes"]);
    assert_ne!(ran.exit, 0, "{}", ran.err);
    let bob = shell.value("let a = account(\"bob\"); [a.licenses, a.can_sign_in]");
    assert_eq!(
        bob,
        json!([["Microsoft 365 Business Basic"], false]),
        "the door is closed all the same"
    );
}
