//! Faults to order at `/sandbox/faults`: what goes wrong, for which requests, when.
//!
//! `POST` takes one order or a list of them, `GET` shows those not yet carried out, `DELETE` drops them.
//! Items of a batch count as requests. Orders are of this server; they don't reach others on the file.
//!
//! ```json
//! { "kind": "cut_after", "method": "POST", "path": "/v1.0/users" }
//! { "kind": "too_many_requests", "retry_after": 2, "path": "/v1.0/**", "skip": 5, "times": 3 }
//! { "kind": "service_unavailable", "path": "/v1.0/**", "rate": 0.2, "seed": 7 }
//! { "kind": "server_error", "method": "POST", "path": "/v1.0/users", "skip": 3, "victims": 1 }
//! { "kind": "refused", "method": "POST", "path": "/v1.0/users", "item": 3, "of": 20 }
//! { "script": [null, { "kind": "cut_before" }, { "kind": "html" }], "path": "/v1.0/users/*" }
//! ```

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashSet, VecDeque};
use std::hash::{Hash as _, Hasher as _};

use hyper::Method;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The connection ends before the request took effect.
    CutBefore,
    /// The connection ends after the request took effect and before the answer.
    CutAfter,
    /// 429, with `Retry-After` (seconds) where one is given.
    TooManyRequests { retry_after: Option<f64> },
    /// 503, with `Retry-After` (seconds) where one is given.
    ServiceUnavailable { retry_after: Option<f64> },
    /// 500; with `took_effect` after the request did.
    ServerError {
        #[serde(default)]
        took_effect: bool,
    },
    /// 504; with `took_effect` after the request did.
    GatewayTimeout {
        #[serde(default)]
        took_effect: bool,
    },
    /// 409 `Directory_ConcurrencyViolation`.
    Conflict,
    /// 400 with a text that nobody knows: for good.
    Refused,
    /// A proxy's page instead of JSON.
    Html {
        #[serde(default = "bad_gateway")]
        status: u16,
    },
    /// The answer's body takes that long to come.
    SlowBody { millis: u64 },
    /// The answer breaks off in the middle of its body.
    HalfBody,
    /// Every token issued so far counts as expired from this request on.
    ExpireTokens,
}

fn bad_gateway() -> u16 {
    502
}

/// An order as it is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The same fault each time.
    #[serde(flatten)]
    kind: Option<Kind>,
    /// Or one fault after another, null for a request that is let through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    script: Option<VecDeque<Option<Kind>>>,
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Only requests to such paths: `*` stands for one segment, a last `**` for any number.
    #[serde(default = "anywhere")]
    path: String,
    /// Only as that item of a batch, the first being 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    item: Option<usize>,
    /// Only in a batch of so many items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<usize>,
    /// How many matching requests are let through first.
    #[serde(default)]
    skip: u32,
    /// How many matching requests are struck: 1, or with a rate or victims no end, unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    /// How many different requests are struck at most. One that comes again, with the same path and
    /// body, is the same: it is struck each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    victims: Option<usize>,
    /// The share of matching requests that is struck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    /// Seed of the rate's dice.
    #[serde(default)]
    seed: u64,
}

fn anywhere() -> String {
    "/**".to_owned()
}

impl Order {
    fn check(&self) -> Result<(), Refusal> {
        let misread = |text: &str| Err(Refusal::new(400, "SandboxKnobMisread", text));
        if self.kind.is_some() == self.script.is_some() {
            return misread("an order has a kind or a script");
        }
        if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return misread("a rate lies between 0 and 1");
        }
        Ok(())
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        let method = asked.method.as_str();
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.item.is_none_or(|wanted| asked.place.is_some_and(|(item, _)| item == wanted))
            && self.of.is_none_or(|wanted| asked.place.is_some_and(|(_, items)| items == wanted))
            && path_matches(&self.path, asked.path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/').filter(|piece| !piece.is_empty());
    for piece in pattern.split('/').filter(|piece| !piece.is_empty()) {
        if piece == "**" {
            return true;
        }
        match path.next() {
            Some(given) if piece == "*" || piece.eq_ignore_ascii_case(given) => {}
            _ => return false,
        }
    }
    path.next().is_none()
}

/// An order that is being carried out.
#[derive(Debug)]
struct Pending {
    order: Order,
    dice: StdRng,
    /// Those who were chosen, where only so many may be.
    victims: HashSet<u64>,
}

impl Pending {
    /// What happens to the next matching request, whose path and body are `request`.
    fn next(&mut self, request: u64) -> Option<Kind> {
        let order = &mut self.order;
        if let Some(most) = order.victims {
            if self.victims.contains(&request) {
                return self.strikes();
            }
            if self.victims.len() == most {
                return None;
            }
        }
        if order.skip > 0 {
            order.skip -= 1;
            return None;
        }
        if let Some(script) = &mut order.script {
            return script.pop_front().flatten();
        }
        if order.rate.is_some_and(|rate| !self.dice.random_bool(rate)) {
            return None;
        }
        if order.victims.is_some() {
            self.victims.insert(request);
        }
        self.strikes()
    }

    fn strikes(&mut self) -> Option<Kind> {
        let order = &mut self.order;
        let is_endless = order.rate.is_some() || order.victims.is_some();
        let left = order.times.or((!is_endless).then_some(1));
        order.times = left.map(|left| left.saturating_sub(1));
        order.kind.clone()
    }

    fn is_done(&self) -> bool {
        self.order.times == Some(0) || self.order.script.as_ref().is_some_and(VecDeque::is_empty)
    }
}

/// A request, as far as it matters to orders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
    /// Which item of a batch it is, the first being 1, and of how many.
    pub(crate) place: Option<(usize, usize)>,
}

/// The orders not yet carried out, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Vec<Pending>,
}

impl Faults {
    pub(crate) fn order(&mut self, order: Order) -> Result<(), Refusal> {
        order.check()?;
        let dice = StdRng::seed_from_u64(order.seed);
        self.pending.push(Pending { order, dice, victims: HashSet::new() });
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn pending(&self) -> Vec<&Order> {
        self.pending.iter().map(|pending| &pending.order).collect()
    }

    /// What goes wrong with this request, if anything.
    pub(crate) fn strike(&mut self, asked: &Asked<'_>) -> Option<Kind> {
        let mut request = DefaultHasher::new();
        (asked.path, asked.body).hash(&mut request);
        let request = request.finish();
        let struck = self
            .pending
            .iter_mut()
            .filter(|pending| pending.order.concerns(asked))
            .find_map(|pending| pending.next(request));
        self.pending.retain(|pending| !pending.is_done());
        struck
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(body: &[u8], place: Option<(usize, usize)>) -> Asked<'_> {
        Asked { method: &Method::POST, path: "/x", body, place }
    }

    #[test]
    fn only_that_item_of_a_batch_is_struck() {
        let mut faults = Faults::default();
        let order = serde_json::json!({ "kind": "refused", "item": 3, "of": 20 });
        faults.order(serde_json::from_value(order).unwrap()).unwrap();
        let places = [None, Some((1, 20)), Some((3, 19)), Some((3, 20)), Some((3, 20))];
        let struck = places.map(|place| faults.strike(&asked(b"", place)).is_some());
        assert_eq!(struck, [false, false, false, true, false]);
    }

    #[test]
    fn a_star_is_one_segment_and_two_are_any_number() {
        assert!(path_matches("/v1.0/users/*/assignLicense", "/v1.0/users/x/assignlicense"));
        assert!(!path_matches("/v1.0/users/*", "/v1.0/users/x/assignLicense"));
        assert!(path_matches("/v1.0/**", "/v1.0/users/x"));
        assert!(path_matches("/**", "/"));
    }

    #[test]
    fn the_same_seed_strikes_the_same_requests() {
        let struck = || {
            let mut faults = Faults::default();
            let order = serde_json::json!({ "kind": "conflict", "rate": 0.2, "seed": 7 });
            faults.order(serde_json::from_value(order).unwrap()).unwrap();
            (0..1000).filter(|_| faults.strike(&asked(b"", None)).is_some()).collect::<Vec<_>>()
        };
        let first = struck();
        assert_eq!(first, struck());
        assert!((150..250).contains(&first.len()), "{}", first.len());
    }

    #[test]
    fn victims_are_struck_each_time_they_come_and_nobody_else() {
        let mut faults = Faults::default();
        let order = serde_json::json!({ "kind": "conflict", "skip": 1, "victims": 1 });
        faults.order(serde_json::from_value(order).unwrap()).unwrap();
        let mut is_struck = |body: &[u8]| faults.strike(&asked(body, None)).is_some();
        let requests: [&[u8]; 6] = [b"1", b"2", b"3", b"2", b"1", b"2"];
        assert_eq!(requests.map(&mut is_struck), [false, true, false, true, false, true]);
    }

    #[test]
    fn a_script_is_played_once() {
        let mut faults = Faults::default();
        let order = serde_json::json!({ "script": [null, { "kind": "conflict" }] });
        faults.order(serde_json::from_value(order).unwrap()).unwrap();
        let mut strike = || faults.strike(&asked(b"", None));
        assert_eq!((strike(), strike(), strike()), (None, Some(Kind::Conflict), None));
    }
}
