//! From the schemas of the description (`OpenAPI` 3.0) to JSON Schema.
//!
//! What belongs here: how an `OpenAPI` keyword is said in JSON Schema, and how strict that is made: an
//! object has no members but those described, save annotations (`@odata.type`,
//! `members@odata.nextLink`), which may stand anywhere (`graph.md` §1).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Where the description keeps its schemas.
const DESCRIBED: &str = "#/components/schemas/";

/// Schemas by name, as the description has them.
pub(crate) struct Schemas(Map<String, Value>);

impl Schemas {
    pub(crate) fn new(described: &Value) -> Self {
        Self(described.as_object().expect("schemas by name").clone())
    }

    /// A JSON Schema that stands on its own, for a schema of the description.
    pub(crate) fn standalone(&self, schema: &Value) -> Value {
        let definitions: Map<String, Value> =
            self.0.iter().map(|(name, schema)| (name.clone(), self.named(name, schema))).collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "allOf": [self.translated(schema)],
            "$defs": definitions,
        })
    }

    /// Names of the members of a schema, of its base types, and of the types derived from it.
    pub(crate) fn members(&self, schema: &Value) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = self.flat(schema).properties.keys().cloned().collect();
        if let Some(base) = reference(schema) {
            for derived in self.derived_from(base) {
                names.extend(self.flat(&self.0[derived]).properties.keys().cloned());
            }
        }
        names
    }

    /// The schema of the items when `schema` is a collection's, else itself.
    pub(crate) fn item<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let whole = reference(schema).map_or(schema, |name| &self.0[name]);
        whole.pointer("/properties/value/items").unwrap_or(schema)
    }

    /// A type from which others are derived stands for them too, told apart by `@odata.type`.
    fn named(&self, name: &str, schema: &Value) -> Value {
        let own = self.translated(schema);
        let derived = self.derived_from(name);
        if derived.is_empty() {
            return own;
        }
        let is = |types: Vec<String>| json!({ "required": ["@odata.type"], "properties": { "@odata.type": { "enum": types } } });
        let mut alternatives: Vec<Value> = derived
            .iter()
            .map(|derived| {
                json!({ "if": is(vec![format!("#{derived}")]), "then": defined(derived) })
            })
            .collect();
        let all = derived.iter().map(|derived| format!("#{derived}")).collect();
        alternatives.push(json!({ "if": is(all), "else": own }));
        json!({ "allOf": alternatives })
    }

    /// The types that extend `base`, at whatever distance.
    fn derived_from(&self, base: &str) -> Vec<&str> {
        let extends = |schema: &Value| {
            self.bases(schema).iter().any(|ancestor| ancestor == base) && schema["allOf"].is_array()
        };
        self.0.iter().filter(|(_, schema)| extends(schema)).map(|(name, _)| name.as_str()).collect()
    }

    fn bases(&self, schema: &Value) -> Vec<String> {
        let parts = schema["allOf"].as_array().into_iter().flatten();
        parts
            .filter_map(reference)
            .flat_map(|base| {
                let mut chain = self.bases(&self.0[base]);
                chain.push(base.to_owned());
                chain
            })
            .collect()
    }

    fn translated(&self, schema: &Value) -> Value {
        if let Some(name) = reference(schema) {
            return defined(name);
        }
        let flat = self.flat(schema);
        if flat.is_closed {
            return self.closed_object(&flat);
        }
        let mut translated = Map::new();
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let value = match keyword.as_str() {
                "nullable" => continue,
                "items" | "additionalProperties" if value.is_object() => self.translated(value),
                "allOf" | "oneOf" => value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|part| self.translated(part))
                    .collect(),
                _ => value.clone(),
            };
            translated.insert(keyword.clone(), value);
        }
        if schema["nullable"] == true {
            translated["type"] = json!([schema["type"], "null"]);
        }
        Value::Object(translated)
    }

    fn closed_object(&self, flat: &Flat) -> Value {
        let member = |schema: &Value| match reference(schema) {
            // OpenAPI 3.0 has no place for `nullable` beside a reference: whether a member of a
            // complex type may be null isn't said, and the service does answer null there.
            Some(name) if name.starts_with("microsoft.graph.") && !name.contains("ODataErrors") => {
                json!({ "if": { "not": { "type": "null" } }, "then": defined(name) })
            }
            _ => self.translated(schema),
        };
        let properties: Map<String, Value> =
            flat.properties.iter().map(|(name, schema)| (name.clone(), member(schema))).collect();
        json!({
            "type": if flat.is_nullable { json!(["object", "null"]) } else { json!("object") },
            "properties": properties,
            "required": flat.required,
            "patternProperties": { "@": {} },
            "additionalProperties": false,
        })
    }

    fn flat(&self, schema: &Value) -> Flat {
        if let Some(name) = reference(schema) {
            return self.flat(&self.0[name]);
        }
        let mut flat = Flat { is_nullable: schema["nullable"] == true, ..Flat::default() };
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let part = self.flat(part);
            flat.is_closed |= part.is_closed;
            flat.properties.extend(part.properties);
            flat.required.extend(part.required);
        }
        if let Some(properties) = schema["properties"].as_object() {
            flat.is_closed = true;
            flat.properties.extend(properties.clone());
        }
        flat.required.extend(schema["required"].as_array().into_iter().flatten().cloned());
        flat
    }
}

/// An object's members with those of its base types.
#[derive(Default)]
struct Flat {
    properties: Map<String, Value>,
    required: Vec<Value>,
    /// Whether members are described at all: an object of which nothing is said may have any.
    is_closed: bool,
    is_nullable: bool,
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(DESCRIBED)
}

fn defined(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}
