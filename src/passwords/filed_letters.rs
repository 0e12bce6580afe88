//! Letters that lie in a hand-over folder: found and read again, never changed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::PasswordFault;
use super::handover::check_folder;
use super::letter_mark::LetterMark;
use crate::state::private_file;

/// A letter that lies there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiledLetter {
    /// To whom: the name in the directory, or the online ID of whoever is not in it.
    pub user_name: String,
    /// The file.
    pub path: PathBuf,
}

/// The letters of that run in the folder, by name. `None` if the folder is gone.
pub fn filed_letters(
    folder: &Path,
    run: &str,
    profile: &str,
    is_sandbox: bool,
) -> Result<Option<Vec<FiledLetter>>, PasswordFault> {
    let failed = |error: io::Error| PasswordFault::io(folder, &error);
    match fs::symlink_metadata(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        _ => check_folder(folder)?,
    }
    let mark = LetterMark { profile, is_sandbox };
    let mut letters = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        // A link leads to what may be anybody's: no letter is one.
        let is_file = entry.file_type().map_err(failed)?.is_file();
        if !is_file || path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = read(&path)?;
        if let Some((of_run, user_name)) = mark.read(&text)
            && of_run == run
        {
            letters.push(FiledLetter { user_name: user_name.to_owned(), path });
        }
    }
    letters.sort_by(|a, b| (&a.user_name, &a.path).cmp(&(&b.user_name, &b.path)));
    Ok(Some(letters))
}

impl FiledLetter {
    /// Whether it is for the person of that name.
    pub fn is_for(&self, user_name: &str) -> bool {
        self.user_name.to_lowercase() == user_name.trim().to_lowercase()
    }

    /// Fails if others than we could read the letter or have made it.
    pub fn check(&self) -> Result<(), PasswordFault> {
        let path = self.path.clone();
        let metadata =
            fs::symlink_metadata(&path).map_err(|error| PasswordFault::io(&path, &error))?;
        if !metadata.is_file() || !private_file::is_ours(&metadata) {
            return Err(PasswordFault::LetterOfSomeoneElse { path });
        }
        match private_file::rights_of_others(&metadata) {
            Some(mode) => Err(PasswordFault::OpenToOthers { path, mode }),
            None => Ok(()),
        }
    }

    /// The letter, with the password in it.
    pub fn open(&self) -> Result<Zeroizing<String>, PasswordFault> {
        self.check()?;
        read(&self.path)
    }
}

/// A text file's text; of any other, nothing that could be a letter.
fn read(path: &Path) -> Result<Zeroizing<String>, PasswordFault> {
    let bytes = fs::read(path).map_err(|error| PasswordFault::io(path, &error))?;
    Ok(Zeroizing::new(String::from_utf8(bytes).unwrap_or_default()))
}
