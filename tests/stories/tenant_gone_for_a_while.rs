//! The tenant goes away in the middle of a run and comes back: within its patience the run waits, and
//! goes on by itself; beyond it, it stops and can be resumed.
//!
//! Everything a tenth as long as in earnest: half a minute away is three seconds, and a patience of
//! some minutes is some tens of seconds.

use std::time::Duration;

use rexpect::reader::Options;
use rexpect::session::spawn_with_options;

use crate::aftermath::{
    expect_complete, expect_each_is_named, expect_nothing_left, licensed, names, runs,
};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes", "--results", "r.csv"];
const PEOPLE: usize = 60;
const AWAY: Duration = Duration::from_secs(3);

fn tenant_and_shell(patience: u32) -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", "10"]);
    let shell = Shell::new();
    let patience = format!("patience_seconds = {patience}");
    shell.config(&tenant.profile().replace("patience_seconds = 5", &patience));
    shell.file("people.csv", &people(PEOPLE));
    (tenant, shell)
}

fn expect_all_done(shell: &Shell, tenant: &Tenant) {
    assert_eq!(expect_each_is_named(shell, "r.csv", &names(1..=PEOPLE)), Vec::<String>::new());
    assert_eq!(runs(shell).len(), 1, "one run, never begun anew");
    assert_eq!(runs(shell)[0].1, "finished");
    expect_complete(shell, tenant, &names(1..=PEOPLE));
    expect_nothing_left(shell, JOB, PEOPLE);
}

#[test]
fn within_its_patience_the_run_waits_says_so_and_goes_on_by_itself() {
    let (mut tenant, shell) = tenant_and_shell(30);
    // At a terminal, where it tells what it waits for.
    let options = Options::new().timeout_ms(Some(20_000));
    let mut terminal = spawn_with_options(shell.command_at_a_terminal(JOB), options).unwrap();
    wait_until("some are done", || licensed(&shell) >= 10);
    tenant.kill();
    assert!((licensed(&shell) as usize) < PEOPLE, "all were done before the tenant went");
    terminal.exp_string("waiting: ").unwrap();
    std::thread::sleep(AWAY);
    tenant.restart(&[]);
    terminal.exp_string(&format!("{PEOPLE} done")).unwrap();
    terminal.exp_eof().unwrap();
    expect_all_done(&shell, &tenant);
}

#[test]
fn beyond_its_patience_the_run_stops_and_is_resumed_when_the_tenant_is_back() {
    let (mut tenant, shell) = tenant_and_shell(1);
    let mut running = shell.start(JOB);
    wait_until("some are done", || running.has_ended() || licensed(&shell) >= 10);
    tenant.kill();
    let ran = running.ends().exits(7).says("can't be reached");
    let run = shell.newest_run();
    ran.says(&format!("acctsh plan resume {run}"));
    let not_done = expect_each_is_named(&shell, "r.csv", &names(1..=PEOPLE));
    assert!(!not_done.is_empty() && not_done.len() < PEOPLE, "{not_done:?}");

    tenant.restart(&[]);
    let seats = tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"].clone();
    assert!(seats.as_u64().unwrap() >= (PEOPLE - not_done.len()) as u64, "seats of those done");
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0).says(&format!("{PEOPLE} done"));
    expect_all_done(&shell, &tenant);
}
