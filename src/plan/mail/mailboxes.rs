//! Mailboxes as the plan has them at this point.

use super::overlay::Reply;
use super::{Exchange, NoMailbox, OnlineRef, PlannedMailbox};
use crate::accounts::{MailFacts, R};
use crate::model::AutoReply;
use crate::model::{
    AssignedLicense, EmailAddress, MailAddresses, Mailbox, OnlineAccount, OnlineId, RecipientKind,
    gives_mailbox,
};
use crate::online::Forwarding;
use crate::plan::person::Person;
use crate::plan::view::View;

impl<'a> View<'a> {
    pub(super) fn mail(&self) -> &'a MailFacts {
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
