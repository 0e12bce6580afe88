//! An entry as a user.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::attribute::{OTHERS, TEXTS, control};
use super::clock;
use super::entry::{Entry, guid_in};
use super::note::Note;
use super::settings::LinkAttribute;
use crate::model::{AccessLevel, Details, MailAddresses, SetApart, User, UserGuid, UserName};

/// All addresses of a mailbox; `mail` has the primary one again (`active-directory.md §3`).
pub(super) const MAIL: &str = "proxyAddresses";

/// Accounts with lower numbers were made with the domain.
const FIRST_OF_PEOPLE: u32 = 1000;

/// The attributes that make a user.
pub(super) fn attributes(link: &LinkAttribute) -> Vec<&str> {
    let texts = TEXTS.iter().map(|(_, attribute)| *attribute);
    texts.chain(OTHERS.iter().copied()).chain([link.as_str()]).collect()
}

/// A user that was read, with what puts it into the order of creation.
pub(super) struct Found {
    pub(super) user: User,
    /// What the link's attribute holds, if that isn't ours.
    pub(super) is_foreign: bool,
    /// The plan's mark.
    pub(super) made: Option<UserGuid>,
    number: i64,
}

impl Found {
    /// The user of an entry; `None` for one whose name no acctsh could say.
    pub(super) fn of(entry: &Entry, link: &LinkAttribute) -> Option<Self> {
        let guid = UserGuid(entry.guid("objectGUID")?);
        let name = UserName::parse(entry.text("sAMAccountName")?).ok()?;
        let text = entry.text(link.as_str());
        let note = text.map_or_else(|| Some(Note::default()), Note::read);
        let is_foreign = note.is_none();
        let note = note.unwrap_or_default();
        let flags = entry.number("userAccountControl").unwrap_or(control::DISABLED);
        let is_privileged = entry.number("adminCount") == Some(1);
        let is_built_in = entry.relative_id().is_some_and(|id| id < FIRST_OF_PEOPLE)
            || entry.is("isCriticalSystemObject");
        let point = |attribute| {
            entry.text(attribute).and_then(clock::generalized).unwrap_or(Timestamp::UNIX_EPOCH)
        };
        let user = User {
            guid,
            name,
            details: details(entry),
            enabled: flags & control::DISABLED == 0,
            is_locked: entry.number("lockoutTime").is_some_and(|time| time != 0),
            must_change_password: entry.number("pwdLastSet") == Some(0),
            password_changed: entry.number("pwdLastSet").and_then(clock::counted),
            expires: entry.number("accountExpires").and_then(clock::last_day),
            access_level: if is_privileged {
                AccessLevel::Administrator
            } else {
                AccessLevel::Standard
            },
            is_built_in,
            set_apart: if !entry.texts("servicePrincipalName").is_empty() {
                Some(SetApart::Service)
            } else if is_privileged {
                Some(SetApart::Privileged)
            } else {
                None
            },
            manager: entry.text("manager").and_then(guid_in).map(UserGuid),
            link: note.link,
            no_link: no_link(entry, guid, is_foreign),
            remembered: note.remembered,
            mail: MailAddresses::received(entry.texts(MAIL).to_vec()).for_directory(),
            created: point("whenCreated"),
            last_changed: point("whenChanged"),
        };
        let number = entry.number("uSNCreated").unwrap_or_default();
        Some(Self { user, is_foreign, made: note.made, number })
    }

    /// The order of creation: the time is exact to the second, the number is the controller's own.
    pub(super) fn by_creation(&self, other: &Self) -> Ordering {
        (self.user.created, self.number).cmp(&(other.user.created, other.number))
    }
}

/// Why the link can't be kept on the entry.
fn no_link(entry: &Entry, guid: UserGuid, is_foreign: bool) -> Option<&'static str> {
    if is_foreign {
        return Some("the attribute for the link holds a text that acctsh didn't write");
    }
    let own = guid.0.to_bytes_le();
    let is_tied = entry.bytes("mS-DS-ConsistencyGuid").is_some_and(|anchor| anchor != own);
    is_tied.then_some("mS-DS-ConsistencyGuid ties it to another online account")
}

fn details(entry: &Entry) -> Details {
    let texts = TEXTS.iter();
    texts.filter_map(|(field, attribute)| Some((*field, entry.text(attribute)?))).collect()
}
