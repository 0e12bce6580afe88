//! An account of the right name is there when it is to be made: ours is taken over, nobody else's is.

use serde_json::{Value, json};

use crate::aftermath::{expect_complete, names, online_accounts, runs, users};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
const CREATE: &str = "/v1.0/users";

fn tenant_and_shell(count: usize) -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    shell.file("people.csv", &people(count));
    (tenant, shell)
}

/// A run of which the tenant does not make any account.
fn run_without_any_account(tenant: &Tenant, shell: &Shell) -> String {
    let refusals = json!({ "kind": "cut_before", "method": "POST", "path": CREATE, "rate": 1.0 });
    tenant.knob("POST", "faults", Some(refusals));
    shell.acctsh(JOB).exits(7);
    tenant.knob("DELETE", "faults", None);
    let (run, state) = runs(shell).remove(0);
    assert_eq!((state.as_str(), online_accounts(tenant).len()), ("unfinished", 0));
    run
}

/// An account as somebody else would make it.
fn by_somebody_else(tenant: &Tenant, anchor: &str) -> Value {
    tenant.graph_post(
        "users",
        &json!({
            "accountEnabled": true,
            "displayName": "Kim Somebody",
            "mailNickname": "person.0001",
            "userPrincipalName": "person.0001@contoso.com",
            "onPremisesImmutableId": anchor,
            "passwordProfile": { "password": "Tarnhafen-48-Moor" },
        }),
    )
}

#[test]
fn an_account_whose_making_was_never_answered_is_the_runs_own() {
    let (tenant, shell) = tenant_and_shell(1);
    // It is made, and the answer takes longer than the process lives.
    let slowly =
        json!({ "kind": "slow_body", "millis": 600_000, "method": "POST", "path": CREATE });
    tenant.knob("POST", "faults", Some(slowly));
    let mut running = shell.start(JOB);
    wait_until("it is made", || running.has_ended() || online_accounts(&tenant).len() == 1);
    running.kill();
    let made = online_accounts(&tenant)[0]["id"].clone();

    let run = shell.newest_run();
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0).says("1 done");
    expect_complete(&shell, &tenant, &names(1..=1));
    assert_eq!(online_accounts(&tenant)[0]["id"], made);
}

#[test]
fn an_account_with_the_anchor_of_somebody_else_is_not_touched_and_the_row_names_it() {
    let (tenant, shell) = tenant_and_shell(2);
    let run = run_without_any_account(&tenant, &shell);
    let foreign = by_somebody_else(&tenant, "AAAAAAAAAAAAAAAAAAAAAA==");
    let id = foreign["id"].as_str().unwrap();
    let everything = |tenant: &Tenant| {
        let select = "displayName,userPrincipalName,onPremisesImmutableId,assignedLicenses,lastPasswordChangeDateTime";
        tenant.graph(&format!("users/{id}?$select={select}"))
    };
    let before = everything(&tenant);

    let ran =
        shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(3).says("1 done").says("1 failed");
    assert!(ran.out.contains("person.0001@contoso.com (Kim Somebody)"), "{}", ran.out);
    assert_eq!(everything(&tenant), before);
    let failed = std::fs::read_to_string(shell.folder().join(format!("acctsh-{run}.failed.csv")));
    let failed = failed.unwrap();
    assert!(failed.contains("person.0001") && failed.contains("Kim Somebody"), "{failed}");
    // The other row is as if nothing had been.
    let linked: Vec<_> = users(&shell).into_iter().filter(|user| user.link.is_some()).collect();
    assert_eq!(linked.len(), 1);
    assert_eq!(linked[0].name.as_str(), "person.0002");
}
