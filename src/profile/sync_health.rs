//! What the watch of a profile last said of itself.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Home;

/// How the watch fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SyncHealth {
    /// The process.
    pub process: u32,
    /// Since when it watches.
    pub since: Timestamp,
    /// When it said so.
    pub at: Timestamp,
    /// Whether somebody has stopped it.
    pub is_stopped: bool,
    /// How many passwords it has delivered.
    pub delivered: usize,
    /// How many were refused.
    pub refused: usize,
    /// What keeps it from delivering.
    pub failing: Option<String>,
}

impl Home {
    /// Where the watch of a profile says how it fares.
    pub fn sync_health(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("sync.health.json")
    }
}
