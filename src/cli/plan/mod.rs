//! `acctsh plan`: plans and runs.

mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;

use super::options::CommonOptions;
use super::with_session;
use crate::plan::journal::{RunId, RunState};
use crate::plan::results::results;
use crate::script::{
    Console, Exit, Fault, Session, abandon_run, apply_file, export_failed, load_run, print_table,
    restore_files, results_table, resume_run, run_heads, runs_table, show_fault, summary_of,
};

#[derive(Debug, Subcommand)]
pub(super) enum Plan {
    /// List runs, the newest first.
    List,
    /// Show what became of each change of a run.
    Show {
        /// The run.
        run: RunId,
    },
    /// Write the rows of a run that failed to a file, to be mended and run again.
    Export {
        /// The run.
        run: RunId,
        /// The file for the failed rows.
        #[arg(long, value_name = "FILE")]
        failed: PathBuf,
    },
    /// Apply a plan that was saved with --plan-out.
    Apply {
        /// The plan file.
        file: PathBuf,
    },
    /// Go on with a run that was stopped.
    Resume {
        /// The run.
        run: RunId,
    },
    /// Give a stopped run up: what is done stays, letters are written for it, the rest is forgotten.
    Abandon {
        /// The run.
        run: RunId,
    },
}

pub(super) fn run(common: CommonOptions, plan: Plan, console: &Console) -> Exit {
    with_session(common, console, |session| match plan {
        Plan::List => ended(session, list(session)),
        Plan::Show { run } => ended(session, show::run(session, &run)),
        Plan::Export { run, failed } => ended(session, export(session, &run, &failed)),
        Plan::Apply { file } => apply_file(session, &file),
        Plan::Resume { run } => ended(session, resume(session, &run)),
        Plan::Abandon { run } => ended(session, abandon(session, &run)),
    })
}

fn ended(session: &Session, result: Result<Exit, Fault>) -> Exit {
    result.unwrap_or_else(|fault| show_fault(session.console(), &fault))
}

fn list(session: &Arc<Session>) -> Result<Exit, Fault> {
    let runs = run_heads(session)?;
    if runs.is_empty() && session.options().output.is_none() {
        session.console().say("There are no runs yet.");
    } else {
        print_table(session.console(), &runs_table(&runs), session.options().output);
    }
    Ok(Exit::Done)
}

fn export(session: &Arc<Session>, run: &RunId, path: &Path) -> Result<Exit, Fault> {
    let written = export_failed(session, run, path)?;
    let console = session.console();
    match written {
        0 => console.say(&format!("No row of run {run} failed; nothing was written.")),
        1 => console.say(&format!("Wrote 1 row to {}.", path.display())),
        rows => console.say(&format!("Wrote {rows} rows to {}.", path.display())),
    }
    Ok(Exit::Done)
}

fn resume(session: &Arc<Session>, run: &RunId) -> Result<Exit, Fault> {
    let stored = load_run(session, run)?;
    if stored.state != RunState::Unfinished {
        session
            .console()
            .say(&format!("Run {run} is {}: there is nothing to resume.", stored.state.word()));
        restore_files(session, run)?;
        return Ok(if stored.state == RunState::Finished { Exit::Done } else { Exit::BadInput });
    }
    let console = session.console();
    console.say(&format!("Run {run}: {}.", summary_of(&results(&stored))));
    if let Err(exit) = console.confirm("Go on with it?", true, session.options().yes) {
        return Ok(exit);
    }
    let finished = resume_run(session, run)?;
    print_table(console, &results_table(&finished.results), session.options().output);
    Ok(finished.exit)
}

fn abandon(session: &Arc<Session>, run: &RunId) -> Result<Exit, Fault> {
    let stored = load_run(session, run)?;
    let console = session.console();
    if stored.state != RunState::Unfinished {
        console.say(&format!("Run {run} is {}: there is nothing to give up.", stored.state.word()));
        return Ok(if stored.state == RunState::Abandoned { Exit::Done } else { Exit::BadInput });
    }
    console.say(&format!("Run {run}: {}.", summary_of(&results(&stored))));
    let question = "Give it up? What is half done stays half done.";
    if let Err(exit) = console.confirm(question, false, session.options().yes) {
        return Ok(exit);
    }
    let half_done = abandon_run(session, run)?;
    print_table(console, &results_table(&half_done), session.options().output);
    Ok(Exit::Done)
}
