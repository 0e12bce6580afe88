//! Users that were deleted and can come back.
//!
//! A controller keeps a tombstone, which holds the identity and hardly anything else. So whatever a user has is
//! kept on this machine before it is deleted, and written back when it is restored. Its password is lost: it
//! gets one that nobody knows, until somebody resets it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use ldap3::{Mod, Scope, SearchEntry};
use rand::TryRngCore as _;
use rand::rngs::OsRng;

use super::connection::{Modification, Search, show_deleted};
use super::entry::{Entry, guid_in};
use super::kept::{KeptUser, Phase};
use super::name::{self, Dn};
use super::outcome::{Tried, code, refused};
use super::user::{Found, attributes};
use super::{ActiveDirectory, built_in, changing, password, read};
use crate::directory::{DirectoryFault, RecycleBin};
use crate::model::{DeletedUser, Field, Secret, UserGuid, UserName};

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

/// What comes back of a deleted user.
pub(super) async fn kind(ad: &ActiveDirectory) -> Result<RecycleBin, DirectoryFault> {
    let root =
        read::entry(&ad.connection, "", &["configurationNamingContext", "vendorName"]).await?;
    let Some(root) = root else { return Ok(RecycleBin::WithoutPassword) };
    // Samba can't bring back what its recycle bin holds (active-directory.md §9).
    let is_samba = root.text("vendorName").is_some_and(|vendor| vendor.contains("Samba"));
    let Some(configuration) = root.text("configurationNamingContext").and_then(Dn::parse) else {
        return Ok(RecycleBin::WithoutPassword);
    };
    let partitions = configuration.child("CN", "Partitions").to_string();
    // Not known is not off: a password that a bin brought back would be overwritten.
    let features = read::entry(&ad.connection, &partitions, &["msDS-EnabledFeature"]).await?;
    let is_on = features.is_some_and(|entry| {
        let mut enabled = entry.texts("msDS-EnabledFeature").iter();
        enabled.any(|feature| feature.starts_with("CN=Recycle Bin Feature,"))
    });
    Ok(match (is_on, is_samba) {
        (true, false) => RecycleBin::Everything,
        (true, true) => RecycleBin::Nothing,
        (false, _) => RecycleBin::WithoutPassword,
    })
}

/// Keeps what would be lost, then deletes.
pub(super) async fn delete(ad: &ActiveDirectory, user: UserGuid) -> Result<(), DirectoryFault> {
    let domain = ad.domain().await?;
    let all = ["*", ad.link().as_str()];
    let Some(entry) = read::user_entry(&ad.connection, domain, user, &all).await? else {
        return Ok(());
    };
    let is_built_in = Found::of(&entry, ad.link()).is_some_and(|found| found.user.is_built_in);
    if is_built_in || Some(user.0) == domain.own {
        return Err(built_in());
    }
    let at = name::by_guid(user.0);
    let kept = KeptUser {
        guid: user,
        dn: entry.dn_text().to_owned(),
        deleted: Timestamp::now(),
        attributes: without_passwords(entry.everything()),
        groups: read::all_values(&ad.connection, &at, "memberOf").await?,
        phase: Phase::Deleted,
    };
    ad.kept().await?.keep(&kept).await?;
    let answer = ad.connection.delete(&at).await?;
    if matches!(answer.rc, 0 | code::NO_SUCH_OBJECT) {
        return Ok(());
    }
    // It stays, and will have changed by the time it is deleted.
    ad.kept().await?.forget(user).await?;
    let what = "delete this user";
    Err(refused(&answer, Tried { what, right: "delete user objects", field: Field::UserName }))
}

/// Some domains have attributes for passwords of other systems, readable for whoever may read all.
fn without_passwords(mut all: BTreeMap<String, Vec<Vec<u8>>>) -> BTreeMap<String, Vec<Vec<u8>>> {
    all.retain(|name, _| !name.to_lowercase().contains("password"));
    all
}

/// Who is in the recycle bin, the latest first. What this machine didn't delete has little more than its name.
pub(super) async fn deleted_users(
    ad: &ActiveDirectory,
) -> Result<Vec<DeletedUser>, DirectoryFault> {
    let domain = ad.domain().await?;
    let mut kept: BTreeMap<UserGuid, KeptUser> =
        ad.kept().await?.all().await?.into_iter().map(|user| (user.guid, user)).collect();
    let keeps_all = kind(ad).await? == RecycleBin::Everything;
    let mut deleted = Vec::new();
    for tombstone in tombstones(ad, "").await? {
        let parent = tombstone.text("lastKnownParent").and_then(Dn::parse);
        if parent.is_some_and(|parent| !parent.is_within(&domain.base) && !was_deleted(&parent)) {
            continue;
        }
        let Some(found) = Found::of(&tombstone, ad.link()) else { continue };
        let kept = kept.remove(&found.user.guid).filter(|kept| kept.is_of(&tombstone));
        let when = kept.as_ref().map_or(found.user.last_changed, |kept| kept.deleted);
        let as_it_was = kept.and_then(|kept| Found::of(&entry_of(&kept), ad.link()));
        let is_whole = as_it_was.is_some() || keeps_all;
        let user = as_it_was.unwrap_or(found).user;
        deleted.push(DeletedUser { user, deleted: when, is_whole, is_half_back: false });
    }
    // Those whose restoring was cut off or refused half-way.
    for kept in kept.into_values().filter(|kept| kept.phase != Phase::Deleted) {
        if let Some(found) = Found::of(&entry_of(&kept), ad.link()) {
            let (user, deleted_at) = (found.user, kept.deleted);
            let half =
                DeletedUser { user, deleted: deleted_at, is_whole: true, is_half_back: true };
            deleted.push(half);
        }
    }
    deleted.sort_by_key(|deleted| std::cmp::Reverse(deleted.deleted));
    Ok(deleted)
}

/// An entry that was kept, as it was read.
fn entry_of(kept: &KeptUser) -> Entry {
    let (attrs, bin_attrs) = (HashMap::new(), HashMap::new());
    let mut found = SearchEntry { dn: kept.dn.clone(), attrs, bin_attrs };
    for (name, values) in &kept.attributes {
        let texts: Result<Vec<String>, _> =
            values.iter().map(|value| String::from_utf8(value.clone())).collect();
        match texts {
            Ok(texts) => {
                found.attrs.insert(name.clone(), texts);
            }
            Err(_) => {
                found.bin_attrs.insert(name.clone(), values.clone());
            }
        }
    }
    Entry::new(found)
}

fn was_deleted(dn: &Dn) -> bool {
    dn.own().contains("\nDEL:")
}

/// What is left of deleted people that a further condition is true for.
async fn tombstones(ad: &ActiveDirectory, condition: &str) -> Result<Vec<Entry>, DirectoryFault> {
    let base = ad.domain().await?.dn.child("CN", "Deleted Objects").to_string();
    let filter =
        format!("(&(isDeleted=TRUE)(objectClass=user)(!(objectClass=computer)){condition})");
    let attributes: Vec<&str> = attributes(ad.link())
        .into_iter()
        .chain(["lastKnownParent", "msDS-LastKnownRDN", "name"])
        .collect();
    let search = Search {
        base: &base,
        scope: Scope::OneLevel,
        filter: &filter,
        attributes: &attributes,
        controls: vec![show_deleted()],
    };
    match ad.connection.read(&search, Some).await {
        // That is where they are in every domain: whoever doesn't find it isn't allowed to.
        Err(DirectoryFault::Setup { .. }) => Err(DirectoryFault::NotAllowed {
            reason: "the directory doesn't let acctsh see deleted users".to_owned(),
            advice: "give its account the right to list and read the container Deleted Objects"
                .to_owned(),
        }),
        found => found,
    }
}

/// Brings a user back, and writes what it had. A second time goes on where the first was cut off.
pub(super) async fn restore(ad: &ActiveDirectory, user: UserGuid) -> Result<(), DirectoryFault> {
    let domain = ad.domain().await?;
    let kind = kind(ad).await?;
    let mut kept = ad.kept().await?.user(user).await?;
    let wanted = ["sAMAccountName", "userPrincipalName"];
    let there = read::user_entry(&ad.connection, domain, user, &wanted).await?;
    if there.is_none() {
        let condition = name::bytes_are("objectGUID", &user.0.to_bytes_le());
        let tombstone = tombstones(ad, &condition).await?.pop();
        let tombstone = tombstone.ok_or(DirectoryFault::NoSuchUser(user))?;
        kept = kept.filter(|kept| kept.is_of(&tombstone));
        if let Some(kept) = &mut kept {
            ad.kept().await?.comes_to(user, Phase::Returning).await?;
            kept.phase = Phase::Returning;
        }
        undelete(ad, &tombstone, kept.as_ref()).await?;
    }
    let returned = match kept {
        _ if kind == RecycleBin::Everything => Ok(()),
        Some(kept) if kept.phase == Phase::Deleted => {
            // Somebody else has brought it back, and knows what it is to have.
            Ok(())
        }
        Some(kept) => rewrite(ad, user, &kept).await,
        None => {
            // Another machine deleted it. Whoever has a principal name has come back already: it goes last.
            if there.is_some_and(|entry| entry.text("userPrincipalName").is_some()) {
                return Ok(());
            }
            unknown_password(ad, user, Vec::new()).await?;
            return principal_name(ad, user).await;
        }
    };
    match returned {
        // Another controller may not have it back yet.
        Err(DirectoryFault::NoSuchUser(_)) => {
            Err(DirectoryFault::OutOfReach("the user came back, but can't be read yet".to_owned()))
        }
        Err(fault) => Err(fault),
        Ok(()) => ad.kept().await?.forget(user).await,
    }
}

/// Gives a user that came back with little more than its name the principal name that a new one gets.
async fn principal_name(ad: &ActiveDirectory, user: UserGuid) -> Result<(), DirectoryFault> {
    let domain = ad.domain().await?;
    let entry = read::user_entry(&ad.connection, domain, user, &["sAMAccountName"]).await?;
    let entry = entry.ok_or(DirectoryFault::NoSuchUser(user))?;
    let Some(name) = entry.text("sAMAccountName") else { return Ok(()) };
    let full = ad.principal_name(domain, name);
    let changes =
        vec![Mod::Replace(b"userPrincipalName".to_vec(), super::values([full.as_bytes()]))];
    write(ad, user, changes, Field::UserName).await
}

async fn undelete(
    ad: &ActiveDirectory,
    tombstone: &Entry,
    kept: Option<&KeptUser>,
) -> Result<(), DirectoryFault> {
    let domain = ad.domain().await?;
    if let Some(name) = tombstone.text("sAMAccountName").and_then(|name| UserName::parse(name).ok())
        && let Some((holder, _)) = read::holder(&ad.connection, domain, ad.link(), &name).await?
    {
        return Err(DirectoryFault::NameTaken { name, holder });
    }
    let own = tombstone.text("msDS-LastKnownRDN").or_else(|| tombstone.text("name"));
    let own = own.and_then(|own| own.split('\n').next()).unwrap_or_default().to_owned();
    let parent = tombstone.text("lastKnownParent").and_then(Dn::parse);
    let old = kept.and_then(|kept| Dn::parse(&kept.dn));
    let old = old.or_else(|| Some(parent?.child("CN", &own)));
    let old = old.filter(|dn| dn.parent().is_some_and(|parent| !was_deleted(&parent)));
    let number = tombstone.guid("objectGUID").map_or(0, |guid| guid.as_fields().0);
    let fallback = domain.users_ou.child("CN", &own);
    let beside = domain.users_ou.child("CN", &format!("{own} {number:08x}"));
    // Its unit may be gone, and its place may be taken.
    let mut answer = None;
    for place in old.into_iter().chain([fallback, beside]) {
        let changes: Vec<Modification> = vec![
            Mod::Delete(b"isDeleted".to_vec(), super::values([])),
            Mod::Replace(
                b"distinguishedName".to_vec(),
                super::values([place.to_string().as_bytes()]),
            ),
        ];
        let tried =
            ad.connection.modify_with(tombstone.dn_text(), changes, vec![show_deleted()]).await?;
        match tried.rc {
            0 => return Ok(()),
            code::EXISTS | code::NO_SUCH_OBJECT => answer = Some(tried),
            _ => {
                answer = Some(tried);
                break;
            }
        }
    }
    let Some(answer) = answer else { return Ok(()) };
    // Samba answers 1 to whoever may not, and 16 where its recycle bin is on (active-directory.md §9).
    Err(match answer.rc {
        1 | code::INSUFFICIENT_RIGHTS => DirectoryFault::NotAllowed {
            reason: "the directory doesn't let acctsh restore users".to_owned(),
            advice: "give its account the right to reanimate tombstones on the domain's head"
                .to_owned(),
        },
        code::NO_SUCH_ATTRIBUTE => DirectoryFault::Refused {
            field: Field::UserName,
            reason: "this directory's recycle bin can't bring users back (Samba's can't)"
                .to_owned(),
        },
        _ => refused(&answer, changing(Field::UserName)),
    })
}

/// Gives a user what it had before it was deleted; the password that nobody knows and the flags go last, and
/// only once: by then others may have set their own.
async fn rewrite(
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
    let before = entry_of(kept);
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
