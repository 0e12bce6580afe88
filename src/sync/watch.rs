//! The watch: what waits is delivered as soon as it is there, until somebody stops it.
//!
//! The folder is looked at by its time of change, several times a second: that costs nothing, and works on
//! every file system.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use rand::Rng as _;

use super::changes::{Changes, carry_changes};
use super::deliver::{Delivery, KnownRefused, deliver};
use super::health::Health;
use super::settle_earlier_runs;
use crate::script::{Exit, Fault, Session};

/// How often the folder is looked at.
const GLANCE: Duration = Duration::from_millis(300);
/// The first pause before the other side is tried again; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long a refused password is passed over: whoever it is of may have an online account by then.
const FORGET: Duration = Duration::from_secs(300);
/// The longest time until what could not be carried is tried again.
const LONGEST_OPEN: Duration = Duration::from_secs(3600);
/// How often all that waits is looked at again, though nothing came.
const ALL_AGAIN: Duration = Duration::from_secs(60);
/// How often the watch says that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// Delivers until it is stopped. A side that is out of reach is tried again, ever more seldom.
pub fn watch(session: &Arc<Session>) -> Result<Exit, Fault> {
    let profile = session.profile();
    let _lock = super::lock(profile)?;
    // Set up before the first change.
    profile.outbox_key()?;
    tracing::info!(profile = profile.name(), outbox = %profile.outbox().folder().display(), "watching");
    let mut watch = Watch {
        session,
        health: Health::begun(profile),
        pause: FIRST_PAUSE,
        begun: Timestamp::now(),
        look_at: Instant::now(),
        open_at: Instant::now(),
        open_pause: profile.sync().every(),
        said: BTreeSet::new(),
        known: Vec::new(),
        known_at: Instant::now(),
        has_settled: false,
    };
    let mut next = Instant::now();
    let mut seen = None;
    let mut last_sign = Instant::now();
    while !session.is_stopped() {
        let now = folder_time(session);
        let is_due = Instant::now() >= next;
        // While the other side is out of reach a new change would fare no better than the others.
        if is_due || (now != seen && watch.pause == FIRST_PAUSE) {
            seen = now;
            next = Instant::now() + watch.pass()?;
            last_sign = Instant::now();
        } else if last_sign.elapsed() >= SIGN_OF_LIFE {
            watch.health.write(profile);
            last_sign = Instant::now();
        }
        rest(session, GLANCE)?;
    }
    watch.health.ended(profile);
    tracing::info!(profile = profile.name(), "stopped");
    Ok(Exit::Done)
}

struct Watch<'a> {
    session: &'a Arc<Session>,
    health: Health,
    /// How long the next failure is waited after.
    pause: Duration,
    /// What was refused earlier is tried once more: somebody may have seen to it.
    begun: Timestamp,
    /// When the directory is asked for changes the next time.
    look_at: Instant,
    /// When what could not be carried is tried the next time, and how long after that.
    open_at: Instant,
    open_pause: Duration,
    /// What was said of changes that can't be carried: it is said once.
    said: BTreeSet<(String, &'static str, String)>,
    /// What is refused, and since when it is passed over.
    known: Vec<KnownRefused>,
    known_at: Instant,
    /// Whether the runs of an earlier process have come to their end.
    has_settled: bool,
}

impl Watch<'_> {
    /// One pass. Gives after which time the next one is due, if nothing happens before.
    fn pass(&mut self) -> Result<Duration, Fault> {
        let every = self.session.profile().sync().every();
        let ended = self.deliver();
        if let Ok(delivery) = &ended {
            say(delivery);
            self.health.saw(delivery);
        }
        let mut failure = match &ended {
            Ok(delivery) => delivery.out_of_reach.clone(),
            Err(fault) => Some(fault.clone()),
        };
        if failure.is_none() {
            self.pause = FIRST_PAUSE;
            failure = self.look();
        }
        match &failure {
            None => self.health.is_well(),
            Some(fault) => self.health.failed(fault),
        }
        self.health.write(self.session.profile());
        let Some(fault) = failure else { return Ok(ALL_AGAIN.min(every)) };
        // What no time mends ends the watch: whoever runs it has to know, and secrets are read anew by the
        // next one.
        if !is_mended_by_time(&fault) {
            return Err(fault);
        }
        let pause = self.pause.mul_f64(rand::rng().random_range(0.75..1.25));
        tracing::warn!(
            reason = %fault.message, kind = %fault.kind, again_in_ms = pause.as_millis(), "out of reach"
        );
        // Passwords are delivered at once as long as that works.
        if ended.is_ok_and(|delivery| delivery.out_of_reach.is_none()) {
            return Ok(every);
        }
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(pause)
    }

    fn deliver(&mut self) -> Result<Delivery, Fault> {
        if !self.has_settled {
            settle_earlier_runs(self.session)?;
            self.has_settled = true;
        }
        if self.known_at.elapsed() >= FORGET {
            self.known.clear();
            self.known_at = Instant::now();
        }
        let delivery = deliver(self.session, self.begun, &self.known)?;
        self.known.extend(delivery.known.iter().cloned());
        Ok(delivery)
    }

    /// Asks the directory for changes, where it is time. Gives what keeps them from being carried.
    fn look(&mut self) -> Option<Fault> {
        let now = Instant::now();
        if now < self.look_at {
            return None;
        }
        let every = self.session.profile().sync().every();
        self.look_at = now + every;
        let retries_open = now >= self.open_at;
        match carry_changes(self.session, retries_open) {
            Ok(changes) => {
                self.say(&changes);
                if retries_open {
                    self.open_pause = if changes.refused.is_empty() {
                        every
                    } else {
                        (self.open_pause * 2).min(LONGEST_OPEN)
                    };
                    self.open_at = now + self.open_pause;
                    if changes.refused.is_empty() {
                        self.said.clear();
                    }
                }
                changes.out_of_reach
            }
            Err(fault) => Some(fault),
        }
    }

    fn say(&mut self, changes: &Changes) {
        for (user, what) in &changes.carried {
            tracing::info!(user, what, "carried");
        }
        for (user, what, problem) in &changes.refused {
            if !self.said.insert((user.clone(), *what, problem.code.to_string())) {
                continue;
            }
            tracing::warn!(
                user,
                what,
                code = %problem.code,
                reason = problem.message,
                advice = problem.advice.as_deref().unwrap_or_default(),
                "not carried"
            );
        }
    }
}

fn is_mended_by_time(fault: &Fault) -> bool {
    matches!(
        Exit::of_kind(&fault.kind),
        Exit::OutOfReach | Exit::SignIn | Exit::Refused | Exit::Stopped
    ) && fault.kind.as_ref() != "sign_in"
}

/// A line for each person something has happened to.
fn say(delivery: &Delivery) {
    for (user, took) in &delivery.delivered {
        tracing::info!(user, took_ms = took.as_millis(), "delivered");
    }
    for refused in &delivery.refused {
        let problem = &refused.problem;
        tracing::warn!(
            user = refused.user,
            code = %problem.code,
            reason = problem.message,
            advice = problem.advice.as_deref().unwrap_or_default(),
            "refused"
        );
    }
    for it in &delivery.overtaken {
        tracing::info!(user = it.user, why = it.why, "overtaken");
    }
    for user in &delivery.never {
        tracing::info!(user, "built into the directory: never carried");
    }
    if delivery.unreadable > 0 {
        tracing::warn!(files = delivery.unreadable, "the key of the outbox doesn't open them");
    }
}

fn folder_time(session: &Session) -> Option<SystemTime> {
    std::fs::metadata(session.profile().outbox().folder()).ok()?.modified().ok()
}

/// Waits; a stop ends it.
fn rest(session: &Session, time: Duration) -> Result<(), Fault> {
    let mut stops = session.stops();
    session.block_on(async move {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = stops.wait_for(|stops| *stops > 0) => {}
        }
    })
}
