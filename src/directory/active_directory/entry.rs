//! An entry as a controller sent it, and the values in it.

use std::collections::BTreeMap;

use ldap3::SearchEntry;
use uuid::Uuid;

use super::name::Dn;

/// An entry with the attributes that were asked for.
pub(super) struct Entry(SearchEntry);

impl Entry {
    pub(super) fn new(found: SearchEntry) -> Self {
        Self(found)
    }

    /// Its name.
    pub(super) fn dn(&self) -> Option<Dn> {
        Dn::parse(plain(&self.0.dn))
    }

    /// Its name as it was sent.
    pub(super) fn dn_text(&self) -> &str {
        plain(&self.0.dn)
    }

    /// The attribute's texts; empty if it has none.
    pub(super) fn texts(&self, attribute: &str) -> &[String] {
        // Servers spell attributes as their schema does, whatever was asked for.
        let exact = self.0.attrs.get(attribute);
        let found = exact.or_else(|| {
            let mut all = self.0.attrs.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(attribute)).map(|(_, values)| values)
        });
        found.map_or(&[], Vec::as_slice)
    }

    /// The attribute's only or first text.
    pub(super) fn text(&self, attribute: &str) -> Option<&str> {
        self.texts(attribute).first().map(String::as_str)
    }

    /// The attribute's number.
    pub(super) fn number(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.parse().ok()
    }

    /// Whether the attribute is there and true.
    pub(super) fn is(&self, attribute: &str) -> bool {
        self.text(attribute) == Some("TRUE")
    }

    /// The attribute's bytes: those that happen to be a text are kept with the texts.
    pub(super) fn bytes(&self, attribute: &str) -> Option<&[u8]> {
        let binary = self.0.bin_attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
        match binary {
            Some((_, values)) => values.first().map(Vec::as_slice),
            None => self.text(attribute).map(str::as_bytes),
        }
    }

    /// All of the attribute's values as bytes.
    pub(super) fn all_bytes(&self, attribute: &str) -> Vec<Vec<u8>> {
        let binary = self.0.bin_attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute));
        match binary {
            Some((_, values)) => values.clone(),
            None => self.texts(attribute).iter().map(|text| text.clone().into_bytes()).collect(),
        }
    }

    /// Every attribute that was sent, as bytes.
    pub(super) fn everything(&self) -> BTreeMap<String, Vec<Vec<u8>>> {
        let texts = self.0.attrs.iter().map(|(name, values)| {
            (name.clone(), values.iter().map(|value| value.clone().into_bytes()).collect())
        });
        let binary = self.0.bin_attrs.iter().map(|(name, values)| (name.clone(), values.clone()));
        texts.chain(binary).collect()
    }

    /// The attribute's GUID.
    pub(super) fn guid(&self, attribute: &str) -> Option<Uuid> {
        Uuid::from_slice_le(self.bytes(attribute)?).ok()
    }

    /// The last part of the security identifier: what tells accounts of a domain apart.
    pub(super) fn relative_id(&self) -> Option<u32> {
        let bytes = self.bytes("objectSid")?;
        let last = bytes.get(bytes.len().checked_sub(4)?..)?;
        Some(u32::from_le_bytes(last.try_into().ok()?))
    }

    /// The texts of an attribute that was asked for by range, and whether those are all: Microsoft sends
    /// at most 1500 values at once (`active-directory.md §7`).
    pub(super) fn range(&self, attribute: &str) -> (&[String], bool) {
        let prefix = format!("{};range=", attribute.to_lowercase());
        let mut all = self.0.attrs.iter();
        match all.find(|(name, _)| name.to_lowercase().starts_with(&prefix)) {
            Some((name, values)) => (values, name.ends_with("-*")),
            None => (self.texts(attribute), true),
        }
    }
}

/// A name without what the control for extended names puts before it.
fn plain(dn: &str) -> &str {
    let mut rest = dn;
    while rest.starts_with('<')
        && let Some((_, after)) = rest.split_once(">;")
    {
        rest = after;
    }
    rest
}

/// The GUID that the control for extended names puts before a name.
pub(super) fn guid_in(extended: &str) -> Option<Uuid> {
    extended.strip_prefix("<GUID=")?.split_once('>')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn entry(dn: &str, attributes: &[(&str, &[&str])], binary: &[(&str, &[u8])]) -> Entry {
        let texts = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let attrs = attributes.iter().map(|(name, values)| ((*name).to_owned(), texts(values)));
        let bin_attrs =
            binary.iter().map(|(name, bytes)| ((*name).to_owned(), vec![bytes.to_vec()]));
        let (attrs, bin_attrs) = (attrs.collect::<HashMap<_, _>>(), bin_attrs.collect());
        Entry::new(SearchEntry { dn: dn.to_owned(), attrs, bin_attrs })
    }

    #[test]
    fn a_guid_is_found_among_bytes_and_among_texts() {
        let guid: Uuid = "41414141-4141-4141-4141-414141414141".parse().unwrap();
        let as_text = entry("CN=a", &[("objectGUID", &["AAAAAAAAAAAAAAAA"])], &[]);
        assert_eq!(as_text.guid("objectGUID"), Some(guid));
        let as_bytes = entry("CN=a", &[], &[("objectGUID", b"\xffAAAAAAAAAAAAAAA")]);
        assert_eq!(as_bytes.guid("objectguid").unwrap().as_fields().0, 0x4141_41ff);
        assert_eq!(entry("CN=a", &[], &[]).guid("objectGUID"), None);
    }

    #[test]
    fn an_extended_name_gives_its_guid_and_its_plain_name() {
        let text = "<GUID=916cdab1-2a23-49b1-83ee-df948390ec26>;<SID=S-1-5-21-1>;CN=boss,DC=test";
        assert_eq!(entry(text, &[], &[]).dn_text(), "CN=boss,DC=test");
        assert_eq!(guid_in(text).unwrap().as_fields().0, 0x916c_dab1);
        assert_eq!(guid_in("CN=boss,DC=test"), None);
    }

    #[test]
    fn a_range_of_microsoft_ends_where_its_name_says_so() {
        let attributes: &[(&str, &[&str])] =
            &[("memberOf", &[]), ("memberOf;range=0-1", &["a", "b"])];
        assert!(!entry("CN=a", attributes, &[]).range("memberOf").1);
        let last = entry("CN=a", &[("memberOf;range=2-*", &["c"])], &[]);
        assert_eq!(last.range("memberOf"), (&["c".to_owned()][..], true));
        let all = entry("CN=a", &[("memberOf", &["a"])], &[]);
        assert!(all.range("memberOf").1);
    }
}
