//! Values out of a map of options, each of the type that it must have; and names that are none of an
//! object's.

use rhai::{Dynamic, Map};

use crate::model::nearest;
use crate::script::raise::{Fault, Raised};

/// The text under a key; `()` counts as absent.
pub(super) fn text(options: &Map, key: &str) -> Result<Option<String>, Raised> {
    match options.get(key).filter(|value| !value.is_unit()) {
        None => Ok(None),
        Some(value) if value.is_string() || value.is_int() => {
            Ok(Some(value.to_string().trim().to_owned()))
        }
        Some(value) => Err(wrong(key, "a text", value)),
    }
}

/// Yes or no under a key.
pub(super) fn yes_or_no(options: &Map, key: &str) -> Result<Option<bool>, Raised> {
    let Some(value) = options.get(key) else { return Ok(None) };
    value.as_bool().map(Some).map_err(|_| wrong(key, "true or false", value))
}

/// A value of the wrong type.
pub(super) fn wrong(key: &str, wanted: &str, got: &Dynamic) -> Raised {
    let message = format!("{key} must be {wanted}, not {}", got.type_name());
    Fault::new("wrong_type", message).field(key).raise()
}

/// A property that an object hasn't.
pub(super) fn unknown_property(owner: &str, name: &str, known: &[&str]) -> Fault {
    let fault = Fault::new("unknown_property", format!("{owner} has no property {name:?}"));
    let hint = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("it has: {}", known.join(", ")),
    };
    fault.field(name).hint(hint)
}
