//! What the watch says of itself, for `doctor`: a small file beside the outbox, which holds no secret.

use jiff::Timestamp;

use super::deliver::Delivery;
use crate::profile::{Profile, SyncHealth};
use crate::script::Fault;
use crate::state::private_file;

/// What is said at the moment.
pub(super) struct Health(SyncHealth);

impl Health {
    pub(super) fn begun(profile: &Profile) -> Self {
        let health = Self(SyncHealth {
            process: std::process::id(),
            since: Timestamp::now(),
            at: Timestamp::now(),
            is_stopped: false,
            delivered: 0,
            refused: 0,
            failing: None,
        });
        health.put(profile);
        health
    }

    pub(super) fn saw(&mut self, delivery: &Delivery) {
        self.0.delivered += delivery.delivered.len();
        self.0.refused += delivery.refused.len();
    }

    pub(super) fn is_well(&mut self) {
        self.0.failing = None;
    }

    pub(super) fn failed(&mut self, fault: &Fault) {
        self.0.failing = Some(fault.message.to_string());
    }

    pub(super) fn write(&mut self, profile: &Profile) {
        self.0.at = Timestamp::now();
        self.put(profile);
    }

    pub(super) fn ended(&mut self, profile: &Profile) {
        self.0.is_stopped = true;
        self.write(profile);
    }

    /// A file that can't be written keeps nobody's password waiting.
    fn put(&self, profile: &Profile) {
        let path = profile.home().sync_health(profile.name());
        let text = serde_json::to_vec(&self.0).unwrap_or_default();
        if let Err(reason) = private_file::replace_unsynced(&path, &text) {
            tracing::warn!(%reason, path = %path.display(), "the health of the watch can't be written");
        }
    }
}
