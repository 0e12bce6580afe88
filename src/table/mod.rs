//! Tables in and out.
//!
//! What belongs here: files that people bring (`csv_in`: bytes → rows with named cells), and data
//! that goes out (`out`: tables for the eye, JSON and CSV for programs, results and failed rows).
//! What doesn't: what a row is good for (`plan`, `script`), where output goes (`cli`), what a value
//! means (`model`).
//!
//! To read one more kind of file: one more folder beside `csv_in` that gives rows. To write one
//! more format: one file in `out` and one line of its [`Format`].

mod csv_in;
mod fault;
mod out;
#[cfg(test)]
mod stories;

pub use csv_in::{CellText, Column, CsvTable, Row, read_csv};
pub use fault::TableFault;
pub use out::{
    ColumnHead, Format, ResultsWriter, Screen, Table, UnknownFormat, Value, render,
    write_failed_rows,
};
