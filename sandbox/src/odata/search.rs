//! `$search`: words looked for at the beginnings of a property's words.

use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::schema::Resource;

/// Properties that `$search` goes through.
const SEARCHABLE: [&str; 7] = [
    "displayName",
    "givenName",
    "surname",
    "mail",
    "mailNickname",
    "mobilePhone",
    "userPrincipalName",
];

/// Clauses joined by `OR`, each of terms joined by `AND`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search(Vec<Vec<Term>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    property: &'static str,
    word: String,
}

impl Search {
    /// Reads `"displayName:ann" AND "mail:b"`.
    pub(crate) fn parse(text: &str, resource: &Resource) -> Result<Self, Refusal> {
        let clauses = text
            .split(" OR ")
            .map(|clause| clause.split(" AND ").map(|term| Term::parse(term, resource)).collect())
            .collect::<Result<_, _>>()?;
        Ok(Self(clauses))
    }

    /// Whether the object is found.
    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.0.iter().any(|clause| clause.iter().all(|term| term.matches(document)))
    }
}

impl Term {
    fn parse(text: &str, resource: &Resource) -> Result<Self, Refusal> {
        let malformed = || {
            Refusal::bad_request(format!(
                "Syntax error in the search clause: {text}. A term is written \"property:value\"."
            ))
        };
        let inner = text.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let (property, word) =
            inner.and_then(|inner| inner.split_once(':')).ok_or_else(malformed)?;
        let property = SEARCHABLE
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(property.trim()))
            .ok_or_else(|| {
                Refusal::unsupported_query(format!(
                    "Unsupported property '{property}' in the search clause for resource '{}'.",
                    resource.name
                ))
            })?;
        Ok(Self { property, word: word.trim().to_lowercase() })
    }

    fn matches(&self, document: &Map<String, Value>) -> bool {
        document.get(self.property).and_then(Value::as_str).is_some_and(|text| {
            let text = text.to_lowercase();
            text.starts_with(&self.word)
                || text
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word.starts_with(&self.word))
        })
    }
}
