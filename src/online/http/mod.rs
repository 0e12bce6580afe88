//! The one place that sends to Graph.
//!
//! What belongs here: tokens on requests, the bound on requests at once, waiting for a throttled
//! tenant, and repeating what is safe to repeat. A read is repeated; a write only after an answer
//! that says it wasn't done (401 once, 429, 503), never after silence: whether it took effect is a
//! question that `plan/execute` answers. What doesn't belong here: any resource.

mod pause;
mod retry_after;
mod wire;

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::auth::{Bearer, SignIn};
use super::settings::base_url;
use super::{FaultKind, OnlineFault, TenantSettings};
use pause::{Pause, backoff};

pub(super) use wire::{Answer, Body, Outgoing, Wire};

/// How often a read is sent before its fault is reported.
const READ_TRIES: u32 = 4;
/// How often a request is sent to a tenant that says "later".
const THROTTLED_TRIES: u32 = 12;

/// One request to Graph.
pub(super) struct Call {
    method: Method,
    /// After the version, with the query; or a whole URL that Graph gave us.
    target: String,
    body: Option<Value>,
    is_eventual: bool,
    answer_matters: bool,
}

impl Call {
    /// Reads; `target` begins with a slash, its query is encoded.
    pub(super) fn get(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target.into(), None)
    }

    /// A write whose answer holds something that is needed.
    pub(super) fn post(target: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, target.into(), Some(body))
    }

    /// Changes some properties of an object.
    pub(super) fn patch(target: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, target.into(), Some(body)).ignoring_answer()
    }

    fn new(method: Method, target: String, body: Option<Value>) -> Self {
        Self { method, target, body, is_eventual: false, answer_matters: true }
    }

    /// A success is a success, even if its body doesn't arrive.
    pub(super) fn ignoring_answer(self) -> Self {
        Self { answer_matters: false, ..self }
    }

    /// Reads the index that advanced queries need (`graph.md §3`).
    pub(super) fn eventual(self) -> Self {
        Self { is_eventual: true, ..self }
    }

    fn is_read(&self) -> bool {
        self.method == Method::GET
    }
}

/// Sends calls to one tenant.
pub(super) struct Http {
    wire: Wire,
    sign_in: SignIn,
    /// Graph's host, without a slash at the end.
    host: String,
    permits: Semaphore,
    concurrency: usize,
    pause: Pause,
    patience: Duration,
}

impl Http {
    pub(super) fn new(settings: TenantSettings) -> Result<Self, OnlineFault> {
        let login = base_url("login_url", &settings.login_url)?;
        let graph = base_url("graph_url", &settings.graph_url)?;
        let concurrency = settings.concurrency.max(1);
        Ok(Self {
            wire: Wire::new(&[&login, &graph], settings.connect_timeout, settings.request_timeout),
            host: graph.as_str().trim_end_matches('/').to_owned(),
            permits: Semaphore::new(concurrency),
            concurrency,
            pause: Pause::default(),
            patience: settings.patience,
            sign_in: SignIn::new(&login, &graph, settings)?,
        })
    }

    /// How many calls may be on their way at once.
    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Whether a URL that Graph gave us leads to Graph: a token goes nowhere else.
    pub(super) fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&self.host).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Sends the call, and gives the answer of a success.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, OnlineFault> {
        let started = Instant::now();
        let mut rejected: Option<Bearer> = None;
        let mut tries = 0;
        loop {
            tries += 1;
            let (bearer, fault) = match self.attempt(call, rejected.as_ref()).await {
                Ok(answer) => return Ok(answer),
                Err(Failed { bearer, fault }) => (bearer, fault),
            };
            if fault.status == Some(401) && rejected.is_none() && bearer.is_some() {
                rejected = bearer;
                continue;
            }
            // Without a token nothing was sent, so even a write may be repeated.
            let is_safe = call.is_read() || bearer.is_none();
            let Some(wait) = wait_before_repeating(&fault, is_safe, tries) else {
                return Err(fault);
            };
            if started.elapsed() + wait > self.patience {
                return Err(fault);
            }
            tracing::debug!(status = fault.status, ?wait, "waiting before the request is repeated");
            if fault.kind == FaultKind::Throttled {
                self.pause.extend(wait);
            } else {
                tokio::time::sleep(wait).await;
            }
        }
    }

    async fn attempt(&self, call: &Call, rejected: Option<&Bearer>) -> Result<Answer, Failed> {
        // It is never closed; without a permit the request would only be one too many.
        let _permit = self.permits.acquire().await.ok();
        self.pause.over().await;
        let bearer = match self.sign_in.bearer(&self.wire, rejected).await {
            Ok(bearer) => bearer,
            Err(fault) => return Err(Failed { bearer: None, fault }),
        };
        let url = match call.target.strip_prefix('/') {
            Some(path) => format!("{}/v1.0/{path}", self.host),
            None => call.target.clone(),
        };
        let sent = self
            .wire
            .send(Outgoing {
                method: call.method.clone(),
                url,
                bearer: Some(&bearer),
                body: call.body.as_ref().map_or(Body::None, Body::Json),
                is_eventual: call.is_eventual,
                is_write: !call.is_read(),
            })
            .await;
        match sent.and_then(|answer| answer.success(call.answer_matters, !call.is_read())) {
            Ok(answer) => Ok(answer),
            Err(fault) => Err(Failed { bearer: Some(bearer), fault }),
        }
    }
}

/// An attempt that failed; without a bearer it failed before Graph was asked.
struct Failed {
    bearer: Option<Bearer>,
    fault: OnlineFault,
}

/// How long to wait before the request is sent again, if it should be at all.
fn wait_before_repeating(fault: &OnlineFault, is_safe: bool, tries: u32) -> Option<Duration> {
    let says_later = matches!(fault.status, Some(429 | 503));
    if says_later && tries < THROTTLED_TRIES {
        let first = Duration::from_secs(1);
        return Some(fault.retry_after.unwrap_or_else(|| backoff(first, tries)));
    }
    if !says_later && is_safe && fault.is_transient() && tries < READ_TRIES {
        return Some(backoff(Duration::from_millis(200), tries));
    }
    None
}
