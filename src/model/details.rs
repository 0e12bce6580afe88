//! What is known of a person besides names and switches.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Field;

/// Text fields of a person, by field. A field that isn't in the map has no value; there are no
/// empty texts. Copies share their texts until one is changed: a plan holds a person's details in the
/// change, in its steps and in its view.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Details(Arc<BTreeMap<Field, String>>);

impl Details {
    /// The field's text.
    pub fn get(&self, field: Field) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }

    /// Sets the field; an empty text removes it.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        let text = text.into();
        if text.is_empty() {
            if self.0.contains_key(&field) {
                Arc::make_mut(&mut self.0).remove(&field);
            }
        } else {
            Arc::make_mut(&mut self.0).insert(field, text);
        }
    }

    /// Fields and texts, in the order of the field table.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        self.0.iter().map(|(field, text)| (*field, text.as_str()))
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(Field, String)> for Details {
    fn from_iter<I: IntoIterator<Item = (Field, String)>>(pairs: I) -> Self {
        let mut details = Self::default();
        for (field, text) in pairs {
            details.set(field, text);
        }
        details
    }
}
