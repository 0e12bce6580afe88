//! Mailboxes, addresses and groups as the plan has them at this point.

use std::sync::Arc;

use super::overlay::Reply;
use super::{
    AddressHolder, Exchange, Holder, Member, NoMailbox, OnlineRef, PlannedMailbox, PlannedMember,
};
use crate::accounts::{MailFacts, R};
use crate::model::{
    AssignedLicense, DomainName, EmailAddress, Group, GroupId, MailAddresses, Mailbox,
    OnlineAccount, OnlineId, Recipient, RecipientKind, gives_mailbox,
};
use crate::online::{AutoReply, Forwarding};
use crate::plan::change::Subject;
use crate::plan::person::Person;
use crate::plan::view::View;

impl<'a> View<'a> {
    fn mail(&self) -> &'a MailFacts {
        self.facts().mail()
    }

    /// Whether there is an Exchange to speak of.
    pub fn exchange(&self) -> R<Exchange> {
        let has_mailboxes = self
            .licenses()?
            .iter()
            .filter(|license| license.state.works())
            .any(|license| license.services.iter().any(|service| service.is_mailbox()));
        Ok(match self.mail().refusal() {
            _ if !has_mailboxes => Exchange::NotSubscribed,
            Some(fault) => Exchange::Refused(fault.to_string()),
            None => Exchange::There,
        })
    }

    /// The mailbox of a person's online account: the one that is there, or the one that comes with a
    /// licence.
    pub fn mailbox(&self, person: &Person) -> R<Result<PlannedMailbox, NoMailbox>> {
        let (Some(of), Some(online)) = (OnlineRef::of(person), &person.online) else {
            return Ok(Err(NoMailbox::NoOnlineAccount));
        };
        let licensed = self.licensed_mailbox(&online.licenses);
        let there = match of {
            OnlineRef::Known(id) if self.exchange()? == Exchange::There => {
                self.mail().mailbox(id, self.needs())?
            }
            _ => None,
        };
        let licensed = licensed?;
        let mut state = match (there, licensed) {
            (Some(there), Err(why)) if self.is_unlicensed_by_plan(of, there)? => {
                return Ok(Err(why));
            }
            (Some(there), _) => Mailbox::clone(there),
            (None, Ok(())) => to_come(online),
            (None, Err(why)) => return Ok(Err(why)),
        };
        let mut is_awaited = false;
        if let Some(changes) = self.mail_overlay().mailboxes.get(&of) {
            is_awaited = changes.is_awaited;
            if let Some(addresses) = &changes.addresses {
                state.addresses = addresses.clone();
            }
            if there.is_some() {
                state.addresses = state.addresses.with_aliases(&changes.online_ids, &[]);
            }
            state.is_hidden = changes.hidden.unwrap_or(state.is_hidden);
            if let Some(shared) = changes.shared {
                state.kind =
                    if shared { RecipientKind::SharedMailbox } else { RecipientKind::UserMailbox };
            }
            if let Some((forwarding, label)) = &changes.forwarding {
                forward(&mut state, forwarding, label);
            }
        }
        // The sign-in name is an address of its mailbox, and comes back if it isn't (§11.4).
        state.online_id = online.online_id.clone();
        let own = EmailAddress::received(online.online_id.as_str());
        state.addresses = state.addresses.with_aliases(&[own], &[]);
        Ok(Ok(PlannedMailbox { of, state, is_there: there.is_some(), is_awaited }))
    }

    /// The primary address that the plan gives a person's mailbox, if it gives it one. Nothing is read.
    pub fn new_primary_address(&self, person: &Person) -> Option<EmailAddress> {
        let changes = self.mail_overlay().mailboxes.get(&OnlineRef::of(person)?)?;
        changes.addresses.as_ref()?.primary()
    }

    /// Whether one of the licences comes with a mailbox.
    fn licensed_mailbox(&self, licenses: &[AssignedLicense]) -> R<Result<(), NoMailbox>> {
        let subscribed = self.licenses()?;
        if licenses.iter().any(|license| gives_mailbox(license, subscribed)) {
            return Ok(Ok(()));
        }
        let has_service = licenses.iter().any(|assigned| {
            let license = subscribed.iter().find(|license| license.sku == assigned.sku);
            license.is_some_and(|it| it.services.iter().any(|service| service.is_mailbox()))
        });
        Ok(Err(if has_service { NoMailbox::ServiceOff } else { NoMailbox::NoLicense }))
    }

    /// Whether it is this plan that takes the licence from a mailbox that needs one.
    fn is_unlicensed_by_plan(&self, of: OnlineRef, there: &Mailbox) -> R<bool> {
        let OnlineRef::Known(id) = of else { return Ok(false) };
        let shared = self.mail_overlay().mailboxes.get(&of).and_then(|changes| changes.shared);
        if shared == Some(true) || there.kind != RecipientKind::UserMailbox {
            return Ok(false);
        }
        let Some(before) = self.facts().online(id, self.needs())? else { return Ok(false) };
        Ok(self.licensed_mailbox(&before.licenses)?.is_ok())
    }

    /// What a mailbox answers by itself.
    pub fn auto_reply(&self, mailbox: &PlannedMailbox) -> R<Option<AutoReply>> {
        let changes = self.mail_overlay().mailboxes.get(&mailbox.of);
        if let Some(Reply(reply)) = changes.and_then(|changes| changes.auto_reply.clone()) {
            return Ok(reply);
        }
        match mailbox.of {
            OnlineRef::Known(id) if mailbox.is_there => self.mail().auto_reply(id, self.needs()),
            _ => Ok(None),
        }
    }

    /// Whether that online account may open the mailbox.
    pub fn is_delegate(
        &self,
        mailbox: &PlannedMailbox,
        who: OnlineRef,
        addresses: &MailAddresses,
        online_id: &OnlineId,
    ) -> R<bool> {
        let changes = self.mail_overlay().mailboxes.get(&mailbox.of);
        if let Some((_, granted)) = changes.and_then(|changes| changes.delegates.get(&who)) {
            return Ok(*granted);
        }
        let OnlineRef::Known(id) = mailbox.of else { return Ok(false) };
        if !mailbox.is_there {
            return Ok(false);
        }
        let delegates = self.mail().delegates(id, self.needs())?;
        Ok(delegates.iter().any(|name| {
            name.eq_ignore_ascii_case(online_id.as_str())
                || addresses.contains(&EmailAddress::received(name.as_str()))
        }))
    }

    /// The domains that addresses may have, the default one first.
    pub fn mail_domains(&self) -> R<&'a [DomainName]> {
        self.mail().domains(self.needs())
    }

    /// Who has the address at this point of the plan.
    pub fn address_holder(&self, address: &EmailAddress) -> R<Option<AddressHolder>> {
        let called = match OnlineId::parse(address.as_str()) {
            Ok(online_id) => self.people_called(&online_id),
            Err(_) => Ok(Vec::new()),
        };
        let there = self.mail().recipient_at(address, self.needs());
        if let Some(there) = there?
            && let holder = holder_of(there)
            && self.still_has(holder, address)
        {
            return self.described(holder, there).map(Some);
        }
        for holder in self.mail_overlay().addresses.get(address).into_iter().flatten() {
            if self.still_has(*holder, address) {
                return self.labelled(*holder).map(Some);
            }
        }
        // A sign-in name is an address of its account, also before there is a mailbox.
        for subject in called? {
            let person = self.person(subject)?;
            if let Some(of) = OnlineRef::of(&person) {
                let label = name_of(&person);
                return Ok(Some(AddressHolder { holder: Holder::Mailbox(of), label }));
            }
        }
        Ok(None)
    }

    /// Who has the address, as a member of groups.
    pub fn recipient_at(&self, address: &EmailAddress) -> R<Option<PlannedMember>> {
        let there = self.mail().recipient_at(address, self.needs())?;
        Ok(match self.address_holder(address)? {
            Some(AddressHolder { holder, label }) => {
                let there =
                    there.filter(|there| holder_of(there) == holder).map(|it| planned_member(it));
                let kind = match holder {
                    Holder::Mailbox(_) => RecipientKind::UserMailbox,
                    _ => RecipientKind::DistributionGroup,
                };
                Some(there.unwrap_or(PlannedMember { member: holder.into(), label, kind }))
            }
            None => None,
        })
    }

    /// Whether the plan has taken the address from whoever has it in the tenant.
    pub fn is_moved(&self, address: &EmailAddress) -> R<bool> {
        let there = self.mail().recipient_at(address, self.needs())?;
        Ok(there.is_some_and(|there| !self.still_has(holder_of(there), address)))
    }

    /// Whether the plan has left the holder that address.
    fn still_has(&self, holder: Holder, address: &EmailAddress) -> bool {
        let overlay = self.mail_overlay();
        match holder {
            Holder::Mailbox(of) => {
                let changes = overlay.mailboxes.get(&of);
                let addresses = changes.and_then(|changes| changes.addresses.as_ref());
                addresses.is_none_or(|addresses| addresses.contains(address))
            }
            Holder::Group(subject) => {
                let made = overlay.groups.get(&subject);
                let addresses = match (overlay.group_addresses.get(&subject), made) {
                    (_, Some(None)) => return false,
                    (Some(addresses), _) => Some(addresses),
                    (None, made) => made.and_then(|group| Some(&group.as_ref()?.addresses)),
                };
                addresses.is_none_or(|addresses| addresses.contains(address))
            }
            Holder::Recipient(_) => true,
        }
    }

    fn described(&self, holder: Holder, there: &Recipient) -> R<AddressHolder> {
        match holder {
            Holder::Recipient(_) => {
                let label = format!("{} {}", there.kind, there.display_name);
                Ok(AddressHolder { holder, label })
            }
            _ => {
                let mut found = self.labelled(holder)?;
                if found.label.is_empty() {
                    found.label = format!("{} {}", there.kind, there.display_name);
                }
                Ok(found)
            }
        }
    }

    fn labelled(&self, holder: Holder) -> R<AddressHolder> {
        let label = match holder {
            Holder::Mailbox(of) => {
                let person = self.person(subject_of(of))?;
                name_of(&person)
            }
            Holder::Group(subject) => match self.group(subject)? {
                Some(group) => format!("group {}", group.display_name),
                None => String::new(),
            },
            Holder::Recipient(_) => String::new(),
        };
        Ok(AddressHolder { holder, label })
    }

    /// Every group: those of the tenant, then those that the plan makes.
    pub fn groups(&self) -> R<Vec<Subject>> {
        if self.exchange()? != Exchange::There {
            return Ok(Vec::new());
        }
        let there = self.mail().groups(self.needs())?.iter();
        let all = there.map(|group| Subject::Group(group.id));
        let overlay = self.mail_overlay();
        let is_there = |subject: &Subject| overlay.groups.get(subject) != Some(&None);
        Ok(all.chain(overlay.made.iter().copied()).filter(is_there).collect())
    }

    /// The group as the plan has it; `None` if there is none any more.
    pub fn group(&self, subject: Subject) -> R<Option<Arc<Group>>> {
        let subject = self.identity(subject)?;
        let overlay = self.mail_overlay();
        let group = match (overlay.groups.get(&subject), subject) {
            (Some(group), _) => group.clone(),
            (None, Subject::Group(id)) => {
                let groups = self.mail().groups(self.needs())?;
                groups.iter().find(|group| group.id == id).cloned()
            }
            (None, _) => None,
        };
        Ok(group.map(|mut group| {
            if let Some(addresses) = overlay.group_addresses.get(&subject) {
                Arc::make_mut(&mut group).addresses = addresses.clone();
            }
            group
        }))
    }

    /// Groups that go by that name: as people see it, as Exchange has it, as its alias or an address.
    pub fn groups_called(&self, name: &str) -> R<Vec<Subject>> {
        let name = name.trim();
        let mut found = Vec::new();
        for subject in self.groups()? {
            let Some(group) = self.group(subject)? else { continue };
            let names = [&group.display_name, &group.name, &group.alias];
            let is_called = names.iter().any(|it| it.to_lowercase() == name.to_lowercase());
            if is_called || group.addresses.contains(&EmailAddress::received(name)) {
                found.push(subject);
            }
        }
        Ok(found)
    }

    /// Who is in a group, a group in it as one.
    pub fn members(&self, subject: Subject) -> R<Vec<PlannedMember>> {
        let subject = self.identity(subject)?;
        let mut members: Vec<PlannedMember> = match subject {
            Subject::Group(id) => {
                let there = self.mail().members(id, self.needs())?;
                there.iter().map(planned_member).collect()
            }
            _ => Vec::new(),
        };
        if let Some(changes) = self.mail_overlay().members.get(&subject) {
            members.retain(|it| !changes.removed.contains(&it.member));
            members.extend(changes.added.iter().cloned());
        }
        Ok(members)
    }

    /// The groups that an online account is in.
    pub fn groups_of(&self, of: OnlineRef) -> R<Vec<Subject>> {
        let there = match of {
            OnlineRef::Known(id) if self.exchange()? == Exchange::There => {
                self.mail().memberships(id, self.needs())?
            }
            _ => Vec::new(),
        };
        let mut groups: Vec<Subject> = there.into_iter().map(Subject::Group).collect();
        let overlay = self.mail_overlay();
        groups.retain(|group| overlay.groups.get(group) != Some(&None));
        if let Some(changes) = overlay.memberships.get(&Member::Account(of)) {
            groups.retain(|group| changes.get(group) != Some(&false));
            let mut new: Vec<Subject> =
                changes.iter().filter(|(_, is_in)| **is_in).map(|(group, _)| *group).collect();
            new.retain(|group| !groups.contains(group) && overlay.groups.get(group) != Some(&None));
            new.sort_unstable();
            groups.extend(new);
        }
        Ok(groups)
    }

    /// Every address of mailboxes and groups, with who has it.
    pub fn all_addresses(&self) -> R<Vec<(Holder, MailAddresses)>> {
        if self.exchange()? != Exchange::There {
            return Ok(Vec::new());
        }
        let groups = self.groups();
        let everybody = self.everybody_online()?;
        let _ = self.mail().mailboxes(self.needs())?;
        let mut all = Vec::new();
        for subject in everybody {
            if let Ok(mailbox) = self.mailbox(&self.person(subject)?)? {
                all.push((Holder::Mailbox(mailbox.of), mailbox.state.addresses));
            }
        }
        for subject in groups? {
            if let Some(group) = self.group(subject)? {
                all.push((Holder::Group(subject), group.addresses.clone()));
            }
        }
        Ok(all)
    }
}

/// The name of a person: the user's, else the online account's.
fn name_of(person: &Person) -> String {
    match (&person.user, &person.online) {
        (Some(user), _) => user.name.to_string(),
        (None, Some(online)) => online.online_id.to_string(),
        (None, None) => String::new(),
    }
}

/// The person behind an online account.
pub fn subject_of(of: OnlineRef) -> Subject {
    match of {
        OnlineRef::Known(id) => Subject::Online(id),
        OnlineRef::MadeBy(no) => Subject::New(no),
    }
}

fn to_come(online: &OnlineAccount) -> Mailbox {
    Mailbox {
        id: online.id,
        online_id: online.online_id.clone(),
        display_name: online.display_name().to_owned(),
        alias: online.online_id.local_part().to_owned(),
        addresses: MailAddresses::received(vec![format!("SMTP:{}", online.online_id)]),
        kind: RecipientKind::UserMailbox,
        is_synchronized: online.is_synchronized,
        is_hidden: false,
        forwards_to: None,
        forwards_outside: None,
        keeps_a_copy: false,
        is_held: false,
    }
}

fn forward(state: &mut Mailbox, forwarding: &Forwarding, label: &str) {
    (state.forwards_to, state.forwards_outside, state.keeps_a_copy) = match forwarding {
        Forwarding::Off => (None, None, false),
        Forwarding::Inside { keeps_a_copy, .. } => (Some(label.to_owned()), None, *keeps_a_copy),
        Forwarding::Outside { to, keeps_a_copy } => (None, Some(to.clone()), *keeps_a_copy),
    };
}

fn holder_of(recipient: &Recipient) -> Holder {
    match (&recipient.kind, recipient.object) {
        (kind, Some(id)) if kind.is_mailbox() => Holder::Mailbox(OnlineRef::Known(id)),
        (RecipientKind::DistributionGroup | RecipientKind::MailEnabledSecurityGroup, _) => {
            Holder::Group(Subject::Group(GroupId(recipient.id.0)))
        }
        _ => Holder::Recipient(recipient.id),
    }
}

fn planned_member(recipient: &Recipient) -> PlannedMember {
    let member = match holder_of(recipient) {
        Holder::Mailbox(of) => Member::Account(of),
        Holder::Group(subject) => Member::Group(subject),
        Holder::Recipient(id) => Member::Recipient(id),
    };
    let label = match recipient.addresses.primary() {
        Some(address) if !recipient.kind.is_group() => address.to_string(),
        _ => recipient.display_name.clone(),
    };
    PlannedMember { member, label, kind: recipient.kind.clone() }
}
