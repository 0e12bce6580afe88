//! Names inside the directory: distinguished names and filters, made of any text without that text
//! becoming syntax.
//!
//! Names are compared by their parts, never as strings: servers write the same name in different ways
//! (`active-directory.md §4`).

use std::fmt;
use std::fmt::Write as _;

use uuid::Uuid;

/// A distinguished name.
#[derive(Debug, Clone)]
pub struct Dn {
    /// From the entry up to the domain: attribute and unescaped value.
    parts: Vec<(String, String)>,
}

impl Dn {
    /// Reads a name as a person or a server wrote it; `None` if it isn't one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        loop {
            let (attribute, after) = rest.split_once('=')?;
            let attribute = attribute.trim();
            let is_attribute = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            if attribute.is_empty() || !attribute.chars().all(is_attribute) {
                return None;
            }
            let (value, next) = value_of(after).filter(|(value, _)| !value.is_empty())?;
            parts.push((attribute.to_owned(), value));
            match next {
                Some(next) => rest = next,
                None => return Some(Self { parts }),
            }
        }
    }

    /// The name of a domain: `contoso.test` is `DC=contoso,DC=test`.
    pub fn of_domain(domain: &str) -> Self {
        let parts = domain.split('.').map(|label| ("DC".to_owned(), label.to_owned()));
        Self { parts: parts.collect() }
    }

    /// The name of a new entry in this one.
    #[must_use]
    pub fn child(&self, attribute: &str, value: &str) -> Self {
        let first = (attribute.to_owned(), value.to_owned());
        Self { parts: std::iter::once(first).chain(self.parts.iter().cloned()).collect() }
    }

    /// The entry that this one is in.
    pub fn parent(&self) -> Option<Self> {
        let parts = self.parts.get(1..).filter(|parts| !parts.is_empty())?;
        Some(Self { parts: parts.to_vec() })
    }

    /// The entry's own value: of `CN=Eva,OU=People,…` that is `Eva`.
    pub fn own(&self) -> &str {
        self.parts.first().map_or("", |(_, value)| value)
    }

    /// The entry's own attribute and value, as they are written.
    pub fn own_part(&self) -> String {
        self.parts.first().map_or_else(String::new, |part| written(std::slice::from_ref(part)))
    }

    /// Whether it is this entry or one below it.
    pub fn is_within(&self, other: &Self) -> bool {
        let more = self.parts.len().checked_sub(other.parts.len());
        more.is_some_and(|more| same(&self.parts[more..], &other.parts))
    }

    /// The domain that its last parts are: `DC=contoso,DC=test` is `contoso.test`.
    pub fn domain(&self) -> String {
        let labels =
            self.parts.iter().filter(|(attribute, _)| attribute.eq_ignore_ascii_case("dc"));
        labels.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&written(&self.parts))
    }
}

impl PartialEq for Dn {
    fn eq(&self, other: &Self) -> bool {
        same(&self.parts, &other.parts)
    }
}

impl Eq for Dn {}

fn same(one: &[(String, String)], other: &[(String, String)]) -> bool {
    let folded = |parts: &[(String, String)]| -> Vec<(String, String)> {
        parts.iter().map(|(name, value)| (name.to_lowercase(), value.to_lowercase())).collect()
    };
    folded(one) == folded(other)
}

fn written(parts: &[(String, String)]) -> String {
    let mut text = String::new();
    for (index, (attribute, value)) in parts.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(attribute);
        text.push('=');
        escape_into(value, &mut text);
    }
    text
}

/// Every character that means something, wherever it stands (RFC 4514; `active-directory.md §4`).
fn escape_into(value: &str, text: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (index, c) in value.chars().enumerate() {
        match c {
            '\0' => text.push_str("\\00"),
            '\r' => text.push_str("\\0D"),
            '\n' => text.push_str("\\0A"),
            '=' => text.push_str("\\3D"),
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => text.extend(['\\', c]),
            '#' if index == 0 => text.extend(['\\', c]),
            ' ' if index == 0 || index == last => text.extend(['\\', c]),
            _ => text.push(c),
        }
    }
}

/// The value at the beginning of the text, and what follows the comma behind it.
fn value_of(text: &str) -> Option<(String, Option<&str>)> {
    let mut bytes = Vec::new();
    // Blanks at the end that aren't escaped don't belong to the value.
    let mut kept = 0;
    let text = text.trim_start_matches(' ');
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            ',' => {
                bytes.truncate(kept);
                return Some((String::from_utf8(bytes).ok()?, text.get(at + 1..)));
            }
            // Several attributes in one part, which nobody uses in this directory.
            '+' | '"' | ';' | '<' | '>' => return None,
            '\\' => {
                let (_, next) = characters.next()?;
                if next.is_ascii_hexdigit()
                    && let Some((_, second)) =
                        characters.next_if(|(_, second)| second.is_ascii_hexdigit())
                {
                    bytes.push(u8::from_str_radix(&format!("{next}{second}"), 16).ok()?);
                } else {
                    bytes.extend(next.encode_utf8(&mut [0; 4]).bytes());
                }
                kept = bytes.len();
            }
            _ => {
                bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
                if c != ' ' {
                    kept = bytes.len();
                }
            }
        }
    }
    bytes.truncate(kept);
    Some((String::from_utf8(bytes).ok()?, None))
}

/// How an entry is addressed wherever it was moved to.
pub(super) fn by_guid(guid: Uuid) -> String {
    format!("<GUID={guid}>")
}

/// A filter that is true for entries with that text.
pub(super) fn text_is(attribute: &str, value: &str) -> String {
    bytes_are(attribute, value.as_bytes())
}

/// A filter that is true for entries whose text begins like that.
pub(super) fn text_begins(attribute: &str, value: &str) -> String {
    format!("({attribute}={}*)", escaped(value.as_bytes()))
}

/// A filter that is true for entries with those bytes.
pub(super) fn bytes_are(attribute: &str, value: &[u8]) -> String {
    format!("({attribute}={})", escaped(value))
}

/// Letters and digits as they are, every other byte as `\xx`.
fn escaped(value: &[u8]) -> String {
    let mut text = String::with_capacity(value.len());
    for byte in value {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(*byte));
        } else {
            // Writing to a text can't fail.
            let _ = write!(text, "\\{byte:02x}");
        }
    }
    text
}

/// A filter that is true where one of these is.
pub(super) fn any_of(filters: impl Iterator<Item = String>) -> String {
    format!("(|{})", filters.collect::<String>())
}

/// A filter that is true where all of these are.
pub(super) fn all_of(filters: &[&str]) -> String {
    format!("(&{})", filters.concat())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_read_as_people_and_servers_write_it() {
        let people = Dn::parse("OU=People,DC=contoso,DC=test").unwrap();
        let eva = Dn::parse(r"cn=Li\, Eva \3B \22x\22, ou=people , dc=Contoso,dc=test").unwrap();
        assert_eq!(eva.own(), "Li, Eva ; \"x\"");
        assert_eq!(eva.parent(), Some(people.clone()));
        assert_eq!(eva.to_string(), r#"cn=Li\, Eva \; \"x\",ou=people,dc=Contoso,dc=test"#);
        assert_eq!(eva.domain(), "Contoso.test");
        assert!(eva.is_within(&people) && !people.is_within(&eva));
        assert_eq!(Dn::of_domain("contoso.test"), people.parent().unwrap());
        for wrong in ["", "People", "OU=", "OU=a,People", "=x", "OU=a+CN=b", "O U=x", "OU=a,"] {
            assert!(Dn::parse(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_as_a_value_comes_back_and_stays_one_part(value in "\\PC{1,20}|[ ,+\"\\\\<>;=#()*\\x00]{1,8}") {
            let dn = Dn::of_domain("contoso.test").child("OU", "People").child("CN", &value);
            let read = Dn::parse(&dn.to_string()).unwrap();
            prop_assert_eq!(read.own(), value.as_str());
            prop_assert_eq!(read.parts.len(), 4);
            prop_assert_eq!(read, dn);
        }

        #[test]
        fn any_text_in_a_filter_is_one_value(value in "\\PC{0,20}|[()*\\\\&|!=~\\x00]{0,8}") {
            let filter = text_is("sAMAccountName", &value);
            let inner = filter.strip_prefix("(sAMAccountName=").unwrap().strip_suffix(')').unwrap();
            prop_assert!(!inner.contains(['(', ')', '*', '\0', '&', '|']));
            let mut bytes = Vec::new();
            let mut rest = inner.bytes();
            while let Some(byte) = rest.next() {
                if byte == b'\\' {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                } else {
                    bytes.push(byte);
                }
            }
            prop_assert_eq!(bytes, value.as_bytes());
            // And the library that sends it reads it as that, too.
            prop_assert!(ldap3::parse_filter(&filter).is_ok());
        }
    }
}
