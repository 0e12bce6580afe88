//! What is printed: one line for each figure, with its goal.

use std::io::Write as _;
use std::time::Duration;

/// A megabyte, as in the goals.
pub(crate) const MB: f64 = 1e6;

/// Prints a line. If output is closed, nobody is left to tell.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

/// Prints what the next figures are about.
pub(crate) fn heading(text: &str) {
    say(&format!("\n{text}"));
}

/// Prints a figure without a goal.
pub(crate) fn detail(what: &str, figure: &str) {
    say(&format!("  {what:<58} {figure:>14}"));
}

/// Prints a figure that should not be more than its goal.
pub(crate) fn goal(what: &str, figure: f64, unit: &str, goal: f64) {
    let verdict = if figure <= goal { "met" } else { "MISSED" };
    let decimals = if figure.abs() < 10.0 { 2 } else { 1 };
    let figure = format!("{figure:.decimals$} {unit}");
    say(&format!("  {what:<58} {figure:>14}   goal ≤ {goal} {unit}: {verdict}"));
}

/// Seconds or milliseconds, whichever reads better.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}
