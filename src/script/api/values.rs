//! Values between tables and scripts.

use rhai::{Array, Dynamic};

use crate::table::Value;

/// A value for a script. Lists can be read, not changed: a change would only reach a copy.
pub(super) fn dynamic(value: Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::Text(text) => text.into(),
        Value::Number(number) => number.into(),
        Value::Fraction(number) => number.into(),
        Value::Bool(is) => is.into(),
        Value::List(texts) => {
            let array: Array = texts.into_iter().map(Dynamic::from).collect();
            Dynamic::from(array).into_read_only()
        }
        Value::Time(time) => time.to_string().into(),
        Value::Date(date) => date.to_string().into(),
    }
}

/// A script's value for a table.
pub(in crate::script) fn value_of(value: &Dynamic) -> Value {
    if value.is_unit() {
        Value::Nothing
    } else if let Ok(is) = value.as_bool() {
        Value::Bool(is)
    } else if let Ok(number) = value.as_int() {
        Value::Number(number)
    } else if let Ok(number) = value.as_float() {
        Value::Fraction(number)
    } else if let Some(array) = value.read_lock::<Array>() {
        Value::List(array.iter().map(ToString::to_string).collect())
    } else {
        Value::Text(value.to_string())
    }
}
