//! Whoever loses the mailbox comes into groups and leaves them first, wherever in the plan that is said:
//! Exchange finds nobody without a mailbox, and whoever it doesn't find stays a member.

use std::collections::{HashMap, HashSet};

use super::Plan;
use crate::model::ObjectId;
use crate::plan::exchange_op::ExchangeOp;
use crate::plan::step::{GraphOp, MemberTarget, Needs, Op, Step, StepId, Target};

/// What may take a mailbox waits for its person's steps in groups: for all before it, and for the
/// leaving that is planned later, unless that has to wait for the very same thing.
pub(super) fn order(plan: &mut Plan) {
    let mut in_groups: HashMap<Target<ObjectId>, Vec<(StepId, bool)>> = HashMap::new();
    for step in &plan.steps {
        if let (Op::Exchange(op), Some(MemberTarget::Online(online))) = (&step.op, &step.member) {
            let leaves = matches!(op, ExchangeOp::RemoveMember { .. });
            in_groups.entry(*online).or_default().push((step.id, leaves));
        }
    }
    let takers: Vec<StepId> =
        plan.steps.iter().filter(|step| takes_mailbox(&step.op)).map(|step| step.id).collect();
    for taker in takers {
        let online = plan.steps[taker.0 as usize].online;
        for (id, leaves) in online.and_then(|online| in_groups.get(&online)).into_iter().flatten() {
            let is_meant = *id < taker || *leaves;
            let known = &plan.steps[taker.0 as usize].after;
            if is_meant
                && known.iter().all(|(other, _)| other != id)
                && !waits_for(&plan.steps, *id, taker)
            {
                plan.steps[taker.0 as usize].after.push((*id, Needs::Ended));
            }
        }
    }
}

fn takes_mailbox(op: &Op) -> bool {
    match op {
        Op::Graph(GraphOp::Delete) => true,
        Op::Graph(GraphOp::AssignLicenses { remove, .. }) => !remove.is_empty(),
        _ => false,
    }
}

/// Whether the step waits for the other one, at whatever distance.
fn waits_for(steps: &[Step], step: StepId, other: StepId) -> bool {
    let mut seen = HashSet::from([step]);
    let mut open = vec![step];
    while let Some(step) = open.pop() {
        if step == other {
            return true;
        }
        let before = steps[step.0 as usize].after.iter().map(|(before, _)| *before);
        open.extend(before.filter(|before| seen.insert(*before)));
    }
    false
}
