//! Given passwords against the rules of the sides that they are for.

use std::collections::HashSet;

use super::password_policy::Levels;
use crate::model::{Field, OnlineId, PasswordPolicy, PasswordRule, Problem};
use crate::plan::change::{Change, ChangeNo, OnlineName};
use crate::plan::draft::Draft;

/// A problem for each rule that a given password breaks. Never names the password.
pub(super) fn check(draft: &Draft, levels: &Levels) -> Vec<(ChangeNo, Problem)> {
    let mut problems = Vec::new();
    for (no, password) in draft.secrets() {
        let Some(Change::CreateAccount(create)) =
            draft.recorded().get(no.0 as usize).map(|recorded| &recorded.change)
        else {
            continue;
        };
        let policies = match (create.online.as_ref(), levels.at(*no)) {
            (Some(_), PasswordPolicy::Strong) => vec![PasswordPolicy::StrongWithTenant],
            (Some(_), directory @ PasswordPolicy::Domain { .. }) => {
                vec![directory, PasswordPolicy::StrongWithTenant]
            }
            (Some(_), directory) => vec![directory, PasswordPolicy::Tenant],
            (None, directory) => vec![directory],
        };
        let online_name = match create.online.as_ref().map(|wish| &wish.name) {
            Some(OnlineName::Full(online_id)) => OnlineId::local_part(online_id),
            Some(OnlineName::Local(local)) => local,
            _ => "",
        };
        let names = [create.user_name.as_str(), online_name];
        let mut rules: Vec<PasswordRule> =
            policies.iter().flat_map(|policy| policy.broken_by(password, &names)).collect();
        let mut seen = HashSet::new();
        rules.retain(|rule| seen.insert(*rule));
        for rule in rules {
            let message = format!("the password can't be used: {rule}");
            let problem = Problem::error("password_refused", &create.user_name, message)
                .field(Field::Password)
                .advice("give another one, or leave it empty to have one made up");
            problems.push((*no, problem));
        }
    }
    problems.sort_by_key(|(no, _)| *no);
    problems
}
