//! What a deleted user loses in the directory, kept on the machine that deleted it until it is restored
//! (`active-directory.md §9`). A password can't be among it: the directory gives none away.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::{Timestamp, ToSpan as _};
use ldap3::SearchEntry;
use rusqlite::{OptionalExtension as _, Row, params};
use rusqlite_migration::{M, Migrations};
use uuid::Uuid;

use super::clock;
use super::entry::Entry;
use crate::directory::DirectoryFault;
use crate::model::UserGuid;
use crate::state::Database;

/// Longer than any directory keeps what is left of a deleted entry (180 days by default).
const KEPT_FOR_HOURS: i64 = 400 * 24;
/// A deletion has come to every controller by then.
const HEARD_OF_HOURS: i64 = 24;

/// The file.
pub(super) struct Kept {
    database: Database,
}

/// A user as it was.
#[derive(Debug, Clone)]
pub(super) struct KeptUser {
    pub(super) guid: UserGuid,
    pub(super) dn: String,
    pub(super) deleted: Timestamp,
    pub(super) attributes: BTreeMap<String, Vec<Vec<u8>>>,
    pub(super) groups: Vec<String>,
    pub(super) phase: Phase,
}

/// How far it has come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Not at all.
    Deleted,
    /// It is being brought back.
    Returning,
    /// It is back and open as it was: others may have changed it since.
    Open,
}

impl Phase {
    fn number(self) -> i64 {
        match self {
            Self::Deleted => 0,
            Self::Returning => 1,
            Self::Open => 2,
        }
    }

    fn of(number: i64) -> Option<Self> {
        [Self::Deleted, Self::Returning, Self::Open].into_iter().find(|it| it.number() == number)
    }
}

impl KeptUser {
    /// The entry as it was read.
    pub(super) fn entry(&self) -> Entry {
        let (attrs, bin_attrs) = (HashMap::new(), HashMap::new());
        let mut found = SearchEntry { dn: self.dn.clone(), attrs, bin_attrs };
        for (name, values) in &self.attributes {
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

    /// Whether it is what that deleted entry was when it went: another deletion since then, of a user whom
    /// somebody else brought back, has another state before it. Controllers write the time of a deletion
    /// when they hear of it.
    pub(super) fn is_of(&self, tombstone: &Entry) -> bool {
        let went = tombstone.text("whenChanged").and_then(clock::generalized);
        let latest = self.deleted.checked_add(HEARD_OF_HOURS.hours()).unwrap_or(Timestamp::MAX);
        went.is_none_or(|went| went <= latest)
    }
}

impl Kept {
    pub(super) fn open(path: &Path) -> Result<Self, DirectoryFault> {
        let migrations = Migrations::new(vec![M::up(include_str!("kept.sql"))]);
        Ok(Self { database: Database::open(path, &migrations)? })
    }

    /// Keeps a user; what is older than any recycle bin goes.
    pub(super) async fn keep(&self, user: &KeptUser) -> Result<(), DirectoryFault> {
        let user = user.clone();
        let oldest = Timestamp::now().checked_sub(KEPT_FOR_HOURS.hours()).unwrap_or_default();
        let encoded: BTreeMap<&String, Vec<String>> = user
            .attributes
            .iter()
            .map(|(name, values)| (name, values.iter().map(|value| BASE64.encode(value)).collect()))
            .collect();
        let attributes = text(&encoded)?;
        let groups = text(&user.groups)?;
        self.database
            .write(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM deleted_users WHERE deleted < ?1")?
                    .execute([oldest.as_microsecond()])?;
                transaction
                    .prepare_cached(
                        "INSERT OR REPLACE INTO deleted_users VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        user.guid.0.as_bytes(),
                        user.dn,
                        user.deleted.as_microsecond(),
                        attributes,
                        groups,
                        user.phase.number()
                    ])?;
                Ok::<_, DirectoryFault>(())
            })
            .await
    }

    /// The user, if it is kept.
    pub(super) async fn user(&self, guid: UserGuid) -> Result<Option<KeptUser>, DirectoryFault> {
        let row = self.database.read(move |transaction| {
            let found = transaction
                .prepare_cached("SELECT * FROM deleted_users WHERE guid = ?1")?
                .query_row([guid.0.as_bytes()], stored)
                .optional()?;
            Ok::<_, DirectoryFault>(found)
        });
        row.await?.map(Stored::user).transpose()
    }

    /// All that are kept.
    pub(super) async fn all(&self) -> Result<Vec<KeptUser>, DirectoryFault> {
        let rows = self.database.read(|transaction| {
            let mut select = transaction.prepare_cached("SELECT * FROM deleted_users")?;
            let rows = select.query_map([], stored)?.collect::<Result<Vec<_>, _>>()?;
            Ok::<_, DirectoryFault>(rows)
        });
        rows.await?.into_iter().map(Stored::user).collect()
    }

    /// A user has come so far back.
    pub(super) async fn comes_to(
        &self,
        guid: UserGuid,
        phase: Phase,
    ) -> Result<(), DirectoryFault> {
        self.database
            .write(move |transaction| {
                transaction
                    .prepare_cached("UPDATE deleted_users SET phase = ?2 WHERE guid = ?1")?
                    .execute(params![guid.0.as_bytes(), phase.number()])?;
                Ok::<_, DirectoryFault>(())
            })
            .await
    }

    /// Which controller was the first to be asked to make the user of that mark: this one, if none was.
    pub(super) async fn first_asked(
        &self,
        mark: UserGuid,
        server: &str,
    ) -> Result<String, DirectoryFault> {
        let server = server.to_owned();
        let now = Timestamp::now();
        let oldest = now.checked_sub(KEPT_FOR_HOURS.hours()).unwrap_or_default();
        self.database
            .write(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM creations WHERE asked < ?1")?
                    .execute([oldest.as_microsecond()])?;
                transaction
                    .prepare_cached("INSERT OR IGNORE INTO creations VALUES (?1, ?2, ?3)")?
                    .execute(params![mark.0.as_bytes(), server, now.as_microsecond()])?;
                let first = transaction
                    .prepare_cached("SELECT server FROM creations WHERE mark = ?1")?
                    .query_row([mark.0.as_bytes()], |row| row.get(0))?;
                Ok::<String, DirectoryFault>(first)
            })
            .await
    }

    /// Forgets a user that is as it was again.
    pub(super) async fn forget(&self, guid: UserGuid) -> Result<(), DirectoryFault> {
        self.database
            .write(move |transaction| {
                transaction
                    .prepare_cached("DELETE FROM deleted_users WHERE guid = ?1")?
                    .execute([guid.0.as_bytes()])?;
                Ok::<_, DirectoryFault>(())
            })
            .await
    }
}

struct Stored {
    guid: [u8; 16],
    dn: String,
    deleted: i64,
    attributes: String,
    groups: String,
    phase: i64,
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        guid: row.get("guid")?,
        dn: row.get("dn")?,
        deleted: row.get("deleted")?,
        attributes: row.get("attributes")?,
        groups: row.get("groups")?,
        phase: row.get("phase")?,
    })
}

impl Stored {
    fn user(self) -> Result<KeptUser, DirectoryFault> {
        let damaged = || {
            DirectoryFault::Unavailable(
                "what was kept of deleted users is damaged; move that file away".to_owned(),
            )
        };
        let encoded: BTreeMap<String, Vec<String>> =
            serde_json::from_str(&self.attributes).map_err(|_| damaged())?;
        let mut attributes = BTreeMap::new();
        for (name, values) in encoded {
            let values: Result<Vec<_>, _> =
                values.iter().map(|value| BASE64.decode(value)).collect();
            attributes.insert(name, values.map_err(|_| damaged())?);
        }
        Ok(KeptUser {
            guid: UserGuid(Uuid::from_bytes(self.guid)),
            dn: self.dn,
            deleted: Timestamp::from_microsecond(self.deleted).map_err(|_| damaged())?,
            attributes,
            groups: serde_json::from_str(&self.groups).map_err(|_| damaged())?,
            phase: Phase::of(self.phase).ok_or_else(damaged)?,
        })
    }
}

fn text(value: &impl serde::Serialize) -> Result<String, DirectoryFault> {
    serde_json::to_string(value).map_err(|reason| DirectoryFault::Unavailable(reason.to_string()))
}
