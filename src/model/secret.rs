//! A text that must not be seen.

use zeroize::Zeroizing;

/// A password or another secret. It has no `Debug`, `Display` or `Serialize`, so that it can't get
/// into output, logs, journal or plan files by accident; memory is overwritten when it goes.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call is a place where the secret may leave: hashing, sealing, the
    /// request to its own account, the letter to the person.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Secret {}
