//! What is known of a person besides names and switches.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::Field;

/// Text fields of a person, by field. A field that isn't in it has no value; there are no empty
/// texts. Copies share their texts until one is changed: a plan holds a person's details in the
/// change, in its steps and in its view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details(Arc<Texts>);

/// All texts in one: of a hundred thousand accounts, each with fifteen texts of some letters, what is
/// around the texts would take more room than they do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Texts {
    joined: String,
    /// The fields in the order of their table, each with where its text ends.
    ends: Vec<(Field, usize)>,
}

impl Details {
    fn of(mut texts: Texts) -> Self {
        texts.joined.shrink_to_fit();
        texts.ends.shrink_to_fit();
        Self(Arc::new(texts))
    }

    /// The field's text.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.place(field).ok().map(|index| self.0.text(index))
    }

    /// Sets the field; an empty text removes it.
    pub fn set(&mut self, field: Field, text: impl AsRef<str>) {
        if self.get(field).unwrap_or_default() != text.as_ref() {
            Arc::make_mut(&mut self.0).set(field, text.as_ref());
        }
    }

    /// Fields and texts, in the order of the field table.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        let texts = &*self.0;
        texts.ends.iter().enumerate().map(|(index, (field, _))| (*field, texts.text(index)))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.ends.is_empty()
    }
}

impl Texts {
    fn place(&self, field: Field) -> Result<usize, usize> {
        self.ends.binary_search_by_key(&field, |(known, _)| *known)
    }

    fn start(&self, index: usize) -> usize {
        index.checked_sub(1).map_or(0, |before| self.ends[before].1)
    }

    fn text(&self, index: usize) -> &str {
        &self.joined[self.start(index)..self.ends[index].1]
    }

    fn set(&mut self, field: Field, text: &str) {
        let (index, old) = match self.place(field) {
            Ok(index) => (index, self.text(index).len()),
            Err(index) => {
                self.ends.insert(index, (field, self.start(index)));
                (index, 0)
            }
        };
        let start = self.start(index);
        self.joined.replace_range(start..start + old, text);
        for (_, end) in &mut self.ends[index..] {
            *end = *end - old + text.len();
        }
        if text.is_empty() {
            self.ends.remove(index);
        }
    }
}

impl<T: AsRef<str>> FromIterator<(Field, T)> for Details {
    fn from_iter<I: IntoIterator<Item = (Field, T)>>(pairs: I) -> Self {
        let mut texts = Texts::default();
        for (field, text) in pairs {
            texts.set(field, text.as_ref());
        }
        Self::of(texts)
    }
}

impl<'de> Deserialize<'de> for Details {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(OfMap)
    }
}

/// Takes texts over one by one: a directory of many thousand users is read through it.
struct OfMap;

impl<'de> Visitor<'de> for OfMap {
    type Value = Details;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("texts by field")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Details, A::Error> {
        let mut texts = Texts::default();
        while let Some((field, text)) = map.next_entry::<Field, Cow<'de, str>>()? {
            texts.set(field, &text);
        }
        Ok(Details::of(texts))
    }
}

impl Serialize for Details {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::model::field::FIELDS;

    #[test]
    fn copies_share_their_texts_until_one_is_changed() {
        let first: Details =
            [(Field::City, "Köln"), (Field::FirstName, "Eva")].into_iter().collect();
        let mut second = first.clone();
        second.set(Field::City, "Köln");
        assert!(Arc::ptr_eq(&first.0, &second.0));
        second.set(Field::City, "");
        assert_eq!((first.get(Field::City), second.get(Field::City)), (Some("Köln"), None));
        assert_eq!(serde_json::to_string(&first).unwrap(), r#"{"first_name":"Eva","city":"Köln"}"#);
    }

    proptest! {
        #[test]
        fn it_is_a_map_without_empty_texts(
            sets in prop::collection::vec((0..FIELDS.len(), "[a-zé]{0,4}"), 0..40),
        ) {
            let mut details = Details::default();
            let mut map = BTreeMap::new();
            for (index, text) in sets {
                let field = FIELDS[index].field;
                details.set(field, &text);
                map.insert(field, text);
                map.retain(|_, text| !text.is_empty());
                let pairs: Vec<_> = map.iter().map(|(field, text)| (*field, text.as_str())).collect();
                prop_assert_eq!(details.iter().collect::<Vec<_>>(), pairs);
                prop_assert_eq!(details.get(field), map.get(&field).map(String::as_str));
            }
            prop_assert_eq!(details.is_empty(), map.is_empty());
            let json = serde_json::to_string(&details).unwrap();
            prop_assert_eq!(serde_json::from_str::<Details>(&json).unwrap(), details);
        }
    }
}
