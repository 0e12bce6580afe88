//! Which groups somebody is in: some more, some fewer, or exactly these.

use serde::{Deserialize, Serialize};

use super::exchange::{WhichGroup, has_exchange};
use super::members::{Wanted, account_member, join_one, members_impact, not_there};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{Field, Problem, nearest};
use crate::plan::edit::{Edit, Edits};
use crate::plan::mail::{MailEdit, OnlineRef, PlannedMailbox, PlannedMember};
use crate::plan::view::View;

/// A group that somebody is to be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupWish {
    /// That one.
    Group(WhichGroup),
    /// By name, alias or address.
    Named(String),
}

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
        if join_to.is_empty() && leave.is_empty() {
            return Ok(());
        }
        let Some(member) = account_member(&self.whom, &person, view, out)? else { return Ok(()) };
        for (group, name) in join_to {
            if may_change(group, view, out)? {
                join_one(group, &name, member.clone(), view, out)?;
            }
        }
        for (group, name) in leave {
            if may_change(group, view, out)? {
                let it = member.planned.clone();
                out.add_to(group, MailEdit::MemberRemoved { it, group: name });
            }
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        members_impact(edits)
    }
}

/// The groups that are meant, with their names. Unknown ones are named in problems.
pub(super) fn groups_wanted(
    label: &str,
    wishes: &[GroupWish],
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<(Subject, String)>> {
    let mut found = Vec::new();
    for wish in wishes {
        match wish {
            GroupWish::Group(which) => {
                let subject = view.identity(which.group)?;
                match view.group(subject)? {
                    Some(_) => found.push((subject, which.label.clone())),
                    None => out.problem(not_there(label, &which.label)),
                }
            }
            GroupWish::Named(name) => match view.groups_called(name)?.as_slice() {
                [group] => {
                    let shown = view.group(*group)?.map(|group| group.display_name.clone());
                    found.push((*group, shown.unwrap_or_default()));
                }
                [] => out.problem(no_such_group(label, name, view)?),
                _ => {
                    let message = format!("several groups are called {name:?}");
                    out.problem(
                        Problem::error("ambiguous", label, message)
                            .field(Field::Groups)
                            .value(name)
                            .advice("name it by its address"),
                    );
                }
            },
        }
    }
    Ok(found)
}

fn no_such_group(label: &str, name: &str, view: &View<'_>) -> R<Problem> {
    let mut names = Vec::new();
    for subject in view.groups()? {
        names.extend(view.group(subject)?.map(|group| group.display_name.clone()));
    }
    let problem =
        Problem::error("no_such_group", label, format!("there is no group called {name:?}"))
            .field(Field::Groups)
            .value(name);
    Ok(match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => problem.advice(format!("did you mean {near:?}?")),
        None => problem.advice("create it first, or see groups()"),
    })
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

/// Whether the group isn't run from elsewhere; otherwise a problem says so.
fn may_change(group: Subject, view: &View<'_>, out: &mut Edits) -> R<bool> {
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
