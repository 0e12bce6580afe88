//! A command with its time, processor time and peak memory.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::Outcome;

/// What a process took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spent {
    /// From before it was started until it was gone.
    pub(crate) wall: Duration,
    /// On all processors, in the program and in the kernel.
    pub(crate) cpu: Duration,
    /// The most memory that it held at a time, in bytes. At least that of the process that started
    /// it: Linux counts what was there before `exec`.
    pub(crate) peak: f64,
}

/// Runs a command to its end; its output goes nowhere, and what it says of a failure to `log`.
pub(crate) fn run(command: &mut Command, log: &Path) -> Outcome<Spent> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(log)?);
    let begun = Instant::now();
    let child = command.spawn()?;
    let used = child.wait4()?;
    let wall = begun.elapsed();
    if !used.status.success() {
        let said = std::fs::read_to_string(log)?;
        return Err(format!("{command:?} ended with {}:\n{said}", used.status).into());
    }
    Ok(Spent { wall, cpu: used.rusage.utime + used.rusage.stime, peak: used.rusage.maxrss as f64 })
}

/// The middle of several measurements, each figure by itself; of memory the most.
pub(crate) fn median(all: &[Spent]) -> Spent {
    Spent {
        wall: middle(all.iter().map(|spent| spent.wall)),
        cpu: middle(all.iter().map(|spent| spent.cpu)),
        peak: all.iter().map(|spent| spent.peak).fold(0.0, f64::max),
    }
}

fn middle(values: impl Iterator<Item = Duration>) -> Duration {
    let mut values: Vec<Duration> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
