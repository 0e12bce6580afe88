//! The last Global Administrator who can sign in stays (DESIGN §2.5): without one, nobody could ever
//! repair the tenant.

use std::cell::RefCell;
use std::collections::HashMap;

use super::Plan;
use crate::accounts::{Facts, Needs};
use crate::model::{ObjectId, Problem};
use crate::plan::edit::What;
use crate::plan::step::Target;

/// A problem for each change that shuts out the last of them.
pub(super) fn check(plan: &mut Plan, facts: &Facts) {
    let needs = RefCell::new(Needs::default());
    let Ok(holders) = facts.role_holders(&needs) else { return };
    let shut_out = shut_out(plan);
    let concerned: Vec<usize> = holders
        .global_administrators()
        .iter()
        .filter_map(|administrator| shut_out.get(administrator).copied())
        .collect();
    if concerned.is_empty() {
        return;
    }
    let stays = holders.global_administrators().iter().any(|administrator| {
        let online = facts.online(*administrator, &needs).ok().flatten();
        !shut_out.contains_key(administrator) && online.is_none_or(|it| it.can_sign_in)
    });
    if stays {
        return;
    }
    for index in concerned {
        let change = &mut plan.changes[index];
        let label = change.change.intent().label();
        let message = "is the last Global Administrator of the tenant who can sign in";
        change.problems.push(
            Problem::error("protected", label, message)
                .advice("give the role to somebody else first"),
        );
    }
}

/// Online accounts that the plan deletes or closes, with the change that does.
fn shut_out(plan: &Plan) -> HashMap<ObjectId, usize> {
    let mut found = HashMap::new();
    for step in &plan.steps {
        let (Some(Target::Known(online)), Some(no)) = (step.online, step.changes.first()) else {
            continue;
        };
        let index = no.0 as usize;
        let closes = |what: &What| matches!(what, What::OnlineDeleted | What::SignInOpen(false));
        let closing = plan.changes[index].edits.iter().any(|edit| closes(&edit.what));
        if closing {
            found.insert(online, index);
        }
    }
    found
}
