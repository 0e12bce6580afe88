//! People per second of a bulk create, against a bare loop of the same requests.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use crate::Outcome;
use crate::journal_times;
use crate::process::{self, Spent};
use crate::report;
use crate::world::World;

pub(crate) fn measure(acctsh: &Path, people: usize, rounds: usize) -> Outcome<()> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let (mut our_tenant, mut bare_tenant) = (Duration::ZERO, Duration::ZERO);
    let mut phases = None;
    for _ in 0..rounds {
        let world = World::new(acctsh)?;
        let csv = world.people("starter", people)?;
        let begun = SystemTime::now();
        ours.push(world.acctsh(&[
            "run",
            "bulk-create",
            "--csv",
            &csv.to_string_lossy(),
            "--yes",
        ])?);
        let ended = SystemTime::now();
        phases = Some(journal_times::read(&world.home().join("state.db"), begun, ended)?);
        our_tenant = world.end()?;

        let world = World::new(acctsh)?;
        bare.push(bare_loop(&world, people)?);
        bare_tenant = world.end()?;
    }
    let (ours, bare) = (process::median(&ours), process::median(&bare));
    report::heading(&format!("Bulk create of {people} people, median of {rounds} rounds"));
    let rate = |spent: Spent| format!("{:.0} rows/s", people as f64 / spent.wall.as_secs_f64());
    let busy =
        |spent: Spent, tenant| format!("{} + {}", report::time(spent.cpu), report::time(tenant));
    report::detail("bare loop", &rate(bare));
    report::detail("  processor time, its own + the tenant's", &busy(bare, bare_tenant));
    report::detail("acctsh run bulk-create", &rate(ours));
    report::detail("  processor time, its own + the tenant's", &busy(ours, our_tenant));
    let ratio = ours.wall.as_secs_f64() / bare.wall.as_secs_f64();
    report::goal("time per row, against the bare loop", ratio, "×", 1.3);
    if let Some(phases) = phases {
        report::heading("Where the time of the last of these runs went, by its journal");
        phases.show();
    }
    Ok(())
}

/// In a process of its own too, so that both share the machine with the tenant in the same way.
fn bare_loop(world: &World, people: usize) -> Outcome<Spent> {
    let log = world.home().join("log");
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--bare-loop", &world.url, "--people", &people.to_string()]);
    process::run(&mut command, &log)
}
