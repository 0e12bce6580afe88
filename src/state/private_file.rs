//! Files and folders that nobody but their owner may read. Everything about Unix permissions is
//! here, so that another system needs a second version of this file only.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read as _, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use rustix::fs::OFlags;
use tempfile::{NamedTempFile, TempPath};

/// Makes the folder, and those above it that are missing, with rights for the owner only (0700).
/// One that is there is left as it is.
pub fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes the file with rights for the owner only (0600) and this content, whole or not at all.
/// One that is there is left as it is, and the error is [`io::ErrorKind::AlreadyExists`].
pub fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    complete(path, content)?.persist_noclobber(path).map_err(|refused| refused.error)?;
    sync_folder(path)
}

/// [`create`] for a file that others may read, since what is in it is sealed or public (0644), in a
/// folder that we perhaps may only write to.
pub fn create_readable(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = temporary(path, content)?;
    file.as_file().set_permissions(Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    let file = file.persist_noclobber(path).map_err(|refused| refused.error)?;
    match sync_folder(path) {
        Err(refused) if refused.kind() == io::ErrorKind::PermissionDenied => sync_all_of(&file),
        synced => synced,
    }
}

/// Waits until everything on the disk of that file is written, its name among it.
#[cfg(target_os = "linux")]
fn sync_all_of(file: &File) -> io::Result<()> {
    Ok(rustix::fs::syncfs(file)?)
}

/// Waits for the file; its name is on disk some seconds later.
#[cfg(not(target_os = "linux"))]
fn sync_all_of(file: &File) -> io::Result<()> {
    file.sync_all()
}

/// Replaces the file, or makes it, with rights for the owner only (0600). Whoever looks sees the
/// old content or the new, also after a power cut.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    complete(path, content)?.persist(path).map_err(|refused| refused.error)?;
    sync_folder(path)
}

/// [`replace`] without waiting for the disk: whoever writes many files of one folder calls
/// [`sync_all_in`] after the last. Waiting for each takes a minute for ten thousand.
pub fn replace_unsynced(path: &Path, content: &[u8]) -> io::Result<()> {
    let file = temporary(path, content)?;
    file.into_temp_path().persist(path).map_err(|refused| refused.error)
}

/// Waits until everything that was written in the folder is on disk.
#[cfg(target_os = "linux")]
pub fn sync_all_in(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Waits until everything that was written in the folder is on disk.
#[cfg(not(target_os = "linux"))]
pub fn sync_all_in(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(folder)?.sync_all()
}

/// Reads a file that somebody else may have put there: a file and nothing that looks like one, and no more
/// than `most` bytes of it. Anything else is [`io::ErrorKind::InvalidData`].
pub fn read_foreign(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // A link leads elsewhere, and a pipe would let us wait for ever.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens the file for reading and writing as it is; one that isn't there is made empty, with
/// rights for the owner only.
pub fn open_or_create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// The permission bits if anybody but the owner has a right to it.
pub fn rights_of_others(metadata: &Metadata) -> Option<u32> {
    let mode = metadata.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Whether it belongs to the user we run as.
pub fn is_ours(metadata: &Metadata) -> bool {
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Whether two files belong to the same user.
pub fn same_owner(one: &Metadata, other: &Metadata) -> bool {
    one.uid() == other.uid()
}

/// Whether others may exchange files in a folder: they may write there, and it isn't marked so that each
/// replaces only their own.
pub fn others_may_replace(folder: &Metadata) -> bool {
    let mode = folder.permissions().mode();
    mode & 0o022 != 0 && mode & 0o1000 == 0
}

/// A temporary file beside `path` with the content on disk. It is closed before it gets its name:
/// closing a database's file drops the locks that `SQLite` holds on it in this process.
fn complete(path: &Path, content: &[u8]) -> io::Result<TempPath> {
    let file = temporary(path, content)?;
    file.as_file().sync_all()?;
    Ok(file.into_temp_path())
}

/// tempfile makes its files with 0600.
fn temporary(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(folder_of(path))?;
    file.write_all(content)?;
    Ok(file)
}

/// A new name is safe on disk only when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folders_and_files_are_made_for_the_owner_only() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_folder(&folder).unwrap();
        create(&folder.join("made"), b"x").unwrap();
        replace(&folder.join("replaced"), b"x").unwrap();
        replace_unsynced(&folder.join("one of many"), b"x").unwrap();
        sync_all_in(&folder).unwrap();
        open_or_create(&folder.join("opened")).unwrap();

        assert_eq!((mode(&home.path().join("a")), mode(&folder)), (0o700, 0o700));
        for file in ["made", "replaced", "one of many", "opened"] {
            assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
        }
    }

    #[test]
    fn creating_leaves_a_file_that_is_there_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        create(&path, b"first").unwrap();
        let refused = create(&path, b"second").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn replacing_gives_a_file_that_all_could_read_the_owners_rights() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "open").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(rights_of_others(&fs::metadata(&path).unwrap()), Some(0o644));

        replace(&path, b"closed").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"closed");
        assert_eq!(rights_of_others(&fs::metadata(&path).unwrap()), None);
        assert!(is_ours(&fs::metadata(&path).unwrap()));
    }
}
