//! The executor: it alone writes to directory and tenant.
//!
//! Steps run concurrently, each after what it waits for; among those that may run, the earliest in
//! plan order goes first, so that people are finished one after the other and a stop leaves few
//! half-done. What became of each step goes to the journal.
//!
//! * `schedule`: which step may run.
//! * `attempt`: one step with its retries, in the terms of its recovery class.
//! * `directory`, `graph`: what an operation sends, and how an unknown outcome is settled.
//! * `passwords`: the passwords of a run, sealed before they are sent.
//! * `settle`: what was done is looked for once, in bulk.
//! * `handover`: the letters at the end.

mod attempt;
mod directory;
mod graph;
mod handover;
mod passwords;
mod schedule;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use thiserror::Error;
use tokio::sync::watch;

use self::attempt::{Attempt, Ending};
use self::passwords::Passwords;
use self::schedule::Schedule;
use super::journal::{Event, Journal, JournalError, Made, RunState, StepState, StoredRun};
use super::step::{DirectoryOp, GraphOp, Op, Step, StepId, Target};
use crate::accounts::{AccountsFault, Sources};
use crate::model::{ObjectId, Problem, UserGuid};
use crate::online::Wait;
use crate::passwords::{PasswordFault, SealingKey};

pub use self::passwords::seal_given;

/// Steps that are on their way at once. The tenant client bounds its own requests further.
const IN_FLIGHT: usize = 48;

/// Why a run could not go on. What was done is in the journal.
#[derive(Debug, Error)]
pub enum ExecuteError {
    /// The journal can't be written: without it nothing is sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A password can't be sealed or a letter not written.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// A backend can't be opened.
    #[error(transparent)]
    Accounts(#[from] AccountsFault),
}

/// How many changes stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps of the plan.
    pub steps: usize,
    /// Steps done.
    pub done: usize,
    /// Steps refused.
    pub failed: usize,
    /// Steps not tried because of another.
    pub skipped: usize,
    /// Steps put off.
    pub parked: usize,
}

/// Watches a run.
pub trait Observer: Send + Sync {
    /// The counts have changed.
    fn counts(&self, counts: Counts);
    /// One more step waits to be tried again, and why; `None` when one goes on.
    fn waiting(&self, why: Option<&str>);
    /// The tenant lets everybody wait, such as when it throttles; `None` when it is over.
    fn tenant_waits(&self, why: Option<&str>);
}

/// How often the person has asked to stop: once to finish what is on its way, twice to stop now.
pub type Stops = watch::Receiver<u32>;

/// Why a run ended before its last step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Halt {
    /// A person stopped it.
    Stopped,
    /// A side is out of reach; going on would only park every other step.
    OutOfReach(Problem),
}

/// A run after it ended or stopped.
#[derive(Debug)]
pub struct Executed {
    /// The run as it stands now.
    pub run: StoredRun,
    /// Why it stopped early.
    pub halt: Option<Halt>,
    /// Letters that were written just now.
    pub letters: usize,
}

/// What a run needs besides its plan.
pub struct Executor<'a> {
    /// Both backends.
    pub sources: &'a Arc<Sources>,
    /// The journal.
    pub journal: &'a Journal,
    /// The key that seals passwords.
    pub key: &'a SealingKey,
    /// The page where people sign in, for the letters.
    pub sign_in_url: &'a str,
    /// How long one step is tried again before it is put off.
    pub patience: Duration,
    /// Who watches.
    pub observer: &'a dyn Observer,
}

impl Executor<'_> {
    /// Runs what isn't done yet of a run that the journal holds, then writes the letters.
    pub async fn execute(
        &self,
        mut run: StoredRun,
        mut stops: Stops,
    ) -> Result<Executed, ExecuteError> {
        handover::prepare(&run)?;
        let passwords = Passwords::open(&run, self.journal, self.key).await?;
        let halt = self.run_steps(&mut run, &passwords, &mut stops).await?;
        let letters = handover::write(&run, &passwords, self.sign_in_url, handover::Whose::Ended)?;
        // Only when a letter is on disk, the sealed copy may go.
        self.journal.destroy_sealed(&run.head.id, letters.settled.clone()).await?;
        if run.states.iter().all(StepState::has_ended) {
            self.journal.set_state(&run.head.id, RunState::Finished).await?;
            run.state = RunState::Finished;
        }
        Ok(Executed { run, halt, letters: letters.written })
    }

    async fn run_steps(
        &self,
        run: &mut StoredRun,
        passwords: &Passwords<'_>,
        stops: &mut Stops,
    ) -> Result<Option<Halt>, ExecuteError> {
        let mut schedule = Schedule::new(&run.steps, &run.states);
        let mut counts = counts(&run.states);
        for skipped in schedule.take_skipped() {
            self.skip(run, &mut counts, skipped).await?;
        }
        let id = run.head.id.clone();
        let labels: Vec<String> =
            run.changes.iter().map(|stored| stored.change.intent().label()).collect();
        let attempts = Attempt { executor: self, passwords, run: &id, labels: &labels };
        let steps = std::mem::take(&mut run.steps);
        let halt = self.drive(run, &steps, &attempts, schedule, &mut counts, stops).await;
        run.steps = steps;
        let halt = halt?;
        if halt.is_none() {
            self.settle(run, &mut counts).await?;
        }
        Ok(halt)
    }

    async fn drive(
        &self,
        run: &mut StoredRun,
        steps: &[Step],
        attempts: &Attempt<'_>,
        mut schedule: Schedule,
        counts: &mut Counts,
        stops: &mut Stops,
    ) -> Result<Option<Halt>, ExecuteError> {
        let mut in_flight = FuturesUnordered::new();
        let mut waits = self.tenant_waits(steps)?;
        let mut halt = (*stops.borrow_and_update() > 0).then_some(Halt::Stopped);
        self.observer.counts(*counts);
        loop {
            while halt.is_none() && in_flight.len() < IN_FLIGHT {
                let Some(id) = schedule.next() else { break };
                let step = &steps[id.0 as usize];
                let targets = Targets::of(&step.op, &run.states);
                let was_sent = run.states[id.0 as usize] != StepState::Pending;
                in_flight.push(attempts.run(step, targets, was_sent));
            }
            // Everything has ended, also before a run that is resumed began; or the rest waits for
            // what was put off.
            if in_flight.is_empty() {
                return Ok(halt);
            }
            tokio::select! {
                ended = in_flight.next() => {
                    let Some((id, ending)) = ended else { continue };
                    let Ending { event, out_of_reach } = ending?;
                    if let (Some(problem), None) = (out_of_reach, &halt) {
                        halt = Some(Halt::OutOfReach(problem));
                    }
                    // Queued, not awaited: whatever is started later is on disk after it.
                    drop(self.journal.ended(&run.head.id, id, event.clone()));
                    let state = &mut run.states[id.0 as usize];
                    counts.happened(state, event)?;
                    schedule.ended(id, state);
                    for skipped in schedule.take_skipped() {
                        self.skip(run, counts, skipped).await?;
                    }
                    self.observer.counts(*counts);
                }
                wait = next_wait(&mut waits) => self.observer.tenant_waits(wait.as_deref()),
                asked = stops.changed() => {
                    if asked.is_ok() && *stops.borrow() > 0 {
                        halt = Some(Halt::Stopped);
                        if *stops.borrow() > 1 {
                            return Ok(halt);
                        }
                    }
                }
            }
        }
    }

    /// What the tenant lets its callers wait for. A plan without online steps opens no tenant.
    fn tenant_waits(&self, steps: &[Step]) -> Result<Option<Waits>, ExecuteError> {
        let is_online = steps.iter().any(|step| matches!(step.op, Op::Graph(_)));
        Ok(if is_online { Some(self.sources.tenant()?.waits()) } else { None })
    }

    async fn skip(
        &self,
        run: &mut StoredRun,
        counts: &mut Counts,
        (id, because): (StepId, StepId),
    ) -> Result<(), ExecuteError> {
        let event = Event::Skipped { because };
        self.journal.ended(&run.head.id, id, event.clone()).await?;
        counts.happened(&mut run.states[id.0 as usize], event)
    }
}

type Waits = watch::Receiver<Option<Wait>>;

/// The next wait that begins, or `None` when all are over.
async fn next_wait(waits: &mut Option<Waits>) -> Option<String> {
    if let Some(waits) = waits
        && waits.changed().await.is_ok()
    {
        return waits.borrow_and_update().map(|wait| wait.to_string());
    }
    std::future::pending().await
}

/// Gives a run up: letters for everybody who got a password are written, also for those who are
/// half done; then every sealed password is destroyed. Returns the number of letters.
pub async fn abandon(
    run: &StoredRun,
    journal: &Journal,
    key: &SealingKey,
    sign_in_url: &str,
) -> Result<usize, ExecuteError> {
    let passwords = Passwords::open(run, journal, key).await?;
    let letters = handover::write(run, &passwords, sign_in_url, handover::Whose::Everybody)?;
    journal.destroy_sealed(&run.head.id, passwords.changes()).await?;
    journal.set_state(&run.head.id, RunState::Abandoned).await?;
    Ok(letters.written)
}

fn after(state: StepState, event: Event) -> Result<StepState, ExecuteError> {
    // In memory a step goes from pending to its end; on disk it was started in between.
    let started = match (&state, &event) {
        (StepState::Pending | StepState::Parked(_), Event::Skipped { .. }) => StepState::Pending,
        (StepState::Pending | StepState::Parked(_), _) => StepState::Started,
        _ => state,
    };
    Ok(started.after(event).map_err(JournalError::from)?)
}

/// How many steps stand where.
pub fn counts(states: &[StepState]) -> Counts {
    let mut counts = Counts { steps: states.len(), ..Counts::default() };
    for state in states {
        if let Some(count) = counts.of(state) {
            *count += 1;
        }
    }
    counts
}

impl Counts {
    /// Takes in what happened to one step: counting all of them each time would make the time of a
    /// run grow with the square of its steps.
    fn happened(&mut self, state: &mut StepState, event: Event) -> Result<(), ExecuteError> {
        if let Some(count) = self.of(state) {
            *count -= 1;
        }
        *state = after(std::mem::take(state), event)?;
        if let Some(count) = self.of(state) {
            *count += 1;
        }
        Ok(())
    }

    fn of(&mut self, state: &StepState) -> Option<&mut usize> {
        match state {
            StepState::Done(_) | StepState::Verified(_) => Some(&mut self.done),
            StepState::Failed(_) => Some(&mut self.failed),
            StepState::Skipped(_) => Some(&mut self.skipped),
            StepState::Parked(_) => Some(&mut self.parked),
            StepState::Pending | StepState::Started => None,
        }
    }
}

/// The identities that a step writes to, known by now.
#[derive(Debug, Clone, Copy, Default)]
struct Targets {
    user: Option<UserGuid>,
    online: Option<ObjectId>,
}

impl Targets {
    fn of(op: &Op, states: &[StepState]) -> Self {
        match op {
            Op::Directory(DirectoryOp::CreateUser { .. }) => Self::default(),
            Op::Directory(DirectoryOp::Link { user, online, .. }) => {
                Self { user: user_of(user, states), online: online_of(online, states) }
            }
            Op::Graph(GraphOp::CreateOnline { user, .. }) => {
                Self { user: user_of(user, states), online: None }
            }
            Op::Graph(GraphOp::AssignLicenses { account, .. }) => {
                Self { user: None, online: online_of(account, states) }
            }
        }
    }
}

fn user_of(target: &Target<UserGuid>, states: &[StepState]) -> Option<UserGuid> {
    match target {
        Target::Known(guid) => Some(*guid),
        Target::MadeBy(step) => match states.get(step.0 as usize)?.made() {
            Some(Made::User(guid)) => Some(guid),
            _ => None,
        },
    }
}

fn online_of(target: &Target<ObjectId>, states: &[StepState]) -> Option<ObjectId> {
    match target {
        Target::Known(id) => Some(*id),
        Target::MadeBy(step) => match states.get(step.0 as usize)?.made() {
            Some(Made::Online(id)) => Some(id),
            _ => None,
        },
    }
}
