//! acctsh's own files: the journal, runs that didn't end, letters that lie about.

use std::path::Path;

use super::{Cause, Finding, State};
use crate::plan::journal::{JournalError, RunHead, RunState};
use crate::profile::Profile;
use crate::state::{RunLock, RunLockError};

pub(super) async fn checked(profile: &Profile) -> Vec<Finding> {
    let heads = match profile.journal() {
        Ok(journal) => journal.heads().await,
        Err(fault) => return vec![unusable(&fault.to_string())],
    };
    let heads: Vec<(RunHead, RunState)> = match heads {
        Ok(heads) => heads,
        Err(fault) => return vec![unreadable(&fault)],
    };
    let mut findings = vec![Finding::good(
        "journal",
        match heads.len() {
            1 => "it opens, and knows 1 run".to_owned(),
            runs => format!("it opens, and knows {runs} runs"),
        },
    )];
    for (head, state) in &heads {
        match state {
            RunState::Unfinished => findings.push(unfinished(profile, head)),
            RunState::Finished | RunState::Abandoned => findings.extend(letters_of(head)),
        }
    }
    findings.extend(wrong_letters(profile));
    findings
}

/// Why letters can't be written as the profile wants them.
fn wrong_letters(profile: &Profile) -> Option<Finding> {
    let fault = profile.letter_languages(true).err()?;
    let says = fault.to_string();
    let finding = Finding::new("letters", State::Wrong(Cause::Other), says);
    Some(finding.advice(fault.advice()))
}

fn unreadable(fault: &JournalError) -> Finding {
    unusable(&fault.to_string())
}

fn unusable(says: &str) -> Finding {
    Finding::new("journal", State::Wrong(Cause::OutOfReach), says)
        .advice("give yourself the right to write there, or let ACCTSH_HOME name another folder")
}

/// A run that stopped, or one that somebody is at work on.
fn unfinished(profile: &Profile, head: &RunHead) -> Finding {
    let run = &head.id;
    let file = profile.home().locks().join(format!("{run}.lock"));
    // Taking a lock makes its file; a run without one is held by nobody.
    if file.exists()
        && let Err(RunLockError::Held { by }) = RunLock::acquire(&file)
    {
        return Finding::new("run", State::Remark, format!("{} is at work: {by}", head.what))
            .about(run.as_str());
    }
    let other = if head.profile == profile.name() {
        String::new()
    } else {
        format!(" --profile {}", head.profile)
    };
    Finding::new(
        "run",
        State::Wrong(Cause::Other),
        format!("{} did not come to its end", head.what),
    )
    .about(run.as_str())
    .advice(format!(
        "go on with it: acctsh plan resume {run}{other}   or give it up: acctsh plan abandon \
             {run}{other}"
    ))
}

/// Temporary passwords that are still on the disk.
fn letters_of(head: &RunHead) -> Option<Finding> {
    let letters = letters_in(&head.handover);
    let count = match letters {
        0 => return None,
        1 => "1 letter with a temporary password lies".to_owned(),
        many => format!("{many} letters with temporary passwords lie"),
    };
    let folder = head.handover.display();
    Some(
        Finding::new("letters", State::Remark, format!("{count} in {folder}"))
            .about(head.id.as_str())
            .advice("hand them out, then delete the folder"),
    )
}

fn letters_in(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let is_letter =
        |name: &std::ffi::OsStr| Path::new(name).extension().is_some_and(|it| it == "txt");
    entries.flatten().filter(|entry| is_letter(&entry.file_name())).count()
}
