//! Making a user: in one request, with its password and the plan's mark, so that there is never half a user
//! and that whoever tries again knows its own.

use std::collections::HashSet;

use ldap3::LdapResult;

use super::attribute::{self, control};
use super::name::Dn;
use super::note::Note;
use super::outcome::{Tried, code, refused};
use super::{ActiveDirectory, Domain, NAMES, clock, password, read};
use crate::directory::details::check_details;
use crate::directory::{DirectoryFault, NewPassword, NewUser};
use crate::model::{AccessLevel, Field, UserGuid};

type Attributes = Vec<(Vec<u8>, HashSet<Vec<u8>>)>;

/// Makes the user.
pub(super) async fn create(
    ad: &ActiveDirectory,
    user: &NewUser,
    password: &NewPassword,
) -> Result<UserGuid, DirectoryFault> {
    check(user)?;
    let domain = ad.domain().await?;
    let Some(on) = connection_for(ad, user).await? else {
        // Only the mark can be looked for here.
        return match read::holder(&ad.connection, domain, ad.link(), &user.name).await? {
            Some((holder, Some(made))) if made == user.guid => {
                Err(DirectoryFault::AlreadyMade(holder))
            }
            _ => Err(DirectoryFault::OutOfReach(
                "another controller was asked first, and may have made the user: it must answer, or have told \
                 this one"
                    .to_owned(),
            )),
        };
    };
    let name = user.name.as_str();
    // The user name is also the entry's name: no two people have it. Something else may, in this unit.
    let other = format!("{name} {:08x}", user.guid.0.as_fields().0);
    let mut answer = None;
    for own in [name, &other] {
        let dn = domain.users_ou.child("CN", own);
        let made = ad
            .connection
            .add_on(on, &dn.to_string(), attributes(ad, domain, user, password))
            .await?;
        if made.rc == 0 {
            return guid_of(ad, &dn).await;
        }
        if !may_be_taken(&made) {
            answer = Some(made);
            break;
        }
        match read::holder(&ad.connection, domain, ad.link(), &user.name).await? {
            Some((holder, Some(made))) if made == user.guid => {
                return Err(DirectoryFault::AlreadyMade(holder));
            }
            Some((holder, _)) => {
                return Err(DirectoryFault::NameTaken { name: user.name.clone(), holder });
            }
            None => answer = Some(made),
        }
    }
    Err(answer.map_or_else(
        || DirectoryFault::OutOfReach("it gave no answer".to_owned()),
        |answer| not_made(&answer, &domain.users_ou),
    ))
}

/// The connection to make the user on: that to the controller which was asked first, since a second one may
/// make the person once more before it hears of the first. `None` if that one doesn't answer.
async fn connection_for(
    ad: &ActiveDirectory,
    user: &NewUser,
) -> Result<Option<u64>, DirectoryFault> {
    let (server, number) = ad.connection.server().await?;
    if ad.settings.servers.len() < 2 {
        return Ok(Some(number));
    }
    let first = ad.kept().await?.first_asked(user.guid, &server).await?;
    if first == server {
        return Ok(Some(number));
    }
    ad.connection.prefer(&first).await;
    let (server, number) = ad.connection.server().await?;
    Ok((server == first).then_some(number))
}

fn check(user: &NewUser) -> Result<(), DirectoryFault> {
    check_details(&user.details)?;
    let refuse = |field, reason| Err(DirectoryFault::Refused { field, reason });
    if let Err(reason) = NAMES.check(&user.name) {
        return refuse(Field::UserName, reason.to_string());
    }
    if user.access_level == AccessLevel::Administrator {
        let reason = "acctsh makes no administrators of the domain: make a standard user, and let an \
                      administrator put it into the right groups";
        return refuse(Field::AccessLevel, reason.to_owned());
    }
    Ok(())
}

fn attributes(
    ad: &ActiveDirectory,
    domain: &Domain,
    user: &NewUser,
    password: &NewPassword,
) -> Attributes {
    let name = user.name.as_str();
    let flags = control::NORMAL | if user.enabled { 0 } else { control::DISABLED };
    let mut attributes = Attributes::new();
    let mut give = |attribute: &str, values: &[&[u8]]| {
        let values = values.iter().map(|value| value.to_vec()).collect();
        attributes.push((attribute.as_bytes().to_vec(), values));
    };
    give("objectClass", &[b"top", b"person", b"organizationalPerson", b"user"]);
    give("sAMAccountName", &[name.as_bytes()]);
    give("userPrincipalName", &[ad.principal_name(domain, name).as_bytes()]);
    give("userAccountControl", &[flags.to_string().as_bytes()]);
    give("accountExpires", &[clock::end_of(user.expires).to_string().as_bytes()]);
    give("unicodePwd", &[&password::value(&password.secret)]);
    if user.must_change_password {
        give("pwdLastSet", &[b"0"]);
    }
    if let Some(mark) = Note::mark(user.guid).text() {
        give(ad.link().as_str(), &[mark.as_bytes()]);
    }
    for (field, text) in user.details.iter() {
        if let Some(attribute) = attribute::of(field) {
            give(attribute, &[text.as_bytes()]);
        }
    }
    if let Some((code, number)) = user.details.get(Field::Country).and_then(attribute::country) {
        give("c", &[code.as_bytes()]);
        give("countryCode", &[number.as_bytes()]);
    }
    attributes
}

/// Whether a name in it may be somebody's: the entry's own, the user name or the principal name, in the
/// codes of Samba and of Microsoft.
fn may_be_taken(answer: &LdapResult) -> bool {
    let is_principal_name =
        ["0000202F", "000021C8"].iter().any(|code| answer.text.starts_with(code));
    answer.rc == code::EXISTS || (answer.rc == code::CONSTRAINT && is_principal_name)
}

/// The identity that the directory gave it. Whoever doesn't get to know it tries again, and finds the mark.
async fn guid_of(ad: &ActiveDirectory, dn: &Dn) -> Result<UserGuid, DirectoryFault> {
    let entry = read::entry(&ad.connection, &dn.to_string(), &["objectGUID"]).await;
    let entry = match entry {
        // Another controller may not have it yet.
        Err(DirectoryFault::Setup { .. }) => None,
        other => other?,
    };
    entry.and_then(|entry| entry.guid("objectGUID")).map(UserGuid).ok_or_else(|| {
        DirectoryFault::OutOfReach("the user was made, but can't be read yet".to_owned())
    })
}

fn not_made(answer: &LdapResult, users_ou: &Dn) -> DirectoryFault {
    if matches!(answer.rc, code::NO_SUCH_OBJECT | code::INVALID_DN) {
        return DirectoryFault::Setup {
            reason: format!("there is no {users_ou} to make users in"),
            advice: "make it, or correct users_ou in the profile".to_owned(),
        };
    }
    let what = format!("make users in {users_ou}");
    refused(answer, Tried { what: &what, right: "create user objects", field: Field::UserName })
}
