//! Addresses of recipients: their form, whose they are, and who may have them (`exchange.md` §11).

use rusqlite::params;
use serde_json::json;

use super::command::Edit;
use super::failure::Failure;
use super::recipient::{self, Recipient};
use super::{Desk, life};
use crate::state::domains;
use crate::state::users::{self, text};

/// More are refused by Entra.
const MOST: usize = 333;

/// An address without its prefix.
pub(super) fn bare(proxy: &str) -> &str {
    proxy.split_once(':').map_or(proxy, |(_, address)| address)
}

fn is_smtp(proxy: &str) -> bool {
    proxy.split_once(':').is_none_or(|(prefix, _)| prefix.eq_ignore_ascii_case("smtp"))
}

/// Refuses what is no address, or of a domain that isn't the tenant's.
pub(super) fn check(desk: &Desk<'_>, address: &str) -> Result<(), Failure> {
    let (local, domain) = address.rsplit_once('@').unwrap_or_default();
    let wrong = |c: char| c.is_whitespace() || c.is_control() || "()<>,;:\\\"[]@".contains(c);
    let is_dotted = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if local.is_empty()
        || local.len() > 64
        || address.len() > 254
        || local.contains(wrong)
        || !is_dotted
        || !domain.contains('.')
        || domain.contains(wrong)
    {
        return Err(Failure::invalid_data(format!(
            "The email address \"{address}\" isn't correct. Please use this format: user name, the @ sign, followed by the domain name. It is not a valid SMTP address."
        )));
    }
    match domains::find(desk.state, domain)? {
        Some(domain) if domain.is_verified => Ok(()),
        _ => Err(Failure::domain_not_accepted()),
    }
}

/// Refuses an address that somebody else has, signs in with, or keeps for a while.
pub(super) fn check_free(desk: &Desk<'_>, address: &str, own: Option<i64>) -> Result<(), Failure> {
    if let Some(holder) = users::address_holder(desk.state, address)?
        && Some(holder) != own
    {
        return Err(Failure::address_taken(address, &name_of(desk, holder)?));
    }
    if let Some(user) = users::by_principal_name(desk.state, address)?
        && Some(user.seq) != own
    {
        return Err(Failure::entra(
            "Another object with the same value for property proxyAddresses already exists.",
        ));
    }
    let mut held = desk.state.prepare_cached(
        "SELECT holder, name, is_deleted FROM held_addresses WHERE address = ?1 AND until > ?2",
    )?;
    let mut rows = held.query(params![address.to_lowercase(), desk.now.0])?;
    match rows.next()? {
        Some(row) if Some(row.get::<_, i64>(0)?) != own => {
            if row.get(2)? {
                return Err(Failure::held_by_deleted());
            }
            Err(Failure::address_taken(address, &row.get::<_, String>(1)?))
        }
        _ => Ok(()),
    }
}

fn name_of(desk: &Desk<'_>, holder: i64) -> Result<String, Failure> {
    let name = if holder < 0 {
        recipient::by_no(desk.state, -holder)?.map(|found| found.display_name().to_owned())
    } else {
        let user = users::by_seq(desk.state, holder)?;
        user.and_then(|user| text(&user.document, "displayName").map(str::to_owned))
    };
    Ok(name.unwrap_or_default())
}

/// Applies a change of `EmailAddresses`.
pub(super) fn edit(desk: &Desk<'_>, owner: &mut Recipient, edit: Edit) -> Result<(), Failure> {
    let list = match edit {
        Edit::Replace(list) => list,
        Edit::Change { add, remove } => changed(owner, add, &remove)?,
    };
    replace(desk, owner, list)
}

fn changed(owner: &Recipient, add: Vec<String>, remove: &[String]) -> Result<Vec<String>, Failure> {
    let mut all = owner.addresses();
    for proxy in remove {
        let same = |each: &String| {
            bare(each).eq_ignore_ascii_case(bare(proxy)) && is_smtp(each) == is_smtp(proxy)
        };
        if all.iter().any(|each| same(each) && each.starts_with("SMTP:")) {
            return Err(Failure::refused(format!(
                "The primary SMTP address \"{}\" can't be removed.",
                bare(proxy)
            )));
        }
        all.retain(|each| !same(each));
    }
    for proxy in add {
        let is_new = !all.iter().any(|each| {
            bare(each).eq_ignore_ascii_case(bare(&proxy)) && is_smtp(each) == is_smtp(&proxy)
        });
        // Whether adding `SMTP:` moves the primary is not known (§11.4): here it doesn't.
        if is_new {
            all.push(if is_smtp(&proxy) { format!("smtp:{}", bare(&proxy)) } else { proxy });
        }
    }
    Ok(all)
}

/// Makes an address the primary one; the old one stays.
pub(super) fn make_primary(
    desk: &Desk<'_>,
    owner: &mut Recipient,
    address: &str,
) -> Result<(), Failure> {
    let address = bare(address);
    let others = owner
        .addresses()
        .into_iter()
        .filter(|each| !is_smtp(each) || !bare(each).eq_ignore_ascii_case(address))
        .map(|each| if is_smtp(&each) { format!("smtp:{}", bare(&each)) } else { each });
    let list = std::iter::once(format!("SMTP:{address}")).chain(others).collect();
    replace(desk, owner, list)
}

/// Makes the list all that the recipient has.
pub(super) fn replace(
    desk: &Desk<'_>,
    owner: &mut Recipient,
    list: Vec<String>,
) -> Result<(), Failure> {
    let (mut smtp, others): (Vec<String>, Vec<String>) =
        list.into_iter().partition(|each| is_smtp(each));
    for each in &mut smtp {
        if !each.contains(':') {
            *each = format!("smtp:{each}");
        }
    }
    let mut seen = std::collections::HashSet::new();
    smtp.retain(|each| seen.insert(bare(each).to_lowercase()));
    let primaries = smtp.iter().filter(|each| each.starts_with("SMTP:")).count();
    match (primaries, smtp.first_mut()) {
        (1, _) => {}
        // None stands out, so the first does.
        (0, Some(first)) => *first = format!("SMTP:{}", bare(first)),
        (0, None) => return Err(Failure::refused("There must be a primary SMTP address.")),
        _ => return Err(Failure::invalid_data("There can be just one primary SMTP address.")),
    }
    // The address one signs in with comes back silently (§11.4).
    let sign_in = owner.user.as_ref().and_then(|user| text(&user.document, "userPrincipalName"));
    if let Some(name) = sign_in
        && owner
            .addresses()
            .iter()
            .any(|each| is_smtp(each) && bare(each).eq_ignore_ascii_case(name))
        && !seen.contains(&name.to_lowercase())
    {
        smtp.push(format!("smtp:{name}"));
    }
    if smtp.len() + others.len() > MOST {
        return Err(Failure::entra("The maximum number of proxy addresses permitted is 333."));
    }
    let before = owner.addresses();
    let had = |address: &str| {
        before.iter().any(|each| is_smtp(each) && bare(each).eq_ignore_ascii_case(address))
    };
    for address in smtp.iter().map(|each| bare(each)).filter(|address| !had(address)) {
        check(desk, address)?;
        check_free(desk, address, Some(owner.holder()))?;
    }
    let kept: Vec<String> = smtp.iter().map(|each| bare(each).to_lowercase()).collect();
    for gone in before.iter().filter(|each| is_smtp(each)).map(|each| bare(each).to_lowercase()) {
        if !kept.contains(&gone) {
            hold(desk, owner, &gone)?;
        }
    }
    write(desk, owner, smtp, others)
}

/// Keeps an address that was given up from others for a while (`exchange.md` §7.3).
pub(super) fn hold(desk: &Desk<'_>, owner: &Recipient, address: &str) -> Result<(), Failure> {
    let seconds = desk.behavior.address_hold_seconds;
    if seconds > 0 {
        desk.state
            .prepare_cached(
                "INSERT OR REPLACE INTO held_addresses (address, holder, name, until, is_deleted)
                 VALUES (?1, ?2, ?3, ?4, 0)",
            )?
            .execute(params![
                address.to_lowercase(),
                owner.holder(),
                owner.display_name(),
                desk.now.plus_millis(i64::from(seconds) * 1000).0
            ])?;
    }
    Ok(())
}

fn write(
    desk: &Desk<'_>,
    owner: &mut Recipient,
    smtp: Vec<String>,
    others: Vec<String>,
) -> Result<(), Failure> {
    let holder = owner.holder();
    users::set_addresses(desk.state, holder, smtp.iter().map(|each| bare(each)))?;
    let primary = smtp.iter().find(|each| each.starts_with("SMTP:")).map(|each| bare(each));
    match &mut owner.user {
        Some(user) => {
            let changed = user.document.get("proxyAddresses") != Some(&json!(smtp));
            user.document.insert("mail".to_owned(), json!(primary));
            user.document.insert("proxyAddresses".to_owned(), json!(smtp));
            owner.doc.insert("OtherAddresses".to_owned(), json!(others));
            if changed {
                life::save_user(desk.state, user, desk.now, desk.lag)?;
            }
        }
        None => {
            let all: Vec<String> = smtp.into_iter().chain(others).collect();
            owner.doc.insert("EmailAddresses".to_owned(), json!(all));
        }
    }
    Ok(())
}
