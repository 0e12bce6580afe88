//! What Exchange Online says: mailboxes, who has which address, groups and who is in them.
//!
//! A tenant whose app has no right in Exchange still has everything else: that refusal is a fact too
//! ([`MailFacts::refusal`]), and what can't be read then counts as not there.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::needs::{Missing, Needs, R};
use crate::model::{
    AutoReply, DomainName, EmailAddress, Group, GroupId, Mailbox, ObjectId, Recipient, RecipientId,
};
use crate::online::OnlineFault;

/// Facts of Exchange to be read.
#[derive(Debug, Default)]
pub struct MailNeeds {
    /// Mailboxes of online accounts.
    pub mailboxes: HashSet<ObjectId>,
    /// Whoever has an address.
    pub addresses: HashSet<EmailAddress>,
    /// Every mailbox, and whoever has an address.
    pub everybody: bool,
    /// Every group.
    pub groups: bool,
    /// Who is in a group.
    pub members: HashSet<GroupId>,
    /// Which groups an online account is in.
    pub memberships: HashSet<ObjectId>,
    /// The domains that addresses may have.
    pub domains: bool,
    /// What mailboxes answer by themselves.
    pub auto_replies: HashSet<ObjectId>,
    /// Who has full access to mailboxes.
    pub delegates: HashSet<ObjectId>,
}

impl MailNeeds {
    /// Whether nothing is lacking.
    pub fn is_empty(&self) -> bool {
        let Self { mailboxes, addresses, everybody, groups, members, memberships, .. } = self;
        let Self { domains, auto_replies, delegates, .. } = self;
        let sets = [mailboxes, memberships, auto_replies, delegates];
        sets.into_iter().all(HashSet::is_empty)
            && addresses.is_empty()
            && members.is_empty()
            && ![everybody, groups, domains].into_iter().any(|needed| *needed)
    }

    /// Takes other needs in.
    pub fn merge(&mut self, other: Self) {
        self.mailboxes.extend(other.mailboxes);
        self.addresses.extend(other.addresses);
        self.everybody |= other.everybody;
        self.groups |= other.groups;
        self.members.extend(other.members);
        self.memberships.extend(other.memberships);
        self.domains |= other.domains;
        self.auto_replies.extend(other.auto_replies);
        self.delegates.extend(other.delegates);
    }
}

/// What was read of Exchange.
#[derive(Default)]
pub struct MailFacts {
    pub(super) refusal: Option<OnlineFault>,
    pub(super) mailboxes: HashMap<ObjectId, Arc<Mailbox>>,
    pub(super) asked_mailboxes: HashSet<ObjectId>,
    recipients: HashMap<RecipientId, Arc<Recipient>>,
    by_address: HashMap<EmailAddress, RecipientId>,
    pub(super) asked_addresses: HashSet<EmailAddress>,
    pub(super) everybody: bool,
    pub(super) groups: Option<Vec<Arc<Group>>>,
    pub(super) members: HashMap<GroupId, Arc<Vec<Recipient>>>,
    pub(super) memberships: HashMap<ObjectId, Vec<GroupId>>,
    pub(super) domains: Option<Vec<DomainName>>,
    pub(super) auto_replies: HashMap<ObjectId, Option<AutoReply>>,
    pub(super) delegates: HashMap<ObjectId, Vec<String>>,
}

type Noted<'a> = &'a RefCell<Needs>;

impl MailFacts {
    /// Why nothing can be read of Exchange, if that is so.
    pub fn refusal(&self) -> Option<&OnlineFault> {
        self.refusal.as_ref()
    }

    /// The mailbox of an online account.
    pub fn mailbox(&self, id: ObjectId, needs: Noted<'_>) -> R<Option<&Arc<Mailbox>>> {
        let found = self.mailboxes.get(&id);
        let known = self.everybody || self.asked_mailboxes.contains(&id);
        self.known(found.is_some() || known, needs, |needs| needs.mailboxes.insert(id))?;
        Ok(found)
    }

    /// Every mailbox, in no order.
    pub fn mailboxes(&self, needs: Noted<'_>) -> R<impl Iterator<Item = &Arc<Mailbox>>> {
        self.known(self.everybody, needs, |needs| std::mem::replace(&mut needs.everybody, true))?;
        Ok(self.mailboxes.values())
    }

    /// Who has the address, as a primary or another one.
    pub fn recipient_at(
        &self,
        address: &EmailAddress,
        needs: Noted<'_>,
    ) -> R<Option<&Arc<Recipient>>> {
        let found = self.by_address.get(address).and_then(|id| self.recipients.get(id));
        let known = self.everybody || self.asked_addresses.contains(address);
        let note = |needs: &mut MailNeeds| needs.addresses.insert(address.clone());
        self.known(found.is_some() || known, needs, note)?;
        Ok(found)
    }

    /// Every group, in the tenant's order.
    pub fn groups(&self, needs: Noted<'_>) -> R<&[Arc<Group>]> {
        let known = self.groups.is_some();
        self.known(known, needs, |needs| std::mem::replace(&mut needs.groups, true))?;
        Ok(self.groups.as_deref().unwrap_or_default())
    }

    /// How many groups there are, as far as they were read.
    pub fn group_count(&self) -> u64 {
        self.groups.as_ref().map_or(0, |groups| groups.len() as u64)
    }

    /// Who is in a group, a group in it as one.
    pub fn members(&self, group: GroupId, needs: Noted<'_>) -> R<Arc<Vec<Recipient>>> {
        let found = self.members.get(&group);
        self.known(found.is_some(), needs, |needs| needs.members.insert(group))?;
        Ok(found.cloned().unwrap_or_default())
    }

    /// The groups that an online account is in.
    pub fn memberships(&self, id: ObjectId, needs: Noted<'_>) -> R<Vec<GroupId>> {
        // Whether asking for one or reading all is cheaper depends on how many groups there are.
        let groups = self.groups(needs)?;
        if groups.iter().all(|group| self.members.contains_key(&group.id)) {
            let has = |group: &&Arc<Group>| {
                let members = self.members.get(&group.id);
                members.is_some_and(|all| all.iter().any(|member| member.object == Some(id)))
            };
            return Ok(groups.iter().filter(has).map(|group| group.id).collect());
        }
        let found = self.memberships.get(&id);
        self.known(found.is_some(), needs, |needs| needs.memberships.insert(id))?;
        Ok(found.cloned().unwrap_or_default())
    }

    /// The domains that addresses may have, the default one first.
    pub fn domains(&self, needs: Noted<'_>) -> R<&[DomainName]> {
        let known = self.domains.is_some();
        self.known(known, needs, |needs| std::mem::replace(&mut needs.domains, true))?;
        Ok(self.domains.as_deref().unwrap_or_default())
    }

    /// What a mailbox answers by itself; `None` when it doesn't.
    pub fn auto_reply(&self, id: ObjectId, needs: Noted<'_>) -> R<Option<AutoReply>> {
        let found = self.auto_replies.get(&id);
        self.known(found.is_some(), needs, |needs| needs.auto_replies.insert(id))?;
        Ok(found.cloned().flatten())
    }

    /// Who has full access to a mailbox, by name or address as Exchange tells it.
    pub fn delegates(&self, id: ObjectId, needs: Noted<'_>) -> R<&[String]> {
        let found = self.delegates.get(&id);
        self.known(found.is_some(), needs, |needs| needs.delegates.insert(id))?;
        Ok(found.map(Vec::as_slice).unwrap_or_default())
    }

    pub(super) fn add(
        &mut self,
        mailboxes: impl IntoIterator<Item = Mailbox>,
        recipients: impl IntoIterator<Item = Recipient>,
    ) {
        for mailbox in mailboxes {
            self.mailboxes.insert(mailbox.id, Arc::new(mailbox));
        }
        for recipient in recipients {
            for address in recipient.addresses.all() {
                self.by_address.insert(address, recipient.id);
            }
            self.recipients.insert(recipient.id, Arc::new(recipient));
        }
    }

    /// Nothing more is read of an Exchange that refuses.
    fn known(
        &self,
        known: bool,
        needs: Noted<'_>,
        note: impl FnOnce(&mut MailNeeds) -> bool,
    ) -> R<()> {
        if known || self.refusal.is_some() {
            return Ok(());
        }
        note(&mut needs.borrow_mut().mail);
        Err(Missing)
    }
}
