//! Giving a restored user again what the directory has lost of it: what was kept, or what little everybody has.

use ldap3::Mod;
use rand::TryRngCore as _;
use rand::rngs::OsRng;

use super::connection::Modification;
use super::entry::{Entry, guid_in};
use super::kept::{KeptUser, Phase};
use super::name::{self, Dn};
use super::outcome::{code, refused};
use super::{ActiveDirectory, changing, password, read};
use crate::directory::DirectoryFault;
use crate::model::{Field, Secret, UserGuid};

/// What belongs to the entry rather than to the person, or is written by the directory alone.
const NOT_KEPT: &[&str] = &[
    "objectclass",
    "cn",
    "name",
    "distinguishedname",
    "instancetype",
    "whencreated",
    "whenchanged",
    "usncreated",
    "usnchanged",
    "objectguid",
    "objectsid",
    "samaccountname",
    "samaccounttype",
    "objectcategory",
    "badpwdcount",
    "badpasswordtime",
    "lastlogon",
    "lastlogoff",
    "lastlogontimestamp",
    "logoncount",
    "primarygroupid",
    "dscorepropagationdata",
    "memberof",
    "directreports",
    "managedobjects",
    "iscriticalsystemobject",
    "admincount",
    "lockouttime",
    "countrycode",
    "codepage",
    "pwdlastset",
    "useraccountcontrol",
    "accountexpires",
    "ntsecuritydescriptor",
    "msds-supportedencryptiontypes",
    "isdeleted",
    "isrecycled",
    "lastknownparent",
];
/// What a restored user has again at once, or isn't restored.
const FIRST: &[&str] = &["userprincipalname", "displayname", "ms-ds-consistencyguid"];

/// Gives a user what it had before it was deleted; the password that nobody knows and the flags go last, and
/// only once: by then others may have set their own.
pub(super) async fn rewrite(
    ad: &ActiveDirectory,
    user: UserGuid,
    kept: &KeptUser,
) -> Result<(), DirectoryFault> {
    let domain = ad.domain().await?;
    let entry = read::user_entry(&ad.connection, domain, user, &["*", ad.link().as_str()]).await?;
    let entry = entry.ok_or(DirectoryFault::NoSuchUser(user))?;
    let is_first = |name: &str| {
        let name = name.to_lowercase();
        FIRST.contains(&name.as_str()) || name == ad.link().as_str().to_lowercase()
    };
    let missing = kept.attributes.iter().filter(|(name, _)| {
        !NOT_KEPT.contains(&name.to_lowercase().as_str()) && entry.bytes(name).is_none()
    });
    let (first, others): (Vec<_>, Vec<_>) = missing.partition(|(name, _)| is_first(name));
    if !first.is_empty() {
        write(ad, user, first.iter().map(given).collect(), Field::UserName).await?;
    }
    let mut lost = Vec::new();
    for attribute in &others {
        lost.extend(if_lost(
            write(ad, user, vec![given(attribute)], Field::UserName).await,
            || attribute.0.clone(),
        )?);
    }
    for group in &kept.groups {
        lost.extend(if_lost(join(ad, user, group).await, || group_name(group))?);
    }
    if kept.phase == Phase::Returning {
        unknown_password(ad, user, last_of_all(kept, &entry)).await?;
        ad.kept().await?.comes_to(user, Phase::Open).await?;
    }
    if lost.is_empty() {
        return Ok(());
    }
    Err(DirectoryFault::Refused {
        field: Field::UserName,
        reason: format!(
            "the user is back, but the directory refused to give it again: {}. Give acctsh's account the right to \
             write these and restore it once more, or do it by hand",
            lost.join(", ")
        ),
    })
}

async fn write(
    ad: &ActiveDirectory,
    user: UserGuid,
    changes: Vec<Modification>,
    field: Field,
) -> Result<(), DirectoryFault> {
    let answer = ad.connection.modify(&name::by_guid(user.0), changes).await?;
    match answer.rc {
        0 => Ok(()),
        code::NO_SUCH_OBJECT => Err(DirectoryFault::NoSuchUser(user)),
        _ => Err(refused(&answer, changing(field))),
    }
}

async fn join(ad: &ActiveDirectory, user: UserGuid, group: &str) -> Result<(), DirectoryFault> {
    let at = name::by_guid(user.0);
    let member = vec![Mod::Add(b"member".to_vec(), super::values([at.as_bytes()]))];
    let answer = ad.connection.modify(group, member).await?;
    match answer.rc {
        // It is a member already: the first try came that far.
        0 | code::EXISTS | code::VALUE_EXISTS => Ok(()),
        _ => Err(refused(&answer, changing(Field::UserName))),
    }
}

/// What a refusal cost; whatever may pass is tried again as a whole.
fn if_lost(
    written: Result<(), DirectoryFault>,
    what: impl FnOnce() -> String,
) -> Result<Option<String>, DirectoryFault> {
    match written {
        Ok(()) => Ok(None),
        Err(
            fault @ (DirectoryFault::OutOfReach(_)
            | DirectoryFault::Unavailable(_)
            | DirectoryFault::SignIn { .. }
            | DirectoryFault::NoSuchUser(_)),
        ) => Err(fault),
        Err(fault) => {
            tracing::warn!(%fault, "a restored user does without something");
            Ok(Some(what()))
        }
    }
}

fn group_name(dn: &str) -> String {
    Dn::parse(dn).map_or_else(|| dn.to_owned(), |dn| format!("the group {}", dn.own()))
}

/// Numbers that a returned entry has of its own, and that are as they were before: each beside the value
/// that it replaces.
fn last_of_all(kept: &KeptUser, now: &Entry) -> Vec<Modification> {
    let before = kept.entry();
    let mut changes = Vec::new();
    for attribute in ["accountExpires", "countryCode", "userAccountControl"] {
        let (old, new) = (now.text(attribute), before.text(attribute));
        if let Some(new) = new.filter(|new| Some(*new) != old) {
            let only = |value: &str| super::values([value.as_bytes()]);
            changes.extend(old.map(|old| Mod::Delete(attribute.as_bytes().to_vec(), only(old))));
            changes.push(Mod::Add(attribute.as_bytes().to_vec(), only(new)));
        }
    }
    if before.number("pwdLastSet") == Some(0) {
        changes.push(Mod::Replace(b"pwdLastSet".to_vec(), super::values([b"0"])));
    }
    changes
}

fn given((name, values): &(&String, &Vec<Vec<u8>>)) -> Modification {
    let values = values.iter().map(|value| again(value)).collect();
    Mod::Add(name.as_bytes().to_vec(), values)
}

/// A value to be written once more: other entries are named by their GUID, wherever they are by now.
fn again(value: &[u8]) -> Vec<u8> {
    let named = std::str::from_utf8(value).ok().and_then(guid_in);
    named.map_or_else(|| value.to_vec(), |guid| name::by_guid(guid).into_bytes())
}

/// Gives a user that came back with little more than its name a password that nobody knows, and the
/// principal name that a new one gets.
pub(super) async fn what_everybody_has(
    ad: &ActiveDirectory,
    user: UserGuid,
) -> Result<(), DirectoryFault> {
    unknown_password(ad, user, Vec::new()).await?;
    let domain = ad.domain().await?;
    let entry = read::user_entry(&ad.connection, domain, user, &["sAMAccountName"]).await?;
    let entry = entry.ok_or(DirectoryFault::NoSuchUser(user))?;
    let Some(name) = entry.text("sAMAccountName") else { return Ok(()) };
    let full = ad.principal_name(domain, name);
    let changes =
        vec![Mod::Replace(b"userPrincipalName".to_vec(), super::values([full.as_bytes()]))];
    write(ad, user, changes, Field::UserName).await
}

/// A password that nobody knows, so that the account is never open without one; with whatever else is to be
/// true from that moment on.
async fn unknown_password(
    ad: &ActiveDirectory,
    user: UserGuid,
    others: Vec<Modification>,
) -> Result<(), DirectoryFault> {
    let mut bytes = [0; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(|_| {
        DirectoryFault::OutOfReach("the operating system gives no random numbers".to_owned())
    })?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // Letters, capitals, digits and a sign, for every policy.
    let secret = password::value(&Secret::new(format!("Xq-{digits}")));
    let mut changes = vec![Mod::Replace(b"unicodePwd".to_vec(), super::values([&secret]))];
    changes.extend(others);
    write(ad, user, changes, Field::Password).await
}
