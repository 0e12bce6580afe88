//! A run is killed, with SIGKILL, wherever it happens to be, and resumed: nothing twice, nothing lost.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use crate::aftermath::{events, expect_complete, expect_nothing_left, names, runs};
use crate::running::{Running, wait_until};
use crate::story::{Shell, Tenant, people, rounds};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
const PEOPLE: u32 = 30;
/// Each person is four steps, each step begins and ends.
const EVENTS: u32 = PEOPLE * 8;

/// A tenant as far away as a real one is near, and a shell on it.
fn tenant_and_shell() -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", "4"]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE as usize));
    (tenant, shell)
}

/// Lets the run come to that many events, and a random bit further; then kills it.
fn kill_after(mut running: Running, shell: &Shell, count: u32, dice: &mut StdRng) {
    wait_until("the run comes to its moment", || running.has_ended() || events(shell) >= count);
    std::thread::sleep(Duration::from_micros(dice.random_range(0..3000)));
    running.kill();
}

/// Goes on as a person would: resumes the run, or starts again where none has begun.
fn go_on(shell: &Shell) {
    match runs(shell).first() {
        None => shell.start(JOB).ends().exits(0),
        Some((run, _)) => shell.start(&["plan", "resume", run, "--yes"]).ends().exits(0),
    };
}

fn expect_all_done(shell: &Shell, tenant: &Tenant) {
    expect_complete(shell, tenant, &names(1..=PEOPLE as usize));
    expect_nothing_left(shell, JOB, PEOPLE as usize);
}

#[test]
fn at_any_moment_of_the_run() {
    let kills = rounds(16);
    let mut dice = StdRng::seed_from_u64(2027);
    let mut halfway = 0;
    for kill in 0..kills {
        let moment = EVENTS * kill / kills + dice.random_range(1..EVENTS / kills);
        let (tenant, shell) = tenant_and_shell();
        kill_after(shell.start(JOB), &shell, moment, &mut dice);
        halfway += usize::from(runs(&shell)[0].1 == "unfinished");
        go_on(&shell);
        expect_all_done(&shell, &tenant);
    }
    // A machine that holds the story up lets some runs get to their end first.
    assert!(
        halfway >= kills as usize / 2,
        "only {halfway} of {kills} kills came before the run's end"
    );
}

#[test]
fn while_the_tenant_has_done_what_it_has_not_answered_yet() {
    let kills = rounds(8);
    let mut dice = StdRng::seed_from_u64(2028);
    for kill in 0..kills {
        let (tenant, shell) = tenant_and_shell();
        let slowly = |path: &str| json!({ "kind": "slow_body", "millis": 300, "method": "POST", "path": path, "rate": 0.3, "seed": kill });
        let orders = json!([slowly("/v1.0/users"), slowly("/v1.0/users/*/assignLicense")]);
        tenant.knob("POST", "faults", Some(orders));
        let moment = EVENTS * kill / kills + dice.random_range(1..EVENTS / kills);
        kill_after(shell.start(JOB), &shell, moment, &mut dice);
        tenant.knob("DELETE", "faults", None);
        go_on(&shell);
        expect_all_done(&shell, &tenant);
    }
}

#[test]
fn before_the_run_has_begun() {
    let mut dice = StdRng::seed_from_u64(2029);
    let (tenant, shell) = tenant_and_shell();
    for _ in 0..6 {
        let running = shell.start(JOB);
        // Any moment of starting up, reading and planning will do.
        std::thread::sleep(Duration::from_millis(dice.random_range(0..60)));
        running.kill();
        if !runs(&shell).is_empty() {
            break;
        }
    }
    go_on(&shell);
    expect_all_done(&shell, &tenant);
}

#[test]
fn between_the_last_step_and_the_end_of_the_run() {
    let (tenant, shell) = tenant_and_shell();
    shell.acctsh(JOB).exits(0);
    // All that such a kill leaves undone.
    let journal = rusqlite::Connection::open(shell.home().join("state.db")).unwrap();
    journal.execute("UPDATE run SET state = 'unfinished'", []).unwrap();
    drop(journal);
    go_on(&shell);
    assert_eq!(runs(&shell)[0].1, "finished");
    expect_all_done(&shell, &tenant);
}

#[test]
fn again_and_again_in_the_same_run() {
    let mut dice = StdRng::seed_from_u64(2030);
    let (tenant, shell) = tenant_and_shell();
    kill_after(shell.start(JOB), &shell, 1, &mut dice);
    let run = shell.newest_run();
    let mut kills = 1;
    while runs(&shell)[0].1 == "unfinished" {
        // Each time everybody who is under way begins anew, which alone is an event each.
        let moment = events(&shell) + dice.random_range(1..100);
        let resumed = shell.start(&["plan", "resume", &run, "--yes"]);
        kill_after(resumed, &shell, moment, &mut dice);
        kills += 1;
        assert!(kills < 200, "it never gets any further");
    }
    assert!(kills >= 3, "only {kills} kills");
    assert_eq!(runs(&shell).len(), 1);
    go_on(&shell);
    expect_all_done(&shell, &tenant);
}
