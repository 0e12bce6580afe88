//! Assigning again: the same online account gets its licences back and its sign-in is opened.

use serde::{Deserialize, Serialize};

use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{AssignedLicense, Field, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Undoes an `unassign`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reassign {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Reassign {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        // The seats are counted by the check, which knows them only if somebody asked.
        let subscribed = view.licenses();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        let Some(user) = user else {
            let message = "has no user, so nothing is remembered of its licences";
            out.problem(
                Problem::error("no_user", &self.whom.label, message)
                    .advice("give it licences with set_licenses"),
            );
            return Ok(());
        };
        let Some(online) = online else {
            out.problem(
                Problem::error("no_online_account", &self.whom.label, "has no online account")
                    .advice("name one that is there, assign(\"eva@contoso.com\"), or have one made, assign(#{})"),
            );
            return Ok(());
        };
        let has = |sku| online.licenses.iter().any(|license| license.sku == sku);
        let missing: Vec<_> =
            user.remembered.licenses.iter().filter(|it| !has(it.sku)).cloned().collect();
        if online.licenses.is_empty() && missing.is_empty() {
            out.problem(
                Problem::error("no_licenses", &self.whom.label, "no licences are remembered")
                    .field(Field::Licenses)
                    .advice("say which: assign(#{ licenses: [\"Microsoft 365 Business Basic\"] })"),
            );
            return Ok(());
        }
        let subscribed = subscribed?;
        let can_be_given = |license: &AssignedLicense| {
            let there = subscribed.iter().find(|it| it.sku == license.sku);
            there.is_some_and(|it| it.is_assignable && it.state.works())
        };
        if let Some(lost) = missing.iter().find(|license| !can_be_given(license)) {
            let name = subscribed.iter().find(|it| it.sku == lost.sku).map(|it| it.name.clone());
            let name = name.unwrap_or_else(|| lost.sku.to_string());
            let message = format!("the subscription {name:?} can't be assigned any more");
            out.problem(
                Problem::error("license_unusable", &self.whom.label, message)
                    .field(Field::Licenses)
                    .value(&name)
                    .advice("renew the subscription, or give others: assign(#{ licenses: […] })"),
            );
            return Ok(());
        }
        if !missing.is_empty() {
            let old = online.licenses.clone();
            let new = old.iter().cloned().chain(missing).collect();
            out.add(What::Licenses { old, new });
        }
        if !user.enabled {
            let message = "the user is disabled: online sign-in stays blocked until it is enabled";
            self.whom.note("stays_closed", message, out);
        } else if !online.can_sign_in && self.whom.may_write_online(&online, Field::CanSignIn, out)
        {
            out.add(What::SignInOpen(true));
        }
        // Last: until then a second `assign` knows what was to be given back.
        let disabled = !user.enabled;
        remember(
            &user,
            |remembered| {
                remembered.is_unassigned = false;
                remembered.licenses.clear();
                remembered.closed_by_disable = disabled;
            },
            out,
        );
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}
