//! One JSON object of an answer, read member by member.
//!
//! A selected member that is missing is a fault that names it, never an empty value: an account
//! whose `accountEnabled` is absent isn't closed (`graph.md §3`). Members nobody asks for are
//! ignored.

use std::str::FromStr;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::online::OnlineFault;

/// An object of an answer.
pub(in crate::online) struct Object {
    what: &'static str,
    members: Map<String, Value>,
}

impl Object {
    /// Reads an answer's body; `what` says in faults what it is.
    pub(in crate::online) fn read(body: &[u8], what: &'static str) -> Result<Self, OnlineFault> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Ok(Self { what, members }),
            Ok(_) => Err(OnlineFault::bad_answer(format!("{what}: not an object"))),
            Err(error) => Err(OnlineFault::bad_answer(format!("{what}: {error}"))),
        }
    }

    /// Members that were read already.
    pub(in crate::online) fn of(members: Map<String, Value>, what: &'static str) -> Self {
        Self { what, members }
    }

    /// A text that is there.
    pub(in crate::online) fn text(&mut self, name: &str) -> Result<String, OnlineFault> {
        self.text_or_null(name)?.ok_or_else(|| self.wrong(name, "is null"))
    }

    /// A text that may be null.
    pub(in crate::online) fn text_or_null(
        &mut self,
        name: &str,
    ) -> Result<Option<String>, OnlineFault> {
        match self.take(name)? {
            Value::Null => Ok(None),
            Value::String(text) => Ok(Some(text)),
            _ => Err(self.wrong(name, "is not a text")),
        }
    }

    /// True or false, and nothing else.
    pub(in crate::online) fn flag(&mut self, name: &str) -> Result<bool, OnlineFault> {
        self.flag_or_null(name)?.ok_or_else(|| self.wrong(name, "is null"))
    }

    /// True, false or null.
    pub(in crate::online) fn flag_or_null(
        &mut self,
        name: &str,
    ) -> Result<Option<bool>, OnlineFault> {
        match self.take(name)? {
            Value::Null => Ok(None),
            Value::Bool(flag) => Ok(Some(flag)),
            _ => Err(self.wrong(name, "is neither true nor false")),
        }
    }

    /// A whole number, or null.
    pub(in crate::online) fn number_or_null(
        &mut self,
        name: &str,
    ) -> Result<Option<i64>, OnlineFault> {
        match self.take(name)? {
            Value::Null => Ok(None),
            value => {
                value.as_i64().map(Some).ok_or_else(|| self.wrong(name, "is not a whole number"))
            }
        }
    }

    /// A whole number.
    pub(in crate::online) fn number(&mut self, name: &str) -> Result<i64, OnlineFault> {
        self.number_or_null(name)?.ok_or_else(|| self.wrong(name, "is null"))
    }

    /// A text that is read further, such as an id.
    pub(in crate::online) fn parsed<T: FromStr>(&mut self, name: &str) -> Result<T, OnlineFault> {
        let text = self.text(name)?;
        text.parse().map_err(|_| self.wrong(name, &format!("can't be {text:?}")))
    }

    /// The id of the object itself, which faults keep naming.
    pub(in crate::online) fn id<T: FromStr>(&self) -> Result<T, OnlineFault> {
        match self.members.get("id") {
            None => Err(self.wrong("id", "is missing")),
            Some(Value::String(text)) => {
                text.parse().map_err(|_| self.wrong("id", &format!("can't be {text:?}")))
            }
            Some(_) => Err(self.wrong("id", "is not a text")),
        }
    }

    /// A point in time, which may be null.
    pub(in crate::online) fn time_or_null(
        &mut self,
        name: &str,
    ) -> Result<Option<Timestamp>, OnlineFault> {
        let text = self.text_or_null(name)?;
        text.map(|text| text.parse().map_err(|_| self.wrong(name, &format!("can't be {text:?}"))))
            .transpose()
    }

    /// Texts; null is none.
    pub(in crate::online) fn texts(&mut self, name: &str) -> Result<Vec<String>, OnlineFault> {
        self.list(name)?
            .into_iter()
            .map(|value| match value {
                Value::String(text) => Ok(text),
                _ => Err(self.wrong(name, "is not a list of texts")),
            })
            .collect()
    }

    /// Objects; null is none.
    pub(in crate::online) fn objects(
        &mut self,
        name: &str,
        what: &'static str,
    ) -> Result<Vec<Self>, OnlineFault> {
        self.list(name)?
            .into_iter()
            .map(|value| match value {
                Value::Object(members) => Ok(Self { what, members }),
                _ => Err(self.wrong(name, "is not a list of objects")),
            })
            .collect()
    }

    /// An object inside this one.
    pub(in crate::online) fn object(
        &mut self,
        name: &str,
        what: &'static str,
    ) -> Result<Self, OnlineFault> {
        match self.take(name)? {
            Value::Object(members) => Ok(Self { what, members }),
            _ => Err(self.wrong(name, "is not an object")),
        }
    }

    fn list(&mut self, name: &str) -> Result<Vec<Value>, OnlineFault> {
        match self.take(name)? {
            Value::Null => Ok(Vec::new()),
            Value::Array(list) => Ok(list),
            _ => Err(self.wrong(name, "is not a list")),
        }
    }

    fn take(&mut self, name: &str) -> Result<Value, OnlineFault> {
        match self.members.get_mut(name) {
            Some(value) => Ok(value.take()),
            None => Err(self.wrong(name, "is missing")),
        }
    }

    /// A fault that names the object and the member.
    pub(in crate::online) fn wrong(&self, name: &str, how: &str) -> OnlineFault {
        let what = self.what;
        OnlineFault::bad_answer(match self.members.get("id").and_then(Value::as_str) {
            Some(id) => format!("{what} {id}: {name} {how}"),
            None => format!("{what}: {name} {how}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object {
        Object::read(json.as_bytes(), "user").unwrap()
    }

    #[test]
    fn a_missing_member_is_a_fault_that_names_it_and_its_object() {
        let fault = object(r#"{"id": "7"}"#).flag_or_null("accountEnabled").unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the tenant's answer can't be understood: user 7: accountEnabled is missing"
        );
    }

    #[test]
    fn null_is_neither_missing_nor_false() {
        let mut user = object(r#"{"a": null, "b": null, "c": null}"#);
        assert_eq!(user.flag_or_null("a").unwrap(), None);
        assert_eq!(user.text_or_null("b").unwrap(), None);
        assert!(user.flag("c").is_err());
    }

    #[test]
    fn a_value_of_another_type_is_a_fault() {
        let mut user = object(r#"{"id": 1, "a": "true", "b": 1, "c": ["x", 2], "d": "x"}"#);
        assert!(user.flag("a").is_err());
        assert!(user.text("b").is_err());
        assert!(user.texts("c").is_err());
        assert!(user.time_or_null("d").is_err());
        assert!(user.id::<uuid::Uuid>().is_err());
    }
}
