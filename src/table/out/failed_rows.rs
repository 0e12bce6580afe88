//! The rows of a file that failed, in a file that runs again.

use std::borrow::Cow;
use std::io::{BufWriter, Write};
use std::path::Path;

use super::new_file::{NewFile, unwritable};
use crate::model::SourceFile;
use crate::table::TableFault;
use crate::table::csv_in::REASON;
use crate::table::csv_in::scan::Scanner;

/// Writes the header and the given rows of `source` as they were, each with its reason in one more
/// column, `acctsh_reason`, which is left out when the file is read again. Rows are as
/// [`Origin`](crate::model::Origin) has them: without line end, password cells emptied.
///
/// Byte-true but for one thing: cells beyond the header's last one, which are empty in a file that
/// could be read, are dropped, so that the reason stands under its header.
pub fn write_failed_rows<'a>(
    path: &Path,
    source: &SourceFile,
    rows: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), TableFault> {
    let failed = |fault| unwritable(path, fault);
    let separator = u8::try_from(source.separator).unwrap_or(b',');
    let head = source.head.strip_suffix(&source.line_end).unwrap_or(&source.head);
    let mut cells = Vec::new();
    let mut scan = |row: &str| {
        let scanned = Scanner::new(row, separator).record(&mut cells);
        scanned.map_err(|fault| TableFault::bad_quotes(fault, &source.name))?;
        Ok::<_, TableFault>(cells.iter().map(|cell| cell.place.end).collect::<Vec<_>>())
    };
    let columns = scan(head)?.len();
    let mut file = BufWriter::new(NewFile::create(path)?);
    let bom = if source.bom { "\u{feff}" } else { "" };
    write!(file, "{bom}{head}{}{REASON}{}", source.separator, source.line_end).map_err(failed)?;
    for (row, reason) in rows {
        let ends = scan(row)?;
        let kept = match ends.get(columns.saturating_sub(1)) {
            Some(end) => row.get(..*end).unwrap_or(row),
            None => row,
        };
        file.write_all(kept.as_bytes()).map_err(failed)?;
        for _ in ends.len().min(columns)..=columns {
            write!(file, "{}", source.separator).map_err(failed)?;
        }
        write!(file, "{}{}", quoted(reason, source.separator), source.line_end).map_err(failed)?;
    }
    file.into_inner().map_err(|fault| failed(fault.into_error()))?.finish()
}

fn quoted(text: &str, separator: char) -> Cow<'_, str> {
    let special = |c: char| c == separator || matches!(c, '"' | '\n' | '\r');
    if text.contains(special) || text.starts_with(' ') {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}
