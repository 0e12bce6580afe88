//! Tables as CSV: RFC 4180 in UTF-8 without byte order mark, `,` and `\r\n`.

use std::io::Write;

use super::{Table, Value};

/// A writer for a file or a text.
pub(super) fn writer<W: Write>(to: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to)
}

pub(super) fn render(table: &Table) -> String {
    if table.columns.is_empty() {
        return String::new();
    }
    let mut writer = writer(Vec::new());
    // Writing to memory can't fail, and `pairs` gives rows of one length.
    let _ = writer.write_record(table.columns.iter().map(|head| &head.name));
    for row in table.pairs() {
        let _ = writer.write_record(row.map(|(_, value): (_, &Value)| value.plain().into_owned()));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
