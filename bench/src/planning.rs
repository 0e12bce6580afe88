//! Planning and previewing, besides reading what exists; and how it grows with the rows.
//!
//! What exists is a directory and a tenant of so many people, made by acctsh itself. Reading it is
//! measured by itself, as the listing of both sides; a preview of one row is shown beside it.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::process::{self, Spent};
use crate::report::{self, MB};
use crate::world::World;

const LIST: &str = "accounts().len() + online_accounts().len()";

pub(crate) fn measure(acctsh: &Path, people: usize, rounds: usize, huge: bool) -> Outcome<()> {
    let world = World::new(acctsh)?;
    let there = world.people("colleague", people)?;
    world.acctsh(&["run", "bulk-create", "--csv", &there.to_string_lossy(), "--yes"])?;

    let counts: &[usize] = if huge { &[1_000, 10_000, 100_000] } else { &[1_000, 10_000] };
    let (mut listed, mut one) = (Vec::new(), Vec::new());
    let mut planned: Vec<Vec<Spent>> = vec![Vec::new(); counts.len()];
    for _ in 0..rounds {
        listed.push(world.acctsh(&["-c", LIST])?);
        one.push(what_if(&world, 1)?);
        for (spent, count) in planned.iter_mut().zip(counts) {
            spent.push(what_if(&world, *count)?);
        }
    }
    let (listed, one) = (process::median(&listed), process::median(&one));
    let planned: Vec<Spent> = planned.iter().map(|spent| process::median(spent)).collect();
    world.end()?;

    report::heading(&format!(
        "run bulk-create --what-if, beside {people} people that exist, median of {rounds} rounds"
    ));
    report::detail("listing what exists", &shown(listed));
    report::detail("1 row", &shown(one));
    for (count, spent) in counts.iter().zip(&planned) {
        report::detail(&format!("{count} rows"), &shown(*spent));
    }
    for (count, spent) in counts.iter().zip(&planned).filter(|(count, _)| **count == 10_000) {
        let time = spent.wall.as_secs_f64() - listed.wall.as_secs_f64();
        report::goal(&format!("{count} rows over listing"), time, "s", 1.0);
        let memory = (spent.peak - listed.peak) / MB;
        report::goal("its peak memory over listing", memory, "MB", 100.0);
    }
    for (counts, spent) in counts.windows(2).zip(planned.windows(2)) {
        let ([fewer, more], [less, rather_more]) = (counts, spent) else { continue };
        let of = |figure: fn(&Spent) -> Duration| {
            let besides =
                |spent| (figure(spent).as_secs_f64() - figure(&listed).as_secs_f64()).max(1e-4);
            (besides(rather_more) / besides(less)).ln() / (*more as f64 / *fewer as f64).ln()
        };
        let what = format!("exponent of growth, {fewer} to {more} rows");
        report::goal(&format!("{what}, time"), of(|spent| spent.wall), "", 1.05);
        report::goal(&format!("{what}, processor time"), of(|spent| spent.cpu), "", 1.05);
    }
    Ok(())
}

fn what_if(world: &World, rows: usize) -> Outcome<Spent> {
    let csv = world.people("newcomer", rows)?;
    let csv = csv.to_string_lossy();
    world.acctsh(&["run", "bulk-create", "--csv", &csv, "--what-if", "--output", "csv"])
}

fn shown(spent: Spent) -> String {
    let memory = spent.peak / MB;
    format!(
        "{} ({} of processor), {memory:.0} MB",
        report::time(spent.wall),
        report::time(spent.cpu)
    )
}
