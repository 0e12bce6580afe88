//! The person at the other end: data to standard output, all else to standard error, questions at a
//! terminal.

use std::io::{self, IsTerminal as _, Write as _};

use nu_ansi_term::{Color, Style};
use rustyline::config::Behavior;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

use super::exit::Exit;
use crate::table::Screen;

/// Where a unit talks to.
#[derive(Debug, Clone)]
pub struct Console {
    color: bool,
    interactive: bool,
    out_is_terminal: bool,
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// The process's own console. `NO_COLOR`, dumb terminals and pipes get no colours.
    pub fn new() -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            color: !plain && io::stderr().is_terminal(),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            out_is_terminal: io::stdout().is_terminal(),
        }
    }

    /// Whether somebody can answer.
    pub fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Whether progress can be drawn.
    pub fn shows_progress(&self) -> bool {
        io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Whether messages are coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// The screen behind standard output.
    pub fn out_screen(&self) -> Screen {
        let width = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0);
        Screen {
            width: self.out_is_terminal.then(width).flatten(),
            color: self.color && self.out_is_terminal,
        }
    }

    /// The screen behind standard error.
    pub fn message_screen(&self) -> Screen {
        let width = || terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| width.0);
        Screen { width: io::stderr().is_terminal().then(width).flatten(), color: self.color }
    }

    /// Data, to standard output. A reader that has gone away, such as `head`, is no error.
    pub fn data(&self, text: &str) {
        let _ = io::stdout().lock().write_all(text.as_bytes());
    }

    /// A message, to standard error.
    pub fn say(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// A warning.
    pub fn warn(&self, text: &str) {
        self.say(&format!("{} {text}", self.paint(Color::Yellow.bold(), "warning:")));
    }

    /// An error.
    pub fn error(&self, text: &str) {
        self.say(&format!("{} {text}", self.paint(Color::Red.bold(), "error:")));
    }

    /// What to do about it.
    pub fn advice(&self, text: &str) {
        self.say(&format!("  {} {text}", self.paint(Color::Cyan.bold(), "help:")));
    }

    /// A text in a style, where colours are shown.
    pub fn paint(&self, style: Style, text: &str) -> String {
        if self.color { style.paint(text).to_string() } else { text.to_owned() }
    }

    /// Asks for yes or no; an empty answer is `default`, Ctrl-C and Ctrl-D are no. `None` without a
    /// terminal.
    pub fn ask(&self, question: &str, default: bool) -> Option<bool> {
        if !self.interactive {
            return None;
        }
        let prompt = format!("{question} {} ", if default { "[Y/n]" } else { "[y/N]" });
        self.read_answer(&prompt, |answer| match answer {
            "" => Ok(default),
            "y" | "yes" => Ok(true),
            "n" | "no" => Ok(false),
            _ => Err("Please answer y or n."),
        })
    }

    /// Goes on after a yes, which `is_given` has said beforehand. Else it says how the command ends: done, after
    /// a no; or in need of a confirmation where nobody can be asked.
    pub fn confirm(&self, question: &str, default: bool, is_given: bool) -> Result<(), Exit> {
        if is_given {
            return Ok(());
        }
        match self.ask(question, default) {
            Some(true) => Ok(()),
            Some(false) => Err(Exit::Done),
            None => {
                self.error("this needs a confirmation, and there is no terminal");
                self.advice("give --yes");
                Err(Exit::NeedsConfirmation)
            }
        }
    }

    /// Asks for a number to be typed, so that nobody destroys several things by habit. Anything else
    /// is no.
    pub fn ask_for_number(&self, question: &str, number: u32) -> Option<bool> {
        if !self.interactive {
            return None;
        }
        let prompt = format!("{question} Type {number} to go on, anything else to stop: ");
        self.read_answer(&prompt, |answer| Ok(answer == number.to_string()))
    }

    fn read_answer(
        &self,
        prompt: &str,
        understand: impl Fn(&str) -> Result<bool, &'static str>,
    ) -> Option<bool> {
        // The question goes to the terminal itself, also while standard output is a file.
        let config = Config::builder().behavior(Behavior::PreferTerm).build();
        let Ok(mut line) = Editor::<(), MemHistory>::with_history(config, MemHistory::new()) else {
            return None;
        };
        loop {
            let Ok(answer) = line.readline(prompt) else { return Some(false) };
            match understand(answer.trim().to_lowercase().as_str()) {
                Ok(answer) => return Some(answer),
                Err(advice) => self.say(advice),
            }
        }
    }
}
