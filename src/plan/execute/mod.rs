//! The executor: it alone writes to directory and tenant.
//!
//! Steps run concurrently, each after what it waits for; among those that may run, the earliest in
//! plan order goes first, so that people are finished one after the other and a stop leaves few
//! half-done. What became of each step goes to the journal.
//!
//! * `drive`: the loop that runs steps and takes in what became of them.
//! * `schedule`: which step may run.
//! * `attempt`: one step with its retries, in the terms of its recovery class.
//! * `directory`, `graph`, `exchange`: what an operation sends, and how an unknown outcome is settled.
//! * `look`: what is looked at before it is sent again.
//! * `mailboxes`: waiting for mailboxes.
//! * `outbox`: passwords that can't be sent now.
//! * `password_events`: what is remembered of passwords.
//! * `passwords`: the passwords of a run, sealed before they are sent.
//! * `settle`: what was done is looked for once, in bulk.
//! * `handover`: the letters at the end.

mod attempt;
mod directory;
mod drive;
mod exchange;
mod graph;
mod handover;
mod look;
mod mailboxes;
mod outbox;
mod password_events;
mod passwords;
mod schedule;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use self::drive::Drive;
use self::handover::Letters;
use self::passwords::Passwords;
use super::journal::{Journal, JournalError, Made, RunState, StepState, StoredRun};
use super::step::{MemberTarget, Step, Target};
use crate::accounts::{AccountsFault, Sources};
use crate::model::{GroupId, ObjectId, Problem, UserGuid};
use crate::passwords::{LetterLanguages, Outbox, PasswordFault, SealingKey};

pub use self::look::SUPERSEDED;
pub use self::password_events::refusal;
pub use self::passwords::seal_given;

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
    /// What the letters say, by language.
    pub languages: &'a LetterLanguages,
    /// Where passwords wait that can't be sent now.
    pub outbox: &'a Outbox,
    /// The page where people sign in, for the letters.
    pub sign_in_url: &'a str,
    /// How long one step is tried again before it is put off.
    pub patience: Duration,
    /// How long a mailbox is waited for before that is put off.
    pub mailbox_patience: Duration,
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
        let passwords = Passwords::open(&run, self.journal, self.key).await?;
        let mut letters = Letters::begin(&run, &passwords, self.languages, self.sign_in_url)?;
        letters.of_the_ended(&run);
        let drive = Drive::new(self, &mut run, &passwords, &mut letters);
        let halt = drive.run_out(&mut stops).await?;
        let written = letters.finish()?;
        // Only when a letter is on disk, the sealed copy may go.
        self.journal.destroy_sealed(&run.head.id, written.settled).await?;
        if run.states.iter().all(StepState::has_ended) {
            self.journal.set_state(&run.head.id, RunState::Finished).await?;
            run.state = RunState::Finished;
        }
        Ok(Executed { run, halt, letters: written.letters })
    }
}

/// Gives a run up: letters for everybody who got a password are written, also for those who are
/// half done; then every sealed password is destroyed. Returns the number of letters.
pub async fn abandon(
    run: &StoredRun,
    journal: &Journal,
    key: &SealingKey,
    languages: &LetterLanguages,
    sign_in_url: &str,
) -> Result<usize, ExecuteError> {
    let passwords = Passwords::open(run, journal, key).await?;
    let all = passwords.changes();
    let mut letters = Letters::begin(run, &passwords, languages, sign_in_url)?;
    letters.of_everybody(run);
    let written = letters.finish()?;
    journal.destroy_sealed(&run.head.id, all).await?;
    journal.set_state(&run.head.id, RunState::Abandoned).await?;
    Ok(written.letters)
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
    /// The count that a state belongs to, if it has one.
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
#[derive(Debug, Clone, Default)]
struct Targets {
    user: Option<UserGuid>,
    /// The run itself made the user: that it isn't to be seen means little.
    is_new_user: bool,
    online: Option<ObjectId>,
    group: Option<GroupId>,
    /// By its id, as Exchange takes it.
    member: Option<String>,
}

impl Targets {
    fn of(step: &Step, states: &[StepState]) -> Self {
        Self {
            user: step.user.as_ref().and_then(|target| user_of(target, states)),
            is_new_user: step.user.as_ref().is_some_and(|target| target.made_by().is_some()),
            online: step.online.as_ref().and_then(|target| online_of(target, states)),
            group: step.group.as_ref().and_then(|target| group_of(target, states)),
            member: step.member.as_ref().and_then(|member| member_of(member, states)),
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

fn group_of(target: &Target<GroupId>, states: &[StepState]) -> Option<GroupId> {
    match target {
        Target::Known(id) => Some(*id),
        Target::MadeBy(step) => match states.get(step.0 as usize)?.made() {
            Some(Made::Group(id)) => Some(id),
            _ => None,
        },
    }
}

fn member_of(member: &MemberTarget, states: &[StepState]) -> Option<String> {
    Some(match member {
        MemberTarget::Online(target) => online_of(target, states)?.to_string(),
        MemberTarget::Group(target) => group_of(target, states)?.to_string(),
        MemberTarget::Recipient(id) => id.to_string(),
    })
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
