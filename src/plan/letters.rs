//! The letters of a run that still lie in its hand-over folder, and whom it may have written to.
//!
//! Reading only: `execute/handover` writes them.

use super::journal::StoredRun;
use super::step::Step;
use crate::passwords::filed_letters;

pub use crate::passwords::{FiledLetter, PasswordFault};

/// Whether somebody gets a password by these steps, hence a letter.
pub fn sets_passwords(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.op.password().is_some())
}

/// The letters of the run that are still there, by name. `None` if their folder is gone.
pub fn letters_of(run: &StoredRun) -> Result<Option<Vec<FiledLetter>>, PasswordFault> {
    let head = &run.head;
    filed_letters(&head.handover, head.id.as_str(), &head.profile, head.is_sandbox)
}

/// The names of those whose password the run sets, in plan order.
pub fn addressees(run: &StoredRun) -> Vec<String> {
    let mut changes: Vec<_> = run.steps.iter().filter_map(|step| step.op.password()).collect();
    changes.sort_unstable();
    changes.dedup();
    let stored = changes.iter().filter_map(|no| run.changes.get(no.0 as usize));
    stored.map(|stored| stored.change.intent().label()).collect()
}
