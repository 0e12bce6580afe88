//! A file that is there as a whole or not at all.

use std::fs::{File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::table::TableFault;

/// Written under another name beside its place; [`NewFile::finish`] moves it there, in place of
/// what may be there. Dropped before that it leaves nothing behind.
pub(super) struct NewFile {
    path: PathBuf,
    temporary: NamedTempFile,
}

impl NewFile {
    pub(super) fn create(path: &Path) -> Result<Self, TableFault> {
        if path.is_dir() {
            return Err(unwritable(path, io::ErrorKind::IsADirectory.into()));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".acctsh-").suffix(".part");
        let rights = normal_rights();
        if let Some(rights) = &rights {
            builder.permissions(rights.clone());
        }
        let temporary = builder.tempfile_in(folder).map_err(|source| unwritable(path, source))?;
        Ok(Self { path: path.to_owned(), temporary })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn finish(self) -> Result<(), TableFault> {
        let Self { path, temporary } = self;
        temporary.as_file().sync_all().map_err(|source| unwritable(&path, source))?;
        temporary.persist(&path).map_err(|fault| unwritable(&path, fault.error))?;
        Ok(())
    }
}

impl io::Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::Write::write(self.temporary.as_file_mut() as &mut File, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::Write::flush(self.temporary.as_file_mut() as &mut File)
    }
}

pub(super) fn unwritable(path: &Path, source: io::Error) -> TableFault {
    TableFault::Unwritable { file: path.display().to_string(), source }
}

/// As for any new file: read and write for all, less the umask. Temporary files would be private.
#[cfg(unix)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have no such rights")]
fn normal_rights() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn normal_rights() -> Option<Permissions> {
    None
}
