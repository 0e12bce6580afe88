//! People whom the profile protects: nothing touches them, whatever the flags (DESIGN §2.5).

use std::collections::BTreeSet;

use super::Plan;
use crate::model::{Field, Problem};

/// A problem for each change about a protected person. `protected` are user names in lower case.
pub(super) fn check(plan: &mut Plan, protected: &BTreeSet<String>) {
    for change in &mut plan.changes {
        let name = change.change.intent().label();
        if !change.edits.is_empty() && protected.contains(&name.to_lowercase()) {
            change.problems.push(
                Problem::error("protected", &name, "is protected by the profile and is never touched")
                    .field(Field::UserName)
                    .value(&name)
                    .advice("leave the person out, or take the name off the profile's list of protected ones"),
            );
        }
    }
}
