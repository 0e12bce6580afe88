//! The tenant's quota, spent here before a request is sent, so that all of it is used and the tenant
//! never has to refuse (`graph.md §13`).
//!
//! Two token buckets: writes and resource units. The tenant's own view of them counts: what it tells
//! (how much is used, or a refusal) is taken over when it is less than what we reckoned, because
//! others may spend from the same quota.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::time::Instant;

use super::cost::Cost;
use super::waits::{WaitReason, Waits};
use crate::online::TenantQuota;

/// Resource units per 10 s by the number of accounts: below 50, to 500, above (`graph.md §13`).
const SMALL: NonZeroU32 = NonZeroU32::new(3_500).unwrap();
const MEDIUM: NonZeroU32 = NonZeroU32::new(5_000).unwrap();
const LARGE: NonZeroU32 = NonZeroU32::new(8_000).unwrap();

/// The share of a bucket that is left alone: a request spends here some moments before the tenant
/// counts it, and until then our bucket fills up faster than the tenant's.
const MARGIN: u32 = 200;

/// From this share on the tenant tells how much of the quota is used.
const TOLD_FROM: f64 = 0.8;

/// Spends the quota of one tenant; without one it lets everything pass.
pub(super) struct Budget(Option<Buckets>);

struct Buckets {
    writes: Bucket,
    units: Mutex<Arc<Bucket>>,
    /// How many times faster than real time the quota's clock runs, unless the units are fixed.
    grows: Option<f64>,
    /// Whether the tenant refused something since the last pause because of its quota.
    is_used_up: AtomicBool,
}

impl Budget {
    pub(super) fn new(quota: Option<TenantQuota>) -> Self {
        Self(quota.map(|quota| {
            let scale = quota.time_scale;
            let units = quota.resource_units_per_10s;
            Buckets {
                writes: Bucket::new(quota.writes_per_150s, Duration::from_secs(150), scale),
                units: Mutex::new(Arc::new(Bucket::of_units(units.unwrap_or(SMALL), scale))),
                grows: units.is_none().then_some(scale),
                is_used_up: AtomicBool::new(false),
            }
        }))
    }

    /// Spends the cost, waiting for it if need be. Gives how long it would take if that is later
    /// than the deadline; then nothing is waited for.
    pub(super) async fn spend(
        &self,
        cost: Cost,
        deadline: Instant,
        waits: &Waits,
    ) -> Result<(), Duration> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        buckets.writes.spend(cost.writes, deadline, waits).await?;
        buckets.units().spend(cost.units, deadline, waits).await
    }

    /// Spends the cost if that is possible at once.
    pub(super) fn try_spend(&self, cost: Cost) -> bool {
        let Some(buckets) = &self.0 else { return true };
        // Writes first: they are the scarce ones, so that in vain no units are spent.
        buckets.writes.take(cost.writes).is_ok() && buckets.units().take(cost.units).is_ok()
    }

    /// Takes over what the tenant says of its quota after a request of that cost: which share is
    /// used, 1 and more if it refuses.
    pub(super) fn told(&self, cost: Cost, used: f64) {
        if used < TOLD_FROM {
            return;
        }
        let Some(buckets) = &self.0 else { return };
        // Which of the two it speaks of isn't said, only that it is the fuller one; for a write that
        // nearly always is the writes.
        let left = (1.0 - used).max(0.0);
        if cost.writes > 0 {
            buckets.writes.leave(left);
        } else {
            buckets.units().leave(left);
        }
        if used >= 1.0 {
            buckets.is_used_up.store(true, Ordering::SeqCst);
        }
    }

    /// After a pause that the tenant asked for because its quota was used up, nothing is left of it:
    /// what we reckon to have come back meanwhile went to making good what was overspent.
    pub(super) fn after_pause(&self) {
        if let Some(buckets) = &self.0
            && buckets.is_used_up.swap(false, Ordering::SeqCst)
        {
            buckets.writes.leave(0.0);
        }
    }

    /// Takes over how many accounts the tenant has: a larger tenant has a larger quota.
    pub(super) fn tenant_has(&self, accounts: u64) {
        let Some(buckets) = &self.0 else { return };
        let Some(scale) = buckets.grows else { return };
        let size = match accounts {
            ..50 => SMALL,
            50..=500 => MEDIUM,
            _ => LARGE,
        };
        let mut units = buckets.units.lock().unwrap_or_else(PoisonError::into_inner);
        let larger = Bucket::of_units(size, scale);
        if larger.most > units.most {
            larger.drain(units.used());
            *units = Arc::new(larger);
        }
    }
}

impl Buckets {
    fn units(&self) -> Arc<Bucket> {
        Arc::clone(&self.units.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// One bucket.
struct Bucket {
    limiter: Limiter,
    clock: DefaultClock,
    most: NonZeroU32,
    /// How long one takes to come back.
    each: Duration,
    /// How much was left when something was last taken. The limiter itself tells it only to those
    /// who take, and looking must cost nothing.
    left: Mutex<(Instant, u32)>,
    /// Held by whoever waits for a token, so that they get them in the order they came.
    turn: tokio::sync::Mutex<()>,
}

impl Bucket {
    fn of_units(per_10s: NonZeroU32, scale: f64) -> Self {
        Self::new(per_10s, Duration::from_secs(10), scale)
    }

    fn new(amount: NonZeroU32, time: Duration, scale: f64) -> Self {
        let each = time.div_f64(f64::from(amount.get()) * scale).max(Duration::from_nanos(1));
        let most = amount.get() - amount.get() / MARGIN;
        let most = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(each).unwrap_or(Quota::per_second(amount));
        let clock = DefaultClock::default();
        let limiter = RateLimiter::direct_with_clock(quota.allow_burst(most), clock.clone())
            .with_middleware::<StateInformationMiddleware>();
        let left = Mutex::new((Instant::now(), most.get()));
        Self { limiter, clock, most, each, left, turn: tokio::sync::Mutex::default() }
    }

    async fn spend(&self, amount: u32, deadline: Instant, waits: &Waits) -> Result<(), Duration> {
        if amount == 0 {
            return Ok(());
        }
        let Ok(_turn) = tokio::time::timeout_at(deadline, self.turn.lock()).await else {
            return Err(Duration::ZERO);
        };
        while let Err(wait) = self.take(amount) {
            if Instant::now() + wait > deadline {
                return Err(wait);
            }
            waits.sleep_until(Instant::now() + wait, WaitReason::QuotaSpent).await;
        }
        Ok(())
    }

    /// Takes the amount, or says how long until it is there. More than the bucket holds is never
    /// there; so much is all of it.
    fn take(&self, amount: u32) -> Result<(), Duration> {
        let Some(amount) = NonZeroU32::new(amount.min(self.most.get())) else { return Ok(()) };
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        match self.limiter.check_n(amount) {
            Ok(Ok(state)) => {
                *left = (Instant::now(), state.remaining_burst_capacity());
                Ok(())
            }
            Err(_) => Ok(()),
            Ok(Err(not_until)) => Err(not_until.wait_time_from(self.clock.now())),
        }
    }

    /// Leaves no more than that share.
    fn leave(&self, share: f64) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a u32 is one"
        )]
        let wanted = (f64::from(self.most.get()) * share).round() as u32;
        let gone = self.most.get().saturating_sub(wanted);
        self.drain(gone.saturating_sub(self.used()));
    }

    /// How much is gone.
    fn used(&self) -> u32 {
        let (then, left) = *self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let came_back = then.elapsed().as_nanos() / self.each.as_nanos().max(1);
        let came_back = u32::try_from(came_back).unwrap_or(u32::MAX);
        self.most.get().saturating_sub(left.saturating_add(came_back))
    }

    fn drain(&self, amount: u32) {
        // Exactly what is there, so it can only fail by a hair's breadth.
        let _ = self.take(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Cost = Cost { writes: 1, units: 1 };
    const READ: Cost = Cost { writes: 0, units: 1 };

    fn quota(writes: u32, time_scale: f64) -> TenantQuota {
        TenantQuota {
            writes_per_150s: NonZeroU32::new(writes).unwrap(),
            time_scale,
            ..TenantQuota::default()
        }
    }

    /// Microsoft's, on a clock so slow that nothing comes back during a test.
    fn standing() -> TenantQuota {
        quota(3_000, 0.001)
    }

    fn at_once(budget: &Budget, cost: Cost) -> usize {
        (0..10_000).take_while(|_| budget.try_spend(cost)).count()
    }

    #[test]
    fn a_quota_is_there_at_once_but_for_its_margin() {
        let budget = Budget::new(Some(standing()));
        assert_eq!(at_once(&budget, WRITE), 2_985);
        assert!(!budget.try_spend(WRITE), "nothing is left");
        assert!(budget.try_spend(READ), "reads take none of the writes");
        assert_eq!(at_once(&Budget::new(None), WRITE), 10_000);
    }

    #[tokio::test]
    async fn what_is_used_up_comes_back_at_the_quotas_pace() {
        // 400 a second.
        let budget = Budget::new(Some(quota(600, 100.0)));
        assert!(at_once(&budget, WRITE) >= 597);
        let started = Instant::now();
        let deadline = started + Duration::from_mins(1);
        for _ in 0..80 {
            budget.spend(WRITE, deadline, &Waits::default()).await.unwrap();
        }
        let took = started.elapsed();
        // The margin that is kept back is there besides, and what came back before the clock started.
        assert!(took >= Duration::from_millis(100), "{took:?}");
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_there_is_time() {
        let budget = Budget::new(Some(quota(1, 1.0)));
        let deadline = Instant::now() + Duration::from_secs(20);
        budget.spend(WRITE, deadline, &Waits::default()).await.unwrap();
        let wait = budget.spend(WRITE, deadline, &Waits::default()).await.unwrap_err();
        assert!(wait > Duration::from_secs(140), "{wait:?}");
    }

    #[test]
    fn what_others_have_spent_is_not_spent_again() {
        let budget = Budget::new(Some(standing()));
        budget.told(WRITE, 0.5);
        budget.told(WRITE, 0.9);
        assert_eq!(at_once(&budget, WRITE), 298);
        let budget = Budget::new(Some(standing()));
        budget.told(WRITE, 1.2);
        assert_eq!(at_once(&budget, WRITE), 0);
        assert!(budget.try_spend(READ));
    }

    #[test]
    fn what_the_tenant_says_never_makes_the_budget_larger() {
        let budget = Budget::new(Some(standing()));
        for _ in 0..2_900 {
            budget.try_spend(WRITE);
        }
        budget.told(WRITE, 0.8);
        assert_eq!(at_once(&budget, WRITE), 85);
    }

    #[test]
    fn hearing_what_is_known_already_costs_nothing() {
        let budget = Budget::new(Some(standing()));
        for _ in 0..2_400 {
            budget.try_spend(WRITE);
        }
        for _ in 0..500 {
            budget.told(WRITE, 0.8);
        }
        assert_eq!(at_once(&budget, WRITE), 585);
    }

    #[test]
    fn a_larger_tenant_has_more_units_and_what_was_used_stays_used() {
        let budget = Budget::new(Some(standing()));
        let units = at_once(&budget, READ);
        assert_eq!(units, 3_483);
        budget.tenant_has(501);
        let more = at_once(&budget, READ);
        assert_eq!(more, 7_960 - 3_483);
    }
}
