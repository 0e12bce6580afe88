//! Passwords that can't be sent now: they go into the outbox, and the run ends.

use std::time::Duration;

use jiff::Timestamp;

use super::Targets;
use super::attempt::{Attempt, Tried};
use crate::directory::NewPassword;
use crate::model::{Field, PasswordOwner, Problem};
use crate::passwords::{PasswordChange, PasswordFault};
use crate::plan::journal::{Event, Made};
use crate::plan::step::Step;

/// How long the tenant is tried before a password is put into the outbox: somebody is waiting who has just
/// chosen it.
pub(super) const QUEUED_AFTER: Duration = Duration::from_secs(5);

impl Attempt<'_> {
    /// Puts a password into the outbox.
    pub(super) fn queue(
        &self,
        targets: &Targets,
        label: &str,
        password: Option<NewPassword>,
    ) -> Tried {
        let (Some(user), Some(password)) = (targets.user, password) else {
            return Tried::unknown_target(label);
        };
        let change = PasswordChange {
            owner: PasswordOwner::Guid(user),
            changed: Timestamp::now(),
            password: password.secret,
        };
        match self.executor.outbox.queue(&change) {
            Ok(()) => Tried::Done(Some(Made::Queued)),
            Err(fault) => Tried::Refused(not_queued(label, &fault)),
        }
    }

    /// What becomes of a step whose password can't be sent now: it waits in the outbox, of a person in the
    /// directory; else the step is put off.
    pub(super) fn put_off(
        &self,
        step: &Step,
        targets: &Targets,
        label: &str,
        problem: Problem,
    ) -> Event {
        let password = step.op.password().and_then(|no| self.passwords.of(no));
        match self.queue(targets, label, password) {
            Tried::Done(made) => Event::Done { made },
            _ => Event::Parked { problem },
        }
    }
}

fn not_queued(label: &str, fault: &PasswordFault) -> Problem {
    let problem = Problem::error("outbox", label, fault.to_string()).field(Field::Password);
    match fault.advice() {
        Some(advice) => problem.advice(advice),
        None => problem,
    }
}
