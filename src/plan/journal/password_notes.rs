//! What this machine remembers of passwords that it has set and sent, and of those that were refused: what
//! a person's `password_state` follows from, and which change is the newest.

use std::collections::HashMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};
use uuid::Uuid;

use super::{Journal, JournalError};
use crate::model::{
    CLOCK_SLACK, ObjectId, PasswordBook, PasswordNote, PasswordOwner, PasswordRefusal,
    SentPassword, UserGuid,
};
use crate::plan::change::{Change, Subject};

/// One row for each online account, for each user whose password acctsh has set, and for each whose last
/// change was refused. Points in time are microseconds since 1970. `before` is the last time that was
/// seen before the newest password was sent: whoever reads it again has looked too early.
pub(super) const TABLES: &str = "
    CREATE TABLE password_sent (
        account BLOB PRIMARY KEY,
        kind TEXT,
        at INTEGER,
        attempted INTEGER,
        seen INTEGER,
        before INTEGER,
        changed INTEGER
    ) STRICT;
    CREATE TABLE password_set (
        directory BLOB NOT NULL,
        user BLOB NOT NULL,
        at INTEGER NOT NULL,
        before INTEGER,
        PRIMARY KEY (directory, user)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE password_refused (
        directory BLOB NOT NULL,
        owner TEXT NOT NULL,
        changed INTEGER NOT NULL,
        at INTEGER NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        advice TEXT,
        PRIMARY KEY (directory, owner)
    ) STRICT, WITHOUT ROWID;
";

/// Something that happened to a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordEvent {
    /// It was set in the directory.
    Set {
        /// The directory.
        directory: Uuid,
        /// Whose.
        user: UserGuid,
        /// When, by the directory's clock where it says so.
        at: Timestamp,
    },
    /// In the directory the one that there was before counts again.
    PutBack {
        /// The directory.
        directory: Uuid,
        /// Whose.
        user: UserGuid,
    },
    /// It arrived online.
    Arrived {
        /// Whose.
        account: ObjectId,
        /// Which one.
        kind: SentPassword,
        /// When the person had changed it, for one that was carried over.
        changed: Option<Timestamp>,
    },
    /// One that was changed in a directory has arrived online: the first counts.
    ChangeArrived {
        /// The directory.
        directory: Uuid,
    },
    /// It was sent online, and nobody knows whether it arrived.
    Attempted {
        /// Whose.
        account: ObjectId,
        /// When it was sent the last time.
        at: Timestamp,
    },
    /// What the tenant gives as the time of the last change, after ours.
    Seen {
        /// Whose.
        account: ObjectId,
        /// That time.
        at: Timestamp,
    },
    /// It was refused online.
    Refused {
        /// The directory.
        directory: Uuid,
        /// Whose.
        owner: PasswordOwner,
        /// Why.
        refusal: PasswordRefusal,
    },
    /// An earlier refusal is over: a later password has arrived, or the earlier one is back.
    Settled {
        /// The directory.
        directory: Uuid,
        /// Whose.
        owner: PasswordOwner,
    },
}

impl Journal {
    /// Remembers what happened to passwords.
    pub async fn remember_passwords(&self, events: Vec<PasswordEvent>) -> Result<(), JournalError> {
        self.database.write(move |db| Ok(events.iter().try_for_each(|event| put(db, event))?)).await
    }

    /// When acctsh last set that user's password in the directory. It is asked after all that was queued
    /// to be written.
    pub async fn password_set_at(
        &self,
        directory: Uuid,
        user: UserGuid,
    ) -> Result<Option<Timestamp>, JournalError> {
        self.database.write(move |db| Ok(set_at(db, directory, user)?.map(time).transpose()?)).await
    }

    /// What is remembered of one directory's passwords, and of all that were sent.
    pub async fn passwords(&self, directory: Uuid) -> Result<PasswordBook, JournalError> {
        self.database
            .read(move |db| {
                Ok(PasswordBook {
                    sent: read_sent(db)?,
                    set: read_set(db, directory)?,
                    refused: read_refused(db, directory)?,
                    ..PasswordBook::default()
                })
            })
            .await
    }
}

/// Puts one event down, in the transaction of the step that it belongs to.
pub(super) fn put(db: &Transaction<'_>, event: &PasswordEvent) -> rusqlite::Result<()> {
    let now = Timestamp::now().as_microsecond();
    match event {
        PasswordEvent::Set { directory, user, at } => db
            .prepare_cached(
                "INSERT INTO password_set (directory, user, at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (directory, user) DO UPDATE SET before = password_set.at, at = excluded.at",
            )?
            .execute(params![directory.as_bytes(), user.0.as_bytes(), at.as_microsecond()])?,
        PasswordEvent::PutBack { directory, user } => db
            .prepare_cached(
                "UPDATE password_set SET at = coalesce(before, 0) WHERE directory = ?1 AND user = ?2",
            )?
            .execute(params![directory.as_bytes(), user.0.as_bytes()])?,
        PasswordEvent::Arrived { account, kind, changed } => db
            .prepare_cached(
                "INSERT INTO password_sent (account, kind, at, changed) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (account) DO UPDATE SET kind = excluded.kind, at = excluded.at, \
                 changed = excluded.changed, attempted = NULL, \
                 before = coalesce(seen, before), seen = NULL",
            )?
            .execute(params![
                account.0.as_bytes(),
                word(*kind),
                now,
                changed.map(Timestamp::as_microsecond)
            ])?,
        PasswordEvent::ChangeArrived { directory } => db
            .prepare_cached("INSERT OR IGNORE INTO password_changes VALUES (?1, ?2)")?
            .execute(params![directory.as_bytes(), now])?,
        PasswordEvent::Attempted { account, at } => db
            .prepare_cached(
                "INSERT INTO password_sent (account, attempted) VALUES (?1, ?2) \
                 ON CONFLICT (account) DO UPDATE SET attempted = excluded.attempted",
            )?
            .execute(params![account.0.as_bytes(), at.as_microsecond()])?,
        PasswordEvent::Seen { account, at } => db
            .prepare_cached(
                "UPDATE password_sent SET seen = ?2 \
                 WHERE account = ?1 AND seen IS NULL AND before IS NOT ?2 AND ?2 >= at - ?3",
            )?
            .execute(params![
                account.0.as_bytes(),
                at.as_microsecond(),
                CLOCK_SLACK.as_micros().try_into().unwrap_or(i64::MAX)
            ])?,
        PasswordEvent::Refused { directory, owner, refusal } => db
            .prepare_cached(
                "INSERT OR REPLACE INTO password_refused VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                directory.as_bytes(),
                owner.to_string(),
                refusal.changed.as_microsecond(),
                refusal.at.as_microsecond(),
                refusal.code,
                refusal.message,
                refusal.advice,
            ])?,
        PasswordEvent::Settled { directory, owner } => db
            .prepare_cached("DELETE FROM password_refused WHERE directory = ?1 AND owner = ?2")?
            .execute(params![directory.as_bytes(), owner.to_string()])?,
    };
    Ok(())
}

/// Whether a password that is to be carried isn't the newest any more: acctsh has set one in the directory
/// since that was looked at.
pub(super) fn is_overtaken(
    db: &Transaction<'_>,
    directory: Uuid,
    change: &Change,
) -> rusqlite::Result<bool> {
    let Change::CarryPassword(carry) = change else { return Ok(false) };
    let Subject::User(user) = carry.whom.account else { return Ok(false) };
    let before = carry.set_before.map(Timestamp::as_microsecond);
    Ok(set_at(db, directory, user)? != before)
}

fn set_at(db: &Transaction<'_>, directory: Uuid, user: UserGuid) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT at FROM password_set WHERE directory = ?1 AND user = ?2")?
        .query_row([directory.as_bytes(), user.0.as_bytes()], |row| row.get(0))
        .optional()
}

fn word(kind: SentPassword) -> &'static str {
    match kind {
        SentPassword::Temporary => "temporary",
        SentPassword::Undisclosed => "undisclosed",
        SentPassword::Shared => "shared",
    }
}

fn kind(word: &str) -> rusqlite::Result<SentPassword> {
    let known = [SentPassword::Temporary, SentPassword::Undisclosed, SentPassword::Shared];
    let found = known.into_iter().find(|kind| self::word(*kind) == word);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnName(word.to_owned()))
}

fn time(at: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(at).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(0, at))
}

fn read_sent(db: &Transaction<'_>) -> rusqlite::Result<HashMap<ObjectId, PasswordNote>> {
    let mut select =
        db.prepare("SELECT account, kind, at, attempted, seen, changed FROM password_sent")?;
    let mut rows = select.query([])?;
    let mut sent = HashMap::new();
    while let Some(row) = rows.next()? {
        let maybe = |column: usize| row.get::<_, Option<i64>>(column)?.map(time).transpose();
        let arrived: (Option<String>, Option<i64>) = (row.get(1)?, row.get(2)?);
        let note = PasswordNote {
            arrived: match arrived {
                (Some(word), Some(at)) => Some((kind(&word)?, time(at)?)),
                _ => None,
            },
            attempted: maybe(3)?,
            seen: maybe(4)?,
            changed: maybe(5)?,
        };
        sent.insert(ObjectId(Uuid::from_bytes(row.get(0)?)), note);
    }
    Ok(sent)
}

fn read_set(
    db: &Transaction<'_>,
    directory: Uuid,
) -> rusqlite::Result<HashMap<UserGuid, Timestamp>> {
    let mut select = db.prepare("SELECT user, at FROM password_set WHERE directory = ?1")?;
    let rows = select.query_map([directory.as_bytes()], |row| {
        Ok((UserGuid(Uuid::from_bytes(row.get(0)?)), time(row.get(1)?)?))
    })?;
    rows.collect()
}

fn read_refused(
    db: &Transaction<'_>,
    directory: Uuid,
) -> rusqlite::Result<HashMap<PasswordOwner, PasswordRefusal>> {
    let mut select = db.prepare(
        "SELECT owner, changed, at, code, message, advice FROM password_refused WHERE directory = ?1",
    )?;
    let rows = select.query_map([directory.as_bytes()], |row| {
        let refusal = PasswordRefusal {
            changed: time(row.get(1)?)?,
            at: time(row.get(2)?)?,
            code: row.get(3)?,
            message: row.get(4)?,
            advice: row.get(5)?,
        };
        Ok((PasswordOwner::parse(&row.get::<_, String>(0)?), refusal))
    })?;
    rows.collect()
}
