//! How passwords are kept: as hashes that tell their own scheme.
//!
//! A generated password has at least 80 random bits, which nobody can try out: a salted SHA-256 is
//! enough, and takes a microsecond where argon2id takes some twenty milliseconds. What people
//! choose can be guessed, so guessing must be expensive.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Argon2, PasswordHash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::directory::PasswordOrigin;
use crate::model::Secret;

const SALTED_SHA256: &str = "{SSHA256}";
const DIGEST_BYTES: usize = 32;

/// A hash that can't be made or read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the password can't be hashed: {0}")]
pub(super) struct HashError(String);

/// The hash to keep: `{SSHA256}` and Base64 of digest and salt, or argon2id in PHC form.
pub(super) fn hash(secret: &Secret, origin: PasswordOrigin) -> Result<String, HashError> {
    let salt: [u8; 16] = rand::random();
    match origin {
        PasswordOrigin::Generated => {
            let mut kept = digest(secret, &salt).to_vec();
            kept.extend(salt);
            Ok(format!("{SALTED_SHA256}{}", BASE64.encode(kept)))
        }
        PasswordOrigin::Chosen => {
            let failed = |error: argon2::password_hash::Error| HashError(error.to_string());
            let salt = SaltString::encode_b64(&salt).map_err(failed)?;
            let hash = Argon2::default().hash_password(secret.expose().as_bytes(), &salt);
            Ok(hash.map_err(failed)?.to_string())
        }
    }
}

/// Whether it is the password that was hashed.
pub(super) fn verify(secret: &Secret, kept: &str) -> Result<bool, HashError> {
    if let Some(text) = kept.strip_prefix(SALTED_SHA256) {
        let bytes = BASE64.decode(text).map_err(|error| HashError(error.to_string()))?;
        let (expected, salt) = bytes
            .split_at_checked(DIGEST_BYTES)
            .ok_or_else(|| HashError("the stored digest is too short".to_owned()))?;
        return Ok(digest(secret, salt).as_slice() == expected);
    }
    let hash = PasswordHash::new(kept).map_err(|error| HashError(error.to_string()))?;
    match Argon2::default().verify_password(secret.expose().as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(HashError(error.to_string())),
    }
}

fn digest(secret: &Secret, salt: &[u8]) -> [u8; DIGEST_BYTES] {
    Sha256::new().chain_update(secret.expose()).chain_update(salt).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn a_hash_tells_its_scheme_and_verifies_only_its_own_password() {
        for (origin, scheme) in [
            (PasswordOrigin::Generated, "{SSHA256}"),
            (PasswordOrigin::Chosen, "$argon2id$v=19$m=19456,t=2,p=1$"),
        ] {
            let kept = hash(&secret("Hk7m-Rw4t"), origin).unwrap();
            assert!(kept.starts_with(scheme), "{kept}");
            assert_eq!(verify(&secret("Hk7m-Rw4t"), &kept), Ok(true));
            assert_eq!(verify(&secret("hk7m-Rw4t"), &kept), Ok(false));
        }
    }

    #[test]
    fn the_same_password_never_has_the_same_hash_twice() {
        for origin in [PasswordOrigin::Generated, PasswordOrigin::Chosen] {
            let password = secret("Hk7m-Rw4t");
            assert_ne!(hash(&password, origin), hash(&password, origin));
        }
    }

    #[test]
    fn a_hash_of_no_known_scheme_is_an_error_and_not_a_wrong_password() {
        for kept in ["", "secret", "{SSHA256}", "{SSHA256}AAAA", "{SSHA256}*", "$argon2id$"] {
            assert!(verify(&secret("x"), kept).is_err(), "{kept:?}");
        }
    }
}
