//! A person's licences: more, fewer, others in one call; what is off stays off.

use serde_json::{Value, json};

use crate::story::{Shell, Tenant, people};

const BASIC: &str = "Microsoft 365 Business Basic";
const STANDARD: &str = "Microsoft 365 Business Standard";
const EXCHANGE: &str = "Exchange Online (Plan 1)";

fn nobody() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant);
    (tenant, shell)
}

fn so_many(count: usize) -> (Tenant, Shell) {
    let (tenant, shell) = nobody();
    shell.file("people.csv", &people(count));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (tenant, shell)
}

fn assignments(tenant: &Tenant) -> u64 {
    tenant.summary()["requests"]["POST /users/{id}/assignLicense"].as_u64().unwrap_or(0)
}

fn online(tenant: &Tenant, name: &str) -> Value {
    tenant.graph(&format!("users/{name}@contoso.com?$select=id,assignedLicenses,usageLocation"))
}

#[test]
fn a_swap_is_one_call_for_each_person() {
    let (tenant, shell) = so_many(3);
    let before = assignments(&tenant);
    let swap = format!(r#"accounts("person*").set_licenses(["{EXCHANGE}"])"#);
    shell
        .acctsh(&["-c", &swap, "--what-if"])
        .exits(0)
        .prints(&format!("licence: {BASIC} → {EXCHANGE}"))
        .says(&format!("Seats of {EXCHANGE}: 3 needed"));
    shell.acctsh(&["-c", &swap, "--yes"]).exits(0);
    assert_eq!(assignments(&tenant) - before, 3);
    assert_eq!(shell.value(r#"account("person.0001").licenses"#), json!([EXCHANGE]));
    shell.acctsh(&["-c", &swap, "--yes"]).exits(0).says("3 people complete already");
}

#[test]
fn services_that_are_off_stay_off_until_somebody_says_otherwise() {
    let (tenant, shell) = so_many(1);
    let off = |tenant: &Tenant| {
        let account = online(tenant, "person.0001");
        let licenses = account["assignedLicenses"].as_array().unwrap().clone();
        licenses.iter().map(|it| it["disabledPlans"].as_array().unwrap().len()).collect::<Vec<_>>()
    };
    let person = r#"account("person.0001")"#;
    let change = |code: &str| {
        shell.acctsh(&["-c", &format!("{person}.{code}"), "--yes"]).exits(0);
    };
    change(&format!(r#"set_licenses(["{BASIC}"], #{{ without: ["Teams"] }})"#));
    assert_eq!(off(&tenant), [1]);
    // It is kept by name, and beside another one.
    change(&format!(r#"set_licenses(["{BASIC}"])"#));
    assert_eq!(off(&tenant), [1]);
    change(&format!(r#"add_license("{BASIC}", #{{ without: [] }})"#));
    assert_eq!(off(&tenant), [0]);
    shell
        .acctsh(&["-c", &format!(r#"{person}.add_license("{BASIC}", #{{ without: ["Tems"] }})"#)])
        .exits(2)
        .says("has a service \"Tems\"");
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
fn who_loses_the_mailbox_is_named() {
    let (_tenant, shell) = so_many(1);
    let remove = format!(r#"account("person.0001").remove_license("{BASIC}")"#);
    shell.acctsh(&["-c", &remove]).exits(5).says("loses its mailbox for good about 30 days after");
    let swap = format!(r#"account("person.0001").set_licenses(["{EXCHANGE}"])"#);
    shell.acctsh(&["-c", &swap, "--what-if"]).exits(0).never_says("loses its mailbox");
}

#[test]
fn the_usage_location_comes_first_and_whoever_has_none_is_named() {
    let (tenant, shell) = nobody();
    for (name, country) in [("eva", json!("Germany")), ("tim", Value::Null)] {
        tenant.graph_post(
            "users",
            &json!({
                "userPrincipalName": format!("{name}@contoso.com"), "mailNickname": name,
                "displayName": name, "accountEnabled": true, "country": country,
                "passwordProfile": { "password": "Tarn+hafen48" },
            }),
        );
    }
    let add = |name: &str| format!(r#"account("{name}@contoso.com").add_license("{BASIC}")"#);
    shell.acctsh(&["-c", &add("eva"), "--yes"]).exits(0);
    assert_eq!(online(&tenant, "eva")["usageLocation"], "DE");
    shell
        .acctsh(&["-c", &add("tim"), "--yes"])
        .exits(2)
        .says("has no usage location: without one no licence can be assigned");
}

#[test]
fn seats_that_the_plan_gives_up_are_used_by_whoever_comes_later_in_it() {
    let (tenant, shell) = so_many(2);
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(json!({ "seats": 2 })));
    let new = r#"create_account(#{ user_name: "zoe", first_name: "Zoe", country: "Germany" })"#;
    shell.acctsh(&["-c", new, "--yes"]).exits(2).says("no seat is left");
    // First given up, then taken; the other way round there is none at that point.
    let moved = format!(r#"account("person.0001").unassign(); {new};"#);
    shell.acctsh(&["-c", &moved, "--yes"]).exits(0).says("2 done");
    assert_eq!(shell.value(r#"account("zoe").licenses"#), json!([BASIC]));
    assert_eq!(tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 2);
}
