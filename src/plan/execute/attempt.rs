//! One step: started, sent, tried again as long as patience lasts, ended.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rand::Rng as _;
use tokio::sync::watch;
use uuid::Uuid;

use super::exchange::Sending;
use super::mailboxes::MailboxWatch;
use super::outbox::QUEUED_AFTER;
use super::{ExecuteError, Executor, Passwords, Targets};
use crate::model::Problem;
use crate::plan::journal::{Event, Made, RunId, Sent, StoredChange};
use crate::plan::step::{Claim, DirectoryOp, Op, OutboxOp, Recovery, Step, StepId};

/// The first pause before a step is tried again; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What says of a try that it did nothing.
const WAS_NOT_DONE: [&str; 3] = ["not_yet_visible", "throttled", "address_held"];

/// What became of one try.
pub(super) enum Tried {
    /// Done.
    Done(Option<Made>),
    /// Refused for good.
    Refused(Problem),
    /// It may work later, or nobody knows whether it did.
    Again {
        /// Why it didn't work.
        problem: Problem,
        /// When the other side wants to be asked again.
        after: Option<Duration>,
        /// Whether the side as a whole is out of reach, rather than this one thing not ready.
        out_of_reach: bool,
    },
}

impl Tried {
    /// A step was given out although what it writes to isn't known: the plan is damaged.
    pub(super) fn unknown_target(label: &str) -> Self {
        let message = "what the step writes to is not known; the plan is damaged";
        Self::Refused(Problem::error("damaged_plan", label, message))
    }
}

/// What became of a step.
pub(super) struct Ending {
    pub(super) event: Event,
    /// Why its side seems to be out of reach, and since when it was tried.
    pub(super) out_of_reach: Option<(Problem, Instant)>,
}

/// Runs steps of one run.
pub(super) struct Attempt<'a> {
    pub(super) executor: &'a Executor<'a>,
    pub(super) passwords: &'a Passwords<'a>,
    pub(super) run: &'a RunId,
    pub(super) directory: Uuid,
    pub(super) changes: &'a [StoredChange],
    /// What steps of the run leave for others to take.
    pub(super) freed: HashSet<&'a Claim>,
    pub(super) mailboxes: MailboxWatch,
    /// Whether the run stops: then nothing is waited for any more.
    pub(super) halted: watch::Sender<bool>,
}

impl Attempt<'_> {
    /// Runs one step to an end. Each operation is repeated in the way of its recovery class; what it
    /// finds may be its own doing only if it was sent before: `sent` is when.
    pub(super) async fn run(
        &self,
        step: &Step,
        targets: Targets,
        sent: Option<Sent>,
    ) -> (StepId, Result<Ending, ExecuteError>) {
        (step.id, self.to_an_end(step, targets, sent).await)
    }

    async fn to_an_end(
        &self,
        step: &Step,
        targets: Targets,
        mut sent: Option<Sent>,
    ) -> Result<Ending, ExecuteError> {
        let sealed = self.passwords.seal_for(step).await?;
        self.executor.journal.started(self.run, step.id, sealed).await?;
        let (begun, first_sent) = (Instant::now(), Timestamp::now());
        let mut may_be_done = sent.is_some();
        let mut pause = FIRST_PAUSE;
        loop {
            let tried_at = Timestamp::now();
            let (problem, after, out_of_reach) =
                match self.once(step, &targets, sent, may_be_done).await? {
                    Tried::Done(made) => return Ok(Ending::of(Event::Done { made })),
                    Tried::Refused(problem) => return Ok(Ending::of(Event::Failed { problem })),
                    Tried::Again { problem, after, out_of_reach } => (problem, after, out_of_reach),
                };
            let first = sent.map_or(first_sent, |sent| sent.first);
            sent = Some(Sent { first, last: tried_at });
            may_be_done |= !WAS_NOT_DONE.contains(&problem.code.as_ref());
            let wait = after.unwrap_or_else(|| pause.mul_f64(rand::rng().random_range(0.5..1.5)));
            let patience = match step.op {
                Op::Wait(_) => self.executor.mailbox_patience,
                _ => self.executor.patience,
            };
            if step.op.may_be_queued() && begun.elapsed() + wait > patience.min(QUEUED_AFTER) {
                let event = self.put_off(step, &targets, &self.label(step), problem).await?;
                return Ok(Ending::of(event));
            }
            if begun.elapsed() + wait > patience {
                return Ok(Ending {
                    out_of_reach: out_of_reach.then(|| (problem.clone(), begun)),
                    event: Event::Parked { problem },
                });
            }
            self.executor.observer.waiting(Some(&problem.message));
            let is_halted = self.is_halted_within(wait).await;
            self.executor.observer.waiting(None);
            if is_halted {
                return Ok(Ending::of(Event::Parked { problem }));
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Waits; ends early, and says so, when the run stops.
    async fn is_halted_within(&self, time: Duration) -> bool {
        let mut halted = self.halted.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => false,
            stopped = halted.wait_for(|halted| *halted) => stopped.is_ok(),
        }
    }

    fn label(&self, step: &Step) -> String {
        let change = step.changes.first().and_then(|no| self.changes.get(no.0 as usize));
        change.map_or_else(String::new, |stored| stored.change.intent().label())
    }

    async fn once(
        &self,
        step: &Step,
        targets: &Targets,
        sent: Option<Sent>,
        may_be_done: bool,
    ) -> Result<Tried, ExecuteError> {
        let password = match step.op.password() {
            Some(change) => self.passwords.of(change),
            None => step.op.is_undisclosed().then(|| self.passwords.undisclosed()),
        };
        let label = self.label(step);
        match &step.op {
            Op::Directory(op) => {
                let directory = self.executor.sources.directory()?;
                if let (Some(sent), Some(user), DirectoryOp::SetPassword { must_change: false, .. }) =
                    (sent, targets.user, op)
                    && let Some(tried) =
                        super::directory::superseded(&*directory, user, sent.last, &label).await
                {
                    return Ok(tried);
                }
                Ok(super::directory::send(&*directory, op, targets, password, &label).await)
            }
            Op::Graph(op) => {
                let tenant = self.executor.sources.tenant()?;
                let recovery = step.op.recovery();
                if let (Some(sent), Recovery::Look | Recovery::Secret) = (sent, recovery) {
                    let looked = super::look::look(&tenant, op, targets, &label, sent.last).await;
                    if let Some(tried) = looked {
                        return Ok(tried);
                    }
                }
                let was_sent = sent.is_some();
                Ok(super::graph::send(&tenant, op, targets, password, &label, was_sent).await)
            }
            Op::Exchange(op) => {
                let tenant = self.executor.sources.tenant()?;
                let is_moved = step.takes.iter().any(|claim| self.freed.contains(claim));
                let sending = Sending {
                    tenant: &tenant,
                    targets,
                    label: &label,
                    // Whatever was made since the first try may be ours.
                    sent: sent.filter(|_| may_be_done).map(|sent| sent.first),
                    is_new: step.group.is_some_and(|group| group.made_by().is_some()),
                    is_moved,
                };
                Ok(sending.send(op).await)
            }
            Op::Outbox(OutboxOp::Queue { .. }) => self.queue(targets, &label, password).await,
            Op::Wait(condition) => {
                let tenant = self.executor.sources.tenant()?;
                let Some(id) = targets.online else { return Ok(Tried::unknown_target(&label)) };
                Ok(self.mailboxes.look(&tenant, id, *condition, &label).await)
            }
        }
    }
}

impl Ending {
    fn of(event: Event) -> Self {
        Self { event, out_of_reach: None }
    }
}
