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

/// The rules of one side, or of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordPolicy {
    /// The directory's level *weak*: any password but an empty one.
    Weak,
    /// The directory's level *medium*: at least 5 characters.
    Medium,
    /// The directory's level *medium strong*: at least 5 characters with letters, digits and symbols.
    MediumStrong,
    /// The directory's level *strong*: at least 7 characters with letters, digits and symbols,
    /// without the names of the person.
    Strong,
    /// The directory and the tenant together: *strong*, and 8 to 256 ASCII characters without
    /// blanks from three of four classes (`graph.md §5`).
    StrongWithTenant,
    /// The tenant alone: 8 to 256 ASCII characters from three of four classes, and blanks
    /// (`graph.md §5`). It minds no names.
    Tenant,
    /// What a domain of Active Directory asks for.
    Domain {
        /// The fewest characters.
        least: u16,
        /// Three of four classes of characters, and no name of the person.
        is_complex: bool,
    },
}

impl PasswordPolicy {
    /// The levels that a directory of our own can be set to, the weakest first.
    pub const LEVELS: [Self; 4] = [Self::Weak, Self::Medium, Self::MediumStrong, Self::Strong];

    /// The level of that name, however its words are joined: `medium strong`, `medium_strong`.
    pub fn level(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace(['_', '-'], " ");
        Self::LEVELS.into_iter().find(|level| level.to_string() == name)
    }

    /// Whether it is a level that asks for less than this other one.
    pub fn is_below(self, other: Self) -> bool {
        let rank = |policy| Self::LEVELS.iter().position(|level| *level == policy);
        matches!((rank(self), rank(other)), (Some(own), Some(others)) if own < others)
    }

    /// The fewest characters that it takes.
    pub fn least(self) -> u16 {
        match self {
            Self::Weak => 1,
            Self::Medium | Self::MediumStrong => 5,
            Self::Strong => 7,
            Self::StrongWithTenant | Self::Tenant => 8,
            Self::Domain { least, .. } => least,
        }
    }

    /// The rules that the password breaks; `names` are the user name and the name part of the
    /// online ID. Names of fewer than 3 characters don't count: they are in everything.
    pub fn broken_by(self, password: &Secret, names: &[&str]) -> Vec<PasswordRule> {
        let text = password.expose();
        let length = text.chars().count();
        let asks = self.asks();
        let lower = text.chars().any(char::is_lowercase);
        let upper = text.chars().any(char::is_uppercase);
        let digit = text.chars().any(|c| c.is_ascii_digit());
        let symbol = text.chars().any(|c| !c.is_alphanumeric());
        let classes = [lower, upper, digit, symbol].into_iter().filter(|class| *class).count();
        let is_ours = |c: char| c.is_ascii_graphic() || (c == ' ' && asks.takes_blanks);

        let least = usize::from(self.least());
        let all_kinds = (lower || upper) && digit && symbol;
        [
            (length < least, PasswordRule::TooShort(least)),
            (asks.all_kinds && !all_kinds, PasswordRule::NeedsLettersDigitsSymbols),
            (asks.plain && length > MOST_ONLINE, PasswordRule::TooLong(MOST_ONLINE)),
            (asks.three_classes && classes < 3, PasswordRule::NeedsThreeClasses),
            (asks.plain && !text.chars().all(is_ours), PasswordRule::ForbiddenCharacter),
            (asks.no_names && holds_a_name(text, names), PasswordRule::ContainsName),
        ]
        .into_iter()
        .filter_map(|(is_broken, rule)| is_broken.then_some(rule))
        .collect()
    }

    /// What it asks for besides the fewest characters.
    fn asks(self) -> Asks {
        let nothing = Asks::default();
        match self {
            Self::Weak | Self::Medium => nothing,
            Self::MediumStrong => Asks { all_kinds: true, ..nothing },
            Self::Strong => Asks { all_kinds: true, no_names: true, ..nothing },
            Self::StrongWithTenant => {
                Asks { three_classes: true, plain: true, ..Self::Strong.asks() }
            }
            Self::Tenant => {
                Asks { three_classes: true, plain: true, takes_blanks: true, ..nothing }
            }
            Self::Domain { is_complex, .. } => {
                Asks { three_classes: is_complex, no_names: is_complex, ..nothing }
            }
        }
    }

    /// What it asks for, for people.
    pub fn wants(self) -> String {
        let least = self.least();
        let asks = self.asks();
        let mut words = match least {
            0 | 1 => "any password but an empty one".to_owned(),
            least => format!("at least {least} characters"),
        };
        for (is_asked, what) in [
            (asks.all_kinds, " with letters, digits and symbols"),
            (asks.three_classes, " of three kinds"),
            (asks.no_names, ", without the person's names"),
        ] {
            if is_asked {
                words.push_str(what);
            }
        }
        words
    }
}

/// The most characters of a password online.
const MOST_ONLINE: usize = 256;

/// The rules of a policy that are there or not.
#[derive(Clone, Copy, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a rule of its own, and any mix is a policy"
)]
struct Asks {
    /// Letters, digits and symbols.
    all_kinds: bool,
    /// Three of the four classes.
    three_classes: bool,
    /// Plain characters, and not too many of them: what the tenant takes.
    plain: bool,
    /// Blanks are plain too.
    takes_blanks: bool,
    /// No name of the person.
    no_names: bool,
}

impl fmt::Display for PasswordPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weak => f.write_str("weak"),
            Self::Medium => f.write_str("medium"),
            Self::MediumStrong => f.write_str("medium strong"),
            Self::Strong => f.write_str("strong"),
            Self::StrongWithTenant => f.write_str("strong, as the tenant's"),
            Self::Tenant => f.write_str("the tenant's"),
            Self::Domain { least, is_complex } => {
                let kinds = if *is_complex { " of three kinds" } else { "" };
                write!(f, "the domain's: at least {least} characters{kinds}")
            }
        }
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
    fn each_level_asks_for_more_than_the_one_below() {
        use PasswordPolicy::{Medium, MediumStrong, Strong, Weak};
        assert_eq!(broken(Weak, ""), [PasswordRule::TooShort(1)]);
        assert_eq!(broken(Weak, "e"), []);
        assert_eq!(broken(Medium, "eva1"), [PasswordRule::TooShort(5)]);
        assert_eq!(broken(Medium, "eva.l"), []);
        assert_eq!(broken(MediumStrong, "abcd1"), [PasswordRule::NeedsLettersDigitsSymbols]);
        assert_eq!(broken(MediumStrong, "a-1"), [PasswordRule::TooShort(5)]);
        assert_eq!(broken(MediumStrong, "eva-1"), []);
        assert_eq!(
            broken(Strong, "eva-1"),
            [PasswordRule::TooShort(7), PasswordRule::ContainsName]
        );
        assert!(PasswordPolicy::LEVELS.is_sorted_by(|one, next| one.is_below(*next)));
        let domain = PasswordPolicy::Domain { least: 0, is_complex: false };
        assert!(!domain.is_below(Strong) && !Strong.is_below(Strong) && !Strong.is_below(Weak));
    }

    #[test]
    fn a_level_goes_by_its_words_however_they_are_joined() {
        for text in ["medium strong", "medium_strong", "Medium-Strong ", "MEDIUM STRONG"] {
            assert_eq!(PasswordPolicy::level(text), Some(PasswordPolicy::MediumStrong), "{text}");
        }
        for level in PasswordPolicy::LEVELS {
            assert_eq!(PasswordPolicy::level(&level.to_string()), Some(level));
        }
        assert_eq!(PasswordPolicy::level("mediumstrong"), None);
        assert_eq!(PasswordPolicy::level("the tenant's"), None);
    }

    #[test]
    fn the_tenant_alone_takes_blanks_and_names_and_no_accents() {
        use PasswordPolicy::Tenant;
        assert_eq!(broken(Tenant, "Abcdefg1"), []);
        assert_eq!(broken(Tenant, "Eva goes 2 school"), []);
        assert_eq!(broken(Tenant, "Abcdef1"), [PasswordRule::TooShort(8)]);
        assert_eq!(broken(Tenant, "abcdefg1"), [PasswordRule::NeedsThreeClasses]);
        assert_eq!(broken(Tenant, "Bär goes 2 school"), [PasswordRule::ForbiddenCharacter]);
        assert_eq!(broken(Tenant, "Tab\tgoes 2 school"), [PasswordRule::ForbiddenCharacter]);
        assert_eq!(broken(Tenant, "20 € for school"), [PasswordRule::ForbiddenCharacter]);
        let symbols = r#"@#$%^&*-_!+=[]{}|\:',.?/`~"();<> "#;
        assert_eq!(broken(Tenant, &format!("Ab{symbols}")), []);
        let long = format!("A-{}", "a".repeat(255));
        assert_eq!(broken(Tenant, &long), [PasswordRule::TooLong(256)]);
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
