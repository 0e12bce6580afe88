//! What the account that signs in may do, found out without writing anything.

use jiff::{SignedDuration, Timestamp};
use ldap3::Scope;
use ldap3::controls::RawControl;
use uuid::Uuid;

use super::connection::Search;
use super::entry::Entry;
use super::read::{self, PEOPLE};
use super::{ActiveDirectory, clock, recycle_bin};
use crate::directory::{DirectoryFault, RecycleBin};
use crate::model::UserName;

/// The right *Reset Password*.
const RESET_PASSWORD: &str = "00299570-246d-11d0-a768-00aa006e0529";
/// What every change of a user needs to write.
const WRITTEN: &[&str] = &[
    "sAMAccountName",
    "userPrincipalName",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "displayName",
    "mS-DS-ConsistencyGuid",
    "manager",
];

/// Whether something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whether {
    /// It may.
    Yes,
    /// It may not.
    No,
    /// Nobody knows before it is tried.
    Unknown,
}

/// What the account may do, and how the domain is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The domain's name.
    pub domain: String,
    /// Who signs in.
    pub bind: String,
    /// Where users are made.
    pub users_ou: String,
    /// Making users there.
    pub create: Whether,
    /// Setting passwords.
    pub reset_password: Whether,
    /// Attributes of users that can't be written; `None` where there is no user to look at.
    pub unwritable: Option<Vec<String>>,
    /// What comes back of deleted users.
    pub recycle_bin: RecycleBin,
    /// How far the controller's clock is ahead of this machine's.
    pub clock_ahead: Option<SignedDuration>,
    /// Users whose names acctsh can't work with, such as those with blanks.
    pub unspeakable: Vec<String>,
}

/// Finds out.
pub(super) async fn rights(ad: &ActiveDirectory) -> Result<Rights, DirectoryFault> {
    let domain = ad.domain().await?;
    let users_ou = domain.users_ou.to_string();
    let root = read::entry(&ad.connection, "", &["currentTime"]).await?;
    let now = root.and_then(|root| root.text("currentTime").and_then(clock::generalized));
    let unit = read::entry(&ad.connection, &users_ou, &["allowedChildClassesEffective"]).await?;
    let example = example(ad).await?;
    let unwritable = match &example {
        Some(user) => Some(unwritable(ad, user.dn_text()).await?),
        None => None,
    };
    let reset_password = match &example {
        Some(user) => may_reset(ad, user.dn_text()).await?,
        None => Whether::Unknown,
    };
    Ok(Rights {
        domain: domain.dn.domain(),
        bind: ad.settings.bind.clone(),
        users_ou,
        create: unit.map_or(Whether::No, |unit| {
            yes_or_no(
                unit.texts("allowedChildClassesEffective").iter().any(|class| class == "user"),
            )
        }),
        reset_password,
        unwritable,
        recycle_bin: recycle_bin::kind(ad).await?,
        clock_ahead: now.map(|now| now.duration_since(Timestamp::now())),
        unspeakable: unspeakable(ad).await?,
    })
}

fn yes_or_no(is_so: bool) -> Whether {
    if is_so { Whether::Yes } else { Whether::No }
}

/// Some ordinary user, preferably where new ones are made.
async fn example(ad: &ActiveDirectory) -> Result<Option<Entry>, DirectoryFault> {
    let domain = ad.domain().await?;
    for base in [&domain.users_ou, &domain.base] {
        let base = base.to_string();
        let filter = format!("(&{PEOPLE}(!(adminCount=1))(!(isCriticalSystemObject=TRUE)))");
        let search = Search {
            base: &base,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: &["1.1"],
            controls: Vec::new(),
        };
        if let Some(entry) = ad.connection.read(&search, Some).await?.into_iter().next() {
            return Ok(Some(entry));
        }
    }
    Ok(None)
}

async fn unwritable(ad: &ActiveDirectory, user: &str) -> Result<Vec<String>, DirectoryFault> {
    let entry = read::entry(&ad.connection, user, &["allowedAttributesEffective"]).await?;
    let allowed = entry.map(|entry| entry.texts("allowedAttributesEffective").to_vec());
    let allowed = allowed.unwrap_or_default();
    let wanted = WRITTEN.iter().copied().chain([ad.link().as_str()]);
    let missing =
        wanted.filter(|wanted| !allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(wanted)));
    Ok(missing.map(str::to_owned).collect())
}

/// Reads the user's access list with the groups of whoever signs in.
async fn may_reset(ad: &ActiveDirectory, user: &str) -> Result<Whether, DirectoryFault> {
    let Some(own) = ad.domain().await?.own else { return Ok(Whether::Unknown) };
    let at = super::name::by_guid(own);
    let own = read::entry(&ad.connection, &at, &["tokenGroups", "objectSid"]).await?;
    let Some(own) = own else { return Ok(Whether::Unknown) };
    let mut token = own.all_bytes("tokenGroups");
    token.extend(own.all_bytes("objectSid"));
    // Everyone, and whoever has signed in.
    token.push(vec![1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    token.push(vec![1, 1, 0, 0, 0, 0, 0, 5, 11, 0, 0, 0]);
    // The list of rights alone: owner and audit need rights of their own.
    let only_rights = RawControl {
        ctype: "1.2.840.113556.1.4.801".to_owned(),
        crit: true,
        val: Some(vec![0x30, 0x03, 0x02, 0x01, 0x04]),
    };
    let search = Search {
        base: user,
        scope: Scope::Base,
        filter: "(objectClass=*)",
        attributes: &["nTSecurityDescriptor"],
        controls: vec![only_rights],
    };
    let entry = ad.connection.read(&search, Some).await?.pop();
    let descriptor = entry.as_ref().and_then(|entry| entry.bytes("nTSecurityDescriptor"));
    let right = RESET_PASSWORD.parse().unwrap_or_default();
    Ok(descriptor.and_then(|list| allows(list, &token, right)).unwrap_or(Whether::Unknown))
}

/// Whether a security descriptor gives an extended right to one of these identifiers: the first entry of its
/// list that speaks of it decides. `None` if it can't be read.
fn allows(descriptor: &[u8], token: &[Vec<u8>], right: Uuid) -> Option<Whether> {
    const CONTROL_ACCESS: u32 = 0x100;
    const GENERIC_ALL: u32 = 0x1000_0000;
    const INHERIT_ONLY: u8 = 0x08;
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_le_bytes(descriptor.get(at..at + 4)?.try_into().ok()?))
    };
    let short = |at: usize| -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(descriptor.get(at..at + 2)?.try_into().ok()?)))
    };
    let list = usize::try_from(number(16)?).ok()?;
    let mut at = list + 8;
    for _ in 0..short(list + 4)? {
        let (kind, flags, size) = (*descriptor.get(at)?, *descriptor.get(at + 1)?, short(at + 2)?);
        let next = at + size.max(4);
        let mask = number(at + 4)?;
        let (is_about, who) = match kind {
            0 | 1 => (true, descriptor.get(at + 8..next)?),
            5 | 6 => {
                let present = number(at + 8)?;
                let object = descriptor.get(at + 12..at + 28);
                let is_about = present & 1 == 0
                    || object.and_then(|object| Uuid::from_slice_le(object).ok()) == Some(right);
                let guids = 16 * usize::try_from((present & 1) + (present >> 1 & 1)).ok()?;
                (is_about, descriptor.get(at + 12 + guids..next)?)
            }
            _ => (false, &[][..]),
        };
        let is_ours = token.iter().any(|identifier| who.starts_with(identifier));
        if is_about
            && is_ours
            && flags & INHERIT_ONLY == 0
            && mask & (CONTROL_ACCESS | GENERIC_ALL) != 0
        {
            return Some(yes_or_no(kind == 0 || kind == 5));
        }
        at = next;
    }
    Some(Whether::No)
}

/// People whose names can't be said in a script or a file.
async fn unspeakable(ad: &ActiveDirectory) -> Result<Vec<String>, DirectoryFault> {
    let base = ad.domain().await?.base.to_string();
    let search = Search {
        base: &base,
        scope: Scope::Subtree,
        filter: PEOPLE,
        attributes: &["sAMAccountName"],
        controls: Vec::new(),
    };
    let found = ad.connection.read(&search, |entry| {
        let name = entry.text("sAMAccountName")?;
        UserName::parse(name).is_err().then(|| name.to_owned())
    });
    found.await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An access list with these entries.
    fn descriptor(entries: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![1, 0, 4, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0];
        bytes.extend([4, 0, 0, 0, u8::try_from(entries.len()).unwrap(), 0, 0, 0]);
        bytes.extend(entries.concat());
        bytes
    }

    fn ace(kind: u8, flags: u8, mask: u32, object: Option<Uuid>, who: &[u8]) -> Vec<u8> {
        let mut body = mask.to_le_bytes().to_vec();
        if kind >= 5 {
            body.extend(u32::from(object.is_some()).to_le_bytes());
            body.extend(object.map(|object| object.to_bytes_le()).into_iter().flatten());
        }
        body.extend(who);
        let size = u16::try_from(body.len() + 4).unwrap().to_le_bytes();
        [vec![kind, flags, size[0], size[1]], body].concat()
    }

    #[test]
    fn the_first_entry_that_speaks_of_the_right_decides() {
        let right: Uuid = RESET_PASSWORD.parse().unwrap();
        let (us, them) =
            (vec![1, 1, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 5, 8, 0, 0, 0]);
        let token = [us.clone()];
        let other = Some(Uuid::from_u128(7));
        for (entries, expected) in [
            (vec![], Whether::No),
            (vec![ace(0, 0, 0xF_01FF, None, &us)], Whether::Yes),
            (vec![ace(0, 0, 0x30, None, &us)], Whether::No),
            (vec![ace(0, 0, 0xF_01FF, None, &them)], Whether::No),
            (vec![ace(5, 0, 0x100, Some(right), &us)], Whether::Yes),
            (vec![ace(5, 0, 0x100, other, &us)], Whether::No),
            (vec![ace(5, 8, 0x100, Some(right), &us)], Whether::No),
            (vec![ace(6, 0, 0x100, Some(right), &us), ace(0, 0, 0x100, None, &us)], Whether::No),
        ] {
            assert_eq!(allows(&descriptor(&entries), &token, right), Some(expected));
        }
        assert_eq!(allows(&[1, 0, 4], &token, right), None);
    }
}
