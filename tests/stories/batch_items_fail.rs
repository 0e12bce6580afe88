//! Two of the twenty requests that travel in one batch fail, one for good and one for now: the other
//! eighteen are done, and nobody is done twice.

use serde_json::{Value, json};

use crate::aftermath::{expect_each_is_named, names, online_accounts, results, users};
use crate::story::{Ran, Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes", "--results", "r.csv"];
const PEOPLE: usize = 100;
const LICENSE: &str = "/v1.0/users/*/assignLicense";

/// Whether one batch of twenty had these two items struck.
fn both_were_in_one(tenant: &Tenant) -> bool {
    tenant
        .proxy()
        .batches()
        .iter()
        .any(|statuses| statuses.len() == 20 && (statuses[2], statuses[16]) == (400, 503))
}

/// Runs the job while two items of one batch fail. The tenant asks for a pause first, in which calls
/// gather until twenty go together; a machine that is too busy for that gets another chance.
fn told(path: &str, before: impl Fn(&Tenant, &Shell)) -> (Tenant, Shell, Ran) {
    for _ in 0..10 {
        let tenant = Tenant::start(&[]);
        let shell = Shell::new();
        shell.uses(&tenant).file("people.csv", &people(PEOPLE));
        before(&tenant, &shell);
        let order = |kind: Value| {
            let mut order = kind;
            order["method"] = json!("POST");
            order["path"] = json!(path);
            order
        };
        let orders = [
            order(json!({ "kind": "too_many_requests", "retry_after": 0.7 })),
            order(json!({ "kind": "refused", "item": 3, "of": 20 })),
            order(
                json!({ "kind": "service_unavailable", "retry_after": 0.1, "item": 17, "of": 20 }),
            ),
        ];
        tenant.knob("POST", "faults", Some(orders.into_iter().collect()));
        let ran = shell.acctsh(JOB);
        if both_were_in_one(&tenant) {
            return (tenant, shell, ran);
        }
    }
    panic!("no batch had both");
}

/// Everybody is made, and gets no licence.
fn nobody_has_a_licence(tenant: &Tenant, shell: &Shell) {
    let never = json!({ "kind": "refused", "method": "POST", "path": LICENSE, "rate": 1.0 });
    tenant.knob("POST", "faults", Some(never));
    shell.acctsh(JOB).exits(1).says(&format!("{PEOPLE} failed"));
    tenant.knob("DELETE", "faults", None);
}

fn seats(tenant: &Tenant) -> Value {
    tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"].clone()
}

/// One of the people is named with the reason; the corrected rest of the file finishes that one.
fn expect_one_named_then_all(tenant: &Tenant, shell: &Shell, ran: Ran) {
    let ran = ran.exits(3).says("99 done, 1 failed");
    let not_done = expect_each_is_named(shell, "r.csv", &names(1..=PEOPLE));
    let [who] = &not_done[..] else { panic!("{not_done:?}") };
    let line = results(shell, "r.csv").into_iter().find(|line| line["user"] == *who).unwrap();
    assert_eq!(line["outcome"], "failed");
    assert!(line["message"].contains("does not do this"), "{line:?}");
    assert!(ran.out.contains("does not do this"), "{}", ran.out);
    assert_eq!(seats(tenant), PEOPLE - 1);
    assert!(shell.read("r.failed.csv").contains(who.as_str()), "the row runs again");

    let again = ["run", "bulk-create", "--csv", "r.failed.csv", "--yes"];
    shell.acctsh(&again).exits(0).says("1 done");
    assert_eq!(seats(tenant), PEOPLE);
    assert_eq!(users(shell).len(), PEOPLE);
    let mut made: Vec<String> = online_accounts(tenant)
        .iter()
        .map(|account| account["userPrincipalName"].as_str().unwrap().to_owned())
        .collect();
    made.sort();
    let wanted: Vec<String> =
        names(1..=PEOPLE).iter().map(|name| format!("{name}@contoso.com")).collect();
    assert_eq!(made, wanted, "one online account each");
}

#[test]
fn items_3_and_17_of_twenty_accounts_to_make() {
    let (tenant, shell, ran) = told("/v1.0/users", |_, _| {});
    expect_one_named_then_all(&tenant, &shell, ran);
}

#[test]
fn items_3_and_17_of_twenty_licences_to_assign() {
    let (tenant, shell, ran) = told(LICENSE, nobody_has_a_licence);
    expect_one_named_then_all(&tenant, &shell, ran);
}
