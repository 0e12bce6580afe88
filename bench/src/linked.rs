//! People with both halves: their status read, and their licences swapped.

use std::path::Path;

use crate::Outcome;
use crate::listing::bare;
use crate::process::{self, Spent};
use crate::report::{self, MB};
use crate::world::World;

/// How many people get another licence.
const SWAPPED: usize = 1_000;

pub(crate) fn measure(acctsh: &Path, people: usize, rounds: usize) -> Outcome<()> {
    let world = World::new(acctsh)?;
    let file = world.people("kim", people)?;
    world.acctsh(&["run", "bulk-create", "--csv", &file.to_string_lossy(), "--yes"])?;
    let (mut read, mut reported, mut fetched) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        fetched.push(bare(&world)?);
        read.push(world.acctsh(&["-c", "accounts().filter(|a| a.status == \"active\").len()"])?);
        reported.push(world.acctsh(&["run", "status-report", "--output", "csv"])?);
    }
    let (read, reported, fetched) =
        (process::median(&read), process::median(&reported), process::median(&fetched));
    let shown = |spent: Spent| {
        format!("{} ({} of processor)", report::time(spent.wall), report::time(spent.cpu))
    };
    report::heading(&format!("{people} people with both halves, median of {rounds} rounds"));
    report::detail("fetching the pages", &shown(fetched));
    report::detail("everybody's status", &shown(read));
    let ratio = read.wall.as_secs_f64() / fetched.wall.as_secs_f64();
    report::goal("time, against fetching", ratio, "×", 1.3);
    report::detail("run status-report", &shown(reported));
    report::detail("its peak memory", &format!("{:.0} MB", reported.peak / MB));

    let before = world.writes_served()?;
    let swap = format!(
        "let n = 0; for a in accounts(\"kim*\") {{ if n < {SWAPPED} {{ n += 1; \
         a.set_licenses([\"Exchange Online (Plan 1)\"]) }} }}"
    );
    let limit = SWAPPED.to_string();
    let swapped = world.acctsh(&["-c", &swap, "--yes", "--max-revokes", &limit])?;
    let writes = world.writes_served()? - before;
    report::detail(&format!("a swap for {SWAPPED} people"), &shown(swapped));
    report::goal("its writes, for each person", writes as f64 / SWAPPED as f64, "", 1.0);
    world.end()?;
    Ok(())
}
