//! The operations of the description: finding the one a request means, and what it allows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::json_schema::Schemas;

/// The contract, read once.
pub(crate) static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

pub(crate) struct Contract {
    operations: Vec<Operation>,
    /// The error body of Graph.
    pub(crate) refusal: Judge,
}

/// One method of one path.
pub(crate) struct Operation {
    /// `GET /users/{user-id}`.
    pub(crate) name: String,
    /// Query options by name.
    pub(crate) query: BTreeMap<String, Judge>,
    /// What `$select` may name.
    pub(crate) selectable: BTreeSet<String>,
    pub(crate) is_pageable: bool,
    /// Media type and body; absent where the operation takes none.
    pub(crate) request: Option<(String, Judge)>,
    pub(crate) needs_body: bool,
    /// Answers by status, `2XX` or `default`; without a body where none is described.
    pub(crate) answers: BTreeMap<String, Option<(String, Judge)>>,
    pub(crate) documented_status: Option<u16>,
}

/// A compiled schema.
pub(crate) struct Judge(Validator);

impl Judge {
    fn of(schemas: &Schemas, schema: &Value) -> Self {
        let compiled =
            jsonschema::options().should_validate_formats(true).build(&schemas.standalone(schema));
        Self(compiled.unwrap_or_else(|fault| panic!("{schema}: {fault}")))
    }

    /// JSON pointer and reason of everything that is wrong. Values aren't shown: they may be secret.
    pub(crate) fn faults(&self, value: &Value) -> Vec<(String, String)> {
        let faults = self.0.iter_errors(value);
        faults.map(|fault| (fault.instance_path.to_string(), fault.masked().to_string())).collect()
    }
}

impl Contract {
    fn read() -> Self {
        let description: Value =
            serde_json::from_str(include_str!("../graph-schema.json")).unwrap();
        let schemas = Schemas::new(&description["schemas"]);
        let operations = description["operations"].as_object().unwrap();
        let operations = operations
            .iter()
            .map(|(name, described)| Operation::read(name, described, &description, &schemas))
            .collect();
        let refusal = resolved(&json!({ "$ref": "#/components/responses/error" }), &description)
            .pointer("/content/application~1json/schema")
            .map(|schema| Judge::of(&schemas, schema))
            .unwrap();
        Self { operations, refusal }
    }

    /// The operation of a path below the version root, or the tenant's token endpoint. A name in the
    /// path goes before a parameter: `/users/delta` is not a user.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<&Operation> {
        let path = segments(path);
        let fitting = self.operations.iter().filter_map(|operation| {
            let (its_method, its_path) = operation.name.split_once(' ')?;
            let its_path = segments(its_path);
            let fits = its_method == method
                && its_path.len() == path.len()
                && its_path.iter().zip(&path).all(|(its, given)| is_parameter(its) || its == given);
            let parameters = its_path.iter().filter(|segment| is_parameter(segment)).count();
            fits.then_some((parameters, operation))
        });
        fitting.min_by_key(|(parameters, _)| *parameters).map(|(_, operation)| operation)
    }
}

impl Operation {
    fn read(name: &str, described: &Value, description: &Value, schemas: &Schemas) -> Self {
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let query = parameters
            .map(|parameter| resolved(parameter, description))
            .filter(|parameter| parameter["in"] == "query")
            .map(|parameter| {
                let name = parameter["name"].as_str().unwrap().to_owned();
                (name, Judge::of(schemas, &parameter["schema"]))
            })
            .collect();
        let answers: BTreeMap<String, &Value> = described["responses"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(status, answer)| (status.clone(), resolved(answer, description)))
            .collect();
        let selectable = answers
            .iter()
            .filter(|(status, _)| status.starts_with('2'))
            .filter_map(|(_, answer)| content(answer))
            .flat_map(|(_, schema)| schemas.members(schemas.item(schema)))
            .collect();
        Self {
            name: name.to_owned(),
            query,
            selectable,
            is_pageable: described["x-ms-pageable"].is_object(),
            request: content(&described["requestBody"]).map(|(media, schema)| {
                let needed = &described["x-required-on-create"];
                let schema = if needed.is_array() {
                    json!({ "allOf": [schema, { "required": needed }] })
                } else {
                    schema.clone()
                };
                (media.to_owned(), Judge::of(schemas, &schema))
            }),
            needs_body: described["requestBody"]["required"] == true,
            answers: answers
                .into_iter()
                .map(|(status, answer)| {
                    let body = content(answer)
                        .map(|(media, schema)| (media.to_owned(), Judge::of(schemas, schema)));
                    (status, body)
                })
                .collect(),
            documented_status: described["x-documented-status"]
                .as_u64()
                .map(|status| u16::try_from(status).unwrap()),
        }
    }
}

/// A parameter or answer, looked up where it is only referred to.
fn resolved<'a>(part: &'a Value, description: &'a Value) -> &'a Value {
    match part["$ref"].as_str().and_then(|path| path.strip_prefix("#/components")) {
        Some(path) => description.pointer(path).unwrap(),
        None => part,
    }
}

/// The only media type of a body, and its schema.
fn content(body: &Value) -> Option<(&str, &Value)> {
    let (media, described) = body["content"].as_object()?.iter().next()?;
    Some((media, &described["schema"]))
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// `users('kim')` means `users/kim` (`graph.md` §3).
fn segments(path: &str) -> Vec<String> {
    path.replace("('", "/")
        .replace("')", "")
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}
