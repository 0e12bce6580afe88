//! Start-up: `acctsh -c 1` against `true` in the same loop.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::process::{self, Spent};
use crate::report::{self, MB};

pub(crate) fn measure(acctsh: &Path, pairs: usize) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let (mut empty, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..pairs {
        empty.push(process::run(&mut Command::new("true"), &log)?);
        ours.push(process::run(
            Command::new(acctsh).args(["-c", "1"]).env("ACCTSH_HOME", folder.path()),
            &log,
        )?);
    }
    let (empty, ours): (Spent, Spent) = (process::median(&empty), process::median(&ours));
    report::heading(&format!("Start-up, median of {pairs} alternating pairs"));
    report::detail("true", &report::time(empty.wall));
    report::detail("acctsh -c 1", &report::time(ours.wall));
    report::detail("  of it processor time", &report::time(ours.cpu));
    let over = ours.wall.as_secs_f64() - empty.wall.as_secs_f64();
    report::goal("acctsh -c 1 over true", over * 1e3, "ms", 10.0);
    report::goal("its peak memory", ours.peak / MB, "MB", 25.0);
    Ok(())
}
