//! The letters of a run that still lie in its hand-over folder, and whom it may have written to.
//!
//! Reading only: `execute/handover` writes them.

use super::change::{Change, ChangeNo};
use super::check::Plan;
use super::journal::StoredRun;
use super::step::Step;
use crate::passwords::{PasswordFault, filed_letters};

pub use crate::passwords::FiledLetter;

impl Plan {
    /// Whether somebody gets a password that is handed over, hence a letter.
    pub fn writes_letters(&self) -> bool {
        let change = |no: ChangeNo| self.changes.get(no.0 as usize).map(|planned| &planned.change);
        !handed_over(&self.steps, change).is_empty()
    }
}

impl StoredRun {
    /// Whether somebody gets a password that is handed over, hence a letter.
    pub fn writes_letters(&self) -> bool {
        !self.handed_over().is_empty()
    }

    fn handed_over(&self) -> Vec<&Change> {
        let change = |no: ChangeNo| self.changes.get(no.0 as usize).map(|stored| &stored.change);
        handed_over(&self.steps, change)
    }
}

/// The changes whose passwords the steps set and somebody is to be told, in plan order.
fn handed_over<'c>(
    steps: &[Step],
    change: impl Fn(ChangeNo) -> Option<&'c Change>,
) -> Vec<&'c Change> {
    let mut changes: Vec<_> = steps.iter().filter_map(|step| step.op.password()).collect();
    changes.sort_unstable();
    changes.dedup();
    changes.into_iter().filter_map(change).filter(|change| change.hands_over()).collect()
}

/// The letters of the run that are still there, by name. `None` if their folder is gone.
pub fn letters_of(run: &StoredRun) -> Result<Option<Vec<FiledLetter>>, PasswordFault> {
    let head = &run.head;
    filed_letters(&head.handover, head.id.as_str(), &head.profile, head.is_sandbox)
}

/// The names of those whom the run hands a password over to, in plan order.
pub fn addressees(run: &StoredRun) -> Vec<String> {
    run.handed_over().into_iter().map(|change| change.intent().label()).collect()
}
