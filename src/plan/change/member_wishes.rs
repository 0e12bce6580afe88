//! Who and which groups are meant by what a person wrote, and whether they can be members.

use serde::{Deserialize, Serialize};

use super::Subject;
use super::exchange::{WhichGroup, no_mailbox};
use super::whom::Whom;
use crate::accounts::R;
use crate::model::{
    EmailAddress, Field, Group, OnlineId, Problem, UserName, gives_mailbox, nearest,
};
use crate::plan::edit::Edits;
use crate::plan::mail::{Member, NoMailbox, OnlineRef, PlannedMember};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Somebody who is to be a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberWish {
    /// A person.
    Account(Whom),
    /// A group.
    Group(WhichGroup),
    /// By user name, online ID, address, or a group's name.
    Named(String),
    /// The same, from a list: what is wrong with it is said with its place there.
    Listed {
        /// The name.
        name: String,
        /// The place, such as `members.csv:4`.
        place: String,
    },
}

/// A group that somebody is to be in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupWish {
    /// That one.
    Group(WhichGroup),
    /// By name, alias or address.
    Named(String),
}

/// A member with what has to be waited for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) planned: PlannedMember,
    /// Whose mailbox is yet to come.
    pub(super) awaited: Option<(Subject, OnlineRef)>,
}

/// What somebody who is named is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// To be a member, or an owner: that takes a mailbox.
    Join,
    /// To be one no longer: whoever has no mailbox may leave.
    Leave,
}

impl Wanted {
    /// A mailbox that isn't there yet is waited for as its person's.
    pub(super) fn wait(&self, out: &mut Edits) {
        if let Some((subject, of)) = self.awaited {
            out.await_mailbox(subject, of);
        }
    }
}

/// The people and groups that are meant. Those that can't be members are named in problems.
pub(super) fn members_wanted(
    label: &str,
    wishes: &[MemberWish],
    role: Role,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<Wanted>> {
    let mut found = Vec::with_capacity(wishes.len());
    // All of them are asked for before the first lack ends the question.
    let mut lacking = Ok(());
    for wish in wishes {
        match member_wanted(label, wish, role, view, out) {
            Ok(member) => found.extend(member),
            Err(missing) => lacking = Err(missing),
        }
    }
    lacking.map(|()| found)
}

fn member_wanted(
    label: &str,
    wish: &MemberWish,
    role: Role,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Wanted>> {
    match wish {
        MemberWish::Account(whom) => {
            let person = view.person(whom.account)?;
            account_wanted(whom, &person, role, view, out)
        }
        MemberWish::Group(which) => {
            let subject = view.identity(which.group)?;
            let Some(group) = view.group(subject)? else {
                out.problem(not_there(label, &which.label));
                return Ok(None);
            };
            Ok(Some(group_member(subject, &group)))
        }
        MemberWish::Named(name) => named(label, name.trim(), role, view, out),
        MemberWish::Listed { name, place } => {
            let known = out.problems.len();
            let found = named(label, name.trim(), role, view, out);
            for problem in out.problems.iter_mut().skip(known) {
                problem.message = format!("{place}: {}", problem.message);
            }
            found
        }
    }
}

fn named(
    label: &str,
    name: &str,
    role: Role,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Wanted>> {
    let people = match (UserName::parse(name), OnlineId::parse(name)) {
        (_, Ok(online_id)) => view.people_called(&online_id)?,
        (Ok(user_name), _) => view.users_named(&user_name)?,
        _ => Vec::new(),
    };
    if let [account] = people.as_slice() {
        let whom = Whom { account: *account, label: name.to_owned() };
        let person = view.person(*account)?;
        return account_wanted(&whom, &person, role, view, out);
    }
    if name.contains('@') {
        if let Some(recipient) = view.recipient_at(&EmailAddress::received(name))? {
            if !recipient.kind.may_be_member() {
                let message = format!("{name} is a {}: that can't be in a group", recipient.kind);
                out.problem(Problem::error("no_member", label, message).value(name));
                return Ok(None);
            }
            return Ok(Some(Wanted { planned: recipient, awaited: None }));
        }
    } else {
        let groups = view.groups_called(name)?;
        if let [group] = groups.as_slice() {
            return Ok(view.group(*group)?.map(|found| group_member(*group, &found)));
        }
    }
    let message = if people.len() > 1 {
        format!("{name:?} is the name of several")
    } else {
        format!("there is neither a person nor a group called {name:?}")
    };
    out.problem(
        Problem::error("no_such_recipient", label, message).field(Field::Groups).value(name),
    );
    Ok(None)
}

fn group_member(subject: Subject, group: &Group) -> Wanted {
    let (label, kind) = (group.display_name.clone(), group.kind.clone());
    Wanted { planned: PlannedMember { member: Member::Group(subject), label, kind }, awaited: None }
}

pub(super) fn not_there(label: &str, group: &str) -> Problem {
    let message = format!("group {group} is not there at this point of the plan");
    Problem::error("no_such_group", label, message).field(Field::Groups).value(group)
}

fn account_wanted(
    whom: &Whom,
    person: &Person,
    role: Role,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Wanted>> {
    match role {
        Role::Join => account_member(whom, person, view, out),
        Role::Leave => Ok(OnlineRef::of(person).map(|of| Wanted {
            planned: PlannedMember::account(of, person.name()),
            awaited: None,
        })),
    }
}

/// A person as a member: with a mailbox, or one that comes with a licence of this plan.
pub(super) fn account_member(
    whom: &Whom,
    person: &Person,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Wanted>> {
    let (Some(of), Some(online)) = (OnlineRef::of(person), &person.online) else {
        out.problem(no_mailbox(&whom.label, NoMailbox::NoOnlineAccount).field(Field::Groups));
        return Ok(None);
    };
    let mut awaited = None;
    // Whoever had the licence before this plan has the mailbox, or Exchange says so when it is added:
    // nobody is looked up one by one for that.
    if !had_mailbox(of, view)? {
        match view.mailbox(person)? {
            Ok(mailbox) if mailbox.is_there || mailbox.is_awaited => {}
            Ok(mailbox) => awaited = Some((view.identity(whom.account)?, mailbox.of)),
            Err(why) => {
                out.problem(no_mailbox(&whom.label, why).field(Field::Groups));
                return Ok(None);
            }
        }
    } else if online.licenses.is_empty() {
        // The plan takes the licence, and with it the mailbox.
        if let Err(why) = view.mailbox(person)? {
            out.problem(no_mailbox(&whom.label, why).field(Field::Groups));
            return Ok(None);
        }
    }
    Ok(Some(Wanted { planned: PlannedMember::account(of, person.name()), awaited }))
}

fn had_mailbox(of: OnlineRef, view: &View<'_>) -> R<bool> {
    let OnlineRef::Known(id) = of else { return Ok(false) };
    let Some(before) = view.facts().online(id, view.needs())? else { return Ok(false) };
    let subscribed = view.licenses()?;
    Ok(before.licenses.iter().any(|license| gives_mailbox(license, subscribed)))
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
