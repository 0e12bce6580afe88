//! The file of a run's results: CSV, row by row, at its place only when it is complete.

use std::path::Path;

use super::new_file::{NewFile, unwritable};
use super::{ColumnHead, Value, comma_separated};
use crate::table::TableFault;

/// Writes a CSV file row by row. Dropped before [`ResultsWriter::finish`] it leaves no file, and
/// what was there before stays.
pub struct ResultsWriter {
    writer: csv::Writer<NewFile>,
    columns: usize,
}

impl ResultsWriter {
    /// Begins the file; its folder has to be there.
    pub fn create(path: &Path, columns: &[ColumnHead]) -> Result<Self, TableFault> {
        let mut writer = comma_separated::writer(NewFile::create(path)?);
        let names = columns.iter().map(|head| &head.name);
        writer.write_record(names).map_err(|fault| unwritable(path, fault.into()))?;
        Ok(Self { writer, columns: columns.len() })
    }

    /// Adds a row: a value for each column.
    pub fn push(&mut self, row: &[Value]) -> Result<(), TableFault> {
        if row.len() != self.columns {
            return Err(TableFault::Uneven {
                file: self.writer.get_ref().path().display().to_string(),
                values: row.len(),
                columns: self.columns,
            });
        }
        let cells = row.iter().map(|value| value.plain().into_owned());
        let written = self.writer.write_record(cells);
        written.map_err(|fault| unwritable(self.writer.get_ref().path(), fault.into()))
    }

    /// Puts the file in its place.
    pub fn finish(self) -> Result<(), TableFault> {
        let path = self.writer.get_ref().path().to_owned();
        let file = self.writer.into_inner();
        file.map_err(|fault| unwritable(&path, fault.into_error()))?.finish()
    }
}
