//! E-mail addresses.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::{DomainName, InvalidName};

/// An e-mail address. Compared without regard to case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Checks the form `name@domain`, without accents (`graph.md §4.2`: `mail`, `otherMails`).
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        let (local, domain) = text
            .rsplit_once('@')
            .ok_or(InvalidName::Form("an address has the form name@domain"))?;
        if local.is_empty() || local.len() > 64 {
            return Err(InvalidName::Form("the part before the @ has 1 to 64 characters"));
        }
        let wrong =
            |c: char| !c.is_ascii() || c.is_ascii_control() || " @()<>,;:\\\"[]".contains(c);
        if let Some(c) = local.chars().find(|c| wrong(*c)) {
            return Err(InvalidName::Character(c));
        }
        DomainName::parse(domain)?;
        Ok(Self(text.to_owned()))
    }

    /// An address as the tenant reports it.
    pub fn received(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.0)
    }
}
