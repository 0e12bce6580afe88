//! `acctsh handover RUN [USER]`: whose letters of a run are still there; one of them, at a terminal.
//!
//! A password is shown to a person at a terminal and to nobody else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::options::CommonOptions;
use super::with_session;
use crate::model::nearest;
use crate::plan::execute::ExecuteError;
use crate::plan::journal::{RunId, RunState, StoredRun};
use crate::plan::letters::{FiledLetter, addressees, letters_of};
use crate::profile::write_letter_templates;
use crate::script::{
    Console, Exit, Fault, Session, is_seen_by_a_person, load_run, print_table, show_fault,
    show_for_a_while, shown,
};
use crate::table::{ColumnHead, Table, Value};

/// What is said of letters that aren't there any more.
const NO_COPIES: &str =
    "handed out already? acctsh keeps no copies; reset_password() makes a new password";

#[derive(Debug, Args)]
pub(super) struct Handover {
    /// The run.
    #[arg(required_unless_present = "templates")]
    run: Option<RunId>,
    /// Whose letter to show, at a terminal: by user name.
    user: Option<String>,
    /// Write the texts of letters that ship into this folder, to be changed there.
    #[arg(long, value_name = "FOLDER", conflicts_with = "run")]
    templates: Option<PathBuf>,
}

pub(super) fn run(common: CommonOptions, handover: Handover, console: &Console) -> Exit {
    let Handover { run, user, templates } = handover;
    let done = match (run, templates) {
        (Some(run), _) => {
            return with_session(common, console, |session| {
                look(session, &run, user.as_deref())
                    .unwrap_or_else(|fault| show_fault(session.console(), &fault))
            });
        }
        (None, Some(folder)) => write_templates(&folder, console),
        // Refused by the parser.
        (None, None) => Err(Fault::new("bad_arguments", "say which run")),
    };
    done.unwrap_or_else(|fault| show_fault(console, &fault))
}

fn write_templates(folder: &Path, console: &Console) -> Result<Exit, Fault> {
    for path in write_letter_templates(folder)? {
        console.say(&format!("Wrote {}", shown(&path)));
    }
    console.say("Change what they say, then name the folder in the profile, in config.toml:");
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    console.say(&format!("  letters = {{ folder = {:?} }}", folder.display().to_string()));
    Ok(Exit::Done)
}

fn look(session: &Arc<Session>, run: &RunId, user: Option<&str>) -> Result<Exit, Fault> {
    let run = load_run(session, run)?;
    let letters = letters_of(&run).map_err(ExecuteError::from)?;
    match user {
        Some(user) => show(&run, letters, user),
        None => Ok(list(session, &run, letters)),
    }
}

fn list(session: &Session, run: &StoredRun, letters: Option<Vec<FiledLetter>>) -> Exit {
    let console = session.console();
    let is_gone = letters.is_none();
    let letters = letters.unwrap_or_default();
    let output = session.options().output;
    if !letters.is_empty() || output.is_some() {
        let columns = ["user", "file"].map(ColumnHead::essential);
        let row = |it: &FiledLetter| -> Vec<Value> {
            vec![it.user_name.clone().into(), shown(&it.path).into()]
        };
        let table = Table { columns: columns.into(), rows: letters.iter().map(row).collect() };
        print_table(console, &table, output);
    }
    for fault in letters.iter().filter_map(|letter| letter.check().err()) {
        console.warn(&fault.to_string());
        if let Some(advice) = fault.advice() {
            console.advice(advice);
        }
    }
    if !letters.is_empty() {
        return Exit::Done;
    }
    let id = &run.head.id;
    if !run.writes_letters() {
        console.say(&format!("Run {id} hands no password over, so it has no letters."));
    } else if run.state == RunState::Unfinished {
        console.say(&format!("Run {id} has written no letter yet, or none is left."));
        console.advice(&format!("go on with it: acctsh plan resume {id}"));
    } else if is_gone {
        console.say(&format!("The folder of its letters is gone: {}/", shown(&run.head.handover)));
        console.advice(NO_COPIES);
    } else {
        console.say(&format!("None of its letters is left in {}/", shown(&run.head.handover)));
        console.advice(NO_COPIES);
    }
    Exit::Done
}

fn show(run: &StoredRun, letters: Option<Vec<FiledLetter>>, user: &str) -> Result<Exit, Fault> {
    let id = &run.head.id;
    let is_gone = letters.is_none();
    let letters = letters.unwrap_or_default();
    let Some(letter) = letters.iter().find(|letter| letter.is_for(user)) else {
        return Err(no_letter(run, is_gone, user));
    };
    letter.check().map_err(ExecuteError::from)?;
    if !is_seen_by_a_person() {
        let message = "a password is shown to a person at a terminal only";
        let hint = format!("open the letter yourself: {}", shown(&letter.path));
        return Err(Fault::new("needs_confirmation", message).hint(hint));
    }
    let text = letter.open().map_err(ExecuteError::from)?;
    show_for_a_while(&text).map_err(|reason| {
        Fault::new("failed", format!("the letter of run {id} can't be shown: {reason}"))
    })?;
    Ok(Exit::Done)
}

/// Why there is no letter to that person.
fn no_letter(run: &StoredRun, folder_is_gone: bool, user: &str) -> Fault {
    let (id, folder) = (&run.head.id, shown(&run.head.handover));
    let people = addressees(run);
    let own = user.trim().to_lowercase();
    if people.is_empty() {
        return Fault::new(
            "no_letter",
            format!("run {id} hands no password over, so it has no letters"),
        );
    }
    if !people.iter().any(|name| name.to_lowercase() == own) {
        let fault = Fault::new("no_letter", format!("run {id} hands no password over to {user:?}"));
        return match nearest(user, people.iter().map(String::as_str)) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault.hint(format!("acctsh handover {id} lists whose letters are there")),
        };
    }
    let message = if folder_is_gone {
        format!("the folder of the letters of run {id} is gone: {folder}/")
    } else {
        format!("there is no letter for {user} in {folder}/")
    };
    let fault = Fault::new("failed", message);
    if run.state == RunState::Unfinished {
        fault.hint(format!("it may be yet to come: go on with acctsh plan resume {id}"))
    } else {
        fault.hint(NO_COPIES)
    }
}
