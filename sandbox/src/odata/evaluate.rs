//! Whether an object meets a `$filter`.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::filter::{Filter, Literal, Operand, Test};

impl Filter {
    /// Whether the object meets the condition.
    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.holds(document, None)
    }

    fn holds(&self, document: &Map<String, Value>, item: Option<&Value>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|part| part.holds(document, item)),
            Self::Or(all) => all.iter().any(|part| part.holds(document, item)),
            Self::Not(inner) => !inner.holds(document, item),
            Self::Test(operand, test) => {
                test.passes(operand.value(document, item), operand.exact_case)
            }
            Self::Any(operand, inner) => operand
                .items(document)
                .iter()
                .any(|each| inner.as_deref().is_none_or(|inner| inner.holds(document, Some(each)))),
            Self::Count(operand, equal, number) => {
                (operand.items(document).len() == *number) == *equal
            }
        }
    }
}

impl Operand {
    fn value<'a>(
        &self,
        document: &'a Map<String, Value>,
        item: Option<&'a Value>,
    ) -> Option<&'a Value> {
        let whole = if self.of_item { item } else { document.get(self.property) }?;
        let value = match &self.member {
            None => Some(whole),
            Some(member) => whole
                .as_object()?
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(member))
                .map(|(_, value)| value),
        };
        value.filter(|value| !value.is_null())
    }

    fn items<'a>(&self, document: &'a Map<String, Value>) -> &'a [Value] {
        document.get(self.property).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

impl Test {
    fn passes(&self, value: Option<&Value>, exact_case: bool) -> bool {
        let text = || {
            value
                .and_then(Value::as_str)
                .map(|text| if exact_case { text.to_owned() } else { text.to_lowercase() })
        };
        match self {
            Self::Equal(literal) => literal.equals(value, exact_case),
            Self::NotEqual(literal) => !literal.equals(value, exact_case),
            Self::OneOf(all) => all.iter().any(|literal| literal.equals(value, exact_case)),
            Self::AtLeast(literal) => literal.compare(value).is_some_and(std::cmp::Ordering::is_ge),
            Self::AtMost(literal) => literal.compare(value).is_some_and(std::cmp::Ordering::is_le),
            Self::StartsWith(start) => text().is_some_and(|text| text.starts_with(start)),
            Self::EndsWith(end) => text().is_some_and(|text| text.ends_with(end)),
        }
    }
}

impl Literal {
    fn equals(&self, value: Option<&Value>, exact_case: bool) -> bool {
        match (self, value) {
            (Self::Null, None) => true,
            (Self::Text(text), Some(Value::String(value))) if exact_case => value == text,
            (Self::Text(_) | Self::Guid(_) | Self::Time(_), Some(_)) => {
                self.compare(value).is_some_and(std::cmp::Ordering::is_eq)
            }
            (Self::Bool(wanted), Some(Value::Bool(value))) => value == wanted,
            (Self::Number(wanted), Some(value)) => value.as_i64() == Some(*wanted),
            _ => false,
        }
    }

    /// How the value compares to the literal; without regard to case.
    fn compare(&self, value: Option<&Value>) -> Option<std::cmp::Ordering> {
        let text = value?.as_str()?;
        match self {
            Self::Text(wanted) | Self::Guid(wanted) => Some(text.to_lowercase().cmp(wanted)),
            Self::Time(wanted) => Some(text.parse::<Timestamp>().ok()?.cmp(wanted)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::USER;

    fn matches(expression: &str) -> bool {
        let document = json!({
            "displayName": "Mia O'Neil",
            "accountEnabled": false,
            "createdDateTime": "2026-05-04T09:12:43Z",
            "assignedLicenses": [{ "skuId": "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", "disabledPlans": [] }],
            "proxyAddresses": ["SMTP:mia@contoso.com"],
            "onPremisesImmutableId": "aB==",
        });
        Filter::parse(expression, &USER).unwrap().matches(document.as_object().unwrap())
    }

    #[test]
    fn text_is_compared_without_regard_to_case() {
        assert!(matches("displayName eq 'mia o''neil'"));
        assert!(matches("startsWith(displayName,'MIA')"));
        assert!(matches("proxyAddresses/any(p:p eq 'smtp:mia@contoso.com')"));
        assert!(matches("proxyAddresses/any(p:endsWith(p,'@contoso.com'))"));
    }

    #[test]
    fn an_immutable_id_is_compared_exactly() {
        assert!(matches("onPremisesImmutableId eq 'aB=='"));
        assert!(!matches("onPremisesImmutableId eq 'ab=='"));
    }

    #[test]
    fn absent_equals_null_and_nothing_else() {
        assert!(matches("city eq null"));
        assert!(matches("city ne 'Berlin'"));
        assert!(!matches("city ge 'A'"));
        assert!(!matches("displayName eq null"));
    }

    #[test]
    fn collections_are_searched_and_counted() {
        assert!(matches("assignedLicenses/any(l:l/skuId eq cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46)"));
        assert!(matches("assignedLicenses/$count ne 0"));
        assert!(matches("otherMails/$count eq 0"));
        assert!(!matches("not(accountEnabled eq false)"));
    }

    #[test]
    fn times_are_compared_as_times() {
        assert!(matches("createdDateTime ge 2026-05-04T11:12:43+02:00"));
        assert!(!matches("createdDateTime le 2026-05-03T00:00:00Z"));
    }
}
