//! Who is in a group: some more, some fewer, or exactly these.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::exchange::{WhichGroup, no_mailbox};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{
    EmailAddress, Field, Group, OnlineId, Problem, RecipientKind, UserName, gives_mailbox,
};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::mail::{Holder, MailEdit, Member, NoMailbox, OnlineRef, PlannedMember};
use crate::plan::person::Person;
use crate::plan::view::View;

/// More than these in one group get their mail only under stricter rules; more than those are refused
/// (`exchange.md §10.6`).
const MANY_MEMBERS: usize = 5_000;
const MOST_MEMBERS: usize = 100_000;

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
        let add = members_wanted(&self.group.label, &self.add, view, out);
        let remove = members_wanted(&self.group.label, &self.remove, view, out);
        if group?.is_none() {
            return Ok(());
        }
        let there = members_there(self.group.group, view);
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
        for it in gone {
            let group = self.group.label.clone();
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

/// Who is in a group; groups that the plan deletes are in none any more.
fn members_there(group: Subject, view: &View<'_>) -> R<Vec<PlannedMember>> {
    let mut there = Vec::new();
    for it in view.members(group)? {
        let is_gone = match it.member {
            Member::Group(nested) => view.group(nested)?.is_none(),
            Member::Account(_) | Member::Recipient(_) => false,
        };
        if !is_gone {
            there.push(it);
        }
    }
    Ok(there)
}

/// A member with what has to be waited for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) planned: PlannedMember,
    /// Whose mailbox is yet to come.
    pub(super) awaited: Option<(Subject, OnlineRef)>,
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
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<Wanted>> {
    let mut found = Vec::with_capacity(wishes.len());
    // All of them are asked for before the first lack ends the question.
    let mut lacking = Ok(());
    for wish in wishes {
        match member_wanted(label, wish, view, out) {
            Ok(member) => found.extend(member),
            Err(missing) => lacking = Err(missing),
        }
    }
    lacking.map(|()| found)
}

fn member_wanted(
    label: &str,
    wish: &MemberWish,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Wanted>> {
    match wish {
        MemberWish::Account(whom) => {
            let person = view.person(whom.account)?;
            account_member(whom, &person, view, out)
        }
        MemberWish::Group(which) => {
            let subject = view.identity(which.group)?;
            let Some(group) = view.group(subject)? else {
                out.problem(not_there(label, &which.label));
                return Ok(None);
            };
            Ok(Some(group_member(subject, &group)))
        }
        MemberWish::Named(name) => named(label, name.trim(), view, out),
        MemberWish::Listed { name, place } => {
            let known = out.problems.len();
            let found = named(label, name.trim(), view, out);
            for problem in out.problems.iter_mut().skip(known) {
                problem.message = format!("{place}: {}", problem.message);
            }
            found
        }
    }
}

fn named(label: &str, name: &str, view: &View<'_>, out: &mut Edits) -> R<Option<Wanted>> {
    let people = match (UserName::parse(name), OnlineId::parse(name)) {
        (_, Ok(online_id)) => view.people_called(&online_id)?,
        (Ok(user_name), _) => view.users_named(&user_name)?,
        _ => Vec::new(),
    };
    if let [account] = people.as_slice() {
        let whom = Whom { account: *account, label: name.to_owned() };
        let person = view.person(*account)?;
        return account_member(&whom, &person, view, out);
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
    let label = match &person.user {
        Some(user) => user.name.to_string(),
        None => online.online_id.to_string(),
    };
    Ok(Some(Wanted { planned: PlannedMember::account(of, label), awaited }))
}

fn had_mailbox(of: OnlineRef, view: &View<'_>) -> R<bool> {
    let OnlineRef::Known(id) = of else { return Ok(false) };
    let Some(before) = view.facts().online(id, view.needs())? else { return Ok(false) };
    let subscribed = view.licenses()?;
    Ok(before.licenses.iter().any(|license| gives_mailbox(license, subscribed)))
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

/// The holder of an address as a member of groups.
impl From<Holder> for Member {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Mailbox(of) => Self::Account(of),
            Holder::Group(subject) => Self::Group(subject),
            Holder::Recipient(id) => Self::Recipient(id),
        }
    }
}
