//! The online ID: an online account's sign-in name (Graph: `userPrincipalName`).

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::{DomainName, InvalidName};

/// The sign-in name of an online account, `name@domain`. Compared without regard to case.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OnlineId(String);

impl OnlineId {
    /// Checks an online ID that a person wants to create, by the rules of `graph.md §4.2`: letters
    /// without accents, digits and `' . - _ ! # ^ ~`, at most 64 characters before the `@`, 48 after.
    ///
    /// ```
    /// use acctsh::model::OnlineId;
    /// assert!(OnlineId::parse("eva.li@contoso.com").is_ok());
    /// assert!(OnlineId::parse("évà@contoso.com").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        let (local, domain) = text
            .split_once('@')
            .ok_or(InvalidName::Form("an online ID has the form name@domain"))?;
        if local.is_empty() {
            return Err(InvalidName::Form("there is nothing before the @"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c);
        if let Some(c) = local.chars().find(|c| !allowed(*c)) {
            return Err(InvalidName::Character(c));
        }
        let length = local.chars().count();
        if length > 64 {
            return Err(InvalidName::TooLong { actual: length, limit: 64, place: " before the @" });
        }
        if local.ends_with('.') || local.starts_with('.') {
            return Err(InvalidName::Form("the part before the @ may not begin or end with a dot"));
        }
        DomainName::parse(domain)?;
        Ok(Self(text.to_owned()))
    }

    /// An online ID as the tenant reports it, which may be older than today's rules.
    pub fn received(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The whole, as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }

    /// The part after the `@`; empty if there is none.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form that is equal for online IDs that differ in case only.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for OnlineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OnlineId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OnlineId({})", self.0)
    }
}

impl PartialEq for OnlineId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for OnlineId {}

impl Hash for OnlineId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_case_does_not_matter() {
        let id = OnlineId::parse("Eva.Li@Contoso.com").unwrap();
        assert_eq!((id.local_part(), id.domain()), ("Eva.Li", "Contoso.com"));
        assert_eq!(id, OnlineId::parse("eva.li@contoso.com").unwrap());
    }

    #[test]
    fn what_graph_refuses_is_refused_here() {
        for wrong in
            ["eva", "@contoso.com", "eva.@contoso.com", "eva li@contoso.com", "eva@", "é@x.y"]
        {
            assert!(OnlineId::parse(wrong).is_err(), "{wrong}");
        }
        assert!(OnlineId::parse(&format!("{}@contoso.com", "x".repeat(65))).is_err());
        assert!(OnlineId::parse(&format!("x@{}.com", "y".repeat(45))).is_err());
    }
}
