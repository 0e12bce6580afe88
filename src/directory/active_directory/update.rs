//! Changing a user: only what differs is written, each value together with the one that it replaces, so that a
//! change made by somebody else in the meantime is noticed by the directory itself.

use std::collections::HashSet;

use ldap3::Mod;

use super::attribute::{self, control};
use super::connection::Modification;
use super::entry::{Entry, guid_in};
use super::name;
use super::note::Note;
use super::outcome::{code, refused};
use super::user::{Found, MAIL};
use super::{ActiveDirectory, Domain, NAMES, built_in, changing, clock, read};
use crate::directory::details::{check_details, check_mail};
use crate::directory::{DirectoryFault, UserWrite};
use crate::model::field::FIELDS;
use crate::model::{Details, Field, MailAddresses, User, UserGuid, UserName};

/// How often values are compared again that changed between reading and writing.
const TRIES: usize = 3;
/// What Microsoft's own synchronisation takes as the anchor (`active-directory.md §3`).
const ANCHOR: &str = "mS-DS-ConsistencyGuid";
const PRINCIPAL: &str = "userPrincipalName";

/// The user's entry, if it is one that may be written.
pub(super) async fn writable_entry(
    ad: &ActiveDirectory,
    user: UserGuid,
    attributes: &[&str],
) -> Result<Entry, DirectoryFault> {
    let domain = ad.domain().await?;
    let all: Vec<&str> =
        super::user::attributes(ad.link()).into_iter().chain(attributes.iter().copied()).collect();
    let entry = read::user_entry(&ad.connection, domain, user, &all).await?;
    let entry = entry.ok_or(DirectoryFault::NoSuchUser(user))?;
    let is_built_in = Found::of(&entry, ad.link()).is_some_and(|found| found.user.is_built_in);
    if is_built_in || Some(user.0) == domain.own { Err(built_in()) } else { Ok(entry) }
}

/// Replaces values of a user, all or none.
pub(super) async fn update(
    ad: &ActiveDirectory,
    user: UserGuid,
    writes: &[UserWrite],
) -> Result<(), DirectoryFault> {
    let mut field = Field::UserName;
    let mut answer = None;
    for _ in 0..TRIES {
        let entry =
            writable_entry(ad, user, &[ANCHOR, PRINCIPAL, "c", "countryCode", "mail"]).await?;
        let mut changes = Changes::of(ad, &entry, user)?;
        for write in writes {
            changes.add(write)?;
        }
        if let Some(name) = &changes.new_name {
            check_free(ad, user, name).await?;
        }
        field = changes.first_field.unwrap_or(field);
        if changes.list.is_empty() {
            return name_entry(ad, &entry, writes).await;
        }
        let sent = ad.connection.modify(&name::by_guid(user.0), changes.list).await?;
        match sent.rc {
            0 => return name_entry(ad, &entry, writes).await,
            code::NO_SUCH_OBJECT => return Err(DirectoryFault::NoSuchUser(user)),
            // Somebody was faster: what is there now decides.
            code::NO_SUCH_ATTRIBUTE | code::VALUE_EXISTS | code::EXISTS => answer = Some(sent),
            _ => return Err(refused(&sent, changing(field))),
        }
    }
    Err(answer.map_or(DirectoryFault::ChangedMeanwhile { user, field }, |answer| {
        refused(&answer, changing(field))
    }))
}

async fn check_free(
    ad: &ActiveDirectory,
    user: UserGuid,
    name: &UserName,
) -> Result<(), DirectoryFault> {
    if let Err(reason) = NAMES.check(name) {
        return Err(DirectoryFault::Refused { field: Field::UserName, reason: reason.to_string() });
    }
    let domain: &Domain = ad.domain().await?;
    match read::holder(&ad.connection, domain, ad.link(), name).await? {
        Some((holder, _)) if holder != user => {
            Err(DirectoryFault::NameTaken { name: name.clone(), holder })
        }
        _ => Ok(()),
    }
}

/// Names the entry after its user where it was so before: else the next user of the old name would find its
/// place taken. If something else in the unit has that name, the entry keeps its own.
async fn name_entry(
    ad: &ActiveDirectory,
    entry: &Entry,
    writes: &[UserWrite],
) -> Result<(), DirectoryFault> {
    let renamed = writes.iter().find_map(|write| match write {
        UserWrite::Name { old, new } => Some((old, new)),
        _ => None,
    });
    let (Some((old, new)), Some(dn)) = (renamed, entry.dn()) else { return Ok(()) };
    if dn.own().to_lowercase() != old.key() || dn.own() == new.as_str() {
        return Ok(());
    }
    let own = dn.parent().unwrap_or_else(|| dn.clone()).child("CN", new.as_str()).own_part();
    let answer = ad.connection.rename(entry.dn_text(), &own).await?;
    match answer.rc {
        // Not found: it was moved or renamed at this very moment.
        0 | code::EXISTS | code::NO_SUCH_OBJECT => Ok(()),
        _ => Err(refused(&answer, changing(Field::UserName))),
    }
}

/// Whether a value is to be written: the old one is there, and not yet the new one. `None` if it is neither.
fn due<T: PartialEq>(now: &T, old: &T, new: &T) -> Option<bool> {
    if now == new { Some(false) } else { (now == old).then_some(true) }
}

/// The changes of one entry, compared with what it holds now.
struct Changes<'a> {
    entry: &'a Entry,
    link: &'a str,
    guid: UserGuid,
    user: User,
    is_foreign: bool,
    note: Note,
    list: Vec<Modification>,
    first_field: Option<Field>,
    new_name: Option<UserName>,
}

impl<'a> Changes<'a> {
    fn of(
        ad: &'a ActiveDirectory,
        entry: &'a Entry,
        guid: UserGuid,
    ) -> Result<Self, DirectoryFault> {
        let Found { user, is_foreign, made, .. } =
            Found::of(entry, ad.link()).ok_or(DirectoryFault::NoSuchUser(guid))?;
        let note = Note { made, link: user.link, remembered: user.remembered.clone() };
        let link = ad.link().as_str();
        let (list, first_field, new_name) = (Vec::new(), None, None);
        Ok(Self { entry, link, guid, user, is_foreign, note, list, first_field, new_name })
    }

    fn add(&mut self, write: &UserWrite) -> Result<(), DirectoryFault> {
        self.first_field = self.first_field.or(Some(write.field()));
        let changed = |field| Err(DirectoryFault::ChangedMeanwhile { user: self.guid, field });
        let is_due = match write {
            UserWrite::Link { old, new } => due(&self.user.link, old, new),
            UserWrite::Remembered { old, new } => due(&self.user.remembered, old, new),
            UserWrite::Enabled { old, new } => due(&self.user.enabled, old, new),
            UserWrite::MustChangePassword { old, new } => {
                due(&self.user.must_change_password, old, new)
            }
            UserWrite::Unlock => Some(self.user.is_locked),
            UserWrite::Expires { old, new } => due(&self.user.expires, old, new),
            UserWrite::Manager { old, new } => due(&self.user.manager, old, new),
            UserWrite::Mail { old, new } => {
                check_mail(new)?;
                due(&self.user.mail, &old.for_directory(), &new.for_directory())
            }
            // Another spelling is another name here.
            UserWrite::Name { new, .. } if self.user.name.as_str() == new.as_str() => Some(false),
            UserWrite::Name { old, new } => {
                (self.user.name == *old || self.user.name == *new).then_some(true)
            }
            UserWrite::Details { old, new } => return self.details(old, new),
        };
        match is_due {
            None => return changed(write.field()),
            Some(false) => return Ok(()),
            Some(true) => {}
        }
        match write {
            UserWrite::Link { new, .. } => {
                self.note.link = *new;
                self.keep_note()?;
                if new.is_some() { self.anchor() } else { Ok(()) }
            }
            UserWrite::Remembered { new, .. } => {
                self.note.remembered = new.clone();
                self.keep_note()
            }
            UserWrite::Enabled { new, .. } => {
                let now = self.entry.number("userAccountControl").unwrap_or(control::NORMAL);
                let off = control::DISABLED;
                let flags = if *new { now & !off } else { now | off };
                self.swap("userAccountControl", Some(&flags.to_string()));
                Ok(())
            }
            UserWrite::MustChangePassword { new, .. } => {
                // Only these two values may be written, so there is no old one to go with them.
                let value: &[u8] = if *new { b"0" } else { b"-1" };
                self.list.push(Mod::Replace(b"pwdLastSet".to_vec(), super::values([value])));
                Ok(())
            }
            UserWrite::Unlock => {
                let open = super::values([b"0"]);
                self.list.push(Mod::Replace(b"lockoutTime".to_vec(), open));
                Ok(())
            }
            UserWrite::Expires { new, .. } => {
                self.swap("accountExpires", Some(&clock::end_of(*new).to_string()));
                Ok(())
            }
            UserWrite::Manager { new, .. } => {
                self.manager(*new);
                Ok(())
            }
            UserWrite::Mail { new, .. } => {
                self.mail(&new.for_directory());
                Ok(())
            }
            UserWrite::Name { old, new } => {
                self.name(old, new);
                Ok(())
            }
            UserWrite::Details { .. } => Ok(()),
        }
    }

    /// Replaces the attribute's only value by another, if that is another.
    fn swap(&mut self, attribute: &str, new: Option<&str>) {
        let old = self.entry.text(attribute);
        self.swap_values(attribute, old.map(str::to_owned), new.map(str::to_owned));
    }

    fn swap_values(&mut self, attribute: &str, old: Option<String>, new: Option<String>) {
        if old == new {
            return;
        }
        let name = || attribute.as_bytes().to_vec();
        let only = |value: String| HashSet::from([value.into_bytes()]);
        self.list.extend(old.map(|old| Mod::Delete(name(), only(old))));
        self.list.extend(new.map(|new| Mod::Add(name(), only(new))));
    }

    /// Writes link and what is remembered: both are in one text, which must be ours.
    fn keep_note(&mut self) -> Result<(), DirectoryFault> {
        let refuse =
            |reason: String| Err(DirectoryFault::Refused { field: Field::OnlineId, reason });
        if self.is_foreign {
            return refuse(format!(
                "{} of the user holds something that acctsh didn't write: empty it, or choose another \
                 link_attribute in the profile",
                self.link
            ));
        }
        let text = self.note.text();
        if let Some(reason) = text.as_deref().and_then(Note::too_long) {
            return refuse(reason);
        }
        // Two writes of one plan may both come here: the last has both.
        let link = self.link.as_bytes();
        self.list.retain(|change| match change {
            Mod::Add(name, _) | Mod::Delete(name, _) => name != link,
            Mod::Replace(..) | Mod::Increment(..) => true,
        });
        self.swap(self.link, text.as_deref());
        Ok(())
    }

    /// The anchor that Microsoft's own synchronisation uses: the same that acctsh writes online.
    fn anchor(&mut self) -> Result<(), DirectoryFault> {
        let own = self.guid.0.to_bytes_le();
        match self.entry.bytes(ANCHOR) {
            Some(there) if there == own => Ok(()),
            Some(_) => Err(DirectoryFault::Refused {
                field: Field::OnlineId,
                reason: format!(
                    "{ANCHOR} of the user ties it to another online account already; whoever looks after \
                     the synchronisation must clear it first"
                ),
            }),
            None => {
                self.list.push(Mod::Add(ANCHOR.as_bytes().to_vec(), super::values([&own])));
                Ok(())
            }
        }
    }

    fn manager(&mut self, new: Option<UserGuid>) {
        let old = self.entry.text("manager").and_then(guid_in).map(name::by_guid);
        self.swap_values("manager", old, new.map(|new| name::by_guid(new.0)));
    }

    /// Addresses that come and go, one by one: what is there beside e-mail stays as it is. The primary one is in
    /// an attribute of its own, too.
    fn mail(&mut self, new: &MailAddresses) {
        let values = |of: &MailAddresses, others: &MailAddresses| -> HashSet<Vec<u8>> {
            let differing = of.entries().iter().filter(|entry| !others.entries().contains(entry));
            differing.map(|entry| entry.clone().into_bytes()).collect()
        };
        let (gone, come) = (values(&self.user.mail, new), values(new, &self.user.mail));
        let name = || MAIL.as_bytes().to_vec();
        if !gone.is_empty() {
            self.list.push(Mod::Delete(name(), gone));
        }
        if !come.is_empty() {
            self.list.push(Mod::Add(name(), come));
        }
        let primary = new.primary().map(|primary| primary.to_string());
        self.swap("mail", primary.as_deref());
    }

    /// The user name, and the principal name where it was made of it.
    fn name(&mut self, old: &UserName, new: &UserName) {
        self.new_name = Some(new.clone());
        self.swap("sAMAccountName", Some(new.as_str()));
        let principal = self.entry.text(PRINCIPAL).and_then(|name| name.split_once('@'));
        if let Some((local, suffix)) = principal
            && local.to_lowercase() == old.key()
        {
            let named = format!("{new}@{suffix}");
            self.swap(PRINCIPAL, Some(&named));
        }
    }

    /// Each text that is to be another is compared by itself; the others are nobody's business here.
    fn details(&mut self, old: &Details, new: &Details) -> Result<(), DirectoryFault> {
        check_details(new)?;
        for field in FIELDS.iter().map(|spec| spec.field).filter(|field| field.is_detail()) {
            let Some(attribute) = attribute::of(field) else { continue };
            let (was, to_be) = (old.get(field), new.get(field));
            let now = self.entry.text(attribute);
            if was == to_be || now == to_be {
                continue;
            }
            if now != was {
                return Err(DirectoryFault::ChangedMeanwhile { user: self.guid, field });
            }
            self.first_field = Some(field);
            self.swap(attribute, to_be);
            if field == Field::Country {
                self.country(to_be);
            }
        }
        Ok(())
    }

    fn country(&mut self, name: Option<&str>) {
        let (code, number) = name
            .and_then(attribute::country)
            .map_or((None, "0".to_owned()), |(code, number)| (Some(code), number));
        self.swap("c", code.as_deref());
        self.swap("countryCode", Some(&number));
    }
}
