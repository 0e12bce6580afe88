//! Online accounts that are to follow the directory's passwords, where nothing carries those over.

use std::collections::BTreeSet;

use super::Plan;
use crate::model::{Field, Problem};

impl Plan {
    /// Whether somebody's online account is to follow the password in the directory.
    pub fn counts_on_password_changes(&self) -> bool {
        self.steps.iter().any(|step| step.op.is_undisclosed())
    }

    /// A problem for each of them: changes made in the directory have never been seen to arrive, and
    /// nobody would know the password of the online account (DESIGN §1).
    pub fn refuse_password_changes(&mut self) {
        let following = self.steps.iter().filter(|step| step.op.is_undisclosed());
        let changes: BTreeSet<usize> =
            following.flat_map(|step| step.changes.iter().map(|no| no.0 as usize)).collect();
        for index in changes {
            let Some(change) = self.changes.get_mut(index) else { continue };
            let label = change.change.intent().label();
            let message = "nobody could sign in online: the profile says that passwords are changed in the \
                           directory, and no change made there has been seen to arrive";
            change
                .problems
                .push(Problem::error("password_home", label, message).field(Field::Password).advice(
                "acctsh doctor says how one is seen; until then set password_home = \"online\" in \
                         the profile",
            ));
        }
    }
}
