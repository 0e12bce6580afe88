//! Values of scripts as text: a plain value as it is, objects as a table.

use rhai::{Array, Dynamic, Map};
use serde::Serialize;

use super::api::{
    AccountHandle, AccountList, AliasHandle, AliasList, DeletedHandle, GroupHandle, GroupList,
    LicenseHandle, LicenseList, account_name, account_table, alias_table, deleted_table,
    group_table, license_table, member_table, value_of, whole_group,
};
use super::raise::Fault;
use super::session::Session;
use crate::table::{ColumnHead, Format, Table, Value, render as render_table};

/// So many members of a group are named with it.
const MEMBERS_ON_SCREEN: usize = 20;

/// The value as it goes to standard output.
pub(super) fn render(
    session: &Session,
    value: &Dynamic,
    format: Option<Format>,
) -> Result<String, Fault> {
    let screen = session.console().out_screen();
    if let Some(account) = value.read_lock::<AccountHandle>() {
        let table = account_table(session, account.handle().as_slice(), true)?;
        return Ok(render_table(&table, format.unwrap_or(Format::List), &screen));
    }
    if let Some(person) = value.read_lock::<DeletedHandle>() {
        let table = deleted_table(std::slice::from_ref(&*person));
        return Ok(render_table(&table, format.unwrap_or(Format::List), &screen));
    }
    if let Some(group) = value.read_lock::<GroupHandle>() {
        // Who asks for a format gets all members; a screen is for a look.
        let most = if format.is_none() { MEMBERS_ON_SCREEN } else { usize::MAX };
        let table = whole_group(session, &group, most)?;
        return Ok(render_table(&table, format.unwrap_or(Format::List), &screen));
    }
    if let Some(alias) = value.read_lock::<AliasHandle>() {
        let table = alias_table(session, std::slice::from_ref(&*alias))?;
        return Ok(render_table(&table, format.unwrap_or(Format::List), &screen));
    }
    if let Some(map) = value.read_lock::<Map>() {
        let table = of_maps(session, std::slice::from_ref(&*map))?;
        return Ok(render_table(&table, format.unwrap_or(Format::List), &screen));
    }
    let table = match (table_of(session, value)?, value.read_lock::<Array>()) {
        (Some(table), _) => table,
        (None, Some(array)) => return plain(session, &array, format),
        (None, None) => {
            return match format {
                Some(Format::Json | Format::Jsonl) => json(value),
                _ => Ok(format!("{value}\n")),
            };
        }
    };
    Ok(render_table(&table, format.unwrap_or(Format::Table), &screen))
}

/// Several of something as a table; `None` if the value is no such thing.
pub(super) fn table_of(session: &Session, value: &Dynamic) -> Result<Option<Table>, Fault> {
    if let Some(accounts) = value.read_lock::<AccountList>() {
        return account_table(session, accounts.handles(), false).map(Some);
    }
    if let Some(license) = value.read_lock::<LicenseHandle>() {
        return Ok(Some(license_table(session, std::slice::from_ref(&*license))));
    }
    if let Some(licenses) = value.read_lock::<LicenseList>() {
        return Ok(Some(license_table(session, licenses.handles())));
    }
    if let Some(groups) = value.read_lock::<GroupList>() {
        return group_table(session, groups.handles()).map(Some);
    }
    if let Some(aliases) = value.read_lock::<AliasList>() {
        return alias_table(session, aliases.handles()).map(Some);
    }
    match value.read_lock::<Array>() {
        Some(array) => of_array(session, &array),
        None => Ok(None),
    }
}

/// An array of accounts, of groups, of addresses, of members or of maps is a table.
fn of_array(session: &Session, array: &Array) -> Result<Option<Table>, Fault> {
    let accounts: Option<Vec<AccountHandle>> =
        array.iter().map(|value| value.clone().try_cast::<AccountHandle>()).collect();
    if let (Some(accounts), false) = (accounts, array.is_empty()) {
        let handles: Vec<_> = accounts.iter().filter_map(AccountHandle::handle).collect();
        return account_table(session, &handles, false).map(Some);
    }
    let deleted: Option<Vec<DeletedHandle>> =
        array.iter().map(|value| value.clone().try_cast::<DeletedHandle>()).collect();
    if let (Some(deleted), false) = (deleted, array.is_empty()) {
        return Ok(Some(deleted_table(&deleted)));
    }
    let groups: Option<Vec<GroupHandle>> =
        array.iter().map(|value| value.clone().try_cast::<GroupHandle>()).collect();
    if let (Some(groups), false) = (groups, array.is_empty()) {
        return group_table(session, &groups).map(Some);
    }
    let aliases: Option<Vec<AliasHandle>> =
        array.iter().map(|value| value.clone().try_cast::<AliasHandle>()).collect();
    if let (Some(aliases), false) = (aliases, array.is_empty()) {
        return alias_table(session, &aliases).map(Some);
    }
    let maps: Option<Vec<Map>> =
        array.iter().map(|value| value.clone().try_cast::<Map>()).collect();
    match maps {
        Some(maps) if !maps.is_empty() => of_maps(session, &maps).map(Some),
        Some(_) => Ok(None),
        // The members of a group are of several kinds.
        None => member_table(session, array),
    }
}

fn of_maps(session: &Session, maps: &[Map]) -> Result<Table, Fault> {
    let mut columns: Vec<String> = Vec::new();
    for key in maps.iter().flat_map(Map::keys) {
        if columns.iter().all(|column| column != key.as_str()) {
            columns.push(key.to_string());
        }
    }
    let cell = |map: &Map, column: &String| match map.get(column.as_str()) {
        Some(value) => shown(session, value),
        None => Ok(Value::Nothing),
    };
    let row = |map: &Map| columns.iter().map(|column| cell(map, column)).collect();
    let rows = maps.iter().map(row).collect::<Result<Vec<Vec<Value>>, Fault>>()?;
    Ok(Table { rows, columns: columns.iter().map(ColumnHead::new).collect() })
}

/// A value among others: an object by its name.
fn shown(session: &Session, value: &Dynamic) -> Result<Value, Fault> {
    if let Some(accounts) = value.read_lock::<AccountList>() {
        let accounts: Vec<AccountHandle> = accounts.clone().into_iter().collect();
        let names = accounts.iter().map(|account| account_name(session, account));
        return names.collect::<Result<_, _>>().map(Value::List);
    }
    if let Some(groups) = value.read_lock::<GroupList>() {
        return Ok(Value::List(groups.handles().iter().map(|it| it.label().to_owned()).collect()));
    }
    if let Some(array) = value.read_lock::<Array>() {
        let texts = array.iter().map(|each| text(session, each));
        return texts.collect::<Result<_, _>>().map(Value::List);
    }
    Ok(match name(session, value)? {
        Some(name) => name.into(),
        None => value_of(value),
    })
}

/// A value as text: an object by its name.
fn text(session: &Session, value: &Dynamic) -> Result<String, Fault> {
    if let Some(array) = value.read_lock::<Array>() {
        let texts = array.iter().map(|each| text(session, each));
        return Ok(format!("[{}]", texts.collect::<Result<Vec<_>, _>>()?.join(", ")));
    }
    Ok(name(session, value)?.unwrap_or_else(|| value.to_string()))
}

/// The name of an object that has one.
fn name(session: &Session, value: &Dynamic) -> Result<Option<String>, Fault> {
    Ok(if let Some(account) = value.read_lock::<AccountHandle>() {
        Some(account_name(session, &account)?)
    } else if let Some(group) = value.read_lock::<GroupHandle>() {
        Some(group.label().to_owned())
    } else if let Some(alias) = value.read_lock::<AliasHandle>() {
        Some(alias.address().to_owned())
    } else if let Some(map) = value.read_lock::<Map>() {
        // A member that is neither an account nor a group.
        map.get("kind").and(map.get("address")).map(ToString::to_string)
    } else {
        None
    })
}

/// Plain values are lines, but for whoever asked for JSON.
fn plain(session: &Session, array: &Array, format: Option<Format>) -> Result<String, Fault> {
    match format {
        Some(Format::Json) => json(array),
        Some(Format::Jsonl) => array.iter().map(json).collect(),
        _ => array.iter().map(|value| Ok(text(session, value)? + "\n")).collect(),
    }
}

fn json(value: &impl Serialize) -> Result<String, Fault> {
    let text = serde_json::to_string(value);
    let text =
        text.map_err(|reason| Fault::new("script", format!("this value has no JSON: {reason}")))?;
    Ok(text + "\n")
}
