//! acctsh at work, with the proxy between it and the tenant: nothing it asks and nothing it is told
//! lies outside the description.

use std::collections::BTreeSet;

use serde_json::json;

use crate::proxy::exchange::Exchange;
use crate::proxy::judgement::violations;
use crate::story::{Ran, Shell, Tenant, people};
use crate::walk_of_the_sandbox::{BASIC, Caller, person};

/// A row with every column that there is.
const ALL_FILLED: &str = "\
User Name,First Name,Last Name,Display Name,Job Title,Department,Office Number,Office Phone,Mobile Phone,\
Fax,Alternate email address,Address,City,State or Province,ZIP or Postal Code,Country or Region\r\n\
amara.okafor@contoso.com,Amara,Okafor,Amara Okafor,Controller,Finance,3.14,+49 30 5550101,+49 170 5550101,\
+49 30 5550199,amara@example.com,Lindenweg 1,Berlin,Brandenburg,10117,Germany\r\n";

/// Somebody whose tenant is behind a proxy.
struct Place {
    shell: Shell,
    tenant: Tenant,
}

impl Place {
    fn new() -> Self {
        Self::with(Tenant::start(&[]))
    }

    fn with(tenant: Tenant) -> Self {
        let place = Self { shell: Shell::new(), tenant };
        place.shell.uses(&place.tenant);
        place
    }

    fn create(&self, csv: &str) -> Ran {
        create(&self.shell, csv)
    }

    /// Nothing broke the contract, and these operations were among what was asked.
    #[track_caller]
    fn contract_is_kept(&self, operations: &[&str]) -> BTreeSet<&'static str> {
        let used = self.tenant.proxy().contract_is_kept();
        for operation in operations {
            assert!(used.contains(operation), "{operation} is not among {used:?}");
        }
        used
    }
}

fn create(shell: &Shell, csv: &str) -> Ran {
    shell.file("people.csv", csv);
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"])
}

#[test]
fn exchange_is_reached_through_the_proxy_and_its_oddest_answer_arrives_as_it_left() {
    let place = Place::new();
    place.shell.acctsh(&["doctor"]).exits(0).prints("Exchange.ManageAsApp: manage e-mail");
    let admin = place.tenant.exchange("Get-Mailbox", &json!({ "Identity": "admin" }));
    assert_eq!(admin[0]["PrimarySmtpAddress"], acctsh_sandbox::ADMINISTRATOR);
    let passed = place.tenant.proxy().take();
    let commands: Vec<&Exchange> = passed.iter().filter(|it| it.is_exchange_online()).collect();
    assert_eq!(commands.len(), 2, "acctsh's and another client's");
    assert!(passed.iter().flat_map(violations).next().is_none());
    let sent = commands[0].sent.as_ref().unwrap();
    assert_eq!(sent.value["CmdletInput"]["CmdletName"], "Get-AcceptedDomain");
    let answered = commands[0].answered.as_ref().unwrap();
    assert_eq!(answered.value["value"][0]["DomainName"], "contoso.onmicrosoft.com");

    // NUL bytes that call themselves gzip (`exchange.md` §7.2).
    place.tenant.knob("PUT", "exchange", Some(json!({ "bare_forbidden": true })));
    place.tenant.knob("PUT", "app", Some(json!({ "roles": ["User Administrator"] })));
    place
        .shell
        .acctsh(&["doctor"])
        .exits(6)
        .prints("Exchange Administrator: the app doesn't hold it");
}

const CREATE: &str = "POST /users";
const ASSIGN: &str = "POST /users/{user-id}/assignLicense";

#[test]
fn bulk_create_from_a_file_with_every_column_filled() {
    let place = Place::new();
    place.create(ALL_FILLED).exits(0).says("1 done");
    place.contract_is_kept(&[
        "POST /{tenant}/oauth2/v2.0/token",
        "GET /subscribedSkus",
        "GET /domains",
        "GET /organization",
        "GET /directory/deletedItems/microsoft.graph.user",
        CREATE,
        ASSIGN,
    ]);
}

#[test]
fn many_people_and_a_second_run() {
    let place = Place::new();
    place.create(&people(60)).exits(0).says("60 done");
    place.contract_is_kept(&[CREATE, ASSIGN]);
    place.create(&people(61)).exits(0).says("1 done");
    place.contract_is_kept(&[CREATE, ASSIGN]);
    place.create(&people(61)).exits(0);
    let used = place.contract_is_kept(&[]);
    assert!(!used.contains(CREATE), "there was nothing to do, but {used:?}");
}

#[test]
fn bulk_create_from_the_directory() {
    let place = Place::new();
    let people = r#"
        for name in ["ada", "grace", "linus"] {
            create_account(#{ user_name: name, first_name: name, last_name: "Berg", online: false })
        }
    "#;
    place.shell.acctsh(&["-c", people, "--yes"]).exits(0);
    place.shell.acctsh(&["run", "bulk-create", "--yes"]).exits(0).says("3 done");
    place.contract_is_kept(&[CREATE, ASSIGN]);
}

#[test]
fn names_that_are_taken_and_seats_that_are_short() {
    let place = Place::new();
    place.create(&people(2)).exits(0);
    let other = "User Name,First Name,Last Name,Display Name,Country or Region\n\
        person.0001@contoso.com,Sam,Other,Sam Other,Germany\n";
    let newcomer = Shell::new();
    create(newcomer.uses(&place.tenant), other).exits(2).says("person.0001@contoso.com");
    place.tenant.knob("PUT", &format!("skus/{BASIC}"), Some(json!({ "seats": 3 })));
    place.create(&people(5)).exits(2).says("Microsoft 365 Business Basic");
    place.contract_is_kept(&[CREATE]);
}

#[test]
fn a_name_that_somebody_took_unseen() {
    let caller = Caller::new();
    let late = json!({ "lag": { "fixed_ms": 600_000 } });
    caller.tenant.knob("PUT", "settings", Some(late));
    caller.granted("POST", "/users", Some(person("person.0001")));
    let place = Place::with(caller.tenant);
    place.create(&people(1)).exits(7).prints("a name is taken");
    let refused = |exchange: &Exchange| exchange.path() == "/users" && exchange.status == 400;
    let passed = place.tenant.proxy().take();
    let all = passed.iter().flat_map(Exchange::items).chain(passed.iter().cloned());
    assert!(all.into_iter().any(|exchange| refused(&exchange)), "the tenant refused the create");
    assert_eq!(passed.iter().flat_map(violations).collect::<Vec<_>>(), []);
}

#[test]
fn writes_that_the_tenant_puts_off() {
    let place = Place::new();
    let order = |method: &str, path: &str| json!({ "kind": "service_unavailable", "retry_after": 0.1, "method": method, "path": path });
    place.tenant.knob("POST", "faults", Some(order("POST", "/v1.0/users")));
    place.tenant.knob("POST", "faults", Some(order("POST", "/v1.0/users/*/assignLicense")));
    place.create(&people(3)).exits(0).says("3 done");
    place.contract_is_kept(&[CREATE, ASSIGN]);
}

#[test]
fn more_users_than_fit_a_page_and_deleted_ones() {
    let caller = Caller::new();
    for batch in 0..55 {
        let requests: Vec<_> = (0..20)
            .map(|number| {
                let body = person(&format!("member.{batch:03}.{number:02}"));
                json!({ "id": number.to_string(), "method": "POST", "url": "/users",
                    "headers": { "Content-Type": "application/json" }, "body": body })
            })
            .collect();
        caller.granted("POST", "/$batch", Some(json!({ "requests": requests })));
    }
    for number in 0..5 {
        let gone = format!("/users/member.000.{number:02}@contoso.com");
        caller.granted("DELETE", &gone, None);
    }
    let place = Place::with(caller.tenant);
    let accounts = place.shell.value("online_accounts().len()");
    assert!(accounts.as_u64().unwrap() >= 1_096, "{accounts}");
    place.contract_is_kept(&["GET /users"]);
    let first_gone = "User Name,First Name,Last Name,Display Name,Country or Region\n\
        member.000.00,Kim,Member,Kim Member,Germany\n";
    place.create(first_gone).says("estore");
    place.contract_is_kept(&["GET /directory/deletedItems/microsoft.graph.user"]);
}
