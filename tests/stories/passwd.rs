//! `acctsh passwd` and `set_password`: one password on both halves, or none.

use rexpect::reader::Options;
use rexpect::session::spawn_with_options;
use serde_json::json;

use crate::person::{expect_password, make_administrator, office_of, online, take_password, user};
use crate::story::{Shell, Tenant, is_on_samba};

const FIRST: &str = "Kestrel-47-north";
const SECOND: &str = "Heron-52-south";

#[test]
fn whoever_knows_the_present_password_chooses_another_one_for_both_halves() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    shell.sets_password("bob", FIRST).exits(0).says("1 password to set");
    expect_password(&tenant, &shell, "bob", FIRST);
    assert!(!user(&shell, "bob").must_change_password);

    let files = shell.files();
    let wrong = format!("{SECOND}\n{SECOND}\n");
    shell.given(&wrong, &["passwd", "bob", "--yes"]).exits(6).says("not the present password");
    expect_password(&tenant, &shell, "bob", FIRST);
    let right = format!("{FIRST}\n{SECOND}\n");
    shell.given(&right, &["passwd", "bob", "--yes"]).exits(0);
    expect_password(&tenant, &shell, "bob", SECOND);
    assert_eq!(shell.password_state("bob"), "in step");
    let forced = tenant.graph("users/bob@contoso.com?$select=passwordProfile");
    assert_eq!(forced["passwordProfile"]["forceChangePasswordNextSignIn"], json!(false));
    assert_eq!(shell.files(), files, "a chosen password needs no letter, and leaves no files");
}

#[test]
fn at_a_terminal_nothing_that_is_typed_is_shown() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.sets_password("bob", FIRST).exits(0);
    let command = shell.command_at_a_terminal(&["passwd", "bob"]);
    let options = Options::new().timeout_ms(Some(30_000));
    let mut terminal = spawn_with_options(command, options).unwrap();
    let mut seen = terminal.exp_string("Present password of bob: ").unwrap();
    for (typed, next) in [(FIRST, "New password (it isn't shown): "), (SECOND, "The same again: ")]
    {
        terminal.send_line(typed).unwrap();
        seen += &terminal.exp_string(next).unwrap();
    }
    terminal.send_line(SECOND).unwrap();
    seen += &terminal.exp_eof().unwrap();
    assert!(seen.contains("1 done"), "{seen}");
    assert!(!seen.contains(FIRST) && !seen.contains(SECOND), "{seen}");
    expect_password(&tenant, &shell, "bob", SECOND);

    let command = shell.command_at_a_terminal(&["passwd", "bob", "--reset"]);
    let options = Options::new().timeout_ms(Some(30_000));
    let mut terminal = spawn_with_options(command, options).unwrap();
    terminal.exp_string("New password").unwrap();
    terminal.send_line(FIRST).unwrap();
    terminal.exp_string("The same again: ").unwrap();
    terminal.send_line("Kestrel-47-nort").unwrap();
    terminal.exp_string("the two passwords differ; nothing was written").unwrap();
    terminal.exp_eof().unwrap();
    expect_password(&tenant, &shell, "bob", SECOND);
}

#[test]
fn what_one_side_would_refuse_is_refused_before_either_is_written() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.sets_password("bob", FIRST).exits(0);
    for (password, reason) in [
        ("Kurz-12", "fewer than 8 characters"),
        ("Käfig-Sommer-47", "isn't allowed online"),
        ("kestrelnorth", "it needs"),
        ("Kestrel-bob-47", "contains the user name"),
    ] {
        shell.sets_password("bob", password).exits(2).says(reason).never_says(password);
        expect_password(&tenant, &shell, "bob", FIRST);
    }
    shell
        .given("\n", &["passwd", "bob", "--reset", "--yes"])
        .exits(2)
        .says("no password was given");
    shell.given("x\n", &["passwd", "bop", "--reset", "--yes"]).exits(2).says("did you mean bob?");
    shell.given("x\n", &["passwd", "bob", "--reset"]).exits(5).says("give --yes");
    expect_password(&tenant, &shell, "bob", FIRST);
}

#[test]
fn a_word_that_only_the_tenant_knows_leaves_the_earlier_password_where_that_can_be_had() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.sets_password("bob", FIRST).exits(0);
    let banned = "Contoso-1";
    let ran = shell.sets_password("bob", banned).exits(1).never_says(banned);
    if is_on_samba() {
        // A domain gives no password back.
        ran.says("the new password counts in the directory, the earlier one online");
        assert_eq!(take_password(&tenant, &shell, "bob", banned), (true, false));
        assert_eq!(take_password(&tenant, &shell, "bob", FIRST), (false, true));
        assert_eq!(shell.password_state("bob"), "refused");
        assert!(
            shell.value(r#"account("bob").password_reason"#).as_str().unwrap().contains("password")
        );
    } else {
        ran.says("the earlier password counts on both sides");
        expect_password(&tenant, &shell, "bob", FIRST);
        assert_eq!(take_password(&tenant, &shell, "bob", banned), (false, false));
        assert_eq!(shell.password_state("bob"), "in step");
    }
    shell.sets_password("bob", SECOND).exits(0);
    assert_eq!(shell.password_state("bob"), "in step");
}

#[test]
fn what_must_be_changed_is_to_be_changed_again_after_a_refusal() {
    let (tenant, shell) = office_of(&["bob"]);
    let letter = shell.passwords()["bob"].clone();
    if is_on_samba() {
        return;
    }
    shell.sets_password("bob", "Contoso-1").exits(1);
    expect_password(&tenant, &shell, "bob", &letter);
    assert!(user(&shell, "bob").must_change_password);
    assert_eq!(shell.password_state("bob"), "waits");
}

#[test]
fn who_takes_no_password_online_gets_it_in_the_directory_and_is_told() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let bob = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    tenant.knob("PUT", &format!("users/{bob}"), Some(json!({ "synchronized": true })));
    let set = |who: &str| {
        let code = format!("account({who:?}).set_password({FIRST:?})");
        shell.does(&code).never_says(FIRST)
    };
    set("bob").says("is run by directory synchronisation");
    assert_eq!(take_password(&tenant, &shell, "bob", FIRST), (true, false));

    let federated = Some(json!({ "verified": true, "default": true, "federated": true }));
    tenant.knob("PUT", "domains/contoso.com", federated);
    set("eva").says("is in a federated domain and takes no password");
    assert_eq!(take_password(&tenant, &shell, "eva", FIRST), (true, false));
    shell.acctsh(&["sync"]).exits(0);
    let sent = tenant.summary();
    shell.changed_password("eva", SECOND);
    shell.acctsh(&["sync"]).exits(3).prints("federated");
    assert_eq!(tenant.summary()["users"], sent["users"]);
    assert!(!take_password(&tenant, &shell, "eva", SECOND).1);
}

#[test]
fn an_account_without_user_and_an_administrator_are_judged_like_everybody() {
    let (tenant, shell) = office_of(&["bob", "ada"]);
    let bob = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    shell.does("account(\"bob\").unlink()");
    shell.sets_password("bob@contoso.com", FIRST).exits(0);
    assert!(crate::aftermath::tenant_takes(&tenant, &bob, FIRST));
    shell.given(&format!("{FIRST}\n{SECOND}\n"), &["passwd", "bob@contoso.com", "--yes"]).exits(6);

    let ada = online(&tenant, "ada")["id"].as_str().unwrap().to_owned();
    make_administrator(&tenant, &ada);
    shell.sets_password("ada", FIRST).exits(0);
    expect_password(&tenant, &shell, "ada", FIRST);
    shell.given("x\n", &["passwd", "Administrator", "--reset", "--yes"]).exits(4);
}

#[test]
fn in_a_script_the_view_has_it_and_what_if_sets_nothing() {
    let (tenant, shell) = office_of(&["bob"]);
    let letter = shell.passwords()["bob"].clone();
    let code = format!(
        "let b = account(\"bob\"); b.set_password({FIRST:?}); \
         [b.password_state, b.must_change_password]"
    );
    let ran = shell.acctsh(&["-c", &code, "--what-if", "--output", "json"]).exits(0);
    assert_eq!(ran.json(), json!(["in step", false]));
    ran.says("1 password to set").never_says(FIRST);
    expect_password(&tenant, &shell, "bob", &letter);
    shell
        .is_refused(r#"account("bob").set_password(47)"#, 2)
        .says("a password is a secret")
        .says("read_secret");
    shell.is_refused(r#"account("bob").set_password("")"#, 2);
    shell.acctsh(&["-c", r#"read_secret("?")"#]).exits(5).says("there is no terminal");

    // A column of passwords.
    shell.file("new.csv", &format!("user_name,password\nbob,{FIRST}\n"));
    shell
        .does(r#"for row in read_csv("new.csv") { account(row.user_name).set_password(row.password); }"#)
        .never_says(FIRST);
    expect_password(&tenant, &shell, "bob", FIRST);
}

#[test]
fn a_plan_file_carries_it_sealed() {
    let (tenant, shell) = office_of(&["bob"]);
    let code = format!("account(\"bob\").set_password({FIRST:?})");
    shell.acctsh(&["-c", &code, "--plan-out", "bob.plan"]).exits(0);
    assert!(!shell.read("bob.plan").contains(FIRST));
    shell.acctsh(&["plan", "apply", "bob.plan", "--yes"]).exits(0).never_says(FIRST);
    expect_password(&tenant, &shell, "bob", FIRST);
}

#[test]
fn while_the_tenant_is_down_the_directory_has_it_and_the_rest_waits() {
    let (mut tenant, shell): (Tenant, Shell) = office_of(&["bob"]);
    let letter = shell.passwords()["bob"].clone();
    let bob = user(&shell, "bob").link.unwrap().to_string();
    tenant.kill();
    shell.sets_password("bob", FIRST).exits(0).says("1 online password in the outbox");
    assert_eq!(shell.waiting_passwords(), 1);
    shell.acctsh(&["sync"]).exits(8).says("1 left waiting");
    tenant.restart(&[]);
    assert!(crate::aftermath::tenant_takes(&tenant, &bob, &letter));
    assert_eq!(shell.password_state("bob"), "pending");
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    expect_password(&tenant, &shell, "bob", FIRST);
    assert_eq!(shell.password_state("bob"), "in step");
    assert_eq!(shell.waiting_passwords(), 0);
}

#[test]
fn a_tenant_that_goes_while_it_is_asked_lets_it_wait_too() {
    let (tenant, shell) = office_of(&["bob"]);
    let cut = json!([{ "kind": "service_unavailable", "method": "PATCH", "path": "/v1.0/users/*", "times": 1000 }]);
    tenant.knob("POST", "faults", Some(cut));
    shell.sets_password("bob", FIRST).exits(0).says("1 online password in the outbox");
    assert_eq!(take_password(&tenant, &shell, "bob", FIRST), (true, false));
    tenant.knob("DELETE", "faults", None);
    shell.acctsh(&["sync"]).exits(0).prints("delivered");
    expect_password(&tenant, &shell, "bob", FIRST);
}
