//! What acctsh costs, printed as ratios and differences against something measured in the same run.
//!
//! Run by hand, never a timed test: `cargo run --release -p acctsh-bench`. What the figures mean and
//! what they were is in `docs/benchmarks.md`.
//!
//! * `process`: a command with its time, processor time and peak memory.
//! * `world`: a home, a folder and a tenant in a process of its own.
//! * `start_up`, `planning`, `bulk_create`, `throttled`, `listing`, `linked`, `mail`, `passwords`, `domain`: the
//!   measurements.
//! * `bare_loop`: what a bulk create is measured against.
//! * `journal_times`: where the time of a run went.

#![allow(clippy::cast_precision_loss, reason = "counts and bytes are far below 2^52")]

mod bare_loop;
mod bulk_create;
mod domain;
mod journal_times;
mod linked;
mod listing;
mod mail;
mod passwords;
mod planning;
mod process;
mod report;
mod start_up;
mod throttled;
mod world;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Parser, ValueEnum};

/// Whatever keeps a benchmark from being done.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// What acctsh costs, against something measured in the same run.
#[derive(Debug, Parser)]
struct Options {
    /// What to measure (default: all).
    parts: Vec<Part>,
    /// How often each long measurement is repeated; its median counts.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many pairs of short processes the start-up is the median of.
    #[arg(long, default_value_t = 300)]
    pairs: usize,
    /// How many people the bulk create makes.
    #[arg(long, default_value_t = 2_000)]
    people: usize,
    /// Plan 100,000 rows too.
    #[arg(long)]
    huge: bool,
    /// How many times faster than real time the quota's clock runs.
    #[arg(long, value_name = "F", default_value_t = 2.0)]
    time_scale: f64,
    /// How many accounts are listed.
    #[arg(long, default_value_t = 100_000)]
    accounts: usize,
    /// How many changed passwords wait.
    #[arg(long, default_value_t = 5_000)]
    passwords: usize,
    /// How many users of a domain are read.
    #[arg(long, default_value_t = 20_000)]
    users: usize,
    /// Measure this program instead of building the one of this workspace.
    #[arg(long, value_name = "FILE")]
    acctsh: Option<PathBuf>,
    /// What a bulk create is measured against, as a process of its own: not for people.
    #[arg(long, hide = true, value_name = "URL")]
    bare_loop: Option<String>,
    /// What a listing is measured against, as a process of its own: not for people.
    #[arg(long, hide = true, value_name = "URL")]
    bare_listing: Option<String>,
}

/// How many people with both halves are read.
const LINKED: usize = 20_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// `acctsh -c 1` against `true`.
    StartUp,
    /// People per second, against a bare loop of the same requests.
    BulkCreate,
    /// 10,000 rows planned and previewed, and how that grows.
    Planning,
    /// A bulk create within the tenant's quota, against what the quota alone demands.
    Throttled,
    /// 100,000 accounts listed, against fetching the same pages.
    Listing,
    /// 20,000 people with both halves: their status, and a swap of licences.
    Linked,
    /// 20,000 users of a real domain read, and 1,000 made, against `ldapsearch` and `ldapadd`.
    Domain,
    /// 5,000 changed passwords within the tenant's quota, one by one with a watch, and a watch at rest.
    Passwords,
    /// 1,000 aliases within Exchange's quota, and the calls of a group's members.
    Mail,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Outcome<()> {
    if let Some(url) = &options.bare_loop {
        return bare_loop::run(url, options.people);
    }
    if let Some(url) = &options.bare_listing {
        return listing::fetch(url);
    }
    let acctsh = match &options.acctsh {
        Some(file) => file.canonicalize()?,
        None => built()?,
    };
    let chosen = |part| options.parts.is_empty() || options.parts.contains(&part);
    // The small processes first: a child's peak memory is at least that of the process it came from.
    if chosen(Part::StartUp) {
        start_up::measure(&acctsh, options.pairs)?;
    }
    if chosen(Part::Planning) {
        planning::measure(&acctsh, options.people, options.rounds, options.huge)?;
    }
    if chosen(Part::BulkCreate) {
        bulk_create::measure(&acctsh, options.people, options.rounds)?;
    }
    if chosen(Part::Throttled) {
        throttled::measure(&acctsh, options.people, options.rounds, options.time_scale)?;
    }
    if chosen(Part::Listing) {
        listing::measure(&acctsh, options.accounts, options.rounds)?;
    }
    if chosen(Part::Linked) {
        linked::measure(&acctsh, LINKED, options.rounds)?;
    }
    if chosen(Part::Mail) {
        mail::measure(&acctsh, options.rounds, options.time_scale)?;
    }
    if chosen(Part::Passwords) {
        passwords::measure(&acctsh, options.passwords, options.time_scale)?;
    }
    if chosen(Part::Domain) {
        domain::measure(&acctsh, options.users, options.rounds)?;
    }
    Ok(())
}

/// The program, built as it is released: it lies beside this one.
fn built() -> Outcome<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--release", "-p", "acctsh"]).status()?;
    if !status.success() {
        return Err("acctsh can't be built".into());
    }
    Ok(std::env::current_exe()?.with_file_name("acctsh"))
}
