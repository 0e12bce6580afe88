//! The check of a whole plan: rules over many values, one file per rule. What concerns one value is
//! found by the change itself (`change/`).
//!
//! To add a rule: its file, and one line in `check`.

mod directory_rules;
mod double_claims;
mod guards;
mod last_administrator;
mod mailbox_last;
mod password_home;
mod password_policy;
mod passwords;
mod permissions;
mod protected;
mod seats;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::change::{Change, ChangeNo, Impact, Subject};
use super::derive::Derivation;
use super::draft::{Draft, DraftParts, Rejected};
use super::edit::Edit;
use super::step::{Step, StepId};
use super::view::View;
use crate::accounts::{Facts, R};
use crate::directory::{DirectoryIdentity, DirectoryRules, PasswordRules};
use crate::model::{Origin, Problem, Secret, Severity, SkuId, SourceFile, TenantId};

pub use guards::{Guards, Harm};
pub use seats::{SeatCount, SeatsShort};

/// Options that shape a plan's steps; a plan file keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanOptions {
    /// What to do when there are fewer seats than people.
    pub seats_short: SeatsShort,
}

/// A change within a plan.
#[derive(Debug)]
pub struct PlannedChange {
    /// What was asked for.
    pub change: Change,
    /// The row or line that asked.
    pub origin: Origin,
    /// Whom it turned out to be about.
    pub subject: Subject,
    /// What it makes different.
    pub edits: Vec<Edit>,
    /// What is wrong with it, and remarks.
    pub problems: Vec<Problem>,
    /// Why it is left out of the run although the plan goes on: its row goes to the failed rows.
    pub left_out: Option<Problem>,
}

/// Which directory and tenant a plan is for, and the rules there.
#[derive(Debug, Clone)]
pub struct Identities {
    /// The directory.
    pub directory: DirectoryIdentity,
    /// The tenant, if the plan touches it.
    pub tenant: Option<TenantId>,
    /// How many users the directory has.
    pub people: u64,
    pub(super) passwords: PasswordRules,
    rules: DirectoryRules,
}

/// A plan: checked, ready to be shown, saved or applied.
pub struct Plan {
    /// The changes, in the order of recording.
    pub changes: Vec<PlannedChange>,
    /// Rows that can't become changes.
    pub rejected: Vec<Rejected>,
    /// The steps, in plan order.
    pub steps: Vec<Step>,
    /// Names of the tenant's products, as far as they were read.
    pub products: HashMap<SkuId, String>,
    /// Seats that the plan needs, by product.
    pub seats: Vec<SeatCount>,
    /// Files whose rows became changes.
    pub sources: Vec<SourceFile>,
    /// Passwords that were given.
    pub secrets: HashMap<ChangeNo, Secret>,
    /// Options that shaped the steps.
    pub options: PlanOptions,
    /// What the plan is for.
    pub identities: Identities,
    /// How many groups the tenant has, as far as they were read.
    pub groups: u64,
}

impl Plan {
    /// Whether something stops it.
    pub fn has_errors(&self) -> bool {
        self.problems().any(|(_, problem)| problem.is_error())
    }

    /// Whether what stops it is a guard, which no other input would satisfy.
    pub fn is_guarded(&self) -> bool {
        let guards = ["protected", "too_many_deletes", "too_many_revokes"];
        self.problems().any(|(_, it)| it.is_error() && guards.contains(&it.code.as_ref()))
    }

    /// Whether all that stops it is that the app lacks permissions: no other input would help.
    pub fn lacks_permissions(&self) -> bool {
        let mut errors = self.problems().filter(|(_, problem)| problem.is_error()).peekable();
        errors.peek().is_some() && errors.all(|(_, problem)| problem.code == "permission")
    }

    /// Whether there is something to ask about.
    pub fn has_warnings(&self) -> bool {
        self.problems().any(|(_, problem)| problem.severity == Severity::Warning)
    }

    /// Every problem with the row that it belongs to.
    pub fn problems(&self) -> impl Iterator<Item = (&Origin, &Problem)> {
        let rejected = self.rejected.iter().map(|row| (&row.origin, &row.problems));
        let planned = self.changes.iter().map(|change| (&change.origin, &change.problems));
        rejected
            .chain(planned)
            .flat_map(|(row, problems)| problems.iter().map(move |problem| (row, problem)))
    }

    /// The most harm that one of its changes can do; `None` when there is nothing to do.
    pub fn impact(&self) -> Option<Impact> {
        let acting = self.changes.iter().filter(|change| change.acts());
        acting.map(PlannedChange::impact).max()
    }

    /// Changes that make something different.
    pub fn acting(&self) -> usize {
        self.changes.iter().filter(|change| change.acts()).count()
    }
}

impl PlannedChange {
    /// How much harm it does.
    pub fn impact(&self) -> Impact {
        self.change.intent().impact(&self.edits)
    }

    /// Whether it makes something different in this run.
    pub fn acts(&self) -> bool {
        self.left_out.is_none() && !self.edits.is_empty()
    }
}

/// What every plan must know before it is checked.
pub(super) fn identities(view: &View<'_>, online: bool) -> R<Identities> {
    let directory = view.facts().directory(view.needs());
    let tenant = online.then(|| view.facts().organization(view.needs())).transpose();
    // Known from signing in, so it costs no request of its own.
    let access = online.then(|| view.facts().access(view.needs())).transpose();
    let directory = directory?;
    access?;
    Ok(Identities {
        directory: directory.identity.clone(),
        tenant: tenant?.map(|tenant| tenant.id),
        people: directory.people,
        passwords: directory.passwords,
        rules: directory.rules,
    })
}

/// Checks the whole plan. Problems stay on their change.
pub(super) fn check(
    draft: Draft,
    derivation: Derivation,
    facts: &Facts,
    identities: Identities,
    options: PlanOptions,
    protected: &BTreeSet<String>,
) -> Plan {
    let levels = password_policy::Levels::of(&derivation, identities.passwords.of_new_users);
    let password_problems = passwords::check(&draft, &derivation, &levels);
    let DraftParts { recorded, rejected, sources, secrets } = draft.into_parts();
    let changes =
        recorded.into_iter().zip(derivation.changes).map(|(recorded, derived)| PlannedChange {
            change: recorded.change,
            origin: recorded.origin,
            subject: derived.subject,
            edits: derived.edits,
            problems: derived.problems,
            left_out: None,
        });
    let mut plan = Plan {
        changes: changes.collect(),
        rejected,
        steps: derivation.steps,
        products: products(facts),
        seats: Vec::new(),
        sources,
        secrets,
        options,
        identities,
        groups: facts.mail().group_count(),
    };
    for (no, problem) in password_problems {
        plan.changes[no.0 as usize].problems.push(problem);
    }
    directory_rules::check(&mut plan, facts);
    double_claims::check(&mut plan);
    protected::check(&mut plan, protected);
    last_administrator::check(&mut plan, facts);
    permissions::check(&mut plan, facts);
    seats::check(&mut plan, facts);
    mailbox_last::order(&mut plan);
    password_policy::order(&mut plan);
    plan
}

fn products(facts: &Facts) -> HashMap<SkuId, String> {
    let needs = std::cell::RefCell::default();
    let licenses = facts.licenses(&needs).map(|licenses| licenses.as_slice()).unwrap_or_default();
    licenses.iter().map(|license| (license.sku, license.name.clone())).collect()
}

/// Takes steps out of the plan and gives the others new numbers.
fn drop_steps(steps: &mut Vec<Step>, dropped: impl Fn(&Step) -> bool) {
    let mut numbers: HashMap<StepId, StepId> = HashMap::new();
    steps.retain(|step| {
        let kept = !dropped(step);
        if kept {
            let number = StepId(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
            numbers.insert(step.id, number);
        }
        kept
    });
    for step in steps {
        step.renumber(&numbers);
    }
}

/// The licences that a plan may count: by product.
type Free = HashMap<SkuId, i64>;
