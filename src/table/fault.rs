//! What can be wrong with a file that is read or written. No fault ever holds the content of a
//! cell: a shifted row may have a password in any of them.

use std::io;

use thiserror::Error;

use super::csv_in::MAX_BYTES;

/// Why a file can't be read as a table, or not be written. `file` is the file as the person named
/// it, `line` the 1-based line of the file, `cell` the 1-based place in the row.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the fields are described above, the variants by their messages")]
pub enum TableFault {
    /// Nothing has that name.
    #[error("{file}: there is no such file")]
    NotFound { file: String },
    /// It is a folder.
    #[error("{file} is a folder, not a file")]
    Folder { file: String },
    /// The system doesn't let us read it.
    #[error("{file} can't be read: {source}")]
    Unreadable { file: String, source: io::Error },
    /// More than a list of people can be.
    #[error("{file} has more than {} MiB", MAX_BYTES / (1024 * 1024))]
    TooLarge { file: String },
    /// Its bytes are not UTF-8 text; `byte` counts from 0.
    #[error("{file} is not UTF-8 text: line {line}, byte {byte} of the file")]
    NotUtf8 { file: String, line: u32, byte: usize },
    /// Not one character besides line ends.
    #[error("{file} is empty")]
    Empty { file: String },
    /// Only a header.
    #[error("{file} has a header, but no rows")]
    NoRows { file: String },
    /// Something else stands where the header is expected.
    #[error("{file}: line {line} begins with {found:?}, which is not a header")]
    Preamble { file: String, line: u32, found: &'static str },
    /// The separator is the tab.
    #[error("{file}: the columns are separated by tabs")]
    Tabs { file: String },
    /// Two headers for one thing.
    #[error("{file}: the columns {first:?} and {second:?} both mean {meaning}")]
    SameMeaning { file: String, first: String, second: String, meaning: &'static str },
    /// A value where the header names no column.
    #[error("{file}:{line}: there is a value in cell {cell}, but the header names no column there")]
    NoSuchColumn { file: String, line: u32, cell: usize },
    /// A line end of old Macs among others: the second half of the row would become a person.
    #[error("{file}:{line}: the row is cut by a carriage return without line feed")]
    LoneReturn { file: String, line: u32 },
    /// The quote at the beginning of a cell has no partner.
    #[error("{file}:{line}: cell {cell} begins with a quote that is never closed")]
    OpenQuote { file: String, line: u32, cell: usize },
    /// A quoted cell has something outside its quotes.
    #[error("{file}:{line}: cell {cell} has text or blanks outside its quotes")]
    OutsideQuotes { file: String, line: u32, cell: usize },
    /// The system doesn't let us write it.
    #[error("{file} can't be written: {source}")]
    Unwritable { file: String, source: io::Error },
    /// The row given to a writer has not as many values as there are columns.
    #[error("{file}: a row of {values} values for {columns} columns")]
    Uneven { file: String, values: usize, columns: usize },
}

impl TableFault {
    /// A stable name, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "file_not_found",
            Self::Folder { .. } => "file_is_folder",
            Self::Unreadable { .. } => "file_unreadable",
            Self::TooLarge { .. } => "file_too_large",
            Self::NotUtf8 { .. } => "not_utf8",
            Self::Empty { .. } => "file_empty",
            Self::NoRows { .. } => "no_rows",
            Self::Preamble { .. } => "no_header",
            Self::Tabs { .. } => "unknown_separator",
            Self::SameMeaning { .. } => "column_twice",
            Self::NoSuchColumn { .. } => "too_many_cells",
            Self::LoneReturn { .. } => "bad_line_end",
            Self::OpenQuote { .. } | Self::OutsideQuotes { .. } => "bad_quotes",
            Self::Unwritable { .. } => "file_unwritable",
            Self::Uneven { .. } => "uneven_row",
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotUtf8 { .. } => {
                "in the spreadsheet choose Save As, \"CSV UTF-8 (Comma delimited)\""
            }
            Self::Tabs { .. } => {
                "save it as \"CSV UTF-8\", with commas or semicolons between the columns"
            }
            Self::Empty { .. } | Self::NoRows { .. } => {
                "the first line names the columns, each line below it is one person"
            }
            Self::Preamble { .. } => "remove that line, so that the file begins with its header",
            Self::SameMeaning { .. } => "remove or rename one of them",
            Self::NoSuchColumn { .. } => {
                "put quotes around a value that holds the separator, or name the column"
            }
            Self::LoneReturn { .. } => "remove it, or put quotes around the cell that holds it",
            Self::OpenQuote { .. } => "close it; a quote inside a quoted cell is written twice",
            Self::OutsideQuotes { .. } => {
                "put the quotes around the whole cell; a quote inside them is written twice"
            }
            Self::NotFound { .. }
            | Self::Folder { .. }
            | Self::Unreadable { .. }
            | Self::TooLarge { .. }
            | Self::Unwritable { .. }
            | Self::Uneven { .. } => return None,
        })
    }

    /// The line of the file that is wrong, where there is one.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::NotUtf8 { line, .. }
            | Self::Preamble { line, .. }
            | Self::NoSuchColumn { line, .. }
            | Self::LoneReturn { line, .. }
            | Self::OpenQuote { line, .. }
            | Self::OutsideQuotes { line, .. } => Some(*line),
            _ => None,
        }
    }

    /// Whether the fault is in what the file says, rather than in getting at it.
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Unwritable { .. } | Self::Uneven { .. })
    }
}
