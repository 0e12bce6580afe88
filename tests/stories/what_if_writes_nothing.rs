//! `--what-if` shows the plan and writes nothing: not here, not in the tenant.

use serde_json::{Value, json};

use crate::story::{Shell, Tenant, databases_under, people};

/// What the tenant holds; the count of requests is no part of it.
fn holdings(tenant: &Tenant) -> Value {
    let mut summary = tenant.summary();
    summary.as_object_mut().unwrap().remove("requests");
    summary
}

/// A tenant and a directory that have been used before.
fn set_up() -> (Shell, Tenant) {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    shell.uses(&tenant).file("people.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (shell, tenant)
}

#[test]
fn databases_and_tenant_are_the_same_before_and_after() {
    let (shell, tenant) = set_up();
    shell.file("people.csv", &people(5));
    let (databases, held, files) =
        (databases_under(&shell.home()), holdings(&tenant), shell.files());

    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--what-if"])
        .exits(0)
        .says("2 people complete already")
        .says("Seats of Microsoft 365 Business Basic: 3 needed, 9998 free.")
        .says("What-if: nothing was written.");
    assert_eq!(databases_under(&shell.home()), databases);
    assert_eq!(holdings(&tenant), held);
    assert_eq!(shell.files(), files, "no results, no letters");

    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    assert_ne!(
        databases_under(&shell.home()),
        databases,
        "a run that writes is seen by this comparison"
    );
    assert_ne!(holdings(&tenant), held);
}

#[test]
fn the_tenant_in_the_box_is_left_alone_too() {
    let shell = Shell::new();
    shell.file("people.csv", &people(2));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    shell.file("people.csv", &people(4));
    let databases = databases_under(&shell.home());
    assert_eq!(databases.len(), 3, "directory, tenant and journal");
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--what-if"]).exits(0);
    assert_eq!(databases_under(&shell.home()), databases);
}

#[test]
fn standard_output_is_the_plan() {
    let (shell, _tenant) = set_up();
    shell.file("people.csv", &people(4));
    let ran = shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--what-if"]).exits(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 3, "a header and whoever is not complete yet:\n{}", ran.out);
    assert!(
        lines[1].starts_with("people.csv:4  person.0003  person.0003@contoso.com"),
        "{}",
        lines[1]
    );
}

#[test]
fn the_plan_as_json_is_one_object_for_each_person() {
    let (shell, _tenant) = set_up();
    shell.file("people.csv", &people(3));
    let ran = shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--what-if", "--output", "json"])
        .exits(0);
    let plan = ran.json();
    assert_eq!(plan.as_array().unwrap().len(), 1);
    assert_eq!(plan[0]["row"], "people.csv:4");
    assert_eq!(plan[0]["user"], "person.0003");
    assert_eq!(plan[0]["online_id"], "person.0003@contoso.com");
    assert_eq!(plan[0]["licenses"], json!(["Microsoft 365 Business Basic"]));
}

#[test]
fn problems_are_part_of_the_plan_and_end_with_bad_input() {
    let (shell, tenant) = set_up();
    let (databases, held) = (databases_under(&shell.home()), holdings(&tenant));
    shell.file("people.csv", "User Name,Licenses\nnew,No Such Licence\n");
    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--what-if"])
        .exits(2)
        .says("people.csv:2: new: licenses: the tenant has no licence \"No Such Licence\"");
    assert_eq!(databases_under(&shell.home()), databases);
    assert_eq!(holdings(&tenant), held);
}

#[test]
fn a_script_runs_to_its_end_on_what_the_plan_would_make() {
    let (shell, tenant) = set_up();
    let (databases, held) = (databases_under(&shell.home()), holdings(&tenant));
    let code = r#"
        create_account(#{ user_name: "zoe", first_name: "Zoe" });
        apply();
        create_account(#{ user_name: "kim" });
        accounts(["zoe", "kim"]).map(|a| a.status)
    "#;
    let ran = shell.acctsh(&["-c", code, "--what-if", "--output", "json"]).exits(0);
    assert_eq!(
        ran.json(),
        json!(["active", "active"]),
        "apply() only marks a stage of the same plan"
    );
    assert_eq!(databases_under(&shell.home()), databases);
    assert_eq!(holdings(&tenant), held);

    let unknown = r#"create_account(#{ user_name: "zoe" }); apply().results"#;
    shell.acctsh(&["-c", unknown, "--what-if"]).exits(2).says("nothing was applied yet");
}

#[test]
fn what_if_wins_over_yes() {
    let (shell, tenant) = set_up();
    shell.file("people.csv", &people(4));
    let held = holdings(&tenant);
    shell.acctsh(&["--what-if", "run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    assert_eq!(holdings(&tenant), held);
}
