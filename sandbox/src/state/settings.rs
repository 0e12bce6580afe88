//! Single values of the tenant, kept as JSON by name.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// How far the tenant's clock is ahead of the machine's, in milliseconds.
pub(crate) const CLOCK_AHEAD: &str = "clock_ahead";
/// The key that access tokens are signed with, in base64.
pub(crate) const TOKEN_KEY: &str = "token_key";
/// How often all tokens were made to expire.
pub(crate) const TOKEN_GENERATION: &str = "token_generation";
/// Application permissions granted to the app: names.
pub(crate) const APP_PERMISSIONS: &str = "app_permissions";
/// The app's registered certificates: DER in base64.
pub(crate) const APP_CERTIFICATES: &str = "app_certificates";
/// How Exchange behaves.
pub(crate) const EXCHANGE: &str = "exchange";
/// Entra roles of the app: names.
pub(crate) const APP_ROLES: &str = "app_roles";

/// The value of that name, if it was ever written.
pub(crate) fn read<T: DeserializeOwned>(
    state: &Connection,
    name: &str,
) -> Result<Option<T>, Refusal> {
    let text: Option<String> = state
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Writes the value of that name.
pub(crate) fn write<T: Serialize>(
    state: &Connection,
    name: &str,
    value: &T,
) -> Result<(), Refusal> {
    state
        .prepare_cached(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![name, serde_json::to_string(value)?])?;
    Ok(())
}
