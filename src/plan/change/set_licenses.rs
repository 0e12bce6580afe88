//! A person's licences: more, fewer, or others in one call.

use serde::{Deserialize, Serialize};

use super::licenses_wanted::{licenses_named, licenses_wanted};
use super::mailbox_goes::warn_of_mailbox;
use super::unassign::name_inherited;
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{
    AssignedLicense, CountryCode, Field, LicenseName, OnlineAccount, Problem, User,
};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::view::View;

/// Changes a person's direct licences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetLicenses {
    /// Whom.
    pub whom: Whom,
    /// Licences that the person is to have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<LicenseName>,
    /// Licences that go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<LicenseName>,
    /// Whether all direct licences but those of `add` go.
    #[serde(default)]
    pub exactly: bool,
    /// Services of the licences in `add` that are off. Without a word, those of a licence that the
    /// person has already stay as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<Vec<String>>,
}

impl Intent for SetLicenses {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let subscribed = view.licenses();
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        let (user, Some(online)) = (&person.user, &person.online) else {
            out.problem(
                Problem::error("no_online_account", &self.whom.label, "has no online account")
                    .field(Field::Licenses)
                    .advice("give it one with assign"),
            );
            return Ok(());
        };
        let without = self.without.as_deref().unwrap_or_default();
        let wanted = licenses_wanted(&self.whom.label, &self.add, without, view, out)?;
        let gone = licenses_named(&self.whom.label, &self.remove, view, out)?;
        if out.has_errors() {
            return Ok(());
        }
        let direct = online.direct_licenses();
        let stays = |license: &AssignedLicense| {
            let named = |these: &[AssignedLicense]| these.iter().any(|it| it.sku == license.sku);
            if self.exactly { named(&wanted) } else { !gone.contains(&license.sku) }
        };
        let mut new: Vec<AssignedLicense> = direct.into_iter().filter(stays).collect();
        for license in wanted {
            match new.iter_mut().find(|has| has.sku == license.sku) {
                Some(has) if self.without.is_some() => has.disabled = license.disabled,
                Some(_) => {}
                None => new.push(license),
            }
        }
        let gains = new.iter().any(|license| !online.licenses.contains(license));
        let subscribed = subscribed?;
        let after: Vec<AssignedLicense> =
            new.iter().cloned().chain(online.inherited_licenses()).collect();
        warn_of_mailbox(&self.whom, &person, &after, view, out)?;
        if self.exactly || !self.remove.is_empty() {
            name_inherited(&self.whom, online, subscribed, out);
        }
        new.extend(online.inherited_licenses());
        if same(&online.licenses, &new) {
            return Ok(());
        }
        if gains {
            self.give_usage_location(user.as_deref(), online, out);
        }
        out.add(What::Licenses { old: online.licenses.clone(), new });
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        let takes_only = edits.iter().any(|edit| match &edit.what {
            What::Licenses { old, new } => new.iter().all(|license| old.contains(license)),
            _ => false,
        });
        if takes_only { Impact::Revoke } else { Impact::Change }
    }
}

impl SetLicenses {
    /// Nothing yet, of that person.
    pub fn of(whom: Whom) -> Self {
        Self { whom, add: Vec::new(), remove: Vec::new(), exactly: false, without: None }
    }

    /// Without a usage location no licence can be assigned: the country's, if it is known.
    fn give_usage_location(&self, user: Option<&User>, online: &OnlineAccount, out: &mut Edits) {
        if online.details.get(Field::UsageLocation).is_some() {
            return;
        }
        let countries = [
            online.details.get(Field::Country),
            user.and_then(|user| user.details.get(Field::Country)),
        ];
        let code = countries.into_iter().flatten().find_map(|name| CountryCode::parse(name).ok());
        let Some(code) = code else {
            let message = "has no usage location: without one no licence can be assigned";
            out.problem(
                Problem::error("no_usage_location", &self.whom.label, message)
                    .field(Field::UsageLocation)
                    .advice("set it first: account(\"eva\").set(#{ usage_location: \"US\" })"),
            );
            return;
        };
        let old = online.details.clone();
        let mut new = old.clone();
        new.set(Field::UsageLocation, code.as_str());
        out.add(What::OnlineTexts { old, new });
    }
}

fn same(old: &[AssignedLicense], new: &[AssignedLicense]) -> bool {
    old.len() == new.len() && new.iter().all(|license| old.contains(license))
}
