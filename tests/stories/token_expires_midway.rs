//! The token ends in the middle of a run of some hundred rows: a new one is fetched, and nobody
//! notices.

use serde_json::json;

use crate::aftermath::{expect_complete, expect_nothing_left, licensed, names, runs};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
const PEOPLE: usize = 300;

fn tenant_and_shell() -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", "5"]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE));
    (tenant, shell)
}

fn tokens(tenant: &Tenant) -> u64 {
    tenant.summary()["requests"]["token"].as_u64().unwrap()
}

fn expect_all_done(shell: &Shell, tenant: &Tenant) {
    assert_eq!(runs(shell)[0].1, "finished");
    expect_complete(shell, tenant, &names(1..=PEOPLE));
    expect_nothing_left(shell, JOB, PEOPLE);
}

#[test]
fn all_tokens_end_while_requests_are_on_their_way() {
    let (tenant, shell) = tenant_and_shell();
    let mut running = shell.start(JOB);
    for people in [40, 120, 200] {
        wait_until("so many are done", || running.has_ended() || licensed(&shell) >= people);
        tenant.knob("POST", "tokens/expire", None);
    }
    running.ends().exits(0).says(&format!("{PEOPLE} done"));
    assert!(tenant.proxy().answers(401) > 0, "no token was refused");
    assert!(tokens(&tenant) > 1, "the first token was the last");
    expect_all_done(&shell, &tenant);
}

#[test]
fn the_token_ends_between_two_items_of_a_batch() {
    let (tenant, shell) = tenant_and_shell();
    let at = |path: &str, skip: u32| json!({ "kind": "expire_tokens", "method": "POST", "path": path, "skip": skip });
    let create = "/v1.0/users";
    let license = "/v1.0/users/*/assignLicense";
    let orders = json!([at(create, 30), at(create, 170), at(license, 90), at(license, 250)]);
    tenant.knob("POST", "faults", Some(orders));
    shell.acctsh(JOB).exits(0).says(&format!("{PEOPLE} done"));
    assert_eq!(tenant.knob("GET", "faults", None)["pending"], json!([]));
    assert!(tenant.proxy().answers(401) > 0, "no token was refused");
    assert!(tokens(&tenant) > 2, "each time a new one was needed");
    expect_all_done(&shell, &tenant);
}
