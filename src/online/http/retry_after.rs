//! `Retry-After`: how long the tenant asks to wait.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// Reads seconds, seconds with decimals (`graph.md §13`: `2.128`), or an HTTP date.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let then = DateTimeParser::new().parse_timestamp(text).ok()?;
    Some(Duration::try_from(then.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_decimals_and_dates_are_understood_and_a_past_date_means_now() {
        let now: Timestamp = "2026-05-04T09:20:00Z".parse().unwrap();
        let read = |text| parse(text, now);
        assert_eq!(read("11"), Some(Duration::from_secs(11)));
        assert_eq!(read(" 2.128 "), Some(Duration::from_millis(2128)));
        assert_eq!(read("Mon, 04 May 2026 09:21:30 GMT"), Some(Duration::from_secs(90)));
        assert_eq!(read("Mon, 04 May 2026 09:00:00 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn what_is_no_time_is_left_out() {
        let now = Timestamp::UNIX_EPOCH;
        for wrong in ["", "soon", "-5", "NaN", "inf", "1e30"] {
            assert_eq!(parse(wrong, now), None, "{wrong}");
        }
    }
}
