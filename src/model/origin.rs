//! Where a change came from: the row or the script line that asked for it.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The row of a file, or the line of a script, that a change belongs to. It goes with the change
/// into problems, results and failed rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The file as the person named it; `None` for a line typed at the prompt or after `-c`.
    pub file: Option<String>,
    /// 1-based line on which the row begins; 0 where a line would tell nothing, such as inside the
    /// standard library.
    pub line: u32,
    /// The row as it stands in its file, without the line end, but with password cells emptied;
    /// `None` for a script line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

impl Origin {
    /// `starters.csv:7`, or `line 7`. The file's folder is left out.
    pub fn label(&self) -> String {
        let file = self.file.as_deref().map(|file| {
            Path::new(file).file_name().map_or_else(|| file.into(), |name| name.to_string_lossy())
        });
        match (file, self.line) {
            (Some(file), 0) => file.into_owned(),
            (Some(file), line) => format!("{file}:{line}"),
            (None, line) => format!("line {line}"),
        }
    }
}

/// A file that rows came from: what is needed to write rows of it back as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// The file as the person named it.
    pub name: String,
    /// Whether it begins with a byte order mark.
    pub bom: bool,
    /// What stands before the first row: the header with its line end.
    pub head: String,
    /// How its lines end, `\n` or `\r\n`.
    pub line_end: String,
    /// The separator between cells.
    pub separator: char,
}
