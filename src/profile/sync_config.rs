//! How a profile keeps both halves in step: the `sync` table of `config.toml`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

/// What `acctsh sync` carries from the directory besides passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carried {
    /// The last day of an account is over: its online half is closed.
    Expires,
    /// A user was disabled: its online half is closed.
    Disabled,
    /// A user was enabled again: its online half is opened, if `disable` or `sync` had closed it.
    Enabled,
    /// A user has another name: so has its online ID, if it was made of the old one.
    Renamed,
    /// A user was deleted: so is its online half.
    Deleted,
}

/// The settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncConfig {
    /// The folder of passwords on their way, by default in acctsh's own.
    pub(super) outbox: Option<PathBuf>,
    /// What is carried besides passwords.
    #[serde(default = "carry")]
    pub carry: BTreeSet<Carried>,
    /// How often the directory is asked for changes.
    #[serde(default = "every")]
    every_seconds: u64,
}

impl SyncConfig {
    /// How often the directory is asked for changes.
    pub fn every(&self) -> Duration {
        Duration::from_secs(self.every_seconds.max(1))
    }
}

impl Default for SyncConfig {
    fn default() -> Self {
        Self { outbox: None, carry: carry(), every_seconds: every() }
    }
}

fn carry() -> BTreeSet<Carried> {
    BTreeSet::from([Carried::Expires])
}

fn every() -> u64 {
    30
}
