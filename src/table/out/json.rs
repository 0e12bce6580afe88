//! Tables as JSON: objects with the columns' names in their order; no value is `null`, times are
//! RFC 3339.

use serde::{Serialize, Serializer};

use super::{Table, Value};

/// One array, each object on a line of its own.
pub(super) fn array(table: &Table) -> String {
    let objects: Vec<String> = objects(table).map(|object| format!("  {object}")).collect();
    if objects.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", objects.join(",\n")) }
}

/// One object in each line.
pub(super) fn lines(table: &Table) -> String {
    objects(table).map(|object| object + "\n").collect()
}

fn objects(table: &Table) -> impl Iterator<Item = String> {
    table.pairs().map(|row| {
        // Names are texts and values plain data, so this can't fail.
        serde_json::to_string(&Object(row.collect())).unwrap_or_default()
    })
}

struct Object<'a>(Vec<(&'a str, &'a Value)>);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}
