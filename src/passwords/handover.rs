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

    /// Writes the letter (0600) to a file named for the user, without waiting for the disk: that is
    /// [`sync`](Self::sync)'s, after the last. An earlier letter to the same person is replaced; one
    /// to somebody else, such as the namesake in another profile, is left, and the letter gets the
    /// next free name (`eva.li-2.txt`).
    pub fn write_letter(&self, letter: &Letter) -> Result<PathBuf, PasswordFault> {
        let path = self.path_for(letter)?;
        private_file::replace_unsynced(&path, letter.text().as_bytes())
            .map_err(|error| PasswordFault::io(&path, &error))?;
        Ok(path)
    }

    /// Waits until all letters are on disk.
    pub fn sync(&self) -> Result<(), PasswordFault> {
        private_file::sync_all_in(&self.folder)
            .map_err(|error| PasswordFault::io(&self.folder, &error))
    }

    /// The first of `eva.li.txt`, `eva.li-2.txt`, … that isn't somebody else's.
    fn path_for(&self, letter: &Letter) -> Result<PathBuf, PasswordFault> {
        let name = file_name(&letter.user_name);
        let mut path = self.folder.join(format!("{name}.txt"));
        let mut number = 1;
        while is_anothers(&path, letter)? {
            number += 1;
            path = self.folder.join(format!("{name}-{number}.txt"));
        }
        Ok(path)
    }
}

pub(super) fn check_folder(folder: &Path) -> Result<(), PasswordFault> {
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
fn is_anothers(path: &Path, letter: &Letter) -> Result<bool, PasswordFault> {
    match fs::read(path) {
        Ok(bytes) => {
            let text = zeroize::Zeroizing::new(bytes);
            Ok(!std::str::from_utf8(&text).is_ok_and(|text| letter.is_for_same_person(text)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(PasswordFault::io(path, &error)),
    }
}

/// File systems take 255 bytes; this leaves room for a number and the temporary file's name.
const NAME_BYTES: usize = 200;

/// Letters, digits and `. - _ '` as they are, everything else, and a dot at the start, as `%` and
/// hexadecimal digits: nothing leaves the folder or hides in it.
fn file_name(user_name: &str) -> String {
    let mut name = String::new();
    for (position, c) in user_name.char_indices() {
        let plain = c.is_alphanumeric() || "-_'".contains(c) || (c == '.' && position > 0);
        let written = if plain { c.to_string() } else { format!("%{:02X}", u32::from(c)) };
        if name.len() + written.len() > NAME_BYTES {
            break;
        }
        name.push_str(&written);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::passwords::{LetterLanguages, SetOn};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn letter(user_name: &str, profile: &str, password: Secret) -> Letter {
        Letter {
            template: LetterLanguages::load(None, None).unwrap().of(None),
            display_name: "Eva Li".to_owned(),
            user_name: user_name.to_owned(),
            online_id: None,
            password,
            set_on: SetOn::Local,
            profile: profile.to_owned(),
            is_sandbox: false,
            sign_in_url: "https://www.office.com".to_owned(),
            run: "20270131-0900-kcth".to_owned(),
        }
    }

    fn write(handover: &Handover, user_name: &str, profile: &str, password: &str) -> PathBuf {
        let password = Secret::new(password.to_owned());
        let path = handover.write_letter(&letter(user_name, profile, password)).unwrap();
        handover.sync().unwrap();
        path
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn folder_and_letters_are_for_their_owner_only_and_ignored_by_git() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("handover");
        let handover = Handover::prepare(&folder).unwrap();
        let path = write(&handover, "eva.li", "contoso", "Hk7m-Rw4t");
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
        assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
        assert!(fs::read_to_string(path).unwrap().contains("Hk7m-Rw4t"));
        assert_eq!(names(&folder), [".gitignore", "eva.li.txt"]);
    }

    #[test]
    fn a_resumed_run_finds_its_folder_and_replaces_its_letters() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("handover");
        let first = write(&Handover::prepare(&folder).unwrap(), "eva.li", "contoso", "old");
        let second = write(&Handover::prepare(&folder).unwrap(), "Eva.Li", "contoso", "new");
        // One name or, where file names differ by case, two; never the old password alone.
        assert!(fs::read_to_string(&second).unwrap().contains("  new"));
        assert!(first == second || names(&folder).len() == 3);

        let third = write(&Handover::prepare(&folder).unwrap(), "eva.li", "contoso", "newest");
        assert_eq!(third, first);
        assert!(fs::read_to_string(&third).unwrap().contains("  newest"));
    }

    #[test]
    fn a_letter_to_somebody_else_and_a_file_of_somebody_are_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let handover = Handover::prepare(&home.path().join("handover")).unwrap();
        let contoso = write(&handover, "eva.li", "contoso", "hers");
        fs::write(handover.folder().join("eva.li-2.txt"), "notes").unwrap();
        let fabrikam = write(&handover, "eva.li", "fabrikam", "the other's");

        assert_eq!(fabrikam.file_name().unwrap(), "eva.li-3.txt");
        assert!(fs::read_to_string(contoso).unwrap().contains("  hers"));
        assert_eq!(fs::read_to_string(handover.folder().join("eva.li-2.txt")).unwrap(), "notes");
        assert_eq!(write(&handover, "eva.li", "fabrikam", "again"), fabrikam);
    }

    #[test]
    fn a_folder_that_is_a_link_or_open_to_others_or_no_folder_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().join("real");
        private_file::create_folder(&real).unwrap();
        let link = home.path().join("link");
        symlink(&real, &link).unwrap();
        let refused = |path: &Path| Handover::prepare(path).unwrap_err();
        assert_eq!(refused(&link), PasswordFault::Link { path: link });

        let open = home.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o750)).unwrap();
        assert_eq!(refused(&open), PasswordFault::OpenToOthers { path: open, mode: 0o750 });

        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(refused(&file), PasswordFault::NotAFolder { path: file });
        assert!(names(&real).is_empty());
    }

    #[test]
    fn no_user_name_leads_out_of_the_folder_or_makes_a_name_too_long() {
        let home = tempfile::tempdir().unwrap();
        let handover = Handover::prepare(&home.path().join("handover")).unwrap();
        for (user_name, file) in [
            ("../eva", "%2E.%2Feva.txt"),
            (".gitignore", "%2Egitignore.txt"),
            ("müller_$1", "müller_%241.txt"),
            ("", ".txt"),
        ] {
            let path = write(&handover, user_name, "contoso", "x");
            assert_eq!(path, handover.folder().join(file));
        }
        let long = "\u{1F600}".repeat(64);
        let first = write(&handover, &format!("{long}a"), "contoso", "x");
        let second = write(&handover, &format!("{long}b"), "contoso", "x");
        assert_ne!(first, second);
    }
}
