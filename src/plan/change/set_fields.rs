//! Values of a person's fields, each written where it lives.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::field::Home;
use crate::model::{Details, Field, OnlineAccount, Problem};
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
    fn subject(&self, _: ChangeNo) -> Subject {
        self.whom.account
    }

    fn label(&self) -> String {
        self.whom.label.clone()
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
        Self { whom, texts: BTreeMap::new(), expires: None, must_change_password: None }
    }

    fn with(&self, there: &Details, lives_here: impl Fn(Home) -> bool) -> Details {
        let mut details = there.clone();
        for (field, text) in self.texts.iter().filter(|(field, _)| lives_here(field.spec().home)) {
            details.set(*field, text.as_deref().unwrap_or_default());
        }
        details
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
