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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::plan::change::{ChangeNo, Subject};

    fn read_of(pairs: &[(&str, &str)]) -> Result<Value, Raised> {
        let given = pairs.iter().map(|(key, text)| ((*key).into(), (*text).to_owned().into()));
        let whom = Whom { account: Subject::New(ChangeNo(0)), label: "eva".to_owned() };
        let change = read(&given.collect())?(whom);
        Ok(serde_json::to_value(change).unwrap()["reply"].clone())
    }

    #[track_caller]
    fn reads(pairs: &[(&str, &str)], outside: &str, audience: &str) {
        let reply = json!({ "inside": "In.", "outside": outside, "audience": audience });
        assert_eq!(read_of(pairs).unwrap(), reply);
    }

    #[test]
    fn people_outside_get_an_answer_only_if_something_is_said_of_them() {
        reads(&[("inside", "In.")], "", "none");
        reads(&[("inside", "In."), ("outside", "Out.")], "Out.", "all");
        reads(&[("inside", "In."), ("audience", "known")], "In.", "known");
        reads(&[("inside", "In."), ("outside", "Out."), ("audience", "None")], "Out.", "none");
    }

    #[test]
    fn a_reply_without_a_text_for_people_inside_is_refused() {
        assert!(read_of(&[("outside", "Out.")]).is_err());
    }

    #[test]
    fn an_unknown_audience_is_refused() {
        assert!(read_of(&[("inside", "In."), ("audience", "everybody")]).is_err());
    }
}
