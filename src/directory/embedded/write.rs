//! Writing users. Each function runs in a transaction of its own: it is done whole, or not at all.

use rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;

use super::password_policy::check_password;
use super::row::{access_level_text, json_text, now, read_user, select};
use crate::directory::details::{check_details, check_mail};
use crate::directory::{DirectoryFault, NewUser, UserWrite};
use crate::model::field::FIELDS;
use crate::model::{Details, Field, Secret, User, UserGuid, UserName};

/// Makes the user with its password, of which the hash is kept.
pub(super) fn create(
    transaction: &Transaction<'_>,
    user: &NewUser,
    secret: &Secret,
    hash: &str,
) -> Result<UserGuid, DirectoryFault> {
    check_password(transaction, secret, user.name.as_str())?;
    check_details(&user.details)?;
    if let Some(holder) = holder_of(transaction, &user.name)? {
        if holder == user.guid {
            return Err(DirectoryFault::AlreadyMade(holder));
        }
        return Err(DirectoryFault::NameTaken { name: user.name.clone(), holder });
    }
    if let Some(name) = name_of(transaction, user.guid)? {
        return Err(DirectoryFault::Refused {
            field: Field::UserName,
            reason: format!("the GUID {} belongs to the user {name}", user.guid),
        });
    }
    let number = insert(transaction, user)?;
    set_hash(transaction, number, hash)?;
    Ok(user.guid)
}

fn insert(transaction: &Transaction<'_>, user: &NewUser) -> Result<i64, DirectoryFault> {
    transaction
        .prepare_cached(
            "INSERT INTO users (guid, name, name_key, details, enabled, must_change_password, \
             expires, access_level, is_built_in, created, last_changed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?9)",
        )?
        .execute(params![
            user.guid.0.as_bytes(),
            user.name.as_str(),
            user.name.key(),
            json_text(&user.details)?,
            user.enabled,
            user.must_change_password,
            user.expires.map(|day| day.to_string()),
            access_level_text(user.access_level),
            now().as_microsecond(),
        ])?;
    Ok(transaction.last_insert_rowid())
}

pub(super) fn holder_of(
    transaction: &Transaction<'_>,
    name: &UserName,
) -> rusqlite::Result<Option<UserGuid>> {
    transaction
        .prepare_cached("SELECT guid FROM users WHERE name_key = ?1")?
        .query_row([name.key()], |row| row.get(0).map(Uuid::from_bytes).map(UserGuid))
        .optional()
}

fn name_of(transaction: &Transaction<'_>, user: UserGuid) -> rusqlite::Result<Option<String>> {
    transaction
        .prepare_cached("SELECT name FROM users WHERE guid = ?1")?
        .query_row([user.0.as_bytes()], |row| row.get(0))
        .optional()
}

/// Writes what isn't yet as it should be, after comparing everything with what the caller read.
pub(super) fn update(
    transaction: &Transaction<'_>,
    guid: UserGuid,
    writes: &[UserWrite],
) -> Result<(), DirectoryFault> {
    let before = user(transaction, guid)?;
    let mut after = before.clone();
    for write in writes {
        let fits = match write {
            UserWrite::Link { old, new } => swap(&mut after.link, old, new),
            UserWrite::Remembered { old, new } => swap(&mut after.remembered, old, new),
            UserWrite::Enabled { old, new } => swap(&mut after.enabled, old, new),
            UserWrite::MustChangePassword { old, new } => {
                swap(&mut after.must_change_password, old, new)
            }
            UserWrite::Expires { old, new } => swap(&mut after.expires, old, new),
            UserWrite::Manager { old, new } => swap(&mut after.manager, old, new),
            UserWrite::Mail { old, new } => swap(&mut after.mail, old, new),
            UserWrite::Name { old, new } => swap(&mut after.name, old, new),
            UserWrite::Unlock => true,
            UserWrite::Details { old, new } => swap(&mut after.details, old, new),
        };
        if !fits {
            let field = match write {
                UserWrite::Details { old, .. } => first_difference(&after.details, old),
                other => other.field(),
            };
            return Err(DirectoryFault::ChangedMeanwhile { user: guid, field });
        }
    }
    // Another spelling of the same name is a change too.
    if after == before && after.name.as_str() == before.name.as_str() {
        return Ok(());
    }
    if after.details != before.details {
        check_details(&after.details)?;
    }
    if after.mail != before.mail {
        check_mail(&after.mail)?;
    }
    if let Some(holder) = holder_of(transaction, &after.name)?.filter(|holder| *holder != guid) {
        return Err(DirectoryFault::NameTaken { name: after.name, holder });
    }
    save(transaction, &after)
}

/// Puts the new value in place of the old. A value that is the new one already fits too.
fn swap<T: PartialEq + Clone>(now: &mut T, old: &T, new: &T) -> bool {
    if now == old {
        now.clone_from(new);
    }
    now == new
}

fn save(transaction: &Transaction<'_>, user: &User) -> Result<(), DirectoryFault> {
    transaction
        .prepare_cached(
            "UPDATE users SET name = ?2, name_key = ?3, details = ?4, enabled = ?5, \
             must_change_password = ?6, expires = ?7, link = ?8, remembered = ?9, \
             manager = ?10, mail = ?11, last_changed = ?12 WHERE guid = ?1",
        )?
        .execute(params![
            user.guid.0.as_bytes(),
            user.name.as_str(),
            user.name.key(),
            json_text(&user.details)?,
            user.enabled,
            user.must_change_password,
            user.expires.map(|day| day.to_string()),
            user.link.map(|link| link.0.into_bytes()),
            json_text(&user.remembered)?,
            user.manager.map(|manager| manager.0.into_bytes()),
            json_text(&user.mail)?,
            now().as_microsecond(),
        ])?;
    Ok(())
}

fn user(transaction: &Transaction<'_>, guid: UserGuid) -> Result<User, DirectoryFault> {
    select(transaction, "WHERE guid = ?1")?
        .query_row([guid.0.as_bytes()], read_user)
        .optional()?
        .ok_or(DirectoryFault::NoSuchUser(guid))
}

/// The first field, in the order of the table, in which they differ.
fn first_difference(one: &Details, other: &Details) -> Field {
    FIELDS
        .iter()
        .map(|spec| spec.field)
        .find(|field| one.get(*field) != other.get(*field))
        .unwrap_or(Field::DisplayName)
}

/// Sets the password, and whether it must be changed at the next sign-in.
pub(super) fn set_password(
    transaction: &Transaction<'_>,
    user: UserGuid,
    secret: &Secret,
    hash: &str,
    must_change: bool,
) -> Result<(), DirectoryFault> {
    let (number, name) = transaction
        .prepare_cached("SELECT number, name FROM users WHERE guid = ?1")?
        .query_row([user.0.as_bytes()], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
        .optional()?
        .ok_or(DirectoryFault::NoSuchUser(user))?;
    check_password(transaction, secret, &name)?;
    set_hash(transaction, number, hash)?;
    transaction
        .prepare_cached(
            "UPDATE users SET must_change_password = ?2, last_changed = ?3 WHERE number = ?1",
        )?
        .execute(params![number, must_change, now().as_microsecond()])?;
    Ok(())
}

fn set_hash(transaction: &Transaction<'_>, number: i64, hash: &str) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO passwords (user, hash, before, must_change_before) \
             SELECT ?1, ?2, '', must_change_password FROM users WHERE number = ?1 \
             ON CONFLICT (user) DO UPDATE SET hash = excluded.hash, before = passwords.hash, \
             must_change_before = excluded.must_change_before WHERE hash <> excluded.hash",
        )?
        .execute(params![number, hash])?;
    Ok(())
}

/// Puts the password back that there was before, if that hash is still the user's. There is nothing to put
/// back a second time.
pub(super) fn put_back_password(
    transaction: &Transaction<'_>,
    user: UserGuid,
    hash: &str,
) -> Result<bool, DirectoryFault> {
    let found: Option<(i64, String, bool)> = transaction
        .prepare_cached(
            "SELECT number, before, must_change_before FROM users \
             JOIN passwords ON passwords.user = users.number \
             WHERE guid = ?1 AND hash = ?2 AND before IS NOT NULL",
        )?
        .query_row(params![user.0.as_bytes(), hash], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((number, before, must_change)) = found else { return Ok(false) };
    if before.is_empty() {
        transaction.execute("DELETE FROM passwords WHERE user = ?1", [number])?;
    } else {
        transaction.execute(
            "UPDATE passwords SET hash = before, before = NULL, must_change_before = NULL WHERE user = ?1",
            [number],
        )?;
    }
    transaction.execute(
        "UPDATE users SET must_change_password = ?2, last_changed = ?3 WHERE number = ?1",
        params![number, must_change, now().as_microsecond()],
    )?;
    Ok(true)
}
