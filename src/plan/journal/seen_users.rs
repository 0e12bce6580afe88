//! How users of a directory were when they were last looked at: what a rename and a last day that has come
//! are known by.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Journal, JournalError};
use crate::model::UserGuid;

/// How far a directory's changes were taken in, and its users as they were.
pub(super) const TABLES: &str = "
    CREATE TABLE directory_mark (directory BLOB PRIMARY KEY, mark TEXT NOT NULL) STRICT;
    CREATE TABLE seen_user (
        directory BLOB NOT NULL,
        user BLOB NOT NULL,
        name TEXT NOT NULL,
        expires TEXT,
        is_expired INTEGER NOT NULL,
        PRIMARY KEY (directory, user)
    ) STRICT, WITHOUT ROWID;
";

/// How far a directory's changes were taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryMark {
    /// What was carried then: whoever carries more has to look at everybody once.
    pub carried: String,
    /// The directory's own mark.
    pub mark: Option<String>,
    /// Users of whom something could not be carried yet.
    pub open: BTreeSet<UserGuid>,
    /// Users that are gone, and whose online halves could not be dealt with yet.
    pub open_deleted: BTreeSet<UserGuid>,
}

/// A user as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenUser {
    /// Its name.
    pub name: String,
    /// The last day of the account.
    pub expires: Option<Date>,
    /// Whether its online half was closed for that.
    pub is_expired: bool,
}

impl Journal {
    /// How far a directory's changes were taken in.
    pub async fn directory_mark(&self, directory: Uuid) -> Result<DirectoryMark, JournalError> {
        self.database
            .read(move |db| {
                let mark: Option<String> = db
                    .query_row(
                        "SELECT mark FROM directory_mark WHERE directory = ?1",
                        [directory.as_bytes()],
                        |row| row.get(0),
                    )
                    .optional()?;
                Ok(mark.map(|mark| serde_json::from_str(&mark)).transpose()?.unwrap_or_default())
            })
            .await
    }

    /// The users of a directory as they were seen.
    pub async fn seen_users(
        &self,
        directory: Uuid,
    ) -> Result<HashMap<UserGuid, SeenUser>, JournalError> {
        self.database
            .read(move |db| {
                let mut select = db.prepare(
                    "SELECT user, name, expires, is_expired FROM seen_user WHERE directory = ?1",
                )?;
                let rows = select.query_map([directory.as_bytes()], |row| {
                    let expires: Option<String> = row.get(2)?;
                    let seen = SeenUser {
                        name: row.get(1)?,
                        expires: expires.and_then(|day| day.parse().ok()),
                        is_expired: row.get(3)?,
                    };
                    Ok((UserGuid(Uuid::from_bytes(row.get(0)?)), seen))
                })?;
                Ok(rows.collect::<rusqlite::Result<_>>()?)
            })
            .await
    }

    /// Remembers users as they are, forgets those that are gone, and how far the directory is, all at once.
    pub async fn remember_users(
        &self,
        directory: Uuid,
        seen: Vec<(UserGuid, SeenUser)>,
        gone: Vec<UserGuid>,
        mark: DirectoryMark,
    ) -> Result<(), JournalError> {
        self.database
            .write(move |db| {
                let own = directory.as_bytes();
                let mut insert =
                    db.prepare("INSERT OR REPLACE INTO seen_user VALUES (?1, ?2, ?3, ?4, ?5)")?;
                for (user, it) in &seen {
                    let expires = it.expires.map(|day| day.to_string());
                    insert.execute(params![
                        own,
                        user.0.as_bytes(),
                        it.name,
                        expires,
                        it.is_expired
                    ])?;
                }
                let mut delete =
                    db.prepare("DELETE FROM seen_user WHERE directory = ?1 AND user = ?2")?;
                for user in &gone {
                    delete.execute(params![own, user.0.as_bytes()])?;
                }
                db.execute(
                    "INSERT OR REPLACE INTO directory_mark VALUES (?1, ?2)",
                    params![own, serde_json::to_string(&mark)?],
                )?;
                Ok(())
            })
            .await
    }
}
