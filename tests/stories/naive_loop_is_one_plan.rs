//! A loop that makes one account after another is one plan: checked as a whole, asked about once,
//! and written only at the end.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

const LOOP: &str = r#"for r in read_csv("f.csv") { create_account(r) }"#;

fn shell_with_file(csv: &str) -> Shell {
    let shell = Shell::new();
    shell.file("f.csv", csv);
    shell
}

fn names(shell: &Shell) -> serde_json::Value {
    shell.value(r"accounts().filter(|a| !a.is_built_in).map(|a| a.user_name)")
}

#[test]
fn the_loop_is_one_plan_and_one_run() {
    let shell = shell_with_file(&people(3));
    shell
        .acctsh(&["-c", LOOP, "--yes"])
        .exits(0)
        .says("Plan: 3 users to create, 3 online accounts to create, 3 accounts to license.")
        .says("3 done")
        .prints("f.csv:2")
        .prints("f.csv:4");
    let runs = shell.acctsh(&["plan", "list", "--output", "json"]).exits(0).json();
    assert_eq!(runs.as_array().unwrap().len(), 1);
}

#[test]
fn without_a_terminal_it_needs_yes_and_writes_nothing() {
    let (shell, tenant) = (shell_with_file(&people(3)), Tenant::start(&[]));
    shell.uses(&tenant);
    let before = tenant.summary()["users"].clone();
    shell
        .acctsh(&["-c", LOOP])
        .exits(5)
        .says("Plan: 3 users to create, 3 online accounts to create, 3 accounts to license.")
        .says("this needs a confirmation, and there is no terminal")
        .says("give --yes, or look first with --what-if");
    assert_eq!(tenant.summary()["users"], before);
    assert_eq!(names(&shell), json!([]));
    assert_eq!(shell.files(), ["f.csv"]);
}

#[test]
fn each_row_is_named_with_what_is_wrong_with_it_and_one_bad_row_stops_all() {
    let shell = shell_with_file("User Name\nada\na/b\ngrace\nada\n");
    shell
        .acctsh(&["-c", LOOP, "--yes"])
        .exits(2)
        .says("f.csv:3: a/b: user_name")
        .says("f.csv:5: ada: user_name: user_name ada is taken by f.csv:2 as well");
    assert_eq!(names(&shell), json!([]));
}

#[test]
fn what_is_recorded_in_the_loop_of_a_row_belongs_to_that_row() {
    let shell = shell_with_file("User Name\nada\ngrace\nada\n");
    let script = r#"for r in read_csv("f.csv") { create_account(#{ user_name: r.user_name }) }"#;
    shell
        .acctsh(&["-c", script, "--yes"])
        .exits(2)
        .says("f.csv:4: ada")
        .says("is taken by f.csv:2");
}

#[test]
fn apply_in_the_middle_writes_what_was_recorded_so_far_and_gives_its_results() {
    let shell = Shell::new();
    let script = r#"
        let a = create_account(#{ user_name: "ada" });
        let run = apply();
        create_account(#{ user_name: "grace" });
        let second = apply();
        #{ first: run.summary.done, id: run.results[0].online_id, second: second.results[0].user, made: a.online_id }
    "#;
    let ran = shell.acctsh(&["-c", script, "--yes", "--output", "json"]).exits(0);
    assert_eq!(
        ran.json()[0],
        json!({ "first": 1, "id": "ada@contoso.com", "second": "grace", "made": "ada@contoso.com" })
    );
    let runs = shell.acctsh(&["plan", "list", "--output", "json"]).json();
    assert_eq!(runs.as_array().unwrap().len(), 2, "two runs");
}

#[test]
fn an_error_after_apply_leaves_what_was_applied_and_drops_the_rest() {
    let shell = Shell::new();
    let script = r#"create_account(#{ user_name: "ada" }); apply(); create_account(#{ user_name: "grace" }); fail("enough")"#;
    shell.acctsh(&["-c", script, "--yes"]).exits(1).says("enough").says("1 done");
    assert_eq!(names(&shell), json!(["ada"]));
}

#[test]
fn an_error_before_the_end_writes_nothing() {
    let shell = shell_with_file(&people(3));
    let script = r#"
        for r in read_csv("f.csv") {
            create_account(r);
            if r.line == 3 { fail("row " + r.line + " is strange") }
        }
    "#;
    shell.acctsh(&["-c", script, "--yes"]).exits(1).says("row 3 is strange").says("-c:4:");
    assert_eq!(names(&shell), json!([]));
    assert_eq!(shell.files(), ["f.csv"]);
}

#[test]
fn reads_see_the_plan() {
    let shell = Shell::new();
    let script = r#"
        let before = account("Guest").status;
        let a = create_account(#{ user_name: "ada", first_name: "Ada", last_name: "Berg", country: "Germany" });
        let found = account("ada");
        let by_id = account("ada@contoso.com");
        #{
            before: before, status: a.status, shown: found.display_name, location: by_id.usage_location,
            licenses: a.licenses, listed: accounts("a*").len(),
            needed: license("Microsoft 365 Business Basic").needed, free: licenses()[0].free,
        }
    "#;
    let ran = shell.acctsh(&["-c", script, "--what-if", "--output", "json"]).exits(0);
    assert_eq!(
        ran.json()[0],
        json!({
            "before": "none", "status": "active", "shown": "Ada Berg", "location": "DE",
            "licenses": ["Microsoft 365 Business Basic"], "listed": 2, "needed": 1, "free": 10000,
        })
    );
    assert_eq!(names(&shell), json!([]));
}

#[test]
fn what_only_the_tenant_can_say_is_known_after_apply() {
    let shell = Shell::new();
    let script = r#"create_account(#{ user_name: "ada" }).created"#;
    shell
        .acctsh(&["-c", script, "--what-if"])
        .exits(2)
        .says("created is known only after the plan is applied")
        .says("call apply() first");
}

#[test]
fn a_name_that_two_people_hold_in_the_plan_is_an_error_of_the_look_up() {
    let shell = Shell::new();
    let script = r#"
        create_account(#{ user_name: "ada", first_name: "Ada" });
        create_account(#{ user_name: "ada", first_name: "Adele" });
        account("ada")
    "#;
    shell
        .acctsh(&["-c", script, "--yes"])
        .exits(2)
        .says("\"ada\" means 2 people at this point of the plan: Ada (line 2) and Adele (line 3)");
    assert_eq!(names(&shell), json!([]));

    let caught = r#"
        create_account(#{ user_name: "ada" });
        try { account("nobody") } catch (error) { print(error.kind) }
    "#;
    shell.acctsh(&["-c", caught, "--yes"]).exits(0).prints("no_such_account");
    assert_eq!(names(&shell), json!(["ada"]), "a caught error stops nothing");
}

#[test]
fn the_same_person_twice_in_a_row_needs_no_second_account() {
    let shell = Shell::new();
    shell
        .acctsh(&["-c", r#"create_account(#{ user_name: "ada", online: false })"#, "--yes"])
        .exits(0);
    let script = r#"account("ada").assign(#{}); account("ada").status"#;
    shell.acctsh(&["-c", script, "--yes"]).exits(0).prints("active");
    assert_eq!(shell.value(r#"account("ada").status"#), "active");
}
