//! Faults to order: what goes wrong, for which requests, how often.

use hyper::Method;
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The connection ends before the request took effect.
    CutBefore,
    /// The connection ends after the request took effect and before the answer.
    CutAfter,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    kind: Kind,
    /// Only requests of this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Only requests to such paths: `*` stands for one segment, a last `**` for any number.
    #[serde(default = "anywhere")]
    path: String,
    /// How many matching requests are let through first.
    #[serde(default)]
    skip: u32,
    /// How many matching requests are struck.
    #[serde(default = "once")]
    times: u32,
}

fn anywhere() -> String {
    "/**".to_owned()
}

fn once() -> u32 {
    1
}

impl Fault {
    fn concerns(&self, method: &Method, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && path_matches(&self.path, path)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let mut path = path.split('/').filter(|piece| !piece.is_empty());
    for piece in pattern.split('/').filter(|piece| !piece.is_empty()) {
        if piece == "**" {
            return true;
        }
        match path.next() {
            Some(given) if piece == "*" || piece.eq_ignore_ascii_case(given) => {}
            _ => return false,
        }
    }
    path.next().is_none()
}

/// The orders not yet carried out, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pending: Vec<Fault>,
}

impl Faults {
    pub(crate) fn order(&mut self, fault: Fault) {
        self.pending.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn pending(&self) -> &[Fault] {
        &self.pending
    }

    /// What goes wrong with this request, if anything.
    pub(crate) fn strike(&mut self, method: &Method, path: &str) -> Option<Kind> {
        let at = self.pending.iter().position(|fault| fault.concerns(method, path))?;
        let fault = self.pending.get_mut(at)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        let kind = fault.kind;
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.pending.remove(at);
        }
        Some(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_segment_and_two_are_any_number() {
        assert!(path_matches("/v1.0/users/*/assignLicense", "/v1.0/users/x/assignlicense"));
        assert!(!path_matches("/v1.0/users/*", "/v1.0/users/x/assignLicense"));
        assert!(path_matches("/v1.0/**", "/v1.0/users/x"));
        assert!(path_matches("/**", "/"));
    }
}
