//! Automatic replies as a script writes them.

use rhai::Map;

use super::options;
use super::verb::known_keys;
use crate::model::{AutoReply, ReplyAudience, nearest};
use crate::plan::change::{Change, SetAutoReply, Whom};
use crate::script::raise::{Fault, Raised};

/// Who outside gets an answer.
const AUDIENCES: [(&str, ReplyAudience); 3] =
    [("all", ReplyAudience::All), ("known", ReplyAudience::Known), ("none", ReplyAudience::None)];

/// The same text to everybody.
pub(super) fn to_everybody(text: &str) -> AutoReply {
    let (inside, outside) = (text.to_owned(), text.to_owned());
    AutoReply { inside, outside, audience: ReplyAudience::All }
}

/// From a map `#{ inside, outside, audience }`.
pub(super) fn read(given: &Map) -> Result<AutoReply, Raised> {
    known_keys(given, &["inside", "outside", "audience"])?;
    let inside = options::text(given, "inside")?.ok_or_else(|| {
        let fault = Fault::new("bad_value", "an automatic reply needs a text for people inside");
        fault.field("inside").raise()
    })?;
    let outside = options::text(given, "outside")?;
    let audience = match options::text(given, "audience")? {
        Some(word) => audience(&word)?,
        None if outside.is_some() => ReplyAudience::All,
        None => ReplyAudience::None,
    };
    let otherwise = if audience == ReplyAudience::None { String::new() } else { inside.clone() };
    Ok(AutoReply { outside: outside.unwrap_or(otherwise), inside, audience })
}

/// That a mailbox answers so; without a reply, no longer.
pub(super) fn change(whom: Whom, reply: Option<&AutoReply>) -> Change {
    Change::SetAutoReply(SetAutoReply { whom, reply: reply.cloned() })
}

fn audience(given: &str) -> Result<ReplyAudience, Raised> {
    let known = AUDIENCES.iter().find(|(word, _)| *word == given.to_lowercase());
    known.map(|(_, audience)| *audience).ok_or_else(|| {
        let message = format!("{given:?} is no audience: it is all, known or none");
        let fault = Fault::new("bad_value", message).field("audience").value(given);
        match nearest(given, AUDIENCES.iter().map(|(word, _)| *word)) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        }
        .raise()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(pairs: &[(&str, &str)]) -> Result<AutoReply, Raised> {
        let given = pairs.iter().map(|(key, text)| ((*key).into(), (*text).to_owned().into()));
        read(&given.collect())
    }

    #[track_caller]
    fn reads(pairs: &[(&str, &str)], outside: &str, audience: ReplyAudience) {
        let (inside, outside) = ("In.".to_owned(), outside.to_owned());
        assert_eq!(read_of(pairs).unwrap(), AutoReply { inside, outside, audience });
    }

    #[test]
    fn people_outside_get_an_answer_only_if_something_is_said_of_them() {
        reads(&[("inside", "In.")], "", ReplyAudience::None);
        reads(&[("inside", "In."), ("outside", "Out.")], "Out.", ReplyAudience::All);
        reads(&[("inside", "In."), ("audience", "known")], "In.", ReplyAudience::Known);
        let told = [("inside", "In."), ("outside", "Out."), ("audience", "None")];
        reads(&told, "Out.", ReplyAudience::None);
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
