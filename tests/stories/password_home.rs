//! Passwords that people change in the directory: the online half gets one that nobody knows and follows.
//! Nothing of it is begun before a change made in the directory has been seen to arrive.

use serde_json::json;

use crate::aftermath::runs;
use crate::person::{has_online, has_user, take_password, user};
use crate::story::{Shell, Tenant};

const EVA: &str = r#"create_account(#{ user_name: "eva", display_name: "Eva Li" })"#;

pub(crate) fn office() -> (Tenant, Shell) {
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    let home = "password_home = \"directory\"\n            patience_seconds";
    shell.config(&tenant.profile().replacen("patience_seconds", home, 1));
    (tenant, shell)
}

/// What is written once a change made in the directory has arrived.
pub(crate) fn a_change_arrives(shell: &Shell) {
    let id = shell.acctsh(&["-c", "directory().id"]).exits(0).out;
    let id: uuid::Uuid = id.trim().parse().unwrap();
    shell.acctsh(&["plan", "list"]).exits(0);
    let state = rusqlite::Connection::open(shell.home().join("state.db")).unwrap();
    let seen = "INSERT INTO password_changes VALUES (?1, 1800000000000000)";
    state.execute(seen, [id.as_bytes()]).unwrap();
}

#[test]
fn until_a_change_has_been_seen_to_arrive_nobody_gets_an_online_account_and_the_reason_is_said() {
    let (tenant, shell) = office();
    let reason = "no change made there has been seen to arrive";
    shell.is_refused(EVA, 2).says(reason).says("password_home = \"online\"");
    shell.is_refused(&format!("{EVA}; preview()"), 2);
    assert!(!has_online(&tenant, "eva") && has_user(&shell, "eva").is_none());
    assert_eq!(runs(&shell), []);
    shell.acctsh(&["doctor"]).exits(1).prints(reason);
    // Whoever is only in the directory needs nothing of it.
    shell.does(r#"create_account(#{ user_name: "tim", display_name: "Tim", online: false })"#);
    shell.is_refused(r#"account("tim").assign(#{})"#, 2).says(reason);
}

#[test]
fn the_letter_opens_the_directory_alone_and_the_online_account_waits() {
    let (tenant, shell) = office();
    a_change_arrives(&shell);
    shell.acctsh(&["doctor"]).exits(0);
    shell.does(EVA);
    let letter = shell.passwords()["eva"].clone();
    assert_eq!(take_password(&tenant, &shell, "eva", &letter), (true, false));
    assert!(user(&shell, "eva").must_change_password);
    let online = tenant.graph("users/eva@contoso.com?$select=passwordPolicies");
    assert_eq!(online["passwordPolicies"], "DisablePasswordExpiration");
    assert_eq!(shell.value(r#"account("eva").password_state"#), "waits");
    let letters = format!("acctsh-{}", shell.newest_run());
    let text = shell.read(&format!("{letters}/eva.txt"));
    assert!(text.contains("It opens your online account as well, a little later"), "{text}");

    std::fs::remove_dir_all(shell.folder().join(letters)).unwrap();
    shell.does(r#"account("eva").reset_password()"#);
    let newer = shell.passwords()["eva"].clone();
    assert_ne!(newer, letter);
    assert_eq!(take_password(&tenant, &shell, "eva", &newer), (true, false));
    assert_eq!(take_password(&tenant, &shell, "eva", &letter), (false, false));
}

#[test]
fn who_is_there_already_is_told_to_wait_and_gets_no_letter() {
    let (tenant, shell) = office();
    a_change_arrives(&shell);
    shell.does(r#"create_account(#{ user_name: "tim", display_name: "Tim", online: false })"#);
    let letters = shell.passwords();
    shell
        .does(r#"account("tim").assign(#{})"#)
        .says("can sign in online once it has changed its password in the directory");
    assert_eq!(shell.passwords(), letters);
    let mine = &letters["tim"];
    assert_eq!(take_password(&tenant, &shell, "tim", mine), (true, false));
    assert_eq!(shell.value(r#"account("tim").password_state"#), json!("waits"));
    assert_eq!(shell.value(r#"account("tim").status"#), json!("active"));
}
