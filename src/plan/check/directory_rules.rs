//! What the directory at hand takes and gives back, beyond what every directory does.

use std::collections::HashSet;

use super::Plan;
use crate::accounts::Facts;
use crate::directory::{DirectoryRules, RecycleBin};
use crate::model::{AccessLevel, Field, Problem, UserGuid, UserName};
use crate::plan::change::Subject;
use crate::plan::edit::What;

/// A problem for each user name that the directory doesn't take, and a word on what deleting costs there.
pub(super) fn check(plan: &mut Plan, facts: &Facts) {
    let rules = plan.identities.rules;
    let needs = std::cell::RefCell::default();
    let edits = plan.changes.iter().flat_map(|change| &change.edits);
    let made: HashSet<UserGuid> = edits.filter_map(|edit| made(&edit.what)).collect();
    for change in &mut plan.changes {
        let label = change.change.intent().label();
        let boss = change.edits.iter().find_map(|edit| match &edit.what {
            What::ReportsTo { new: Some(new), name, .. } if made.contains(new) => Some(name),
            _ => None,
        });
        if let Some(boss) = boss.filter(|_| !rules.takes_guid) {
            let message = format!(
                "can't report to {boss} yet: the directory gives it its identity when this plan makes it"
            );
            change.problems.push(
                Problem::error("manager_to_come", &label, message)
                    .field(Field::Manager)
                    .value(boss)
                    .advice("make that person first: apply() between the two"),
            );
        }
        let found = change.edits.iter().flat_map(|edit| problems(&edit.what, rules, &label));
        let mut found: Vec<Problem> = found.collect();
        let links = change
            .edits
            .iter()
            .find(|edit| matches!(edit.what, What::Linked { .. } | What::Remembers { .. }));
        if let Some(Subject::User(guid)) = links.map(|edit| edit.subject)
            && let Ok(Some(user)) = facts.user(guid, &needs)
            && let Some(reason) = user.no_link
        {
            let message = format!("the directory can't keep its link: {reason}");
            found.push(Problem::error("no_link", &label, message).field(Field::OnlineId).advice(
                "clear that attribute of the user, or choose another link_attribute in the profile",
            ));
        }
        change.problems.extend(found);
    }
}

fn made(what: &What) -> Option<UserGuid> {
    match what {
        What::UserMade(user) => Some(user.guid),
        _ => None,
    }
}

fn problems(what: &What, rules: DirectoryRules, label: &str) -> Vec<Problem> {
    match what {
        What::UserMade(user) => {
            let administrator = user.access_level == AccessLevel::Administrator;
            let refused = (administrator && !rules.makes_administrators).then(|| {
                let message = "acctsh makes no administrators of a domain";
                Problem::error("access_level", label, message)
                    .field(Field::AccessLevel)
                    .value("administrator")
                    .advice("make a standard user, and let an administrator put it into the right groups")
            });
            name(&user.name, rules, label).into_iter().chain(refused).collect()
        }
        What::UserNamed { new, .. } => name(new, rules, label).into_iter().collect(),
        What::UserDeleted => bin(rules.recycle_bin, label).into_iter().collect(),
        What::UserRestored(_) if rules.recycle_bin == RecycleBin::WithoutPassword => {
            let message = "comes back without its password";
            vec![
                Problem::warning("password_lost", label, message)
                    .advice("reset it afterwards: account(…).reset_password()"),
            ]
        }
        What::UserRestored(_) if rules.recycle_bin == RecycleBin::Nothing => {
            let message = "the directory can't bring a deleted user back";
            vec![Problem::error("no_way_back", label, message).advice("make a new user")]
        }
        _ => Vec::new(),
    }
}

fn name(name: &UserName, rules: DirectoryRules, label: &str) -> Option<Problem> {
    let reason = rules.names.check(name).err()?;
    let message = format!("the directory doesn't take the user name: {reason}");
    Some(
        Problem::error("user_name", label, message)
            .field(Field::UserName)
            .value(name)
            .advice("choose another user name"),
    )
}

fn bin(kind: RecycleBin, label: &str) -> Option<Problem> {
    match kind {
        RecycleBin::Everything => None,
        RecycleBin::WithoutPassword => Some(Problem::note(
            "password_lost",
            label,
            "the directory's recycle bin is off: restored, the user has lost its password",
        )),
        RecycleBin::Nothing => Some(
            Problem::warning("no_way_back", label, "the directory can't bring a deleted user back")
                .advice("disable keeps everything"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::NameRules;

    #[test]
    fn a_name_is_held_to_the_directory_and_deleting_is_called_what_it_is() {
        let rules = |recycle_bin| DirectoryRules {
            names: NameRules { longest: 20 },
            takes_guid: false,
            makes_administrators: false,
            recycle_bin,
            puts_back_passwords: false,
        };
        let old = UserName::parse("eva").unwrap();
        let renamed = |length: usize| What::UserNamed {
            old: old.clone(),
            new: UserName::parse(&"a".repeat(length)).unwrap(),
        };
        let bin = rules(RecycleBin::WithoutPassword);
        assert_eq!(problems(&renamed(20), bin, "eva"), []);
        assert!(problems(&renamed(21), bin, "eva")[0].message.contains("at most 20 are allowed"));
        let deleted = |kind| problems(&What::UserDeleted, rules(kind), "eva").pop();
        assert_eq!(deleted(RecycleBin::Everything), None);
        assert_eq!(deleted(RecycleBin::WithoutPassword).unwrap().code, "password_lost");
        assert_eq!(deleted(RecycleBin::Nothing).unwrap().code, "no_way_back");
    }
}
