//! A name that two changes of the plan take.

use std::collections::HashMap;

use super::Plan;
use crate::model::{Field, Problem};
use crate::plan::step::Claim;

/// Every taker after the first gets a problem that names the first one's line.
pub(super) fn check(plan: &mut Plan) {
    let mut first: HashMap<&Claim, usize> = HashMap::new();
    let mut found = Vec::new();
    for step in &plan.steps {
        let Some(change) = step.changes.first().map(|no| no.0 as usize) else { continue };
        for claim in &step.takes {
            let (field, value) = match claim {
                Claim::LocalName(name) => (Field::UserName, name.to_string()),
                Claim::OnlineName(name) => (Field::OnlineId, name.to_string()),
                Claim::Link(_) => (Field::OnlineId, "of that online account".to_owned()),
                // The view knows at each point of the plan who has an address.
                Claim::Seat(_) | Claim::Address(_) => continue,
            };
            match first.get(claim) {
                Some(other) if *other != change => found.push((change, *other, field, value)),
                Some(_) => {}
                None => {
                    first.insert(claim, change);
                }
            }
        }
    }
    for (change, other, field, value) in found {
        let where_ = plan.changes[other].origin.label();
        let subject = plan.changes[change].change.intent().label();
        plan.changes[change].problems.push(
            Problem::error(
                "duplicate",
                subject,
                format!("{field} {value} is taken by {where_} as well"),
            )
            .field(field)
            .value(value)
            .advice("remove one of the two, or give one of them another name"),
        );
    }
}
