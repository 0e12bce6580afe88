//! A table for the eye: a block of `name : value` lines for each row, as PowerShell's
//! `Format-List` shows it. Nothing is shortened.

use std::fmt::Write;

use nu_ansi_term::Style;

use super::screen_text::{NOTHING, clean, one_line, width};
use super::{Screen, Table, Value};

pub(super) fn render(table: &Table, screen: Screen) -> String {
    let name_width = table.columns.iter().map(|head| width(&head.name)).max().unwrap_or_default();
    let style = if screen.color { Style::new().bold() } else { Style::new() };
    let mut out = String::new();
    for (nth, row) in table.pairs().enumerate() {
        if nth > 0 {
            out.push('\n');
        }
        for (name, value) in row {
            let padding = " ".repeat(name_width - width(name));
            let mut lines = lines(value).into_iter();
            let first = lines.next().unwrap_or_default();
            // Writing to a `String` can't fail.
            let _ = writeln!(out, "{}{padding} : {first}", style.paint(name));
            for line in lines {
                let _ = writeln!(out, "{}{line}", " ".repeat(name_width + 3));
            }
        }
    }
    out
}

/// A list has a line for each of its texts, a text for each of its lines.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::List(texts) if !texts.is_empty() => texts.iter().map(|text| clean(text)).collect(),
        Value::Text(text) if text.is_empty() => vec![String::new()],
        Value::Text(text) => text.lines().map(clean).collect(),
        Value::Nothing => vec![NOTHING.to_owned()],
        other => vec![one_line(other)],
    }
}
