//! Points in time as the directory writes them: counts of 100 nanoseconds since 1601, and text.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;
/// Counts in a second.
const PER_SECOND: i64 = 10_000_000;
/// An account that never expires (`active-directory.md §3`); 0 means the same.
pub(super) const NEVER: i64 = i64::MAX;

/// The last day of an account whose end is at that count. The console shows it like that: the end is
/// the midnight after, where the console runs.
pub(super) fn last_day(count: i64) -> Option<Date> {
    if count == 0 || count == NEVER {
        return None;
    }
    let end = Timestamp::from_second(count.div_euclid(PER_SECOND) - EPOCH).ok()?;
    let before = end.checked_sub(1.second()).ok()?;
    Some(before.to_zoned_datetime(TimeZone::system()).date())
}

/// The end of an account with that last day.
pub(super) fn end_of(day: Option<Date>) -> i64 {
    let midnight = day
        .and_then(|day| day.checked_add(1.day()).ok())
        .and_then(|next| next.to_zoned_datetime(TimeZone::system()).ok());
    midnight.map_or(NEVER, |end| (end.timestamp().as_second() + EPOCH) * PER_SECOND)
}

/// The point in time of a count, to the microsecond; none for 0.
pub(super) fn counted(count: i64) -> Option<Timestamp> {
    let since_1970 = (count > 0).then_some(count / 10)?.checked_sub(EPOCH * 1_000_000)?;
    Timestamp::from_microsecond(since_1970).ok()
}

/// A point in time such as `20261125164205.0Z`.
pub(super) fn generalized(text: &str) -> Option<Timestamp> {
    let digits =
        text.get(..14).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (date, time) = digits.split_at(8);
    format!("{date}T{time}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_last_day_comes_back_as_it_was_given() {
        for day in [date(2027, 1, 31), date(2024, 2, 29), date(1999, 12, 31), date(2400, 3, 28)] {
            assert_eq!(last_day(end_of(Some(day))), Some(day));
        }
        assert_eq!((last_day(0), last_day(NEVER), end_of(None)), (None, None, NEVER));
    }

    #[test]
    fn a_count_is_a_point_in_time_and_none_is_none() {
        let expected = "2026-05-04T09:12:43Z".parse().unwrap();
        assert_eq!(counted(134_223_595_630_000_000), Some(expected));
        assert_eq!((counted(0), counted(-1)), (None, None));
    }

    #[test]
    fn text_of_a_server_is_a_point_in_time() {
        let expected = "2026-11-25T16:42:05Z".parse().unwrap();
        assert_eq!(generalized("20261125164205.0Z"), Some(expected));
        for wrong in ["", "2026", "yesterdaymorning", "20261399000000.0Z"] {
            assert_eq!(generalized(wrong), None);
        }
    }
}
