//! Waiting that can be seen: what a tenant's calls wait for, for whoever shows it to a person.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// A shorter wait is over before anybody has read of it.
const SHORTEST: Duration = Duration::from_millis(500);

/// Why calls wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The tenant asks to slow down.
    Throttled,
    /// The tenant's service has a fault, or can't be reached.
    Unavailable,
    /// Another write to the tenant got in the way.
    Concurrency,
    /// The quota is spent, and asking now would only be refused.
    QuotaSpent,
}

/// A wait: `waiting 12 s: tenant throttles`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Why.
    pub reason: WaitReason,
    /// How long in all.
    pub length: Duration,
    until: Instant,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self.reason {
            WaitReason::Throttled => "tenant throttles",
            WaitReason::Unavailable => "tenant not available",
            WaitReason::Concurrency => "another write to the tenant is under way",
            WaitReason::QuotaSpent => "the tenant's quota is spent",
        };
        write!(f, "waiting {} s: {why}", self.length.as_secs_f64().ceil())
    }
}

/// The waits of one tenant's calls; the one that ends last is shown.
pub(in crate::online) struct Waits {
    shown: watch::Sender<Option<Wait>>,
    waiting: AtomicUsize,
}

impl Default for Waits {
    fn default() -> Self {
        Self { shown: watch::Sender::new(None), waiting: AtomicUsize::new(0) }
    }
}

impl Waits {
    pub(super) fn watch(&self) -> watch::Receiver<Option<Wait>> {
        self.shown.subscribe()
    }

    /// Sleeps, and lets it be seen.
    pub(in crate::online) async fn sleep_until(&self, until: Instant, reason: WaitReason) {
        let _shown = self.show(until, reason);
        tokio::time::sleep_until(until).await;
    }

    /// Shows a wait until what it gives is dropped, which it is too if the waiting call is.
    fn show(&self, until: Instant, reason: WaitReason) -> Option<Shown<'_>> {
        let length = until.saturating_duration_since(Instant::now());
        if length < SHORTEST {
            return None;
        }
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.shown.send_if_modified(|shown| {
            let is_later = shown.is_none_or(|shown| shown.until < until);
            if is_later {
                *shown = Some(Wait { reason, length, until });
            }
            is_later
        });
        Some(Shown(self))
    }
}

struct Shown<'a>(&'a Waits);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if self.0.waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.shown.send_replace(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_wait_is_shown_until_the_last_one_is_over() {
        let waits = Waits::default();
        let seen = waits.watch();
        let soon = Instant::now() + Duration::from_secs(2);
        let late = Instant::now() + Duration::from_millis(11_900);
        let first = waits.show(soon, WaitReason::Unavailable);
        let second = waits.show(late, WaitReason::Throttled);
        assert_eq!(seen.borrow().unwrap().to_string(), "waiting 12 s: tenant throttles");
        drop(first);
        assert!(seen.borrow().is_some());
        drop(second);
        assert!(seen.borrow().is_none());
    }

    #[tokio::test]
    async fn a_wait_too_short_to_be_read_is_not_shown() {
        let waits = Waits::default();
        let soon = Instant::now() + Duration::from_millis(100);
        assert!(waits.show(soon, WaitReason::Throttled).is_none());
        assert!(waits.watch().borrow().is_none());
    }
}
