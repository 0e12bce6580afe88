//! Users that were deleted and can come back.
//!
//! A controller keeps a tombstone, which holds the identity and hardly anything else. So whatever a user has is
//! kept on this machine before it is deleted, and written back when it is restored. Its password is lost: it
//! gets one that nobody knows, until somebody resets it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ldap3::{Mod, Scope};

use super::connection::{Modification, Search, show_deleted};
use super::entry::Entry;
use super::kept::{KeptUser, Phase};
use super::name::{self, Dn};
use super::outcome::{Tried, code, refused};
use super::user::{Found, attributes};
use super::{ActiveDirectory, built_in, changing, give_back, read};
use crate::directory::{DirectoryFault, RecycleBin};
use crate::model::{DeletedUser, Field, UserGuid, UserName};

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
        if !may_be_of(&tombstone, &domain.base) {
            continue;
        }
        let Some(found) = Found::of(&tombstone, ad.link()) else { continue };
        let kept = kept.remove(&found.user.guid).filter(|kept| kept.is_of(&tombstone));
        let when = kept.as_ref().map_or(found.user.last_changed, |kept| kept.deleted);
        let as_it_was = kept.and_then(|kept| Found::of(&kept.entry(), ad.link()));
        let is_whole = as_it_was.is_some() || keeps_all;
        let user = as_it_was.unwrap_or(found).user;
        deleted.push(DeletedUser { user, deleted: when, is_whole, is_half_back: false });
    }
    // Those whose restoring was cut off or refused half-way.
    for kept in kept.into_values().filter(|kept| kept.phase != Phase::Deleted) {
        if let Some(found) = Found::of(&kept.entry(), ad.link()) {
            let (user, deleted_at) = (found.user, kept.deleted);
            let half =
                DeletedUser { user, deleted: deleted_at, is_whole: true, is_half_back: true };
            deleted.push(half);
        }
    }
    deleted.sort_by_key(|deleted| std::cmp::Reverse(deleted.deleted));
    Ok(deleted)
}

/// Whether a deleted user was below that place, as far as is known: where it was may be deleted too.
fn may_be_of(tombstone: &Entry, base: &Dn) -> bool {
    let parent = tombstone.text("lastKnownParent").and_then(Dn::parse);
    parent.is_none_or(|parent| parent.is_within(base) || was_deleted(&parent))
}

/// Users below the base that were deleted under this condition, those alone of which it is known where they
/// were.
pub(super) async fn deleted_since(
    ad: &ActiveDirectory,
    condition: &str,
) -> Result<Vec<UserGuid>, DirectoryFault> {
    let base = &ad.domain().await?.base;
    let is_of = |tombstone: &&Entry| {
        let parent = tombstone.text("lastKnownParent").and_then(Dn::parse);
        parent.is_some_and(|parent| parent.is_within(base))
    };
    let tombstones = tombstones(ad, condition).await?;
    let guids = tombstones.iter().filter(is_of).filter_map(|it| it.guid("objectGUID"));
    Ok(guids.map(UserGuid).collect())
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
        // Somebody else has brought it back, and knows what it is to have.
        Some(kept) if kept.phase == Phase::Deleted => Ok(()),
        Some(kept) => give_back::rewrite(ad, user, &kept).await,
        // Another machine deleted it. Whoever has a principal name has come back already: it goes last.
        None if there.is_some_and(|entry| entry.text("userPrincipalName").is_some()) => Ok(()),
        None => give_back::what_everybody_has(ad, user).await,
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
