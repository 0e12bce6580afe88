//! One request to Graph, as its resource asks for it.
//!
//! What doesn't belong here: hosts, tokens, when and with which others it is sent.

use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;

use super::cost::{Cost, cost};

/// One request to Graph.
pub(in crate::online) struct Call {
    pub(super) method: Method,
    /// After the version, with the query; or a whole URL that Graph gave us.
    pub(super) target: String,
    pub(super) body: Option<Value>,
    pub(super) is_eventual: bool,
    pub(super) answer_matters: bool,
    pub(super) goes_alone: bool,
    pub(super) cost: Cost,
}

impl Call {
    /// Reads what may be long, such as a page of a listing; `target` begins with a slash and its
    /// query is encoded, or it is a link that Graph gave.
    pub(in crate::online) fn get(target: impl Into<String>) -> Self {
        Self { goes_alone: true, ..Self::new(Method::GET, target.into(), None) }
    }

    /// Reads some objects by their keys.
    pub(in crate::online) fn look_up(target: impl Into<String>) -> Self {
        Self::new(Method::GET, target.into(), None)
    }

    /// A write whose answer holds something that is needed.
    pub(in crate::online) fn post(target: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, target.into(), Some(body))
    }

    /// Changes some properties of an object.
    pub(in crate::online) fn patch(target: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PATCH, target.into(), Some(body)).ignoring_answer()
    }

    /// Puts a reference in place.
    pub(in crate::online) fn put(target: impl Into<String>, body: Value) -> Self {
        Self::new(Method::PUT, target.into(), Some(body)).ignoring_answer()
    }

    /// A write that its target says all of.
    pub(in crate::online) fn act(target: impl Into<String>) -> Self {
        Self::new(Method::POST, target.into(), None).ignoring_answer()
    }

    /// Removes an object.
    pub(in crate::online) fn delete(target: impl Into<String>) -> Self {
        Self::new(Method::DELETE, target.into(), None).ignoring_answer()
    }

    fn new(method: Method, target: String, body: Option<Value>) -> Self {
        let cost = cost(&method, &target);
        Self {
            method,
            target,
            body,
            is_eventual: false,
            answer_matters: true,
            goes_alone: false,
            cost,
        }
    }

    /// A success is a success, even if its body doesn't arrive.
    pub(in crate::online) fn ignoring_answer(self) -> Self {
        Self { answer_matters: false, ..self }
    }

    /// Reads the index that advanced queries need (`graph.md §3`).
    pub(in crate::online) fn eventual(self) -> Self {
        Self { is_eventual: true, ..self }
    }

    pub(super) fn is_write(&self) -> bool {
        self.method != Method::GET
    }

    /// Whether it makes an object.
    pub(super) fn creates(&self) -> bool {
        self.method == Method::POST && self.written().is_none()
    }

    /// The object that it writes to, if that is there already.
    pub(super) fn written(&self) -> Option<Uuid> {
        if !self.is_write() {
            return None;
        }
        let path = self.target.split('?').next().unwrap_or_default();
        path.split('/').find_map(|piece| piece.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_write_names_its_object_and_a_creation_or_a_read_none() {
        let id = Uuid::from_u128(7);
        let assign = Call::post(format!("/users/{id}/assignLicense"), json!({}));
        assert_eq!(assign.written(), Some(id));
        assert_eq!(Call::patch(format!("/users/{id}"), json!({})).written(), Some(id));
        assert_eq!(Call::post("/users", json!({})).written(), None);
        assert_eq!(Call::look_up(format!("/users/{id}")).written(), None);
    }
}
