//! What the changes so far make of mailboxes, addresses and groups.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Holder, MailEdit, Member, OnlineRef, PlannedMember};
use crate::model::AutoReply;
use crate::model::{EmailAddress, Group, MailAddresses, OnlineId};
use crate::online::Forwarding;
use crate::plan::change::Subject;

/// What became different of one mailbox.
#[derive(Debug, Default)]
pub(super) struct MailboxChanges {
    pub(super) is_awaited: bool,
    pub(super) addresses: Option<MailAddresses>,
    /// Online IDs that it got since: each is an address from then on.
    pub(super) online_ids: Vec<EmailAddress>,
    pub(super) shared: Option<bool>,
    pub(super) forwarding: Option<(Forwarding, String)>,
    pub(super) hidden: Option<bool>,
    /// What it answers, if that became different.
    pub(super) auto_reply: Option<Reply>,
    pub(super) delegates: HashMap<OnlineRef, (EmailAddress, bool)>,
}

/// What a mailbox answers by itself; `None`: nothing.
#[derive(Debug, Clone)]
pub(super) struct Reply(pub(super) Option<AutoReply>);

/// Who came into a group and who left it.
#[derive(Debug, Default)]
pub(super) struct MemberChanges {
    pub(super) added: Vec<PlannedMember>,
    pub(super) removed: HashSet<Member>,
}

/// All of it.
#[derive(Debug, Default)]
pub(in crate::plan) struct MailOverlay {
    pub(super) mailboxes: HashMap<OnlineRef, MailboxChanges>,
    /// Groups as they are by now; `None`: deleted.
    pub(super) groups: HashMap<Subject, Option<Arc<Group>>>,
    pub(super) group_addresses: HashMap<Subject, MailAddresses>,
    /// Groups that the plan makes, in plan order.
    pub(super) made: Vec<Subject>,
    pub(super) members: HashMap<Subject, MemberChanges>,
    /// Groups that somebody came into or left; the last word counts.
    pub(super) memberships: HashMap<Member, HashMap<Subject, bool>>,
    /// Who got an address; they may have lost it again.
    pub(super) addresses: HashMap<EmailAddress, Vec<Holder>>,
}

impl MailOverlay {
    /// Takes in what an edit makes different.
    pub(in crate::plan) fn apply(&mut self, subject: Subject, edit: &MailEdit) {
        if let Some(of) = edit.mailbox() {
            self.apply_to_mailbox(of, edit);
            return;
        }
        match edit {
            MailEdit::Aliases { after, .. } | MailEdit::Primary { after, .. } => {
                self.reached(Holder::Group(subject), after);
                self.group_addresses.insert(subject, after.clone());
            }
            MailEdit::GroupMade { after, .. } => {
                self.made.push(subject);
                self.reached(Holder::Group(subject), &after.addresses);
                self.groups.insert(subject, Some(Arc::clone(after)));
            }
            MailEdit::GroupChanged { after, .. } => {
                self.groups.insert(subject, Some(Arc::clone(after)));
            }
            MailEdit::GroupDeleted { .. } => {
                self.groups.insert(subject, None);
            }
            MailEdit::MemberAdded { it: new, .. } => {
                let changes = self.members.entry(subject).or_default();
                changes.removed.remove(&new.member);
                changes.added.push(new.clone());
                self.memberships.entry(new.member).or_default().insert(subject, true);
            }
            MailEdit::MemberRemoved { it: gone, .. } => {
                let changes = self.members.entry(subject).or_default();
                changes.added.retain(|added| added.member != gone.member);
                changes.removed.insert(gone.member);
                self.memberships.entry(gone.member).or_default().insert(subject, false);
            }
            _ => {}
        }
    }

    /// The account of a mailbox got another online ID.
    pub(in crate::plan) fn renamed(&mut self, of: OnlineRef, online_id: &OnlineId) {
        let address = EmailAddress::received(online_id.as_str());
        self.mailboxes.entry(of).or_default().online_ids.push(address);
    }

    fn apply_to_mailbox(&mut self, of: OnlineRef, edit: &MailEdit) {
        let changes = self.mailboxes.entry(of).or_default();
        match edit {
            MailEdit::Awaited { .. } => changes.is_awaited = true,
            MailEdit::Aliases { after, .. } | MailEdit::Primary { after, .. } => {
                changes.addresses = Some(after.clone());
                changes.online_ids.clear();
                self.reached(Holder::Mailbox(of), after);
            }
            MailEdit::Shared { shared, .. } => changes.shared = Some(*shared),
            MailEdit::Forwarded { new, label, .. } => {
                changes.forwarding = Some((new.clone(), label.clone()));
            }
            MailEdit::AutoReply { new, .. } => changes.auto_reply = Some(Reply(new.clone())),
            MailEdit::Delegate { who, address, granted, .. } => {
                changes.delegates.insert(*who, (address.clone(), *granted));
            }
            MailEdit::Hidden { hidden, .. } => changes.hidden = Some(*hidden),
            _ => {}
        }
    }

    fn reached(&mut self, holder: Holder, addresses: &MailAddresses) {
        for address in addresses.all() {
            let holders = self.addresses.entry(address).or_default();
            if !holders.contains(&holder) {
                holders.push(holder);
            }
        }
    }
}
