//! `help` and `help NAME`.

use std::fmt::Write as _;

use super::catalog::{Entry, Use};
use crate::model::nearest;

const ABOUT_THE_PROMPT: &str = "\
A line is script: what it says is planned, shown, and written at the end of the line.
  help NAME   more about a function, verb or property, with an example
  Tab         completes names      Up, Ctrl-R   earlier lines
  Ctrl-C      clears the line, or stops the one that is running
  Ctrl-D      leaves, as do exit and quit
";

/// The widest column of signatures; longer ones push their line's text to the right.
const WIDEST_SIGNATURE: usize = 40;

/// Objects that have verbs and properties of their own, with the titles of both.
const OBJECTS: &[(&str, &str, &str)] = &[
    ("group", "Groups, after a dot", "Properties of a group"),
    ("alias", "Addresses, after a dot", "Properties of an address"),
];

/// All functions, verbs and properties, a line each.
pub(super) fn overview(entries: &[Entry], width: Option<u16>) -> String {
    let mut text = String::new();
    let width = width.map_or(usize::MAX, usize::from);
    let functions = entries.iter().filter(|entry| entry.used == Use::Function);
    section(&mut text, "Functions", functions.collect(), width);
    let verbs = || entries.iter().filter(|entry| entry.used == Use::Verb);
    let of_objects = |it: &Entry| OBJECTS.iter().any(|(object, ..)| owner(it) == *object);
    section(&mut text, "After a dot", verbs().filter(|it| !of_objects(it)).collect(), width);
    for (object, title, _) in OBJECTS {
        section(&mut text, title, verbs().filter(|it| owner(it) == *object).collect(), width);
    }
    let objects = OBJECTS.iter().map(|(object, _, title)| (*object, *title));
    for (object, title) in std::iter::once(("account", "Properties of an account")).chain(objects) {
        let is_of_it = |it: &&Entry| it.used == Use::Property && owner(it) == object;
        let of_it = entries.iter().filter(is_of_it);
        let names: Vec<&str> = of_it.map(|entry| entry.name.as_str()).collect();
        if !names.is_empty() {
            let _ = writeln!(text, "{title}");
            text.push_str(&wrapped(&names, width.min(100)));
            text.push('\n');
        }
    }
    text.push_str(ABOUT_THE_PROMPT);
    text
}

/// A title and a line for each name; nothing without names.
fn section(text: &mut String, title: &str, mut named: Vec<&Entry>, width: usize) {
    // One line tells of all the ways in which a name can be called.
    named.dedup_by(|a, b| a.name == b.name);
    let Some(column) = named.iter().map(|entry| entry.signature.chars().count()).max() else {
        return;
    };
    let column = column.min(WIDEST_SIGNATURE);
    let _ = writeln!(text, "{title}");
    for entry in named {
        let line = format!("  {:<column$}  {}", entry.signature, entry.summary());
        let _ = writeln!(text, "{}", cut(line.trim_end(), width));
    }
    text.push('\n');
}

/// The object that has the verb or property.
fn owner(entry: &Entry) -> &str {
    entry.signature.split_once('.').map_or("", |(owner, _)| owner)
}

/// What is known of the name. `Err` has the nearest name, if one is near.
pub(super) fn on(name: &str, entries: &[Entry]) -> Result<String, Option<String>> {
    let found: Vec<&Entry> = entries.iter().filter(|entry| entry.name == name).collect();
    if found.is_empty() {
        let near = nearest(name, entries.iter().map(|entry| entry.name.as_str()));
        return Err(near.map(str::to_owned));
    }
    let mut text = String::new();
    for entry in found {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", entry.signature);
        let shown = entry.doc.lines().filter(|line| !line.starts_with("```"));
        for line in shown {
            let _ = writeln!(text, "{}", format!("    {line}").trim_end());
        }
    }
    Ok(text)
}

fn cut(line: &str, width: usize) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn wrapped(names: &[&str], width: usize) -> String {
    let mut lines = vec![" ".to_owned()];
    for name in names {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + name.len() <= width => {
                let _ = write!(line, " {name}");
            }
            _ => lines.push(format!("  {name}")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, used: Use, signature: &str, doc: &str) -> Entry {
        let [name, signature, doc] = [name, signature, doc].map(str::to_owned);
        Entry { name, used, signature, doc }
    }

    fn some() -> Vec<Entry> {
        vec![
            entry(
                "area",
                Use::Function,
                "area(w, h)",
                "Multiplies both. Twice.\n\n```rhai\narea(1, 2)\n```",
            ),
            entry("assign", Use::Verb, "account.assign(options)", "Gives an account."),
            entry("assign", Use::Verb, "accounts.assign(options)", "Gives all of them."),
            entry("city", Use::Property, "account.city", "city"),
        ]
    }

    #[test]
    fn the_overview_has_one_line_for_each_name() {
        let text = overview(&some(), None);

        assert!(text.contains("  area(w, h)  Multiplies both.\n"), "{text}");
        assert_eq!(text.matches("assign(").count(), 1, "{text}");
        assert!(text.contains("Properties of an account\n  city\n"), "{text}");
    }

    #[test]
    fn verbs_and_properties_of_a_group_stand_apart_from_those_of_people() {
        let mut entries = some();
        entries.push(entry("assign", Use::Verb, "group.assign(x)", "Of a group."));
        entries.push(entry("kind", Use::Property, "group.kind", "kind"));
        let text = overview(&entries, None);

        assert!(text.contains("  account.assign(options)  Gives an account.\n"), "{text}");
        assert!(text.contains("Groups, after a dot\n  group.assign(x)  Of a group.\n"), "{text}");
        assert!(text.contains("Properties of a group\n  kind\n"), "{text}");
        assert!(!text.contains("Properties of an address"), "{text}");
    }

    #[test]
    fn a_narrow_screen_cuts_lines_instead_of_wrapping_them() {
        let text = overview(&some(), Some(20));

        assert!(text.contains("  area(w, h)  Multi…\n"), "{text}");
    }

    #[test]
    fn help_on_a_name_shows_every_way_to_call_it_and_the_example() {
        assert_eq!(
            on("area", &some()).unwrap(),
            "area(w, h)\n    Multiplies both. Twice.\n\n    area(1, 2)\n"
        );
        assert_eq!(on("assign", &some()).unwrap().matches("assign(options)").count(), 2);
    }

    #[test]
    fn help_on_an_unknown_name_offers_the_nearest() {
        assert_eq!(on("asign", &some()), Err(Some("assign".to_owned())));
    }
}
