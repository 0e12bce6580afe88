//! What is wrong is found by the doctor, who says what to do.

use serde_json::{Value, json};

use crate::story::{Shell, Tenant, is_not_of_a_domain};

const SCRUBBED: &str = "http://127.0.0.1:PORT";

fn all_but(missing: &[&str]) -> Value {
    let permissions: Vec<&str> = [
        "User.ReadWrite.All",
        "User-PasswordProfile.ReadWrite.All",
        "User.EnableDisableAccount.All",
        "User.DeleteRestore.All",
        "User.RevokeSessions.All",
        "LicenseAssignment.ReadWrite.All",
        "Directory.Read.All",
        "Domain.Read.All",
        "Organization.Read.All",
        "Exchange.ManageAsApp",
    ]
    .into_iter()
    .filter(|name| !missing.contains(name))
    .collect();
    json!({ "permissions": permissions })
}

/// The lines about mail: what comes after the role for passwords, up to the journal.
fn mail_part(out: &str) -> &str {
    let rest = &out[out.find("Exchange.ManageAsApp").unwrap()..];
    let start = out.len() - rest.len();
    let start = out[..start].rfind('\n').map_or(0, |at| at + 1);
    &out[start..out.find("ok     journal").unwrap()]
}

fn connected() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant);
    (tenant, shell)
}

#[test]
fn all_is_well_with_exactly_what_connect_asks_for() {
    if is_not_of_a_domain("what the doctor says of the embedded directory") {
        return;
    }
    let (tenant, shell) = connected();
    tenant.knob("PUT", "app", Some(all_but(&[])));
    let ran = shell.acctsh(&["doctor"]).exits(0).says("All is well with the profile contoso.");
    insta::assert_snapshot!("all_is_well", ran.out);
}

#[test]
fn a_missing_permission_is_named_with_what_it_is_for_and_how_to_grant_it() {
    if is_not_of_a_domain("what the doctor says of the embedded directory") {
        return;
    }
    let (tenant, shell) = connected();
    let missing = ["User-PasswordProfile.ReadWrite.All", "Domain.Read.All", "Directory.Read.All"];
    tenant.knob("PUT", "app", Some(all_but(&missing)));
    let ran = shell.acctsh(&["doctor"]).exits(6).says("3 things are wrong");
    insta::assert_snapshot!("permissions_missing", ran.out);

    let findings = shell.acctsh(&["doctor", "--output", "json"]).exits(6).json();
    let wrong: Vec<&Value> = findings
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["state"] == "wrong")
        .map(|it| &it["subject"])
        .collect();
    assert_eq!(
        wrong,
        [
            &json!("User-PasswordProfile.ReadWrite.All"),
            &json!("Directory.Read.All"),
            &json!("Domain.Read.All")
        ]
    );
}

#[test]
fn the_role_is_missed_where_the_permission_alone_does_not_suffice() {
    let (tenant, shell) = connected();
    tenant.knob("PUT", "app", Some(json!({ "roles": ["Helpdesk Administrator"] })));
    shell
        .acctsh(&["doctor"])
        .exits(6)
        .prints("WRONG  role        User Administrator: the app doesn't hold it")
        .prints("Roles & admins");
    tenant.knob("PUT", "app", Some(json!({ "roles": ["Global Administrator"] })));
    shell.acctsh(&["doctor"]).exits(0).prints("ok     role        Global Administrator:");
}

#[test]
fn the_permission_and_the_role_for_mail_are_missed_one_by_one() {
    let (tenant, shell) = connected();
    tenant.knob("PUT", "app", Some(all_but(&["Exchange.ManageAsApp"])));
    let ran = shell.acctsh(&["doctor"]).exits(6).says("One thing is wrong");
    insta::assert_snapshot!("exchange_permission_missing", mail_part(&ran.out));

    tenant.knob("PUT", "app", Some(all_but(&[])));
    tenant.knob("PUT", "app", Some(json!({ "roles": ["User Administrator"] })));
    let ran = shell.acctsh(&["doctor"]).exits(6).says("One thing is wrong");
    insta::assert_snapshot!("exchange_role_missing", mail_part(&ran.out));

    let reads = json!({ "roles": ["User Administrator", "Global Reader"] });
    tenant.knob("PUT", "app", Some(reads));
    let ran = shell.acctsh(&["doctor"]).exits(0).says("All is well");
    insta::assert_snapshot!("exchange_role_that_only_reads", mail_part(&ran.out));
}

#[test]
fn a_tenant_without_exchange_is_told_what_that_means_and_is_well() {
    let (tenant, shell) = connected();
    for product in ["O365_BUSINESS_ESSENTIALS", "O365_BUSINESS_PREMIUM", "SPB", "ENTERPRISEPACK"] {
        tenant.knob("PUT", &format!("skus/{product}"), Some(json!({ "standing": "Suspended" })));
    }
    shell.acctsh(&["doctor"]).exits(0).prints("Exchange.ManageAsApp: manage e-mail");
    tenant.knob("PUT", "skus/EXCHANGESTANDARD", Some(json!({ "standing": "Suspended" })));
    tenant.knob("PUT", "app", Some(all_but(&["Exchange.ManageAsApp"])));
    shell
        .acctsh(&["doctor"])
        .exits(0)
        .prints("note   exchange    no Exchange Online: aliases and groups are not available")
        .never_says("Exchange.ManageAsApp")
        .says("All is well");
}

#[test]
fn exchange_that_does_not_answer_is_out_of_reach_and_the_rest_is_well() {
    let (tenant, shell) = connected();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    let path = "/exchange/adminapi/beta/*/InvokeCommand/Get-AcceptedDomain";
    let fault = json!({ "kind": "service_unavailable", "path": path, "times": 100 });
    tenant.knob("POST", "faults", Some(fault));
    shell
        .acctsh(&["doctor"])
        .exits(8)
        .prints("WRONG  exchange")
        .prints("ok     role        User Administrator")
        .says("One thing is wrong");
}

#[test]
fn a_wrong_secret_is_told_from_a_missing_one_and_never_shown() {
    let (tenant, shell) = connected();
    let with = |secret: &str| {
        let text = tenant.profile().replace("SANDBOX_SECRET", secret);
        shell.config(&text);
        shell.acctsh(&["doctor"]).exits(6)
    };
    // The name of the user is in every environment, and no secret of any app.
    with("USER").prints("the client secret is wrong").never_says("morgan");
    with("NOT_THERE")
        .prints("the environment variable NOT_THERE with the client secret is not set");
}

#[test]
fn a_tenant_that_is_down_is_out_of_reach_and_the_rest_is_looked_at_all_the_same() {
    if is_not_of_a_domain("what the doctor says of the embedded directory") {
        return;
    }
    let (mut tenant, shell) = connected();
    tenant.kill();
    let ran = shell.acctsh(&["doctor"]).exits(8).says("One thing is wrong");
    let out = ran.out.replace(tenant.url(), SCRUBBED);
    insta::assert_snapshot!("tenant_down", out);
}

#[test]
fn clocks_that_are_apart_are_noticed() {
    let (tenant, shell) = connected();
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 900 })));
    shell
        .acctsh(&["doctor"])
        .exits(1)
        .prints("WRONG  clock       this machine's clock is")
        .prints("minutes behind the tenant's")
        .prints("what to do: let the machine take its time from the network (NTP)");
}

#[test]
fn a_configuration_that_cannot_be_read_is_said_to_be() {
    let shell = Shell::new();
    shell.config("default_profile = 7\n");
    shell.acctsh(&["doctor"]).exits(1).says("config.toml: line 1");
    shell.config("");
    shell.acctsh(&["doctor"]).exits(1).says("profiles");
}
