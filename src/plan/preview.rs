//! What a plan would do, as data; `script` and `cli` render it.

use serde::Serialize;

use super::check::{Plan, PlannedChange};
use super::edit::What;
use crate::model::{AssignedLicense, Problem, Severity, SkuId};

/// One change of a plan, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PreviewLine {
    /// The row or line that asks for it.
    pub row: String,
    /// The subject's name.
    pub user: String,
    /// The online ID that the account gets.
    pub online_id: Option<String>,
    /// What the person would get, in order.
    pub adds: Vec<&'static str>,
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
        adds: Vec::new(),
        licenses: Vec::new(),
        problems: change.problems.clone(),
    };
    if change.left_out.is_some() || change.problems.iter().any(Problem::is_error) {
        return line;
    }
    for edit in &change.edits {
        match &edit.what {
            What::UserMade(_) => line.adds.push("user"),
            What::OnlineMade(draft) => {
                line.adds.push("online account");
                line.online_id = Some(draft.online_id.to_string());
            }
            // Part of making the online account, unless it is all there is to do.
            What::Linked { .. } if line.online_id.is_none() => line.adds.push("link"),
            What::Linked { .. } => {}
            What::Licenses { old, new } => {
                line.adds.push("licence");
                let added = new.iter().filter(|license| !old.contains(license));
                line.licenses.extend(added.map(|license| name_of(plan, license)));
            }
        }
    }
    line
}

fn name_of(plan: &Plan, license: &AssignedLicense) -> String {
    let named = |sku: SkuId| plan.seats.iter().find(|seats| seats.sku == sku);
    named(license.sku).map_or_else(|| license.sku.to_string(), |seats| seats.name.clone())
}

/// How many of what a plan makes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Changes that make something different.
    pub acting: usize,
    /// Changes for which there is nothing to do.
    pub unchanged: usize,
    /// Changes left out.
    pub left_out: usize,
    /// Users to be made.
    pub users: usize,
    /// Online accounts to be made.
    pub online_accounts: usize,
    /// People who get licences.
    pub licensed: usize,
    /// Problems that stop the plan.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
}

impl Totals {
    /// Counts a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut totals = Self { acting: plan.acting(), ..Self::default() };
        for change in &plan.changes {
            let wrong = change.problems.iter().any(Problem::is_error);
            match (&change.left_out, change.edits.is_empty(), wrong) {
                (Some(_), ..) => totals.left_out += 1,
                (None, true, false) => totals.unchanged += 1,
                _ => {}
            }
            if change.left_out.is_some() {
                continue;
            }
            for edit in &change.edits {
                match edit.what {
                    What::UserMade(_) => totals.users += 1,
                    What::OnlineMade(_) => totals.online_accounts += 1,
                    What::Licenses { .. } => totals.licensed += 1,
                    What::Linked { .. } => {}
                }
            }
        }
        totals.errors = plan.problems().filter(|(_, problem)| problem.is_error()).count();
        let warning = |problem: &Problem| problem.severity == Severity::Warning;
        totals.warnings = plan.problems().filter(|(_, problem)| warning(problem)).count();
        totals
    }
}
