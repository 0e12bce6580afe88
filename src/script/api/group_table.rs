//! Groups and their members as tables.

use rhai::{Array, Map};

use super::account::AccountHandle;
use super::group::GroupHandle;
use super::mail::look;
use super::members::{KnownMember, known_members, known_owners};
use crate::accounts::R;
use crate::model::{EmailAddress, Group};
use crate::plan::change::Subject;
use crate::plan::view::View;
use crate::script::raise::Fault;
use crate::script::session::Session;
use crate::table::{ColumnHead, Table, Value};

/// Groups as a table. Who is in them is a call for each group, so that isn't in it.
pub(in crate::script) fn group_table(
    session: &Session,
    groups: &[GroupHandle],
) -> Result<Table, Fault> {
    // One that was planned and not made is in no list any more.
    let subjects: Vec<Subject> = groups.iter().filter_map(|group| group.subject().ok()).collect();
    let rows = look(session, |view| {
        let mut rows = Vec::with_capacity(subjects.len());
        for subject in &subjects {
            if let Some(group) = view.group(*subject)? {
                rows.push(listed(&group));
            }
        }
        Ok(rows)
    })?;
    let columns = ["name", "email", "kind", "outside_senders", "description"];
    let heads = columns.map(|name| match name {
        "name" | "email" => ColumnHead::essential(name),
        other => ColumnHead::new(other),
    });
    Ok(Table { columns: heads.into(), rows })
}

fn listed(group: &Group) -> Vec<Value> {
    vec![
        group.display_name.clone().into(),
        email(group),
        group.kind.to_string().into(),
        group.outside_senders.into(),
        text(&group.description),
    ]
}

fn email(group: &Group) -> Value {
    group.addresses.primary().map(|address| address.to_string()).into()
}

fn text(text: &str) -> Value {
    if text.is_empty() { Value::Nothing } else { text.to_owned().into() }
}

/// One group with everything about it, but no more than so many members.
pub(in crate::script) fn whole_group(
    session: &Session,
    group: &GroupHandle,
    most: usize,
) -> Result<Table, Fault> {
    let it = group.read()?;
    let subject = group.subject()?;
    let (owners, mut members) = look(session, |view| {
        let (owners, members) = (owner_names(view, subject), member_names(view, subject));
        Ok((owners?, members?))
    })?;
    members.sort_by_cached_key(|name| name.to_lowercase());
    if members.len() > most {
        let more = members.len() - most;
        members.truncate(most);
        members.push(format!("and {more} more: group({:?}).members", it.display_name));
    }
    let aliases = it.addresses.aliases();
    let cells: [(&str, Value); 10] = [
        ("name", it.display_name.clone().into()),
        ("email", email(&it)),
        ("aliases", Value::List(aliases.iter().map(EmailAddress::to_string).collect())),
        ("alias", text(&it.alias)),
        ("description", text(&it.description)),
        ("kind", it.kind.to_string().into()),
        ("outside_senders", it.outside_senders.into()),
        ("hidden", it.is_hidden.into()),
        ("owners", Value::List(owners)),
        ("members", Value::List(members)),
    ];
    let (columns, row) =
        cells.into_iter().map(|(name, value)| (ColumnHead::essential(name), value)).unzip();
    Ok(Table { columns, rows: vec![row] })
}

fn owner_names(view: &View<'_>, group: Subject) -> R<Vec<String>> {
    let mut names = Vec::new();
    for owner in known_owners(view, group)? {
        names.push(match owner {
            Ok(person) => name_of(view, person)?,
            Err(name) => name,
        });
    }
    Ok(names)
}

fn member_names(view: &View<'_>, group: Subject) -> R<Vec<String>> {
    let mut names = Vec::new();
    for KnownMember { it, person } in known_members(view, group)? {
        names.push(match person {
            Some(person) => name_of(view, person)?,
            None => it.label,
        });
    }
    Ok(names)
}

fn name_of(view: &View<'_>, person: Subject) -> R<String> {
    if let Some(user) = view.user(person)? {
        return Ok(user.name.to_string());
    }
    let online = view.person(person)?.online;
    Ok(online.map_or_else(String::new, |online| online.online_id.to_string()))
}

/// The name of an account in a list of values; empty if it is deleted.
pub(in crate::script) fn account_name(
    session: &Session,
    account: &AccountHandle,
) -> Result<String, Fault> {
    let subject = account.subject()?;
    session.look(|view| name_of(view, subject))
}

/// What `members` and `owners` give, as a table; `None` if the array is something else.
pub(in crate::script) fn member_table(
    session: &Session,
    members: &Array,
) -> Result<Option<Table>, Fault> {
    let mut rows = Vec::with_capacity(members.len());
    for member in members {
        rows.push(if let Some(account) = member.read_lock::<AccountHandle>() {
            let subject = account.subject()?;
            let name = account_name(session, &account)?;
            let email = session.look(|view| Ok(view.person(subject)?.online))?;
            let email = email.and_then(|online| online.email.as_ref().map(ToString::to_string));
            vec![name.into(), email.into(), "account".to_owned().into()]
        } else if let Some(group) = member.read_lock::<GroupHandle>() {
            // One that was planned and not made is in no list any more.
            let Ok(subject) = group.subject() else { continue };
            let Some(group) = look(session, |view| view.group(subject))? else { continue };
            vec![group.display_name.clone().into(), email(&group), group.kind.to_string().into()]
        } else if let Some(other) = member.read_lock::<Map>() {
            let text = |key: &str| other.get(key).map(ToString::to_string);
            let (Some(address), Some(kind)) = (text("address"), text("kind")) else {
                return Ok(None);
            };
            vec![Value::Nothing, address.into(), kind.into()]
        } else {
            return Ok(None);
        });
    }
    let columns = ["name", "email", "kind"].map(ColumnHead::essential);
    Ok(Some(Table { columns: columns.into(), rows }))
}
