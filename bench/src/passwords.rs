//! Passwords that were changed in the directory: how long the hook keeps whoever calls it, how soon one
//! arrives, what many of them take within the tenant's quota, and what a watch costs that has nothing to do.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crate::Outcome;
use crate::process;
use crate::report;
use crate::world::World;

/// Writes that are there at once, and that come back in a second of the quota's clock (`graph.md §13`).
const BUCKET: f64 = 3_000.0;
const REFILL: f64 = 20.0;
/// How many changes are waited for, one after the other.
const CHANGES: usize = 60;
/// How long the watch is left alone.
const IDLE: Duration = Duration::from_secs(60);
/// Clock ticks of a second, as Linux counts processor time.
const TICKS: f64 = 100.0;

pub(crate) fn measure(acctsh: &Path, queued: usize, time_scale: f64) -> Outcome<()> {
    let floor = (queued as f64 - BUCKET) / (REFILL * time_scale);
    if floor <= 0.0 {
        return Err("so few passwords fit into the bucket: take more than 3,000".into());
    }
    let world = World::new(acctsh)?;
    let people = format!(
        "for n in 1..={queued} {{ create_account(#{{ user_name: `kim.${{n}}`, display_name: `Kim ${{n}}`, \
         must_change_password: false }}) }}"
    );
    world.acctsh(&["-c", &people, "--yes"])?;
    world.acctsh(&["sync"])?;
    watched(&world)?;
    within_the_quota(&world, queued, time_scale, floor)?;
    world.end()?;
    Ok(())
}

/// One change after the other, each waited for; then nothing for a while.
fn watched(world: &World) -> Outcome<()> {
    let mut watch = world.start(&["sync", "--watch"])?;
    let measured = one_by_one(world).and_then(|times| Ok((times, idle(&watch)?)));
    watch.kill()?;
    watch.wait()?;
    let ((mut hooks, mut arrivals), (share, memory)) = measured?;
    hooks.sort_unstable();
    arrivals.sort_unstable();
    let at = |times: &[Duration], part: usize| times[times.len() * part / 100];
    report::heading(&format!("{CHANGES} changed passwords, one after the other, with a watch"));
    report::detail("the hook, median", &report::time(at(&hooks, 50)));
    report::goal(
        "from the change to its arrival, median",
        at(&arrivals, 50).as_secs_f64(),
        "s",
        1.0,
    );
    report::detail("the slowest of twenty", &report::time(at(&arrivals, 95)));
    report::heading(&format!("A watch with nothing to do for {} s", IDLE.as_secs()));
    report::goal("processor time", share * 100.0, "%", 0.1);
    report::goal("memory", memory / report::MB, "MB", 30.0);
    Ok(())
}

fn one_by_one(world: &World) -> Outcome<(Vec<Duration>, Vec<Duration>)> {
    let (mut hooks, mut arrivals) = (Vec::new(), Vec::new());
    // The first pays for signing in.
    for number in 0..=CHANGES {
        let begun = Instant::now();
        world.given("password-changed", &format!("kim.{}", number + 1), &password(number))?;
        let hook = begun.elapsed();
        while waiting(world)? > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        if number > 0 {
            hooks.push(hook);
            arrivals.push(begun.elapsed());
        }
    }
    Ok((hooks, arrivals))
}

/// The share of a processor that it takes, and the memory that it holds.
fn idle(watch: &Child) -> Outcome<(f64, f64)> {
    let ticks = || -> Outcome<f64> {
        let text = fs::read_to_string(format!("/proc/{}/stat", watch.id()))?;
        // The name before it may hold anything; what follows are numbers.
        let fields: Vec<&str> =
            text.rsplit_once(')').ok_or("no process")?.1.split_whitespace().collect();
        Ok(fields[11].parse::<f64>()? + fields[12].parse::<f64>()?)
    };
    let before = ticks()?;
    std::thread::sleep(IDLE);
    let share = (ticks()? - before) / TICKS / IDLE.as_secs_f64();
    let status = fs::read_to_string(format!("/proc/{}/status", watch.id()))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes: f64 =
        resident.and_then(|text| text.split_whitespace().next()).ok_or("no memory")?.parse()?;
    Ok((share, kilobytes * 1024.0))
}

fn within_the_quota(world: &World, queued: usize, time_scale: f64, floor: f64) -> Outcome<()> {
    std::thread::scope(|scope| {
        let part = queued.div_ceil(4);
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || -> Result<(), String> {
                    for number in thread * part..((thread + 1) * part).min(queued) {
                        let name = format!("kim.{}", number + 1);
                        world
                            .given("password-changed", &name, &password(number + 1_000_000))
                            .map_err(|error| error.to_string())?;
                    }
                    Ok(())
                })
            })
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap_or(Err("it died".to_owned())))
    })?;
    world.hold_quota(time_scale)?;
    let spent = process::median(&[world.acctsh(&["sync"])?]);
    report::heading(&format!(
        "{queued} passwords in the outbox, delivered within the quota, its clock {time_scale} times faster"
    ));
    report::detail("floor: the quota alone", &report::time(Duration::from_secs_f64(floor)));
    report::detail("acctsh sync", &report::time(spent.wall));
    report::detail("  of processor time", &report::time(spent.cpu));
    report::goal("total, against the floor", spent.wall.as_secs_f64() / floor, "×", 1.1);
    if waiting(world)? > 0 {
        return Err("some passwords were not delivered".into());
    }
    Ok(())
}

fn waiting(world: &World) -> Outcome<usize> {
    let sealed = |entry: std::io::Result<fs::DirEntry>| {
        entry.is_ok_and(|entry| entry.path().extension().is_some_and(|end| end == "age"))
    };
    let folder = world.home().join("profiles/contoso/outbox");
    Ok(fs::read_dir(folder)?.filter_map(|entry| sealed(entry).then_some(())).count())
}

fn password(number: usize) -> String {
    format!("Kestrel-{number:07}-north")
}
