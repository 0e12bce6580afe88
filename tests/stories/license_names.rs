//! Licences by any of their names, and what their loss means for a mailbox.

use serde_json::json;

use crate::story::{Shell, Tenant, people};

const BASIC: &str = "Microsoft 365 Business Basic";
const STANDARD: &str = "Microsoft 365 Business Standard";
const EXCHANGE: &str = "Exchange Online (Plan 1)";

fn so_many(count: usize) -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(count));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (tenant, shell)
}

#[test]
fn any_name_of_a_licence_will_do_and_a_wrong_one_gets_the_nearest() {
    let (_tenant, shell) = so_many(1);
    let person = r#"account("person.0001")"#;
    for name in ["EXCHANGESTANDARD", EXCHANGE, "4b9405b0-7788-4568-add1-99614e613b69"] {
        // Exchange comes with what the person has: the tenant refuses both together.
        let code = format!(r#"{person}.set_licenses(["{name}"])"#);
        shell.acctsh(&["-c", &code, "--yes"]).exits(0);
        assert_eq!(shell.value(&format!("{person}.licenses")), json!([EXCHANGE]));
    }
    shell
        .acctsh(&["-c", &format!(r#"{person}.add_license("{STANDARD}x")"#), "--yes"])
        .exits(2)
        .says(&format!("did you mean \"{STANDARD}\"?"));
    shell.acctsh(&["-c", &format!(r#"{person}.remove_license("{STANDARD}")"#), "--yes"]).exits(0);
}

#[test]
fn a_mailbox_that_is_off_or_pending_is_said_though_the_account_is_active() {
    let (tenant, shell) = so_many(1);
    let person = r#"account("person.0001")"#;
    let stands = || shell.value(&format!("let a = {person}; [a.status, a.status_reason]"));
    assert_eq!(stands(), json!(["active", null]));
    let off = format!(r#"{person}.add_license("{BASIC}", #{{ without: ["Exchange"] }})"#);
    shell.acctsh(&["-c", &off, "--yes"]).exits(0);
    assert_eq!(stands(), json!(["active", "its mailbox service is off"]));
    let on = off.replace("\"Exchange\"", "");
    shell.acctsh(&["-c", &on, "--yes"]).exits(0);
    let pending = json!({ "pending": ["EXCHANGE_S_STANDARD"] });
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(pending));
    assert_eq!(stands(), json!(["active", "its mailbox service is pending"]));
}

#[test]
fn who_loses_the_mailbox_is_named() {
    let (_tenant, shell) = so_many(1);
    let remove = format!(r#"account("person.0001").remove_license("{BASIC}")"#);
    shell.acctsh(&["-c", &remove]).exits(5).says("loses its mailbox for good about 30 days after");
    let swap = format!(r#"account("person.0001").set_licenses(["{EXCHANGE}"])"#);
    shell.acctsh(&["-c", &swap, "--what-if"]).exits(0).never_says("loses its mailbox");
}
