//! CSV files that people bring: from bytes to rows with named cells.
//!
//! [`read_csv`] goes through `file` (bytes, encoding), `separator`, `header` (what columns mean),
//! `scan` (where cells are) and `records` (what is kept of each row); `row` is what comes out. What
//! a cell's text is good for is not judged here: a user name may still be impossible.

mod file;
mod header;
mod records;
mod row;
pub(super) mod scan;
mod separator;

use std::path::Path;

pub(super) use file::MAX_BYTES;
pub use header::Column;
pub(super) use header::REASON;
pub use row::{CellText, Row};

use super::TableFault;
use crate::model::SourceFile;
use file::TextFile;
use separator::FirstRecord;

/// A file that was read.
#[derive(Debug, Clone)]
pub struct CsvTable {
    /// What is needed to write rows back as they were.
    pub source: SourceFile,
    /// The columns in their order, without nameless ones and the reason of an earlier failure.
    pub columns: Vec<Column>,
    /// The rows in their order, without empty ones; at least one.
    pub rows: Vec<Row>,
}

/// Reads a CSV file: UTF-8 with or without byte order mark, `,` or `;` between the columns, quotes
/// and line ends of any kind, short rows. `named` is the path as the person gave it; it stands in
/// messages and results.
pub fn read_csv(path: &Path, named: &str) -> Result<CsvTable, TableFault> {
    let file = TextFile::read(path, named)?;
    let first = FirstRecord::find(file.text(), named)?;
    let sheet = records::keep(&file, &first, named)?;
    let (source, columns) = (sheet.source.clone(), sheet.columns.clone());
    Ok(CsvTable { source, columns, rows: Row::all(sheet) })
}

impl TableFault {
    /// The scanner's fault with the file's name.
    pub(super) fn bad_quotes(fault: scan::BadQuotes, file: &str) -> Self {
        let file = file.to_owned();
        match fault {
            scan::BadQuotes::Open { line, cell } => Self::OpenQuote { file, line, cell },
            scan::BadQuotes::Outside { line, cell } => Self::OutsideQuotes { file, line, cell },
        }
    }
}
