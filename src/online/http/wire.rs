//! One request, one answer: headers, time limits, what the network did, and a line in the log.
//!
//! What doesn't belong here: sending again, tokens, the meaning of a refusal.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap};
use reqwest::{Client, Method, Url};
use serde_json::Value;
use uuid::Uuid;

use super::batch::Batch;
use super::retry_after;
use crate::online::auth::Bearer;
use crate::online::fault::Refused;
use crate::online::settings::is_loopback;
use crate::online::{FaultKind, OnlineFault, Outcome};

/// What a request carries.
pub(in crate::online) enum Body<'a> {
    None,
    Json(&'a Value),
    Batch(&'a Batch<'a>),
    Form(&'a [(&'a str, &'a str)]),
}

/// A request as it leaves.
pub(in crate::online) struct Outgoing<'a> {
    pub(in crate::online) method: Method,
    pub(in crate::online) url: String,
    pub(in crate::online) bearer: Option<&'a Bearer>,
    pub(in crate::online) body: Body<'a>,
    /// Besides those that every request has.
    pub(in crate::online) headers: &'a [(&'static str, &'a str)],
    /// What we call the request, where that stays the same when it is sent again.
    pub(in crate::online) client_request_id: Option<&'a str>,
    pub(in crate::online) is_write: bool,
}

/// An answer, of whatever status.
pub(in crate::online) struct Answer {
    pub(in crate::online) status: u16,
    pub(in crate::online) request_id: Box<str>,
    pub(in crate::online) retry_after: Option<Duration>,
    /// How far the tenant's clock is ahead of ours, by the header `Date`.
    pub(in crate::online) clock_ahead: Option<SignedDuration>,
    /// Which share of the quota is used, where the tenant says so: 0.8 to 1.8 (`graph.md §13`).
    pub(super) quota_used: Option<f64>,
    /// What the service tells of a refusal in a header, where it does (`exchange.md §7.1`).
    pub(in crate::online) diagnostics: Option<Box<str>>,
    /// Whether it is a page for people, which Graph never sends: something between it and us did.
    pub(in crate::online) is_page: bool,
    /// The body, or why it didn't arrive whole.
    pub(super) body: Result<Vec<u8>, String>,
}

impl Answer {
    /// The body of a success, which has arrived if it matters.
    pub(in crate::online) fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    /// The body, or why it didn't arrive whole.
    pub(in crate::online) fn arrived(&self) -> Result<&[u8], &str> {
        self.body.as_deref().map_err(String::as_str)
    }

    /// This answer if it is a success, else the fault that it means.
    pub(super) fn success(self, body_matters: bool, is_write: bool) -> Result<Self, OnlineFault> {
        let is_success = (200..300).contains(&self.status);
        match &self.body {
            _ if is_success && self.is_page => {
                let fault = OnlineFault::bad_answer("a page instead of an answer");
                Err(if is_write { fault.with_outcome(Outcome::Unknown) } else { fault })
            }
            Err(why) if is_success && body_matters => Err(no_answer(is_write, why.clone())),
            _ if is_success => Ok(self),
            _ => Err(self.refused(is_write)),
        }
    }

    /// The fault that an answer other than a success means.
    pub(in crate::online) fn refused(&self, is_write: bool) -> OnlineFault {
        Refused {
            status: self.status,
            body: self.body(),
            request_id: &self.request_id,
            retry_after: self.retry_after,
            is_write,
        }
        .fault()
    }
}

/// The connections to the tenant, opened by the first request.
pub(in crate::online) struct Wire {
    client: Mutex<Option<Client>>,
    connect_timeout: Duration,
    request_timeout: Duration,
    https_only: bool,
    is_loopback: bool,
}

impl Wire {
    pub(in crate::online) fn new(
        hosts: &[&Url],
        connect_timeout: Duration,
        request_timeout: Duration,
    ) -> Self {
        Self {
            client: Mutex::new(None),
            connect_timeout,
            request_timeout,
            https_only: hosts.iter().all(|url| url.scheme() == "https"),
            is_loopback: hosts.iter().all(|url| is_loopback(url)),
        }
    }

    /// Sends once. An answer of any status is an answer.
    pub(in crate::online) async fn send(&self, out: Outgoing<'_>) -> Result<Answer, OnlineFault> {
        let client = self.client()?;
        let id = out.client_request_id.map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let started = Instant::now();
        // A query may hold names of people, so the log has the path alone.
        let path = out.url.split('?').next().unwrap_or_default().to_owned();
        let method = out.method.clone();
        let mut request = client
            .request(out.method, &out.url)
            .header("client-request-id", &id)
            .header(ACCEPT, "application/json");
        if let Some(bearer) = out.bearer {
            request = request.header(AUTHORIZATION, bearer.header());
        }
        for (name, value) in out.headers {
            request = request.header(*name, *value);
        }
        request = match out.body {
            Body::None => request,
            Body::Json(json) => request.json(json),
            Body::Batch(batch) => request.json(batch),
            Body::Form(fields) => request.form(fields),
        };
        let answer = match request.send().await {
            Ok(response) => {
                let status = response.status().as_u16();
                let answer = told(status, response.headers(), &id);
                let body = response.bytes().await.map(Vec::from).map_err(|error| root(&error));
                Ok(Answer { body, ..answer })
            }
            Err(error) => Err(transport_fault(&error, out.is_write)),
        };
        let status = answer.as_ref().map_or(0, |answer| answer.status);
        tracing::debug!(
            %method, path, status, client_request_id = id,
            request_id = answer.as_ref().map_or("", |answer| &answer.request_id),
            milliseconds = started.elapsed().as_secs_f64() * 1000.0, "request"
        );
        if status == 503 {
            // The next try needs a new connection (`graph.md §1`).
            self.forget_connections();
        }
        answer
    }

    /// Building it reads the certificate roots, which no start-up should wait for.
    fn client(&self) -> Result<Client, OnlineFault> {
        let mut slot = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*slot {
            return Ok(client.clone());
        }
        let mut builder = Client::builder()
            .user_agent(concat!("acctsh/", env!("CARGO_PKG_VERSION")))
            .https_only(self.https_only)
            // A token follows no redirect; Graph sends none.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.connect_timeout)
            .timeout(self.request_timeout);
        if self.is_loopback {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| OnlineFault::new(FaultKind::Other, Outcome::NotSent, root(&error)))?;
        Ok(slot.insert(client).clone())
    }

    fn forget_connections(&self) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What the headers tell: the id for Microsoft's support, how long to wait, what is used.
fn told(status: u16, headers: &HeaderMap, ours: &str) -> Answer {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Answer {
        status,
        request_id: text("request-id").unwrap_or(ours).into(),
        retry_after: text("retry-after")
            .and_then(|wait| retry_after::parse(wait, Timestamp::now())),
        clock_ahead: text("date").and_then(clock_ahead),
        quota_used: quota_used(text("x-ms-throttle-limit-percentage")),
        diagnostics: text("x-ms-diagnostics").map(Into::into),
        is_page: is_page(text("content-type")),
        body: Ok(Vec::new()),
    }
}

/// The share of the quota that is used, as the header has it.
pub(super) fn quota_used(header: Option<&str>) -> Option<f64> {
    header?.trim().parse().ok().filter(|used: &f64| used.is_finite())
}

/// How far the clock that wrote this is ahead of ours.
fn clock_ahead(date: &str) -> Option<SignedDuration> {
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(theirs.duration_since(Timestamp::now()))
}

/// Whether a content type is that of a page for people.
pub(super) fn is_page(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// A request that no answer came to. Name lookup, refused connections and TLS come before anything
/// is sent; after that nobody knows.
fn transport_fault(error: &reqwest::Error, is_write: bool) -> OnlineFault {
    if error.is_connect() || error.is_builder() {
        OnlineFault::new(FaultKind::Unreachable, Outcome::NotSent, root(error))
    } else {
        no_answer(is_write, root(error))
    }
}

/// The fault of a request that may have arrived, and whose answer didn't.
pub(in crate::online) fn no_answer(is_write: bool, detail: String) -> OnlineFault {
    if is_write {
        OnlineFault::new(FaultKind::OutcomeUnknown, Outcome::Unknown, detail)
    } else {
        OnlineFault::new(FaultKind::Unreachable, Outcome::NotSent, detail)
    }
}

/// The innermost cause: the outer ones say "error sending request" and repeat the URL.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    if error.source().is_none() {
        return "the request can't be made".to_owned();
    }
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
