//! Who has which address at this point of the plan.

use super::groups::planned_member;
use super::{AddressHolder, Exchange, Holder, OnlineRef, PlannedMember};
use crate::accounts::R;
use crate::model::{
    DomainName, EmailAddress, GroupId, MailAddresses, OnlineId, Recipient, RecipientKind,
};
use crate::plan::change::Subject;
use crate::plan::view::View;

impl<'a> View<'a> {
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
                let label = person.name();
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
            Holder::Mailbox(of) => self.name_of(of)?,
            Holder::Group(subject) => match self.group(subject)? {
                Some(group) => format!("group {}", group.display_name),
                None => String::new(),
            },
            Holder::Recipient(_) => String::new(),
        };
        Ok(AddressHolder { holder, label })
    }

    /// The name of an online account's person: the user's, else the online ID.
    pub fn name_of(&self, of: OnlineRef) -> R<String> {
        Ok(self.person(subject_of(of))?.name())
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

/// The person behind an online account.
pub fn subject_of(of: OnlineRef) -> Subject {
    match of {
        OnlineRef::Known(id) => Subject::Online(id),
        OnlineRef::MadeBy(no) => Subject::New(no),
    }
}

pub(super) fn holder_of(recipient: &Recipient) -> Holder {
    match (&recipient.kind, recipient.object) {
        (kind, Some(id)) if kind.is_mailbox() => Holder::Mailbox(OnlineRef::Known(id)),
        (RecipientKind::DistributionGroup | RecipientKind::MailEnabledSecurityGroup, _) => {
            Holder::Group(Subject::Group(GroupId(recipient.id.0)))
        }
        _ => Holder::Recipient(recipient.id),
    }
}
