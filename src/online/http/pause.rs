//! Waiting: how long before a request is repeated, and the pause that all requests keep together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use tokio::time::Instant;

/// The pause that a throttled tenant asks for. Requests sent meanwhile would count against us
/// (`graph.md §13`), so all of them keep it, not only the one that was told.
#[derive(Default)]
pub(super) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// Makes it last at least that long from now.
    pub(super) fn extend(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *end = Some(end.map_or(until, |end| end.max(until)));
    }

    /// Returns when it is over.
    pub(super) async fn over(&self) {
        while let Some(end) = self.end() {
            tokio::time::sleep_until(end).await;
        }
    }

    fn end(&self) -> Option<Instant> {
        let end = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        end.filter(|end| *end > Instant::now())
    }
}

/// The wait before a request is sent for the `tries + 1`st time: doubling from `first` up to 30 s,
/// each shortened at random by up to half so that many don't come back at the same instant.
pub(super) fn backoff(first: Duration, tries: u32) -> Duration {
    let full =
        first.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(Duration::from_secs(30));
    full.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_a_minute() {
        for (tries, seconds) in [(1, 1.0), (2, 2.0), (4, 8.0), (40, 30.0)] {
            let wait = backoff(Duration::from_secs(1), tries).as_secs_f64();
            assert!((seconds / 2.0..=seconds).contains(&wait), "{tries}: {wait}");
        }
    }

    #[tokio::test]
    async fn the_longest_pause_asked_for_is_kept() {
        let pause = Pause::default();
        let start = Instant::now();
        pause.extend(Duration::from_millis(60));
        pause.extend(Duration::from_millis(1));
        pause.over().await;
        assert!(start.elapsed() >= Duration::from_millis(60));
    }
}
