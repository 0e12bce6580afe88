//! A plan is saved, looked at, and applied later: once, and only while it still fits.

use std::fs;

use crate::story::{Shell, Tenant, databases_under, people};

/// A shell with a plan for two people in `p.json`.
fn shell_with_plan() -> Shell {
    let shell = Shell::new();
    shell.file("f.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"]).exits(0);
    shell
}

fn everybody(shell: &Shell) -> usize {
    shell.value(r#"accounts("person.*").len()"#).as_u64().unwrap().try_into().unwrap()
}

#[test]
fn a_plan_is_saved_instead_of_applied() {
    let shell = Shell::new();
    shell.file("f.csv", &people(2));
    shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"])
        .exits(0)
        .says("Plan: 2 users to create, 2 online accounts to create, 2 accounts to license.")
        .says("Saved as p.json. Apply it with: acctsh plan apply p.json");
    assert_eq!(everybody(&shell), 0);
    assert_eq!(shell.files(), ["f.csv", "p.json"]);
    let plan: serde_json::Value = serde_json::from_str(&shell.read("p.json")).unwrap();
    assert_eq!(plan["changes"][0]["change"]["user_name"], "person.0001", "people can read it");
}

#[test]
fn it_is_applied_after_the_question() {
    let shell = shell_with_plan();
    shell
        .acctsh(&["plan", "apply", "p.json"])
        .exits(5)
        .says("this needs a confirmation")
        .says("give --yes");
    assert_eq!(everybody(&shell), 0);
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(0)
        .says("2 done")
        .prints("f.csv:2")
        .prints("person.0001@contoso.com");
    assert_eq!(everybody(&shell), 2);
    assert_eq!(shell.passwords().len(), 2);
}

#[test]
fn what_a_script_saves_is_applied_the_same_way() {
    let shell = Shell::new();
    shell
        .acctsh(&["-c", r#"create_account(#{ user_name: "ada" }); save("p.json")"#])
        .exits(0)
        .says("Saved as p.json.");
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0);
    assert_eq!(shell.value(r#"account("ada").status"#), "active");
}

#[test]
fn options_that_shaped_it_are_saved_with_it() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(serde_json::json!({ "seats": 1 })));
    shell.uses(&tenant).file("f.csv", &people(2));
    shell
        .acctsh(&[
            "run",
            "bulk-create",
            "--csv",
            "f.csv",
            "--plan-out",
            "p.json",
            "--seats-short",
            "unlicensed",
        ])
        .exits(0)
        .says("no seat is left");
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0).says("2 done");
    assert_eq!(
        shell.value(r#"accounts("person.*").map(|a| a.licenses.len())"#),
        serde_json::json!([1, 0])
    );
}

#[test]
fn an_edited_file_is_refused_whatever_was_edited() {
    let shell = shell_with_plan();
    let plan = shell.read("p.json");
    let edits = [
        ("person.0001", "person.0009"),
        ("Number0002", "Number0003"),
        ("\"must_change_password\": true", "\"must_change_password\": false"),
        ("\"stop\"", "\"fill\""),
        ("f.csv", "g.csv"),
    ];
    for (from, to) in edits {
        assert!(plan.contains(from), "{from}");
        shell.file("p.json", &plan.replacen(from, to, 1));
        shell
            .acctsh(&["plan", "apply", "p.json", "--yes"])
            .exits(2)
            .says("p.json was edited after it was written")
            .says("edit its review file (--review) and plan again");
    }
    let unknown = plan.replacen('{', "{ \"note\": \"hello\",", 1);
    shell
        .file("p.json", &unknown)
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(2)
        .says("note");
    let other_version = plan.replacen("\"format\": 1", "\"format\": 2", 1);
    shell
        .file("p.json", &other_version)
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(2)
        .says("its format is 2");
    shell
        .file("p.json", &plan[..plan.len() / 2])
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(2);
    assert_eq!(everybody(&shell), 0);
    shell.file("p.json", &plan).acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0);
}

#[test]
fn a_stale_file_is_refused_and_says_what_differs() {
    let shell = shell_with_plan();
    shell.file("one.csv", &people(1));
    shell.acctsh(&["run", "bulk-create", "--csv", "one.csv", "--yes"]).exits(0);
    let before = databases_under(&shell.home());
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("p.json does not fit any more: person.0001 (f.csv:2): planned ")
        .says(", now nothing")
        .says("make the plan again and look at it")
        .never_says("person.0002");
    assert_eq!(databases_under(&shell.home()), before);
}

#[test]
fn a_name_that_somebody_took_meanwhile_makes_it_stale_too() {
    let shell = shell_with_plan();
    let code = r#"create_account(#{ user_name: "person.0002", first_name: "Someone", last_name: "Else", online: false })"#;
    shell.acctsh(&["-c", code, "--yes"]).exits(0);
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("person.0002")
        .says("the user name is held by somebody else (Someone Else)");
    assert_eq!(everybody(&shell), 1);
}

#[test]
fn seats_that_went_meanwhile_make_it_stale_too() {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant).file("f.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"]).exits(0);
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(serde_json::json!({ "seats": 1 })));
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(4).says("no seat is left");
    assert_eq!(everybody(&shell), 0);
}

#[test]
fn a_file_is_applied_once_and_then_names_its_run() {
    let shell = shell_with_plan();
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0);
    let run = shell.newest_run();
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says(&format!("p.json was applied already, by run {run}"))
        .says(&format!("acctsh plan show {run}"));
    fs::rename(shell.folder().join("p.json"), shell.folder().join("q.json")).unwrap();
    shell.acctsh(&["plan", "apply", "q.json", "--yes"]).exits(4).says("was applied already");
}

#[test]
fn a_file_of_another_directory_is_refused() {
    let shell = shell_with_plan();
    let other = Shell::new();
    other.file("p.json", &shell.read("p.json"));
    other
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(4)
        .says("p.json was made for another directory");
    assert_eq!(everybody(&other), 0);
}

#[test]
fn given_passwords_are_sealed_in_the_file_and_open_only_on_this_machine() {
    let shell = Shell::new();
    shell.file("f.csv", "User Name,Password\neva,Kettle-Harbor-47\ntim,\n");
    shell.acctsh(&["run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"]).exits(0);
    let plan = shell.read("p.json");
    assert!(!plan.contains("Kettle"), "not readable");
    assert!(!plan.contains("S2V0dGxlLUhhcmJvci00Nw"), "not only encoded");
    assert!(plan.contains("sealed_passwords"));

    let key = shell.home().join("sealing.key");
    let away = shell.home().join("elsewhere.key");
    fs::rename(&key, &away).unwrap();
    shell
        .acctsh(&["plan", "apply", "p.json", "--yes"])
        .exits(1)
        .says("a plan with given passwords can only be applied on the machine that made it");
    assert_eq!(shell.value(r#"accounts("eva").len()"#), 0);

    fs::rename(&away, &key).unwrap();
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0);
    assert_eq!(shell.passwords()["eva"], "Kettle-Harbor-47");
}

#[test]
fn a_plan_with_problems_is_not_saved() {
    let shell = Shell::new();
    shell.file("f.csv", "User Name\nada\nada\n");
    shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--plan-out", "p.json"])
        .exits(2)
        .says("f.csv:3: ada");
    assert_eq!(shell.files(), ["f.csv"]);
}

#[test]
fn runs_are_listed_and_shown() {
    let shell = shell_with_plan();
    shell.acctsh(&["plan", "list"]).exits(0).says("There are no runs yet.");
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(0);
    shell.acctsh(&["-c", r#"create_account(#{ user_name: "ada" })"#, "--yes"]).exits(0);

    let runs = shell.acctsh(&["plan", "list", "--output", "json"]).exits(0).json();
    let whats: Vec<&str> =
        runs.as_array().unwrap().iter().map(|run| run["what"].as_str().unwrap()).collect();
    assert_eq!(whats, ["-c", "plan apply p.json"], "the newest first");
    assert_eq!(runs[1]["state"], "finished");
    assert!(runs[1]["operator"].as_str().unwrap().starts_with("morgan@"));
    assert_eq!(shell.acctsh(&["runs", "--output", "json"]).json(), runs);

    let run = runs[1]["run"].as_str().unwrap();
    shell
        .acctsh(&["plan", "show", run])
        .exits(0)
        .prints("is finished: 2 done")
        .prints("plan apply p.json by morgan@")
        .prints("passwords");
    shell
        .acctsh(&["plan", "show", "20200101-0000-aaaa"])
        .exits(2)
        .says("there is no run")
        .says("acctsh plan list");
}
