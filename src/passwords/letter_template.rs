//! The form of a letter in one language: sections, with places for what differs from person to person.
//!
//! What belongs here: reading a template, with all that can be wrong with it, and filling it. What
//! doesn't: which template somebody's letter has (`letter_languages`), what goes into the places
//! (`letter`). No sentence of a letter stands in here.

use std::path::Path;

use zeroize::Zeroizing;

use super::SetOn;
use super::template_fault::{Slip, TemplateFault};
use crate::model::nearest;

/// A place in the text that is filled for each person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    DisplayName,
    UserName,
    OnlineId,
    Password,
    SignInUrl,
    Profile,
    /// The section that fits where the password holds.
    FirstSignIn,
    /// The section of practice tenants.
    Sandbox,
}

const PLACES: &[(&str, Place)] = &[
    ("display_name", Place::DisplayName),
    ("user_name", Place::UserName),
    ("online_id", Place::OnlineId),
    ("password", Place::Password),
    ("sign_in_url", Place::SignInUrl),
    ("profile", Place::Profile),
    ("first_sign_in", Place::FirstSignIn),
    ("sandbox", Place::Sandbox),
];

/// The sections, by their index in [`LetterTemplate::sections`].
const SECTIONS: &[&str] =
    &["letter", "both", "local", "online", "directory", "no_online_id", "sandbox"];
const LETTER: usize = 0;
const NO_ONLINE_ID: usize = 5;
const SANDBOX: usize = 6;

fn first_sign_in(set_on: SetOn) -> usize {
    match set_on {
        SetOn::Both => 1,
        SetOn::Local => 2,
        SetOn::Online => 3,
        SetOn::LocalFirst => 4,
    }
}

/// The form of a letter in one language.
#[derive(Debug)]
pub struct LetterTemplate {
    sections: Vec<Section>,
}

#[derive(Debug, Default)]
struct Section {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Place(Place),
}

/// What goes into a template's places.
pub(super) struct Values<'a> {
    pub(super) display_name: &'a str,
    pub(super) user_name: &'a str,
    pub(super) online_id: Option<&'a str>,
    pub(super) password: &'a str,
    pub(super) sign_in_url: &'a str,
    pub(super) profile: &'a str,
    pub(super) set_on: SetOn,
    pub(super) is_sandbox: bool,
}

impl LetterTemplate {
    /// Reads a template; the path is for messages.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, TemplateFault> {
        let slip = |line, slip| TemplateFault::Slip { path: path.to_owned(), line, slip };
        let mut found: Vec<Option<(usize, Section)>> = SECTIONS.iter().map(|_| None).collect();
        let mut now = None;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = section_head(line) {
                let index = section_named(name).map_err(|wrong| slip(number, wrong))?;
                if found[index].is_some() {
                    return Err(slip(number, Slip::Twice { name: SECTIONS[index] }));
                }
                found[index] = Some((number, Section::default()));
                now = Some(index);
            } else if let Some(index) = now
                && let Some((_, section)) = &mut found[index]
            {
                section.read_line(line, index).map_err(|wrong| slip(number, wrong))?;
            } else if !line.is_empty() && !line.starts_with('#') {
                return Err(slip(number, Slip::NoSectionYet));
            }
        }
        let end = text.lines().count().max(1);
        let letter = found[LETTER].as_ref();
        let (begins, letter) = letter.ok_or_else(|| slip(end, missing(LETTER)))?;
        if !letter.has(Place::Password) {
            return Err(slip(*begins, Slip::NoPassword));
        }
        let lacks = (1..SECTIONS.len()).find(|index| found[*index].is_none());
        if let Some(index) = lacks {
            return Err(slip(end, missing(index)));
        }
        let sections = found.into_iter().flatten().map(|(_, section)| section.trimmed());
        Ok(Self { sections: sections.collect() })
    }

    /// The letter, and under it that line. The memory is overwritten when it goes.
    pub(super) fn fill(&self, values: &Values<'_>, last_line: &str) -> Zeroizing<String> {
        let mut parts = Vec::new();
        self.sections[LETTER].collect(self, values, &mut parts);
        parts.extend(["\n\n", last_line, "\n"]);
        // Made in one go: a text that grows leaves copies of the password behind.
        let room = parts.iter().map(|part| part.len()).sum();
        let mut text = Zeroizing::new(String::with_capacity(room));
        for part in parts {
            text.push_str(part);
        }
        text
    }
}

impl Section {
    fn read_line(&mut self, line: &str, index: usize) -> Result<(), Slip> {
        let mut rest = line.trim_end();
        while let Some((before, after)) = rest.split_once('{') {
            let whole = after.split_once('}').filter(|(name, _)| !name.contains('{'));
            let (name, after) = whole.ok_or(Slip::LoneBrace)?;
            let place = place_named(name)?;
            if index != LETTER && matches!(place, Place::FirstSignIn | Place::Sandbox) {
                return Err(Slip::Nested { name: name_of(place) });
            }
            self.push_text(before)?;
            self.pieces.push(Piece::Place(place));
            rest = after;
        }
        self.push_text(rest)?;
        self.push_text("\n")
    }

    fn push_text(&mut self, more: &str) -> Result<(), Slip> {
        if more.contains('}') {
            return Err(Slip::LoneBrace);
        }
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push_str(more),
            _ => self.pieces.push(Piece::Text(more.to_owned())),
        }
        Ok(())
    }

    fn has(&self, wanted: Place) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Place(place) if *place == wanted))
    }

    /// Without the empty lines around it.
    fn trimmed(mut self) -> Self {
        if let Some(Piece::Text(text)) = self.pieces.first_mut() {
            *text = text.trim_start_matches('\n').to_owned();
        }
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end().len());
        }
        self
    }

    /// Its texts and values in order. A value is never looked into, so that a person called
    /// `{password}` gets no second one.
    fn collect<'t>(
        &'t self,
        template: &'t LetterTemplate,
        values: &Values<'t>,
        parts: &mut Vec<&'t str>,
    ) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => parts.push(text),
                Piece::Place(Place::DisplayName) => parts.push(values.display_name),
                Piece::Place(Place::UserName) => parts.push(values.user_name),
                Piece::Place(Place::Password) => parts.push(values.password),
                Piece::Place(Place::SignInUrl) => parts.push(values.sign_in_url),
                Piece::Place(Place::Profile) => parts.push(values.profile),
                Piece::Place(Place::OnlineId) => match values.online_id {
                    Some(online_id) => parts.push(online_id),
                    None => template.sections[NO_ONLINE_ID].collect(template, values, parts),
                },
                Piece::Place(Place::FirstSignIn) => {
                    let section = &template.sections[first_sign_in(values.set_on)];
                    section.collect(template, values, parts);
                }
                Piece::Place(Place::Sandbox) if values.is_sandbox => {
                    template.sections[SANDBOX].collect(template, values, parts);
                }
                // Nothing stands there, and no blank before it.
                Piece::Place(Place::Sandbox) => {
                    if let Some(before) = parts.last_mut() {
                        *before = before.trim_end_matches(' ');
                    }
                }
            }
        }
    }
}

/// The name in a line such as `[letter]`.
fn section_head(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix('[')?.strip_suffix(']')?;
    (!name.contains([' ', '[', ']', '{'])).then_some(name)
}

fn section_named(name: &str) -> Result<usize, Slip> {
    SECTIONS.iter().position(|known| *known == name).ok_or_else(|| Slip::UnknownSection {
        name: name.to_owned(),
        nearest: nearest(name, SECTIONS.iter().copied()),
    })
}

fn missing(index: usize) -> Slip {
    Slip::Missing { name: SECTIONS[index] }
}

fn place_named(name: &str) -> Result<Place, Slip> {
    let known = PLACES.iter().find(|(known, _)| *known == name);
    known.map(|(_, place)| *place).ok_or_else(|| Slip::UnknownPlace {
        name: name.to_owned(),
        nearest: nearest(name, PLACES.iter().map(|(known, _)| *known)),
    })
}

fn name_of(place: Place) -> &'static str {
    PLACES.iter().find(|(_, known)| *known == place).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = "# Short\n\n[letter]\n{display_name}: {password} {sandbox}\n{first_sign_in}\n\
        {online_id}\n[both]\nb\n[local]\nl\n[online]\no {sign_in_url}\n[directory]\nd\n\
        [no_online_id]\n-\n[sandbox]\n(box)\n";

    fn filled(text: &str, is_sandbox: bool) -> String {
        let template = LetterTemplate::parse(Path::new("x.txt"), text).unwrap();
        let values = Values {
            display_name: "{password}",
            user_name: "eva",
            online_id: None,
            password: "Hk7m",
            sign_in_url: "https://there",
            profile: "contoso",
            set_on: SetOn::Online,
            is_sandbox,
        };
        template.fill(&values, "mark").to_string()
    }

    #[test]
    fn places_are_filled_and_values_are_not_looked_into() {
        assert_eq!(filled(SHORT, false), "{password}: Hk7m\no https://there\n-\n\nmark\n");
        assert_eq!(filled(SHORT, true), "{password}: Hk7m (box)\no https://there\n-\n\nmark\n");
    }

    #[test]
    fn a_file_of_another_system_is_read_the_same() {
        let other = format!("\u{feff}{}", SHORT.replace('\n', "\r\n"));
        assert_eq!(filled(&other, false), filled(SHORT, false));
    }

    #[test]
    fn what_is_wrong_is_said_with_line_and_nearest_name() {
        let said = |from: &str, to: &str| {
            let text = SHORT.replacen(from, to, 1);
            LetterTemplate::parse(Path::new("x.txt"), &text).unwrap_err().to_string()
        };
        let all = [
            said("{password}", "{passwort}"),
            said("{password}", "{}"),
            said("{password}", "the password"),
            said("{password}", "{password} {"),
            said("{password}", "{password} }"),
            said("o {sign_in_url}", "o {first_sign_in}"),
            said("[online]", "[on-line]"),
            said("[online]", "[both]"),
            said("# Short", "Short"),
            said("[sandbox]\n(box)\n", ""),
            said("[letter]", "# letter"),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        x.txt, line 4: there is no place {passwort}; did you mean {password}?
        x.txt, line 4: there is no place {}
        x.txt, line 3: the letter has no {password}
        x.txt, line 4: a brace without its other half: braces are for places such as {password}
        x.txt, line 4: a brace without its other half: braces are for places such as {password}
        x.txt, line 12: {first_sign_in} can only stand in [letter]
        x.txt, line 11: there is no section [on-line]; did you mean [online]?
        x.txt, line 11: [both] is there twice
        x.txt, line 1: before the first section only lines that begin with # may stand
        x.txt, line 16: the section [sandbox] is missing
        x.txt, line 4: before the first section only lines that begin with # may stand
        ");
    }
}
