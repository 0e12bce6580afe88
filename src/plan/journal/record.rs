//! A run as the journal keeps it.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use jiff::{Timestamp, ZonedDateTime};
use rand::Rng as _;
use serde::{Deserialize, Serialize};

use super::event::StepState;
use crate::directory::DirectoryIdentity;
use crate::model::{Origin, Problem, SourceFile, TenantId};
use crate::plan::change::Change;
use crate::plan::check::PlanOptions;
use crate::plan::step::{Step, StepId};

/// A run's name: its day and time, and four letters that make it unique.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// A new one.
    pub fn new(now: &ZonedDateTime) -> Self {
        // Letters that can't be mistaken for one another or spell much.
        const LETTERS: &[u8] = b"bcdfghjkmnpqrstvwxz";
        let mut random = rand::rng();
        let tail: String =
            (0..4).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect();
        Self(format!("{}-{tail}", now.strftime("%Y%m%d-%H%M")))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RunId {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Running, or stopped before its end: it can be resumed.
    Unfinished,
    /// Every step has ended and the hand-over is written.
    Finished,
    /// Given up by a person.
    Abandoned,
}

impl RunState {
    /// The word for it in the journal and on screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "unfinished",
            Self::Finished => "finished",
            Self::Abandoned => "abandoned",
        }
    }
}

/// What is known of a run as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunHead {
    /// Its name.
    pub id: RunId,
    /// When it began.
    pub created: Timestamp,
    /// What was run: a script's name, `-c`, or `prompt`.
    pub what: String,
    /// Who ran it: local user and host.
    pub operator: String,
    /// The app as which it signed in to the tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The profile.
    pub profile: String,
    /// Whether the profile's tenant is the sandbox.
    pub is_sandbox: bool,
    /// The directory.
    pub directory: DirectoryIdentity,
    /// The tenant, if the plan touches it.
    pub tenant: Option<TenantId>,
    /// Options that shaped the steps.
    pub options: PlanOptions,
    /// Files whose rows became changes.
    pub sources: Vec<SourceFile>,
    /// The folder for the letters.
    pub handover: PathBuf,
    /// The file for the results.
    pub results: PathBuf,
    /// The digest of the plan file that was applied.
    pub plan_file: Option<String>,
    /// How long a password must be that is made up, to be long enough for everybody in the directory.
    #[serde(default)]
    pub password_length: u16,
    /// How many people it destroys something of.
    #[serde(default)]
    pub destroyed: u32,
    /// How many people it takes something from.
    #[serde(default)]
    pub revoked: u32,
}

/// When a step was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// For the first time.
    pub first: Timestamp,
    /// For the last time.
    pub last: Timestamp,
}

/// A change as the journal keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChange {
    /// What was asked for.
    pub change: Change,
    /// The row or line that asked.
    pub origin: Origin,
    /// Problems that were shown and accepted, and remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// Why it was left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<Problem>,
}

/// A run with everything that became of it.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// The run as a whole.
    pub head: RunHead,
    /// Where it stands.
    pub state: RunState,
    /// Its changes, in plan order.
    pub changes: Vec<StoredChange>,
    /// Its steps, in plan order.
    pub steps: Vec<Step>,
    /// The state of each step.
    pub states: Vec<StepState>,
    /// When a step was sent the last time, in an earlier process.
    pub sent: HashMap<StepId, Sent>,
}
