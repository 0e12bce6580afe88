//! Which groups a person is in: some more, some fewer, or exactly these.

use serde::{Deserialize, Serialize};

use super::exchange::has_exchange;
use super::member_wishes::{GroupWish, Wanted, account_member, groups_wanted};
use super::members::{join_one, may_change, members_impact};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::plan::edit::{Edit, Edits};
use crate::plan::mail::{MailEdit, OnlineRef, PlannedMailbox, PlannedMember};
use crate::plan::view::View;

/// Takes a person into groups and out of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditMemberships {
    /// Whom.
    pub whom: Whom,
    /// Groups to come into.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub join: Vec<GroupWish>,
    /// Groups to leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub leave: Vec<GroupWish>,
    /// Whether those to come into are all that there are to be.
    #[serde(default)]
    pub exactly: bool,
}

impl Intent for EditMemberships {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let has_exchange = has_exchange(&self.whom.label, view, out);
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        if !has_exchange? {
            return Ok(());
        }
        let label = &self.whom.label;
        let join_to = groups_wanted(label, &self.join, view, out);
        let leave = groups_wanted(label, &self.leave, view, out);
        let there = OnlineRef::of(&person).map(|of| view.groups_of(of)).transpose();
        let (join_to, mut leave, there) = (join_to?, leave?, there?.unwrap_or_default());
        if self.exactly {
            for group in &there {
                if !join_to.iter().any(|(known, _)| known == group)
                    && let Some(found) = view.group(*group)?
                {
                    leave.push((*group, found.display_name.clone()));
                }
            }
        }
        leave.retain(|(group, _)| there.contains(group));
        let mut join_to = join_to;
        join_to.retain(|(group, _)| !there.contains(group));
        if !join_to.is_empty() {
            let member = account_member(&self.whom, &person, view, out)?;
            let Some(member) = member else { return Ok(()) };
            for (group, name) in join_to {
                if may_change(group, view, out)? {
                    join_one(group, &name, member.clone(), view, out)?;
                }
            }
        }
        // Whoever has no mailbox may leave.
        let Some(of) = OnlineRef::of(&person) else { return Ok(()) };
        for (group, name) in leave {
            if may_change(group, view, out)? {
                let it = PlannedMember::account(of, person.name());
                out.add_to(group, MailEdit::MemberRemoved { it, group: name });
            }
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        members_impact(edits)
    }
}

/// Takes the owner of a mailbox into those of the groups that it isn't in.
pub(super) fn account_in_groups(
    label: &str,
    groups: Vec<(Subject, String)>,
    mailbox: &PlannedMailbox,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    if groups.is_empty() {
        return Ok(());
    }
    let there = view.groups_of(mailbox.of)?;
    let is_to_come = !mailbox.is_there && !mailbox.is_awaited;
    let awaited = is_to_come.then_some((out.subject, mailbox.of));
    for (group, name) in groups {
        if !there.contains(&group) && may_change(group, view, out)? {
            let planned = PlannedMember::account(mailbox.of, label.to_owned());
            join_one(group, &name, Wanted { planned, awaited }, view, out)?;
        }
    }
    Ok(())
}
