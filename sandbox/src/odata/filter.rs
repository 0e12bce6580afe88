//! A `$filter` as a tree, and what can be told from it before a single object is read: whether it is an
//! advanced query, and which keys narrow it. Reading the text is `parser.rs`'s.

use jiff::Timestamp;

use crate::state::users::{Key, Narrow};

/// A condition on one object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    /// About a property of the object, or the member or value of a collection's item.
    Test(Operand, Test),
    /// Some item of the collection meets the condition; without one: there is an item.
    Any(Operand, Option<Box<Filter>>),
    /// The collection has, or hasn't, that many items.
    Count(Operand, bool, usize),
}

/// What a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Operand {
    /// The property, or the collection whose item is meant.
    pub(crate) property: &'static str,
    /// A member of the object that the property or item is.
    pub(crate) member: Option<String>,
    /// Whether the range variable of `any` is meant, not the object.
    pub(crate) of_item: bool,
    pub(crate) exact_case: bool,
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Test {
    Equal(Literal),
    NotEqual(Literal),
    AtLeast(Literal),
    AtMost(Literal),
    OneOf(Vec<Literal>),
    StartsWith(String),
    EndsWith(String),
}

/// A value written in a filter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Guid(String),
    Time(Timestamp),
    Bool(bool),
    Number(i64),
    Null,
}

impl Filter {
    /// The operator that makes this an advanced query, if one does (`graph.md` §3).
    pub(crate) fn advanced_operator(&self) -> Option<&'static str> {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().find_map(Self::advanced_operator),
            Self::Not(_) => Some("not"),
            Self::Count(..) => Some("$count"),
            Self::Any(_, inner) => inner.as_deref().and_then(Self::advanced_operator),
            Self::Test(_, Test::NotEqual(_)) => Some("ne"),
            Self::Test(_, Test::EndsWith(_)) => Some("endsWith"),
            Self::Test(operand, Test::StartsWith(_)) if operand.property == "mobilePhone" => {
                Some("startsWith")
            }
            Self::Test(..) => None,
        }
    }

    /// Keys that every match must have one of, so that not every object has to be read.
    pub(crate) fn narrow(&self) -> Option<Narrow> {
        match self {
            Self::And(all) => all.iter().find_map(Self::narrow),
            Self::Or(all) => all.iter().map(Self::narrow).reduce(|left, right| {
                let (mut left, right) = (left?, right?);
                left.values.extend(right.values);
                (left.key == right.key).then_some(left)
            })?,
            Self::Test(operand, test) if !operand.of_item => {
                let key = key_of(operand.property)?;
                let literals = match test {
                    Test::Equal(literal) => std::slice::from_ref(literal),
                    Test::OneOf(literals) => literals,
                    _ => return None,
                };
                let value = |literal: &Literal| match literal {
                    Literal::Text(value) if operand.exact_case => Some(value.clone()),
                    Literal::Text(value) => Some(value.to_lowercase()),
                    _ => None,
                };
                let values = literals.iter().map(value).collect::<Option<_>>()?;
                Some(Narrow { key, values })
            }
            _ => None,
        }
    }
}

fn key_of(property: &str) -> Option<Key> {
    Some(match property {
        "id" => Key::Id,
        "userPrincipalName" => Key::PrincipalName,
        "displayName" => Key::Name,
        "mail" => Key::Mail,
        "employeeId" => Key::EmployeeId,
        "onPremisesImmutableId" => Key::ImmutableId,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;
    use crate::schema::USER;

    fn refusal(expression: &str) -> Refusal {
        Filter::parse(expression, &USER).unwrap_err()
    }

    #[test]
    fn and_binds_closer_than_or() {
        let filter =
            Filter::parse("givenName eq 'a' or givenName eq 'b' and surname eq 'c'", &USER)
                .unwrap();
        assert!(matches!(&filter, Filter::Or(parts) if matches!(parts[1], Filter::And(_))));
    }

    #[test]
    fn an_operator_the_property_does_not_take_is_named_with_the_property() {
        assert_eq!(
            refusal("startsWith(department,'Fin')").message,
            "Unsupported or invalid query filter clause specified for property 'department' of resource 'User'."
        );
        assert_eq!(
            refusal("lastPasswordChangeDateTime ge 2026-01-01T00:00:00Z").code,
            "Request_UnsupportedQuery"
        );
    }

    #[test]
    fn an_unknown_property_and_a_cut_off_expression_are_bad_requests() {
        assert_eq!(refusal("nickname eq 'x'").code, "BadRequest");
        assert_eq!(refusal("displayName eq").code, "BadRequest");
        assert_eq!(refusal("displayName eq 'open").code, "BadRequest");
        assert_eq!(refusal("accountEnabled eq 'true'").code, "BadRequest");
    }

    #[test]
    fn keys_of_equality_narrow_a_listing_only_when_every_branch_has_them() {
        let narrow = |text| Filter::parse(text, &USER).unwrap().narrow();
        assert_eq!(
            narrow("userPrincipalName in ('A@x.com','b@x.com')").unwrap().values,
            ["a@x.com", "b@x.com"]
        );
        assert!(narrow("employeeId eq '1' and accountEnabled eq true").is_some());
        assert!(narrow("employeeId eq '1' or accountEnabled eq true").is_none());
        assert_eq!(narrow("onPremisesImmutableId eq 'aB=='").unwrap().values, ["aB=="]);
    }
}
