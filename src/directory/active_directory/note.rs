//! What acctsh keeps on a user, as the text of one attribute: the mark of the plan that made it, then the link
//! to the online account and what is remembered of that (`active-directory.md §3`).
//!
//! `acctsh:made:GUID`, later `m365:ID`, with words behind it. A text of anybody else is left alone.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use uuid::Uuid;

use crate::model::{AssignedLicense, ObjectId, Remembered, ServiceId, SkuId, UserGuid};

/// What the attributes that are fit for it take.
const MOST: usize = 1024;
const MADE: &str = "acctsh:made:";
const LINK: &str = "m365:";
const NO_LINK: &str = "none";
const CLOSED: &str = "closed";
const UNASSIGNED: &str = "unassigned";
const WAITS: &str = "waits-for-password";
const LICENSES: &str = "licenses=";
/// A GUID's letters.
const LETTERS: usize = 22;

/// What the text of the attribute says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// What the plan that made the user has drawn for it.
    pub(super) made: Option<UserGuid>,
    /// The online account.
    pub(super) link: Option<ObjectId>,
    /// What is remembered of it.
    pub(super) remembered: Remembered,
}

impl Note {
    /// The mark of a user that is being made.
    pub(super) fn mark(made: UserGuid) -> Self {
        Self { made: Some(made), ..Self::default() }
    }

    /// Reads a text; `None` if somebody else wrote it.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some(made) = text.strip_prefix(MADE) {
            return Some(Self::mark(made.parse().ok()?));
        }
        let mut words = text.strip_prefix(LINK)?.split(' ');
        let link = match words.next()? {
            NO_LINK => None,
            id => Some(id.parse().ok()?),
        };
        let mut remembered = Remembered::default();
        for word in words {
            match word {
                CLOSED => remembered.closed_by_disable = true,
                UNASSIGNED => remembered.is_unassigned = true,
                WAITS => remembered.waits_for_password = true,
                _ => remembered.licenses = licenses(word.strip_prefix(LICENSES)?)?,
            }
        }
        Some(Self { made: None, link, remembered })
    }

    /// The text; `None` if there is nothing to keep.
    pub(super) fn text(&self) -> Option<String> {
        let remembered = &self.remembered;
        if self.link.is_none() && *remembered == Remembered::default() {
            return self.made.map(|made| format!("{MADE}{made}"));
        }
        let mut text = match self.link {
            Some(link) => format!("{LINK}{link}"),
            None => format!("{LINK}{NO_LINK}"),
        };
        for (is_so, word) in [
            (remembered.closed_by_disable, CLOSED),
            (remembered.is_unassigned, UNASSIGNED),
            (remembered.waits_for_password, WAITS),
        ] {
            if is_so {
                text.extend([" ", word]);
            }
        }
        if !remembered.licenses.is_empty() {
            let kept: Vec<String> = remembered.licenses.iter().map(short).collect();
            text.extend([" ", LICENSES, &kept.join(",")]);
        }
        Some(text)
    }

    /// Why the text can't be kept.
    pub(super) fn too_long(text: &str) -> Option<String> {
        let length = text.chars().count();
        (length > MOST).then(|| {
            format!(
                "what is remembered of its licences needs {length} characters, at most {MOST} fit"
            )
        })
    }
}

/// The beginning of the text of users with that link.
pub(super) fn beginning(link: ObjectId) -> String {
    format!("{LINK}{link}")
}

/// The licence and the services that are off, a GUID after the other.
fn short(license: &AssignedLicense) -> String {
    let services = license.disabled.iter().map(|service| BASE64.encode(service.0));
    std::iter::once(BASE64.encode(license.sku.0)).chain(services).collect()
}

fn licenses(text: &str) -> Option<Vec<AssignedLicense>> {
    text.split(',').map(license).collect()
}

fn license(text: &str) -> Option<AssignedLicense> {
    let mut ids = text.as_bytes().chunks(LETTERS).map(|letters| {
        let bytes = BASE64.decode(letters).ok()?;
        Uuid::from_slice(&bytes).ok()
    });
    let sku = SkuId(ids.next()??);
    let disabled = ids.map(|id| id.map(ServiceId)).collect::<Option<_>>()?;
    Some(AssignedLicense { sku, disabled })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id() -> impl Strategy<Value = Uuid> {
        any::<u128>().prop_map(Uuid::from_u128)
    }

    fn remembered() -> impl Strategy<Value = Remembered> {
        let license = (id(), prop::collection::vec(id(), 0..4)).prop_map(|(sku, off)| {
            AssignedLicense { sku: SkuId(sku), disabled: off.into_iter().map(ServiceId).collect() }
        });
        (any::<[bool; 3]>(), prop::collection::vec(license, 0..5)).prop_map(
            |([closed_by_disable, is_unassigned, waits_for_password], licenses)| Remembered {
                closed_by_disable,
                is_unassigned,
                waits_for_password,
                licenses,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_kept_comes_back(link in prop::option::of(id()), remembered in remembered()) {
            let note = Note { made: None, link: link.map(ObjectId), remembered };
            match note.text() {
                Some(text) => prop_assert_eq!(Note::read(&text), Some(note)),
                None => prop_assert_eq!(note, Note::default()),
            }
        }

        #[test]
        fn a_text_of_somebody_else_is_not_read_as_ours(text in "\\PC{0,40}|m365:[ -~]{0,12}") {
            if let Some(note) = Note::read(&text) {
                prop_assert_eq!(note.text().unwrap_or_default().is_empty(), note == Note::default());
            }
        }
    }

    #[test]
    fn a_user_bears_the_mark_of_its_making_until_it_is_linked() {
        let made: UserGuid = "00112233-4455-6677-8899-aabbccddeeff".parse().unwrap();
        let mark = Note::mark(made).text().unwrap();
        assert_eq!(mark, "acctsh:made:00112233-4455-6677-8899-aabbccddeeff");
        assert_eq!(Note::read(&mark).unwrap().made, Some(made));
        let link = Some(ObjectId(made.0));
        let linked = Note { link, ..Note::read(&mark).unwrap() };
        assert_eq!(linked.text().unwrap(), format!("m365:{made}"));
        assert_eq!(Note::read("Group_7f"), None);
        assert_eq!(Note::read(&format!("m365:{made} shiny")), None);
    }
}
