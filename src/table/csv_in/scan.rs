//! Where records and cells begin and end. Nothing is copied and nothing judged here.
//!
//! Why not the `csv` crate: it gives a cell's value but not its place, and rows have to be written
//! back byte for byte without the bytes of the password; and it takes a quote that is never closed
//! for a cell with the rest of the file. A property test below holds this file against it.

use std::borrow::Cow;
use std::ops::Range;

/// How a cell's text stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::table) enum Quoting {
    /// As it is.
    Bare,
    /// Between quotes.
    Quoted,
    /// Between quotes, with quotes inside, each written twice.
    Doubled,
}

/// A cell's place, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::table) struct Cell {
    pub(in crate::table) place: Range<usize>,
    pub(in crate::table) quoting: Quoting,
}

impl Cell {
    /// Whether it says nothing. (A cell with doubled quotes says at least a quote; not looking
    /// closer leaves no copy of a password behind.)
    pub(in crate::table) fn is_blank(&self, text: &str) -> bool {
        self.quoting != Quoting::Doubled && self.value(text).trim().is_empty()
    }

    /// What the cell says, blanks around it included.
    pub(in crate::table) fn value<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Range { start, end } = self.place;
        match self.quoting {
            Quoting::Bare => Cow::Borrowed(&text[start..end]),
            Quoting::Quoted => Cow::Borrowed(&text[start + 1..end - 1]),
            Quoting::Doubled => Cow::Owned(text[start + 1..end - 1].replace("\"\"", "\"")),
        }
    }
}

/// A record's place without its line end, and the line on which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::table) struct Record {
    pub(in crate::table) place: Range<usize>,
    pub(in crate::table) line: u32,
}

/// Quotes that can't be understood. `cell` counts from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::table) enum BadQuotes {
    Open { line: u32, cell: usize },
    Outside { line: u32, cell: usize },
}

/// Goes over a text record by record; lines without a character are no records.
pub(in crate::table) struct Scanner<'a> {
    text: &'a str,
    separator: u8,
    at: usize,
    line: u32,
}

impl<'a> Scanner<'a> {
    /// The separator has to be an ASCII character.
    pub(in crate::table) fn new(text: &'a str, separator: u8) -> Self {
        Self { text, separator, at: 0, line: 1 }
    }

    /// The next record; its cells replace those in `cells`.
    pub(in crate::table) fn record(
        &mut self,
        cells: &mut Vec<Cell>,
    ) -> Result<Option<Record>, BadQuotes> {
        cells.clear();
        while self.line_end() {}
        if self.peek().is_none() {
            return Ok(None);
        }
        let (start, line) = (self.at, self.line);
        loop {
            cells.push(self.cell(cells.len() + 1)?);
            if self.peek() != Some(self.separator) {
                break;
            }
            self.at += 1;
        }
        let place = start..self.at;
        self.line_end();
        Ok(Some(Record { place, line }))
    }

    /// Where the next record, or an empty line before it, begins.
    pub(in crate::table) fn at(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over one line end, if there is one: `\n`, `\r\n`, or the `\r` of old Macs.
    fn line_end(&mut self) -> bool {
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(b'\r') => {
                self.at += 1;
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            _ => return false,
        }
        self.line += 1;
        true
    }

    fn cell(&mut self, number: usize) -> Result<Cell, BadQuotes> {
        let (start, line) = (self.at, self.line);
        let quoting = match self.peek() {
            Some(b'"') => self.quoted().ok_or(BadQuotes::Open { line, cell: number })?,
            _ => Quoting::Bare,
        };
        let after_quotes = self.at;
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r') || *byte == self.separator;
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        let outside = match quoting {
            // `a, "b, c"`: other programs disagree on what that means.
            Quoting::Bare => self.text[start..self.at].trim_start().starts_with('"'),
            Quoting::Quoted | Quoting::Doubled => self.at > after_quotes,
        };
        if outside {
            return Err(BadQuotes::Outside { line, cell: number });
        }
        Ok(Cell { place: start..self.at, quoting })
    }

    /// Steps over a quoted text; `None` if it never ends.
    fn quoted(&mut self) -> Option<Quoting> {
        let mut quoting = Quoting::Quoted;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    if self.peek() != Some(b'"') {
                        return Some(quoting);
                    }
                    quoting = Quoting::Doubled;
                    self.at += 1;
                }
                b'\n' | b'\r' => {
                    self.line_end();
                }
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn records(text: &str, separator: u8) -> Result<Vec<(u32, Vec<String>)>, BadQuotes> {
        let mut scanner = Scanner::new(text, separator);
        let (mut cells, mut records) = (Vec::new(), Vec::new());
        while let Some(record) = scanner.record(&mut cells)? {
            let values = cells.iter().map(|cell| cell.value(text).into_owned());
            records.push((record.line, values.collect()));
        }
        Ok(records)
    }

    #[test]
    fn lines_are_counted_over_quoted_line_ends_and_empty_lines() {
        let text = "a,b\r\n\r\n\"x\r\ny\",\"say \"\"hi\"\"\"\r\nlast";
        let expected = [
            (1, vec!["a".to_owned(), "b".to_owned()]),
            (3, vec!["x\r\ny".to_owned(), "say \"hi\"".to_owned()]),
            (5, vec!["last".to_owned()]),
        ];
        assert_eq!(records(text, b',').unwrap(), expected);
    }

    #[test]
    fn quotes_that_programs_disagree_on_are_refused() {
        assert_eq!(records("a\nb,\"c\nd", b','), Err(BadQuotes::Open { line: 2, cell: 2 }));
        assert_eq!(records("\"a\"b", b','), Err(BadQuotes::Outside { line: 1, cell: 1 }));
        assert_eq!(records("a, \"b, c\"", b','), Err(BadQuotes::Outside { line: 1, cell: 2 }));
        assert_eq!(records("5\" disk,b", b',').unwrap()[0].1[0], "5\" disk");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_reads_as_the_csv_crate_reads_it(
            text in "([a-c é]|[,;]|\"|\"\"|\n|\r\n|\r){0,40}",
            separator in prop_oneof![Just(b','), Just(b';')],
        ) {
            let Ok(ours) = records(&text, separator) else { return Ok(()) };
            let mut reader = csv::ReaderBuilder::new();
            reader.has_headers(false).flexible(true).delimiter(separator);
            let mut theirs = Vec::new();
            for record in reader.from_reader(text.as_bytes()).into_records() {
                theirs.push(record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
            }
            let ours: Vec<_> = ours.into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn whatever_the_csv_crate_writes_is_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a, \"\n;é]{0,6}", 2..5), 1..6),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let read = records(&text, b',').unwrap();
            let cells: Vec<_> = read.into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(cells, rows);
        }
    }
}
