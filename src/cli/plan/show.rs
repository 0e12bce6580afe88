//! `acctsh plan show RUN`: the story of a run, for people and for machines.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::model::Problem;
use crate::plan::journal::{RunId, RunState, StoredRun};
use crate::plan::results::{ChangeResult, Outcome, Summary, results};
use crate::script::{
    Exit, Fault, Session, load_run, print_table, results_table, shown, summary_of,
};
use crate::table::Format;

/// People that are named for each reason.
const NAMED: usize = 8;

pub(super) fn run(session: &Arc<Session>, run: &RunId) -> Result<Exit, Fault> {
    let stored = load_run(session, run)?;
    let results = results(&stored);
    let console = session.console();
    match session.options().output {
        None => console.data(&story(&stored, &results)),
        Some(Format::Json) => console.data(&for_machines(&stored, &results)),
        other => print_table(console, &results_table(&results), other),
    }
    Ok(Exit::Done)
}

/// What happened, why not all of it, and what to do next.
fn story(run: &StoredRun, results: &[ChangeResult]) -> String {
    let head = &run.head;
    let mut story = format!(
        "Run {} is {}: {}.\n{} by {}{}, {}, profile {}\n",
        head.id,
        run.state.word(),
        summary_of(results),
        head.what,
        head.operator,
        head.app.as_ref().map_or_else(String::new, |app| format!(" as the app {app}")),
        head.created.strftime("%Y-%m-%d %H:%M UTC"),
        head.profile,
    );
    chapter(&mut story, "Failed", results, Outcome::Failed);
    chapter(&mut story, "Left out", results, Outcome::LeftOut);
    chapter(&mut story, "Parked, to be tried again", results, Outcome::Parked);
    let unseen: Vec<&ChangeResult> =
        results.iter().filter(|result| result.not_yet_visible).collect();
    if !unseen.is_empty() {
        let _ = writeln!(
            story,
            "\nDone, but not yet visible in the tenant (that takes minutes at times)\n  {}",
            names(&unseen)
        );
    }
    let _ = writeln!(story, "\nresults    {}", shown(&head.results));
    if head.handover.exists() {
        let _ = writeln!(story, "passwords  {}/", shown(&head.handover));
    }
    if results.iter().any(|result| matches!(result.outcome, Outcome::Failed | Outcome::LeftOut))
        && !head.sources.is_empty()
    {
        let _ = writeln!(story, "to mend    acctsh plan export {} --failed rows.csv", head.id);
    }
    if run.state == RunState::Unfinished {
        let _ = writeln!(
            story,
            "to go on   acctsh plan resume {0}   (or give it up: acctsh plan abandon {0})",
            head.id
        );
    }
    story
}

/// Everybody with that outcome, by reason.
fn chapter(story: &mut String, title: &str, results: &[ChangeResult], outcome: Outcome) {
    let mut reasons: Vec<(&Problem, Vec<&ChangeResult>)> = Vec::new();
    for result in results.iter().filter(|result| result.outcome == outcome) {
        let Some(problem) = &result.problem else { continue };
        match reasons
            .iter_mut()
            .find(|(known, _)| known.code == problem.code && known.advice == problem.advice)
        {
            Some((_, people)) => people.push(result),
            None => reasons.push((problem, vec![result])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    reasons.sort_by_key(|(_, people)| std::cmp::Reverse(people.len()));
    let _ = writeln!(story, "\n{title}");
    for (problem, people) in reasons {
        let _ = writeln!(story, "  {} × {}: {}", people.len(), problem.code, problem.message);
        let _ = writeln!(story, "      {}", names(&people));
        if let Some(advice) = &problem.advice {
            let _ = writeln!(story, "      help: {advice}");
        }
    }
}

fn names(people: &[&ChangeResult]) -> String {
    let named: Vec<String> = people
        .iter()
        .take(NAMED)
        .map(|result| format!("{} ({})", result.user, result.row))
        .collect();
    match people.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

fn for_machines(run: &StoredRun, results: &[ChangeResult]) -> String {
    let value = serde_json::json!({
        "run": run.head.id,
        "state": run.state.word(),
        "what": run.head.what,
        "operator": run.head.operator,
        "app": run.head.app,
        "created": run.head.created,
        "profile": run.head.profile,
        "summary": Summary::of(results),
        "results_file": run.head.results,
        "handover": run.head.handover,
        "results": results,
    });
    format!("{value:#}\n")
}
