//! The prompt, through the real program: at a terminal, and with lines from standard input.
#![allow(clippy::unwrap_used, reason = "a story that can't go on has failed")]

mod person;
mod piped;
mod terminal;
