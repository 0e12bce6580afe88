//! Whom a verb is about.

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::accounts::R;
use crate::model::{Field, OnlineAccount, Problem, User};
use crate::plan::edit::{Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// The person that a verb is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    /// The person.
    pub account: Subject,
    /// Its name when the change was recorded, for messages.
    pub label: String,
}

impl Whom {
    /// The person as the plan has it so far. `None` after a problem: there is nobody any more, or it
    /// is a user that nothing may touch.
    pub(super) fn person(&self, view: &View<'_>, out: &mut Edits) -> R<Option<Person>> {
        let person = view.person(self.account);
        out.subject = view.identity(self.account)?;
        let person = person?;
        if person.user.is_none() && person.online.is_none() {
            let message = "is not there any more";
            out.problem(Problem::error("no_such_account", &self.label, message));
            return Ok(None);
        }
        if person.user.as_ref().is_some_and(|user| user.is_built_in) {
            let message = "is built into the directory and is never touched";
            out.problem(Problem::error("protected", &self.label, message).field(Field::UserName));
            return Ok(None);
        }
        Ok(Some(person))
    }

    /// Adds a remark.
    pub(super) fn note(&self, code: &'static str, message: impl Into<String>, out: &mut Edits) {
        out.problem(Problem::note(code, &self.label, message.into()));
    }

    /// Refuses what only the directory behind a synchronised account may change
    /// (`graph.md §4.4`). Gives whether it may be changed online.
    pub(super) fn may_write_online(
        &self,
        online: &OnlineAccount,
        field: Field,
        out: &mut Edits,
    ) -> bool {
        if online.is_synchronized {
            let message = format!(
                "{} is run by directory synchronisation: {field} can't be changed online",
                online.online_id
            );
            out.problem(
                Problem::error("synchronized", &self.label, message)
                    .field(field)
                    .advice("change it in the directory that is synchronised, and wait for it"),
            );
        }
        !online.is_synchronized
    }
}

/// The user remembers something else of its online half from now on, if it is something else.
pub(super) fn remember(
    user: &User,
    change: impl FnOnce(&mut crate::model::Remembered),
    out: &mut Edits,
) {
    let old = user.remembered.clone();
    let mut new = old.clone();
    change(&mut new);
    if new != old {
        out.add(What::Remembers { old, new });
    }
}
