//! The prompt: reads a line, runs it as a unit of its own, and goes on whatever became of it.
//!
//! What belongs here: reading lines (at a terminal with `editor`, otherwise `piped`), telling whether
//! they are whole, completion, history, and the prompt's own help. What doesn't: what a line means
//! and how its plan is confirmed and applied (`script`).
//!
//! To add a word that the prompt answers itself: one variant in `commands`.

mod catalog;
mod commands;
mod completion;
mod editor;
mod help;
mod history;
mod piped;
mod unfinished;

use std::io::{self, IsTerminal as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use self::commands::Command;
use self::completion::Names;
use self::editor::{LineEditor, Typed};
use self::unfinished::Grammar;
use crate::script::{Exit, Session, Source, Unit};

/// Runs the prompt until the person leaves or the input ends. Nothing is opened before a line needs
/// it.
pub(crate) fn run(session: &Arc<Session>) -> Exit {
    let mut prompt =
        Prompt { session: Arc::clone(session), unit: Unit::new(session), grammar: Grammar::new() };
    if io::stdin().is_terminal() { at_terminal(&mut prompt) } else { piped::run(&mut prompt) }
}

/// What became of a text.
enum Answer {
    /// It goes on in the next line.
    Unfinished,
    /// It was run, or answered.
    Ended(Exit),
    /// It says to leave.
    Leave,
}

/// Variables and functions of all lines.
struct Prompt {
    session: Arc<Session>,
    unit: Unit,
    grammar: Grammar,
}

impl Prompt {
    /// Answers a text that was typed so far. It began in that line of its source.
    fn answer(&mut self, source: &str, text: &str, first_line: usize) -> Answer {
        match Command::of(text) {
            Some(Command::Leave) => return Answer::Leave,
            Some(Command::Overview) => return Answer::Ended(self.help(None)),
            Some(Command::HelpOn(name)) => return Answer::Ended(self.help(Some(name))),
            None => {}
        }
        if text.trim().is_empty() {
            Answer::Ended(Exit::Done)
        } else if self.grammar.is_unfinished(text) {
            Answer::Unfinished
        } else {
            Answer::Ended(self.run(source, text, first_line))
        }
    }

    /// Runs a text as a unit of its own.
    fn run(&mut self, source: &str, text: &str, first_line: usize) -> Exit {
        // Empty lines before it give errors the line number that the person counts.
        let text = "\n".repeat(first_line.saturating_sub(1)) + text.trim_end();
        let source = Source { name: source.to_owned(), text };
        let unit = &mut self.unit;
        guarded(&self.session, || unit.run(&source))
    }

    fn help(&self, name: Option<&str>) -> Exit {
        let entries = catalog::entries(&self.unit);
        let console = self.session.console();
        let Some(name) = name else {
            console.data(&help::overview(&entries, console.out_screen().width));
            return Exit::Done;
        };
        match help::on(name, &entries) {
            Ok(text) => {
                console.data(&text);
                return Exit::Done;
            }
            Err(near) => {
                console.error(&format!("there is no help on {name}"));
                let near = near.map(|near| format!("did you mean {near}?"));
                console.advice(&near.unwrap_or_else(|| "help alone shows all names".to_owned()));
            }
        }
        Exit::BadInput
    }

    /// What can be completed by now.
    fn names(&self) -> Names {
        Names::new(&catalog::entries(&self.unit), self.unit.variables())
    }
}

/// A defect in one line must not take the prompt, and with it the variables of all lines, away.
fn guarded(session: &Session, run: impl FnOnce() -> Exit) -> Exit {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        session.discard();
        session.console().error("acctsh has a defect: please report this");
        session.console().advice("acctsh plan list shows whether a run was begun");
        Exit::Failed
    })
}

fn at_terminal(prompt: &mut Prompt) -> Exit {
    let session = Arc::clone(&prompt.session);
    let console = session.console();
    let no_terminal = |reason: &dyn std::fmt::Display| {
        console.error(&format!("the terminal can't be used: {reason}"));
        Exit::Failed
    };
    let mut editor = match LineEditor::new(&session) {
        Ok(editor) => editor,
        Err(reason) => return no_terminal(&reason),
    };
    if editor.is_first_start() && session.profile().is_sandbox() {
        console.say("This is a practice tenant: try what you like, nothing real is changed.");
        console.say("help shows what there is, Ctrl-D leaves.");
    }
    editor.set_names(prompt.names());
    let mut text = String::new();
    loop {
        let line = match editor.read(!text.is_empty()) {
            Ok(Typed::Line(line)) => line,
            Ok(Typed::End) if text.is_empty() => return Exit::Done,
            // Ctrl-D in the middle of a text gives up the text only.
            Ok(Typed::Cleared | Typed::End) => {
                text.clear();
                continue;
            }
            Err(reason) => return no_terminal(&reason),
        };
        text.push_str(&line);
        match prompt.answer("prompt", &text, 1) {
            Answer::Unfinished => {
                text.push('\n');
                continue;
            }
            Answer::Leave => return Exit::Done,
            Answer::Ended(_) => {}
        }
        if !text.trim().is_empty() {
            editor.remember(text.trim_end(), &session);
        }
        editor.set_names(prompt.names());
        text.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;
    use crate::script::{Console, RunOptions};

    #[test]
    fn a_defect_in_a_line_ends_the_line_only() {
        let profile = Profile::load(None).unwrap();
        let session = Session::new(profile, Console::new(), RunOptions::default());

        assert_eq!(guarded(&session, || panic!("a defect")), Exit::Failed);
        assert_eq!(guarded(&session, || Exit::Done), Exit::Done);
    }
}
