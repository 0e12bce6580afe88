//! `$select`: which properties an answer has. One that isn't selected is absent, not null.

use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::schema::{Access, Kind, Property, Resource};

/// The properties an answer shows.
#[derive(Debug, Clone)]
pub(crate) struct Projection {
    properties: Vec<&'static Property>,
    selected: bool,
}

impl Projection {
    /// The default set.
    pub(crate) fn default_of(resource: &Resource) -> Self {
        let properties = resource.properties.iter().filter(|property| property.default).collect();
        Self { properties, selected: false }
    }

    /// What `$select` asks for, or the default set.
    pub(crate) fn parse(select: Option<&str>, resource: &Resource) -> Result<Self, Refusal> {
        let Some(select) = select else { return Ok(Self::default_of(resource)) };
        let mut properties: Vec<&'static Property> = Vec::new();
        for name in select.split(',').map(str::trim) {
            if name == "*" {
                properties.extend(resource.properties);
                continue;
            }
            let property = resource
                .property(name)
                .ok_or_else(|| Refusal::unknown_property_in_select(name, resource.type_name))?;
            if !properties.iter().any(|known| known.name == property.name) {
                properties.push(property);
            }
        }
        Ok(Self { properties, selected: true })
    }

    /// Whether the answer has that property.
    pub(crate) fn shows(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name == name)
    }

    /// Refuses properties that can't be read on a collection (`graph.md` §3).
    pub(crate) fn check_for_collection(&self) -> Result<(), Refusal> {
        if self.properties.iter().any(|property| property.access == Access::Outside) {
            return Err(Refusal::outside_the_directory());
        }
        Ok(())
    }

    /// The part of `@odata.context` that names the selected properties, in parentheses.
    pub(crate) fn suffix(&self) -> String {
        if !self.selected {
            return String::new();
        }
        let names: Vec<&str> = self.properties.iter().map(|property| property.name).collect();
        format!("({})", names.join(","))
    }

    /// The shown properties of a document; one that was never set is null, or an empty list.
    pub(crate) fn apply(&self, document: &Map<String, Value>) -> Map<String, Value> {
        self.properties
            .iter()
            .map(|property| {
                let value = document.get(property.name).cloned().unwrap_or(match property.kind {
                    Kind::Texts | Kind::Objects => Value::Array(Vec::new()),
                    _ => Value::Null,
                });
                (property.name.to_owned(), value)
            })
            .collect()
    }
}
