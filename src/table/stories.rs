//! Tables from end to end: files in, files out.

mod examples;
mod failed_rows;
mod files_refused;
mod files_understood;
mod formats;
mod passwords;
mod results;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{CsvTable, TableFault, read_csv};

/// A folder with one file of the given bytes.
struct Given {
    folder: TempDir,
    path: PathBuf,
}

impl Given {
    fn file(bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        std::fs::write(&path, bytes).unwrap();
        Self { folder, path }
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self) -> Result<CsvTable, TableFault> {
        read(&self.path)
    }
}

fn read(path: &Path) -> Result<CsvTable, TableFault> {
    read_csv(path, "people.csv")
}

/// Reads a file of these bytes that has to be right.
fn understood(bytes: impl AsRef<[u8]>) -> CsvTable {
    Given::file(bytes).read().unwrap()
}

/// Reads a file of these bytes that has to be wrong.
fn refused(bytes: impl AsRef<[u8]>) -> TableFault {
    Given::file(bytes).read().unwrap_err()
}
