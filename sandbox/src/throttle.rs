//! Graph's quotas (`graph.md` §13): token buckets of resource units and of writes, for the one app in
//! the one tenant. They are kept in the state file, so that all servers on it spend from the same.

use hyper::Method;
use rusqlite::{Connection, OptionalExtension, params};

use crate::call::{Call, decode};
use crate::graph::route::Route;
use crate::refusal::Refusal;
use crate::{CLIENT_ID, TENANT_ID};

/// What a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) units: u32,
    pub(crate) writes: u32,
}

/// The cost of a request by path, method and query.
pub(crate) fn cost(call: &Call, route: &Route) -> Cost {
    if call.method != Method::GET {
        return Cost { units: 1, writes: 1 };
    }
    let base: u32 = match route {
        Route::SubscribedSkus => 3,
        Route::Users | Route::LicenseDetails(_) => 2,
        _ => 1,
    };
    let option = |wanted: &str| {
        call.query.split('&').filter_map(|pair| pair.split_once('=')).find_map(|(name, value)| {
            decode(name).is_ok_and(|name| name.eq_ignore_ascii_case(wanted)).then_some(value)
        })
    };
    let small = option("$top").and_then(|top| top.parse::<u32>().ok()).is_some_and(|top| top < 20);
    let saved = u32::from(option("$select").is_some()) + u32::from(small);
    Cost { units: base.saturating_sub(saved).max(1), writes: 0 }
}

/// One bucket: so much at most, filling up so fast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    pub(crate) name: &'static str,
    pub(crate) capacity: f64,
    pub(crate) per_second: f64,
    /// As `x-ms-throttle-scope` and `x-ms-throttle-information` name it.
    pub(crate) limit: &'static str,
    pub(crate) information: &'static str,
}

/// What drawing from a bucket came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    /// What is in it now; refused requests count too.
    pub(crate) left: f64,
    /// Real seconds until it would have been enough, if it wasn't.
    pub(crate) wait: Option<f64>,
}

/// 3,000 writes in 150 s.
const WRITES: Bucket = Bucket {
    name: "writes",
    capacity: 3000.0,
    per_second: 20.0,
    limit: "Write",
    information: "WriteLimitExceeded",
};

/// Resource units by the size of the tenant, per 10 s.
fn units(state: &Connection) -> Result<Bucket, Refusal> {
    let users: i64 = state
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM users WHERE deleted_at IS NULL LIMIT 501)",
        )?
        .query_row([], |row| row.get(0))?;
    let capacity = match users {
        ..50 => 3500.0,
        50..=500 => 5000.0,
        _ => 8000.0,
    };
    Ok(Bucket {
        name: "units",
        capacity,
        per_second: capacity / 10.0,
        limit: "ReadWrite",
        information: "ResourceUnitLimitExceeded",
    })
}

/// Refused requests count too, but no deeper than this share of the bucket below nothing.
const DEEPEST: f64 = 0.01;

/// A throttle whose clock runs `time_scale` times faster than the machine's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Throttle {
    pub(crate) time_scale: f64,
}

impl Throttle {
    /// Spends the cost, or refuses with 429; gives `x-ms-throttle-limit-percentage` from 0.8 on.
    ///
    /// `now` is the machine's time in seconds.
    pub(crate) fn spend(
        self,
        state: &Connection,
        cost: Cost,
        now: f64,
    ) -> Result<Option<f64>, Refusal> {
        let now = now * self.time_scale;
        let mut used = self.draw(state, units(state)?, cost.units, now)?;
        if cost.writes > 0 {
            used = used.max(self.draw(state, WRITES, cost.writes, now)?);
        }
        Ok((used >= 0.8).then_some(used.min(1.8)))
    }

    /// Draws from one of Graph's buckets; how much of it is used.
    fn draw(
        self,
        state: &Connection,
        bucket: Bucket,
        amount: u32,
        now: f64,
    ) -> Result<f64, Refusal> {
        let drawn = self.take(state, bucket, amount, now)?;
        let used = 1.0 - drawn.left / bucket.capacity;
        if drawn.wait.is_none() {
            return Ok(used);
        }
        Err(too_many_requests(drawn.wait)
            .with_header("x-ms-throttle-limit-percentage", format!("{:.2}", used.clamp(1.0, 1.8)))
            .with_header(
                "x-ms-throttle-scope",
                format!("Tenant_Application/{}/{CLIENT_ID}/{TENANT_ID}", bucket.limit),
            )
            .with_header("x-ms-throttle-information", bucket.information))
    }

    /// Draws from any bucket; `now` is in seconds of the throttle's clock.
    pub(crate) fn take(
        self,
        state: &Connection,
        bucket: Bucket,
        amount: u32,
        now: f64,
    ) -> Result<Drawn, Refusal> {
        let kept: Option<(f64, f64)> = state
            .prepare_cached("SELECT level, at FROM buckets WHERE name = ?1")?
            .query_row([bucket.name], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let amount = f64::from(amount);
        let (level, at) = kept.unwrap_or((bucket.capacity, now));
        let level = (level + (now - at).max(0.0) * bucket.per_second).min(bucket.capacity);
        let left = (level - amount).max(-bucket.capacity * DEEPEST);
        state
            .prepare_cached(
                "INSERT INTO buckets (name, level, at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (name) DO UPDATE SET level = excluded.level, at = excluded.at",
            )?
            .execute(params![bucket.name, left, now.max(at)])?;
        let wait = (amount - left) / bucket.per_second;
        Ok(Drawn { left, wait: (level < amount).then(|| self.in_real_seconds(wait)) })
    }

    /// Whole seconds as the service sends them, unless time runs faster than that.
    fn in_real_seconds(self, wait: f64) -> f64 {
        let whole = wait.ceil().max(1.0);
        (whole / self.time_scale * 1000.0).ceil() / 1000.0
    }
}

/// 429, with `Retry-After` where one is known.
pub(crate) fn too_many_requests(retry_after: Option<f64>) -> Refusal {
    with_retry_after(Refusal::new(429, "TooManyRequests", "Please retry again later."), retry_after)
}

/// Adds `Retry-After`, in seconds that may have decimals.
pub(crate) fn with_retry_after(refusal: Refusal, seconds: Option<f64>) -> Refusal {
    match seconds {
        Some(seconds) => refusal.with_header("Retry-After", seconds.to_string()),
        None => refusal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_whole_seconds_unless_time_is_scaled() {
        assert!((Throttle { time_scale: 1.0 }.in_real_seconds(0.3) - 1.0).abs() < f64::EPSILON);
        assert!((Throttle { time_scale: 100.0 }.in_real_seconds(2.5) - 0.03).abs() < f64::EPSILON);
    }
}
