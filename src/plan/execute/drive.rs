//! The loop of a run: what may run is sent, what became of it is taken in, until nothing is left.

use std::collections::HashMap;
use std::time::Instant;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::sync::watch;

use super::attempt::{Attempt, Ending};
use super::handover::Letters;
use super::mailboxes::MailboxWatch;
use super::passwords::Passwords;
use super::schedule::Schedule;
use super::{Counts, ExecuteError, Executor, Halt, Stops, Targets};
use crate::online::Wait;
use crate::plan::journal::{
    Event, JournalError, RunHead, Sent, StepState, StoredChange, StoredRun,
};
use crate::plan::step::{Op, Step, StepId};

/// Steps that are on their way at once. The tenant client bounds its own requests further.
const IN_FLIGHT: usize = 48;

/// A run under way.
pub(super) struct Drive<'a, 'p> {
    pub(super) executor: &'a Executor<'a>,
    head: &'a RunHead,
    changes: &'a [StoredChange],
    pub(super) steps: &'a [Step],
    pub(super) states: &'a mut [StepState],
    sent: &'a HashMap<StepId, Sent>,
    passwords: &'a Passwords<'p>,
    letters: &'a mut Letters<'p>,
    schedule: Schedule,
    counts: Counts,
    /// When each side last did what it was asked for.
    answered: HashMap<Side, Instant>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Directory,
    Tenant,
    Exchange,
}

impl Side {
    fn of(op: &Op) -> Self {
        match op {
            // Both are of this house.
            Op::Directory(_) | Op::Outbox(_) => Self::Directory,
            Op::Graph(_) => Self::Tenant,
            Op::Exchange(_) | Op::Wait(_) => Self::Exchange,
        }
    }
}

impl<'a, 'p> Drive<'a, 'p> {
    pub(super) fn new(
        executor: &'a Executor<'a>,
        run: &'a mut StoredRun,
        passwords: &'a Passwords<'p>,
        letters: &'a mut Letters<'p>,
    ) -> Self {
        let StoredRun { head, changes, steps, states, sent, .. } = run;
        let schedule = Schedule::new(steps, states);
        let counts = super::counts(states);
        Self {
            executor,
            head,
            changes,
            steps,
            states,
            sent,
            passwords,
            letters,
            schedule,
            counts,
            answered: HashMap::new(),
        }
    }

    /// Runs what isn't done yet, then looks whether it is seen. Gives why it stopped early.
    pub(super) async fn run_out(mut self, stops: &mut Stops) -> Result<Option<Halt>, ExecuteError> {
        let halt = self.send(stops).await?;
        if halt.is_none() {
            self.settle().await?;
        }
        Ok(halt)
    }

    async fn send(&mut self, stops: &mut Stops) -> Result<Option<Halt>, ExecuteError> {
        let attempts = Attempt {
            executor: self.executor,
            passwords: self.passwords,
            run: &self.head.id,
            directory: self.head.directory.id,
            changes: self.changes,
            freed: self.steps.iter().flat_map(|step| &step.frees).collect(),
            mailboxes: MailboxWatch::default(),
            halted: watch::Sender::new(false),
        };
        let mut in_flight = FuturesUnordered::new();
        // Whoever waits for a mailbox keeps nobody else from being served.
        let mut waiting = 0;
        let mut waits = self.tenant_waits()?;
        let mut halt = (*stops.borrow_and_update() > 0).then_some(Halt::Stopped);
        self.skip_what_will_not_run()?;
        self.executor.observer.counts(self.counts);
        loop {
            attempts.halted.send_replace(halt.is_some());
            while halt.is_none() && in_flight.len() - waiting < IN_FLIGHT {
                let Some(id) = self.schedule.next() else { break };
                let step = &self.steps[id.0 as usize];
                waiting += usize::from(matches!(step.op, Op::Wait(_)));
                let targets = Targets::of(step, self.states);
                let sent = self.sent.get(&id).copied();
                in_flight.push(attempts.run(step, targets, sent));
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
                    let op = &self.steps[id.0 as usize].op;
                    waiting -= usize::from(matches!(op, Op::Wait(_)));
                    let side = Side::of(op);
                    if matches!(event, Event::Done { .. }) {
                        self.answered.insert(side, Instant::now());
                    }
                    // One step's bad luck is not the end of all: a side that did something for
                    // another meanwhile is within reach.
                    if let (Some((problem, since)), None) = (out_of_reach, &halt)
                        && self.answered.get(&side).is_none_or(|last| *last < since)
                    {
                        halt = Some(Halt::OutOfReach(problem));
                    }
                    self.happened(id, event)?;
                    self.schedule.ended(id, &self.states[id.0 as usize]);
                    self.skip_what_will_not_run()?;
                    self.executor.observer.counts(self.counts);
                }
                wait = next_wait(&mut waits) => self.executor.observer.tenant_waits(wait.as_deref()),
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
    fn tenant_waits(&self) -> Result<Option<Waits>, ExecuteError> {
        let is_online = self.steps.iter().any(|step| Side::of(&step.op) != Side::Directory);
        Ok(if is_online { Some(self.executor.sources.tenant()?.waits()) } else { None })
    }

    fn skip_what_will_not_run(&mut self) -> Result<(), ExecuteError> {
        for (id, because) in self.schedule.take_skipped() {
            self.happened(id, Event::Skipped { because })?;
        }
        Ok(())
    }

    /// Takes in what happened to a step. Counting all of them each time would make the time of a run
    /// grow with the square of its steps.
    pub(super) fn happened(&mut self, id: StepId, event: Event) -> Result<(), ExecuteError> {
        // Queued, not awaited: whatever is started later is on disk after it.
        let index = id.0 as usize;
        let step = &self.steps[index];
        let passwords = super::password_events::of(
            &step.op,
            &Targets::of(step, self.states),
            &event,
            self.head.directory.id,
        );
        drop(self.executor.journal.ended(&self.head.id, id, event.clone(), passwords));
        let state = &mut self.states[index];
        if let Some(count) = self.counts.of(state) {
            *count -= 1;
        }
        *state = after(std::mem::take(state), event)?;
        if let Some(count) = self.counts.of(state) {
            *count += 1;
        }
        for no in &self.steps[index].changes {
            self.letters.of(*no, self.head, self.changes, self.steps, self.states);
        }
        Ok(())
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

fn after(state: StepState, event: Event) -> Result<StepState, ExecuteError> {
    // In memory a step goes from pending to its end; on disk it was started in between.
    let started = match (&state, &event) {
        (StepState::Pending | StepState::Parked(_), Event::Skipped { .. }) => StepState::Pending,
        (StepState::Pending | StepState::Parked(_), _) => StepState::Started,
        _ => state,
    };
    Ok(started.after(event).map_err(JournalError::from)?)
}
