//! The view: what is, plus what the recorded changes would make of it. Scripts read through it, and
//! changes are derived on it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::change::{ChangeNo, Subject};
use super::edit::{Edit, What};
use super::mail::{MailOverlay, OnlineRef};
use super::person::Person;
use crate::accounts::{Facts, Missing, Needs, R};
use crate::model::{
    DeletedAccount, DeletedUser, Domain, EmailAddress, License, LicenseName, ObjectId,
    OnlineAccount, OnlineId, PasswordPolicy, SkuId, User, UserName,
};

/// What the changes so far make of the facts.
#[derive(Debug, Default)]
pub struct Overlay {
    people: HashMap<Subject, Person>,
    /// People whose user this plan makes or brings back, in plan order.
    made: Vec<Subject>,
    /// Changes that turned out to be about somebody who is there already.
    found: HashMap<ChangeNo, Subject>,
    user_names: HashMap<UserName, Vec<Subject>>,
    online_ids: HashMap<OnlineId, Vec<Subject>>,
    /// Online accounts that the plan links to somebody, or to nobody any more.
    owners: HashMap<ObjectId, Option<Subject>>,
    seats: HashMap<SkuId, i64>,
    mail: MailOverlay,
    /// The level that the plan gives the directory's password policy.
    password_policy: Option<PasswordPolicy>,
}

impl Overlay {
    /// Takes in what a change makes different. `before` are the people as they were.
    pub(super) fn apply(&mut self, no: ChangeNo, edit: &Edit, before: &Person) {
        if let What::Mail(mail) = &edit.what {
            self.mail.apply(edit.subject, mail);
            return;
        }
        if let What::PasswordPolicy { new, .. } = &edit.what {
            self.password_policy = Some(*new);
            return;
        }
        let person = self.people.entry(edit.subject).or_insert_with(|| before.clone());
        person.apply(no, &edit.what);
        match &edit.what {
            What::UserMade(new) => {
                self.made.push(edit.subject);
                self.named(&new.name, edit.subject);
            }
            What::UserRestored(user) => {
                self.made.push(edit.subject);
                self.named(&user.name, edit.subject);
            }
            What::UserNamed { new, .. } => self.named(new, edit.subject),
            What::OnlineMade(draft) => self.called(&draft.online_id, edit.subject),
            What::OnlineNamed { new, .. } => {
                if let Some(of) = OnlineRef::of(person) {
                    self.mail.renamed(of, new);
                }
                self.called(new, edit.subject);
            }
            What::OnlineTaken(online) => {
                self.people.remove(&Subject::Online(online.id));
                self.owners.insert(online.id, Some(edit.subject));
                self.called(&online.online_id, edit.subject);
            }
            What::OnlineReleased(online) => {
                self.owners.insert(online.id, None);
                self.released(online);
            }
            What::OnlineRestored(online) => self.called(&online.online_id, edit.subject),
            What::Licenses { old, new } => {
                for license in new {
                    *self.seats.entry(license.sku).or_default() += 1;
                }
                for license in old {
                    *self.seats.entry(license.sku).or_default() -= 1;
                }
            }
            _ => {}
        }
    }

    /// An account that is nobody's any more stays as the plan has made it so far.
    fn released(&mut self, online: &OnlineAccount) {
        if online.id == ObjectId::KNOWN_AFTER_APPLY {
            return;
        }
        let subject = Subject::Online(online.id);
        let online = OnlineAccount { anchor: None, ..online.clone() };
        self.called(&online.online_id, subject);
        let person = Person { online: Some(Arc::new(online)), ..Person::default() };
        self.people.insert(subject, person);
    }

    fn named(&mut self, name: &UserName, subject: Subject) {
        self.user_names.entry(name.clone()).or_default().push(subject);
    }

    fn called(&mut self, online_id: &OnlineId, subject: Subject) {
        self.online_ids.entry(online_id.clone()).or_default().push(subject);
    }

    /// Remembers whom a change turned out to be about.
    pub(super) fn found(&mut self, no: ChangeNo, subject: Subject) {
        self.found.insert(no, subject);
    }
}

/// What a person is known by, to find online accounts that may be theirs.
#[derive(Debug, Clone, Copy, Default)]
pub struct LookAlike<'a> {
    /// The name they are shown under.
    pub display_name: Option<&'a str>,
    /// The personnel number.
    pub employee_id: Option<&'a str>,
    /// The address that their account would have.
    pub email: Option<&'a EmailAddress>,
}

/// Facts and overlay together; lacking facts are noted in `needs`.
pub struct View<'a> {
    facts: &'a Facts,
    overlay: &'a Overlay,
    /// The number of changes that the overlay holds: a later one isn't known yet.
    derived: u32,
    needs: RefCell<Needs>,
}

impl<'a> View<'a> {
    /// The view after the first `derived` changes.
    pub fn new(facts: &'a Facts, overlay: &'a Overlay, derived: u32) -> Self {
        Self { facts, overlay, derived, needs: RefCell::default() }
    }

    /// What was lacking.
    pub fn into_needs(self) -> Needs {
        self.needs.into_inner()
    }

    pub(super) fn mail_overlay(&self) -> &'a MailOverlay {
        &self.overlay.mail
    }

    /// Facts without the plan.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// Where lacking facts are noted.
    pub fn needs(&self) -> &RefCell<Needs> {
        &self.needs
    }

    /// The identity behind a handle: a change that found somebody there leads to that person.
    pub fn identity(&self, subject: Subject) -> R<Subject> {
        match subject {
            Subject::New(no) if no.0 >= self.derived => Err(Missing),
            Subject::New(no) => Ok(self.overlay.found.get(&no).copied().unwrap_or(subject)),
            Subject::User(_) | Subject::Online(_) | Subject::Group(_) | Subject::Directory => {
                Ok(subject)
            }
        }
    }

    /// The person; without halves if there is nobody.
    pub fn person(&self, subject: Subject) -> R<Person> {
        let subject = self.identity(subject)?;
        if let Some(person) = self.overlay.people.get(&subject) {
            return Ok(person.clone());
        }
        match subject {
            Subject::User(guid) => {
                let linked = self.facts.linked(guid, &self.needs)?;
                Ok(Person { user: linked.user, online: linked.online, ..Person::default() })
            }
            Subject::Online(id) => {
                let Some(online) = self.facts.online(id, &self.needs)?.cloned() else {
                    return Ok(Person::default());
                };
                match self.overlay.owners.get(&id) {
                    Some(Some(owner)) if *owner != subject => self.person(*owner),
                    Some(_) => {
                        let mut online = OnlineAccount::clone(&online);
                        online.anchor = None;
                        Ok(Person { online: Some(Arc::new(online)), ..Person::default() })
                    }
                    None => {
                        let user = self.facts.user_of(&online, &self.needs)?.cloned();
                        Ok(Person { user, online: Some(online), ..Person::default() })
                    }
                }
            }
            Subject::New(_) | Subject::Group(_) | Subject::Directory => Ok(Person::default()),
        }
    }

    /// The local half alone: no online account is looked up for it.
    pub fn user(&self, subject: Subject) -> R<Option<Arc<User>>> {
        let subject = self.identity(subject)?;
        match (self.overlay.people.get(&subject), subject) {
            (Some(person), _) => Ok(person.user.clone()),
            (None, Subject::User(guid)) => Ok(self.facts.user(guid, &self.needs)?.cloned()),
            (None, _) => Ok(self.person(subject)?.user),
        }
    }

    /// Everybody of that user name: whoever has it in the directory and keeps it, and those to whom the
    /// plan gives it.
    pub fn users_named(&self, name: &UserName) -> R<Vec<Subject>> {
        let in_directory = self.facts.user_named(name, &self.needs)?;
        let mut found: Vec<Subject> =
            in_directory.map(|user| Subject::User(user.guid)).into_iter().collect();
        found.extend(self.overlay.user_names.get(name).into_iter().flatten());
        let has_it = |subject: &Subject| match self.overlay.people.get(subject) {
            Some(person) => person.user.as_ref().is_some_and(|user| user.name == *name),
            None => true,
        };
        found.retain(has_it);
        found.dedup();
        Ok(found)
    }

    /// The user of that name in the directory, without the plan.
    pub fn user_in_directory(&self, name: &UserName) -> R<Option<&'a Arc<User>>> {
        self.facts.user_named(name, &self.needs)
    }

    /// Everybody of that online ID: whoever has it in the tenant and keeps it, and those to whom the
    /// plan gives it. An account in the tenant that has a user is that user.
    pub fn people_called(&self, online_id: &OnlineId) -> R<Vec<Subject>> {
        let mut found = Vec::new();
        if let Some(online) = self.facts.online_called(online_id, &self.needs)? {
            found.push(self.whose(online)?);
        }
        found.extend(self.overlay.online_ids.get(online_id).into_iter().flatten());
        let has_it = |subject: &Subject| match self.overlay.people.get(subject) {
            Some(person) => person.online.as_ref().is_some_and(|it| it.online_id == *online_id),
            None => true,
        };
        found.retain(has_it);
        found.dedup();
        Ok(found)
    }

    /// The person to whom an online account belongs at this point of the plan.
    pub fn whose(&self, online: &OnlineAccount) -> R<Subject> {
        if let Some(owner) = self.overlay.owners.get(&online.id) {
            return Ok(owner.unwrap_or(Subject::Online(online.id)));
        }
        Ok(match self.facts.user_of(online, &self.needs)? {
            Some(user) => Subject::User(user.guid),
            None => Subject::Online(online.id),
        })
    }

    /// The online account of that online ID in the tenant, without the plan.
    pub fn online_in_tenant(&self, online_id: &OnlineId) -> R<Option<&'a Arc<OnlineAccount>>> {
        self.facts.online_called(online_id, &self.needs)
    }

    /// The user to whom an online account of the tenant belongs.
    pub fn owner(&self, online: &OnlineAccount) -> R<Option<&'a Arc<User>>> {
        self.facts.user_of(online, &self.needs)
    }

    /// Everybody with a user: those of the directory, then those that the plan makes.
    pub fn everybody(&self) -> R<Vec<Subject>> {
        let users = self.facts.users(&self.needs)?;
        let mut all: Vec<Subject> = users.iter().map(|user| Subject::User(user.guid)).collect();
        all.extend(&self.overlay.made);
        let is_there = |subject: &Subject| match self.overlay.people.get(subject) {
            Some(person) => person.user.is_some(),
            None => true,
        };
        all.retain(is_there);
        Ok(all)
    }

    /// Everybody with an online half: those of the tenant, then those that the plan makes.
    pub fn everybody_online(&self) -> R<Vec<Subject>> {
        // The users are needed to tell whose an account is.
        let users = self.facts.users(&self.needs);
        let accounts = self.facts.online_accounts(&self.needs)?;
        users?;
        let mut all = Vec::with_capacity(accounts.len());
        for online in accounts {
            let subject = self.whose(online)?;
            if self.overlay.people.get(&subject).is_none_or(|person| person.online.is_some()) {
                all.push(subject);
            }
        }
        if self.overlay.people.is_empty() {
            return Ok(all);
        }
        let known: HashSet<Subject> = all.iter().copied().collect();
        let has_one_now = |(subject, person): &(&Subject, &Person)| {
            person.online.is_some() && !known.contains(subject)
        };
        let people = self.overlay.people.iter().filter(has_one_now);
        let mut made: Vec<Subject> = people.map(|(subject, _)| *subject).collect();
        made.sort_unstable();
        all.extend(made);
        Ok(all)
    }

    /// The online account that mail to this address goes to, unless the plan deletes it.
    pub fn online_reached_at(&self, email: &EmailAddress) -> R<Option<&'a Arc<OnlineAccount>>> {
        let Some(online) = self.facts.online_reached_at(email, &self.needs)? else {
            return Ok(None);
        };
        let whose = self.whose(online)?;
        let is_deleted =
            self.overlay.people.get(&whose).is_some_and(|person| person.online.is_none());
        Ok(Some(online).filter(|_| !is_deleted))
    }

    /// Online accounts without user that may be the same person, with what they have in common.
    pub fn look_alikes(&self, of: &LookAlike<'_>) -> R<Vec<(Arc<OnlineAccount>, &'static str)>> {
        // All three are asked before the first lack ends the question: one round reads them all.
        let by_number = of
            .employee_id
            .map(|number| self.facts.online_numbered(number, &self.needs))
            .transpose();
        let by_email =
            of.email.map(|email| self.facts.online_reached_at(email, &self.needs)).transpose();
        let by_name =
            of.display_name.map(|name| self.facts.online_shown_as(name, &self.needs)).transpose();
        let numbered =
            by_number?.unwrap_or_default().into_iter().map(|it| (it, "personnel number"));
        let reached = by_email?.flatten().cloned().into_iter().map(|it| (it, "e-mail address"));
        let shown = by_name?.unwrap_or_default().into_iter().map(|it| (it, "name"));
        let mut found: Vec<(Arc<OnlineAccount>, &'static str)> = Vec::new();
        for (online, common) in numbered.chain(reached).chain(shown) {
            let known = found.iter().any(|(other, _)| other.id == online.id);
            if !known && self.facts.user_of(&online, &self.needs)?.is_none() {
                found.push((online, common));
            }
        }
        Ok(found)
    }

    /// The account of that online ID in the tenant's recycle bin.
    pub fn deleted(&self, online_id: &OnlineId) -> R<Option<&'a DeletedAccount>> {
        self.facts.deleted_called(online_id, &self.needs)
    }

    /// The tenant's recycle bin.
    pub fn deleted_accounts(&self) -> R<&'a [DeletedAccount]> {
        self.facts.deleted_accounts(&self.needs)
    }

    /// The directory's recycle bin.
    pub fn deleted_users(&self) -> R<&'a [DeletedUser]> {
        self.facts.deleted_users(&self.needs)
    }

    /// What the directory asks of passwords.
    pub fn password_policy(&self) -> R<PasswordPolicy> {
        match self.overlay.password_policy {
            Some(policy) => Ok(policy),
            None => Ok(self.facts.directory(&self.needs)?.passwords.of_new_users),
        }
    }

    /// Whether the tenant's accounts come from a directory synchronisation.
    pub fn tenant_is_synchronized(&self) -> R<bool> {
        Ok(self.facts.organization(&self.needs)?.is_synchronized)
    }

    /// Sees to it that the check knows who is an administrator.
    pub fn note_role_holders(&self) -> R<()> {
        let holders = self.facts.role_holders(&self.needs)?;
        // Who of them can sign in is part of the question; all are asked for in one round.
        let read =
            holders.global_administrators().iter().map(|it| self.facts.online(*it, &self.needs));
        let read: Vec<_> = read.collect();
        read.into_iter().try_for_each(|found| found.map(|_| ()))
    }

    /// The administrator's roles that an online account holds, if it holds any.
    pub fn roles_of(&self, account: ObjectId) -> R<Option<&'a [String]>> {
        Ok(self.facts.role_holders(&self.needs)?.of(account))
    }

    /// The account with that object id in the tenant's recycle bin.
    pub fn deleted_with_id(&self, id: ObjectId) -> R<Option<&'a DeletedAccount>> {
        self.facts.deleted_with_id(id, &self.needs)
    }

    /// What the tenant subscribes to.
    pub fn licenses(&self) -> R<&'a Arc<Vec<License>>> {
        self.facts.licenses(&self.needs)
    }

    /// The licence that a person means.
    pub fn license(&self, name: &LicenseName) -> R<Option<&'a License>> {
        Ok(self.licenses()?.iter().find(|license| license.is_called(name)))
    }

    /// Seats that the plan takes (more) or gives back (less).
    pub fn seats_needed(&self, sku: SkuId) -> i64 {
        self.overlay.seats.get(&sku).copied().unwrap_or(0)
    }

    /// The tenant's domains.
    pub fn domains(&self) -> R<&'a Arc<Vec<Domain>>> {
        self.facts.domains(&self.needs)
    }
}
