//! The directory's password policy: read, set to another level as a change like any other, and raised by
//! itself where online accounts are to follow the directory.

use acctsh::model::Secret;
use serde_json::{Value, json};

use crate::aftermath::{ask, directory};
use crate::password_home::{a_change_arrives, office};
use crate::person::{has_user, office_of, take_password, tenant_and_shell, user};
use crate::story::{Shell, is_not_of_a_domain};

/// What stories of levels are passed over for.
const LEVELS: &str = "a domain's policy is the domain's own";

/// Makes a user that is in the directory alone, with this password.
fn local(name: &str, password: &str) -> String {
    format!(
        r#"create_account(#{{ user_name: "{name}", display_name: "Kim", online: false, password: "{password}" }});"#
    )
}

fn level(shell: &Shell) -> Value {
    shell.value("directory().password_policy")
}

#[test]
fn each_level_takes_what_satisfies_it_and_says_which_rule_is_broken() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let (_tenant, shell) = tenant_and_shell();
    let levels = [
        ("weak", None, "k"),
        ("medium", Some(("abcd", "it has fewer than 5 characters")), "kim.m"),
        ("medium strong", Some(("abcd1", "it needs letters, digits and symbols")), "kim-1"),
        ("strong", Some(("kim3-2027", "it contains the user name")), "abc-123"),
        ("strong", Some(("abc-12", "it has fewer than 7 characters")), "Moor-48"),
    ];
    for (number, (level, refused, taken)) in levels.into_iter().enumerate() {
        shell.does(&format!(r#"set_password_policy("{level}")"#));
        let name = format!("kim{number}");
        if let Some((password, reason)) = refused {
            shell.is_refused(&local(&name, password), 2).says(reason).never_says(password);
            assert!(has_user(&shell, &name).is_none());
        }
        shell.does(&local(&name, taken));
        let secret = Secret::new(taken.to_owned());
        let user = user(&shell, &name).guid;
        assert!(ask(directory(&shell).verify_password(user, &secret)).unwrap(), "{level}");
    }
}

#[test]
fn a_level_is_set_and_read_back_in_one_plan_and_in_the_next_run() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let shell = Shell::new();
    assert_eq!(level(&shell), "strong");
    let code = r#"set_password_policy("medium"); directory().password_policy"#;
    let seen = shell.acctsh(&["-c", code, "--output", "json", "--what-if"]).exits(0);
    assert_eq!(seen.json(), "medium");
    assert_eq!(level(&shell), "strong", "what-if sets nothing");

    shell
        .acctsh(&["-c", r#"directory().set_password_policy("medium_strong")"#, "--yes"])
        .exits(0)
        .says("Plan: 1 password policy to set.")
        .prints("the directory")
        .prints("password policy")
        .prints("done");
    assert_eq!(level(&shell), "medium strong");
    let twice = shell.does(r#"set_password_policy("Medium-Strong")"#);
    twice.says("Nothing to do.").never_says("password policy to set");
}

#[test]
fn the_preview_says_from_where_to_where_and_lowering_is_warned_of() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let shell = Shell::new();
    let lowered = r#"set_password_policy("medium")"#;
    shell
        .acctsh(&["-c", lowered, "--what-if"])
        .exits(0)
        .prints("password policy: strong → medium")
        .says("warning")
        .says(
            "passwords can be chosen that the tenant refuses: medium takes at least 5 characters",
        );
    shell.acctsh(&["-c", lowered]).exits(5).says("password policy: strong → medium");
    shell.does(lowered);
    shell
        .acctsh(&["-c", r#"set_password_policy("strong")"#, "--what-if"])
        .exits(0)
        .prints("password policy: medium → strong")
        .never_says("warning");
}

#[test]
fn an_unknown_level_is_refused_with_the_nearest_one() {
    let shell = Shell::new();
    shell
        .is_refused(r#"set_password_policy("stong")"#, 2)
        .says("there is no password policy \"stong\"")
        .says("did you mean \"strong\"?");
    shell
        .is_refused(r#"set_password_policy("xyz")"#, 2)
        .says("there are: weak, medium, medium strong, strong");
    shell
        .is_refused(r#"tenant().set_password_policy("weak")"#, 2)
        .says("only the directory has a password policy");
}

#[test]
fn a_password_in_the_plan_is_held_to_the_level_of_its_place_and_written_under_it() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let (_tenant, shell) = tenant_and_shell();
    let lower = r#"set_password_policy("weak");"#;
    let raise = r#"set_password_policy("strong");"#;
    let (ada, eva) = (local("ada", "a"), local("eva", "e"));
    shell
        .is_refused(&format!("{ada} {lower}"), 2)
        .says("ada: password: the password can't be used");
    // Weak only for the one, and strong again for all after it.
    shell.is_refused(&format!("{lower} {ada} {raise} {eva}"), 2).says("eva: password");
    shell.does(&format!("{lower} {ada} {raise}")).says("3 done");
    assert!(has_user(&shell, "ada").is_some() && has_user(&shell, "eva").is_none());
    assert_eq!(level(&shell), "strong");
}

#[test]
fn a_weak_directory_lends_nobody_a_password_that_the_tenant_refuses() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let (tenant, shell) = office_of(&[]);
    shell.does(r#"set_password_policy("weak")"#);
    let with = |password: &str| {
        format!(
            r#"create_account(#{{ user_name: "eva", display_name: "Eva", password: "{password}" }})"#
        )
    };
    shell.is_refused(&with("abc"), 2).says("it has fewer than 8 characters");
    shell.is_refused(&with("abcdefgh"), 2).says("it needs three of these");
    // The tenant has no rule about names, and the directory minds nothing any more.
    shell.does(&with("Eva-1234"));
    assert_eq!(take_password(&tenant, &shell, "eva", "Eva-1234"), (true, true));
}

#[test]
fn somebody_else_may_have_set_another_level_since_the_plan_was_made() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let shell = Shell::new();
    shell.acctsh(&["-c", r#"set_password_policy("medium")"#, "--plan-out", "p.json"]).exits(0);
    shell.does(r#"set_password_policy("weak")"#);
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(4).says("does not fit any more");
    assert_eq!(level(&shell), "weak");
}

#[test]
fn where_online_accounts_follow_the_directory_a_weak_policy_is_raised_first_and_in_sight() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let (tenant, shell) = office();
    a_change_arrives(&shell);
    set_behind_its_back(&shell, "medium");
    shell
        .acctsh(&["doctor"])
        .exits(0)
        .prints("its password policy is medium: at least 5 characters; the tenant wants")
        .prints("set_password_policy(\"strong\")");

    // Whoever is only in the directory needs nothing of it.
    shell.does(&local("tim", "tim.t"));
    assert_eq!(level(&shell), "medium");

    let eva = r#"create_account(#{ user_name: "eva", display_name: "Eva Li" }); ()"#;
    shell
        .acctsh(&["-c", eva, "--what-if"])
        .exits(0)
        .prints("password_home")
        .prints("password policy: medium → strong")
        .says("its password policy is raised from medium to strong first")
        .says("1 password policy to set");
    assert_eq!(level(&shell), "medium");
    let (given, weak) =
        (eva.replace(" })", r#", password: "eva.l" })"#), "has fewer than 8 characters");
    shell.is_refused(&given, 2).says(weak);

    shell.acctsh(&["-c", eva, "--plan-out", "p.json"]).exits(0);
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0).says("2 done");
    assert_eq!(level(&shell), "strong");
    let letter = shell.passwords()["eva"].clone();
    assert_eq!(take_password(&tenant, &shell, "eva", &letter), (true, false));
    shell.acctsh(&["doctor"]).exits(0).prints("its password policy is strong");
    shell
        .does(r#"create_account(#{ user_name: "ada", display_name: "Ada" })"#)
        .never_says("password policy");

    shell
        .is_refused(r#"set_password_policy("medium")"#, 2)
        .says("can't be lowered from strong to medium: passwords are changed in the directory");
    assert_eq!(level(&shell), "strong");
}

#[test]
fn the_online_account_waits_for_the_policy() {
    if is_not_of_a_domain(LEVELS) {
        return;
    }
    let (_tenant, shell) = office();
    a_change_arrives(&shell);
    set_behind_its_back(&shell, "weak");
    let eva = r#"create_account(#{ user_name: "eva", display_name: "Eva Li" }); preview()"#;
    shell.acctsh(&["-c", eva, "--plan-out", "p.json"]).exits(0);
    let plan: Value = serde_json::from_str(&shell.read("p.json")).unwrap();
    let steps = plan["steps"].as_array().unwrap();
    let step = |what: &str| steps.iter().find(|step| step["op"]["do"] == what).unwrap();
    let policy = step("set_password_policy");
    assert_eq!(policy["op"]["old"], json!("weak"));
    assert_eq!(policy["after"], json!(null), "it goes first");
    let waits_for = json!([policy["id"], "success"]);
    let after = step("create_online")["after"].as_array().unwrap();
    assert!(after.contains(&waits_for), "{after:?}");
    let policies = steps.iter().filter(|step| step["op"]["do"] == "set_password_policy");
    assert_eq!(policies.count(), 1, "looked at before, it is raised once");
}

/// Sets the level as it was left by a profile that had its passwords online.
fn set_behind_its_back(shell: &Shell, level: &str) {
    let file = shell.home().join("profiles/contoso/directory.db");
    let directory = rusqlite::Connection::open(file).unwrap();
    directory.execute("UPDATE directory SET password_policy = ?1", [level]).unwrap();
}
