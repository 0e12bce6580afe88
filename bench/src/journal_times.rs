//! Where the time of a run went, by the times in its journal.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::Value;

use crate::Outcome;
use crate::report;

/// The time of one run, in the order of its parts.
pub(crate) struct Phases {
    /// Start, script, reading, planning, preview.
    plan: Duration,
    /// The plan goes to the journal.
    begin: Duration,
    /// Steps, side by side.
    steps: Duration,
    /// Letters and results.
    end: Duration,
    /// How many steps of each kind, and the sum of their times from start to end.
    kinds: BTreeMap<String, (u32, Duration)>,
}

/// Reads the newest run of a process that ran from `begun` to `ended`.
pub(crate) fn read(state: &Path, begun: SystemTime, ended: SystemTime) -> Outcome<Phases> {
    let db = Connection::open(state)?;
    let newest = "SELECT id, head FROM run ORDER BY rowid DESC LIMIT 1";
    let (run, head): (String, String) =
        db.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let head: Value = serde_json::from_str(&head)?;
    let created: Timestamp = head["created"].as_str().ok_or("the run has no time")?.parse()?;

    let mut steps = HashMap::new();
    let mut select = db.prepare("SELECT id, data FROM step WHERE run = ?")?;
    let mut rows = select.query([&run])?;
    while let Some(row) = rows.next()? {
        let step: Value = serde_json::from_str(&row.get::<_, String>(1)?)?;
        steps.insert(row.get::<_, u32>(0)?, kind(&step));
    }

    let mut kinds: BTreeMap<String, (u32, Duration)> = BTreeMap::new();
    let mut running: HashMap<u32, Timestamp> = HashMap::new();
    let (mut first, mut last) = (None, created);
    let mut select = db.prepare("SELECT step, at, data FROM event WHERE run = ? ORDER BY seq")?;
    let mut rows = select.query([&run])?;
    while let Some(row) = rows.next()? {
        let (step, at): (u32, String) = (row.get(0)?, row.get(1)?);
        let at: Timestamp = at.parse()?;
        let event: Value = serde_json::from_str(&row.get::<_, String>(2)?)?;
        first.get_or_insert(at);
        last = last.max(at);
        if event["event"] == "started" {
            running.insert(step, at);
        } else if let (Some(start), Some(kind)) = (running.remove(&step), steps.get(&step)) {
            let (count, sum) = kinds.entry(kind.clone()).or_default();
            *count += 1;
            *sum += between(start, at);
        }
    }
    let first = first.unwrap_or(created);
    Ok(Phases {
        plan: between(begun.try_into()?, created),
        begin: between(created, first),
        steps: between(first, last),
        end: between(last, ended.try_into()?),
        kinds,
    })
}

fn between(earlier: Timestamp, later: Timestamp) -> Duration {
    later.duration_since(earlier).try_into().unwrap_or_default()
}

/// The operation's name, whatever side it is for.
fn kind(step: &Value) -> String {
    step["op"]["do"].as_str().unwrap_or("unknown").to_owned()
}

impl Phases {
    pub(crate) fn show(&self) {
        let parts = [
            ("start, reading, planning, preview", self.plan),
            ("plan to the journal", self.begin),
            ("steps", self.steps),
            ("letters, results", self.end),
        ];
        let total: f64 = parts.iter().map(|(_, time)| time.as_secs_f64()).sum();
        for (what, time) in parts {
            let share = 100.0 * time.as_secs_f64() / total;
            report::detail(what, &format!("{}  {share:.0} %", report::time(time)));
        }
        let all: f64 = self.kinds.values().map(|(_, sum)| sum.as_secs_f64()).sum();
        for (kind, (count, sum)) in &self.kinds {
            let share = 100.0 * sum.as_secs_f64() / all;
            let each = report::time(*sum / (*count).max(1));
            report::detail(
                &format!("  {count} × {kind}, side by side"),
                &format!("{each} each  {share:.0} %"),
            );
        }
    }
}
