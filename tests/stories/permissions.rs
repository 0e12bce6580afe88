//! What the app may not do is said before the first write, by the permission's name.

use serde_json::json;

use crate::aftermath::names;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "two.csv"];

/// All that is needed but these.
fn grant_all_but(tenant: &Tenant, missing: &[&str]) {
    let permissions: Vec<&str> = [
        "User.Read.All",
        "User.Create",
        "User.ReadUpdate.All",
        "User-PasswordProfile.ReadWrite.All",
        "User.EnableDisableAccount.All",
        "User.DeleteRestore.All",
        "User.RevokeSessions.All",
        "LicenseAssignment.ReadWrite.All",
        "Directory.Read.All",
        "Domain.Read.All",
        "Organization.Read.All",
    ]
    .into_iter()
    .filter(|name| !missing.contains(name))
    .collect();
    tenant.knob("PUT", "app", Some(json!({ "permissions": permissions })));
}

fn with_two_people() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("two.csv", &people(2));
    (tenant, shell)
}

#[test]
fn a_plan_that_lacks_a_permission_is_refused_before_the_first_write() {
    let (tenant, shell) = with_two_people();
    let before = shell.value("accounts().len()");
    grant_all_but(&tenant, &["LicenseAssignment.ReadWrite.All"]);
    let said = "the app lacks the permission LicenseAssignment.ReadWrite.All";
    shell.acctsh(&[JOB, &["--what-if"]].concat()).says(said);
    shell.acctsh(&[JOB, &["--yes"]].concat()).exits(6).says(said).says("acctsh doctor");
    assert_eq!(tenant.summary()["users"], 1, "nobody was made");
    assert_eq!(shell.value("accounts().len()"), before);
    assert_eq!(shell.acctsh(&["plan", "list", "--output", "json"]).json(), json!([]));

    grant_all_but(&tenant, &[]);
    shell.acctsh(&[JOB, &["--yes"]].concat()).exits(0).says("2 done");
}

#[test]
fn each_verb_names_the_permission_that_it_lacks() {
    let (tenant, shell) = with_two_people();
    shell.acctsh(&[JOB, &["--yes"]].concat()).exits(0);
    let name = &names(1..=1)[0];
    for (verb, permission) in [
        ("disable()", "User.EnableDisableAccount.All"),
        ("set(#{ department: \"Sales\" })", "User.ReadWrite.All"),
        ("reset_password()", "User-PasswordProfile.ReadWrite.All"),
        ("set_licenses([])", "LicenseAssignment.ReadWrite.All"),
        ("delete()", "User.DeleteRestore.All"),
    ] {
        let code = format!("account(\"{name}\").{verb}");
        let granted =
            if permission == "User.ReadWrite.All" { "User.ReadUpdate.All" } else { permission };
        grant_all_but(&tenant, &[granted]);
        let said = format!("the app lacks the permission {permission}");
        shell.acctsh(&["-c", &code, "--what-if"]).says(&said);
        grant_all_but(&tenant, &[]);
        shell.acctsh(&["-c", &code, "--what-if"]).exits(0).never_says("lacks the permission");
    }
}

#[test]
fn an_app_without_a_right_to_exchange_does_everything_but_mail() {
    let (tenant, shell) = with_two_people();
    // The set without Exchange.ManageAsApp, and without Exchange's role.
    grant_all_but(&tenant, &[]);
    tenant.knob("PUT", "app", Some(json!({ "roles": ["User Administrator"] })));
    shell.acctsh(&[JOB, &["--yes"]].concat()).exits(0).says("2 done");
    let name = &names(1..=1)[0];
    for verb in [
        "set(#{ department: \"Sales\" })",
        "disable()",
        "enable()",
        "reset_password()",
        "set_licenses([])",
        "delete()",
    ] {
        let code = format!("account(\"{name}\").{verb}");
        shell.acctsh(&["-c", &code, "--yes"]).exits(0);
    }
    shell.acctsh(&["-c", "accounts()", "--output", "json"]).exits(0);
    let renamed = format!("account(\"{}\").rename(\"somebody.else\")", names(2..=2)[0]);
    shell.acctsh(&["-c", &renamed, "--yes"]).exits(0).says("the app may not use Exchange");
}
