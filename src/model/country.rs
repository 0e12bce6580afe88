//! Countries: the ISO code that licences need, and the names that files have.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use celes::LookupTable as _;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Neither a code of two letters nor an English name of a country.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a country's code or English name")]
pub struct UnknownCountry(pub String);

/// A country by its ISO 3166-1 code of two letters, such as `DE`: what Graph takes as usage
/// location (`graph.md §4.2`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads a code (`de`, `DE`, `DEU`) or an English name (`Germany`, `South Korea`).
    ///
    /// ```
    /// use acctsh::model::CountryCode;
    /// assert_eq!(CountryCode::parse("United States").unwrap().as_str(), "US");
    /// assert_eq!(CountryCode::parse("de").unwrap().as_str(), "DE");
    /// assert!(CountryCode::parse("Atlantis").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, UnknownCountry> {
        let text = text.trim();
        let upper = text.to_uppercase();
        let country = match upper.len() {
            2 if upper != "UK" => celes::Country::from_alpha2(&upper).ok(),
            3 if text == upper => celes::Country::from_alpha3(&upper).ok(),
            _ => None,
        }
        .map(|country| country.alpha2)
        .or_else(|| by_name(text));
        match country.map(str::as_bytes) {
            Some([first, second]) => Ok(Self([*first, *second])),
            _ => Err(UnknownCountry(text.to_owned())),
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Names that people and Microsoft's files use, and the ISO list doesn't.
const ALSO: &[(&str, &str)] = &[
    ("unitedstates", "US"),
    ("usa", "US"),
    ("unitedkingdom", "GB"),
    ("uk", "GB"),
    ("england", "GB"),
    ("southkorea", "KR"),
    ("korea", "KR"),
    ("russia", "RU"),
    ("czechrepublic", "CZ"),
    ("turkey", "TR"),
    ("turkiye", "TR"),
    ("vietnam", "VN"),
    ("taiwan", "TW"),
    ("hongkongsar", "HK"),
    ("macaosar", "MO"),
    ("macau", "MO"),
    ("iran", "IR"),
    ("syria", "SY"),
    ("laos", "LA"),
    ("moldova", "MD"),
    ("tanzania", "TZ"),
    ("bolivia", "BO"),
    ("venezuela", "VE"),
    ("northmacedonia", "MK"),
    ("macedonia", "MK"),
    ("brunei", "BN"),
    ("ivorycoast", "CI"),
    ("capeverde", "CV"),
];

/// Codes by bare name: made once, since every row of a file may name a country.
static NAMES: LazyLock<HashMap<String, &str>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for country in celes::Country::get_countries() {
        for name in std::iter::once(country.long_name).chain(country.aliases.iter().copied()) {
            names.entry(bare(name)).or_insert(country.alpha2);
        }
    }
    names.extend(ALSO.iter().map(|(name, code)| ((*name).to_owned(), *code)));
    names
});

fn by_name(text: &str) -> Option<&'static str> {
    NAMES.get(&bare(text)).copied()
}

/// A name as people write it: case, accents, blanks, punctuation and the article don't matter.
fn bare(text: &str) -> String {
    let text = deunicode::deunicode(text).to_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| *word != "the").collect()
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for CountryCode {
    type Error = UnknownCountry;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_files_have_them_are_understood() {
        for (name, code) in [
            ("Germany", "DE"),
            ("germany", "DE"),
            ("United States", "US"),
            ("United Kingdom", "GB"),
            ("UK", "GB"),
            ("Netherlands", "NL"),
            ("The Netherlands", "NL"),
            ("South Korea", "KR"),
            ("Korea", "KR"),
            ("Russia", "RU"),
            ("Czech Republic", "CZ"),
            ("Czechia", "CZ"),
            ("Switzerland", "CH"),
            ("France", "FR"),
            ("New Zealand", "NZ"),
            ("Hong Kong SAR", "HK"),
            ("Türkiye", "TR"),
            ("Turkey", "TR"),
            ("Vietnam", "VN"),
            ("Taiwan", "TW"),
            ("Bosnia and Herzegovina", "BA"),
        ] {
            assert_eq!(
                CountryCode::parse(name).map(|c| c.to_string()).ok(),
                Some(code.to_owned()),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_no_country_is_refused() {
        for wrong in ["", "XX", "Atlantis", "12"] {
            assert!(CountryCode::parse(wrong).is_err(), "{wrong}");
        }
    }
}
