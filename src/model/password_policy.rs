//! What a password must look like on either side.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Secret;

/// A rule that a password breaks. Never says what the password is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordRule {
    /// Fewer characters than this.
    TooShort(usize),
    /// More characters than this.
    TooLong(usize),
    /// Needs letters, digits and symbols.
    NeedsLettersDigitsSymbols,
    /// Needs three of: lower case, upper case, digits, symbols.
    NeedsThreeClasses,
    /// Holds a character that the online side doesn't take (accents, blanks).
    ForbiddenCharacter,
    /// Contains the user name or the name part of the online ID.
    ContainsName,
}

impl fmt::Display for PasswordRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort(least) => write!(f, "it has fewer than {least} characters"),
            Self::TooLong(most) => write!(f, "it has more than {most} characters"),
            Self::NeedsLettersDigitsSymbols => f.write_str("it needs letters, digits and symbols"),
            Self::NeedsThreeClasses => f.write_str(
                "it needs three of these: small letters, capital letters, digits, symbols",
            ),
            Self::ForbiddenCharacter => {
                f.write_str("it has a character that isn't allowed online (accents, blanks)")
            }
            Self::ContainsName => f.write_str("it contains the user name or the e-mail name"),
        }
    }
}

/// The rules of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    /// The directory's level *Strong*: at least 7 characters with letters, digits and symbols,
    /// without the names of the person.
    Strong,
    /// The directory and the tenant together: *Strong*, and 8 to 256 ASCII characters without
    /// blanks from three of four classes (`graph.md §5`).
    StrongWithTenant,
    /// What a domain of Active Directory asks for.
    Domain {
        /// The fewest characters.
        least: u16,
        /// Three of four classes of characters, and no name of the person.
        is_complex: bool,
    },
}

impl PasswordPolicy {
    /// The fewest characters that it takes.
    pub fn least(self) -> u16 {
        match self {
            Self::Strong => 7,
            Self::StrongWithTenant => 8,
            Self::Domain { least, .. } => least,
        }
    }

    /// The rules that the password breaks; `names` are the user name and the name part of the
    /// online ID. Names of fewer than 3 characters don't count: they are in everything.
    pub fn broken_by(self, password: &Secret, names: &[&str]) -> Vec<PasswordRule> {
        let text = password.expose();
        let length = text.chars().count();
        let lower = text.chars().any(char::is_lowercase);
        let upper = text.chars().any(char::is_uppercase);
        let digit = text.chars().any(|c| c.is_ascii_digit());
        let symbol = text.chars().any(|c| !c.is_alphanumeric());
        let mut broken = Vec::new();

        let least = usize::from(self.least());
        if length < least {
            broken.push(PasswordRule::TooShort(least));
        }
        let classes = [lower, upper, digit, symbol].into_iter().filter(|class| *class).count();
        if let Self::Domain { is_complex, .. } = self {
            if is_complex && classes < 3 {
                broken.push(PasswordRule::NeedsThreeClasses);
            }
            if is_complex && holds_a_name(text, names) {
                broken.push(PasswordRule::ContainsName);
            }
            return broken;
        }
        if !((lower || upper) && digit && symbol) {
            broken.push(PasswordRule::NeedsLettersDigitsSymbols);
        }
        if self == Self::StrongWithTenant {
            if length > 256 {
                broken.push(PasswordRule::TooLong(256));
            }
            if classes < 3 {
                broken.push(PasswordRule::NeedsThreeClasses);
            }
            if text.chars().any(|c| !c.is_ascii_graphic()) {
                broken.push(PasswordRule::ForbiddenCharacter);
            }
        }
        if holds_a_name(text, names) {
            broken.push(PasswordRule::ContainsName);
        }
        broken
    }
}

fn holds_a_name(text: &str, names: &[&str]) -> bool {
    let folded = text.to_lowercase();
    let in_it = |name: &&str| name.chars().count() >= 3 && folded.contains(&name.to_lowercase());
    names.iter().any(in_it)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(policy: PasswordPolicy, text: &str) -> Vec<PasswordRule> {
        policy.broken_by(&Secret::new(text.to_owned()), &["eva.li", "eva"])
    }

    #[test]
    fn strong_wants_seven_characters_of_three_kinds_without_the_name() {
        use PasswordPolicy::Strong;
        assert_eq!(broken(Strong, "abc-123"), []);
        assert_eq!(broken(Strong, "ab-123"), [PasswordRule::TooShort(7)]);
        assert_eq!(broken(Strong, "abcdefg"), [PasswordRule::NeedsLettersDigitsSymbols]);
        assert_eq!(broken(Strong, "xEVA-1234"), [PasswordRule::ContainsName]);
        assert_eq!(broken(Strong, "grün-123"), []);
    }

    #[test]
    fn a_domain_wants_its_length_and_three_classes_where_it_is_complex() {
        let complex = PasswordPolicy::Domain { least: 12, is_complex: true };
        assert_eq!(broken(complex, "Summer-2027-x"), []);
        assert_eq!(broken(complex, "Summer-27"), [PasswordRule::TooShort(12)]);
        assert_eq!(broken(complex, "summer summer"), [PasswordRule::NeedsThreeClasses]);
        assert_eq!(broken(complex, "Eva-2027-2027"), [PasswordRule::ContainsName]);
        let simple = PasswordPolicy::Domain { least: 0, is_complex: false };
        assert_eq!(broken(simple, "eva"), []);
    }

    #[test]
    fn the_tenant_adds_length_classes_and_plain_characters() {
        use PasswordPolicy::StrongWithTenant;
        assert_eq!(broken(StrongWithTenant, "abcd-123"), []);
        assert_eq!(broken(StrongWithTenant, "abc-123"), [PasswordRule::TooShort(8)]);
        assert_eq!(broken(StrongWithTenant, "grün-1234"), [PasswordRule::ForbiddenCharacter]);
        assert_eq!(broken(StrongWithTenant, "abc 1234-"), [PasswordRule::ForbiddenCharacter]);
        let long = format!("{}-1", "a".repeat(256));
        assert_eq!(broken(StrongWithTenant, &long), [PasswordRule::TooLong(256)]);
    }
}
