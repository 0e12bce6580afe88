//! What the app may not do is said before the first write, with the permission's name (`graph.md §16`).

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Plan;
use crate::accounts::{Facts, Needs};
use crate::model::Problem;
use crate::online::permissions::{
    ASSIGN_LICENSES, CREATE_USERS, DELETE_USERS, ENABLE_USERS, Permission, REVOKE_SESSIONS,
    SET_MANAGERS, SET_PASSWORDS, UPDATE_USERS,
};
use crate::plan::step::{GraphOp, Op};

/// A problem for each permission that a change lacks. Where the token doesn't say what is granted, the
/// tenant will.
pub(super) fn check(plan: &mut Plan, facts: &Facts) {
    let needs = RefCell::new(Needs::default());
    let Ok(access) = facts.access(&needs) else { return };
    let Some(granted) = &access.permissions else { return };
    let mut lacking = BTreeSet::new();
    for step in &plan.steps {
        let Op::Graph(op) = &step.op else { continue };
        let needed = needed_for(op);
        if needed.granted_by(granted).is_none() {
            let changes = step.changes.iter().map(|no| no.0 as usize);
            lacking.extend(changes.map(|index| (index, needed.name, needed.reason)));
        }
    }
    for (index, name, reason) in lacking {
        let change = &mut plan.changes[index];
        let label = change.change.intent().label();
        let message = format!("the app lacks the permission {name}: it can't {reason}");
        change.problems.push(
            Problem::error("permission", label, message)
                .advice("grant it with admin consent; acctsh doctor shows all that is missing"),
        );
    }
}

fn needed_for(op: &GraphOp) -> Permission {
    match op {
        GraphOp::CreateOnline { .. } => CREATE_USERS,
        GraphOp::AssignLicenses { .. } => ASSIGN_LICENSES,
        GraphOp::SetSignIn { .. } => ENABLE_USERS,
        GraphOp::SetAnchor | GraphOp::SetTexts { .. } | GraphOp::Rename { .. } => UPDATE_USERS,
        GraphOp::SetManager { .. } => SET_MANAGERS,
        GraphOp::SetPassword { .. } => SET_PASSWORDS,
        GraphOp::SignOut => REVOKE_SESSIONS,
        GraphOp::Delete | GraphOp::Restore => DELETE_USERS,
    }
}
