//! `$filter`: many keys in as few requests as Graph's limits allow.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::users::AccountKey;

/// The most values that one filter may compare with.
pub(super) const CLAUSES: usize = 15;
/// The most characters of an encoded filter; with the rest a URL stays well below 8,000.
const LENGTH: usize = 5_000;

/// What may stand in a query as it is; all else is encoded (`graph.md §3`, RFC 3986).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'(')
    .remove(b')')
    .remove(b',');

/// Percent-encoded filters that find all the keys, each within the limits. A key that is asked for
/// twice is asked for once.
pub(super) fn filters(keys: &[AccountKey]) -> Vec<String> {
    let wanted: BTreeSet<(&str, String)> = keys.iter().map(comparison).collect();
    let mut filters = Vec::new();
    let mut group: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut clauses, mut length) = (0, 0);
    for (property, text) in wanted {
        let value = utf8_percent_encode(&quoted(&text), ENCODED).to_string();
        // " or property in (" and the comma.
        let longer = value.len() + property.len() + 20;
        if clauses == CLAUSES || (clauses > 0 && length + longer > LENGTH) {
            filters.push(written(&std::mem::take(&mut group)));
            (clauses, length) = (0, 0);
        }
        group.entry(property).or_default().push(value);
        clauses += 1;
        length += longer;
    }
    if !group.is_empty() {
        filters.push(written(&group));
    }
    filters
}

/// The property that a key is compared with, and the value.
fn comparison(key: &AccountKey) -> (&'static str, String) {
    match key {
        AccountKey::Id(id) => ("id", id.to_string()),
        AccountKey::OnlineId(name) => ("userPrincipalName", name.as_str().to_owned()),
        AccountKey::Anchor(anchor) => ("onPremisesImmutableId", anchor.as_str().to_owned()),
        AccountKey::DisplayName(name) => ("displayName", name.clone()),
        AccountKey::EmployeeId(number) => ("employeeId", number.clone()),
        AccountKey::Email(address) => ("mail", address.as_str().to_owned()),
    }
}

/// A text as `$filter` takes it: in single quotes, a quote doubled.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn written(group: &BTreeMap<&str, Vec<String>>) -> String {
    let clauses: Vec<String> = group
        .iter()
        .map(|(property, values)| match values.as_slice() {
            [one] => format!("{property}%20eq%20{one}"),
            many => format!("{property}%20in%20({})", many.join(",")),
        })
        .collect();
    clauses.join("%20or%20")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Anchor, OnlineId};

    fn decoded(filter: &str) -> String {
        percent_encoding::percent_decode_str(filter).decode_utf8().unwrap().into_owned()
    }

    #[test]
    fn quotes_are_doubled_and_what_a_url_would_misread_is_encoded() {
        let keys = [
            AccountKey::DisplayName("Ann O'Neil & Söhne #1 + 50%".to_owned()),
            AccountKey::Anchor(Anchor::received("ab+/cd==")),
        ];
        let filters = filters(&keys);
        insta::assert_snapshot!(filters.join("\n"), @"displayName%20eq%20%27Ann%20O%27%27Neil%20%26%20S%C3%B6hne%20%231%20%2B%2050%25%27%20or%20onPremisesImmutableId%20eq%20%27ab%2B%2Fcd%3D%3D%27");
    }

    #[test]
    fn keys_of_one_kind_share_a_list_and_kinds_are_joined() {
        let keys = [
            AccountKey::OnlineId(OnlineId::received("eva@contoso.com")),
            AccountKey::EmployeeId("1".to_owned()),
            AccountKey::OnlineId(OnlineId::received("tim@contoso.com")),
            AccountKey::EmployeeId("1".to_owned()),
        ];
        let filters: Vec<String> = filters(&keys).iter().map(|filter| decoded(filter)).collect();
        assert_eq!(
            filters,
            ["employeeId eq '1' or userPrincipalName in ('eva@contoso.com','tim@contoso.com')"]
        );
    }

    #[test]
    fn no_filter_has_more_than_fifteen_values_and_none_is_lost() {
        let keys: Vec<AccountKey> =
            (0..40).map(|n| AccountKey::EmployeeId(format!("{n:03}"))).collect();
        let filters: Vec<String> = filters(&keys).iter().map(|filter| decoded(filter)).collect();
        let counts: Vec<usize> = filters.iter().map(|f| f.matches('\'').count() / 2).collect();
        assert_eq!(counts, [15, 15, 10]);
    }

    #[test]
    fn long_names_make_more_filters_not_longer_ones() {
        let keys: Vec<AccountKey> = (0..15)
            .map(|n| AccountKey::DisplayName(format!("{n:02}{}", "ö".repeat(254))))
            .collect();
        let filters = filters(&keys);
        assert!(filters.len() > 1);
        assert!(filters.iter().all(|filter| filter.len() <= LENGTH));
        let values: usize = filters.iter().map(|f| decoded(f).matches('\'').count() / 2).sum();
        assert_eq!(values, 15);
    }

    #[test]
    fn no_keys_are_no_request() {
        assert_eq!(filters(&[]), Vec::<String>::new());
    }
}
