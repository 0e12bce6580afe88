//! Aliases against what Exchange's quota alone demands, and how many calls a group's members cost.
//!
//! The sandbox lets 300 commands in at once and 10 a second after that, here on a clock that runs
//! faster. Nobody can be quicker than the commands beyond the bucket take to come back.

use std::path::Path;
use std::time::Duration;

use crate::Outcome;
use crate::process;
use crate::report;
use crate::world::World;

/// Commands that are there at once.
const BUCKET: f64 = 300.0;
/// Commands that come back in a second of the quota's clock.
const REFILL: f64 = 10.0;
/// How many people get an alias each.
const PEOPLE: usize = 1_000;
/// How many of them come into a group.
const MEMBERS: usize = 500;

pub(crate) fn measure(acctsh: &Path, rounds: usize, time_scale: f64) -> Outcome<()> {
    let mut spent = Vec::new();
    for round in 0..rounds {
        let world = World::new(acctsh)?;
        let file = world.people("kim", PEOPLE)?;
        world.acctsh(&["run", "bulk-create", "--csv", &file.to_string_lossy(), "--yes"])?;
        if round == 0 {
            members(&world)?;
        }
        world.throttle(time_scale)?;
        let aliases = "for a in accounts(\"kim*\") { a.add_alias(`${a.user_name}.alias`) }";
        spent.push(world.acctsh(&["-c", aliases, "--yes"])?);
        world.end()?;
    }
    let floor = (PEOPLE as f64 - BUCKET) / (REFILL * time_scale);
    let spent = process::median(&spent);
    report::heading(&format!(
        "An alias for each of {PEOPLE} people within the quota, its clock {time_scale} times faster, \
         median of {rounds} rounds"
    ));
    report::detail("floor: the quota alone", &report::time(Duration::from_secs_f64(floor)));
    report::detail("acctsh", &report::time(spent.wall));
    report::goal("total, against the floor", spent.wall.as_secs_f64() / floor, "×", 1.1);
    Ok(())
}

fn members(world: &World) -> Outcome<()> {
    let create =
        "create_group(#{ name: \"All staff\", alias: \"all\", owners: [accounts(\"kim*\")[0]] })";
    world.acctsh(&["-c", create, "--yes"])?;
    let names = format!(
        "let n = []; for a in accounts(\"kim*\") {{ if n.len() < {MEMBERS} {{ n.push(a.user_name) }} }} \
         group(\"All staff\").set_members(n)"
    );
    let before = world.exchange_calls()?;
    let first = world.acctsh(&["-c", &names, "--yes"])?;
    let between = world.exchange_calls()?;
    world.acctsh(&["-c", &names, "--yes"])?;
    let after = world.exchange_calls()?;
    report::heading(&format!("{MEMBERS} members of a group"));
    report::detail("acctsh", &report::time(first.wall));
    report::goal("calls beside one for each", (between - before) as f64 - MEMBERS as f64, "", 2.0);
    report::detail("calls when nothing changes", &(after - between).to_string());
    Ok(())
}
