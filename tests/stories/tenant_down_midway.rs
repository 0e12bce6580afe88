//! The tenant goes away in the middle of a run, and comes back.

use std::time::{Duration, Instant};

use crate::aftermath::{expect_complete, expect_nothing_left, names, runs, steps_done};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
const PEOPLE: usize = 30;

#[test]
fn the_run_stops_within_its_patience_and_is_finished_when_the_tenant_is_back() {
    let mut tenant = Tenant::start(&["--latency", "10"]);
    let shell = Shell::new();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    shell.file("people.csv", &people(PEOPLE));

    let mut running = shell.start(JOB);
    wait_until("some are done", || running.has_ended() || steps_done(&shell) >= 20);
    tenant.kill();
    let gone = Instant::now();
    let ran = running.ends().exits(7).says("can't be reached");
    // Its patience is a second; the rest is what a busy machine may take.
    assert!(gone.elapsed() < Duration::from_secs(30), "it waited for {:?}", gone.elapsed());
    let run = shell.newest_run();
    ran.says(&format!("acctsh plan resume {run}"));
    assert_eq!(runs(&shell)[0].1, "unfinished");

    let still_gone = shell.acctsh(&["plan", "resume", &run, "--yes"]);
    still_gone.exits(8).says("can't be reached").says(&format!("acctsh plan resume {run}"));

    tenant.restart(&[]);
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0).says(&format!("{PEOPLE} done"));
    expect_complete(&shell, &tenant, &names(1..=PEOPLE));
    expect_nothing_left(&shell, JOB, PEOPLE);
}

#[test]
fn a_tenant_that_is_down_from_the_start_is_said_to_be_and_nothing_is_begun() {
    let mut tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    shell.file("people.csv", &people(3));
    tenant.kill();
    shell.acctsh(JOB).exits(8).says("can't be reached");
    assert_eq!(runs(&shell), []);
}
