//! What a table that goes out is made of.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

/// A value in a cell.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// There is none.
    #[default]
    Nothing,
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A number with a fraction.
    Fraction(f64),
    /// True or false.
    Bool(bool),
    /// Several texts.
    List(Vec<String>),
    /// A point in time.
    Time(Timestamp),
    /// A day.
    Date(Date),
}

impl Value {
    /// The value in one cell of a CSV file: `true`, RFC 3339 times, lists with `; ` between the
    /// texts, nothing as an empty text.
    pub(super) fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Nothing => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Fraction(number) => Cow::Owned(number.to_string()),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::List(texts) => Cow::Owned(texts.join("; ")),
            Self::Time(time) => Cow::Owned(time.to_string()),
            Self::Date(date) => Cow::Owned(date.to_string()),
        }
    }

    /// Whether it belongs to the right of its column.
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Fraction(_))
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Nothing => serializer.serialize_none(),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i64(*number),
            Self::Fraction(number) => serializer.serialize_f64(*number),
            Self::Bool(is) => serializer.serialize_bool(*is),
            Self::List(texts) => texts.serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
            Self::Date(date) => date.serialize(serializer),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::List(texts)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnHead {
    /// Its name in `snake_case`, the same in every format.
    pub name: String,
    /// Whether it is shortened or left out last where a screen is too narrow. Among equals the
    /// columns to the left are kept longer.
    pub essential: bool,
}

impl ColumnHead {
    /// A column that a narrow screen may lose.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), essential: false }
    }

    /// A column that a narrow screen keeps as long as it can.
    pub fn essential(name: impl Into<String>) -> Self {
        Self { name: name.into(), essential: true }
    }
}

/// Rows with a value for each column. A row that is too short has nothing in the columns at its
/// end; what goes beyond the last column is not shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// The columns in their order.
    pub columns: Vec<ColumnHead>,
    /// The rows in their order.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// Each row as pairs of name and value, one for each column.
    pub(super) fn pairs(&self) -> impl Iterator<Item = impl Iterator<Item = (&str, &Value)>> {
        self.rows.iter().map(|row| {
            let columns = self.columns.iter().enumerate();
            columns.map(|(at, head)| (head.name.as_str(), row.get(at).unwrap_or(&Value::Nothing)))
        })
    }
}
