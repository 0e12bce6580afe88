//! What lists are sorted by, and the places in them.

use rhai::{Dynamic, INT};

use super::values::value_of;
use crate::script::raise::{Fault, Raised};
use crate::table::Value;

/// What lists are sorted by; nothing comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SortKey {
    Nothing,
    Bool(bool),
    Number(INT),
    Text(String),
}

impl SortKey {
    /// From what a script's function gave.
    pub(super) fn of(key: &Dynamic) -> Result<Self, Raised> {
        match value_of(key) {
            Value::Nothing => Ok(Self::Nothing),
            Value::Bool(is) => Ok(Self::Bool(is)),
            Value::Number(number) => Ok(Self::Number(number)),
            Value::Text(text) => Ok(Self::Text(text.to_lowercase())),
            _ => {
                let message = format!("a list can't be sorted by {}", key.type_name());
                Err(Fault::new("bad_value", message).raise())
            }
        }
    }
}

/// The element at that place; negative places count from the end.
pub(super) fn at<T>(list: &[T], index: INT) -> Result<&T, Raised> {
    let length = INT::try_from(list.len()).unwrap_or(INT::MAX);
    let at = if index < 0 { length.saturating_add(index) } else { index };
    let found = usize::try_from(at).ok().and_then(|at| list.get(at));
    found.ok_or_else(|| {
        Fault::new("no_such_place", format!("place {index} of a list of {length}")).raise()
    })
}

/// How many there are.
pub(super) fn count<T>(list: &[T]) -> INT {
    INT::try_from(list.len()).unwrap_or(INT::MAX)
}
