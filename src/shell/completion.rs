//! What Tab offers at a place in a line.

use super::catalog::{Entry, Use};

/// The names that can be completed.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Functions (with their module) and variables.
    free: Vec<String>,
    /// Verbs and properties.
    after_dot: Vec<String>,
}

/// What belongs at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offer {
    /// These, in place of what stands from the byte on.
    Names(usize, Vec<String>),
    /// A file's name.
    File,
}

/// Words that the prompt answers itself.
const COMMANDS: &[&str] = &["exit", "help", "quit"];

/// Functions whose first argument is a file.
const OF_FILES: &[&str] = &["read_csv", "read_xlsx", "write_csv", "save", "from_csv"];

impl Names {
    pub(super) fn new(entries: &[Entry], variables: Vec<String>) -> Self {
        let sorted = |mut names: Vec<String>| {
            names.sort();
            names.dedup();
            names
        };
        let of = |wanted: fn(Use) -> bool| {
            let names = entries.iter().filter(|entry| wanted(entry.used));
            names.map(|entry| entry.name.clone()).collect::<Vec<_>>()
        };
        let mut free = of(|used| used == Use::Function);
        free.extend(variables);
        Self { free: sorted(free), after_dot: sorted(of(|used| used != Use::Function)) }
    }

    /// What belongs before the byte `at` of the line.
    pub(super) fn offer(&self, line: &str, at: usize) -> Offer {
        let before = line.get(..at).unwrap_or(line);
        if let Some(quote) = open_quote(before) {
            let called = before.get(..quote).unwrap_or_default().trim_end();
            let is_file = OF_FILES.iter().any(|name| called.ends_with(&format!("{name}(")));
            return if is_file { Offer::File } else { Offer::Names(at, Vec::new()) };
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let word = before.trim_end_matches(is_name).len();
        // A colon after the key of a map belongs to no name.
        let typed = &before[word..];
        let start = match typed.rfind(':') {
            Some(colon) if !typed.contains("::") => word + colon + 1,
            _ => word,
        };
        let (left, typed) = before.split_at(start);
        let is_help = matches!(left.trim(), "help" | "?");
        let names: Vec<&String> = if is_help {
            self.free.iter().chain(&self.after_dot).collect()
        } else if left.trim_end().ends_with('.') && !left.trim_end().ends_with("..") {
            self.after_dot.iter().collect()
        } else {
            self.free.iter().collect()
        };
        let mut fitting: Vec<String> =
            names.into_iter().filter(|name| name.starts_with(typed)).cloned().collect();
        if left.trim().is_empty() && !typed.is_empty() {
            let commands = COMMANDS.iter().filter(|command| command.starts_with(typed));
            fitting.extend(commands.map(|command| (*command).to_owned()));
        }
        Offer::Names(start, fitting)
    }
}

/// The quote that is open at the end of the text.
fn open_quote(text: &str) -> Option<usize> {
    let mut open = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match open {
            _ if escaped => escaped = false,
            Some((_, '"')) if c == '\\' => escaped = true,
            Some((_, quote)) if c == quote => open = None,
            None if matches!(c, '"' | '`') => open = Some((at, c)),
            _ => {}
        }
    }
    open.map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let entry = |name: &str, used| Entry {
            name: name.to_owned(),
            used,
            signature: String::new(),
            doc: String::new(),
        };
        let entries = [
            entry("account", Use::Function),
            entry("accounts", Use::Function),
            entry("bulk::from_csv", Use::Function),
            entry("assign", Use::Verb),
            entry("city", Use::Property),
        ];
        Names::new(&entries, vec!["ada".to_owned()])
    }

    #[track_caller]
    fn offers(line: &str, expected: &[&str]) {
        let Offer::Names(_, offered) = names().offer(line, line.len()) else { panic!("a file") };
        assert_eq!(offered, expected, "{line}");
    }

    #[test]
    fn functions_and_variables_stand_alone_verbs_and_properties_after_a_dot() {
        offers("a", &["account", "accounts", "ada"]);
        offers("let x = acc", &["account", "accounts"]);
        offers("ada.", &["assign", "city"]);
        offers("accounts()[0].ci", &["city"]);
        offers("bulk::f", &["bulk::from_csv"]);
        offers("#{ city:a", &["account", "accounts", "ada"]);
        offers("0..a", &["account", "accounts", "ada"]);
    }

    #[test]
    fn words_of_the_prompt_begin_a_line() {
        offers("qu", &["quit"]);
        offers("1 + qu", &[]);
        offers("help ci", &["city"]);
    }

    #[test]
    fn texts_are_left_alone_but_for_names_of_files() {
        offers("account(\"a", &[]);
        offers("account(\"a\").ci", &["city"]);
        let line = "read_csv(\"peo";
        assert_eq!(names().offer(line, line.len()), Offer::File);
    }
}
