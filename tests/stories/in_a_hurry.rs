//! An unfinished run doesn't keep anybody from being shut out at once; it only says that it is there.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

#[test]
fn somebody_of_an_unfinished_run_is_disabled_with_a_warning_and_given_nothing() {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(2));
    // Nobody gets a licence for now: the run stays unfinished.
    let fault = json!({ "kind": "service_unavailable", "method": "POST",
                        "path": "/v1.0/users/*/assignLicense", "rate": 1.0 });
    tenant.knob("POST", "faults", Some(fault));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(7);
    tenant.knob("DELETE", "faults", None);
    let run = shell.newest_run();

    let disable = r#"account("person.0001").disable()"#;
    shell
        .acctsh(&["-c", disable, "--yes"])
        .exits(0)
        .says(&format!("the unfinished run {run} is at work on person.0001"))
        .says(&format!("acctsh plan resume {run}"));
    assert_eq!(shell.value(r#"account("person.0001").enabled"#), json!(false));

    let reset = r#"account("person.0001").reset_password()"#;
    shell.acctsh(&["-c", reset, "--yes"]).exits(4).says("is at work on person.0001");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    shell.acctsh(&["-c", reset, "--yes"]).exits(0);
}
