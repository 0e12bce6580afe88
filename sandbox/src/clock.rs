//! The tenant's time: the machine's, moved forward as far as somebody asked at `/sandbox/clock`.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::refusal::Refusal;
use crate::state::settings;

/// A moment in milliseconds since 1970, UTC, by the tenant's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    pub(crate) fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// With decimals, for the quota clock.
    #[allow(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
    pub(crate) fn as_seconds(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    pub(crate) fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// As Graph writes times: RFC 3339 in whole seconds, `Z`.
    pub(crate) fn to_text(self) -> String {
        let moment = Timestamp::from_second(self.seconds()).unwrap_or(Timestamp::UNIX_EPOCH);
        moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// As HTTP writes times.
    pub(crate) fn for_http(self) -> String {
        let moment = Timestamp::from_second(self.seconds()).unwrap_or(Timestamp::UNIX_EPOCH);
        moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// As `innerError.date` has it: UTC without a zone suffix (`graph.md` §1).
    pub(crate) fn without_zone(self) -> String {
        self.to_text().trim_end_matches('Z').to_owned()
    }

    /// As the token endpoint writes times.
    pub(crate) fn spaced(self) -> String {
        self.to_text().replace('T', " ")
    }
}

/// The machine's time.
pub(crate) fn machine() -> Moment {
    Moment(Timestamp::now().as_millisecond())
}

/// The tenant's time.
pub(crate) fn now(state: &Connection) -> Result<Moment, Refusal> {
    let ahead: i64 = settings::read(state, settings::CLOCK_AHEAD)?.unwrap_or(0);
    Ok(machine().plus_millis(ahead))
}

/// Moves the tenant's clock forward.
pub(crate) fn advance(state: &Connection, seconds: u32) -> Result<(), Refusal> {
    let ahead: i64 = settings::read(state, settings::CLOCK_AHEAD)?.unwrap_or(0);
    settings::write(state, settings::CLOCK_AHEAD, &(ahead + i64::from(seconds) * 1000))
}
