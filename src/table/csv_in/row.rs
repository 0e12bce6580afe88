//! Rows as they are used: named cells of one text that all rows of a file share.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::Column;
use crate::model::{Field, Origin, Secret, SourceFile};

/// A place in [`Sheet::text`]. 32 bits, since a file has millions of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    pub(super) fn new(range: &Range<usize>) -> Self {
        let short = |place: usize| u32::try_from(place).expect("a file has at most 1 GiB");
        Self { start: short(range.start), end: short(range.end) }
    }

    fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Where a row's parts are.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowPlace {
    pub(super) line: u32,
    pub(super) raw: Span,
    /// Its cells in [`Sheet::cells`]; a short row has fewer than there are columns.
    pub(super) cells: Span,
}

/// What all rows of a file share.
pub(super) struct Sheet {
    pub(super) source: SourceFile,
    pub(super) columns: Vec<Column>,
    /// The records as in the file, without secret cells; behind a record its cells that hold
    /// doubled quotes, in plain.
    pub(super) text: String,
    pub(super) places: Vec<RowPlace>,
    pub(super) cells: Vec<Span>,
    /// One for each row, if there is a column of secrets.
    pub(super) secrets: Vec<Option<Secret>>,
}

/// A row of a file. Cheap to clone.
#[derive(Clone)]
pub struct Row {
    sheet: Arc<Sheet>,
    number: usize,
}

/// What a cell holds.
#[derive(Clone, Copy)]
pub enum CellText<'a> {
    /// A text without blanks around it; empty where the row has nothing.
    Plain(&'a str),
    /// A password; `None` where the row has none.
    Secret(Option<&'a Secret>),
}

impl Row {
    /// All rows of a sheet.
    pub(super) fn all(sheet: Sheet) -> Vec<Self> {
        let sheet = Arc::new(sheet);
        let numbers = 0..sheet.places.len();
        numbers.map(|number| Self { sheet: Arc::clone(&sheet), number }).collect()
    }

    fn place(&self) -> RowPlace {
        // Rows are made by `all` only, one for each place.
        self.sheet.places[self.number]
    }

    /// The 1-based line of the file on which the row begins.
    pub fn line(&self) -> u32 {
        self.place().line
    }

    /// The cell's text without blanks around it; empty where the row has nothing. `None` if there
    /// is no such column, and for the password, which is no text: see [`Row::secret`].
    pub fn text(&self, column_name: &str) -> Option<&str> {
        self.plain(|column| column.name == column_name)
    }

    /// As [`Row::text`], by field.
    pub fn by_field(&self, field: Field) -> Option<&str> {
        self.plain(|column| column.field == Some(field))
    }

    fn plain(&self, wanted: impl Fn(&Column) -> bool) -> Option<&str> {
        let column = self.columns().iter().position(wanted)?;
        match self.cell(column) {
            CellText::Plain(text) => Some(text),
            CellText::Secret(_) => None,
        }
    }

    /// The password; `None` if the cell is empty or there is no such column.
    pub fn secret(&self) -> Option<&Secret> {
        self.sheet.secrets.get(self.number)?.as_ref()
    }

    /// The file's columns.
    pub fn columns(&self) -> &[Column] {
        &self.sheet.columns
    }

    /// Every column with this row's cell, in the order of the file.
    pub fn cells(&self) -> impl Iterator<Item = (&Column, CellText<'_>)> {
        let numbered = self.columns().iter().enumerate();
        numbered.map(|(number, column)| (column, self.cell(number)))
    }

    fn cell(&self, column: usize) -> CellText<'_> {
        if self.columns().get(column).is_some_and(Column::is_secret) {
            return CellText::Secret(self.secret());
        }
        let Span { start, end } = self.place().cells;
        let cells = self.sheet.cells.get(start as usize..end as usize).unwrap_or_default();
        CellText::Plain(cells.get(column).copied().unwrap_or_default().of(&self.sheet.text))
    }

    /// The row as it stands in its file, without line end, password cells emptied.
    pub fn raw(&self) -> &str {
        self.place().raw.of(&self.sheet.text)
    }

    /// The file it came from.
    pub fn source(&self) -> &SourceFile {
        &self.sheet.source
    }

    /// Where a change that this row asks for comes from.
    pub fn origin(&self) -> Origin {
        Origin {
            file: Some(self.sheet.source.name.clone()),
            line: self.line(),
            row: Some(self.raw().to_owned()),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({}:{})", self.sheet.source.name, self.line())
    }
}
