//! The tenant: takes one call after another, each in a transaction of its own, and says what the wire
//! shall carry. Knows no socket; `http.rs` does.

use std::collections::BTreeMap;

use hyper::Method;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use rusqlite::{Connection, TransactionBehavior};

use crate::call::{Call, Reply};
use crate::clock;
use crate::graph::{self, Desk, route};
use crate::knobs::faults::{Faults, Kind};
use crate::options::{Lag, Options};
use crate::refusal::Refusal;
use crate::{login, state, token};

/// What the wire shall carry.
#[derive(Debug)]
pub(crate) enum Outcome {
    Answer(Reply),
    /// The connection ends without a byte of an answer.
    Cut,
}

/// A server's view of the tenant.
pub(crate) struct Tenant {
    pub(crate) state: Connection,
    pub(crate) faults: Faults,
    pub(crate) latency: std::time::Duration,
    lag: Lag,
    lags: StdRng,
    token_lifetime: i64,
    /// Requests answered, by method and the shape of their path.
    pub(crate) served: BTreeMap<String, u64>,
}

impl Tenant {
    pub(crate) fn open(options: &Options) -> Result<Self, crate::options::Error> {
        let mut tenant = Self {
            state: state::open(&options.state)?,
            faults: Faults::default(),
            latency: options.latency,
            lag: Lag::Off,
            lags: StdRng::seed_from_u64(0),
            token_lifetime: i64::try_from(options.token_lifetime.as_secs()).unwrap_or(i64::MAX / 2),
            served: BTreeMap::new(),
        };
        tenant.set_lag(options.lag);
        Ok(tenant)
    }

    /// Answers one call to the login host or to Graph.
    pub(crate) fn answer(&mut self, call: &Call) -> Outcome {
        let fault = self.faults.strike(&call.method, &call.path);
        match fault {
            None => Outcome::Answer(self.serve(call)),
            Some(Kind::CutBefore) => Outcome::Cut,
            Some(Kind::CutAfter) => {
                self.serve(call);
                Outcome::Cut
            }
        }
    }

    fn serve(&mut self, call: &Call) -> Reply {
        let mut reply =
            self.try_serve(call).unwrap_or_else(|refusal| Reply::refused(call, refusal));
        reply.headers.push(("request-id", call.request_id.to_string()));
        reply.headers.push(("client-request-id", call.client_request_id()));
        reply.headers.push(("Cache-Control", "no-cache".to_owned()));
        reply
    }

    fn try_serve(&mut self, call: &Call) -> Result<Reply, Refusal> {
        if let Some(tenant) = login::tenant_of(&call.path) {
            *self.served.entry("token".to_owned()).or_default() += 1;
            return login::answer(&self.state, call, tenant, self.token_lifetime);
        }
        let path = call.path.strip_prefix("/v1.0").filter(|rest| rest.starts_with('/'));
        let path = path.ok_or_else(|| {
            let first = call.path.split('/').nth(1).unwrap_or_default();
            Refusal::malformed_url(format!("Invalid version: {first}"))
        })?;
        self.graph(call, path)
    }

    /// From now on, others see what was written that much later.
    pub(crate) fn set_lag(&mut self, lag: Lag) {
        self.lag = lag;
        if let Lag::Random { seed, .. } = lag {
            self.lags = StdRng::seed_from_u64(seed);
        }
    }

    fn next_lag(&mut self) -> i64 {
        let millis =
            |time: std::time::Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        match self.lag {
            Lag::Off => 0,
            Lag::Fixed(time) => millis(time),
            Lag::Random { max, .. } => self.lags.random_range(0..=millis(max)),
        }
    }

    fn graph(&mut self, call: &Call, path: &str) -> Result<Reply, Refusal> {
        let lag = if call.method == Method::GET { 0 } else { self.next_lag() };
        // Reads don't wait for another server's write.
        let behavior =
            if call.method == Method::GET && !path.to_ascii_lowercase().contains("deleteditems") {
                TransactionBehavior::Deferred
            } else {
                TransactionBehavior::Immediate
            };
        let transaction = self.state.transaction_with_behavior(behavior)?;
        let now = clock::now(&transaction)?;
        let granted = token::judge(&transaction, call.header("Authorization"), now)?;
        let route = route::find(path)?;
        let kind = format!("{} {}", call.method, route.shape());
        let desk = Desk { state: &transaction, call, now, granted: &granted, lag };
        let answer = graph::operate(&desk, &route);
        let kept = match answer {
            Ok(reply) => transaction.commit().map(|()| reply).map_err(Refusal::from),
            Err(refusal) => Err(refusal),
        };
        *self.served.entry(kind).or_default() += 1;
        kept
    }
}
