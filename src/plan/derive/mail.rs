//! Steps of mailboxes and groups, and their order.
//!
//! What is done to a mailbox comes after what its person's plan holds so far, in an order of its own:
//! nobody's sign-in stays open because a mailbox is waited for. Only what would take the mailbox waits.
//! Members of one group come and go side by side; what is done to the group itself waits for them, and
//! they for it.

use std::collections::HashMap;

use super::Derivation;
use crate::model::{EmailAddress, GroupId, ObjectId};
use crate::plan::change::{ChangeNo, Subject};
use crate::plan::edit::What;
use crate::plan::exchange_op::{Condition, ExchangeOp};
use crate::plan::mail::{Holder, MailEdit, Member, OnlineRef};
use crate::plan::step::{
    Claim, DirectoryOp, GraphOp, MemberTarget, Needs, Op, Step, StepId, Target,
};

/// What mail steps wait for, beside their person's own order.
#[derive(Debug, Default)]
pub(super) struct MailQueues {
    /// Which step makes the online account of a change.
    made_online: HashMap<ChangeNo, StepId>,
    made_groups: HashMap<Subject, StepId>,
    /// The last mail step of each person.
    last: HashMap<Subject, StepId>,
    /// Where a mailbox is waited for.
    awaited: HashMap<OnlineRef, StepId>,
    /// Where a mailbox is seen to be a shared one.
    shared: HashMap<OnlineRef, StepId>,
    groups: HashMap<Subject, GroupQueue>,
    /// Every step that takes somebody into a group or out of it.
    of_member: HashMap<Member, Vec<(Subject, StepId)>>,
}

#[derive(Debug, Default)]
struct GroupQueue {
    /// The last step about the group itself.
    last: Option<StepId>,
    /// Steps about its members since then.
    members: Vec<StepId>,
}

impl MailQueues {
    pub(super) fn made_online(&mut self, no: ChangeNo, step: StepId) {
        self.made_online.insert(no, step);
    }

    fn online(&self, of: OnlineRef) -> Target<ObjectId> {
        match of {
            OnlineRef::Known(id) => Target::Known(id),
            OnlineRef::MadeBy(no) => self
                .made_online
                .get(&no)
                .map_or(Target::Known(ObjectId::KNOWN_AFTER_APPLY), |step| Target::MadeBy(*step)),
        }
    }

    fn reference(&self, target: Target<ObjectId>) -> Option<OnlineRef> {
        match target {
            Target::Known(id) => Some(OnlineRef::Known(id)),
            Target::MadeBy(step) => {
                let made = self.made_online.iter().find(|(_, made)| **made == step);
                made.map(|(no, _)| OnlineRef::MadeBy(*no))
            }
        }
    }

    fn group(&self, subject: Subject) -> Target<GroupId> {
        match (subject, self.made_groups.get(&subject)) {
            (_, Some(step)) => Target::MadeBy(*step),
            (Subject::Group(id), None) => Target::Known(id),
            (_, None) => Target::Known(GroupId::KNOWN_AFTER_APPLY),
        }
    }

    fn member(&self, member: Member) -> MemberTarget {
        match member {
            Member::Account(of) => MemberTarget::Online(self.online(of)),
            Member::Group(subject) => MemberTarget::Group(self.group(subject)),
            Member::Recipient(id) => MemberTarget::Recipient(id),
        }
    }
}

impl Derivation {
    /// The steps of one edit; converting a mailbox has a second one, that sees it converted.
    pub(super) fn mail_steps(&mut self, no: ChangeNo, subject: Subject, edit: &MailEdit) {
        let mut step = Step::new(self.next_step(), no, op_for(edit));
        step.online = edit.mailbox().map(|of| self.mail.online(of));
        if step.online.is_none() {
            // The group's own making has no target yet.
            let made = matches!(edit, MailEdit::GroupMade { .. });
            step.group = (!made).then(|| self.mail.group(subject));
        }
        if let MailEdit::MemberAdded { it, .. } | MailEdit::MemberRemoved { it, .. } = edit {
            step.member = Some(self.mail.member(it.member));
        }
        (step.takes, step.frees) = claims(edit);
        let of_group = step.group.is_some() || matches!(edit, MailEdit::GroupMade { .. });
        step.after = if of_group {
            self.order_in_group(subject, edit, &step)
        } else {
            let mut after = self.order(subject, &step);
            if let Some(last) = self.mail.last.get(&subject) {
                then(&mut after, *last);
            }
            after
        };
        for mailbox in edit.needs_mailboxes() {
            let made = match self.mail.online(mailbox) {
                Target::MadeBy(step) => Some(step),
                Target::Known(_) => None,
            };
            let awaited = self.mail.awaited.get(&mailbox).copied();
            for earlier in awaited.into_iter().chain(made) {
                needs_success(&mut step.after, earlier);
            }
        }
        if let MailEdit::Awaited { .. } = edit {
            // Without the licence before it there is nothing to wait for.
            if let Some(last) = self.last.get(&subject)
                && gives_mailbox(&self.steps[last.0 as usize].op)
            {
                needs_success(&mut step.after, *last);
            }
        }
        if let (MailEdit::Primary { .. }, Some(last)) = (edit, self.last.get(&subject))
            && matches!(self.steps[last.0 as usize].op, Op::Graph(GraphOp::Rename { .. }))
        {
            // The address follows the online ID, not the other way round.
            needs_success(&mut step.after, *last);
        }
        self.push_mail(subject, edit, step);
        if let MailEdit::Shared { of, shared: true } = edit {
            let seen = self.next_step();
            let mut wait = Step::new(seen, no, Op::Wait(Condition::Shared));
            wait.online = Some(self.mail.online(*of));
            if let Some(last) = self.mail.last.insert(subject, seen) {
                wait.after.push((last, Needs::Success));
            }
            self.mail.shared.insert(*of, seen);
            self.steps.push(wait);
        }
    }

    fn push_mail(&mut self, subject: Subject, edit: &MailEdit, step: Step) {
        let id = step.id;
        self.freed.extend(step.frees.iter().map(|claim| (claim.clone(), id)));
        let of_group = step.group.is_some() || matches!(edit, MailEdit::GroupMade { .. });
        match edit {
            MailEdit::MemberAdded { it, .. } | MailEdit::MemberRemoved { it, .. } => {
                self.mail.groups.entry(subject).or_default().members.push(id);
                self.mail.of_member.entry(it.member).or_default().push((subject, id));
            }
            _ if of_group => {
                let queue = GroupQueue { last: Some(id), members: Vec::new() };
                self.mail.groups.insert(subject, queue);
            }
            _ => {
                self.mail.last.insert(subject, id);
            }
        }
        match edit {
            MailEdit::GroupMade { .. } => {
                self.mail.made_groups.insert(subject, id);
            }
            MailEdit::Awaited { of } => {
                self.mail.awaited.insert(*of, id);
            }
            _ => {}
        }
        self.steps.push(step);
    }

    fn order_in_group(
        &self,
        subject: Subject,
        edit: &MailEdit,
        step: &Step,
    ) -> Vec<(StepId, Needs)> {
        let mut after: Vec<(StepId, Needs)> =
            step.made_by().map(|made| (made, Needs::Success)).collect();
        let freed = step.takes.iter().filter_map(|claim| self.freed.get(claim));
        after.extend(freed.map(|id| (*id, Needs::Success)));
        if let Some(queue) = self.mail.groups.get(&subject) {
            queue.last.into_iter().for_each(|id| then(&mut after, id));
            match edit {
                MailEdit::MemberAdded { it, .. } | MailEdit::MemberRemoved { it, .. } => {
                    let earlier = self.mail.of_member.get(&it.member).into_iter().flatten();
                    let here = earlier.filter(|(group, _)| *group == subject).map(|(_, id)| *id);
                    here.for_each(|id| then(&mut after, id));
                }
                _ => queue.members.iter().for_each(|id| then(&mut after, *id)),
            }
        }
        if let MailEdit::GroupDeleted { .. } = edit {
            // Once it is gone it can't come into other groups any more.
            let of_member = self.mail.of_member.get(&Member::Group(subject));
            of_member.into_iter().flatten().for_each(|(_, id)| then(&mut after, *id));
        }
        after
    }

    /// What would take a mailbox waits for what is done to it; licences are taken only if it was seen to
    /// be shared, where it was to be.
    pub(super) fn wait_for_mail(&self, subject: Subject, what: &What, step: &mut Step) {
        let takes_mailbox = match what {
            What::Licenses { .. } | What::OnlineDeleted => true,
            What::UserMail { .. } => {
                // It says what the mailbox has.
                if let Some(last) = self.mail.last.get(&subject) {
                    needs_success(&mut step.after, *last);
                }
                false
            }
            _ => false,
        };
        if !takes_mailbox {
            return;
        }
        if let Some(last) = self.mail.last.get(&subject) {
            then(&mut step.after, *last);
        }
        let Some(online) = step.online.and_then(|target| self.mail.reference(target)) else {
            return;
        };
        if let Some(seen) = self.mail.shared.get(&online) {
            needs_success(&mut step.after, *seen);
        }
    }

    /// A directory's user that goes by its mailbox belongs to the steps of the mailbox.
    pub(super) fn is_last(&mut self, subject: Subject, what: &What, id: StepId) {
        if matches!(what, What::UserMail { .. }) {
            self.mail.last.insert(subject, id);
        } else {
            self.last.insert(subject, id);
        }
    }

    fn next_step(&self) -> StepId {
        StepId(u32::try_from(self.steps.len()).unwrap_or(u32::MAX))
    }
}

/// Whether a step may be what gives a mailbox.
fn gives_mailbox(op: &Op) -> bool {
    match op {
        Op::Graph(GraphOp::AssignLicenses { add, .. }) => !add.is_empty(),
        Op::Graph(GraphOp::CreateOnline { .. }) | Op::Directory(DirectoryOp::Link { .. }) => true,
        _ => false,
    }
}

fn then(after: &mut Vec<(StepId, Needs)>, id: StepId) {
    if after.iter().all(|(known, _)| *known != id) {
        after.push((id, Needs::Ended));
    }
}

fn needs_success(after: &mut Vec<(StepId, Needs)>, id: StepId) {
    match after.iter_mut().find(|(known, _)| *known == id) {
        Some((_, needs)) => *needs = Needs::Success,
        None => after.push((id, Needs::Success)),
    }
}

fn op_for(edit: &MailEdit) -> Op {
    Op::Exchange(match edit.clone() {
        MailEdit::Awaited { .. } => return Op::Wait(Condition::Mailbox),
        MailEdit::MemberAdded { it, .. } => ExchangeOp::AddMember { name: it.label },
        MailEdit::MemberRemoved { it, .. } => ExchangeOp::RemoveMember { name: it.label },
        MailEdit::Aliases { add, remove, .. } => ExchangeOp::EditAddresses { add, remove },
        MailEdit::Primary { old, new, .. } => ExchangeOp::SetPrimary { old, new },
        MailEdit::Shared { shared, .. } => ExchangeOp::SetShared { shared },
        MailEdit::Forwarded { new, .. } => ExchangeOp::SetForwarding { forwarding: new },
        MailEdit::AutoReply { new, .. } => ExchangeOp::SetAutoReply { reply: new },
        MailEdit::Delegate { address, granted: true, .. } => {
            ExchangeOp::GrantAccess { delegate: address }
        }
        MailEdit::Delegate { address, granted: false, .. } => {
            ExchangeOp::RevokeAccess { delegate: address }
        }
        MailEdit::Hidden { hidden, .. } => ExchangeOp::SetHidden { hidden },
        MailEdit::GroupMade { new, .. } => ExchangeOp::CreateGroup { group: new },
        MailEdit::GroupChanged { change, .. } => ExchangeOp::ChangeGroup { change },
        MailEdit::GroupDeleted { .. } => ExchangeOp::DeleteGroup,
    })
}

/// What an edit takes, and what it leaves for others. Whoever is deleted keeps the addresses until it
/// is gone for good.
fn claims(edit: &MailEdit) -> (Vec<Claim>, Vec<Claim>) {
    let claimed = |all: &[EmailAddress]| all.iter().cloned().map(Claim::Address).collect();
    match edit {
        MailEdit::Aliases { add, remove, .. } => (claimed(add), claimed(remove)),
        MailEdit::Primary { new, of: Holder::Mailbox(_) | Holder::Group(_), .. } => {
            (claimed(std::slice::from_ref(new)), Vec::new())
        }
        MailEdit::GroupMade { after, .. } => {
            (after.addresses.all().map(Claim::Address).collect(), Vec::new())
        }
        MailEdit::GroupDeleted { old } => {
            (Vec::new(), old.addresses.all().map(Claim::Address).collect())
        }
        _ => (Vec::new(), Vec::new()),
    }
}
