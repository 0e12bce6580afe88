//! Mail addresses: those an Exchange licence brings, and those written by hand (`graph.md` §4.2, §6).

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::state::domains;
use crate::state::users::{self, Document, User, text};

/// Plans that bring a mailbox (`graph.md` §19).
pub(super) const MAILBOX_PLANS: [&str; 3] = [
    "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "4a82b400-a79f-41a4-b4e2-e94f5787b113",
];

/// Addresses with their prefixes.
fn proxies(document: &Document) -> Vec<String> {
    let list = document.get("proxyAddresses").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// An address without `SMTP:` or `smtp:`.
fn bare(proxy: &str) -> &str {
    proxy.split_once(':').map_or(proxy, |(_, address)| address)
}

/// Refuses an address that another live user has, as sign-in name or as mail address.
pub(super) fn check_free(
    state: &Connection,
    address: &str,
    own_seq: Option<i64>,
) -> Result<(), Refusal> {
    match users::address_holder(state, address)? {
        Some(holder) if Some(holder) != own_seq => Err(Refusal::conflict("proxyAddresses")),
        _ => Ok(()),
    }
}

fn keep(state: &Connection, user: &mut User, proxies: &[String]) -> Result<(), Refusal> {
    users::set_addresses(state, user.seq, proxies.iter().map(|proxy| bare(proxy)))?;
    user.document.insert("proxyAddresses".to_owned(), json!(proxies));
    Ok(())
}

/// Makes `address` the primary one; the old primary address stays as another.
pub(super) fn make_primary(
    state: &Connection,
    user: &mut User,
    address: &str,
) -> Result<(), Refusal> {
    check_free(state, address, Some(user.seq))?;
    let others = proxies(&user.document)
        .into_iter()
        .filter(|proxy| !bare(proxy).eq_ignore_ascii_case(address))
        .map(|proxy| format!("smtp:{}", bare(&proxy)));
    let all: Vec<String> = std::iter::once(format!("SMTP:{address}")).chain(others).collect();
    keep(state, user, &all)?;
    user.document.insert("mail".to_owned(), json!(address));
    Ok(())
}

/// What Exchange does for a user who comes into a mailbox: addresses from the name and the nickname.
pub(super) fn open(state: &Connection, user: &mut User) -> Result<(), Refusal> {
    if text(&user.document, "mail").is_none() {
        let name = text(&user.document, "userPrincipalName").unwrap_or_default().to_owned();
        make_primary(state, user, &name)?;
    }
    let nickname = text(&user.document, "mailNickname").unwrap_or_default();
    let address = format!("{nickname}@{}", domains::initial(state)?);
    let mut all = proxies(&user.document);
    let has = all.iter().any(|proxy| bare(proxy).eq_ignore_ascii_case(&address));
    if !has && users::address_holder(state, &address)?.is_none() {
        all.push(format!("smtp:{address}"));
    }
    keep(state, user, &all)
}

/// What Exchange does when the user of a mailbox is renamed here: the primary address stays as it was, and
/// the new name is one more (`exchange.md` §11.4: the name one signs in with comes back silently).
pub(super) fn follow_name(state: &Connection, user: &mut User, name: &str) -> Result<(), Refusal> {
    let mut all = proxies(&user.document);
    if !all.iter().any(|proxy| bare(proxy).eq_ignore_ascii_case(name)) {
        all.push(format!("smtp:{name}"));
    }
    keep(state, user, &all)
}

/// Gives up every address: a deleted user doesn't keep others from taking them (`graph.md` §9).
pub(super) fn release(state: &Connection, user: &User) -> Result<(), Refusal> {
    users::set_addresses(state, user.seq, std::iter::empty())
}

/// Takes the addresses back for a restored user; with `reconcile`, those that a live user has now are
/// dropped.
pub(super) fn reclaim(state: &Connection, user: &mut User, reconcile: bool) -> Result<(), Refusal> {
    let mut kept = Vec::new();
    for proxy in proxies(&user.document) {
        match check_free(state, bare(&proxy), Some(user.seq)) {
            Ok(()) => kept.push(proxy),
            Err(refusal) if !reconcile || refusal.status >= 500 => return Err(refusal),
            Err(_) => {}
        }
    }
    let mail = kept.iter().find(|proxy| proxy.starts_with("SMTP:")).map(|proxy| bare(proxy));
    if text(&user.document, "mail").is_some() {
        let mail = mail.map_or(Value::Null, |mail| json!(mail));
        user.document.insert("mail".to_owned(), mail);
    }
    keep(state, user, &kept)
}
