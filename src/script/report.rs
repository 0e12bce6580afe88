//! Plans, runs and results as tables and sentences.

use std::collections::HashMap;
use std::fmt::Write as _;

use nu_ansi_term::Color;

use super::console::Console;
use crate::model::{Origin, Problem, Severity};
use crate::plan::Plan;
use crate::plan::journal::{RunHead, RunState};
use crate::plan::preview::{PreviewLine, Totals, preview};
use crate::plan::results::{ChangeResult, Outcome, Summary};
use crate::table::{ColumnHead, Format, Table, Value, render};

/// Rows that a preview at the terminal shows before it sums up.
const PREVIEW_ROWS: usize = 15;
/// Problems that are shown one by one.
const PROBLEMS_SHOWN: usize = 25;
/// Rows that are named for a problem that many have.
const ROWS_NAMED: usize = 8;

/// Shows a table on standard output.
pub fn print_table(console: &Console, table: &Table, format: Option<Format>) {
    match format.unwrap_or(Format::Table) {
        Format::Table => {
            let table = without_empty_columns(table);
            console.data(&render(&table, Format::Table, &console.out_screen()));
        }
        other => console.data(&render(table, other, &console.out_screen())),
    }
}

/// For the eye, a column in which nobody has anything only takes room.
fn without_empty_columns(table: &Table) -> Table {
    let filled: Vec<usize> = (0..table.columns.len())
        .filter(|at| {
            table.rows.iter().any(|row| row.get(*at).is_some_and(|value| *value != Value::Nothing))
        })
        .collect();
    let kept = |row: &Vec<Value>| {
        filled.iter().map(|at| row.get(*at).cloned().unwrap_or_default()).collect()
    };
    Table {
        columns: filled.iter().map(|at| table.columns[*at].clone()).collect(),
        rows: table.rows.iter().map(kept).collect(),
    }
}

/// A plan as a table: a line for each change that does something or has a problem.
pub(super) fn plan_table(lines: impl Iterator<Item = PreviewLine>) -> Table {
    let columns = ["row", "user", "online_id", "changes", "licenses", "problems"];
    let essential = ["user", "changes", "problems"];
    let shown = lines.filter(|line| !line.changes.is_empty() || !line.problems.is_empty());
    let rows = shown.map(|line| {
        vec![
            Value::from(line.row),
            Value::from(line.user),
            Value::from(line.online_id),
            list(line.changes),
            list(line.licenses),
            list(line.problems.into_iter().map(|problem| problem.message).collect()),
        ]
    });
    Table { rows: rows.collect(), columns: heads(&columns, &essential) }
}

/// The results of a run as a table.
pub fn results_table(results: &[ChangeResult]) -> Table {
    let columns = ["row", "user", "online_id", "outcome", "done", "problem"];
    let essential = ["user", "outcome", "problem"];
    let rows = results.iter().map(|result| {
        let problem = result.problem.as_ref().map(sentence);
        vec![
            Value::from(result.row.clone()),
            Value::from(result.user.clone()),
            Value::from(result.online_id.clone()),
            Value::from(result.outcome.word()),
            list(result.done.clone()),
            Value::from(problem),
        ]
    });
    Table { rows: rows.collect(), columns: heads(&columns, &essential) }
}

/// Runs as a table.
pub fn runs_table(runs: &[(RunHead, RunState)]) -> Table {
    let columns = ["run", "state", "what", "profile", "operator", "created"];
    let rows = runs.iter().map(|(head, state)| {
        vec![
            Value::from(head.id.to_string()),
            Value::from(state.word()),
            Value::from(head.what.clone()),
            Value::from(head.profile.clone()),
            Value::from(head.operator.clone()),
            Value::from(head.created),
        ]
    });
    Table { rows: rows.collect(), columns: heads(&columns, &["run", "state", "what"]) }
}

fn heads(names: &[&str], essential: &[&str]) -> Vec<ColumnHead> {
    let head = |name: &&str| {
        if essential.contains(name) { ColumnHead::essential(*name) } else { ColumnHead::new(*name) }
    };
    names.iter().map(head).collect()
}

fn list(texts: Vec<String>) -> Value {
    if texts.is_empty() { Value::Nothing } else { Value::List(texts) }
}

fn sentence(problem: &Problem) -> String {
    match problem.field {
        Some(field) => format!("{field}: {}", problem.message),
        None => problem.message.clone(),
    }
}

/// Shows on standard error what wasn't done and why, where standard output has something else.
pub(super) fn show_undone(console: &Console, results: &[ChangeResult]) {
    let is_undone = |result: &&ChangeResult| {
        matches!(result.outcome, Outcome::Failed | Outcome::Parked | Outcome::LeftOut)
    };
    let undone: Vec<ChangeResult> =
        results.iter().filter(is_undone).take(PREVIEW_ROWS).cloned().collect();
    if !undone.is_empty() {
        let table = without_empty_columns(&results_table(&undone));
        console.say(render(&table, Format::Table, &console.message_screen()).trim_end());
    }
}

/// Shows on standard error what a plan would do: how much, and with `people` also to whom.
pub(super) fn show_preview(console: &Console, plan: &Plan, people: bool) {
    if people {
        // What is wrong or worth a remark was said before, once for all whom it concerns.
        let mut acting = preview(plan)
            .filter(|line| !line.changes.is_empty())
            .map(|line| PreviewLine { problems: Vec::new(), ..line });
        let table = plan_table(acting.by_ref().take(PREVIEW_ROWS));
        if !table.rows.is_empty() {
            let table = without_empty_columns(&table);
            console.say(render(&table, Format::Table, &console.message_screen()).trim_end());
        }
        let more = acting.count();
        if more > 0 {
            console.say(&format!("… and {more} more (--what-if shows all)"));
        }
    }
    console.say(&totals_line(&Totals::of(plan)));
    for line in seat_lines(plan) {
        console.say(&line);
    }
}

/// "Plan: 12 users to create, 12 online accounts to create, 12 accounts to license."
fn totals_line(totals: &Totals) -> String {
    let mut parts: Vec<String> =
        totals.parts.iter().map(|(kind, count)| kind.counted(*count)).collect();
    let people = totals.unchanged - totals.unchanged_groups;
    for (count, one, many) in
        [(people, "person", "people"), (totals.unchanged_groups, "group", "groups")]
    {
        match count {
            0 => {}
            1 => parts.push(format!("1 {one} complete already")),
            several => parts.push(format!("{several} {many} complete already")),
        }
    }
    if totals.left_out > 0 {
        parts.push(format!("{} left out", totals.left_out));
    }
    let mut line = if parts.is_empty() {
        "Nothing to do.".to_owned()
    } else {
        format!("Plan: {}.", parts.join(", "))
    };
    if totals.errors > 0 {
        let errors = if totals.errors == 1 { "error" } else { "errors" };
        let _ = write!(line, " {} {errors}.", totals.errors);
    }
    line
}

/// Seats needed and free, a line for each product.
pub(super) fn seat_lines(plan: &Plan) -> Vec<String> {
    let line = |seats: &crate::plan::SeatCount| {
        format!("Seats of {}: {} needed, {} free.", seats.name, seats.needed, seats.free.max(0))
    };
    plan.seats.iter().map(line).collect()
}

/// Shows errors, warnings and remarks. What is wrong in the same way with many rows is said once.
pub(super) fn show_problems(console: &Console, plan: &Plan) {
    let mut groups: Vec<(&Problem, Vec<(&Origin, &Problem)>)> = Vec::new();
    let mut known = HashMap::new();
    for (row, problem) in plan.problems() {
        let same =
            (severity_order(problem.severity), &problem.message, problem.field, &problem.advice);
        let group = *known.entry(same).or_insert_with(|| {
            groups.push((problem, Vec::new()));
            groups.len() - 1
        });
        groups[group].1.push((row, problem));
    }
    groups.sort_by_key(|(problem, rows)| {
        (severity_order(problem.severity), rows.iter().map(|(row, _)| row.line).min())
    });
    for (problem, rows) in groups.iter().take(PROBLEMS_SHOWN) {
        show_group(console, problem, rows);
    }
    let more: usize = groups.iter().skip(PROBLEMS_SHOWN).map(|(_, rows)| rows.len()).sum();
    if more > 0 {
        console.say(&format!("… and {more} more (--what-if --output json shows all)"));
    }
}

fn severity_order(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Note => 2,
    }
}

fn show_group(console: &Console, problem: &Problem, rows: &[(&Origin, &Problem)]) {
    let text = match rows {
        [(row, _)] if problem.subject.is_empty() => {
            format!("{}: {}", row.label(), sentence(problem))
        }
        [(row, _)] => format!("{}: {}: {}", row.label(), problem.subject, sentence(problem)),
        several => {
            let named =
                several.iter().take(ROWS_NAMED).map(|(row, it)| match it.subject.as_str() {
                    "" => row.label(),
                    subject => format!("{subject} ({})", row.label()),
                });
            let named = named.collect::<Vec<_>>().join(", ");
            let more = match several.len().saturating_sub(ROWS_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{} rows: {}: {named}{more}", several.len(), sentence(problem))
        }
    };
    match problem.severity {
        Severity::Error => console.error(&text),
        Severity::Warning => console.warn(&text),
        Severity::Note => {
            console.say(&format!("{} {text}", console.paint(Color::Blue.bold(), "note:")));
        }
    }
    if let Some(advice) = &problem.advice {
        console.advice(advice);
    }
}

/// "12 done, 3 unchanged, 1 failed"
pub(super) fn summary_line(summary: &Summary) -> String {
    let parts = [
        (summary.done, "done"),
        (summary.unchanged, "unchanged"),
        (summary.failed, "failed"),
        (summary.left_out, "left out"),
        (summary.parked, "parked"),
        (summary.open, "not done yet"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let mut line = if parts.is_empty() { "nothing done".to_owned() } else { parts.join(", ") };
    if summary.not_yet_visible > 0 {
        let _ = write!(line, " ({} not yet visible in the tenant)", summary.not_yet_visible);
    }
    line
}
