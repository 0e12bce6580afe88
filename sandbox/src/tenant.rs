//! The tenant: takes one call after another, each in a transaction of its own, and says what the wire
//! shall carry. Knows no socket; `http.rs` does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hyper::Method;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rusqlite::{Connection, TransactionBehavior};

use crate::batch::{self, Item};
use crate::call::{Call, Content, Reply};
use crate::graph::route::Route;
use crate::graph::{self, Desk, route};
use crate::knobs::faults::{Asked, Faults, Kind};
use crate::options::{Lag, Options};
use crate::refusal::Refusal;
use crate::throttle::{Throttle, cost, too_many_requests, with_retry_after};
use crate::{clock, discovery, exchange, login, state, token};

/// What the wire shall carry.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Reply, Delivery),
    /// The connection ends without a byte of an answer.
    Cut,
}

/// How an answer's body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delivery {
    Whole,
    /// In small pieces over that time.
    Slow(Duration),
    /// Its first half, then the connection ends.
    Half,
}

/// A server's view of the tenant.
pub(crate) struct Tenant {
    pub(crate) state: Connection,
    pub(crate) faults: Faults,
    pub(crate) latency: Duration,
    pub(crate) throttle: Option<Throttle>,
    /// Requests answered, by method and the shape of their path.
    pub(crate) served: BTreeMap<String, u64>,
    lag: Lag,
    lags: StdRng,
    token_lifetime: i64,
}

impl Tenant {
    pub(crate) fn open(options: &Options) -> Result<Self, crate::options::Error> {
        let mut tenant = Self {
            state: state::open(&options.state)?,
            faults: Faults::default(),
            latency: options.latency,
            throttle: options.throttle.then_some(Throttle { time_scale: options.time_scale }),
            served: BTreeMap::new(),
            lag: Lag::Off,
            lags: StdRng::seed_from_u64(0),
            token_lifetime: i64::try_from(options.token_lifetime.as_secs()).unwrap_or(i64::MAX / 2),
        };
        tenant.set_lag(options.lag);
        if let Some(delay) = options.mailbox_delay {
            exchange::delay_mailboxes(&tenant.state, delay)
                .map_err(|refusal| crate::options::Error::Seed { detail: refusal.message })?;
        }
        Ok(tenant)
    }

    /// From now on, others see what was written that much later.
    pub(crate) fn set_lag(&mut self, lag: Lag) {
        self.lag = lag;
        if let Lag::Random { seed, .. } = lag {
            self.lags = StdRng::seed_from_u64(seed);
        }
    }

    /// Answers one call to the login host or to Graph, unless a fault was ordered for it.
    pub(crate) fn answer(&mut self, call: &Call) -> Outcome {
        self.answer_unless_struck(call, None)
    }

    /// The tenant's time, as the header `Date` has it: its clock may run ahead of the machine's.
    pub(crate) fn date(&self) -> Option<String> {
        clock::now(&self.state).ok().map(clock::Moment::for_http)
    }

    fn answer_unless_struck(&mut self, call: &Call, place: Option<(usize, usize)>) -> Outcome {
        let path = exchange::path_with_cmdlet(call);
        let asked = Asked { method: &call.method, path: &path, body: &call.body, place };
        match self.faults.strike(&asked) {
            None => self.serve(call),
            Some(kind) => self.fail(call, &kind),
        }
    }

    fn fail(&mut self, call: &Call, kind: &Kind) -> Outcome {
        let refused = |refusal| Outcome::Answer(finished(call, Err(refusal)), Delivery::Whole);
        match *kind {
            Kind::CutBefore => Outcome::Cut,
            Kind::CutAfter => {
                self.serve(call);
                Outcome::Cut
            }
            Kind::TooManyRequests { retry_after } => refused(too_many_requests(retry_after)),
            Kind::ServiceUnavailable { retry_after } => {
                refused(with_retry_after(Refusal::unavailable(), retry_after))
            }
            Kind::ServerError { took_effect } => {
                if took_effect {
                    self.serve(call);
                }
                refused(Refusal::internal("Something went wrong inside the service."))
            }
            Kind::GatewayTimeout { took_effect } => {
                if took_effect {
                    self.serve(call);
                }
                refused(Refusal::new(504, "GatewayTimeout", "The service did not answer in time."))
            }
            Kind::Refused => refused(Refusal::new(
                400,
                "Request_BadRequest",
                "The service does not do this for this object.",
            )),
            Kind::Conflict => refused(Refusal::concurrent_writes()),
            Kind::Html { status } => {
                let page = "<html><head><title>Bad gateway</title></head><body>The upstream server sent no valid answer.</body></html>";
                let content = Content::Html(page.to_owned());
                Outcome::Answer(Reply { status, headers: Vec::new(), content }, Delivery::Whole)
            }
            Kind::SlowBody { millis } => {
                self.serve(call).delivered(Delivery::Slow(Duration::from_millis(millis)))
            }
            Kind::HalfBody => self.serve(call).delivered(Delivery::Half),
            Kind::ExpireTokens => match token::expire_all(&self.state) {
                Ok(()) => self.serve(call),
                Err(refusal) => refused(refusal),
            },
        }
    }

    fn serve(&mut self, call: &Call) -> Outcome {
        if let Some(tenant) = login::tenant_of(&call.path) {
            self.note("token");
            let answer = login::answer(&self.state, call, tenant, self.token_lifetime);
            return Outcome::Answer(finished(call, answer), Delivery::Whole);
        }
        if let Some(tenant) = discovery::tenant_of(&call.path) {
            let answer = discovery::answer(&self.state, call, tenant);
            return Outcome::Answer(finished(call, answer), Delivery::Whole);
        }
        if exchange::is_for(&call.path) {
            let lag = self.next_lag();
            self.note(&format!("{} {}", call.method, exchange::shape(call)));
            let reply = exchange::answer(&mut self.state, call, lag, self.throttle);
            return Outcome::Answer(reply, Delivery::Whole);
        }
        let answer = match self.route(call) {
            Ok(Route::Batch) => match self.open_batch(call) {
                Ok(items) => return self.run_batch(call, &items),
                Err(refusal) => Err(refusal),
            },
            Ok(route) => self.operate(call, &route),
            Err(refusal) => Err(refusal),
        };
        Outcome::Answer(finished(call, answer), Delivery::Whole)
    }

    fn note(&mut self, kind: &str) {
        match self.served.get_mut(kind) {
            Some(count) => *count += 1,
            None => {
                self.served.insert(kind.to_owned(), 1);
            }
        }
    }

    /// What the path means; who isn't signed in learns nothing about it.
    fn route(&self, call: &Call) -> Result<Route, Refusal> {
        let path = call.path.strip_prefix("/v1.0").filter(|rest| rest.starts_with('/'));
        let path = path.ok_or_else(|| {
            let first = call.path.split('/').nth(1).unwrap_or_default();
            Refusal::malformed_url(format!("Invalid version: {first}"))
        })?;
        route::find(path).or_else(|refusal| {
            token::judge(&self.state, call.header("Authorization"), clock::now(&self.state)?)?;
            Err(refusal)
        })
    }

    fn next_lag(&mut self) -> i64 {
        let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match self.lag {
            Lag::Off => 0,
            Lag::Fixed(time) => millis(time),
            Lag::Random { max, .. } => self.lags.random_range(0..=millis(max)),
        }
    }

    /// One transaction: the quota is spent in any case, what the request wrote is kept only if it was
    /// not refused.
    fn operate(&mut self, call: &Call, route: &Route) -> Result<Reply, Refusal> {
        self.note(&format!("{} {}", call.method, route.shape()));
        let reads_only =
            call.method == Method::GET && self.throttle.is_none() && !route.expires_deleted();
        let lag = if call.method == Method::GET { 0 } else { self.next_lag() };
        // Reads don't wait for another server's write.
        let behavior =
            if reads_only { TransactionBehavior::Deferred } else { TransactionBehavior::Immediate };
        let mut transaction = self.state.transaction_with_behavior(behavior)?;
        let now = clock::now(&transaction)?;
        let granted = token::judge(&transaction, call.header("Authorization"), now)?;
        if route.expires_deleted() {
            graph::expire_deleted(&transaction, now)?;
        }
        let cost = cost(call, route);
        let mut headers = vec![("x-ms-resource-unit", cost.units.to_string())];
        let spent = match self.throttle {
            Some(throttle) => throttle.spend(&transaction, cost, clock::machine().as_seconds()),
            None => Ok(None),
        };
        let answer = match spent {
            Err(refusal) => Err(refusal),
            Ok(used) => {
                let used =
                    used.map(|used| ("x-ms-throttle-limit-percentage", format!("{used:.2}")));
                headers.extend(used);
                let savepoint = transaction.savepoint()?;
                let desk = Desk { state: &savepoint, call, now, granted: &granted, lag };
                match graph::operate(&desk, route) {
                    Ok(reply) => savepoint.commit().map(|()| reply).map_err(Refusal::from),
                    Err(refusal) => Err(refusal),
                }
            }
        };
        transaction.commit()?;
        let with_headers = |given: &mut Vec<(&'static str, String)>| given.extend(headers);
        match answer {
            Ok(mut reply) => {
                with_headers(&mut reply.headers);
                Ok(reply)
            }
            Err(mut refusal) => {
                with_headers(&mut refusal.headers);
                Err(refusal)
            }
        }
    }

    fn open_batch(&mut self, call: &Call) -> Result<Vec<Item>, Refusal> {
        self.note("POST /$batch");
        token::judge(&self.state, call.header("Authorization"), clock::now(&self.state)?)?;
        if call.method != Method::POST {
            return Err(Refusal::method_not_allowed());
        }
        batch::parse(call)
    }

    /// Runs the items in any order that their dependencies allow; each is a request of its own.
    fn run_batch(&mut self, call: &Call, items: &[Item]) -> Outcome {
        let mut done = BTreeSet::new();
        let mut failed = BTreeSet::new();
        let mut writers: Vec<(String, usize)> = Vec::new();
        let mut answers = Vec::new();
        let mut slowest = Delivery::Whole;
        while done.len() < items.len() {
            let mut ready = batch::ready(items, &done);
            ready.shuffle(&mut rand::rng());
            for at in ready {
                let Some(item) = items.get(at) else { continue };
                let clashes = batch::written(item).is_some_and(|object| {
                    let other = writers.iter().any(|(written, writer)| {
                        *written == object && !batch::follows(items, at, *writer)
                    });
                    writers.push((object, at));
                    other
                });
                let outcome = if !item.after.is_disjoint(&failed) {
                    let refusal = Refusal::new(424, "FailedDependency", "Failed dependency.");
                    Outcome::Answer(finished(&item.call, Err(refusal)), Delivery::Whole)
                } else if clashes {
                    let refusal = Refusal::concurrent_writes();
                    Outcome::Answer(finished(&item.call, Err(refusal)), Delivery::Whole)
                } else {
                    self.answer_item(item, (at + 1, items.len()))
                };
                let Outcome::Answer(reply, delivery) = outcome else { return Outcome::Cut };
                slowest = slowest.max(delivery);
                if reply.status >= 400 {
                    failed.insert(at);
                }
                answers.push((item.id.clone(), reply));
                done.insert(at);
            }
        }
        Outcome::Answer(finished(call, Ok(batch::compose(answers))), slowest)
    }

    fn answer_item(&mut self, item: &Item, place: (usize, usize)) -> Outcome {
        match self.route(&item.call) {
            Ok(Route::Batch) => {
                let refusal = Refusal::malformed_url("A batch can't hold a batch.");
                Outcome::Answer(finished(&item.call, Err(refusal)), Delivery::Whole)
            }
            _ => self.answer_unless_struck(&item.call, Some(place)),
        }
    }
}

impl Outcome {
    fn delivered(self, delivery: Delivery) -> Self {
        match self {
            Self::Answer(reply, _) => Self::Answer(reply, delivery),
            Self::Cut => Self::Cut,
        }
    }
}

/// The answer with the headers that every answer has.
fn finished(call: &Call, answer: Result<Reply, Refusal>) -> Reply {
    let mut reply = answer.unwrap_or_else(|refusal| Reply::refused(call, refusal));
    reply.headers.push(("request-id", call.request_id.to_string()));
    reply.headers.push(("client-request-id", call.client_request_id()));
    reply.headers.push(("Cache-Control", "no-cache".to_owned()));
    reply
}
