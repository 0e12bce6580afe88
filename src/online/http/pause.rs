//! How long before a request is repeated, and the pause that all requests keep together.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rand::Rng as _;
use tokio::time::Instant;

use super::waits::{WaitReason, Waits};

/// The pause that a throttled tenant asks for. Requests sent meanwhile would count against us
/// (`graph.md §13`), so all of them keep it, not only the one that was told.
#[derive(Default)]
pub(in crate::online) struct Pause(Mutex<Option<Instant>>);

impl Pause {
    /// Makes it last at least that long from now.
    pub(in crate::online) fn extend(&self, wait: Duration) {
        let Some(until) = Instant::now().checked_add(wait) else { return };
        let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *end = Some(end.map_or(until, |end| end.max(until)));
    }

    /// Returns when it is over: whether there was one, told to one of those who waited. Gives how
    /// long it would last if that is later than the deadline; then nothing is waited for.
    pub(in crate::online) async fn over(
        &self,
        deadline: Instant,
        waits: &Waits,
    ) -> Result<bool, Duration> {
        loop {
            let end = {
                let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                match *end {
                    None => return Ok(false),
                    Some(past) if past <= Instant::now() => {
                        *end = None;
                        return Ok(true);
                    }
                    Some(end) => end,
                }
            };
            if end > deadline {
                return Err(end.saturating_duration_since(Instant::now()));
            }
            waits.sleep_until(end, WaitReason::Throttled).await;
        }
    }
}

/// The wait before a request is sent for the `tries + 1`st time: doubling from `first` up to 30 s,
/// each shortened at random by up to half so that many don't come back at the same instant.
pub(in crate::online) fn backoff(first: Duration, tries: u32) -> Duration {
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
    async fn the_longest_pause_asked_for_is_kept_and_its_end_is_told_once() {
        let (pause, waits) = (Pause::default(), Waits::default());
        let start = Instant::now();
        pause.extend(Duration::from_millis(60));
        pause.extend(Duration::from_millis(1));
        let deadline = start + Duration::from_mins(1);
        assert_eq!(pause.over(deadline, &waits).await, Ok(true));
        assert!(start.elapsed() >= Duration::from_millis(60));
        assert_eq!(pause.over(deadline, &waits).await, Ok(false));
    }

    #[tokio::test]
    async fn a_pause_that_outlasts_the_patience_is_not_waited_for() {
        let (pause, waits) = (Pause::default(), Waits::default());
        pause.extend(Duration::from_hours(1));
        let deadline = Instant::now() + Duration::from_secs(5);
        let left = pause.over(deadline, &waits).await.unwrap_err();
        assert!(left > Duration::from_mins(59));
    }
}
