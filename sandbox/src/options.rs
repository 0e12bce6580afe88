//! How a server is started, and why it can't be.

use std::path::PathBuf;
use std::time::Duration;

/// How long after a write others see it (`graph.md` §14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lag {
    /// At once.
    #[default]
    Off,
    /// Always that much later.
    Fixed(Duration),
    /// A random time from nothing to `max`, the same sequence for the same seed.
    Random {
        /// Seed of the sequence.
        seed: u64,
        /// The longest lag.
        max: Duration,
    },
}

/// How a server is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The one SQLite file; created and seeded when absent.
    pub state: PathBuf,
    /// The port on 127.0.0.1; 0 lets the system choose.
    pub port: u16,
    /// Added to every answer.
    pub latency: Duration,
    /// How long an access token lives.
    pub token_lifetime: Duration,
    /// Whether Graph's quotas hold (`graph.md` §13).
    pub throttle: bool,
    /// How many times faster than real time the quota clock and `Retry-After` run.
    pub time_scale: f64,
    /// How late others see what was written.
    pub lag: Lag,
    /// From a licence to its mailbox, by the tenant's clock; kept in the state file. `None` leaves what
    /// it says, which is no delay in a new tenant.
    pub mailbox_delay: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            state: PathBuf::from("tenant.sqlite"),
            port: 0,
            latency: Duration::ZERO,
            token_lifetime: Duration::from_secs(3599),
            throttle: false,
            time_scale: 1.0,
            lag: Lag::Off,
            mailbox_delay: None,
        }
    }
}

/// Why a server can't start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The state file can't be opened or read.
    #[error("the sandbox tenant's file {} can't be used", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The state file is of a newer version, or damaged.
    #[error("the sandbox tenant's file {} can't be brought up to date", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: rusqlite_migration::Error,
    },
    /// A new tenant can't be filled.
    #[error("the sandbox tenant can't be set up: {detail}")]
    Seed {
        /// What went wrong.
        detail: String,
    },
    /// The port is taken, or may not be used.
    #[error("the sandbox tenant can't listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The system gives no thread.
    #[error("the sandbox tenant can't start its thread")]
    Thread(#[source] std::io::Error),
    /// Time can't stand still or run backwards.
    #[error("the time scale must be a positive number, not {0}")]
    TimeScale(f64),
}
