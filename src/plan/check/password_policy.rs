//! The directory's password policy where a plan changes it: which level holds for which change, and in
//! which order given passwords and levels are written. The passwords themselves are held against it in
//! `passwords`.

use super::Plan;
use crate::model::PasswordPolicy;
use crate::plan::change::ChangeNo;
use crate::plan::derive::Derivation;
use crate::plan::edit::What;
use crate::plan::step::{DirectoryOp, Needs, Op, Step, StepId};

/// The level at each change of a plan.
pub(super) struct Levels {
    before: PasswordPolicy,
    /// What changes set, in plan order.
    set: Vec<(ChangeNo, PasswordPolicy)>,
    comes_first: bool,
}

impl Levels {
    /// Those of a derivation, where the directory has this one now.
    pub(super) fn of(derivation: &Derivation, now: PasswordPolicy) -> Self {
        let changes = (0..).map(ChangeNo).zip(&derivation.changes);
        let set = changes.filter_map(|(no, change)| {
            change.edits.iter().find_map(|edit| match edit.what {
                What::PasswordPolicy { new, .. } => Some((no, new)),
                _ => None,
            })
        });
        Self { before: now, set: set.collect(), comes_first: comes_first(&derivation.steps) }
    }

    /// The level that a password of that change is held to.
    pub(super) fn at(&self, no: ChangeNo) -> PasswordPolicy {
        let holds = |set: &&(ChangeNo, PasswordPolicy)| self.comes_first || set.0 < no;
        self.set.iter().rfind(holds).map_or(self.before, |(_, level)| *level)
    }
}

/// Whether the level is set before all else: online accounts are to follow the directory.
fn comes_first(steps: &[Step]) -> bool {
    steps.iter().any(|step| step.op.is_undisclosed())
}

/// Given passwords are written under the level that they were held to: what comes before a change of it
/// in the plan is written before, what comes after it afterwards. Passwords that acctsh makes up satisfy
/// every level, and don't wait.
pub(super) fn order(plan: &mut Plan) {
    let comes_first = comes_first(&plan.steps);
    let is_given =
        |step: &Step| matches!(step.op.password(), Some(no) if plan.secrets.contains_key(&no));
    let given: Vec<StepId> = (plan.steps.iter())
        .filter(|step| matches!(step.op, Op::Directory(_)) && is_given(step))
        .map(|step| step.id)
        .collect();
    let sets =
        |step: &&Step| matches!(step.op, Op::Directory(DirectoryOp::SetPasswordPolicy { .. }));
    let levels: Vec<StepId> = plan.steps.iter().filter(sets).map(|step| step.id).collect();
    for step in &mut plan.steps {
        if levels.contains(&step.id) {
            let earlier = given.iter().filter(|id| !comes_first && **id < step.id);
            step.after.extend(earlier.map(|id| (*id, Needs::Ended)));
            continue;
        }
        if given.contains(&step.id) || step.op.is_undisclosed() {
            let level = levels.iter().rfind(|id| comes_first || **id < step.id);
            step.after.extend(level.map(|id| (*id, Needs::Success)));
        }
    }
}
