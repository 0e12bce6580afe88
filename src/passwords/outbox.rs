//! The outbox: passwords that people have changed, on their way to the tenant. Each waits in a file of
//! its own, sealed to a key of which whoever puts it there needs only the public half.
//!
//! What belongs here: the folder, its files, who may open them. What doesn't: which change overtakes
//! which, and when one is delivered (`sync`).
//!
//! The folder may be one in which others can only put files (mode 1730): nothing but its key's owner
//! reads what lies there, and the public half stands in it as `recipient.txt`.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{PasswordFault, PublicHalf, SealingKey};
use crate::model::{PasswordOwner, Secret};
use crate::state::private_file;

/// The file with the public half.
const RECIPIENT: &str = "recipient.txt";
/// How sealed changes end.
const SEALED: &str = "age";

/// A folder of passwords on their way.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: PathBuf,
}

/// A password that somebody has changed.
#[derive(Clone)]
pub struct PasswordChange {
    /// Whose.
    pub owner: PasswordOwner,
    /// When, by the clock of whoever says so.
    pub changed: Timestamp,
    /// The new one.
    pub password: Secret,
    /// Whether acctsh has set it itself, and could not send it: else somebody says that it was changed.
    pub own: bool,
}

/// A change that lies in the outbox.
#[derive(Clone)]
pub struct Waiting {
    /// The change.
    pub change: PasswordChange,
    /// When it was put there, by the clock of whoever did.
    pub queued: Timestamp,
    /// The same by the clock of the folder.
    pub arrived: Timestamp,
    /// The file that it lies in.
    pub file: PathBuf,
}

/// What the outbox holds.
#[derive(Default)]
pub struct Opened {
    /// Changes, in the order in which they were put there.
    pub waiting: Vec<Waiting>,
    /// Files that our key doesn't open, or that are damaged.
    pub unreadable: Vec<PathBuf>,
}

/// How many lie in the outbox, and since when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboxSize {
    /// How many.
    pub files: usize,
    /// When the oldest was put there.
    pub oldest: Option<Timestamp>,
}

/// What is sealed: all of a change, so that nothing of it can be exchanged by whoever can write there.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sealed<'a> {
    format: u32,
    user: &'a str,
    changed: Timestamp,
    #[serde(default)]
    own: bool,
    #[serde(borrow)]
    password: std::borrow::Cow<'a, str>,
}

const FORMAT: u32 = 1;

/// No sealed change is larger.
const LARGEST: u64 = 512 * 1024;

impl Outbox {
    /// The outbox in that folder; nothing is read or made yet.
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Opens the key, and makes folder and key where there was never any. A key that is lost while its
    /// public half lies in the folder is not replaced: what was sealed to it would be lost in silence.
    pub fn open_key(&self, path: &Path) -> Result<SealingKey, PasswordFault> {
        let recipient = self.recipient_file();
        let has_key = path.try_exists().map_err(|reason| PasswordFault::io(path, &reason))?;
        let has_recipient =
            recipient.try_exists().map_err(|reason| PasswordFault::io(&recipient, &reason))?;
        if has_recipient && !has_key {
            let waiting = self.size()?.files;
            return Err(PasswordFault::KeyLost { path: path.to_owned(), waiting });
        }
        private_file::create_folder(&self.folder)
            .map_err(|reason| PasswordFault::io(&self.folder, &reason))?;
        self.check_folder()?;
        let key = SealingKey::open_or_create(path)?;
        if !has_recipient {
            let text = format!(
                "# Passwords in this folder are sealed to this key, which opens nothing itself.\n{}\n",
                key.public_half()
            );
            private_file::create_readable(&recipient, text.as_bytes())
                .map_err(|reason| PasswordFault::io(&recipient, &reason))?;
        }
        if self.recipient()? != key.public_half() {
            return Err(PasswordFault::OtherRecipient { path: recipient });
        }
        Ok(key)
    }

    /// Gives the key up, with everything that was sealed to it, and makes another one. Gives how many
    /// passwords were lost.
    pub fn replace_key(&self, path: &Path) -> Result<usize, PasswordFault> {
        let lost = self.files()?;
        for file in lost.iter().chain([&self.recipient_file(), &path.to_owned()]) {
            remove(file)?;
        }
        self.open_key(path)?;
        Ok(lost.len())
    }

    /// Seals a change and puts it into the folder. When this returns, it is on disk.
    pub fn queue(&self, change: &PasswordChange) -> Result<(), PasswordFault> {
        let recipient = self.recipient()?;
        let user = change.owner.to_string();
        let sealed = Sealed {
            format: FORMAT,
            user: &user,
            // As exact as it is remembered.
            changed: change.changed.round(Unit::Microsecond).unwrap_or(change.changed),
            own: change.own,
            password: change.password.expose().into(),
        };
        // Room for all of it: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(
            256 + 2 * user.len() + 6 * change.password.expose().len(),
        ));
        serde_json::to_writer(&mut *text, &sealed)
            .map_err(|reason| PasswordFault::io(&self.folder, &reason.into()))?;
        let bytes = recipient.seal(&text);
        let name = format!("{:020}-{}.{SEALED}", Timestamp::now().as_microsecond(), Uuid::new_v4());
        let path = self.folder.join(name);
        private_file::create_readable(&path, &bytes)
            .map_err(|reason| PasswordFault::io(&path, &reason))
    }

    /// Whether it was set up: its key's public half is there.
    pub fn is_set_up(&self) -> bool {
        self.recipient_file().exists()
    }

    /// How many lie there: it takes no key.
    pub fn size(&self) -> Result<OutboxSize, PasswordFault> {
        let files = self.files()?;
        let oldest = files.first().and_then(|file| queued(file));
        Ok(OutboxSize { files: files.len(), oldest })
    }

    /// Opens everything that lies there.
    pub fn open(&self, key: &SealingKey) -> Result<Opened, PasswordFault> {
        self.open_but(key, &HashSet::new())
    }

    /// Opens everything that lies there but for these files.
    pub fn open_but(
        &self,
        key: &SealingKey,
        known: &HashSet<PathBuf>,
    ) -> Result<Opened, PasswordFault> {
        let mut opened = Opened::default();
        for file in self.files()? {
            if known.contains(&file) {
                continue;
            }
            let bytes = match private_file::read_foreign(&file, LARGEST) {
                Ok(bytes) => bytes,
                // Another pass has just delivered it.
                Err(reason) if reason.kind() == io::ErrorKind::NotFound => continue,
                // Whoever may put files here may put anything: it keeps nobody else waiting.
                Err(_) => {
                    opened.unreadable.push(file);
                    continue;
                }
            };
            match (understand(key, &bytes), queued(&file), arrived(&file)) {
                (Some(change), Some(queued), Some(arrived)) => {
                    opened.waiting.push(Waiting { change, queued, arrived, file });
                }
                _ => opened.unreadable.push(file),
            }
        }
        Ok(opened)
    }

    /// Takes a change out: it was delivered, or a newer one has overtaken it.
    pub fn remove(&self, waiting: &Waiting) -> Result<(), PasswordFault> {
        remove(&waiting.file)
    }

    /// The same, of a change whose file is all that is known.
    pub fn remove_file(&self, file: &Path) -> Result<(), PasswordFault> {
        remove(file)
    }

    fn recipient_file(&self) -> PathBuf {
        self.folder.join(RECIPIENT)
    }

    /// The public half. Whoever could replace it would read what is sealed from then on: it has to
    /// belong to whom the folder belongs to.
    fn recipient(&self) -> Result<PublicHalf, PasswordFault> {
        let path = self.recipient_file();
        let failed = |reason: io::Error| match reason.kind() {
            io::ErrorKind::NotFound => PasswordFault::NoOutbox { folder: self.folder.clone() },
            _ => PasswordFault::io(&path, &reason),
        };
        self.check_folder()?;
        let (own, its) = (fs::metadata(&self.folder), fs::symlink_metadata(&path));
        if !private_file::same_owner(&own.map_err(failed)?, &its.map_err(failed)?) {
            return Err(PasswordFault::OtherRecipient { path });
        }
        let text = fs::read_to_string(&path).map_err(failed)?;
        let line = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
        line.and_then(|line| line.trim().parse().ok()).ok_or(PasswordFault::NotAKey { path })
    }

    /// A folder in which others could replace files of its owner is refused.
    fn check_folder(&self) -> Result<(), PasswordFault> {
        let path = self.folder.clone();
        match fs::metadata(&path) {
            Ok(metadata) if private_file::others_may_replace(&metadata) => {
                Err(PasswordFault::Replaceable { path })
            }
            Ok(_) => Ok(()),
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => {
                Err(PasswordFault::NoOutbox { folder: path })
            }
            Err(reason) => Err(PasswordFault::io(&path, &reason)),
        }
    }

    /// The sealed files, the oldest first. A folder that isn't there holds none.
    fn files(&self) -> Result<Vec<PathBuf>, PasswordFault> {
        let failed = |reason: io::Error| PasswordFault::io(&self.folder, &reason);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(reason) if reason.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(reason) => return Err(failed(reason)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|end| end == SEALED) {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }
}

fn remove(file: &Path) -> Result<(), PasswordFault> {
    match fs::remove_file(file) {
        Err(reason) if reason.kind() != io::ErrorKind::NotFound && !file.is_dir() => {
            Err(PasswordFault::io(file, &reason))
        }
        _ => Ok(()),
    }
}

/// When a file was put there: its name says so.
fn queued(file: &Path) -> Option<Timestamp> {
    let name = file.file_stem()?.to_str()?;
    Timestamp::from_microsecond(name.split_once('-')?.0.parse().ok()?).ok()
}

/// When a file was written, by the clock of its disk.
fn arrived(file: &Path) -> Option<Timestamp> {
    Timestamp::try_from(fs::metadata(file).ok()?.modified().ok()?).ok()
}

fn understand(key: &SealingKey, bytes: &[u8]) -> Option<PasswordChange> {
    let text = key.unseal(bytes).ok()?;
    let sealed: Sealed<'_> = serde_json::from_str(text.expose()).ok()?;
    (sealed.format == FORMAT).then(|| PasswordChange {
        owner: PasswordOwner::parse(sealed.user),
        changed: sealed.changed,
        own: sealed.own,
        password: Secret::new(sealed.password.into_owned()),
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn change(owner: &str, password: &str) -> PasswordChange {
        PasswordChange {
            owner: PasswordOwner::parse(owner),
            changed: Timestamp::UNIX_EPOCH,
            own: false,
            password: Secret::new(password.to_owned()),
        }
    }

    struct Place {
        home: tempfile::TempDir,
        outbox: Outbox,
    }

    impl Place {
        fn new() -> Self {
            let home = tempfile::tempdir().unwrap();
            let outbox = Outbox::at(&home.path().join("outbox"));
            Self { home, outbox }
        }

        fn key(&self) -> Result<SealingKey, PasswordFault> {
            self.outbox.open_key(&self.home.path().join("outbox.key"))
        }
    }

    #[test]
    fn what_is_queued_with_the_public_half_alone_is_opened_by_the_key_in_its_order() {
        let place = Place::new();
        let key = place.key().unwrap();
        // A password may hold anything.
        let nasty = "q\"ä\\\u{1}\n é";
        place.outbox.queue(&change("Eva.Li", nasty)).unwrap();
        place.outbox.queue(&change("tim", "second")).unwrap();
        let opened = place.outbox.open(&key).unwrap();
        let owners: Vec<String> =
            opened.waiting.iter().map(|it| it.change.owner.to_string()).collect();
        assert_eq!(owners, ["eva.li", "tim"]);
        assert!(opened.waiting[0].change.password.expose() == nasty);
        assert_eq!(place.outbox.size().unwrap().oldest, Some(opened.waiting[0].queued));
        place.outbox.remove(&opened.waiting[0]).unwrap();
        assert_eq!(place.outbox.size().unwrap().files, 1);
    }

    #[test]
    fn a_copy_of_the_folder_is_useless_and_a_damaged_file_is_named() {
        let (place, other) = (Place::new(), Place::new());
        let (key, other_key) = (place.key().unwrap(), other.key().unwrap());
        place.outbox.queue(&change("eva", "Hk7m-Rw4t-Pn9x")).unwrap();
        let opened = place.outbox.open(&other_key).unwrap();
        assert_eq!((opened.waiting.len(), opened.unreadable.len()), (0, 1));

        let mut bytes = fs::read(&opened.unreadable[0]).unwrap();
        assert!(!bytes.windows(3).any(|part| part == b"eva" || part == b"Hk7"));
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&opened.unreadable[0], bytes).unwrap();
        assert_eq!(place.outbox.open(&key).unwrap().unreadable.len(), 1);
    }

    #[test]
    fn whatever_else_lies_there_is_counted_and_keeps_nobody_waiting() {
        let place = Place::new();
        let key = place.key().unwrap();
        let at =
            |name: &str| place.outbox.folder().join(format!("00000000000000000001-{name}.age"));
        rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("link")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        fs::File::create(at("huge")).unwrap().set_len(1 << 40).unwrap();
        fs::write(at("garbage"), b"age-encryption.org/v1 and so on").unwrap();
        place.outbox.queue(&change("eva", "Hk7m-Rw4t-Pn9x")).unwrap();
        let opened = place.outbox.open(&key).unwrap();
        assert_eq!((opened.waiting.len(), opened.unreadable.len()), (1, 5));
        assert_eq!(place.outbox.replace_key(&place.home.path().join("outbox.key")).unwrap(), 6);
    }

    #[test]
    fn a_lost_key_is_not_replaced_in_silence() {
        let place = Place::new();
        place.key().unwrap();
        place.outbox.queue(&change("eva", "Hk7m-Rw4t-Pn9x")).unwrap();
        let path = place.home.path().join("outbox.key");
        fs::remove_file(&path).unwrap();
        let fault = place.key().err().unwrap();
        assert_eq!(fault, PasswordFault::KeyLost { path: path.clone(), waiting: 1 });
        assert!(fault.to_string().ends_with("1 password is sealed to it"), "{fault}");

        assert_eq!(place.outbox.replace_key(&path).unwrap(), 1);
        let key = place.key().unwrap();
        place.outbox.queue(&change("eva", "Hk7m-Rw4t-Pn9x")).unwrap();
        assert_eq!(place.outbox.open(&key).unwrap().waiting.len(), 1);
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_somebody_else_could_have_put_there() {
        let place = Place::new();
        let folder = place.outbox.folder().to_owned();
        let queued = || place.outbox.queue(&change("eva", "Hk7m-Rw4t-Pn9x"));
        assert_eq!(queued(), Err(PasswordFault::NoOutbox { folder: folder.clone() }));
        place.key().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o770)).unwrap();
        assert_eq!(queued(), Err(PasswordFault::Replaceable { path: folder.clone() }));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o1770)).unwrap();
        assert_eq!(queued(), Ok(()));
        let other = Place::new().key().unwrap().public_half();
        fs::write(folder.join(RECIPIENT), format!("{other}\n")).unwrap();
        let path = folder.join(RECIPIENT);
        assert_eq!(place.key().err(), Some(PasswordFault::OtherRecipient { path }));
    }
}
