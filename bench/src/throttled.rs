//! A bulk create against the tenant's quota: how much longer it takes than the quota alone demands.
//!
//! A bucket of 3,000 writes is there at once and 20 come back in a second (`graph.md` §13), here on a
//! clock that runs faster. Nobody can be quicker than the writes beyond the bucket take to come back.

use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::Outcome;
use crate::journal_times;
use crate::process;
use crate::report;
use crate::world::World;

/// Writes that are there at once.
const BUCKET: f64 = 3_000.0;
/// Writes that come back in a second of the quota's clock.
const REFILL: f64 = 20.0;
/// The account and its licence.
const WRITES_PER_PERSON: f64 = 2.0;

pub(crate) fn measure(acctsh: &Path, people: usize, rounds: usize, time_scale: f64) -> Outcome<()> {
    let floor = (people as f64 * WRITES_PER_PERSON - BUCKET) / (REFILL * time_scale);
    if floor <= 0.0 {
        return Err("so few people fit into the bucket: take more than 1,500".into());
    }
    let (mut spent, mut refused, mut phases) = (Vec::new(), Vec::new(), None);
    for _ in 0..rounds {
        let world = World::throttled(acctsh, time_scale)?;
        let csv = world.people("starter", people)?;
        let begun = SystemTime::now();
        let csv = csv.to_string_lossy();
        spent.push(world.acctsh(&["run", "bulk-create", "--csv", &csv, "--yes"])?);
        let ended = SystemTime::now();
        phases = Some(journal_times::read(&world.home().join("state.db"), begun, ended)?);
        refused.push(world.writes_served()? as f64 - people as f64 * WRITES_PER_PERSON);
        world.end()?;
    }
    let spent = process::median(&spent);
    report::heading(&format!(
        "Bulk create of {people} people within the quota, its clock {time_scale} times faster, \
         median of {rounds} rounds"
    ));
    report::detail("floor: the quota alone", &report::time(Duration::from_secs_f64(floor)));
    report::detail("acctsh run bulk-create", &report::time(spent.wall));
    report::detail("  of processor time", &report::time(spent.cpu));
    let most = refused.iter().copied().fold(0.0, f64::max);
    report::detail("  writes refused by the tenant, at most", &format!("{most:.0}"));
    report::goal("total, against the floor", spent.wall.as_secs_f64() / floor, "×", 1.1);
    if let Some(phases) = phases {
        report::heading("Where the time of the last of these runs went, by its journal");
        phases.show();
    }
    Ok(())
}
