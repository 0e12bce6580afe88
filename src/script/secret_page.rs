//! A text with a secret in it, shown at a terminal and nowhere else: not in a pipe, not in a file, and
//! not among the lines that stay on the screen.

use std::io::{self, IsTerminal as _, Write as _};

use rustyline::config::Behavior;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

/// Rows that the question at the end takes.
const QUESTION_ROWS: usize = 2;
/// Rows of a terminal that doesn't say how many it has.
const USUAL_ROWS: usize = 24;

const ENTER_OTHER_SCREEN: &str = "\u{1b}[?1049h";
const LEAVE_OTHER_SCREEN: &str = "\u{1b}[2J\u{1b}[?1049l";
const EMPTY: &str = "\u{1b}[2J\u{1b}[H";

/// Whether a person looks at what goes out, and can answer.
pub fn is_seen_by_a_person() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Shows the text on the terminal's other screen, from which nothing can be scrolled back to, until
/// Enter is pressed. A terminal without one only prints it.
pub fn show_for_a_while(text: &str) -> io::Result<()> {
    if !has_another_screen() {
        return put(text);
    }
    let config = Config::builder().behavior(Behavior::PreferTerm).build();
    let line = Editor::<(), MemHistory>::with_history(config, MemHistory::new());
    let mut line = line.map_err(io::Error::other)?;
    let size = terminal_size::terminal_size_of(io::stdout());
    let rows = size.map_or(USUAL_ROWS, |(_, height)| usize::from(height.0));
    let width = size.map(|(width, _)| usize::from(width.0));
    let pages = pages(text, rows.saturating_sub(QUESTION_ROWS), width);
    put(ENTER_OTHER_SCREEN)?;
    // It is left whatever comes.
    let _other_screen = OtherScreen;
    for (number, page) in (1..).zip(&pages) {
        put(EMPTY)?;
        put(page)?;
        let question =
            if number < pages.len() { "Enter shows the rest: " } else { "Enter clears this: " };
        // Ctrl-C and Ctrl-D are as good as Enter, and end it.
        if line.readline(question).is_err() {
            break;
        }
    }
    Ok(())
}

/// A terminal that doesn't say what it is may show control characters as they are.
fn has_another_screen() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term != "dumb" && !term.is_empty())
}

fn put(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

struct OtherScreen;

impl Drop for OtherScreen {
    fn drop(&mut self) {
        let _ = put(LEAVE_OTHER_SCREEN);
    }
}

/// The lines of the text, in so many rows at a time: the other screen keeps none that have gone.
fn pages(text: &str, rows: usize, width: Option<usize>) -> Vec<&str> {
    let width = width.filter(|width| *width > 0);
    let rows_of = |line: &str| {
        let columns = unicode_width::UnicodeWidthStr::width(line.trim_end());
        width.map_or(1, |width| columns.div_ceil(width).max(1))
    };
    let (mut pages, mut begins, mut taken, mut at) = (Vec::new(), 0, 0, 0);
    for line in text.split_inclusive('\n') {
        let more = rows_of(line);
        if taken > 0 && taken + more > rows {
            pages.push(&text[begins..at]);
            (begins, taken) = (at, 0);
        }
        taken += more;
        at += line.len();
    }
    pages.push(&text[begins..]);
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_where_the_screen_ends() {
        let text = "1\n2\n3\n4\n5\n";
        assert_eq!(pages(text, 9, Some(80)), [text]);
        assert_eq!(pages(text, 2, Some(80)), ["1\n2\n", "3\n4\n", "5\n"]);
        assert_eq!(pages("long line\n2\n3\n", 3, Some(5)), ["long line\n2\n", "3\n"]);
        assert_eq!(pages(text, 0, None).concat(), text, "one by one on the smallest");
    }
}
