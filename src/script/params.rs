//! Parameters of a script: the constant `PARAMS`, read without running anything.
//!
//! ```text
//! const PARAMS = #{
//!     csv: #{ type: "file", help: "people to create" },
//!     licenses: #{ type: "license", many: true, help: "licences for everybody" },
//! };
//! ```

use std::collections::BTreeMap;

use rhai::{AST, Array, Dynamic, Map};

use super::raise::Fault;
use crate::model::nearest;

/// What kind of value a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum ParamType {
    String,
    Int,
    Bool,
    Date,
    File,
    Folder,
    Account,
    Group,
    License,
    Domain,
    Secret,
}

const TYPES: &[(&str, ParamType)] = &[
    ("string", ParamType::String),
    ("int", ParamType::Int),
    ("bool", ParamType::Bool),
    ("date", ParamType::Date),
    ("file", ParamType::File),
    ("folder", ParamType::Folder),
    ("account", ParamType::Account),
    ("group", ParamType::Group),
    ("license", ParamType::License),
    ("domain", ParamType::Domain),
    ("secret", ParamType::Secret),
];

impl ParamType {
    /// What stands for a value in help texts.
    pub fn placeholder(self) -> &'static str {
        match self {
            Self::String => "TEXT",
            Self::Int => "NUMBER",
            Self::Bool => "BOOL",
            Self::Date => "DATE",
            Self::File => "FILE",
            Self::Folder => "FOLDER",
            Self::Account => "USER",
            Self::Group => "GROUP",
            Self::License => "LICENSE",
            Self::Domain => "DOMAIN",
            Self::Secret => "SECRET",
        }
    }
}

/// One declared parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name, as scripts read it.
    pub name: String,
    /// What it takes.
    pub kind: ParamType,
    /// What it is, in a few words.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// Whether it takes several values.
    pub many: bool,
    /// The only values that it takes; empty for any.
    pub choices: Vec<String>,
    /// What it is when not given.
    pub fallback: Option<Dynamic>,
}

impl Param {
    /// Its name on the command line.
    pub fn option(&self) -> String {
        self.name.replace('_', "-")
    }
}

/// A given value, still as text.
pub type ParamValue = Vec<String>;

/// Declared parameters with their values.
#[derive(Debug, Clone, Default)]
pub struct Params {
    values: BTreeMap<String, Dynamic>,
}

impl Params {
    /// Declared parameters of a script, in the order of their names.
    pub fn declared(ast: &AST) -> Result<Vec<Param>, Fault> {
        let constant = ast.iter_literal_variables(true, false).find(|(name, ..)| *name == "PARAMS");
        let Some((_, _, value)) = constant else { return Ok(Vec::new()) };
        let Some(map) = value.try_cast::<Map>() else {
            return Err(wrong("PARAMS", "it must be a map of parameters"));
        };
        map.into_iter().map(|(name, value)| declare(&name, value)).collect()
    }

    /// Values from what was given: text by name.
    pub fn from_given(
        declared: &[Param],
        mut given: BTreeMap<String, ParamValue>,
    ) -> Result<Self, Fault> {
        let mut values = BTreeMap::new();
        for param in declared {
            let value = match given.remove(&param.name) {
                Some(texts) if !texts.is_empty() => convert(param, texts)?,
                _ if param.required => {
                    let message = format!("--{} is missing: {}", param.option(), param.help);
                    return Err(Fault::new("missing_parameter", message));
                }
                _ => match &param.fallback {
                    Some(fallback) => fallback.clone(),
                    None if param.many => Dynamic::from(Array::new()),
                    None if param.kind == ParamType::Bool => Dynamic::FALSE,
                    None => Dynamic::UNIT,
                },
            };
            values.insert(param.name.clone(), value);
        }
        Ok(Self { values })
    }

    /// Names and values.
    pub(super) fn values(&self) -> impl Iterator<Item = (&String, &Dynamic)> {
        self.values.iter()
    }
}

fn wrong(name: &str, what: &str) -> Fault {
    Fault::new("bad_params", format!("PARAMS, {name}: {what}"))
}

fn declare(name: &str, value: Dynamic) -> Result<Param, Fault> {
    const KEYS: &[&str] = &["type", "help", "required", "many", "choices", "fallback"];
    let Some(mut map) = value.try_cast::<Map>() else {
        return Err(wrong(name, "it must be a map such as #{ type: \"file\" }"));
    };
    if let Some(key) = map.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let near = nearest(key, KEYS.iter().copied()).map(|near| format!("; did you mean {near}?"));
        return Err(wrong(name, &format!("it has no {key:?}{}", near.unwrap_or_default())));
    }
    let kind = text(name, "type", map.remove("type"))?.unwrap_or_else(|| "string".to_owned());
    let Some((_, kind)) = TYPES.iter().find(|(word, _)| *word == kind) else {
        let words = TYPES.iter().map(|(word, _)| *word);
        let near = nearest(&kind, words).map(|near| format!("; did you mean {near:?}?"));
        return Err(wrong(name, &format!("there is no type {kind:?}{}", near.unwrap_or_default())));
    };
    let choices = match map.remove("choices") {
        None => Vec::new(),
        Some(choices) => choices
            .try_cast::<Array>()
            .and_then(|choices| choices.into_iter().map(|c| c.into_string().ok()).collect())
            .ok_or_else(|| wrong(name, "choices must be an array of texts"))?,
    };
    Ok(Param {
        name: name.to_owned(),
        kind: *kind,
        help: text(name, "help", map.remove("help"))?.unwrap_or_default(),
        required: flag(name, "required", map.remove("required"))?,
        many: flag(name, "many", map.remove("many"))?,
        choices,
        fallback: map.remove("fallback"),
    })
}

fn text(name: &str, key: &str, value: Option<Dynamic>) -> Result<Option<String>, Fault> {
    value
        .map(|value| value.into_string().map_err(|_| wrong(name, &format!("{key} must be a text"))))
        .transpose()
}

fn flag(name: &str, key: &str, value: Option<Dynamic>) -> Result<bool, Fault> {
    let value = value.map(|value| {
        value.as_bool().map_err(|_| wrong(name, &format!("{key} must be true or false")))
    });
    Ok(value.transpose()?.unwrap_or(false))
}

fn convert(param: &Param, texts: ParamValue) -> Result<Dynamic, Fault> {
    let mut values = Vec::new();
    for text in texts {
        // "eva,tim" are two; a file's name may have a comma of its own.
        let split = param.many && !matches!(param.kind, ParamType::File | ParamType::Folder);
        let parts: Vec<&str> =
            if split { text.split(',').map(str::trim).collect() } else { vec![&text] };
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            values.push(convert_one(param, part)?);
        }
    }
    if param.many {
        return Ok(Dynamic::from(values));
    }
    Ok(values.pop().unwrap_or(Dynamic::UNIT))
}

fn convert_one(param: &Param, text: &str) -> Result<Dynamic, Fault> {
    let refuse = |what: &str| {
        let message = format!("--{}: {text:?} is not {what}", param.option());
        Err(Fault::new("bad_parameter", message).field(param.name.as_str()).value(text))
    };
    if !param.choices.is_empty() && !param.choices.iter().any(|choice| choice == text) {
        return refuse(&format!("one of {}", param.choices.join(", ")));
    }
    match param.kind {
        ParamType::Int => match text.parse::<i64>() {
            Ok(number) => Ok(Dynamic::from(number)),
            Err(_) => refuse("a whole number"),
        },
        ParamType::Bool => match text {
            "true" | "yes" => Ok(Dynamic::TRUE),
            "false" | "no" => Ok(Dynamic::FALSE),
            _ => refuse("true or false"),
        },
        ParamType::Date => match text.parse::<jiff::civil::Date>() {
            Ok(date) => Ok(Dynamic::from(date.to_string())),
            Err(_) => refuse("a date such as 2027-01-31"),
        },
        _ => Ok(Dynamic::from(text.to_owned())),
    }
}
