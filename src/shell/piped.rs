//! Lines from standard input that is no terminal: the same as typed ones, without prompt or history.

use std::io::{self, BufRead as _};

use super::{Answer, Prompt};
use crate::script::Exit;

/// Runs all lines. The exit is that of the last line that failed.
pub(super) fn run(prompt: &mut Prompt) -> Exit {
    let mut worst = Exit::Done;
    let mut text = String::new();
    // The first line of the text, counted from the beginning of the input.
    let mut first = 1;
    let mut count = 0;
    loop {
        let line = next_line();
        // Whoever stops the input means all of it: the next line may build on the one that stopped.
        if prompt.session.is_stopped() {
            return Exit::Stopped;
        }
        match line {
            Ok(Some(line)) => {
                text.push_str(&line);
                count += 1;
            }
            Ok(None) if text.trim().is_empty() => return worst,
            Ok(None) => {
                let ended = prompt.run("stdin", &text, first);
                return if ended == Exit::Done { worst } else { ended };
            }
            Err(reason) => {
                let console = prompt.session.console();
                console.error(&format!("standard input, line {}: {reason}", count + 1));
                return Exit::BadInput;
            }
        }
        match prompt.answer("stdin", &text, first) {
            Answer::Unfinished => continue,
            Answer::Leave => return worst,
            Answer::Ended(Exit::Done) => {}
            Answer::Ended(exit) => worst = exit,
        }
        if prompt.session.is_stopped() {
            return Exit::Stopped;
        }
        text.clear();
        first = count + 1;
    }
}

/// Standard input is not held between lines: a line that runs may want to read from it.
fn next_line() -> io::Result<Option<String>> {
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then_some(line))
}
