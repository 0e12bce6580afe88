//! Passwords that can't be sent now: they go into the outbox, and the run ends.

use std::time::Duration;

use jiff::Timestamp;

use super::attempt::{Attempt, Tried};
use super::{ExecuteError, Targets};
use crate::directory::NewPassword;
use crate::model::{Field, PasswordOwner, Problem};
use crate::passwords::{PasswordChange, PasswordFault};
use crate::plan::journal::{Event, Made};
use crate::plan::step::Step;

/// How long the tenant is tried before a password is put into the outbox: somebody is waiting who has just
/// chosen it.
pub(super) const QUEUED_AFTER: Duration = Duration::from_secs(5);

impl Attempt<'_> {
    /// Puts a password into the outbox, as one that was changed when the directory got it: a resume may be
    /// much later, and the person may have changed it again meanwhile.
    pub(super) async fn queue(
        &self,
        targets: &Targets,
        label: &str,
        password: Option<NewPassword>,
    ) -> Result<Tried, ExecuteError> {
        let (Some(user), Some(password)) = (targets.user, password) else {
            return Ok(Tried::unknown_target(label));
        };
        let set = self.executor.journal.password_set_at(self.directory, user).await?;
        let change = PasswordChange {
            owner: PasswordOwner::Guid(user),
            changed: set.unwrap_or_else(Timestamp::now),
            password: password.secret,
            own: true,
        };
        Ok(match self.executor.outbox.queue(&change) {
            Ok(()) => Tried::Done(Some(Made::Queued)),
            Err(fault) => Tried::Refused(not_queued(label, &fault)),
        })
    }

    /// What becomes of a step whose password can't be sent now: it waits in the outbox, of a person in the
    /// directory; else the step is put off.
    pub(super) async fn put_off(
        &self,
        step: &Step,
        targets: &Targets,
        label: &str,
        problem: Problem,
    ) -> Result<Event, ExecuteError> {
        if targets.user.is_none() {
            return Ok(Event::Parked { problem });
        }
        let password = step.op.password().and_then(|no| self.passwords.of(no));
        Ok(match self.queue(targets, label, password).await? {
            Tried::Done(made) => Event::Done { made },
            // Neither can be used: the outbox is nearer.
            Tried::Refused(problem) | Tried::Again { problem, .. } => Event::Parked { problem },
        })
    }
}

fn not_queued(label: &str, fault: &PasswordFault) -> Problem {
    let problem = Problem::error("outbox", label, fault.to_string()).field(Field::Password);
    match fault.advice() {
        Some(advice) => problem.advice(advice),
        None => problem,
    }
}
