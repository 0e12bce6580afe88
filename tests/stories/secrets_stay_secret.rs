//! Passwords, made up or given, are in the letters and nowhere else: not on the screen, not in logs,
//! not in the home folder, not in results, failed rows or plan files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::story::{Ran, Shell, Tenant, bytes_under};

const GIVEN: &str = "Kettle-Harbor-47";

/// Three people; eva's password is given.
const THREE: &str = "User Name,Password,City\neva,Kettle-Harbor-47,Bonn\ntim,,Bonn\nada,,Bonn\n";

/// Fails if one of the passwords is in the bytes, plain or in Base64.
#[track_caller]
fn has_none(bytes: &[u8], passwords: &[String], place: &str) {
    for password in passwords {
        for form in [
            password.clone(),
            BASE64.encode(password),
            BASE64.encode(password).trim_end_matches('=').to_owned(),
        ] {
            let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
            assert!(!found, "a password is in {place}");
        }
    }
}

#[track_caller]
fn says_none(ran: &Ran, passwords: &[String]) {
    has_none(ran.out.as_bytes(), passwords, "stdout");
    has_none(ran.err.as_bytes(), passwords, "stderr");
}

/// Every byte under the home folder and the working folder, but for letters and what was given.
#[track_caller]
fn keeps_none(shell: &Shell, passwords: &[String], but: &[&str]) {
    let files = [bytes_under(&shell.home()), bytes_under(&shell.folder())].concat();
    assert!(files.len() > 5);
    for (path, bytes) in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        if !but.contains(&name) && path.extension().is_none_or(|extension| extension != "txt") {
            has_none(&bytes, passwords, &path.display().to_string());
        }
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_whole_life_of_a_run_shows_no_password() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant).file("f.csv", THREE);
    let create = shell.acctsh(&["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"]).exits(0);
    assert!(create.err.contains("POST"), "the log is there:\n{}", create.err);
    let letters = shell.passwords();
    assert_eq!(letters["eva"], GIVEN);
    let passwords: Vec<String> = letters.into_values().collect();
    assert_eq!(passwords.len(), 3);

    says_none(&create, &passwords);
    let run = shell.newest_run();
    for arguments in [
        &["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"][..],
        &["plan", "show", &run],
        &["plan", "show", &run, "--output", "json"],
        &["plan", "list", "--output", "list"],
        &["handover", &run],
        &["handover", &run, "tim"],
        &["plan", "resume", &run, "--yes"],
        &["-c", "accounts(\"*\")", "--output", "json"],
        &["-c", "account(\"eva\")", "--output", "json"],
    ] {
        says_none(&shell.acctsh(arguments), &passwords);
    }
    keeps_none(&shell, &passwords, &["f.csv"]);
}

#[test]
fn tokens_of_graph_and_of_exchange_are_shown_and_kept_nowhere() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant).file("f.csv", THREE);
    let create = shell.acctsh(&["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"]).exits(0);
    let graph = tenant.proxy().tokens().len();
    let doctor = shell.acctsh(&["-vv", "doctor"]).exits(0);
    let tokens: Vec<String> = tenant.proxy().tokens().into_iter().collect();
    assert_eq!(tokens.len(), graph + 2, "one of Graph's and one of Exchange's");
    says_none(&create, &tokens);
    says_none(&doctor, &tokens);
    keeps_none(&shell, &tokens, &[]);
}

#[test]
fn the_tenant_in_the_box_keeps_no_password_either() {
    let shell = Shell::new();
    shell.file("f.csv", THREE);
    let ran = shell.acctsh(&["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"]).exits(0);
    let passwords: Vec<String> = shell.passwords().into_values().collect();
    says_none(&ran, &passwords);
    keeps_none(&shell, &passwords, &["f.csv"]);
}

#[test]
fn letters_are_only_for_the_admins_eyes() {
    let shell = Shell::new();
    shell.file("f.csv", THREE);
    shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--handover", "letters", "--yes"])
        .exits(0)
        .says("3 letters, only for your eyes");
    let folder = shell.folder().join("letters");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap().trim(), "*");
    for (user, password) in shell.passwords() {
        let letter = folder.join(format!("{user}.txt"));
        assert_eq!(mode(&letter), 0o600);
        let text = fs::read_to_string(letter).unwrap();
        assert!(text.contains(&password));
        assert!(text.contains(&format!("{user}@contoso.com")));
        assert!(text.contains("first"), "what to do at the first sign-in");
    }
    assert_eq!(mode(&shell.home().join("sealing.key")), 0o600);
}

#[test]
fn made_up_passwords_are_strong_and_differ() {
    let shell = Shell::new();
    shell.file("f.csv", &crate::story::people(20));
    shell.acctsh(&["run", "bulk-create", "--csv", "f.csv", "--yes"]).exits(0);
    let mut passwords: Vec<String> = shell.passwords().into_values().collect();
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 20);
    for password in passwords {
        assert!(password.len() >= 16 && password.is_ascii() && !password.contains(' '));
        assert!(
            password.contains(|c: char| c.is_ascii_digit())
                && password.contains(|c: char| c.is_ascii_uppercase())
        );
    }
}

#[test]
fn plan_files_and_reviews_hold_no_password() {
    let shell = Shell::new();
    shell.file("f.csv", THREE);
    let given = [GIVEN.to_owned()];
    for arguments in [
        &["-vv", "run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"][..],
        &["-vv", "run", "bulk-create", "--csv", "f.csv", "--review", "r.csv", "--what-if"],
        &["-vv", "run", "bulk-create", "--csv", "f.csv", "--what-if", "--output", "json"],
        &["-vv", "plan", "apply", "p.json"],
    ] {
        says_none(&shell.acctsh(arguments), &given);
    }
    keeps_none(&shell, &given, &["f.csv"]);
    says_none(&shell.acctsh(&["-vv", "plan", "apply", "p.json", "--yes"]).exits(0), &given);
    keeps_none(&shell, &given, &["f.csv"]);
    assert_eq!(shell.passwords()["eva"], GIVEN);
}

#[test]
fn results_and_failed_rows_hold_no_password() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(json!({ "seats": 1 })));
    shell.uses(&tenant).file(
        "f.csv",
        "User Name,Password\ntim,\neva,Kettle-Harbor-47\nada,\"Lantern-\"\"Meadow\"\"-82\"\n",
    );
    let fill = [
        "run",
        "bulk-create",
        "--csv",
        "f.csv",
        "--results",
        "r.csv",
        "--seats-short",
        "fill",
        "--yes",
    ];
    let passwords = [GIVEN.to_owned(), "Meadow".to_owned()];
    let ran = shell.acctsh(&fill).exits(3);
    says_none(&ran, &passwords);
    keeps_none(&shell, &passwords, &["f.csv"]);
}

#[test]
fn rows_that_the_tenant_refuses_hold_no_password() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant).file("f.csv", THREE);
    let refuse =
        json!({ "kind": "conflict", "method": "POST", "path": "/v1.0/users", "times": 50 });
    tenant.knob("POST", "faults", Some(refuse));
    let ran = shell.acctsh(&["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"]);
    assert_ne!(ran.exit, 0);
    let given = [GIVEN.to_owned()];
    says_none(&ran, &given);
    keeps_none(&shell, &given, &["f.csv"]);
}

#[test]
fn messages_about_passwords_do_not_have_them() {
    let table = [
        ("too short", "User Name,Password\neva,Kettle1\n", "Kettle1"),
        ("holds the user name", "User Name,Password\neva,xx-eva-Harbor-47\n", "xx-eva-Harbor-47"),
        ("a blank", "User Name,Password\neva,Kettle Harbor 47\n", "Kettle Harbor 47"),
        ("not ASCII", "User Name,Password\neva,Kettlé-Härbor-47\n", "Kettlé"),
        ("one class of characters", "User Name,Password\neva,kettleharbor\n", "kettleharbor"),
        ("a bad row", "User Name,Password,Licenses\neva,Kettle-Harbor-47,Gold\n", "Kettle"),
        ("a shifted row", "User Name,City,Password\neva,Kettle-Harbor-47,Bonn,x\n", "Kettle"),
        ("an open quote", "User Name,Password\neva,\"Kettle-Harbor-47\n", "Kettle"),
        ("a column that we don't know", "User Name,Secret word\neva,Kettle-Harbor-47\n", "Kettle"),
        ("a heading in another language", "User Name,Kennwort\na/b,Kettle-Harbor-47\n", "Kettle"),
    ];
    let shell = Shell::new();
    for (what, csv, secret) in table {
        println!("{what}");
        shell.file("f.csv", csv);
        for arguments in [
            &["-vv", "run", "bulk-create", "--csv", "f.csv", "--yes"][..],
            &["run", "bulk-create", "--csv", "f.csv", "--what-if", "--output", "json"],
        ] {
            shell.acctsh(arguments).exits(2).never_says(secret);
        }
    }
}

#[test]
fn scripts_hand_a_password_on_but_cannot_look_at_it() {
    let shell = Shell::new();
    shell.file("f.csv", THREE);
    for code in [
        r#"for r in read_csv("f.csv") { print(r.password) }"#,
        r#"for r in read_csv("f.csv") { print("it is " + r.password) }"#,
        r#"for r in read_csv("f.csv") { print(`it is ${r.password}`) }"#,
        r#"read_csv("f.csv")[0].password"#,
        r#"read_csv("f.csv")[0]"#,
        r#"[read_csv("f.csv")[0].password]"#,
        r#"#{ it: read_csv("f.csv")[0].password }"#,
        r#"read_csv("f.csv")[0].password.to_string()"#,
        r#"fail(read_csv("f.csv")[0].password)"#,
        r#"create_account(#{ user_name: "x", first_name: read_csv("f.csv")[0].password })"#,
    ] {
        println!("{code}");
        for output in ["table", "json", "csv"] {
            shell.acctsh(&["-c", code, "--output", output, "--what-if"]).never_says("Kettle");
        }
    }
    let code = r#"for r in read_csv("f.csv") { create_account(#{ user_name: r.user_name, password: r.password }) }"#;
    shell.acctsh(&["-c", code, "--yes"]).exits(0).never_says("Kettle");
    assert_eq!(shell.passwords()["eva"], GIVEN);
}
