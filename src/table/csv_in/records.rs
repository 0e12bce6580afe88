//! What is kept of a file's records: all bytes but those of passwords and of earlier reasons.

use std::ops::Range;

use zeroize::Zeroizing;

use super::Column;
use super::file::TextFile;
use super::header::{Header, Place};
use super::row::{RowPlace, Sheet, Span};
use super::scan::{Cell, Quoting, Record, Scanner};
use super::separator::FirstRecord;
use crate::model::{Secret, SourceFile};
use crate::table::TableFault;

/// Goes over the rows below the header.
pub(super) fn keep(file: &TextFile, first: &FirstRecord, named: &str) -> Result<Sheet, TableFault> {
    let text = file.text();
    let Header { columns, places } = Header::understand(&first.cells, named)?;
    let mut scanner = Scanner::new(text, first.separator);
    let mut cells = Vec::new();
    let bad_quotes = |fault| TableFault::bad_quotes(fault, named);
    scanner.record(&mut cells).map_err(bad_quotes)?;
    let line_end = text.get(first.record.end..scanner.at()).unwrap_or_default().to_owned();
    let source = SourceFile {
        name: named.to_owned(),
        bom: file.bom,
        head: head(text, first, &places) + line_end.as_str(),
        line_end,
        separator: char::from(first.separator),
    };
    let secret = columns.iter().any(Column::is_secret);
    let mut keeper = Keeper {
        text,
        places: &places,
        secret,
        sheet: Sheet {
            source,
            columns,
            text: String::with_capacity(text.len().saturating_sub(scanner.at())),
            places: Vec::new(),
            cells: Vec::new(),
            secrets: Vec::new(),
        },
    };
    let old_mac = keeper.sheet.source.line_end == "\r";
    while let Some(record) = scanner.record(&mut cells).map_err(bad_quotes)? {
        let end = text.get(record.place.end..scanner.at()).unwrap_or_default();
        if !end.is_empty() && (end == "\r") != old_mac {
            return Err(TableFault::LoneReturn { file: named.to_owned(), line: record.line });
        }
        keeper.take(&record, &cells)?;
    }
    if keeper.sheet.places.is_empty() {
        return Err(TableFault::NoRows { file: named.to_owned() });
    }
    Ok(keeper.sheet)
}

/// The header, and what stands before it, without the reason's column.
fn head(text: &str, first: &FirstRecord, places: &[Place]) -> String {
    let mut kept = String::new();
    let mut copied = 0;
    for (cell, place) in first.places.iter().zip(places) {
        if *place == Place::Reason {
            let cut = with_separator(cell, &first.record);
            kept.push_str(&text[copied..cut.start]);
            copied = cut.end;
        }
    }
    kept.push_str(&text[copied..first.record.end]);
    kept
}

/// A cell with the separator before it, or after it if it is the first of its record.
fn with_separator(cell: &Cell, record: &Range<usize>) -> Range<usize> {
    let Range { start, end } = cell.place;
    if start > record.start { start - 1..end } else { start..record.end.min(end + 1) }
}

struct Keeper<'a> {
    text: &'a str,
    places: &'a [Place],
    /// Whether there is a column of secrets.
    secret: bool,
    sheet: Sheet,
}

impl Keeper<'_> {
    fn take(&mut self, record: &Record, cells: &[Cell]) -> Result<(), TableFault> {
        let place_of = |number: usize| self.places.get(number).copied();
        let says_something = |(number, cell): (usize, &Cell)| {
            place_of(number) != Some(Place::Reason) && !cell.is_blank(self.text)
        };
        if !cells.iter().enumerate().any(says_something) {
            return Ok(());
        }
        let first_cell = self.sheet.cells.len();
        let raw_start = self.sheet.text.len();
        let mut copied = record.place.start;
        let mut secret = None;
        for (number, cell) in cells.iter().enumerate() {
            let place = self.places.get(number).copied().unwrap_or(Place::Nameless);
            match place {
                Place::Column(column) if self.is_secret(column) => {
                    self.copy(copied..cell.place.start);
                    copied = cell.place.end;
                    secret = self.secret(cell);
                    self.sheet.cells.push(Span::default());
                }
                Place::Column(_) => {
                    self.copy(copied..cell.place.end);
                    copied = cell.place.end;
                    self.keep_cell(cell);
                }
                Place::Reason => {
                    let cut = with_separator(cell, &record.place);
                    self.copy(copied..cut.start);
                    copied = cut.end;
                }
                Place::Nameless if cell.is_blank(self.text) => {}
                Place::Nameless => {
                    return Err(TableFault::NoSuchColumn {
                        file: self.sheet.source.name.clone(),
                        line: record.line,
                        cell: number + 1,
                    });
                }
            }
        }
        self.copy(copied..record.place.end);
        let raw = raw_start..self.sheet.text.len();
        self.keep_doubled(first_cell, cells);
        let sheet = &mut self.sheet;
        let cells = Span::new(&(first_cell..sheet.cells.len()));
        sheet.places.push(RowPlace { line: record.line, raw: Span::new(&raw), cells });
        if self.secret {
            sheet.secrets.push(secret);
        }
        Ok(())
    }

    fn is_secret(&self, column: usize) -> bool {
        self.secret && self.sheet.columns.get(column).is_some_and(Column::is_secret)
    }

    fn copy(&mut self, range: Range<usize>) {
        self.sheet.text.push_str(&self.text[range]);
    }

    /// Blanks around a password go as those around any cell: no password policy that a tenant
    /// takes allows them (`graph.md §5`), and templates are full of them.
    fn secret(&self, cell: &Cell) -> Option<Secret> {
        let value = Zeroizing::new(cell.value(self.text).into_owned());
        let password = value.trim();
        (!password.is_empty()).then(|| Secret::new(password.to_owned()))
    }

    /// Notes the place of the cell just copied, without quotes and blanks around it.
    fn keep_cell(&mut self, cell: &Cell) {
        let end = self.sheet.text.len();
        let start = end - cell.place.len();
        let inside = match cell.quoting {
            Quoting::Bare => start..end,
            Quoting::Quoted | Quoting::Doubled => start + 1..end - 1,
        };
        let trimmed = trimmed(&self.sheet.text, inside);
        self.sheet.cells.push(Span::new(&trimmed));
    }

    /// Puts the plain text of cells with doubled quotes behind the record.
    fn keep_doubled(&mut self, first_cell: usize, cells: &[Cell]) {
        let columns = cells.iter().zip(self.places).filter_map(|(cell, place)| match place {
            Place::Column(column) => Some((*column, cell)),
            Place::Nameless | Place::Reason => None,
        });
        for (column, cell) in columns.filter(|(_, cell)| cell.quoting == Quoting::Doubled) {
            if self.is_secret(column) {
                continue;
            }
            let start = self.sheet.text.len();
            self.sheet.text.push_str(&cell.value(self.text));
            let place = trimmed(&self.sheet.text, start..self.sheet.text.len());
            if let Some(kept) = self.sheet.cells.get_mut(first_cell + column) {
                *kept = Span::new(&place);
            }
        }
    }
}

/// The range without blanks at its ends.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = &text[range.clone()];
    let start = range.end - whole.trim_start().len();
    start..start + whole.trim().len()
}
