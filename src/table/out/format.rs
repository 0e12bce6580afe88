//! The formats that `--output` knows.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::model::nearest;

/// How a table is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns.
    #[default]
    Table,
    /// One line for each value, rows apart.
    List,
    /// One array of objects.
    Json,
    /// One object in each line.
    Jsonl,
    /// RFC 4180, UTF-8.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Table, Self::List, Self::Json, Self::Jsonl, Self::Csv];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::List => "list",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no format of that name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no output format {given:?}{}", .nearest.map_or_else(
    || format!(": take {}", Format::ALL.map(Format::name).join(", ")),
    |format| format!(", did you mean {format}?"),
))]
pub struct UnknownFormat {
    /// What was given.
    pub given: String,
    /// What may have been meant.
    pub nearest: Option<Format>,
}

impl FromStr for Format {
    type Err = UnknownFormat;
    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let named = |name: &str| Self::ALL.into_iter().find(|format| format.name() == name);
        named(&given.trim().to_ascii_lowercase()).ok_or_else(|| UnknownFormat {
            given: given.to_owned(),
            nearest: nearest(given, Self::ALL.map(Self::name)).and_then(named),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_under_its_name_and_a_wrong_name_gets_the_nearest_one() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert_eq!("JSON".parse(), Ok(Format::Json));
        let error = "tabel".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), r#"there is no output format "tabel", did you mean table?"#);
        let error = "yaml".parse::<Format>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"there is no output format "yaml": take table, list, json, jsonl, csv"#
        );
    }
}
