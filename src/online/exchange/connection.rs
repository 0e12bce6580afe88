//! Sending commands: token, anchor, pages, waiting, and repeating what is safe to repeat
//! (`exchange.md §2, §3, §6, §8`).

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use reqwest::{Method, Url};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;
use uuid::Uuid;

use super::command::Command;
use super::refusal;
use crate::online::auth::{Bearer, SignIn};
use crate::online::graph::object::Object;
use crate::online::http::{
    Answer, Body, Outgoing, Pause, WaitReason, Waits, Wire, backoff, no_answer,
};
use crate::online::settings::base_url;
use crate::online::{Access, FaultKind, OnlineFault, Outcome, Tenant, TenantSettings};

/// How many commands may be on their way at once (`exchange.md §8`).
const IN_FLIGHT: usize = 4;
/// How many while the tenant refuses some.
const IN_FLIGHT_THROTTLED: usize = 1;
/// How often a command is sent that fails for no reason of its own.
const TRIES: u32 = 4;
/// How long before the second try.
const SOON: Duration = Duration::from_millis(500);
/// More pages than this have no end.
const MOST_PAGES: usize = 10_000;
/// The mailbox that takes app-only commands to one server; the same in every tenant.
const SYSTEM_MAILBOX: &str = "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}";

/// The connection to a tenant's Exchange, opened by the first command.
pub(in crate::online) struct Exchange {
    settings: TenantSettings,
    line: OnceCell<Line>,
}

/// What is opened.
struct Line {
    wire: Wire,
    sign_in: SignIn,
    /// Where commands go.
    url: String,
    anchor: String,
    /// The same for all commands, so that they are taken for one connection.
    connection_id: String,
    places: Semaphore,
    /// Taken too while the tenant refuses some: each command that is on its way when it does is refused
    /// with the first, and costs some of the quota.
    few_places: Semaphore,
    pause: Pause,
    refusals: Mutex<Refusals>,
    patience: Duration,
}

/// How long the tenant made us wait lately.
#[derive(Default)]
struct Refusals {
    /// When the last wait ends, and how long it was.
    last: Option<(Instant, Duration)>,
    /// How many times what the tenant asked for that was.
    times: u32,
}

/// A wait that the tenant wants shorter grows up to this.
const GROWS_TO: Duration = Duration::from_secs(3);

impl Refusals {
    /// Whether the next refusal would follow from the same load as the last.
    fn are_recent(&self, now: Instant) -> bool {
        self.last.is_some_and(|(end, length)| now < end + length.saturating_mul(2))
    }

    /// How long all commands wait after a refusal. One in the middle of many is followed by another as
    /// soon as what came back meanwhile is spent, and each costs some of the quota itself: so the waits
    /// grow, and more is done between two of them.
    fn wait(&mut self, asked: Duration) -> Duration {
        let now = Instant::now();
        match self.last {
            // Refused together with the one that began this wait.
            Some((end, _)) if now < end => return end - now,
            Some(_) if self.are_recent(now) => {
                self.times = self.times.saturating_mul(2);
            }
            _ => self.times = 1,
        }
        let wait = asked.saturating_mul(self.times).min(GROWS_TO).max(asked);
        self.last = Some((now + wait, wait));
        wait
    }
}

/// What a command gave.
pub(super) struct Done {
    pub(super) objects: Vec<Object>,
    pub(super) warnings: Vec<String>,
}

impl Exchange {
    pub(in crate::online) fn new(settings: TenantSettings) -> Self {
        Self { settings, line: OnceCell::new() }
    }
}

impl Line {
    fn open(settings: &TenantSettings, tenant: &str) -> Result<Self, OnlineFault> {
        let unknown = || OnlineFault::setting("exchange_url", "Exchange's host is not known");
        let text = settings.exchange_url.as_deref().ok_or_else(unknown)?;
        let base = base_url("exchange_url", text)?;
        let login = base_url("login_url", &settings.login_url)?;
        let wire = Wire::new(&[&login, &base], settings.connect_timeout, settings.request_timeout);
        let host = base.as_str().trim_end_matches('/');
        Ok(Self {
            wire,
            sign_in: SignIn::new(&login, &base, settings)?,
            url: format!("{host}/adminapi/beta/{tenant}/InvokeCommand"),
            anchor: format!("APP:{SYSTEM_MAILBOX}@{tenant}"),
            connection_id: Uuid::new_v4().to_string(),
            places: Semaphore::new(IN_FLIGHT),
            few_places: Semaphore::new(IN_FLIGHT_THROTTLED),
            pause: Pause::default(),
            refusals: Mutex::default(),
            patience: settings.patience,
        })
    }

    /// Whether a link leads to where commands go: a token goes nowhere else.
    fn is_ours(&self, link: &str) -> bool {
        link.strip_prefix(&self.url).is_some_and(|rest| rest.starts_with('?'))
    }
}

impl Tenant {
    /// The connection. Exchange takes the tenant's id, and of its domains one alone (`exchange.md §1`), so
    /// Graph is asked for the id if the settings have a domain.
    async fn line(&self) -> Result<&Line, OnlineFault> {
        let settings = &self.exchange.settings;
        let open = || async {
            let tenant = match settings.tenant.parse::<Uuid>() {
                Ok(id) => id.to_string(),
                Err(_) => self.organization().await?.id.to_string(),
            };
            Line::open(settings, &tenant)
        };
        self.exchange.line.get_or_try_init(open).await
    }

    /// What the token says.
    pub(super) async fn exchange_token(&self) -> Result<Access, OnlineFault> {
        let line = self.line().await?;
        line.sign_in.access(&line.wire).await
    }

    /// Runs a command of one answer.
    pub(super) async fn run(
        &self,
        command: &Command,
        what: &'static str,
    ) -> Result<Done, OnlineFault> {
        let line = self.line().await?;
        let url = with_select(&line.url, command.select);
        let answer = line.send(command, &url, self.http.shown_waits()).await?;
        Ok(Page::read(&answer, what, command.is_write())?.done)
    }

    /// Runs a command that gives one object.
    pub(super) async fn run_for_one(
        &self,
        command: &Command,
        what: &'static str,
    ) -> Result<Object, OnlineFault> {
        let mut done = self.run(command, what).await?;
        match (done.objects.pop(), done.objects.is_empty()) {
            (Some(one), true) => Ok(one),
            (None, _) => Err(OnlineFault::bad_answer(format!("{what}: the answer is empty"))),
            // An identity that several go by isn't refused by every cmdlet.
            (Some(_), false) => Err(OnlineFault::new(FaultKind::Ambiguous, Outcome::Refused, what)),
        }
    }

    /// Reads a whole list. When it breaks off because a link expired it is read once more from its
    /// beginning.
    pub(super) async fn run_for_all(
        &self,
        command: &Command,
        what: &'static str,
    ) -> Result<Vec<Object>, OnlineFault> {
        let command = command.clone().with("ResultSize", "Unlimited".into());
        match self.pages(&command, what).await {
            Err(fault) if fault.kind == FaultKind::PageExpired => self.pages(&command, what).await,
            other => other,
        }
    }

    async fn pages(
        &self,
        command: &Command,
        what: &'static str,
    ) -> Result<Vec<Object>, OnlineFault> {
        let line = self.line().await?;
        let mut url = with_select(&line.url, command.select);
        let mut all = Vec::new();
        for _ in 0..MOST_PAGES {
            let answer = line.send(command, &url, self.http.shown_waits()).await?;
            let page = Page::read(&answer, what, false)?;
            if page.done.warnings.iter().any(|warning| warning.contains("more results available")) {
                return Err(OnlineFault::bad_answer(format!("{what}: the list was cut")));
            }
            all.extend(page.done.objects);
            match page.next {
                None => return Ok(all),
                Some(next) if next == url || !line.is_ours(&next) => {
                    let why = "the link to the next page leads elsewhere";
                    return Err(OnlineFault::bad_answer(format!("{what}: {why}")));
                }
                Some(next) => url = next,
            }
        }
        Err(OnlineFault::bad_answer(format!("{what}: the list has no end")))
    }
}

fn with_select(url: &str, select: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if !select.is_empty() => {
            parsed.set_query(Some(&format!("$select={select}")));
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

impl Line {
    /// Sends until there is an answer, as long as that is safe and patience lasts.
    async fn send(
        &self,
        command: &Command,
        url: &str,
        waits: &Waits,
    ) -> Result<Answer, OnlineFault> {
        let deadline = Instant::now() + self.patience;
        // The same on every try of one command (`exchange.md §8`).
        let request_id = Uuid::new_v4().to_string();
        let body = command.body();
        let (mut tries, mut is_renewed) = (0, false);
        loop {
            tries += 1;
            let lost = |_| no_answer(false, "the connection was given up".to_owned());
            let place = self.places.acquire().await.map_err(lost)?;
            let narrow = if self.is_throttled() {
                Some(self.few_places.acquire().await.map_err(lost)?)
            } else {
                None
            };
            // Looked at with the place in hand: a pause may have begun while it was waited for.
            self.pause.over(deadline, waits).await.map_err(|_| out_of_patience())?;
            let fault = match self.send_once(command, url, &body, &request_id).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            drop((place, narrow));
            if fault.status == Some(401) && !is_renewed {
                is_renewed = true;
                continue;
            }
            let Some(wait) = wait_before_repeating(command, &fault, tries) else {
                return Err(fault);
            };
            let is_throttled = fault.kind == FaultKind::Throttled;
            let wait = if is_throttled { self.refused(wait) } else { wait };
            let until = Instant::now() + wait;
            if until > deadline {
                return Err(fault);
            }
            if is_throttled {
                // All commands keep it, not only the one that was told.
                self.pause.extend(wait);
            } else {
                waits.sleep_until(until, WaitReason::Unavailable).await;
            }
        }
    }

    fn is_throttled(&self) -> bool {
        let refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.are_recent(Instant::now())
    }

    fn refused(&self, asked: Duration) -> Duration {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).wait(asked)
    }

    async fn send_once(
        &self,
        command: &Command,
        url: &str,
        body: &Value,
        request_id: &str,
    ) -> Result<Answer, OnlineFault> {
        let is_write = command.is_write();
        let bearer = self.sign_in.bearer(&self.wire).await?;
        let headers = [
            ("X-AnchorMailbox", self.anchor.as_str()),
            ("X-CmdletName", command.cmdlet),
            ("X-ResponseFormat", "json"),
            ("X-ClientApplication", "acctsh"),
            ("connection-id", &self.connection_id),
            ("Accept-Language", "en-US"),
            ("Prefer", "odata.maxpagesize=1000"),
        ];
        let out = Outgoing {
            method: Method::POST,
            url: url.to_owned(),
            bearer: Some(&bearer),
            body: Body::Json(body),
            headers: &headers,
            client_request_id: Some(request_id),
            is_write,
        };
        let answer = self.wire.send(out).await?;
        self.judge(answer, is_write, &bearer).await
    }

    async fn judge(
        &self,
        answer: Answer,
        is_write: bool,
        bearer: &Bearer,
    ) -> Result<Answer, OnlineFault> {
        if !(200..300).contains(&answer.status) {
            if answer.status == 401 {
                self.sign_in.reject(bearer).await;
            }
            return Err(refusal::fault(&answer, is_write));
        }
        if answer.is_page {
            let fault = OnlineFault::bad_answer("a page instead of an answer");
            return Err(if is_write { fault.with_outcome(Outcome::Unknown) } else { fault });
        }
        match answer.arrived() {
            Ok(_) => Ok(answer),
            Err(why) => Err(no_answer(is_write, why.to_owned())),
        }
    }
}

/// How long before the command is sent again, if it may be at all.
fn wait_before_repeating(command: &Command, fault: &OnlineFault, tries: u32) -> Option<Duration> {
    if fault.outcome() == Outcome::Unknown && !command.can_repeat {
        return None;
    }
    match (&fault.kind, fault.status) {
        (FaultKind::Throttled, _) | (_, Some(503)) => {
            let first = backoff(Duration::from_secs(1), tries);
            let Some(asked) = fault.retry_after else { return Some(first) };
            let asked = asked.mul_f64(rand::rng().random_range(1.0..=1.05));
            Some(asked.max(backoff(Duration::from_millis(10), tries)))
        }
        (
            FaultKind::TooNew
            | FaultKind::Unavailable
            | FaultKind::Unreachable
            | FaultKind::OutcomeUnknown,
            _,
        ) => (tries < TRIES).then(|| backoff(SOON, tries)),
        _ => None,
    }
}

fn out_of_patience() -> OnlineFault {
    OnlineFault::new(FaultKind::Throttled, Outcome::NotSent, "")
}

/// One answer's content.
struct Page {
    done: Done,
    next: Option<String>,
}

impl Page {
    /// A write may answer with nothing at all (`exchange.md §5`).
    fn read(answer: &Answer, what: &'static str, is_write: bool) -> Result<Self, OnlineFault> {
        let bad = |why: String| {
            let fault = OnlineFault::bad_answer(format!("{what}: {why}"));
            if is_write { fault.with_outcome(Outcome::Unknown) } else { fault }
        };
        let nothing = Done { objects: Vec::new(), warnings: Vec::new() };
        if answer.body().is_empty() && is_write {
            return Ok(Self { done: nothing, next: None });
        }
        let mut body: Value =
            serde_json::from_slice(answer.body()).map_err(|error| bad(error.to_string()))?;
        // A success may hold errors.
        if let Some(error) = body["@adminapi.errors"].as_array().and_then(|errors| errors.first()) {
            return Err(refusal::inside_success(answer, error));
        }
        if body["@adminapi.confirmationmessage"].is_string() {
            return Err(bad("it was only asked about, not done".to_owned()));
        }
        let Value::Array(values) = body["value"].take() else {
            return Err(bad("value is no list".to_owned()));
        };
        let mut objects = Vec::with_capacity(values.len());
        for value in values {
            match value {
                Value::Object(members) => objects.push(Object::of(members, what)),
                // Writes may answer with bare values, which nobody reads.
                _ if is_write => {}
                _ => return Err(bad("it holds something that is no object".to_owned())),
            }
        }
        let warnings = body["@adminapi.warnings"].as_array();
        let warnings = warnings.into_iter().flatten().filter_map(Value::as_str);
        Ok(Self {
            done: Done { objects, warnings: warnings.map(str::to_owned).collect() },
            next: body["@odata.nextLink"].as_str().map(str::to_owned),
        })
    }
}
