//! The header's record, and from it the separator.

use std::ops::Range;

use super::header::Header;
use super::scan::{Cell, Scanner};
use crate::table::TableFault;

/// What may stand between cells; the first wins where a header has one column only.
const SEPARATORS: [u8; 2] = [b',', b';'];

/// What some programs put before the header, at the beginning of the line.
const PREAMBLES: [&str; 3] = ["#TYPE", "version:", "sep="];

/// The first record of a file, read as a header.
pub(super) struct FirstRecord {
    pub(super) separator: u8,
    pub(super) places: Vec<Cell>,
    pub(super) cells: Vec<String>,
    /// Its place without the line end.
    pub(super) record: Range<usize>,
}

impl FirstRecord {
    /// Reads the first record with each separator and takes the one that gives the most headers
    /// that we know, or else the most cells.
    pub(super) fn find(text: &str, named: &str) -> Result<Self, TableFault> {
        let file = || named.to_owned();
        let line_of = |offset: usize| {
            let before = text.get(..offset).unwrap_or_default().matches('\n').count();
            u32::try_from(before + 1).unwrap_or(u32::MAX)
        };
        let content = text.trim_start();
        if content.is_empty() {
            return Err(TableFault::Empty { file: file() });
        }
        let start = content.trim_start_matches('"');
        if let Some(found) = PREAMBLES.into_iter().find(|preamble| start.starts_with(*preamble)) {
            let line = line_of(text.len() - content.len());
            return Err(TableFault::Preamble { file: file(), line, found });
        }
        let mut best: Option<Self> = None;
        let mut first_fault = None;
        for separator in SEPARATORS {
            match Self::read(text, separator) {
                Ok(found) if best.as_ref().is_none_or(|best| found.rank() > best.rank()) => {
                    best = Some(found);
                }
                Ok(_) => {}
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        match (best, first_fault) {
            (Some(best), _) if best.cells.len() == 1 && best.cells[0].contains('\t') => {
                Err(TableFault::Tabs { file: file() })
            }
            (Some(best), _) => Ok(best),
            (None, Some(fault)) => Err(TableFault::bad_quotes(fault, named)),
            (None, None) => Err(TableFault::Empty { file: file() }),
        }
    }

    fn read(text: &str, separator: u8) -> Result<Self, super::scan::BadQuotes> {
        let mut places = Vec::new();
        let record = Scanner::new(text, separator).record(&mut places)?;
        let record = record.map(|record| record.place).unwrap_or_default();
        let cells = places.iter().map(|cell| cell.value(text).into_owned()).collect();
        Ok(Self { separator, places, cells, record })
    }

    fn rank(&self) -> (usize, usize) {
        (Header::known(&self.cells), self.cells.len())
    }
}
