//! Derivation: every change's effect over the facts plus the edits before it, then its steps.
//!
//! A pass that lacks facts goes on to collect what else is lacking; everything is read in bulk and
//! the pass is repeated from the first change that lacked something. After that change nothing is
//! taken into the overlay, so nothing has to be undone.

mod mail;

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use self::mail::MailQueues;
use super::change::{Change, ChangeNo, Subject};
use super::edit::{Edit, Edits, What};
use super::person::Person;
use super::step::{
    Claim, DirectoryOp, GraphOp, Needs as StepNeeds, OnlinePassword, Op, OutboxOp, Step, StepId,
    Target,
};
use super::view::{Overlay, View};
use crate::accounts::{Facts, Needs};
use crate::directory::UserWrite;
use crate::model::{AssignedLicense, Details, Field, ObjectId, Problem, SkuId, UserGuid};

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
    made_users: HashMap<Subject, Target<UserGuid>>,
    made_online: HashMap<Subject, Target<ObjectId>>,
    /// Who leaves a name or an online account that others take later in the plan.
    freed: HashMap<Claim, StepId>,
    last: HashMap<Subject, StepId>,
    mail: MailQueues,
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
                // What can be done without the tenant doesn't ask it.
                there if !change.touches_tenant() => {
                    view.user(there).map(|user| Person { user, ..Person::default() })
                }
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

    fn take_in(&mut self, no: ChangeNo, mut out: Edits, before: &Person) {
        out.drop_idle_waiting();
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

    /// Each difference is one step; values of the same user that change together are one write.
    fn step_for(&mut self, no: ChangeNo, edit: &Edit, before: &Person) {
        let subject = edit.subject;
        if let What::Mail(mail) = &edit.what {
            return self.mail_steps(no, subject, mail);
        }
        if let Some(write) = user_write(&edit.what)
            && self.joins_last_step(no, subject, &write)
        {
            return;
        }
        let id = StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        let op = op_for(no, &edit.what, before);
        self.made(no, subject, id, &edit.what);
        let (takes, mut frees) = claims(&edit.what);
        frees.extend(names_of_the_deleted(&edit.what, before));
        let user = match &op {
            Op::Directory(
                DirectoryOp::CreateUser { .. } | DirectoryOp::SetPasswordPolicy { .. },
            ) => None,
            Op::Directory(_) | Op::Outbox(_) | Op::Graph(GraphOp::CreateOnline { .. }) => {
                Some(self.user_target(subject, before))
            }
            Op::Graph(GraphOp::SetAnchor) if matches!(edit.what, What::OnlineTaken(_)) => {
                Some(self.user_target(subject, before))
            }
            // Whose password it is, for what is remembered of it.
            Op::Graph(GraphOp::SetPassword { .. }) => {
                before.user.as_ref().map(|_| self.user_target(subject, before))
            }
            Op::Graph(_) | Op::Exchange(_) | Op::Wait(_) => None,
        };
        let online = match &op {
            Op::Graph(GraphOp::CreateOnline { .. }) | Op::Exchange(_) | Op::Wait(_) => None,
            Op::Directory(DirectoryOp::Link { .. }) | Op::Graph(_) => {
                Some(self.online_target(subject, before))
            }
            Op::Directory(_) | Op::Outbox(_) => None,
        };
        let mut step = Step { user, online, takes, frees, ..Step::new(id, no, op) };
        step.after = self.order(subject, &step);
        self.wait_for_mail(subject, &edit.what, &mut step);
        // What the plan did to an account while it was nobody's comes first.
        if let What::OnlineTaken(online) = &edit.what
            && let Some(last) = self.last.get(&Subject::Online(online.id))
            && step.after.iter().all(|(id, _)| id != last)
        {
            step.after.push((*last, StepNeeds::Ended));
        }
        // Seats are counted by the check: whoever needs one waits only if there are too few.
        let names = step.frees.iter().filter(|claim| !matches!(claim, Claim::Seat(_)));
        self.freed.extend(names.map(|name| (name.clone(), id)));
        self.is_last(subject, &edit.what, id);
        self.steps.push(step);
        match &edit.what {
            What::OnlineReleased(online) => {
                self.made_online.remove(&subject);
                self.last.insert(Subject::Online(online.id), id);
            }
            What::OnlineDeleted => {
                self.made_online.remove(&subject);
            }
            What::UserDeleted => {
                self.made_users.remove(&subject);
            }
            _ => {}
        }
    }

    /// Remembers the identity that an edit makes, takes or brings back, for the steps after it.
    fn made(&mut self, no: ChangeNo, subject: Subject, id: StepId, what: &What) {
        match what {
            What::UserMade(_) => {
                self.made_users.insert(subject, Target::MadeBy(id));
            }
            What::UserRestored(user) => {
                self.made_users.insert(subject, Target::Known(user.guid));
            }
            What::OnlineMade(_) => {
                self.made_online.insert(subject, Target::MadeBy(id));
                self.mail.made_online(no, id);
            }
            What::OnlineTaken(online) => {
                self.made_online.insert(subject, Target::Known(online.id));
            }
            What::OnlineRestored(online) => {
                self.made_online.insert(subject, Target::Known(online.id));
            }
            _ => {}
        }
    }

    /// Adds the write to the person's last step, if that is a write of the same user.
    fn joins_last_step(&mut self, no: ChangeNo, subject: Subject, write: &UserWrite) -> bool {
        let Some(last) = self.last.get(&subject) else { return false };
        let Some(step) = self.steps.get_mut(last.0 as usize) else { return false };
        let Op::Directory(DirectoryOp::Update { writes }) = &mut step.op else { return false };
        // A name is a claim of its own, addresses wait for the mailbox, and a value that is
        // written twice keeps its order.
        let alike =
            |other: &UserWrite| std::mem::discriminant(other) == std::mem::discriminant(write);
        if matches!(write, UserWrite::Name { .. } | UserWrite::Mail { .. })
            || writes.iter().any(alike)
        {
            return false;
        }
        writes.push(write.clone());
        if !step.changes.contains(&no) {
            step.changes.push(no);
        }
        true
    }

    /// A person's steps come one after the other; a step needs the success of those whose output it
    /// uses, and of whoever leaves it the name that it takes.
    fn order(&self, subject: Subject, step: &Step) -> Vec<(StepId, StepNeeds)> {
        let mut after: Vec<(StepId, StepNeeds)> =
            step.made_by().map(|made| (made, StepNeeds::Success)).collect();
        let freed = step.takes.iter().filter_map(|claim| self.freed.get(claim));
        after.extend(freed.map(|id| (*id, StepNeeds::Success)));
        if let Some(last) = self.last.get(&subject)
            && after.iter().all(|(id, _)| id != last)
        {
            let needs =
                if needs_all_before(&step.op) { StepNeeds::Success } else { StepNeeds::Ended };
            after.push((*last, needs));
        }
        if let (Op::Directory(DirectoryOp::PutBackPassword { .. }), Some(sent)) =
            (&step.op, self.online_password_of(&step.changes))
        {
            after.retain(|(id, _)| *id != sent);
            after.push((sent, StepNeeds::Refusal));
        }
        after
    }

    /// The step of these changes that sends a password online.
    fn online_password_of(&self, changes: &[ChangeNo]) -> Option<StepId> {
        let sends = |step: &&Step| {
            step.changes == changes && matches!(step.op, Op::Graph(GraphOp::SetPassword { .. }))
        };
        self.steps.iter().rev().find(sends).map(|step| step.id)
    }

    fn user_target(&self, subject: Subject, before: &Person) -> Target<UserGuid> {
        match (self.made_users.get(&subject), &before.user) {
            (Some(target), _) => *target,
            (None, Some(user)) => Target::Known(user.guid),
            // Effects give an online half to users only.
            (None, None) => Target::Known(UserGuid(uuid::Uuid::nil())),
        }
    }

    fn online_target(&self, subject: Subject, before: &Person) -> Target<ObjectId> {
        match (self.made_online.get(&subject), &before.online) {
            (Some(target), _) => *target,
            (None, Some(online)) => Target::Known(online.id),
            (None, None) => Target::Known(ObjectId::KNOWN_AFTER_APPLY),
        }
    }
}

/// Whether a step must not be tried where the one before it on the same person failed.
fn needs_all_before(op: &Op) -> bool {
    match op {
        // The user goes last, and stays where the online half could not go: it is its link. And
        // its end of a link follows the anchor: none points to an account without one.
        Op::Directory(DirectoryOp::Delete | DirectoryOp::Link { .. })
        // And neither side gets a password that the directory has refused.
        | Op::Graph(GraphOp::SetPassword { kind: OnlinePassword::Lasting, .. })
        | Op::Outbox(_) => true,
        Op::Directory(DirectoryOp::Update { writes }) => writes.iter().any(|write| match write {
            UserWrite::Link { new, .. } => new.is_none(),
            // What is to be given back is forgotten only when it was given back.
            UserWrite::Remembered { old, new } => {
                (old.is_unassigned && !new.is_unassigned)
                    || (old.waits_for_password && !new.waits_for_password)
            }
            _ => false,
        }),
        // Nobody gets in without the licence that comes before.
        Op::Graph(GraphOp::SetSignIn { open }) => *open,
        // Seats are freed only when it is remembered whose they were.
        Op::Graph(GraphOp::AssignLicenses { add, remove }) => add.is_empty() && !remove.is_empty(),
        _ => false,
    }
}

/// The value of a user that an edit writes, if that is all it does.
fn user_write(what: &What) -> Option<UserWrite> {
    Some(match what.clone() {
        What::Unlinked { old } => UserWrite::Link { old: Some(old), new: None },
        What::Remembers { old, new } => UserWrite::Remembered { old, new },
        What::UserEnabled(new) => UserWrite::Enabled { old: !new, new },
        What::Unlocked => UserWrite::Unlock,
        What::MustChangePassword(new) => UserWrite::MustChangePassword { old: !new, new },
        What::UserTexts { old, new } => UserWrite::Details { old, new },
        What::UserMail { old, new } => UserWrite::Mail { old, new },
        What::Expires { old, new } => UserWrite::Expires { old, new },
        What::ReportsTo { old, new, .. } => UserWrite::Manager { old, new },
        What::UserNamed { old, new } => UserWrite::Name { old, new },
        _ => return None,
    })
}

fn op_for(no: ChangeNo, what: &What, before: &Person) -> Op {
    if let Some(write) = user_write(what) {
        return Op::Directory(DirectoryOp::Update { writes: vec![write] });
    }
    match what {
        What::UserMade(user) => {
            Op::Directory(DirectoryOp::CreateUser { user: user.clone(), password: no })
        }
        What::Linked { old } => Op::Directory(DirectoryOp::Link { old: *old }),
        What::UserPassword { must_change } => {
            let (must_change, language) = (*must_change, before.language().map(str::to_owned));
            Op::Directory(DirectoryOp::SetPassword { password: no, must_change, language })
        }
        What::PasswordPutBack => Op::Directory(DirectoryOp::PutBackPassword { password: no }),
        What::PasswordQueued => Op::Outbox(OutboxOp::Queue { password: no }),
        What::UserDeleted => Op::Directory(DirectoryOp::Delete),
        What::UserRestored(_) => Op::Directory(DirectoryOp::Restore),
        What::PasswordPolicy { old, new } => {
            Op::Directory(DirectoryOp::SetPasswordPolicy { old: *old, new: *new })
        }
        other => Op::Graph(graph_op_for(no, other, before)),
    }
}

fn graph_op_for(no: ChangeNo, what: &What, before: &Person) -> GraphOp {
    match what {
        What::OnlineMade(account) => {
            GraphOp::CreateOnline { account: account.clone(), password: no }
        }
        What::Licenses { old, new } => GraphOp::AssignLicenses {
            add: new.iter().filter(|license| !old.contains(license)).cloned().collect(),
            remove: without(old, new),
        },
        What::SignInOpen(open) => GraphOp::SetSignIn { open: *open },
        What::OnlineTexts { old, new } => GraphOp::SetTexts { texts: changed(old, new) },
        What::OnlineNamed { old, new } => GraphOp::Rename { old: old.clone(), new: new.clone() },
        What::OnlineReportsTo(manager) => GraphOp::SetManager { manager: *manager },
        What::OnlinePassword { online_id, kind } => GraphOp::SetPassword {
            password: no,
            kind: *kind,
            online_id: online_id.clone(),
            language: before.language().map(str::to_owned),
        },
        What::SignedOut => GraphOp::SignOut,
        What::OnlineDeleted => GraphOp::Delete,
        What::OnlineRestored(_) => GraphOp::Restore,
        // All that is left are the two ends of an anchor; the rest is the directory's.
        _ => GraphOp::SetAnchor,
    }
}

/// Licences of the first that the second doesn't have.
fn without(old: &[AssignedLicense], new: &[AssignedLicense]) -> Vec<SkuId> {
    let gone = old.iter().filter(|license| new.iter().all(|other| other.sku != license.sku));
    gone.map(|license| license.sku).collect()
}

/// The texts that differ; `None` for one that is gone.
fn changed(old: &Details, new: &Details) -> BTreeMap<Field, Option<String>> {
    let gone = old.iter().map(|(field, _)| (field, None));
    let is_new = new.iter().map(|(field, text)| (field, Some(text.to_owned())));
    let mut texts: BTreeMap<Field, Option<String>> = gone.chain(is_new).collect();
    texts.retain(|field, text| old.get(*field) != text.as_deref());
    texts
}

/// Whoever is deleted leaves a name that somebody else may take after that.
fn names_of_the_deleted(what: &What, before: &Person) -> Option<Claim> {
    match what {
        What::UserDeleted => Some(Claim::LocalName(before.user.as_ref()?.name.clone())),
        What::OnlineDeleted => Some(Claim::OnlineName(before.online.as_ref()?.online_id.clone())),
        _ => None,
    }
}

/// What an edit takes, and what it leaves for others.
fn claims(what: &What) -> (Vec<Claim>, Vec<Claim>) {
    match what {
        What::UserMade(user) => (vec![Claim::LocalName(user.name.clone())], Vec::new()),
        What::UserRestored(user) => (vec![Claim::LocalName(user.name.clone())], Vec::new()),
        What::OnlineMade(account) => {
            (vec![Claim::OnlineName(account.online_id.clone())], Vec::new())
        }
        What::OnlineRestored(online) => {
            (vec![Claim::OnlineName(online.online_id.clone())], Vec::new())
        }
        What::OnlineTaken(online) => (vec![Claim::Link(online.id)], Vec::new()),
        What::OnlineReleased(online) => (Vec::new(), vec![Claim::Link(online.id)]),
        What::UserNamed { old, new } => {
            (vec![Claim::LocalName(new.clone())], vec![Claim::LocalName(old.clone())])
        }
        What::OnlineNamed { old, new } => {
            (vec![Claim::OnlineName(new.clone())], vec![Claim::OnlineName(old.clone())])
        }
        What::Licenses { old, new } => {
            let seats = |skus: Vec<SkuId>| skus.into_iter().map(Claim::Seat).collect();
            (seats(without(new, old)), seats(without(old, new)))
        }
        _ => (Vec::new(), Vec::new()),
    }
}
