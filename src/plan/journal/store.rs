//! The journal's tables and everything that reads or writes them.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Transaction, params};
use rusqlite_migration::{M, Migrations};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::event::{Event, IllegalEvent, StepState};
use super::password_changes;
use super::password_notes::{self, PasswordEvent};
use super::record::{RunHead, RunId, RunState, Sent, StoredChange, StoredRun};
use super::seen_users;
use crate::plan::change::{Change, ChangeNo};
use crate::plan::step::{Step, StepId};
use crate::state::{Database, StateError};

/// Why the journal can't be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The state file can't be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// SQLite refuses.
    #[error("the journal can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// Something in it can't be understood.
    #[error("the journal holds what this version doesn't understand: {0}")]
    Content(#[from] serde_json::Error),
    /// A point in time in it can't be read.
    #[error("the journal holds a time that can't be read: {0}")]
    Time(#[from] jiff::Error),
    /// Events in an order that can't be.
    #[error(transparent)]
    Order(#[from] IllegalEvent),
    /// A run in a state that this version doesn't know.
    #[error("the journal holds a run in the unknown state {0:?}")]
    UnknownState(String),
    /// There is no such run.
    #[error("there is no run {0}")]
    NoSuchRun(RunId),
}

/// A sealed password of a change.
#[derive(Clone)]
pub struct SealedCopy {
    /// Whose.
    pub change: ChangeNo,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
    /// Whether a person chose it.
    pub given: bool,
}

/// The journal of all runs, in acctsh's own state file.
pub struct Journal {
    pub(super) database: Database,
}

const TABLES: &str = "
    CREATE TABLE run (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        plan_file TEXT,
        head TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX run_by_plan_file ON run (plan_file) WHERE plan_file IS NOT NULL;
    CREATE TABLE change (
        run TEXT NOT NULL REFERENCES run,
        no INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (run, no)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE step (
        run TEXT NOT NULL REFERENCES run,
        id INTEGER NOT NULL,
        data TEXT NOT NULL,
        PRIMARY KEY (run, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        run TEXT NOT NULL REFERENCES run,
        step INTEGER NOT NULL,
        at TEXT NOT NULL,
        data TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_by_run ON event (run, seq);
    CREATE TABLE sealed (
        run TEXT NOT NULL REFERENCES run,
        change INTEGER NOT NULL,
        given INTEGER NOT NULL,
        copy BLOB NOT NULL,
        PRIMARY KEY (run, change)
    ) STRICT, WITHOUT ROWID;
";

impl Journal {
    /// Opens the state file, making it at the first use.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let migrations = Migrations::new(vec![
            M::up(TABLES),
            M::up(password_changes::TABLE),
            M::up(password_notes::TABLES),
            M::up(seen_users::TABLES),
        ]);
        Ok(Self { database: Database::open(path, &migrations)? })
    }

    /// Commits a run with all its changes, steps and given passwords: nothing is written anywhere
    /// before this. If it clashes with an unfinished run, nothing is committed: of two processes
    /// that want the same at once, one comes first. Nor is it where a run that has ended meanwhile has set a
    /// password that is newer than one to be carried.
    pub async fn begin<C: Send + 'static>(
        &self,
        head: RunHead,
        changes: Vec<StoredChange>,
        steps: Vec<Step>,
        given: Vec<SealedCopy>,
        clash: impl Fn(&StoredRun) -> Option<C> + Send + 'static,
        overtaken: impl Fn(&Change) -> C + Send + 'static,
    ) -> Result<Result<(), C>, JournalError> {
        self.database
            .write(move |db| {
                for other in unfinished(db)? {
                    if let Some(clash) = clash(&load(db, &other.id)?) {
                        return Ok(Err(clash));
                    }
                }
                let directory = head.directory.id;
                for stored in &changes {
                    if password_notes::is_overtaken(db, directory, &stored.change)? {
                        return Ok(Err(overtaken(&stored.change)));
                    }
                }
                let run = head.id.as_str();
                db.execute(
                    "INSERT INTO run (id, state, plan_file, head) VALUES (?, ?, ?, ?)",
                    params![run, RunState::Unfinished.word(), head.plan_file, json(&head)?],
                )?;
                let mut insert =
                    db.prepare("INSERT INTO change (run, no, data) VALUES (?, ?, ?)")?;
                for (no, change) in changes.iter().enumerate() {
                    insert.execute(params![
                        run,
                        i64::try_from(no).unwrap_or(i64::MAX),
                        json(change)?
                    ])?;
                }
                let mut insert = db.prepare("INSERT INTO step (run, id, data) VALUES (?, ?, ?)")?;
                for step in &steps {
                    insert.execute(params![run, step.id.0, json(step)?])?;
                }
                given.iter().try_for_each(|copy| put_sealed(db, run, copy))?;
                Ok(Ok(()))
            })
            .await
    }

    /// Commits that a step is about to be sent, with the sealed password if it is the first that
    /// needs it.
    pub async fn started(
        &self,
        run: &RunId,
        step: StepId,
        sealed: Option<SealedCopy>,
    ) -> Result<(), JournalError> {
        let run = run.clone();
        self.database
            .write(move |db| {
                if let Some(copy) = &sealed {
                    put_sealed(db, run.as_str(), copy)?;
                }
                put_event(db, run.as_str(), step, &Event::Started)
            })
            .await
    }

    /// Queues what became of a step, and with it what is to be remembered of passwords. It is on disk no
    /// later than anything queued after it.
    pub fn ended(
        &self,
        run: &RunId,
        step: StepId,
        event: Event,
        passwords: Vec<PasswordEvent>,
    ) -> impl Future<Output = Result<(), JournalError>> + use<> {
        let run = run.clone();
        self.database.write(move |db| {
            for password in &passwords {
                password_notes::put(db, password)?;
            }
            put_event(db, run.as_str(), step, &event)
        })
    }

    /// Destroys sealed passwords: their letters are written, or nobody needs them any more.
    pub async fn destroy_sealed(
        &self,
        run: &RunId,
        changes: Vec<ChangeNo>,
    ) -> Result<(), JournalError> {
        let run = run.clone();
        self.database
            .write(move |db| {
                let mut delete = db.prepare("DELETE FROM sealed WHERE run = ? AND change = ?")?;
                for change in changes {
                    delete.execute(params![run.as_str(), change.0])?;
                }
                Ok(())
            })
            .await
    }

    /// Says where a run stands from now on.
    pub async fn set_state(&self, run: &RunId, state: RunState) -> Result<(), JournalError> {
        let run = run.clone();
        self.database
            .write(move |db| {
                db.execute(
                    "UPDATE run SET state = ? WHERE id = ?",
                    params![state.word(), run.as_str()],
                )?;
                Ok(())
            })
            .await
    }

    /// The sealed passwords of a run.
    pub async fn sealed(&self, run: &RunId) -> Result<Vec<SealedCopy>, JournalError> {
        let run = run.clone();
        self.database
            .read(move |db| {
                let mut select =
                    db.prepare("SELECT change, given, copy FROM sealed WHERE run = ?")?;
                let copies = select.query_map([run.as_str()], |row| {
                    Ok(SealedCopy {
                        change: ChangeNo(row.get(0)?),
                        given: row.get(1)?,
                        bytes: row.get(2)?,
                    })
                })?;
                Ok(copies.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// A run with everything that became of it.
    pub async fn load(&self, run: &RunId) -> Result<StoredRun, JournalError> {
        let run = run.clone();
        self.database.read(move |db| load(db, &run)).await
    }

    /// All runs, the newest first.
    pub async fn heads(&self) -> Result<Vec<(RunHead, RunState)>, JournalError> {
        self.database
            .read(|db| heads(db, "SELECT head, state FROM run ORDER BY rowid DESC", params![]))
            .await
    }

    /// Runs that can be resumed, the oldest first.
    pub async fn unfinished(&self) -> Result<Vec<RunHead>, JournalError> {
        self.database.read(unfinished).await
    }

    /// The run that applied a plan file.
    pub async fn run_of_file(&self, digest: &str) -> Result<Option<RunId>, JournalError> {
        let digest = digest.to_owned();
        self.database
            .read(move |db| {
                let found: Option<String> = db
                    .query_row("SELECT id FROM run WHERE plan_file = ?", [digest], |row| row.get(0))
                    .optional()?;
                Ok(found.map(|id| id.parse().unwrap_or_else(|never| match never {})))
            })
            .await
    }
}

fn json(value: &impl Serialize) -> Result<String, JournalError> {
    Ok(serde_json::to_string(value)?)
}

fn put_event(
    db: &Transaction<'_>,
    run: &str,
    step: StepId,
    event: &Event,
) -> Result<(), JournalError> {
    db.prepare_cached("INSERT INTO event (run, step, at, data) VALUES (?, ?, ?, ?)")?
        .execute(params![run, step.0, Timestamp::now().to_string(), json(event)?])?;
    Ok(())
}

fn put_sealed(db: &Transaction<'_>, run: &str, copy: &SealedCopy) -> Result<(), JournalError> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO sealed (run, change, given, copy) VALUES (?, ?, ?, ?)",
    )?
    .execute(params![run, copy.change.0, copy.given, copy.bytes])?;
    Ok(())
}

fn heads(
    db: &Transaction<'_>,
    query: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<(RunHead, RunState)>, JournalError> {
    let mut select = db.prepare(query)?;
    let mut rows = select.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((parse(&row.get::<_, String>(0)?)?, state(&row.get::<_, String>(1)?)?));
    }
    Ok(found)
}

fn state(word: &str) -> Result<RunState, JournalError> {
    let known = [RunState::Unfinished, RunState::Finished, RunState::Abandoned];
    let found = known.into_iter().find(|state| state.word() == word);
    found.ok_or_else(|| JournalError::UnknownState(word.to_owned()))
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T, JournalError> {
    Ok(serde_json::from_str(text)?)
}

fn unfinished(db: &Transaction<'_>) -> Result<Vec<RunHead>, JournalError> {
    let found = heads(
        db,
        "SELECT head, state FROM run WHERE state = ? ORDER BY rowid",
        params![RunState::Unfinished.word()],
    );
    Ok(found?.into_iter().map(|(head, _)| head).collect())
}

fn load(db: &Transaction<'_>, run: &RunId) -> Result<StoredRun, JournalError> {
    let (head, state) = heads(db, "SELECT head, state FROM run WHERE id = ?", [run.as_str()])?
        .pop()
        .ok_or_else(|| JournalError::NoSuchRun(run.clone()))?;
    let changes: Vec<StoredChange> =
        column(db, "SELECT data FROM change WHERE run = ? ORDER BY no", run)?;
    let steps: Vec<Step> = column(db, "SELECT data FROM step WHERE run = ? ORDER BY id", run)?;
    let mut states = vec![StepState::Pending; steps.len()];
    let mut sent = HashMap::new();
    let mut select = db.prepare("SELECT step, data, at FROM event WHERE run = ? ORDER BY seq")?;
    let mut rows = select.query([run.as_str()])?;
    while let Some(row) = rows.next()? {
        let step: u32 = row.get(0)?;
        if let Some(state) = states.get_mut(step as usize) {
            let event: Event = parse(&row.get::<_, String>(1)?)?;
            if event == Event::Started {
                let at: String = row.get(2)?;
                let at = at.parse()?;
                sent.entry(StepId(step)).or_insert(Sent { first: at, last: at }).last = at;
            }
            *state = std::mem::take(state).after(event)?;
        }
    }
    Ok(StoredRun { head, state, changes, steps, states, sent })
}

fn column<T: DeserializeOwned>(
    db: &Transaction<'_>,
    query: &str,
    run: &RunId,
) -> Result<Vec<T>, JournalError> {
    let mut select = db.prepare(query)?;
    let mut rows = select.query([run.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(&row.get::<_, String>(0)?)?);
    }
    Ok(found)
}
