//! Users that were deleted and can come back.

use rusqlite::{OptionalExtension, Transaction, params};

use super::row::{COLUMNS, now, read_user, timestamp};
use super::write::holder_of;
use crate::directory::DirectoryFault;
use crate::model::{DeletedUser, Field, User, UserGuid};

/// What both tables have.
const KEPT: &str = "number, guid, name, name_key, details, enabled, must_change_password, expires, \
                    access_level, is_built_in, link, created, last_changed, remembered, manager, \
                    mail";

/// Moves the user into the bin, with the hash of its password.
pub(super) fn delete(transaction: &Transaction<'_>, user: UserGuid) -> Result<(), DirectoryFault> {
    let is_built_in: Option<bool> = transaction
        .prepare_cached("SELECT is_built_in FROM users WHERE guid = ?1")?
        .query_row([user.0.as_bytes()], |row| row.get(0))
        .optional()?;
    if is_built_in == Some(true) {
        let reason = "users that are built into the directory stay".to_owned();
        return Err(DirectoryFault::Refused { field: Field::UserName, reason });
    }
    transaction
        .prepare_cached(&format!(
            "INSERT INTO deleted_users ({KEPT}, hash, deleted) \
             SELECT {KEPT}, (SELECT hash FROM passwords WHERE user = number), ?2 \
             FROM users WHERE guid = ?1"
        ))?
        .execute(params![user.0.as_bytes(), now().as_microsecond()])?;
    transaction
        .prepare_cached("DELETE FROM users WHERE guid = ?1")?
        .execute([user.0.as_bytes()])?;
    Ok(())
}

/// Who is in the bin, the latest first.
pub(super) fn deleted_users(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<DeletedUser>> {
    let query =
        format!("SELECT {COLUMNS}, deleted FROM deleted_users ORDER BY deleted DESC, number");
    let mut select = transaction.prepare_cached(&query)?;
    let found = select.query_map((), |row| {
        Ok(DeletedUser {
            user: read_user(row)?,
            deleted: timestamp(row, COLUMNS.split(',').count())?,
            is_whole: true,
            is_half_back: false,
        })
    })?;
    found.collect()
}

/// Brings the user back under its name and number, with its password.
pub(super) fn restore(transaction: &Transaction<'_>, user: UserGuid) -> Result<(), DirectoryFault> {
    let there = transaction
        .prepare_cached("SELECT 1 FROM users WHERE guid = ?1")?
        .exists([user.0.as_bytes()])?;
    if there {
        return Ok(());
    }
    let deleted: User = transaction
        .prepare_cached(&format!("SELECT {COLUMNS} FROM deleted_users WHERE guid = ?1"))?
        .query_row([user.0.as_bytes()], read_user)
        .optional()?
        .ok_or(DirectoryFault::NoSuchUser(user))?;
    if let Some(holder) = holder_of(transaction, &deleted.name)? {
        return Err(DirectoryFault::NameTaken { name: deleted.name, holder });
    }
    transaction
        .prepare_cached(&format!(
            "INSERT INTO users ({KEPT}) SELECT {KEPT} FROM deleted_users WHERE guid = ?1"
        ))?
        .execute([user.0.as_bytes()])?;
    transaction
        .prepare_cached(
            "INSERT INTO passwords (user, hash) \
             SELECT number, hash FROM deleted_users WHERE guid = ?1 AND hash IS NOT NULL",
        )?
        .execute([user.0.as_bytes()])?;
    transaction
        .prepare_cached("DELETE FROM deleted_users WHERE guid = ?1")?
        .execute([user.0.as_bytes()])?;
    Ok(())
}
