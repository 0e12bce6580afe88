//! What a call that didn't succeed means.
//!
//! What belongs here: the typed fault that leaves this layer. [`refused`] reads it from an answer;
//! [`kind`] says what each kind means to people.

mod kind;
mod refused;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use kind::FaultKind;
pub(super) use refused::Refused;

/// What is known of a write that didn't succeed. For a read nothing is ever written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The tenant said no; nothing was written.
    Refused,
    /// The request didn't leave; nothing was written.
    NotSent,
    /// It may have been written.
    Unknown,
}

/// A call that didn't succeed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}{}{detail}", if .detail.is_empty() { "" } else { ": " })]
pub struct OnlineFault {
    /// What kind it is.
    pub kind: FaultKind,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// Graph's code, such as `Request_BadRequest`.
    pub code: Option<Box<str>>,
    /// The server's or the network's own words.
    pub detail: String,
    /// The id under which Microsoft's support finds the request.
    pub request_id: Option<Box<str>>,
    /// How long the tenant asks to wait.
    pub retry_after: Option<Duration>,
    pub(super) outcome: Outcome,
}

impl OnlineFault {
    /// A fault that no answer describes.
    pub(super) fn new(kind: FaultKind, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            detail: detail.into(),
            request_id: None,
            retry_after: None,
            outcome,
        }
    }

    /// A setting or argument that can't be used.
    pub(super) fn setting(name: &str, detail: impl Into<String>) -> Self {
        let kind = FaultKind::InvalidValue { property: Some(name.to_owned()) };
        Self::new(kind, Outcome::NotSent, detail)
    }

    /// A call that makes no sense, as only a damaged plan asks for it.
    pub fn damaged(detail: impl Into<String>) -> Self {
        Self::new(FaultKind::Other, Outcome::NotSent, detail)
    }

    /// An answer to a read that isn't what Graph promises.
    pub(super) fn bad_answer(detail: impl Into<String>) -> Self {
        Self::new(FaultKind::BadAnswer, Outcome::Refused, detail)
    }

    /// The same fault of a request whose effect isn't known.
    pub(super) fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// The same fault with the secret blotted out, should the server have repeated it.
    pub(super) fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() && self.detail.contains(secret) {
            self.detail = self.detail.replace(secret, "***");
        }
        self
    }

    /// What is known of the write.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether it may go away by itself, so that asking again later makes sense.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::Throttled
                | FaultKind::Concurrency
                | FaultKind::Unavailable
                | FaultKind::Unreachable
                | FaultKind::OutcomeUnknown
                | FaultKind::Unreadable
                | FaultKind::TooNew
                | FaultKind::PageExpired
        )
    }

    /// A name for the fault that never changes, for results and scripts.
    pub fn code_word(&self) -> &'static str {
        self.kind.code_word()
    }

    /// What a person can do about it.
    pub fn advice(&self) -> Option<String> {
        self.kind.advice().map(str::to_owned)
    }
}
