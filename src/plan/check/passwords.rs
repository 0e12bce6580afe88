//! Given passwords against the rules of the sides that they are for.

use std::collections::HashSet;

use super::password_policy::Levels;
use crate::model::{Field, OnlineId, PasswordPolicy, PasswordRule, Problem};
use crate::plan::change::{Change, ChangeNo, CreateAccount, OnlineName};
use crate::plan::derive::{Derivation, DerivedChange};
use crate::plan::draft::Draft;
use crate::plan::edit::What;

/// A problem for each rule that a given password breaks. Never names the password.
pub(super) fn check(
    draft: &Draft,
    derivation: &Derivation,
    levels: &Levels,
) -> Vec<(ChangeNo, Problem)> {
    let mut problems = Vec::new();
    for (no, password) in draft.secrets() {
        let index = no.0 as usize;
        let (Some(recorded), Some(derived)) =
            (draft.recorded().get(index), derivation.changes.get(index))
        else {
            continue;
        };
        let level = levels.at(*no);
        let Rules { policies, names } = match &recorded.change {
            Change::CreateAccount(create) => of_new(create, level),
            change => of_existing(change, derived, level),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut rules: Vec<PasswordRule> =
            policies.iter().flat_map(|policy| policy.broken_by(password, &names)).collect();
        let mut seen = HashSet::new();
        rules.retain(|rule| seen.insert(*rule));
        let label = recorded.change.intent().label();
        for rule in rules {
            let message = format!("the password can't be used: {rule}");
            let problem = Problem::error("password_refused", &label, message)
                .field(Field::Password)
                .advice(advice(&recorded.change));
            problems.push((*no, problem));
        }
    }
    problems.sort_by_key(|(no, _)| *no);
    problems
}

fn advice(change: &Change) -> &'static str {
    match change {
        Change::CreateAccount(_) => "give another one, or leave it empty to have one made up",
        Change::CarryPassword(_) => {
            "the person chooses one that both sides take; until then the earlier one counts online"
        }
        _ => "choose another one: nothing was changed",
    }
}

/// What a password is held against.
struct Rules {
    policies: Vec<PasswordPolicy>,
    /// What it may not contain.
    names: Vec<String>,
}

fn of_new(create: &CreateAccount, level: PasswordPolicy) -> Rules {
    let policies = match (create.online.as_ref(), level) {
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
    Rules { policies, names: vec![create.user_name.to_string(), online_name.to_owned()] }
}

/// Of somebody who is there: the rules of each side that gets it. What the directory has taken already is
/// held against the tenant's alone.
fn of_existing(change: &Change, derived: &DerivedChange, level: PasswordPolicy) -> Rules {
    let mut rules = Rules { policies: Vec::new(), names: vec![change.intent().label()] };
    for edit in &derived.edits {
        match &edit.what {
            What::UserPassword { .. } => rules.policies.push(level),
            // What waits is to arrive later.
            What::PasswordQueued => rules.policies.push(PasswordPolicy::Tenant),
            What::OnlinePassword { online_id, .. } => {
                rules.policies.push(PasswordPolicy::Tenant);
                rules.names.push(OnlineId::local_part(online_id).to_owned());
            }
            _ => {}
        }
    }
    rules
}
