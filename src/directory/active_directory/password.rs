//! Passwords: `unicodePwd` and nothing else. A write to `userPassword` would succeed, change no password, and
//! show it to everybody (`active-directory.md §4`).

use jiff::Timestamp;
use ldap3::Mod;

use super::outcome::{Tried, code, judged, refused};
use super::update::writable_entry;
use super::{ActiveDirectory, clock, name, read, values};
use crate::directory::DirectoryFault;
use crate::model::{Field, Secret, UserGuid};

/// The value that stands for a password: in quotes, as UTF-16.
pub(super) fn value(secret: &Secret) -> Vec<u8> {
    let quoted = std::iter::once(u16::from(b'"'))
        .chain(secret.expose().encode_utf16())
        .chain(std::iter::once(u16::from(b'"')));
    quoted.flat_map(u16::to_le_bytes).collect()
}

/// Sets a password and whether it must be changed, in one write.
pub(super) async fn set(
    ad: &ActiveDirectory,
    user: UserGuid,
    secret: &Secret,
    must_change: bool,
) -> Result<Option<Timestamp>, DirectoryFault> {
    writable_entry(ad, user, &[]).await?;
    let mut changes = vec![Mod::Replace(b"unicodePwd".to_vec(), values([&value(secret)]))];
    if must_change {
        changes.push(Mod::Replace(b"pwdLastSet".to_vec(), values([b"0"])));
    }
    let answer = ad.connection.modify(&name::by_guid(user.0), changes).await?;
    match answer.rc {
        0 if must_change => Ok(None),
        // Whoever doesn't learn it takes our own clock's word.
        0 => Ok(last_set(ad, user).await.unwrap_or_default()),
        code::NO_SUCH_OBJECT => Err(DirectoryFault::NoSuchUser(user)),
        _ => Err(refused(&answer, TRIED)),
    }
}

async fn last_set(
    ad: &ActiveDirectory,
    user: UserGuid,
) -> Result<Option<Timestamp>, DirectoryFault> {
    let domain = ad.domain().await?;
    let entry = read::user_entry(&ad.connection, domain, user, &["pwdLastSet"]).await?;
    Ok(entry.and_then(|entry| entry.number("pwdLastSet")).and_then(clock::counted))
}

/// Whether it is the user's password: the controller is asked to sign it in.
pub(super) async fn is_of(
    ad: &ActiveDirectory,
    user: UserGuid,
    secret: &Secret,
) -> Result<bool, DirectoryFault> {
    // Nobody's name without password is a success for Microsoft (`active-directory.md §2`).
    if secret.expose().is_empty() {
        return Ok(false);
    }
    let entry = writable_entry(ad, user, &[]).await?;
    let answer = ad.connection.sign_in_once(entry.dn_text(), secret).await?;
    judged(&answer)
}

const TRIED: Tried<'static> = Tried {
    what: "set this user's password",
    right: "reset passwords and force a change at the next sign-in",
    field: Field::Password,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_sent_in_quotes_as_utf16() {
        assert_eq!(value(&Secret::new("a\"é".to_owned())), b"\"\0a\0\"\0\xe9\0\"\0");
    }
}
