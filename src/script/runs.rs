//! Runs that are there already: listed, looked at, resumed, given up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::exit::Exit;
use super::finish::{Finished, execute};
use super::raise::Fault;
use super::report::summary_line;
use super::run_files;
use super::session::Session;
use crate::plan::apply::{self, ApplyError};
use crate::plan::execute::abandon;
use crate::plan::journal::{JournalError, RunHead, RunId, RunState, StoredRun};
use crate::plan::results::{ChangeResult, Summary, results};
use crate::state::RunLock;

/// Resumes a run.
pub fn resume_run(session: &Arc<Session>, run: &RunId) -> Result<Finished, Fault> {
    let (stored, lock) = take(session, run)?;
    refuse_other_sides(session, &stored)?;
    execute(session, stored, lock)
}

/// Takes an unfinished run over. Whether it is one is asked under its lock: another process may have
/// ended it since it was last looked at.
fn take(session: &Session, run: &RunId) -> Result<(StoredRun, RunLock), Fault> {
    let lock = apply::lock(run, &session.profile().home().locks())?;
    let stored = load_run(session, run)?;
    let own = session.profile().name();
    if stored.head.profile != own {
        let other = &stored.head.profile;
        return Err(Fault::new(
            "refused",
            format!("the run {run} belongs to the profile {other}, not to {own}"),
        )
        .hint(format!("add --profile {other}")));
    }
    match stored.state {
        RunState::Unfinished => Ok((stored, lock)),
        ended => Err(Fault::new("refused", format!("the run {run} is {} by now", ended.word()))),
    }
}

/// A profile may lead elsewhere since the run began; its steps are for the sides it was made for.
fn refuse_other_sides(session: &Session, run: &StoredRun) -> Result<(), Fault> {
    let now = session.identities(run.head.tenant.is_some()).map_err(|fault| {
        if Exit::of_kind(&fault.kind) == Exit::OutOfReach {
            return fault
                .hint(format!("once it can be reached again: acctsh plan resume {}", run.head.id));
        }
        fault
    })?;
    let side = match (now.directory == run.head.directory, now.tenant == run.head.tenant) {
        (false, _) => "directory",
        (true, false) => "tenant",
        (true, true) => return Ok(()),
    };
    let message = format!(
        "the run {} was made for another {side} than the profile leads to now",
        run.head.id
    );
    Err(Fault::new("refused", message)
        .hint("put the profile back to what it was, or give the run up"))
}

/// Writes the results of a run that ended without its files, as when it was killed at the very end.
/// Returns whether they were missing.
pub fn restore_files(session: &Session, run: &RunId) -> Result<bool, Fault> {
    let stored = load_run(session, run)?;
    if stored.state != RunState::Finished || stored.head.results.exists() {
        return Ok(false);
    }
    run_files::write(&stored, &results(&stored))?;
    session.console().say(&format!("  results    {}", shown(&stored.head.results)));
    Ok(true)
}

/// All runs, the newest first.
pub fn run_heads(session: &Session) -> Result<Vec<(RunHead, RunState)>, Fault> {
    let heads = session.block_on(session.profile().journal()?.heads())?;
    heads.map_err(|fault| Fault::from(ApplyError::from(fault)))
}

/// A run with everything that became of it.
pub fn load_run(session: &Session, run: &RunId) -> Result<StoredRun, Fault> {
    let loaded = session.block_on(session.profile().journal()?.load(run))?;
    loaded.map_err(|fault| match fault {
        JournalError::NoSuchRun(_) => {
            Fault::new("no_such_run", fault.to_string()).hint("acctsh plan list shows all")
        }
        other => ApplyError::from(other).into(),
    })
}

/// Gives a run up: letters for what is done are written, other sealed passwords destroyed. Returns
/// its results, with what is half done.
pub fn abandon_run(session: &Session, run: &RunId) -> Result<Vec<ChangeResult>, Fault> {
    let profile = session.profile();
    let (stored, lock) = take(session, run)?;
    let languages = profile.letter_languages(stored.writes_letters())?;
    let (journal, key) = (profile.journal()?, profile.key()?);
    let abandoned =
        session.block_on(abandon(&stored, journal, key, &languages, profile.sign_in_url()))?;
    let letters = abandoned.map_err(Fault::from)?;
    drop(lock);
    let results = results(&stored);
    run_files::write(&stored, &results)?;
    let console = session.console();
    console.say(&format!("Run {run} is given up: {}.", summary_line(&Summary::of(&results))));
    if letters > 0 {
        console.say(&format!("  passwords  {}/", shown(&stored.head.handover)));
    }
    Ok(results)
}

/// Writes the rows of a run that failed or were left out, each with its reason, to a file of the form
/// that they came in. Returns how many there were.
pub fn export_failed(session: &Session, run: &RunId, path: &Path) -> Result<usize, Fault> {
    let stored = load_run(session, run)?;
    let results = results(&stored);
    for source in &stored.head.sources {
        let written = run_files::write_failed_of(path, source, &stored, &results)?;
        if written > 0 {
            return Ok(written);
        }
    }
    Ok(0)
}

/// How many changes came to which end, in words.
pub fn summary_of(results: &[ChangeResult]) -> String {
    summary_line(&Summary::of(results))
}

/// A path as short as it can be said from here.
pub fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(PathBuf::from));
    relative.unwrap_or_else(|| path.to_owned()).display().to_string()
}
