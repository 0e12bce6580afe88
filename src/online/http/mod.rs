//! The one place that sends to Graph.
//!
//! What belongs here: which calls go together and when, the quota, waiting for a throttled tenant,
//! and repeating what is safe to repeat. A read is repeated; a write only after an answer that says
//! it wasn't done and may be next time (401 once, 409 of a write that got in the way, 429, 503, a
//! refusal that can't be read) or when it never left, never after silence: whether it took effect is
//! a question that `plan/execute` answers. What doesn't belong here: any resource.
//!
//! * `call`, `cost`: one request, and what it costs of the quota
//! * `dispatch`, `carry`: the queue and its lanes; what a lane sends and how each call is answered
//! * `batch`: `$batch` as text; `priority`: what a throttled tenant drops first
//! * `budget`, `pause`, `waits`: the quota, the pause that all keep, waiting that can be seen
//! * `wire`: one request, one answer

mod batch;
mod budget;
mod call;
mod carry;
mod cost;
mod dispatch;
mod pause;
mod priority;
mod retry_after;
mod waits;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use rand::Rng as _;
use tokio::sync::watch;
use tokio::time::Instant;

use super::auth::SignIn;
use super::settings::base_url;
use super::{Access, FaultKind, OnlineFault, Outcome, TenantQuota, TenantSettings};
use budget::Budget;
use dispatch::{Dispatcher, Failed};

pub(super) use call::Call;
pub(super) use pause::{Pause, backoff};
pub(super) use waits::Waits;
pub use waits::{Wait, WaitReason};
pub(super) use wire::{Answer, Body, Outgoing, Wire, no_answer};

/// How often a request that nobody answers is sent before its fault is reported.
const TRIES: u32 = 4;

/// How long to wait before the second try if the tenant doesn't ask for more.
const SOON: Duration = Duration::from_millis(200);

/// Sends calls to one tenant.
pub(super) struct Http {
    dispatcher: Arc<Dispatcher>,
    patience: Duration,
}

impl Http {
    pub(super) fn new(settings: &TenantSettings) -> Result<Self, OnlineFault> {
        let login = base_url("login_url", &settings.login_url)?;
        let graph = base_url("graph_url", &settings.graph_url)?;
        settings.quota.as_ref().map_or(Ok(()), TenantQuota::check)?;
        let wire = Wire::new(&[&login, &graph], settings.connect_timeout, settings.request_timeout);
        let host = graph.as_str().trim_end_matches('/').to_owned();
        let lanes = settings.requests_in_flight.max(1);
        let budget = Budget::new(settings.quota);
        let patience = settings.patience;
        let sign_in = SignIn::new(&login, &graph, settings)?;
        Ok(Self { dispatcher: Dispatcher::new(wire, sign_in, host, lanes, budget), patience })
    }

    /// How many calls at once keep all requests that may be on their way full.
    pub(super) fn calls_at_once(&self) -> usize {
        self.dispatcher.lanes * batch::MOST
    }

    /// Where Graph's resources begin, for references to them.
    pub(super) fn graph_url(&self) -> String {
        format!("{}/v1.0", self.dispatcher.host)
    }

    /// Whether a URL that Graph gave us leads to Graph: a token goes nowhere else.
    pub(super) fn is_ours(&self, url: &str) -> bool {
        url.strip_prefix(&self.dispatcher.host).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Where waiting is shown, for whatever else talks to the tenant.
    pub(super) fn shown_waits(&self) -> &Waits {
        &self.dispatcher.waits
    }

    /// What calls wait for.
    pub(super) fn waits(&self) -> watch::Receiver<Option<Wait>> {
        self.dispatcher.waits.watch()
    }

    /// Signs in, where no token is there yet, and tells what the token says.
    pub(super) async fn access(&self) -> Result<Access, OnlineFault> {
        self.dispatcher.sign_in.access(&self.dispatcher.wire).await
    }

    /// Takes over how many accounts there are, from which the quota follows.
    pub(super) fn tenant_has(&self, accounts: u64) {
        self.dispatcher.budget.tenant_has(accounts);
    }

    /// Sends the call, and gives the answer of a success. Waits as long as the tenant asks and
    /// patience lasts.
    pub(super) async fn send(&self, call: Call) -> Result<Answer, OnlineFault> {
        let call = Arc::new(call);
        let started = Instant::now();
        let deadline = started + self.patience;
        let (mut goes_alone, mut tries) = (call.goes_alone, 0);
        let (mut is_renewed, mut is_doubted) = (false, false);
        loop {
            tries += 1;
            let fault = match self.dispatcher.pass(&call, goes_alone, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(Failed::Fault(fault)) => fault,
                Err(Failed::InBatch) => {
                    goes_alone = true;
                    continue;
                }
            };
            let is_unsent = fault.outcome() == Outcome::NotSent;
            if fault.status == Some(401) && !is_unsent && !is_renewed {
                is_renewed = true;
                continue;
            }
            let wait = if call.creates() && is_catch_all(&fault) && !is_doubted {
                is_doubted = true;
                Some(backoff(SOON, tries))
            } else {
                wait_before_repeating(&fault, tries)
            };
            let Some(wait) = wait else { return Err(fault) };
            tracing::debug!(status = fault.status, ?wait, "waiting before the request is repeated");
            let until = Instant::now() + wait;
            if fault.kind == FaultKind::Throttled {
                self.dispatcher.pause.extend(wait);
            }
            if until > deadline {
                return Err(out_of_patience(fault, started.elapsed()));
            }
            if fault.kind != FaultKind::Throttled {
                self.dispatcher.waits.sleep_until(until, reason(&fault)).await;
            }
        }
    }
}

/// How long to wait before the request is sent again, if it should be at all: for as long as
/// patience lasts if the tenant asks for it, a few times after a fault that may pass, and never if
/// it may have taken effect.
fn wait_before_repeating(fault: &OnlineFault, tries: u32) -> Option<Duration> {
    let first = match (&fault.kind, fault.status) {
        (FaultKind::Throttled, _) | (_, Some(503)) => Duration::from_secs(1),
        (FaultKind::Concurrency, _) => SOON,
        _ => {
            let is_safe = fault.outcome() != Outcome::Unknown;
            let is_worth_it = is_safe && fault.is_transient() && tries < TRIES;
            return is_worth_it.then(|| backoff(SOON, tries));
        }
    };
    let Some(asked) = fault.retry_after else { return Some(backoff(first, tries)) };
    // Not all who were told the same come back at the same instant; and a tenant that says "now"
    // again and again isn't asked without end.
    let asked = asked.mul_f64(rand::rng().random_range(1.0..=1.05));
    Some(asked.max(backoff(Duration::from_millis(10), tries)))
}

/// The refusal of a creation that has been seen to go away when asked once more (`graph.md §14`).
fn is_catch_all(fault: &OnlineFault) -> bool {
    fault.status == Some(400) && fault.kind == FaultKind::InvalidValue { property: None }
}

fn reason(fault: &OnlineFault) -> WaitReason {
    if fault.kind == FaultKind::Concurrency {
        WaitReason::Concurrency
    } else {
        WaitReason::Unavailable
    }
}

/// The fault that ends the waiting says how long it was.
fn out_of_patience(fault: OnlineFault, waited: Duration) -> OnlineFault {
    if waited < Duration::from_secs(1) {
        return fault;
    }
    let detail = format!("{} (after {} s)", fault.detail, waited.as_secs());
    OnlineFault { detail, ..fault }
}
