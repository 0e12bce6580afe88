//! The key of this machine, to which passwords are sealed while they are on their way.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use age::x25519::{Identity, Recipient};
use zeroize::{Zeroize, Zeroizing};

use super::PasswordFault;
use crate::model::Secret;
use crate::state::private_file;

/// An age key (X25519) in a file that only its owner may read. The file has age's own form, so
/// that the `age` program opens what was sealed to it.
#[derive(Clone)]
pub struct SealingKey {
    identity: Identity,
    recipient: Recipient,
}

impl SealingKey {
    /// Reads the key; makes one where there is no file. A file with rights for others is refused.
    pub fn open_or_create(path: &Path) -> Result<Self, PasswordFault> {
        let failed = |error: io::Error| PasswordFault::io(path, &error);
        if !path.try_exists().map_err(failed)? {
            create(path).map_err(failed)?;
        }
        check_rights(path)?;
        let text = Zeroizing::new(fs::read_to_string(path).map_err(failed)?);
        let identity = text
            .lines()
            .find(|line| !line.trim().is_empty() && !line.starts_with('#'))
            .and_then(|line| Identity::from_str(line.trim()).ok())
            .ok_or_else(|| PasswordFault::NotAKey { path: path.to_owned() })?;
        let recipient = identity.to_public();
        Ok(Self { identity, recipient })
    }

    /// The public half: enough to seal.
    pub fn public_half(&self) -> PublicHalf {
        PublicHalf(self.recipient.clone())
    }

    /// A copy that only this key opens.
    pub fn seal(&self, secret: &Secret) -> Vec<u8> {
        seal(&self.recipient, secret.expose().as_bytes())
    }

    /// Opens a copy.
    pub fn unseal(&self, sealed: &[u8]) -> Result<Secret, PasswordFault> {
        let opened =
            age::decrypt(&self.identity, sealed).map_err(|_| PasswordFault::NotSealedByThisKey)?;
        String::from_utf8(opened).map(Secret::new).map_err(|error| {
            error.into_bytes().zeroize();
            PasswordFault::NotSealedByThisKey
        })
    }
}

/// The public half of a key: it seals, and opens nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicHalf(Recipient);

impl PublicHalf {
    /// A copy that only the key opens of which this is a half.
    pub(super) fn seal(&self, secret: &[u8]) -> Vec<u8> {
        seal(&self.0, secret)
    }
}

impl FromStr for PublicHalf {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for PublicHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn seal(recipient: &Recipient, bytes: &[u8]) -> Vec<u8> {
    age::encrypt(recipient, bytes).expect("one X25519 recipient and memory to write to never fail")
}

/// When two processes do this at once, one file is made and both read it.
fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_file::create_folder(folder)?;
    }
    let identity = Identity::generate();
    let text = Zeroizing::new(format!(
        "# Passwords on their way are sealed to this key. Keep it, and keep it to yourself.\n\
         # public key: {}\n{}\n",
        identity.to_public(),
        identity.to_string().expose_secret(),
    ));
    match private_file::create(path, text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn check_rights(path: &Path) -> Result<(), PasswordFault> {
    let metadata = fs::metadata(path).map_err(|error| PasswordFault::io(path, &error))?;
    match private_file::rights_of_others(&metadata) {
        Some(mode) => Err(PasswordFault::OpenToOthers { path: path.to_owned(), mode }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn secret() -> Secret {
        Secret::new("Hk7m-Rw4t-Pn9x-Yc3b".to_owned())
    }

    #[test]
    fn what_was_sealed_is_opened_by_the_key_read_again_from_its_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("keys/seal");
        let sealed = SealingKey::open_or_create(&path).unwrap().seal(&secret());
        let opened = SealingKey::open_or_create(&path).unwrap().unseal(&sealed).unwrap();
        assert!(opened == secret());
        assert!(!sealed.windows(4).any(|bytes| bytes == b"Rw4t"));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused_with_its_rights() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("seal");
        SealingKey::open_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let fault = SealingKey::open_or_create(&path).err().unwrap();
        assert_eq!(fault, PasswordFault::OpenToOthers { path, mode: 0o640 });
        assert!(fault.to_string().ends_with("is open to others (permissions 640)"), "{fault}");
    }

    #[test]
    fn a_file_without_key_is_refused_and_not_replaced() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("seal");
        private_file::create(&path, b"# nothing\n").unwrap();
        let fault = SealingKey::open_or_create(&path).err().unwrap();
        assert_eq!(fault, PasswordFault::NotAKey { path: path.clone() });
        assert_eq!(fs::read(&path).unwrap(), b"# nothing\n");
    }

    #[test]
    fn another_key_and_a_damaged_copy_open_nothing() {
        let home = tempfile::tempdir().unwrap();
        let ours = SealingKey::open_or_create(&home.path().join("ours")).unwrap();
        let theirs = SealingKey::open_or_create(&home.path().join("theirs")).unwrap();
        let mut sealed = ours.seal(&secret());
        let not_ours = Some(PasswordFault::NotSealedByThisKey);
        assert_eq!(theirs.unseal(&sealed).err(), not_ours);

        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(ours.unseal(&sealed).err(), not_ours);
        assert_eq!(ours.unseal(b"").err(), not_ours);
    }

    #[test]
    fn two_who_make_the_key_at_once_have_the_same_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("seal");
        let keys: Vec<SealingKey> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| SealingKey::open_or_create(&path).unwrap()))
                .collect();
            makers.into_iter().map(|maker| maker.join().unwrap()).collect()
        });
        let sealed = keys[0].seal(&secret());
        for key in &keys {
            assert!(key.unseal(&sealed).unwrap() == secret());
        }
    }
}
