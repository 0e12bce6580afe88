//! A command as it comes: the cmdlet, and its parameters by their documented names and types
//! (`exchange.md` §4).

use serde_json::{Map, Value};

use super::failure::Failure;
use super::{Desk, Output};

/// What a parameter takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A text; null clears.
    Text,
    Flag,
    /// A number or `Unlimited`.
    Size,
    Choice(&'static [&'static str]),
    /// Texts, or one; null clears.
    List,
    /// Texts for all of a list, or what to add and remove.
    Edits,
}

/// A cmdlet: its parameters and what it does.
pub(super) struct Cmdlet {
    pub(super) name: &'static str,
    pub(super) parameters: &'static [(&'static str, Shape)],
    pub(super) run: fn(&Desk<'_>, &Given) -> Result<Output, Failure>,
}

impl Cmdlet {
    /// Whether it only reads.
    pub(super) fn reads(&self) -> bool {
        self.name.starts_with("Get-")
    }
}

/// Parameters of every cmdlet.
const COMMON: &[(&str, Shape)] = &[
    ("Confirm", Shape::Flag),
    ("ErrorAction", Shape::Text),
    ("WarningAction", Shape::Text),
    ("Verbose", Shape::Flag),
];

/// The parameters that were given.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) cmdlet: &'static str,
    values: Map<String, Value>,
}

/// What becomes of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Edit {
    Replace(Vec<String>),
    Change { add: Vec<String>, remove: Vec<String> },
}

impl Given {
    /// Checks names and types.
    pub(super) fn read(cmdlet: &Cmdlet, parameters: &Map<String, Value>) -> Result<Self, Failure> {
        let mut values = Map::new();
        for (name, value) in parameters.iter().filter(|(name, _)| !name.contains('@')) {
            let known = cmdlet.parameters.iter().chain(COMMON);
            let (known, shape) = known
                .into_iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .ok_or_else(|| Failure::unknown_parameter(name))?;
            check(known, *shape, value)?;
            values.insert((*known).to_owned(), value.clone());
        }
        Ok(Self { cmdlet: cmdlet.name, values })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// A text; null counts as none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str)
    }

    /// A text that has to be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        let value = self.text(name).filter(|text| !text.trim().is_empty());
        value.ok_or_else(|| Failure::missing_parameter(name))
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.values.get(name).and_then(Value::as_bool)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The texts of a list, or one text alone; without them none.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        self.values.get(name).map(texts).unwrap_or_default()
    }

    /// What shall become of a list, if anything.
    pub(super) fn edit(&self, name: &str) -> Option<Edit> {
        let value = self.values.get(name)?;
        let Some(table) = value.as_object() else { return Some(Edit::Replace(texts(value))) };
        let side = |wanted: &str| {
            let found = table.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted));
            found.map(|(_, value)| texts(value)).unwrap_or_default()
        };
        Some(Edit::Change { add: side("add"), remove: side("remove") })
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn check(name: &str, shape: Shape, value: &Value) -> Result<(), Failure> {
    let is_list = |value: &Value| match value {
        Value::Null | Value::String(_) => true,
        Value::Array(list) => list.iter().all(Value::is_string),
        _ => false,
    };
    let fits = match (shape, value) {
        (Shape::Text, Value::Null | Value::String(_))
        | (Shape::Flag, Value::Bool(_))
        | (Shape::Size, Value::Number(_)) => true,
        (Shape::Size, Value::String(text)) => text.eq_ignore_ascii_case("Unlimited"),
        (Shape::Choice(known), Value::String(text)) => {
            if known.iter().any(|each| each.eq_ignore_ascii_case(text)) {
                return Ok(());
            }
            return Err(Failure::wrong_value(name, known));
        }
        (Shape::List | Shape::Edits, Value::Object(table)) => {
            // Without its type the server can't bind an object to a hashtable.
            table.get("@odata.type").and_then(Value::as_str) == Some("#Exchange.GenericHashTable")
                && table.iter().all(|(key, value)| {
                    key.contains('@')
                        || ["add", "remove"].iter().any(|side| key.eq_ignore_ascii_case(side))
                            && is_list(value)
                })
        }
        (Shape::List | Shape::Edits, value) => is_list(value),
        _ => false,
    };
    if fits { Ok(()) } else { Err(Failure::wrong_value(name, &[])) }
}
