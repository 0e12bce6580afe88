//! The line that is being typed: prompt, completion, history.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _};

use nu_ansi_term::{Color, Style};
use rustyline::completion::{Completer, FilenameCompleter, Pair};
use rustyline::config::{Behavior, BellStyle, ColorMode};
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::Validator;
use rustyline::{CompletionType, Config, Context, Editor, Helper};

use super::completion::{Names, Offer};
use super::history::{HistoryFile, may_have_secret};
use crate::script::Session;

/// Lines that the history keeps.
const KEPT_LINES: usize = 2000;

/// What was typed.
pub(super) enum Typed {
    /// A line.
    Line(String),
    /// Ctrl-C.
    Cleared,
    /// Ctrl-D on an empty line, or a terminal that has gone away.
    End,
}

/// The editor at a terminal.
pub(super) struct LineEditor {
    editor: Editor<Typing, FileHistory>,
    history: HistoryFile,
    first: String,
    next: String,
    /// Whether the person was told that lines aren't kept.
    told: bool,
}

impl LineEditor {
    pub(super) fn new(session: &Session) -> Result<Self, ReadlineError> {
        let console = session.console();
        // Standard output may be a file: the prompt then belongs to the terminal all the same.
        let behavior =
            if io::stdout().is_terminal() { Behavior::Stdio } else { Behavior::PreferTerm };
        let color = if console.color() { ColorMode::Enabled } else { ColorMode::Disabled };
        let config = Config::builder()
            .behavior(behavior)
            .color_mode(color)
            .completion_type(CompletionType::List)
            .bell_style(BellStyle::None)
            .history_ignore_space(true)
            .max_history_size(KEPT_LINES)?
            .build();
        let mut editor = Editor::with_config(config)?;
        let profile = session.profile();
        // A real tenant must not be taken for the practice one.
        let name = if profile.is_sandbox() { Color::Cyan } else { Color::LightRed };
        let typing =
            Typing { names: Names::default(), files: FilenameCompleter::new(), style: name.bold() };
        editor.set_helper(Some(typing));
        let history = HistoryFile::new(profile.home().history());
        let loaded = if history.is_new() { Ok(()) } else { editor.load_history(history.path()) };
        if let Err(reason) = loaded {
            let path = history.path().display();
            console.warn(&format!("earlier lines can't be read from {path}: {reason}"));
        }
        let first = format!("{}> ", profile.name());
        Ok(Self { editor, history, first, next: "...> ".to_owned(), told: false })
    }

    /// Whether nobody has typed a line here yet.
    pub(super) fn is_first_start(&self) -> bool {
        self.history.is_new()
    }

    /// What Tab completes from now on.
    pub(super) fn set_names(&mut self, names: Names) {
        if let Some(typing) = self.editor.helper_mut() {
            typing.names = names;
        }
    }

    /// Reads a line; `goes_on` if it belongs to the ones before.
    pub(super) fn read(&mut self, goes_on: bool) -> Result<Typed, ReadlineError> {
        let prompt = if goes_on { &self.next } else { &self.first };
        match self.editor.readline(prompt) {
            Ok(line) => Ok(Typed::Line(line)),
            Err(ReadlineError::Interrupted) => Ok(Typed::Cleared),
            Err(ReadlineError::Eof) => Ok(Typed::End),
            Err(error) => Err(error),
        }
    }

    /// Keeps a text for later sessions, unless it may have a secret in it.
    pub(super) fn remember(&mut self, text: &str, session: &Session) {
        if may_have_secret(text) {
            return;
        }
        let kept = self.editor.add_history_entry(text).and_then(|is_added| {
            if !is_added {
                return Ok(());
            }
            self.history.prepare()?;
            self.editor.append_history(self.history.path())
        });
        if let (Err(reason), false) = (kept, self.told) {
            self.told = true;
            let path = self.history.path().display();
            session.console().warn(&format!("lines are not kept in {path}: {reason}"));
        }
    }
}

/// What the editor asks while somebody types.
struct Typing {
    names: Names,
    files: FilenameCompleter,
    style: Style,
}

impl Completer for Typing {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> Result<(usize, Vec<Pair>), ReadlineError> {
        match self.names.offer(line, at) {
            Offer::File => self.files.complete_path(line, at),
            Offer::Names(start, names) => {
                let pair = |name: String| Pair { display: name.clone(), replacement: name };
                Ok((start, names.into_iter().map(pair).collect()))
            }
        }
    }
}

impl Highlighter for Typing {
    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(self.style.paint(prompt).to_string())
    }
}

impl Hinter for Typing {
    type Hint = String;
}

impl Validator for Typing {}

impl Helper for Typing {}
