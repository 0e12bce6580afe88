//! Domains of a tenant.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::InvalidName;

/// A domain's name, in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainName(String);

impl DomainName {
    /// Checks the form `label.label`; at most 48 characters (`graph.md §4.2`).
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim().to_lowercase();
        let length = text.chars().count();
        if length == 0 {
            return Err(InvalidName::Form("there is no domain"));
        }
        if length > 48 {
            return Err(InvalidName::TooLong { actual: length, limit: 48, place: " after the @" });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            return Err(InvalidName::Character(c));
        }
        if !text.contains('.') || text.split('.').any(str::is_empty) {
            return Err(InvalidName::Form("a domain has the form name.com"));
        }
        Ok(Self(text))
    }

    /// A name as the tenant reports it.
    pub fn received(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it belongs to Microsoft's own `onmicrosoft.com`.
    pub fn is_onmicrosoft(&self) -> bool {
        self.0.ends_with(".onmicrosoft.com")
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({})", self.0)
    }
}

/// Who checks the passwords of a domain's accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Authentication {
    /// The tenant.
    Managed,
    /// Somebody else; accounts there take no password (`graph.md §17`).
    Federated,
}

/// A domain of the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Its name.
    pub name: DomainName,
    /// New accounts go there unless told otherwise.
    pub is_default: bool,
    /// The one the tenant was born with, `*.onmicrosoft.com`.
    pub is_initial: bool,
    /// Only verified domains take online IDs.
    pub is_verified: bool,
    /// Who checks its passwords.
    pub authentication: Authentication,
    /// After so many days a password has to be changed online; `None` for never.
    pub password_days: Option<u32>,
}
