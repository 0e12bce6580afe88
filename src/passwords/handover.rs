//! The folder in which the temporary passwords of a run are handed over.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Letter, PasswordFault};
use crate::state::private_file;

/// A folder of letters that only its owner may read, and that git leaves alone. Letters stay until
/// their owner removes them.
#[derive(Debug)]
pub struct Handover {
    folder: PathBuf,
}

impl Handover {
    /// Makes the folder (0700), before anything else of the run is written. One that is there, of
    /// the same run or chosen by the person, must be a real folder, ours, and closed to others.
    pub fn prepare(folder: &Path) -> Result<Self, PasswordFault> {
        let failed = |error: io::Error| PasswordFault::io(folder, &error);
        match fs::symlink_metadata(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                private_file::create_folder(folder).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
            Ok(_) => {}
        }
        // Also when we have just made it: somebody may have been faster.
        check_folder(folder)?;
        let ignore = folder.join(".gitignore");
        match private_file::create(&ignore, b"*\n") {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(PasswordFault::io(&ignore, &error))
            }
            _ => Ok(Self { folder: folder.to_owned() }),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes the letter (0600) to a file named for the user. An earlier letter to the same person
    /// is replaced; one to somebody else, such as the namesake in another profile, is left, and the
    /// letter gets the next free name (`eva.li-2.txt`).
    pub fn write_letter(&self, letter: &Letter<'_>) -> Result<PathBuf, PasswordFault> {
        let name = file_name(letter.user_name.as_str());
        let mut path = self.folder.join(format!("{name}.txt"));
        let mut number = 1;
        while is_anothers(&path, letter)? {
            number += 1;
            path = self.folder.join(format!("{name}-{number}.txt"));
        }
        private_file::replace(&path, letter.text().as_bytes())
            .map_err(|error| PasswordFault::io(&path, &error))?;
        Ok(path)
    }
}

fn check_folder(folder: &Path) -> Result<(), PasswordFault> {
    let path = folder.to_owned();
    let metadata =
        fs::symlink_metadata(folder).map_err(|error| PasswordFault::io(folder, &error))?;
    if metadata.is_symlink() {
        return Err(PasswordFault::Link { path });
    }
    if !metadata.is_dir() {
        return Err(PasswordFault::NotAFolder { path });
    }
    if !private_file::is_ours(&metadata) {
        return Err(PasswordFault::OfSomeoneElse { path });
    }
    match private_file::rights_of_others(&metadata) {
        Some(mode) => Err(PasswordFault::OpenToOthers { path, mode }),
        None => Ok(()),
    }
}

/// Whether there is a file that is not an earlier letter to this person.
fn is_anothers(path: &Path, letter: &Letter<'_>) -> Result<bool, PasswordFault> {
    match fs::read(path) {
        Ok(bytes) => {
            let text = zeroize::Zeroizing::new(bytes);
            Ok(!std::str::from_utf8(&text).is_ok_and(|text| letter.is_for_same_person(text)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(PasswordFault::io(path, &error)),
    }
}

/// Letters, digits and `. - _ '` as they are, everything else as `%` and hexadecimal digits: what
/// differs in a user name differs in the file's name, and nothing leaves the folder.
fn file_name(user_name: &str) -> String {
    let mut name = String::new();
    for c in user_name.chars() {
        if c.is_alphanumeric() || ".-_'".contains(c) {
            name.push(c);
        } else {
            name.push_str(&format!("%{:02X}", u32::from(c)));
        }
    }
    name
}
