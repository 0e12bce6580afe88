//! A thousand people while every fifth request meets some fault, drawn with a fixed seed.

use serde_json::{Value, json};

use crate::aftermath::{expect_complete, expect_each_is_named, expect_nothing_left, names, runs};
use crate::story::{Shell, Tenant, people, rounds};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes", "--results", "r.csv"];
const PEOPLE: u32 = 1_000;

/// Faults and their share of all requests, in thousandths: a fifth together. What ends a connection
/// strikes all twenty requests of a batch at once, and has a smaller share for that.
fn faults() -> Value {
    let shares = [
        (30, json!({ "kind": "too_many_requests", "retry_after": 0.05 })),
        (20, json!({ "kind": "service_unavailable", "retry_after": 0.05 })),
        (20, json!({ "kind": "server_error" })),
        (25, json!({ "kind": "server_error", "took_effect": true })),
        (25, json!({ "kind": "gateway_timeout", "took_effect": true })),
        (25, json!({ "kind": "conflict" })),
        (15, json!({ "kind": "html" })),
        (10, json!({ "kind": "html", "status": 200 })),
        (15, json!({ "kind": "slow_body", "millis": 30 })),
        (3, json!({ "kind": "expire_tokens" })),
        (4, json!({ "kind": "cut_before" })),
        (4, json!({ "kind": "cut_after" })),
        (4, json!({ "kind": "half_body" })),
    ];
    assert_eq!(shares.iter().map(|(share, _)| share).sum::<u32>(), 200);
    let orders = shares.into_iter().zip(2031_u64..).map(|((share, mut order), seed)| {
        order["path"] = json!("/v1.0/**");
        order["rate"] = json!(f64::from(share) / 1000.0);
        order["seed"] = json!(seed);
        order
    });
    orders.collect()
}

#[test]
fn each_row_is_done_once_or_named_and_a_resume_without_faults_finishes() {
    let count = rounds(PEOPLE) as usize;
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 6"));
    shell.file("people.csv", &people(count));
    tenant.knob("POST", "faults", Some(faults()));
    let everybody = names(1..=count);

    let ran = shell.acctsh(JOB);
    let not_done = expect_each_is_named(&shell, "r.csv", &everybody);
    let run = shell.newest_run();
    if not_done.is_empty() {
        ran.exits(0).says(&format!("{count} done"));
    } else {
        ran.exits(7).says(&format!("acctsh plan resume {run}"));
    }
    let pending = tenant.knob("DELETE", "faults", None);
    assert_eq!(pending, json!({}));

    if !not_done.is_empty() {
        let resumed = shell.acctsh(&["plan", "resume", &run, "--yes"]);
        resumed.exits(0).says(&format!("{count} done"));
        assert_eq!(expect_each_is_named(&shell, "r.csv", &everybody), Vec::<String>::new());
    }
    assert_eq!(runs(&shell), [(run, "finished".to_owned())]);
    expect_complete(&shell, &tenant, &everybody);
    expect_nothing_left(&shell, JOB, count);
}
