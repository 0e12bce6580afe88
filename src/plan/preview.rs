//! What a plan would do, as data; `script` and `cli` render it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::change::Subject;
use super::check::{Plan, PlannedChange};
use super::edit::{Edit, What};
use super::mail_words::{mail_words, member_words};
use super::tally::Tally;
use crate::model::{AssignedLicense, Details, Problem, SkuId};

/// One change of a plan, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewLine {
    /// The row or line that asks for it.
    pub row: String,
    /// The subject's name.
    pub user: String,
    /// The online ID that the account gets.
    pub online_id: Option<String>,
    /// What becomes different, in order: what is new by its name, everything else as
    /// `what: before → after`.
    pub changes: Vec<String>,
    /// Licences that it gets, by name.
    pub licenses: Vec<String>,
    /// What is wrong with it, and remarks.
    pub problems: Vec<Problem>,
}

/// The lines of a plan, in plan order, made one by one: a plan may have a hundred thousand.
pub fn preview(plan: &Plan) -> impl Iterator<Item = PreviewLine> {
    plan.changes.iter().map(|change| line(plan, change))
}

fn line(plan: &Plan, change: &PlannedChange) -> PreviewLine {
    let mut line = PreviewLine {
        row: change.origin.label(),
        user: change.change.intent().label(),
        online_id: None,
        changes: Vec::new(),
        licenses: Vec::new(),
        problems: change.problems.clone(),
    };
    if change.left_out.is_some() || change.problems.iter().any(Problem::is_error) {
        return line;
    }
    for edit in &change.edits {
        match &edit.what {
            What::OnlineMade(draft) => line.online_id = Some(draft.online_id.to_string()),
            What::OnlineTaken(online) => line.online_id = Some(online.online_id.to_string()),
            What::OnlineNamed { new, .. } => line.online_id = Some(new.to_string()),
            What::Licenses { old, new } => {
                let added = new.iter().filter(|license| !old.contains(license));
                line.licenses.extend(added.map(|license| name_of(plan, license)));
            }
            _ => {}
        }
        line.changes.extend(words(plan, &change.edits, &edit.what));
    }
    line.changes.extend(member_words(&change.edits, change.subject));
    line
}

/// What one difference is called. What goes without saying beside another is not said.
fn words(plan: &Plan, all: &[Edit], what: &What) -> Vec<String> {
    let beside = |other: fn(&What) -> bool| all.iter().any(|edit| other(&edit.what));
    let one = |text: &str| vec![text.to_owned()];
    let from_to = |what: &str, old: &str, new: &str| vec![format!("{what}: {old} → {new}")];
    match what {
        What::UserMade(_) => one("user"),
        What::OnlineMade(_) => one("online account"),
        What::OnlineTaken(online) => vec![format!("link to {}", online.online_id)],
        What::Linked { .. } => {
            let said = |w: &What| matches!(w, What::OnlineMade(_) | What::OnlineTaken(_));
            if beside(said) { Vec::new() } else { one("link") }
        }
        What::OnlineReleased(online) => from_to("link", online.online_id.as_str(), "none"),
        What::Unlinked { .. } => {
            if beside(|w| matches!(w, What::OnlineReleased(_))) {
                Vec::new()
            } else {
                one("link: lost → none")
            }
        }
        What::Licenses { old, new } => vec![licenses(plan, old, new)],
        What::UserEnabled(true) => from_to("user", "disabled", "enabled"),
        What::UserEnabled(false) => from_to("user", "enabled", "disabled"),
        What::SignInOpen(true) => from_to("online sign-in", "blocked", "open"),
        What::SignInOpen(false) => from_to("online sign-in", "open", "blocked"),
        What::Remembers { .. } | What::UserMail { .. } | What::PasswordPutBack => Vec::new(),
        What::UserTexts { old, new } => texts(old, new),
        What::OnlineTexts { old, new } => {
            let of_user = all.iter().find_map(|edit| match &edit.what {
                What::UserTexts { old, new } => Some(texts(old, new)),
                _ => None,
            });
            let said = of_user.unwrap_or_default();
            texts(old, new).into_iter().filter(|text| !said.contains(text)).collect()
        }
        What::Expires { old, new } => {
            let day = |day: &Option<jiff::civil::Date>| {
                day.map_or_else(|| "never".to_owned(), |day| day.to_string())
            };
            from_to("expires", &day(old), &day(new))
        }
        What::ReportsTo { name, .. } => vec![format!("manager: → {name}")],
        What::OnlineReportsTo(_) => {
            let said = |w: &What| matches!(w, What::ReportsTo { .. });
            if beside(said) { Vec::new() } else { one("manager online") }
        }
        What::Unlocked => one("unlocked"),
        What::MustChangePassword(must) => {
            one(if *must { "password must be changed" } else { "password need not be changed" })
        }
        What::UserNamed { old, new } => from_to("user name", old.as_str(), new.as_str()),
        What::OnlineNamed { old, new } => from_to("online ID", old.as_str(), new.as_str()),
        What::UserPassword { .. } => one("new password"),
        What::OnlinePassword { .. } => one("new online password"),
        What::PasswordQueued => one("online password waits"),
        What::SignedOut => one("signed out"),
        What::UserDeleted => one("user deleted"),
        What::OnlineDeleted => one("online account deleted"),
        What::UserRestored(_) => one("user restored"),
        What::OnlineRestored(_) => one("online account restored"),
        What::Mail(edit) => mail_words(edit),
        What::PasswordPolicy { old, new } => {
            from_to("password policy", &old.to_string(), &new.to_string())
        }
    }
}

fn texts(old: &Details, new: &Details) -> Vec<String> {
    let fields: BTreeSet<_> = old.iter().chain(new.iter()).map(|(field, _)| field).collect();
    let differ = fields.into_iter().filter(|field| old.get(*field) != new.get(*field));
    let shown = |details: &Details, field| details.get(field).unwrap_or("empty").to_owned();
    differ.map(|field| format!("{field}: {} → {}", shown(old, field), shown(new, field))).collect()
}

fn licenses(plan: &Plan, old: &[AssignedLicense], new: &[AssignedLicense]) -> String {
    let names = |these: &[AssignedLicense], others: &[AssignedLicense]| {
        let only = these.iter().filter(|it| others.iter().all(|other| other.sku != it.sku));
        only.map(|license| name_of(plan, license)).collect::<Vec<_>>().join(", ")
    };
    match (names(old, new), names(new, old)) {
        (gone, added) if gone.is_empty() && added.is_empty() => "services".to_owned(),
        (gone, _) if gone.is_empty() => "licence".to_owned(),
        (gone, added) if added.is_empty() => format!("licence: {gone} → none"),
        (gone, added) => format!("licence: {gone} → {added}"),
    }
}

fn name_of(plan: &Plan, license: &AssignedLicense) -> String {
    let named = |sku: SkuId| plan.products.get(&sku);
    named(license.sku).map_or_else(|| license.sku.to_string(), Clone::clone)
}

/// How many of what a plan makes different.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// By kind, in the order in which they are told.
    pub parts: BTreeMap<Tally, usize>,
    /// Changes for which there is nothing to do.
    pub unchanged: usize,
    /// Of these, changes of groups.
    pub unchanged_groups: usize,
    /// Changes left out.
    pub left_out: usize,
    /// Problems that stop the plan.
    pub errors: usize,
}

impl Totals {
    /// Counts a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut totals = Self::default();
        for change in &plan.changes {
            let wrong = change.problems.iter().any(Problem::is_error);
            match (&change.left_out, change.edits.is_empty(), wrong) {
                (Some(_), ..) => {
                    totals.left_out += 1;
                    continue;
                }
                (None, true, false) if change.subject != Subject::Directory => {
                    totals.unchanged += 1;
                    let is_group = matches!(change.subject, Subject::Group(_));
                    totals.unchanged_groups += usize::from(is_group);
                }
                _ => {}
            }
            for (tally, count) in Tally::of(&change.edits) {
                *totals.parts.entry(tally).or_default() += count;
            }
        }
        totals.errors = plan.problems().filter(|(_, problem)| problem.is_error()).count();
        totals
    }
}
