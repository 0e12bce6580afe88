//! The level of this directory's password policy: kept in its file, so that all who use the file are
//! held to the same one. What a level asks for is the model's.

use rusqlite::types::Type;
use rusqlite::{Transaction, params};

use crate::directory::DirectoryFault;
use crate::model::{Field, PasswordPolicy, Secret};

/// The level.
pub(super) fn read(transaction: &Transaction<'_>) -> rusqlite::Result<PasswordPolicy> {
    transaction.prepare_cached("SELECT password_policy FROM directory")?.query_row((), |row| {
        let text = row.get_ref(0)?.as_str()?;
        PasswordPolicy::level(text).ok_or_else(|| {
            let reason = format!("there is no password policy {text:?}");
            rusqlite::Error::FromSqlConversionFailure(0, Type::Text, reason.into())
        })
    })
}

/// Puts another level in its place.
pub(super) fn replace(
    transaction: &Transaction<'_>,
    old: PasswordPolicy,
    new: PasswordPolicy,
) -> Result<(), DirectoryFault> {
    let now = read(transaction)?;
    if now == new {
        return Ok(());
    }
    if now != old {
        return Err(DirectoryFault::PolicyChangedMeanwhile(now));
    }
    transaction.execute("UPDATE directory SET password_policy = ?1", params![new.to_string()])?;
    Ok(())
}

/// Refuses a password that breaks the policy, with every rule that it breaks. Within the transaction
/// that keeps the password: nobody changes the level in between.
pub(super) fn check_password(
    transaction: &Transaction<'_>,
    secret: &Secret,
    name: &str,
) -> Result<(), DirectoryFault> {
    let broken = read(transaction)?.broken_by(secret, &[name]);
    if broken.is_empty() {
        return Ok(());
    }
    let rules: Vec<String> = broken.iter().map(ToString::to_string).collect();
    Err(DirectoryFault::Refused { field: Field::Password, reason: rules.join(", ") })
}
