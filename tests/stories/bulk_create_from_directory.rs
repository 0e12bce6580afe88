//! Without a CSV file the proposals are everybody in the directory who has no online account.

use serde_json::json;

use crate::story::{Shell, Tenant, is_on_samba};

/// A directory as people keep them: most are fine, some must not get an online account.
const PEOPLE: &str = r#"
    let people = [
        #{ user_name: "ada", first_name: "Ada", last_name: "Berg" },
        #{ user_name: "grace", first_name: "Grace", last_name: "Stone", department: "Research" },
        #{ user_name: "linus", first_name: "Linus", last_name: "Field" },
        #{ user_name: "gone", enabled: false },
        #{ user_name: "past", expires: "2020-01-31" },
        #{ user_name: "future", expires: "2999-01-31" },
        #{ user_name: "break.glass" },
    ];
    for person in people { person.online = false; create_account(person); }
"#;

const CONFIG: &str = r#"
    [profiles.contoso]
    tenant = { kind = "sandbox" }
    defaults = { usage_location = "US", licenses = ["Microsoft 365 Business Basic"] }
    protected = ["Break.Glass"]
"#;

fn shell_with_people() -> Shell {
    let shell = Shell::new();
    // The profile protects break.glass only once that user is there.
    shell.config(&CONFIG.replace("Break.Glass", ""));
    shell.acctsh(&["-c", PEOPLE, "--yes"]).exits(0);
    shell.config(CONFIG);
    shell
}

/// Whom the directory has of itself.
fn built_in() -> &'static str {
    if is_on_samba() {
        "4 left out, built into the directory: Administrator, Guest, krbtgt, dns-dc1"
    } else {
        "2 left out, built into the directory: Administrator, Guest"
    }
}

/// Sorted: users are made at the same time, so which of them is the first in the directory is open.
fn with_online_account(shell: &Shell) -> serde_json::Value {
    let names = r#"accounts().filter(|a| a.status != "none").map(|a| a.user_name)"#;
    let mut names: Vec<String> = serde_json::from_value(shell.value(names)).unwrap();
    names.sort();
    json!(names)
}

#[test]
fn every_enabled_user_without_online_account_gets_one_and_the_others_are_named_and_counted() {
    let shell = shell_with_people();
    shell
        .acctsh(&["run", "bulk-create", "--yes"])
        .exits(0)
        .says(built_in())
        .says("1 left out, protected by the profile: break.glass")
        .says("1 left out, disabled (--include disabled): gone")
        .says("1 left out, expired (--include expired): past")
        .says("Plan: 4 online accounts to create, 4 accounts to license.")
        .says("4 done");
    assert_eq!(with_online_account(&shell), json!(["ada", "future", "grace", "linus"]));
    shell.acctsh(&["run", "bulk-create", "--yes"]).exits(0).never_says("Plan: 4");
}

#[test]
fn whoever_has_an_online_account_already_is_not_proposed() {
    let shell = shell_with_people();
    shell.acctsh(&["-c", r#"account("ada").assign(#{})"#, "--yes"]).exits(0);
    shell
        .acctsh(&["run", "bulk-create", "--yes"])
        .exits(0)
        .says("Plan: 3 online accounts to create");
    shell.acctsh(&["run", "bulk-create", "--yes"]).exits(0);
    assert_eq!(with_online_account(&shell).as_array().unwrap().len(), 4);
}

#[test]
fn disabled_and_expired_people_are_taken_in_when_asked_for() {
    let shell = shell_with_people();
    shell
        .acctsh(&["run", "bulk-create", "--include", "disabled", "--include", "expired", "--yes"])
        .exits(0)
        .says(built_in())
        .says("1 left out, protected by the profile")
        .never_says("left out, disabled")
        .says("Plan: 6 online accounts to create");
    assert_eq!(
        with_online_account(&shell),
        json!(["ada", "future", "gone", "grace", "linus", "past"])
    );
}

#[test]
fn people_are_passed_over_by_name_without_regard_to_case() {
    let shell = shell_with_people();
    shell
        .acctsh(&["run", "bulk-create", "--except", "ADA,linus,future", "--yes"])
        .exits(0)
        .says("3 passed over as you asked: ada, linus, future");
    assert_eq!(with_online_account(&shell), json!(["grace"]));
}

#[test]
fn proposals_go_to_a_file_are_edited_there_and_taken_back() {
    let shell = shell_with_people();
    shell
        .acctsh(&["run", "bulk-create", "--review", "proposals.csv"])
        .exits(0)
        .says("Wrote proposals.csv: 4 people to review. Edit or delete rows, then give it back with --csv.");
    assert_eq!(with_online_account(&shell), json!([]), "nothing is written yet");
    assert!(shell.files().contains(&"proposals.csv".to_owned()));

    let proposals = shell.read("proposals.csv");
    assert!(proposals.contains(
        "grace,Grace Stone,Grace,Stone,,Research,grace@contoso.com,Microsoft 365 Business Basic"
    ));
    let kept: Vec<&str> = proposals.lines().filter(|row| !row.starts_with("linus")).collect();
    shell.file(
        "proposals.csv",
        &kept.join("\n").replace("grace@contoso.com", "g.stone@contoso.com"),
    );

    shell
        .acctsh(&["run", "bulk-create", "--csv", "proposals.csv", "--yes"])
        .exits(0)
        .says("3 done");
    assert_eq!(with_online_account(&shell), json!(["ada", "future", "grace"]));
    assert_eq!(shell.value(r#"account("grace").online_id"#), "g.stone@contoso.com");
    shell
        .acctsh(&["run", "bulk-create", "--csv", "proposals.csv", "--yes"])
        .exits(0)
        .says("3 people complete already");
}

#[test]
fn an_untouched_review_file_means_the_same_as_no_review() {
    let shell = shell_with_people();
    let options = [
        "--licenses",
        "Office 365 E3",
        "--without",
        "Teams",
        "--domain",
        "contoso.onmicrosoft.com",
    ];
    let review = [&["run", "bulk-create", "--review", "f.csv"][..], &options].concat();
    shell.acctsh(&review).exits(0);
    let plan_of_file = shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--what-if", "--output", "json"])
        .exits(0);
    let plan = [&["run", "bulk-create", "--what-if", "--output", "json"][..], &options].concat();
    let (reviewed, direct) = (plan_of_file.json(), shell.acctsh(&plan).json());
    for (reviewed, direct) in reviewed.as_array().unwrap().iter().zip(direct.as_array().unwrap()) {
        for what in ["user", "online_id", "what", "licenses"] {
            assert_eq!(reviewed[what], direct[what]);
        }
    }
    assert_eq!(direct.as_array().unwrap().len(), 4);
    let is_ada =
        |account: &serde_json::Value| account["online_id"] == "ada@contoso.onmicrosoft.com";
    assert!(direct.as_array().unwrap().iter().any(is_ada), "{direct}");
}

#[test]
fn somebody_protected_gets_nothing_from_a_file_either() {
    let shell = shell_with_people();
    shell.file("f.csv", "User Name\nbreak.glass\nada\n");
    shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--yes"])
        .exits(4)
        .says("f.csv:2: break.glass")
        .says("protected");
    assert_eq!(with_online_account(&shell), json!([]), "nothing was written");
}

#[test]
fn options_for_everybody_shape_the_proposals() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant);
    shell.acctsh(&["-c", PEOPLE, "--yes"]).exits(0);
    let options = [
        "--except",
        "grace,linus,future,break.glass",
        "--usage-location",
        "Finland",
        "--licenses",
        "EXCHANGESTANDARD",
    ];
    shell
        .acctsh(&[&["run", "bulk-create", "--yes"][..], &options].concat())
        .exits(0)
        .says("1 done");
    let ada = tenant.graph("users/ada@contoso.com?$select=usageLocation,displayName");
    assert_eq!(ada["usageLocation"], "FI");
    assert_eq!(ada["displayName"], "Ada Berg");
    assert_eq!(shell.value(r#"account("ada").licenses"#), json!(["Exchange Online (Plan 1)"]));
}
