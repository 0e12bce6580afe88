//! How Exchange behaves in this tenant: what `PUT /sandbox/exchange` changes. Kept in the state file.
//!
//! ```json
//! { "mailbox_delay_seconds": 900, "address_hold_seconds": 3600 }
//! { "refusals": "json" }
//! { "bare_forbidden": true, "empty_writes": true, "lost_writes": 1 }
//! ```
//!
//! Members that are left out keep their value.

use std::time::Duration;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::state::settings;

/// Where a refusal's text stands (`exchange.md` §7.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Refusals {
    /// `id|type|text` in `details`.
    #[default]
    Plain,
    /// A JSON document as text in `details`.
    Json,
    /// No `details`: in the inner exception alone.
    Inner,
}

/// What can be changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Behavior {
    /// From the licence to the mailbox, by the tenant's clock.
    pub(super) mailbox_delay_seconds: u32,
    /// How long an address that was given up stays with its holder.
    pub(super) address_hold_seconds: u32,
    pub(super) refusals: Refusals,
    /// 403 with a body of NUL bytes that calls itself gzip, else an empty one.
    pub(super) bare_forbidden: bool,
    /// Writes answer 204.
    pub(super) empty_writes: bool,
    /// So many writes take effect and answer 502.
    pub(super) lost_writes: u32,
    /// So many writes are refused as too new for Entra.
    pub(super) too_new: u32,
    /// So many commands meet a proxy that doesn't work.
    pub(super) proxy_faults: u32,
    /// A warning that comes with every answer.
    pub(super) warning: Option<String>,
}

impl Behavior {
    pub(super) fn read(state: &Connection) -> Result<Self, Refusal> {
        Ok(settings::read(state, settings::EXCHANGE)?.unwrap_or_default())
    }

    pub(super) fn keep(&self, state: &Connection) -> Result<(), Refusal> {
        settings::write(state, settings::EXCHANGE, self)
    }
}

/// Counts one off, if there is any left.
pub(super) fn use_up(left: &mut u32) -> bool {
    let is_left = *left > 0;
    *left = left.saturating_sub(1);
    is_left
}

/// From now on, a mailbox comes so long after its licence.
pub(crate) fn delay_mailboxes(state: &Connection, delay: Duration) -> Result<(), Refusal> {
    let seconds = u32::try_from(delay.as_secs()).unwrap_or(u32::MAX);
    let behavior = Behavior { mailbox_delay_seconds: seconds, ..Behavior::read(state)? };
    behavior.keep(state)
}

/// Answers `PUT /sandbox/exchange`.
pub(crate) fn turn(state: &Connection, body: &[u8]) -> Result<Value, Refusal> {
    let misread =
        |error: serde_json::Error| Refusal::new(400, "SandboxKnobMisread", error.to_string());
    let changes: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(misread)?;
    let mut behavior = json!(Behavior::read(state)?);
    if let Some(members) = behavior.as_object_mut() {
        members.extend(changes);
    }
    let changed: Behavior = serde_json::from_value(behavior).map_err(misread)?;
    changed.keep(state)?;
    Ok(json!(changed))
}
