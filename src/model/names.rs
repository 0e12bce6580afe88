//! The user's name in the directory, and why a name may be refused.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text can't be a name of some kind.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidName {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// Longer than the kind of name allows; both counts are in characters.
    #[error("it has {actual} characters, at most {limit} are allowed{place}")]
    TooLong {
        /// Characters given.
        actual: usize,
        /// Characters allowed.
        limit: usize,
        /// Which part is meant, such as " before the @"; empty for the whole.
        place: &'static str,
    },
    /// A character that the kind of name doesn't take.
    #[error("the character {0:?} is not allowed")]
    Character(char),
    /// Its form is wrong.
    #[error("{0}")]
    Form(&'static str),
}

/// A user's name in the directory (Active Directory: `sAMAccountName`). Compared without regard to
/// case, kept as written. Directories may have narrower rules of their own, such as 20 characters.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);

impl UserName {
    /// The most characters that any directory takes.
    pub const LONGEST: usize = 64;

    /// What no directory takes in a name (`active-directory.md §3`), and `@`, which would make the
    /// name look like an online ID.
    const FORBIDDEN: &'static str = "\"/\\[]:;|=,+*?<>@";

    /// Checks a name as a person typed it; blanks around it are dropped.
    ///
    /// ```
    /// use acctsh::model::UserName;
    /// assert_eq!(UserName::parse(" Eva.Li ").unwrap(), UserName::parse("eva.li").unwrap());
    /// assert!(UserName::parse("eva/li").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 {
            return Err(InvalidName::Empty);
        }
        if length > Self::LONGEST {
            let limit = Self::LONGEST;
            return Err(InvalidName::TooLong { actual: length, limit, place: "" });
        }
        let wrong = |c: char| Self::FORBIDDEN.contains(c) || c.is_control() || c.is_whitespace();
        if let Some(c) = text.chars().find(|c| wrong(*c)) {
            return Err(InvalidName::Character(c));
        }
        if text.ends_with('.') || text.starts_with('.') {
            return Err(InvalidName::Form("it may not begin or end with a dot"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is equal for names that differ in case only.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserName({})", self.0)
    }
}

impl PartialEq for UserName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for UserName {}

impl Hash for UserName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl TryFrom<String> for UserName {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<UserName> for String {
    fn from(name: UserName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_no_directory_takes_are_refused_with_the_reason() {
        assert_eq!(UserName::parse("  "), Err(InvalidName::Empty));
        assert_eq!(UserName::parse("a b"), Err(InvalidName::Character(' ')));
        assert_eq!(UserName::parse("eva@contoso.com"), Err(InvalidName::Character('@')));
        assert!(matches!(UserName::parse("eva."), Err(InvalidName::Form(_))));
        assert!(matches!(UserName::parse(&"x".repeat(65)), Err(InvalidName::TooLong { .. })));
    }
}
