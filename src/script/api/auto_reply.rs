//! Automatic replies as a script writes them.

use rhai::Map;
use serde::Serialize;

use super::options;
use super::verb::known_keys;
use crate::model::nearest;
use crate::plan::change::{Change, SetAutoReply, Whom};
use crate::script::raise::{Fault, Raised};

/// Who outside gets an answer, in the words of plan files.
const AUDIENCES: &[&str] = &["all", "known", "none"];

/// A reply in the form that plan files have.
#[derive(Debug, Serialize)]
struct Reply<'a> {
    inside: &'a str,
    outside: &'a str,
    audience: &'a str,
}

/// The same text to everybody.
pub(super) fn to_everybody(text: &str) -> Result<impl Fn(Whom) -> Change + use<>, Raised> {
    Reply { inside: text, outside: text, audience: "all" }.change()
}

/// From a map `#{ inside, outside, audience }`.
pub(super) fn read(given: &Map) -> Result<impl Fn(Whom) -> Change + use<>, Raised> {
    known_keys(given, &["inside", "outside", "audience"])?;
    let inside = options::text(given, "inside")?.ok_or_else(|| {
        let fault = Fault::new("bad_value", "an automatic reply needs a text for people inside");
        fault.field("inside").raise()
    })?;
    let outside = options::text(given, "outside")?;
    let audience = options::text(given, "audience")?.map(audience).transpose()?;
    let audience = audience.unwrap_or(if outside.is_some() { "all" } else { "none" });
    let otherwise = if audience == "none" { "" } else { &inside };
    let outside = outside.as_deref().unwrap_or(otherwise);
    Reply { inside: &inside, outside, audience }.change()
}

/// No reply any more.
pub(super) fn end(whom: Whom) -> Change {
    Change::SetAutoReply(SetAutoReply { whom, reply: None })
}

impl Reply<'_> {
    fn change(&self) -> Result<impl Fn(Whom) -> Change + use<>, Raised> {
        let reply = serde_json::to_value(self).and_then(serde_json::from_value);
        let reply = reply.map_err(|reason| {
            let message = format!("the automatic reply can't be planned: {reason}");
            Fault::new("script", message).raise()
        })?;
        Ok(move |whom| Change::SetAutoReply(SetAutoReply { whom, reply: Clone::clone(&reply) }))
    }
}

fn audience(given: String) -> Result<&'static str, Raised> {
    let known = AUDIENCES.iter().find(|word| **word == given.to_lowercase());
    known.copied().ok_or_else(|| {
        let message = format!("{given:?} is no audience: it is all, known or none");
        let fault = Fault::new("bad_value", message).field("audience").value(given.as_str());
        match nearest(&given, AUDIENCES.iter().copied()) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        }
        .raise()
    })
}
