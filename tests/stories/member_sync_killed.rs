//! A group is brought in step with a list, and the run is killed, with SIGKILL, again and again, and
//! resumed: the members are exactly those of the list, and no call is made twice but those that were on
//! their way.

use std::fmt::Write as _;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use crate::aftermath::{events, names, runs};
use crate::mail_seen::{calls, calls_since, members, new_contact, new_group, new_member};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &[
    "run",
    "sync-group",
    "--group",
    "Plant",
    "--csv",
    "members.csv",
    "--yes",
    "--max-revokes",
    "500",
];
const PEOPLE: usize = 300;
/// The first so many are in it at the beginning; the last so many are to be.
const BEFORE: usize = 200;
const AFTER: usize = 180;
const CHANGES: u64 = 200;
/// So many calls are on their way at once (`exchange.md §8`); as many again may have been answered
/// without the journal having it on disk yet.
const IN_FLIGHT: u64 = 2 * 4;

/// A tenant as far away as a real one is near, with a group of some hundred people and a contact, and
/// a list of whom it is to have.
fn plant() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    new_group(&tenant, "Plant", "plant");
    new_contact(&tenant, "Lee Fabrikam", "lee@fabrikam.com");
    new_member(&tenant, "Plant", "lee@fabrikam.com");
    list(&shell, &names(1..=BEFORE));
    shell.acctsh(JOB).exits(0);
    list(&shell, &wanted());
    tenant.knob("PUT", "settings", Some(json!({ "latency_ms": 20 })));
    (tenant, shell)
}

fn wanted() -> Vec<String> {
    names(PEOPLE - AFTER + 1..=PEOPLE)
}

fn list(shell: &Shell, names: &[String]) {
    let mut text = "member\n".to_owned();
    for name in names {
        writeln!(text, "{name}").unwrap();
    }
    shell.file("members.csv", &text);
}

/// Starts the job, and kills it again and again until it is done; how often it was killed.
fn killed_again_and_again(shell: &Shell, dice: &mut StdRng) -> u64 {
    let known = runs(shell).len();
    let mut kills = 0;
    let mut running = shell.start(JOB);
    loop {
        let moment = events(shell) + dice.random_range(1..80);
        wait_until("the run comes to its moment", || {
            running.has_ended() || (runs(shell).len() > known && events(shell) >= moment)
        });
        // Anywhere between this event and the next ones.
        std::thread::sleep(Duration::from_micros(dice.random_range(0..3000)));
        if running.has_ended() {
            running.ends().exits(0);
            return kills;
        }
        running.kill();
        kills += 1;
        let (run, state) = runs(shell).remove(0);
        if state == "finished" {
            return kills;
        }
        assert!(kills < 100, "it never gets any further");
        running = shell.start(&["plan", "resume", &run, "--yes"]);
    }
}

#[track_caller]
fn expect_in_step(tenant: &Tenant, shell: &Shell) {
    let mut all: Vec<String> = wanted().iter().map(|name| format!("{name}@contoso.com")).collect();
    all.insert(0, "lee@fabrikam.com".to_owned());
    assert_eq!(members(tenant, "Plant"), all);
    assert_eq!(runs(shell)[0].1, "finished");
    let before = runs(shell);
    shell.acctsh(JOB).exits(0).says("1 group complete already");
    assert_eq!(runs(shell), before);
}

#[test]
fn nothing_is_lost_and_nothing_is_done_twice_but_what_was_on_its_way() {
    let (tenant, shell) = plant();
    let mut dice = StdRng::seed_from_u64(2037);
    let before = calls(&tenant);
    let kills = killed_again_and_again(&shell, &mut dice);
    assert!(kills >= 2, "only {kills} kills");
    let calls = calls_since(&tenant, &before);
    let writes = calls["Add-DistributionGroupMember"] + calls["Remove-DistributionGroupMember"];
    assert!((CHANGES..=CHANGES + kills * IN_FLIGHT).contains(&writes), "{kills}: {calls:?}");
    expect_in_step(&tenant, &shell);
}

#[test]
fn faults_on_top_change_nothing_about_that() {
    let (tenant, shell) = plant();
    let mut dice = StdRng::seed_from_u64(2038);
    let fault = |kind: &str, rate: f64, seed: u64| {
        json!({
            "kind": kind, "rate": rate, "seed": seed, "method": "POST",
            "path": "/exchange/adminapi/beta/*/InvokeCommand/**"
        })
    };
    let faults = json!([
        fault("cut_after", 0.03, 1),
        fault("cut_before", 0.03, 2),
        fault("half_body", 0.02, 3),
        fault("service_unavailable", 0.03, 4),
        fault("too_many_requests", 0.03, 5),
        fault("gateway_timeout", 0.03, 6),
    ]);
    tenant.knob("POST", "faults", Some(faults));
    let profile = tenant.profile().replace("patience_seconds = 5", "patience_seconds = 60");
    shell.config(&profile);
    let before = calls(&tenant);
    let kills = killed_again_and_again(&shell, &mut dice);
    assert!(kills >= 2, "only {kills} kills");
    let writes: u64 = {
        let calls = calls_since(&tenant, &before);
        calls["Add-DistributionGroupMember"] + calls["Remove-DistributionGroupMember"]
    };
    assert!(writes > CHANGES, "nothing was repeated: {writes}");
    tenant.knob("DELETE", "faults", None);
    expect_in_step(&tenant, &shell);
}
