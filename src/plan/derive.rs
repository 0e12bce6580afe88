//! Derivation: every change's effect over the facts plus the edits before it, then its steps.
//!
//! A pass that lacks facts goes on to collect what else is lacking; everything is read in bulk and
//! the pass is repeated from the first change that lacked something. After that change nothing is
//! taken into the overlay, so nothing has to be undone.

use std::collections::HashMap;
use std::ops::Range;

use super::change::{Change, ChangeNo, Subject};
use super::edit::{Edit, Edits, What};
use super::step::{Claim, DirectoryOp, GraphOp, Needs as StepNeeds, Op, Step, StepId, Target};
use super::view::{Overlay, Person, View};
use crate::accounts::{Facts, Needs};
use crate::model::{ObjectId, Problem, UserGuid};

/// What a change came to.
#[derive(Debug)]
pub struct DerivedChange {
    /// Whom it is about.
    pub subject: Subject,
    /// What it makes different.
    pub edits: Vec<Edit>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Its steps, as a range of [`Derivation::steps`].
    pub steps: Range<usize>,
}

/// Changes derived so far, in order.
#[derive(Debug, Default)]
pub struct Derivation {
    /// One for each change.
    pub changes: Vec<DerivedChange>,
    /// All steps, in plan order.
    pub steps: Vec<Step>,
    overlay: Overlay,
    /// Who is made by which step, and each person's last step so far.
    made_users: HashMap<Subject, StepId>,
    made_online: HashMap<Subject, StepId>,
    last: HashMap<Subject, StepId>,
}

impl Derivation {
    /// Derives further changes, those that follow the derived ones, as far as the facts reach.
    /// Returns what is lacking: empty when all is derived.
    pub fn advance<'a>(
        &mut self,
        further: impl Iterator<Item = &'a Change>,
        facts: &Facts,
    ) -> Needs {
        let mut lacking = Needs::default();
        let mut complete = true;
        for (index, change) in (self.changes.len()..).zip(further) {
            let no = ChangeNo(u32::try_from(index).unwrap_or(u32::MAX));
            let known = u32::try_from(self.changes.len()).unwrap_or(u32::MAX);
            let view = View::new(facts, &self.overlay, known);
            let mut out = Edits::new(no, change.intent().subject(no));
            let effect = change.intent().effect(no, &view, &mut out);
            let before = effect.and_then(|()| match out.subject {
                Subject::New(new) if new == no => Ok(Person::default()),
                there => view.person(there),
            });
            lacking.merge(view.into_needs());
            match before {
                Ok(before) if complete => self.take_in(no, out, &before),
                Ok(_) => {}
                Err(_) => complete = false,
            }
        }
        if complete { Needs::default() } else { lacking }
    }

    /// The view after everything derived so far.
    pub fn view<'a>(&'a self, facts: &'a Facts) -> View<'a> {
        View::new(facts, &self.overlay, u32::try_from(self.changes.len()).unwrap_or(u32::MAX))
    }

    fn take_in(&mut self, no: ChangeNo, out: Edits, before: &Person) {
        let first = self.steps.len();
        if out.subject != Subject::New(no) {
            self.overlay.found(no, out.subject);
        }
        // A change with an error makes nothing: the plan can't be applied, and what comes after it
        // is judged as if it weren't there.
        if !out.has_errors() {
            for edit in &out.edits {
                self.step_for(no, edit, before);
            }
            for edit in &out.edits {
                self.overlay.apply(no, edit, before);
            }
        }
        self.changes.push(DerivedChange {
            subject: out.subject,
            edits: out.edits,
            problems: out.problems,
            steps: first..self.steps.len(),
        });
    }

    /// Each difference is one step.
    fn step_for(&mut self, no: ChangeNo, edit: &Edit, before: &Person) {
        let subject = edit.subject;
        let id = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        let mut takes = Vec::new();
        let op = match &edit.what {
            What::UserMade(user) => {
                takes.push(Claim::LocalName(user.name.clone()));
                self.made_users.insert(subject, id);
                Op::Directory(DirectoryOp::CreateUser { user: user.clone(), password: no })
            }
            What::OnlineMade(account) => {
                takes.push(Claim::OnlineName(account.online_id.clone()));
                let user = self.user_target(subject, before);
                self.made_online.insert(subject, id);
                Op::Graph(GraphOp::CreateOnline { account: account.clone(), user, password: no })
            }
            What::Linked { old } => Op::Directory(DirectoryOp::Link {
                user: self.user_target(subject, before),
                old: *old,
                online: self.online_target(subject, before),
            }),
            What::Licenses { old, new } => {
                let add: Vec<_> =
                    new.iter().filter(|license| !old.contains(license)).cloned().collect();
                let had = |sku| old.iter().any(|license| license.sku == sku);
                takes.extend(add.iter().filter(|l| !had(l.sku)).map(|l| Claim::Seat(l.sku)));
                let gone = old.iter().filter(|license| new.iter().all(|l| l.sku != license.sku));
                Op::Graph(GraphOp::AssignLicenses {
                    account: self.online_target(subject, before),
                    remove: gone.map(|license| license.sku).collect(),
                    add,
                })
            }
        };
        let after = self.order(subject, &op);
        self.last.insert(subject, id);
        self.steps.push(Step { id, changes: vec![no], op, after, takes });
    }

    /// A person's steps come one after the other; a step needs the success of those whose output it
    /// uses.
    fn order(&self, subject: Subject, op: &Op) -> Vec<(StepId, StepNeeds)> {
        let mut after = Vec::new();
        for made in made_by(op) {
            after.push((made, StepNeeds::Success));
        }
        if let Some(last) = self.last.get(&subject)
            && after.iter().all(|(id, _)| id != last)
        {
            after.push((*last, StepNeeds::Ended));
        }
        after
    }

    fn user_target(&self, subject: Subject, before: &Person) -> Target<UserGuid> {
        match (self.made_users.get(&subject), &before.user) {
            (Some(step), _) => Target::MadeBy(*step),
            (None, Some(user)) => Target::Known(user.guid),
            // Effects give an online half to users only.
            (None, None) => Target::Known(UserGuid(uuid::Uuid::nil())),
        }
    }

    fn online_target(&self, subject: Subject, before: &Person) -> Target<ObjectId> {
        match (self.made_online.get(&subject), &before.online) {
            (Some(step), _) => Target::MadeBy(*step),
            (None, Some(online)) => Target::Known(online.id),
            (None, None) => Target::Known(ObjectId::KNOWN_AFTER_APPLY),
        }
    }
}

/// The steps whose output an operation uses.
fn made_by(op: &Op) -> Vec<StepId> {
    fn of<Id>(target: &Target<Id>) -> Option<StepId> {
        match target {
            Target::MadeBy(step) => Some(*step),
            Target::Known(_) => None,
        }
    }
    match op {
        Op::Directory(DirectoryOp::CreateUser { .. }) => Vec::new(),
        Op::Directory(DirectoryOp::Link { user, online, .. }) => {
            of(user).into_iter().chain(of(online)).collect()
        }
        Op::Graph(GraphOp::CreateOnline { user, .. }) => of(user).into_iter().collect(),
        Op::Graph(GraphOp::AssignLicenses { account, .. }) => of(account).into_iter().collect(),
    }
}
