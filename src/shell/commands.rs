//! The few words that are for the prompt itself, not for the script engine.

/// A line that the prompt answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// Leave.
    Leave,
    /// What there is.
    Overview,
    /// What is known of a name.
    HelpOn(&'a str),
}

impl<'a> Command<'a> {
    /// The command that the line is; any other line is script.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let line = line.trim().trim_end_matches(';').trim_end();
        match line {
            "exit" | "exit()" | "quit" | "quit()" => return Some(Self::Leave),
            "help" | "help()" | "?" => return Some(Self::Overview),
            _ => {}
        }
        let asked = match line.strip_prefix("help") {
            Some(rest) if rest.starts_with([' ', '\t']) => rest,
            _ => line.strip_prefix('?')?,
        };
        let name = asked.trim().trim_end_matches("()").trim_start_matches('.');
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        (!name.is_empty() && name.chars().all(is_name)).then_some(Self::HelpOn(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_the_prompt_are_told_from_script() {
        for line in ["exit", "quit", " exit() ", "quit;"] {
            assert_eq!(Command::of(line), Some(Command::Leave), "{line}");
        }
        assert_eq!(Command::of("help"), Some(Command::Overview));
        for line in
            ["help accounts", "help  accounts()", "? accounts", "?accounts", "help .accounts"]
        {
            assert_eq!(Command::of(line), Some(Command::HelpOn("accounts")), "{line}");
        }
        assert_eq!(Command::of("help bulk::from_csv"), Some(Command::HelpOn("bulk::from_csv")));
        for line in ["", "exits", "helper", "help = 1", "let help = 1", "quit(1)", "accounts()"] {
            assert_eq!(Command::of(line), None, "{line}");
        }
    }
}
