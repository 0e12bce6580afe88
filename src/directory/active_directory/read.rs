//! Reading users and the domain.

use ldap3::Scope;
use uuid::Uuid;

use super::connection::{Connection, Search, extended_names};
use super::entry::Entry;
use super::name::{self, Dn};
use super::settings::LinkAttribute;
use super::user::{Found, attributes};
use super::{Domain, note};
use crate::directory::{DirectoryFault, UserQuery};
use crate::model::{User, UserGuid, UserName};

/// People, without machines, trusts and managed service accounts.
pub(super) const PEOPLE: &str =
    "(&(objectCategory=person)(objectClass=user)(sAMAccountType=805306368))";
/// Values in one filter: enough to save questions, few enough for every server.
const VALUES: usize = 200;

/// The users below `base` that a query asks for, in the order of their creation.
pub(super) async fn users(
    connection: &Connection,
    domain: &Domain,
    link: &LinkAttribute,
    query: UserQuery,
) -> Result<Vec<User>, DirectoryFault> {
    let filters = match query {
        UserQuery::All => vec![PEOPLE.to_owned()],
        UserQuery::Names(names) => {
            in_parts(&names, |name| name::text_is("sAMAccountName", name.as_str()))
        }
        UserQuery::Guids(guids) => {
            in_parts(&guids, |guid| name::bytes_are("objectGUID", &guid.0.to_bytes_le()))
        }
        UserQuery::Links(links) => {
            in_parts(&links, |id| name::text_begins(link.as_str(), &note::beginning(*id)))
        }
    };
    let base = domain.base.to_string();
    let mut found = Vec::new();
    for filter in filters {
        found.extend(matching(connection, &base, link, &filter).await?);
    }
    found.sort_by(Found::by_creation);
    found.dedup_by_key(|found| found.user.guid);
    let mut users: Vec<User> = found.into_iter().map(|found| found.user).collect();
    for user in &mut users {
        // Whoever signs in for acctsh is never touched by it.
        user.is_built_in |= Some(user.guid.0) == domain.own;
    }
    Ok(users)
}

fn in_parts<T>(values: &[T], filter: impl Fn(&T) -> String) -> Vec<String> {
    let any = |values: &[T]| name::any_of(values.iter().map(&filter));
    values.chunks(VALUES).map(|values| name::all_of(&[PEOPLE, &any(values)])).collect()
}

/// Users that a filter finds.
pub(super) async fn matching(
    connection: &Connection,
    base: &str,
    link: &LinkAttribute,
    filter: &str,
) -> Result<Vec<Found>, DirectoryFault> {
    let attributes = attributes(link);
    let controls = vec![extended_names()];
    let search = Search { base, scope: Scope::Subtree, filter, attributes: &attributes, controls };
    connection.read(&search, |entry| Found::of(&entry, link)).await
}

/// Attributes of one entry.
pub(super) async fn entry(
    connection: &Connection,
    base: &str,
    attributes: &[&str],
) -> Result<Option<Entry>, DirectoryFault> {
    let filter = "(objectClass=*)";
    let search = Search { base, scope: Scope::Base, filter, attributes, controls: Vec::new() };
    Ok(connection.read(&search, Some).await?.pop())
}

/// One user's entry, wherever it is.
pub(super) async fn user_entry(
    connection: &Connection,
    domain: &Domain,
    user: UserGuid,
    attributes: &[&str],
) -> Result<Option<Entry>, DirectoryFault> {
    let base = domain.dn.to_string();
    let filter = name::all_of(&[PEOPLE, &name::bytes_are("objectGUID", &user.0.to_bytes_le())]);
    let controls = vec![extended_names()];
    let search =
        Search { base: &base, scope: Scope::Subtree, filter: &filter, attributes, controls };
    Ok(connection.read(&search, Some).await?.pop())
}

/// Who has that name anywhere in the domain, which is more than those below the base: machines and groups
/// have names of the same kind.
pub(super) async fn holder(
    connection: &Connection,
    domain: &Domain,
    link: &LinkAttribute,
    name: &UserName,
) -> Result<Option<(UserGuid, Option<UserGuid>)>, DirectoryFault> {
    let base = domain.dn.to_string();
    let filter = name::text_is("sAMAccountName", name.as_str());
    let attributes = ["objectGUID", link.as_str()];
    let search = Search {
        base: &base,
        scope: Scope::Subtree,
        filter: &filter,
        attributes: &attributes,
        controls: Vec::new(),
    };
    let found = connection.read(&search, |entry| {
        let made = entry.text(link.as_str()).and_then(note::Note::read).and_then(|note| note.made);
        Some((UserGuid(entry.guid("objectGUID")?), made))
    });
    Ok(found.await?.pop())
}

/// How many people there are below the base.
pub(super) async fn count(connection: &Connection, base: &Dn) -> Result<u64, DirectoryFault> {
    let base = base.to_string();
    let search = Search {
        base: &base,
        scope: Scope::Subtree,
        filter: PEOPLE,
        attributes: &["1.1"],
        controls: Vec::new(),
    };
    Ok(connection.read(&search, |_| Some(())).await?.len() as u64)
}

/// Every value of an attribute that may have more than a server sends at once.
pub(super) async fn all_values(
    connection: &Connection,
    base: &str,
    attribute: &str,
) -> Result<Vec<String>, DirectoryFault> {
    let mut values: Vec<String> = Vec::new();
    loop {
        let ranged = format!("{attribute};range={}-*", values.len());
        let Some(entry) = entry(connection, base, &[&ranged]).await? else { return Ok(values) };
        let (part, is_last) = entry.range(attribute);
        values.extend(part.iter().cloned());
        if is_last || part.is_empty() {
            return Ok(values);
        }
    }
}

/// The entry that signs in as `bind`, if it can be told.
pub(super) async fn own(
    connection: &Connection,
    domain: &Dn,
    bind: &str,
) -> Result<Option<Uuid>, DirectoryFault> {
    let base = domain.to_string();
    let filters = if let Some(dn) = Dn::parse(bind) {
        vec![name::text_is("distinguishedName", &dn.to_string())]
    } else if let Some((_, account)) = bind.split_once('\\') {
        vec![name::text_is("sAMAccountName", account)]
    } else {
        // `name@domain` also signs in whose principal name is another (`active-directory.md §2`), if
        // nobody has that one.
        let account = bind.split('@').next().unwrap_or(bind);
        vec![name::text_is("userPrincipalName", bind), name::text_is("sAMAccountName", account)]
    };
    for filter in filters {
        let search = Search {
            base: &base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["objectGUID"],
            controls: Vec::new(),
        };
        let found = connection.read(&search, |entry| entry.guid("objectGUID")).await?.pop();
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}
