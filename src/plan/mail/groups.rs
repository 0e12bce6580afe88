//! Groups and who is in them, as the plan has them at this point.

use std::sync::Arc;

use super::addresses::holder_of;
use super::{Exchange, Member, OnlineRef, PlannedMember};
use crate::accounts::R;
use crate::model::{EmailAddress, Group, Recipient};
use crate::plan::change::Subject;
use crate::plan::view::View;

impl View<'_> {
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

    /// Whether the plan makes the group; one whose making was refused it doesn't.
    pub(in crate::plan) fn is_made(&self, group: Subject) -> bool {
        self.mail_overlay().made.contains(&group)
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
        // A group that the plan deletes is in none any more.
        let overlay = self.mail_overlay();
        let is_gone = |member: &Member| match member {
            Member::Group(nested) => overlay.groups.get(nested) == Some(&None),
            Member::Account(_) | Member::Recipient(_) => false,
        };
        members.retain(|it| !is_gone(&it.member));
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
}

pub(super) fn planned_member(recipient: &Recipient) -> PlannedMember {
    let label = match recipient.addresses.primary() {
        Some(address) if !recipient.kind.is_group() => address.to_string(),
        _ => recipient.display_name.clone(),
    };
    PlannedMember { member: holder_of(recipient).into(), label, kind: recipient.kind.clone() }
}
