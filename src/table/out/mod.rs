//! Data going out: for the eye (`columns`, `blocks`) and for programs (`json`, `comma_separated`).
//!
//! What belongs here: how a [`Table`] looks in each [`Format`], and the files of a run (`results`,
//! `failed_rows`). What doesn't: which columns there are, and whether a screen is at the other end.
//!
//! Two promises. What goes to a screen holds no control characters, so that no value can move the
//! cursor or colour a line. What goes to programs is byte-true: a CSV cell that begins with `=` is
//! written as it is, without the apostrophe that would keep a spreadsheet from taking it for a
//! formula, because `acctsh` and other programs read the same file.

mod blocks;
mod columns;
mod comma_separated;
mod failed_rows;
mod format;
mod json;
mod new_file;
mod results;
mod screen_text;
mod value;

pub use failed_rows::write_failed_rows;
pub use format::{Format, UnknownFormat};
pub use results::ResultsWriter;
pub use value::{ColumnHead, Table, Value};

/// Where the output is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns of characters; `None` if it is no screen: then nothing is shortened.
    pub width: Option<u16>,
    /// Whether it takes colours and bold letters.
    pub color: bool,
}

/// The table as text that ends with a line end; empty for a table without rows in the formats
/// `table`, `list` and `jsonl`.
pub fn render(table: &Table, format: Format, screen: &Screen) -> String {
    match format {
        Format::Table => columns::render(table, *screen),
        Format::List => blocks::render(table, *screen),
        Format::Json => json::array(table),
        Format::Jsonl => json::lines(table),
        Format::Csv => comma_separated::render(table),
    }
}
