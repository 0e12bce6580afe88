//! Where in the source an error happened, and how an uncaught one is shown.

use std::fmt::Write as _;

use rhai::{EvalAltResult, Map, Position};

use super::bundled::STANDARD_LIBRARY;
use super::console::Console;
use super::exit::Exit;
use super::raise::Fault;

/// A source that was compiled.
pub(super) struct Text<'a> {
    /// Its name in messages.
    pub(super) name: &'a str,
    /// Its text.
    pub(super) text: &'a str,
}

/// Shows an error that nobody caught, with its place in the source, and says how the command ends.
pub(super) fn report(error: &EvalAltResult, script: &Text<'_>, console: &Console) -> Exit {
    let found = Found::of(error);
    if let EvalAltResult::ErrorTerminated(..) = found.leaf {
        console.error("stopped; nothing was written");
        return Exit::Stopped;
    }
    let fault = fault_of(found.leaf);
    console.error(&fault.message);
    if let Some(row) = &fault.row {
        console.say(&format!("  row: {row}"));
    }
    for (index, (name, position)) in found.places.iter().enumerate() {
        console.say(&excerpt(name, *position, script, index == 0));
    }
    if let Some(hint) = &fault.hint {
        console.advice(hint);
    }
    Exit::of_kind(&fault.kind)
}

/// The innermost error, and the places from there to the script.
struct Found<'a> {
    leaf: &'a EvalAltResult,
    /// Source names (empty: the script itself) with positions, the innermost first.
    places: Vec<(String, Position)>,
}

impl<'a> Found<'a> {
    fn of(error: &'a EvalAltResult) -> Self {
        let mut calls: Vec<Position> = Vec::new();
        let mut sources: Vec<String> = Vec::new();
        let mut leaf = error;
        loop {
            match leaf {
                EvalAltResult::ErrorInFunctionCall(_, source, inner, position) => {
                    calls.push(*position);
                    sources.push(source.clone());
                    leaf = inner;
                }
                EvalAltResult::ErrorInModule(path, inner, position) => {
                    calls.push(*position);
                    sources.push(path.clone());
                    leaf = inner;
                }
                other => {
                    break Self { leaf: other, places: places(other.position(), &calls, &sources) };
                }
            }
        }
    }
}

/// Each position with the source it lies in: a call lies in the source of the function around it.
fn places(leaf: Position, calls: &[Position], sources: &[String]) -> Vec<(String, Position)> {
    let mut places = vec![(sources.last().cloned().unwrap_or_default(), leaf)];
    for index in (0..calls.len()).rev() {
        let source = index.checked_sub(1).and_then(|outer| sources.get(outer)).cloned();
        places.push((source.unwrap_or_default(), calls[index]));
    }
    places.dedup();
    places
}

fn fault_of(leaf: &EvalAltResult) -> Fault {
    if let EvalAltResult::ErrorRuntime(payload, _) = leaf {
        if let Some(fault) = payload.read_lock::<Map>().and_then(|map| Fault::of_map(&map)) {
            return fault;
        }
        return Fault::new("script", payload.to_string());
    }
    let mut message = leaf.to_string();
    // The position is shown with the source line.
    if let Some(at) = message.rfind(" (line ") {
        message.truncate(at);
    }
    let kind = if matches!(leaf, EvalAltResult::ErrorParsing(..)) { "syntax" } else { "script" };
    let mut fault = Fault::new(kind, message);
    if let EvalAltResult::ErrorFunctionNotFound(signature, _) = leaf {
        let name = signature.split(['(', ' ']).next().unwrap_or_default();
        fault.hint = super::api::nearest_function(name).map(Into::into);
    }
    fault
}

fn excerpt(name: &str, position: Position, script: &Text<'_>, innermost: bool) -> String {
    let (shown, text) = match name.strip_prefix("std:") {
        Some(module) => (
            name,
            STANDARD_LIBRARY.iter().find(|(known, _)| *known == module).map(|(_, text)| *text),
        ),
        None => (script.name, Some(script.text)),
    };
    let Some(line_number) = position.line() else { return format!("  in {shown}") };
    let column = position.position().unwrap_or(1);
    let mut excerpt = String::new();
    let arrow = if innermost { "-->" } else { "called from" };
    let _ = write!(excerpt, "  {arrow} {shown}:{line_number}:{column}");
    if let (true, Some(line)) = (innermost, text.and_then(|text| text.lines().nth(line_number - 1)))
    {
        let line = without_secrets(line);
        let number = line_number.to_string();
        let gap = " ".repeat(number.len());
        // Tabs keep their width, so that the mark stands under its place.
        let before: String =
            line.chars().take(column - 1).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let _ = write!(excerpt, "\n   {gap} |\n   {number} | {line}\n   {gap} | {before}^");
    }
    excerpt
}

/// The line with its quoted texts starred out if it speaks of a password or secret: an error message
/// may be read over a shoulder or kept in a log (DESIGN §2.4).
fn without_secrets(line: &str) -> String {
    let lower = line.to_lowercase();
    if !["password", "secret"].iter().any(|word| lower.contains(word)) {
        return line.to_owned();
    }
    let mut quote = None;
    let starred = line.chars().map(|c| match quote {
        None => {
            quote = matches!(c, '"' | '`').then_some(c);
            c
        }
        Some(open) if c == open => {
            quote = None;
            c
        }
        Some(_) => '*',
    });
    starred.collect()
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn quoted_texts_of_a_line_with_a_password_are_not_repeated() {
        let line = r#"create_account(#{ user_name: "eva", password: "Tarn+hafen48" })"#;
        let starred = r#"create_account(#{ user_name: "***", password: "************" })"#;
        assert_eq!(without_secrets(line), starred);
        assert_eq!(without_secrets(r#"account("eva")"#), r#"account("eva")"#);
    }
}
