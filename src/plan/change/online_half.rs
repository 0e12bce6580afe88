//! What `create_account` and `assign` share: giving a user an online account, or what is missing of
//! the one it has.

use super::licenses_wanted::licenses_wanted;
use super::online_wish::{OnlineName, OnlineWish};
use crate::accounts::R;
use crate::model::{
    Anchor, AssignedLicense, CountryCode, Details, EmailAddress, Field, ObjectId, OnlineAccount,
    OnlineId, PasswordHome, Problem, Remembered, UserGuid, UserName,
};
use crate::plan::edit::{Edits, What};
use crate::plan::person::Person;
use crate::plan::step::{OnlineDraft, OnlinePassword};
use crate::plan::view::{LookAlike, View};

/// A user that is to have an online account.
pub(super) struct OnlineHalf<'a> {
    /// The user's GUID, which becomes the anchor.
    pub(super) guid: UserGuid,
    /// The user's name.
    pub(super) user_name: &'a UserName,
    /// The person's texts.
    pub(super) details: &'a Details,
    /// What is there of the person; `None` for somebody new.
    pub(super) person: Option<&'a Person>,
    /// What is wanted.
    pub(super) wish: &'a OnlineWish,
    /// Whether the password must be changed at the first sign-in.
    pub(super) must_change_password: bool,
}

impl OnlineHalf<'_> {
    /// Adds the edits that make or complete the online account.
    pub(super) fn give(&self, view: &View<'_>, out: &mut Edits) -> R<()> {
        let details = self.details_with_usage_location();
        match self.person.and_then(|person| Some((person, person.online.as_deref()?))) {
            Some((person, online)) => self.complete(person, online, &details, view, out),
            None => self.make(&details, view, out),
        }
    }

    /// Asks for every fact that [`give`](Self::give) may want, so that one round of reading serves
    /// them all.
    pub(super) fn note_needs(&self, view: &View<'_>) {
        let _ = view.licenses();
        let _ = view.tenant_is_synchronized();
        let mut scratch = Edits::new(super::ChangeNo(0), super::Subject::User(self.guid));
        if let Ok(Some(online_id)) = self.wish.online_id(self.user_name, view, &mut scratch) {
            let _ = view.online_in_tenant(&online_id);
            let _ = view.deleted(&online_id);
            let email = EmailAddress::received(online_id.as_str());
            let _ = view.look_alikes(&known_by(self.details, &email));
        }
    }

    /// Makes the online account.
    fn make(&self, details: &Details, view: &View<'_>, out: &mut Edits) -> R<()> {
        let is_synchronized = view.tenant_is_synchronized();
        let licenses = licenses_wanted(
            self.user_name.as_str(),
            &self.wish.licenses,
            &self.wish.without,
            view,
            out,
        );
        let Some(online_id) = self.wish.online_id(self.user_name, view, out)? else {
            return Ok(());
        };
        let holder = view.online_in_tenant(&online_id);
        let deleted = view.deleted(&online_id);
        let email = EmailAddress::received(online_id.as_str());
        let look_alikes = view.look_alikes(&known_by(details, &email));
        let licenses = licenses?;
        if is_synchronized? {
            let message = "the tenant's accounts come from a directory synchronisation";
            out.problem(
                Problem::error("synchronized_tenant", self.user_name, message)
                    .field(Field::OnlineId)
                    .advice("let the synchronisation make the online account, then license it"),
            );
            return Ok(());
        }
        if let Some(holder) = holder? {
            return self.report_holder(&online_id, holder, view, out);
        }
        if let Some(other) = view.online_reached_at(&email)?
            && view.owner(other)?.is_some()
        {
            let message = format!("mail to {online_id} goes to {}", other.online_id);
            out.problem(
                Problem::error("address_taken", self.user_name, message)
                    .field(Field::OnlineId)
                    .value(&online_id)
                    .advice("choose another online ID: an address stays with whoever had it"),
            );
            return Ok(());
        }
        let lost = self.report_lost_link(view, out)?;
        if let (Some(deleted), None) = (deleted?, lost) {
            let account = &deleted.account;
            let when = deleted
                .deleted
                .map_or_else(String::new, |time| format!(" on {}", time.strftime("%Y-%m-%d")));
            let message = format!(
                "{online_id} ({}) was deleted{when} and can still be restored",
                account.display_name()
            );
            self.warn("deleted_before", &online_id, message, RESTORE, out);
        }
        for (other, common) in look_alikes? {
            let message =
                format!("the online account {} has no user and the same {common}", other.online_id);
            let advice = "is that the same person? then assign that account instead";
            self.warn("maybe_same_person", &other.online_id, message, advice, out);
        }
        self.check_usage_location(&licenses, details, out);
        let mail_nickname = nickname_for(&online_id);
        if mail_nickname.is_empty() {
            let message = "no mail nickname can be made from the online ID";
            out.problem(
                Problem::error("invalid_online_id", self.user_name, message)
                    .field(Field::OnlineId)
                    .value(&online_id),
            );
            return Ok(());
        }
        out.add(What::OnlineMade(OnlineDraft {
            online_id,
            mail_nickname,
            details: details.clone(),
            password: self.password(),
        }));
        out.add(What::Linked { old: lost });
        if self.password().is_undisclosed() {
            let user = self.person.and_then(|person| person.user.as_ref());
            if user.is_some() {
                let message =
                    "can sign in online once it has changed its password in the directory";
                out.problem(Problem::note("waits_for_password", self.user_name, message));
            }
            let old = user.map(|user| user.remembered.clone()).unwrap_or_default();
            let new = Remembered { waits_for_password: true, ..old.clone() };
            out.add(What::Remembers { old, new });
        }
        if !licenses.is_empty() {
            out.add(What::Licenses { old: Vec::new(), new: licenses });
        }
        Ok(())
    }

    fn password(&self) -> OnlinePassword {
        match (self.wish.password_home, self.must_change_password) {
            (PasswordHome::Directory, _) => OnlinePassword::Undisclosed,
            (PasswordHome::Online, true) => OnlinePassword::Temporary,
            (PasswordHome::Online, false) => OnlinePassword::Lasting,
        }
    }

    /// Adds what an existing online account lacks: the link, and licences.
    fn complete(
        &self,
        person: &Person,
        online: &OnlineAccount,
        details: &Details,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let wanted = licenses_wanted(
            self.user_name.as_str(),
            &self.wish.licenses,
            &self.wish.without,
            view,
            out,
        )?;
        let in_plan = person.online_made_by.is_some();
        if !in_plan && online.anchor.as_ref() != Some(&Anchor::of(self.guid)) {
            let message =
                format!("the user remembers {}, which does not point back", online.online_id);
            out.problem(
                Problem::error("broken_link", self.user_name, message)
                    .field(Field::OnlineId)
                    .value(&online.online_id)
                    .advice("repair the link of the two halves first"),
            );
            return Ok(());
        }
        let link = person.user.as_ref().and_then(|user| user.link);
        if !in_plan && link != Some(online.id) {
            out.add(What::Linked { old: link });
        }
        if let OnlineName::Full(asked) = &self.wish.name
            && *asked != online.online_id
        {
            let message =
                format!("the online ID stays {}; {asked} was asked for", online.online_id);
            out.problem(
                Problem::note("differs", self.user_name, message)
                    .field(Field::OnlineId)
                    .value(asked),
            );
        }
        let missing: Vec<AssignedLicense> = wanted
            .into_iter()
            .filter(|license| online.licenses.iter().all(|has| has.sku != license.sku))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        if in_plan {
            self.check_usage_location(&missing, details, out);
        } else if online.details.get(Field::UsageLocation).is_none() {
            let message = format!(
                "{} has no usage location online, so it can't be licensed",
                online.online_id
            );
            out.problem(
                Problem::error("no_usage_location", self.user_name, message)
                    .field(Field::UsageLocation)
                    .advice("set its usage location in the tenant first"),
            );
        }
        let old = online.licenses.clone();
        let new = old.iter().cloned().chain(missing).collect();
        out.add(What::Licenses { old, new });
        Ok(())
    }

    /// The online account that the user remembers although it isn't there any more.
    fn report_lost_link(&self, view: &View<'_>, out: &mut Edits) -> R<Option<ObjectId>> {
        let user = self.person.and_then(|person| person.user.as_ref());
        let Some(link) = user.and_then(|user| user.link) else { return Ok(None) };
        match view.deleted_with_id(link)? {
            Some(deleted) => {
                let message = format!(
                    "its online account {} is in the recycle bin",
                    deleted.account.online_id
                );
                self.warn("deleted_before", &deleted.account.online_id, message, RESTORE, out);
            }
            None => {
                let message = "the online account that it was linked to is gone";
                out.problem(Problem::warning("link_lost", self.user_name, message));
            }
        }
        Ok(Some(link))
    }

    fn report_holder(
        &self,
        online_id: &OnlineId,
        holder: &OnlineAccount,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let (whose, advice) = match view.owner(holder)? {
            Some(user) => {
                (format!("is held by the user {}", user.name), "choose another online ID")
            }
            None => (
                "is held by an online account without user".to_owned(),
                "is that the same person? then assign that account instead, else choose another online ID",
            ),
        };
        let shown = holder.details.get(Field::DisplayName).unwrap_or("no display name");
        out.problem(
            Problem::error(
                "online_id_taken",
                self.user_name,
                format!("{online_id} {whose} ({shown})"),
            )
            .field(Field::OnlineId)
            .value(online_id)
            .advice(advice),
        );
        Ok(())
    }

    fn warn(
        &self,
        code: &'static str,
        online_id: &OnlineId,
        message: String,
        advice: &str,
        out: &mut Edits,
    ) {
        out.problem(
            Problem::warning(code, self.user_name, message)
                .field(Field::OnlineId)
                .value(online_id)
                .advice(advice),
        );
    }

    /// The person's texts with a usage location: the one given, else what the country says, else the
    /// one that was given for everybody.
    fn details_with_usage_location(&self) -> Details {
        let mut details = self.details.clone();
        if details.get(Field::UsageLocation).is_none() {
            let country =
                details.get(Field::Country).and_then(|country| CountryCode::parse(country).ok());
            if let Some(code) = country.or(self.wish.usage_location) {
                details.set(Field::UsageLocation, code.as_str());
            }
        }
        details
    }

    fn check_usage_location(
        &self,
        licenses: &[AssignedLicense],
        details: &Details,
        out: &mut Edits,
    ) {
        if licenses.is_empty() || details.get(Field::UsageLocation).is_some() {
            return;
        }
        let (value, message) = match details.get(Field::Country) {
            Some(country) => {
                (country, format!("no usage location: the country {country:?} is not known"))
            }
            None => ("", "no usage location: without one no licence can be assigned".to_owned()),
        };
        out.problem(
            Problem::error("no_usage_location", self.user_name, message)
                .field(Field::UsageLocation)
                .value(value)
                .advice("fill the column usage_location or country, or give --usage-location"),
        );
    }
}

const RESTORE: &str =
    "if it is the same person, restore that account instead: its mail and files come back";

fn known_by<'a>(details: &'a Details, email: &'a EmailAddress) -> LookAlike<'a> {
    LookAlike {
        display_name: details.get(Field::DisplayName),
        employee_id: details.get(Field::EmployeeId),
        email: Some(email),
    }
}

/// The mail nickname for an online ID: its local part without what nicknames don't take
/// (`graph.md §4.2`).
fn nickname_for(online_id: &OnlineId) -> String {
    let local = online_id.local_part();
    let kept: String = local.chars().filter(|c| !"@()/[]';:<>, ".contains(*c)).collect();
    kept.trim_matches('.').to_owned()
}
