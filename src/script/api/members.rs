//! Who is meant by what a script gives as members, owners and groups; and members as scripts see them.

use std::sync::Arc;

use rhai::{Array, Dynamic, Map};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::group::GroupHandle;
use super::group_list::GroupList;
use super::mail::{look, whose};
use super::rows::RowHandle;
use super::verb::whom;
use crate::accounts::R;
use crate::model::{ObjectId, OnlineId};
use crate::plan::change::{GroupWish, MemberWish, Subject};
use crate::plan::mail::{Member, OnlineRef, PlannedMember};
use crate::plan::view::View;
use crate::script::raise::Fault;
use crate::script::session::{Handle, Session};

/// A name, an account, a list of accounts, a group, a list of groups, what `members` gives, or an
/// array of any of these. A map of an `address` may have the `row` that it was read from.
pub(super) fn member_wishes(
    session: &Arc<Session>,
    given: &Dynamic,
) -> Result<Vec<MemberWish>, Fault> {
    let mut wishes = Vec::new();
    collect_members(session, given, &mut wishes)?;
    Ok(wishes)
}

fn collect_members(
    session: &Arc<Session>,
    given: &Dynamic,
    wishes: &mut Vec<MemberWish>,
) -> Result<(), Fault> {
    if let Some(array) = given.read_lock::<Array>() {
        return array.iter().try_for_each(|each| collect_members(session, each, wishes));
    }
    if let Some(accounts) = given.read_lock::<AccountList>() {
        for account in accounts.clone() {
            wishes.push(MemberWish::Account(whom(session, &account)?));
        }
    } else if let Some(account) = given.read_lock::<AccountHandle>() {
        wishes.push(MemberWish::Account(whom(session, &account)?));
    } else if let Some(groups) = given.read_lock::<GroupList>() {
        for group in groups.clone() {
            wishes.push(MemberWish::Group(group.which()?));
        }
    } else if let Some(group) = given.read_lock::<GroupHandle>() {
        wishes.push(MemberWish::Group(group.which()?));
    } else {
        let map = given.read_lock::<Map>();
        let part = |key: &str| map.as_ref().and_then(|map| map.get(key));
        let name = name(part("address").unwrap_or(given), "a member")?;
        let row = part("row").and_then(Dynamic::read_lock::<RowHandle>);
        wishes.push(match row {
            Some(row) => MemberWish::Listed { name, place: row.0.origin().label() },
            None => MemberWish::Named(name),
        });
    }
    Ok(())
}

/// A name, a group, a list of groups, or an array of any of these.
pub(super) fn group_wishes(given: &Dynamic) -> Result<Vec<GroupWish>, Fault> {
    if let Some(array) = given.read_lock::<Array>() {
        let each: Result<Vec<_>, Fault> = array.iter().map(group_wishes).collect();
        return Ok(each?.into_iter().flatten().collect());
    }
    if let Some(group) = given.read_lock::<GroupHandle>() {
        return Ok(vec![GroupWish::Group(group.which()?)]);
    }
    if let Some(groups) = given.read_lock::<GroupList>() {
        let each = groups.clone().into_iter().map(|group| group.which().map(GroupWish::Group));
        return each.collect();
    }
    Ok(vec![GroupWish::Named(name(given, "a group")?)])
}

fn name(given: &Dynamic, what: &str) -> Result<String, Fault> {
    if !given.is_string() {
        let message = format!("{what} is named by a text, not by {}", given.type_name());
        return Err(Fault::new("wrong_type", message));
    }
    let name = given.to_string().trim().to_owned();
    if name.is_empty() {
        return Err(Fault::new("bad_value", format!("{what} has no name")));
    }
    Ok(name)
}

/// A member with the person that it is, if it is one.
pub(super) struct KnownMember {
    pub(super) it: PlannedMember,
    pub(super) person: Option<Subject>,
}

/// The members of a group, each with the person that it is.
pub(super) fn known_members(view: &View<'_>, group: Subject) -> R<Vec<KnownMember>> {
    let members = view.members(group)?;
    // All are asked for before the first lack ends the question.
    let people: Vec<R<Option<Subject>>> = members
        .iter()
        .map(|it| match it.member {
            Member::Account(of) => whose(view, of).map(Some),
            Member::Group(_) | Member::Recipient(_) => Ok(None),
        })
        .collect();
    let known = |(it, person): (_, R<_>)| Ok(KnownMember { it, person: person? });
    members.into_iter().zip(people).map(known).collect()
}

/// An owner: somebody known, or a name.
pub(super) type Owner = Result<Subject, String>;

/// The owners of a group.
pub(super) fn known_owners(view: &View<'_>, group: Subject) -> R<Vec<Owner>> {
    let Some(group) = view.group(group)? else { return Ok(Vec::new()) };
    let owners: Vec<R<Owner>> = group.owners.iter().map(|name| owner(view, name)).collect();
    owners.into_iter().collect()
}

fn owner(view: &View<'_>, name: &str) -> R<Owner> {
    if let Ok(id) = name.parse::<ObjectId>() {
        let is_there = view.facts().online(id, view.needs())?.is_some();
        if is_there {
            return whose(view, OnlineRef::Known(id)).map(Ok);
        }
        return Ok(Err(name.to_owned()));
    }
    let people = match OnlineId::parse(name) {
        Ok(online_id) => view.people_called(&online_id)?,
        Err(_) => Vec::new(),
    };
    Ok(people.first().copied().ok_or_else(|| name.to_owned()))
}

/// The members of a group for a script.
pub(super) fn member_array(group: &GroupHandle) -> Result<Dynamic, Fault> {
    group.read()?;
    let (session, subject) = (group.session(), group.subject()?);
    let members = look(session, |view| known_members(view, subject))?;
    let people = members.iter().filter_map(|member| member.person);
    let list = Arc::new(people.map(|person| session.handle(person)).collect::<Vec<Handle>>());
    let members = members.into_iter().map(|KnownMember { it, person }| match (person, it.member) {
        (Some(person), _) => account_of(session, person, &list),
        (None, Member::Group(group)) => {
            Dynamic::from(GroupHandle::new(session, session.handle(group), it.label))
        }
        (None, _) => somebody(&it.label, &it.kind.to_string()),
    });
    Ok(Dynamic::from(members.collect::<Array>()).into_read_only())
}

/// The owners of a group for a script.
pub(super) fn owner_array(group: &GroupHandle) -> Result<Dynamic, Fault> {
    group.read()?;
    let (session, subject) = (group.session(), group.subject()?);
    let owners = look(session, |view| known_owners(view, subject))?;
    let people = owners.iter().filter_map(|owner| owner.as_ref().ok());
    let list = Arc::new(people.map(|person| session.handle(*person)).collect::<Vec<Handle>>());
    let owners = owners.into_iter().map(|owner| match owner {
        Ok(person) => account_of(session, person, &list),
        Err(name) => somebody(&name, "unknown"),
    });
    Ok(Dynamic::from(owners.collect::<Array>()).into_read_only())
}

fn account_of(session: &Arc<Session>, person: Subject, list: &Arc<Vec<Handle>>) -> Dynamic {
    Dynamic::from(AccountHandle {
        list: Some(Arc::clone(list)),
        ..AccountHandle::new(session, Some(session.handle(person)))
    })
}

fn somebody(address: &str, kind: &str) -> Dynamic {
    Dynamic::from(Map::from([
        ("address".into(), address.to_owned().into()),
        ("kind".into(), kind.to_owned().into()),
    ]))
}
