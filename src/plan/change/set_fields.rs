//! Values of a person's fields, each written where it lives.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::whom::Whom;
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::field::Home;
use crate::model::{Details, Field, OnlineAccount, Problem, User};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Writes fields of a person; `None` clears one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetFields {
    /// Whom.
    pub whom: Whom,
    /// Texts, each within the field's limits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Field, Option<String>>,
    /// The last day of the account, if that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<LastDay>,
    /// Whether the password must be changed at the next sign-in, if that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_change_password: Option<bool>,
    /// Whom the person reports to, if that changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
}

/// Whom a person reports to, as it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manager {
    /// Nobody.
    Nobody,
    /// That person.
    Person(Whom),
}

/// The last day of an account as it is given: absent is not never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastDay {
    /// It doesn't end.
    Never,
    /// That day.
    On(Date),
}

impl LastDay {
    fn date(self) -> Option<Date> {
        match self {
            Self::Never => None,
            Self::On(date) => Some(date),
        }
    }
}

impl Intent for SetFields {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        if let Some(user) = &user {
            let new = self.with(&user.details, |home| home != Home::Online);
            if new != user.details {
                out.add(What::UserTexts { old: user.details.clone(), new });
            }
            if let Some(new) = self.expires.map(LastDay::date).filter(|new| *new != user.expires) {
                out.add(What::Expires { old: user.expires, new });
            }
            let must = self.must_change_password.filter(|must| *must != user.must_change_password);
            if let Some(must) = must {
                out.add(What::MustChangePassword(must));
            }
        } else if self.expires.is_some() || self.must_change_password.is_some() {
            let message = "has no user: expiry and password belong to the directory";
            out.problem(Problem::error("no_user", &self.whom.label, message).field(Field::Expires));
        }
        if let Some(manager) = &self.manager {
            self.set_manager(manager, user.as_deref(), online.as_deref(), view, out)?;
        }
        match &online {
            Some(online) => self.write_online(online, out),
            None => {
                let lives_online = |field: &&Field| field.spec().home == Home::Online;
                if let Some(field) = self.texts.keys().find(lives_online) {
                    let message = format!("has no online account, where {field} lives");
                    out.problem(
                        Problem::error("no_online_account", &self.whom.label, message)
                            .field(*field),
                    );
                }
            }
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl SetFields {
    /// Nothing yet, of that person.
    pub fn of(whom: Whom) -> Self {
        Self {
            whom,
            texts: BTreeMap::new(),
            expires: None,
            must_change_password: None,
            manager: None,
        }
    }

    fn with(&self, there: &Details, lives_here: impl Fn(Home) -> bool) -> Details {
        let mut details = there.clone();
        for (field, text) in self.texts.iter().filter(|(field, _)| lives_here(field.spec().home)) {
            details.set(*field, text.as_deref().unwrap_or_default());
        }
        details
    }

    fn set_manager(
        &self,
        manager: &Manager,
        user: Option<&User>,
        online: Option<&OnlineAccount>,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let (name, person) = match manager {
            Manager::Nobody => ("nobody".to_owned(), Person::default()),
            Manager::Person(whom) => (whom.label.clone(), view.person(whom.account)?),
        };
        let is_nobody = *manager == Manager::Nobody;
        if !is_nobody && person.user.is_none() && person.online.is_none() {
            let message = format!("the manager {name} is not there any more");
            out.problem(
                Problem::error("no_such_account", &self.whom.label, message).field(Field::Manager),
            );
            return Ok(());
        }
        let new = person.user.as_ref().map(|user| user.guid);
        let mut differs = user.is_none();
        if let Some(user) = user
            && (new.is_some() || is_nobody)
            && user.manager != new
        {
            differs = true;
            out.add(What::ReportsTo { old: user.manager, new, name });
        }
        let Some(online) = online.filter(|_| differs) else { return Ok(()) };
        if !self.whom.may_write_online(online, Field::Manager, out) {
            return Ok(());
        }
        match person.online {
            Some(_) if person.online_made_by.is_some() => {
                let message = "the manager's online account is made by this plan: set the manager once more afterwards";
                self.whom.note("manager_later", message, out);
            }
            Some(of_manager) => out.add(What::OnlineReportsTo(Some(of_manager.id))),
            None if is_nobody => out.add(What::OnlineReportsTo(None)),
            None => {
                let message = "the manager has no online account: set in the directory only";
                self.whom.note("manager_local", message, out);
            }
        }
        Ok(())
    }

    fn write_online(&self, online: &OnlineAccount, out: &mut Edits) {
        let new = self.with(&online.details, |home| home != Home::User);
        if new == online.details {
            return;
        }
        // The usage location is the tenant's own also where a directory is synchronised (graph.md §4.4).
        let synchronized = self.texts.keys().find(|field| {
            **field != Field::UsageLocation && online.details.get(**field) != new.get(**field)
        });
        if let Some(field) = synchronized
            && !self.whom.may_write_online(online, *field, out)
        {
            return;
        }
        out.add(What::OnlineTexts { old: online.details.clone(), new });
    }
}
