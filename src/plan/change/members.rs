//! Who is in a group: some more, some fewer, or exactly these.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::exchange::WhichGroup;
use super::member_wishes::{MemberWish, Role, Wanted, members_wanted};
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{Field, Problem, RecipientKind};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::mail::{MailEdit, Member, PlannedMember};
use crate::plan::view::View;

/// More than these in one group get their mail only under stricter rules; more than those are refused
/// (`exchange.md §10.6`).
const MANY_MEMBERS: usize = 5_000;
const MOST_MEMBERS: usize = 100_000;

/// Takes people into a group and out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditMembers {
    /// Which group.
    pub group: WhichGroup,
    /// Who comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<MemberWish>,
    /// Who goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<MemberWish>,
    /// How far those who come are all that there are to be.
    #[serde(default)]
    pub all: AllMembers,
}

/// How far a list names all members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllMembers {
    /// It names only who comes.
    #[default]
    No,
    /// It names all people and groups; contacts, guests and shared mailboxes stay.
    People,
    /// It names everybody.
    Everybody,
}

impl Intent for EditMembers {
    fn subject(&self, _: ChangeNo) -> Subject {
        self.group.group
    }

    fn label(&self) -> String {
        self.group.label.clone()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let group = self.group.group(view, out);
        let add = members_wanted(&self.group.label, &self.add, Role::Join, view, out);
        let remove = members_wanted(&self.group.label, &self.remove, Role::Leave, view, out);
        if group?.is_none() {
            return Ok(());
        }
        let there = view.members(self.group.group);
        let (add, remove, there) = (add?, remove?, there?);
        if out.has_errors() {
            return Ok(());
        }
        let known: HashSet<Member> = there.iter().map(|it| it.member).collect();
        let wanted: HashSet<Member> = add.iter().map(|it| it.planned.member).collect();
        let mut gone: Vec<PlannedMember> = match self.all {
            AllMembers::No => Vec::new(),
            AllMembers::People => there.iter().filter(|it| is_ours(&it.kind)).cloned().collect(),
            AllMembers::Everybody => there.clone(),
        };
        gone.retain(|it| !wanted.contains(&it.member));
        let mut going: HashSet<Member> = gone.iter().map(|it| it.member).collect();
        let named = remove.into_iter().map(|it| it.planned);
        gone.extend(named.filter(|it| known.contains(&it.member) && going.insert(it.member)));
        let mut new: Vec<Wanted> = Vec::new();
        let mut come = known.clone();
        for it in add {
            if come.insert(it.planned.member) {
                new.push(it);
            }
        }
        self.check_size(known.len() + new.len() - gone.len().min(known.len()), out);
        join(self.group.group, &self.group.label, new, view, out)?;
        let names = names_of(&gone, view)?;
        for (it, label) in gone.into_iter().zip(names) {
            let (it, group) = (PlannedMember { label, ..it }, self.group.label.clone());
            out.add_mail(MailEdit::MemberRemoved { it, group });
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        members_impact(edits)
    }
}

impl EditMembers {
    fn check_size(&self, count: usize, out: &mut Edits) {
        let label = &self.group.label;
        if count > MOST_MEMBERS {
            let message = format!("would have {count} members: at most {MOST_MEMBERS} can be");
            out.problem(Problem::error("too_many_members", label, message));
        } else if count >= MANY_MEMBERS {
            let message = format!(
                "would have {count} members: from {MANY_MEMBERS} on mail to it is delivered under stricter rules"
            );
            out.problem(Problem::warning("many_members", label, message));
        }
    }
}

/// Members as people know them: all are asked for before the first lack ends the question.
fn names_of(members: &[PlannedMember], view: &View<'_>) -> R<Vec<String>> {
    let name = |it: &PlannedMember| match it.member {
        Member::Account(of) => view.name_of(of),
        Member::Group(_) | Member::Recipient(_) => Ok(it.label.clone()),
    };
    let names: Vec<R<String>> = members.iter().map(name).collect();
    names.into_iter().collect()
}

/// Takes members into a group; a group that would come to be in itself is refused.
pub(super) fn join(
    group: Subject,
    name: &str,
    members: Vec<Wanted>,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    for member in members {
        join_one(group, name, member, view, out)?;
    }
    Ok(())
}

pub(super) fn join_one(
    group: Subject,
    name: &str,
    member: Wanted,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    if let Member::Group(inner) = member.planned.member
        && (inner == group || reaches(inner, group, view)?)
    {
        let message = format!("{} would be in itself by way of {name}", member.planned.label);
        out.problem(Problem::error("group_in_itself", name, message).value(&member.planned.label));
        return Ok(());
    }
    member.wait(out);
    let name = name.to_owned();
    out.add_to(group, MailEdit::MemberAdded { it: member.planned, group: name });
    Ok(())
}

/// Whether `outer` is among the groups in `inner`, however deep.
fn reaches(inner: Subject, outer: Subject, view: &View<'_>) -> R<bool> {
    let (mut seen, mut open) = (HashSet::new(), vec![inner]);
    while let Some(group) = open.pop() {
        if !seen.insert(group) {
            continue;
        }
        for it in view.members(group)? {
            if let Member::Group(nested) = it.member {
                if nested == outer {
                    return Ok(true);
                }
                open.push(nested);
            }
        }
    }
    Ok(false)
}

/// Whether the group isn't run from elsewhere; otherwise a problem says so.
pub(super) fn may_change(group: Subject, view: &View<'_>, out: &mut Edits) -> R<bool> {
    let Some(found) = view.group(group)? else { return Ok(false) };
    if found.is_synchronized {
        let message = "is run by directory synchronisation";
        out.problem(
            Problem::error("synchronized", &found.display_name, message)
                .field(Field::Groups)
                .advice("change it in the directory that is synchronised, and wait for it"),
        );
    }
    Ok(!found.is_synchronized)
}

/// Who is looked after here, rather than a contact, a guest or a shared mailbox.
fn is_ours(kind: &RecipientKind) -> bool {
    matches!(
        kind,
        RecipientKind::UserMailbox
            | RecipientKind::DistributionGroup
            | RecipientKind::MailEnabledSecurityGroup
    )
}

/// More members who leave than come are taken away without a replacement.
pub(super) fn members_impact(edits: &[Edit]) -> Impact {
    let count = |is: fn(&MailEdit) -> bool| {
        edits.iter().filter(|edit| matches!(&edit.what, What::Mail(mail) if is(mail))).count()
    };
    let gone = count(|mail| matches!(mail, MailEdit::MemberRemoved { .. }));
    let new = count(|mail| matches!(mail, MailEdit::MemberAdded { .. }));
    if gone > new { Impact::Revoke } else { Impact::Change }
}
