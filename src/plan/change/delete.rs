//! Deleting and restoring both halves.

use serde::{Deserialize, Serialize};

use super::mailbox_goes::warn_of_deleted_mailbox;
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{DeletedAccount, DeletedUser, Field, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Removes both halves. The tenant keeps its half for 30 days (`graph.md §9`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Delete {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let roles = view.note_role_holders();
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        roles?;
        warn_of_deleted_mailbox(&self.whom, &person, view, out)?;
        let Person { user, online, .. } = person;
        // The online half first: what can't go keeps its user, and with it its link.
        if let Some(online) = &online {
            if !self.whom.may_write_online(online, Field::OnlineId, out) {
                return Ok(());
            }
            out.add(What::OnlineDeleted);
            out.problem(
                Problem::warning(
                    "kept_30_days",
                    &self.whom.label,
                    "the tenant keeps the online account with its mail and files for 30 days, then they are gone",
                )
                .advice("disable keeps everything: use it where somebody may come back"),
            );
        }
        if user.is_some() {
            out.add(What::UserDeleted);
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Destroy
    }
}

/// Brings both halves back, with licences as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Whom: the GUID that the user had, or the id of an online account that had no user.
    pub whom: Whom,
}

impl Intent for Restore {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let users = view.deleted_users();
        let online_bin = view.deleted_accounts();
        let there = view.person(self.whom.account)?;
        let (users, online_bin) = (users?, online_bin?);
        let user = match self.whom.account {
            Subject::User(guid) => users.iter().find(|deleted| {
                deleted.user.guid == guid && (there.user.is_none() || deleted.is_half_back)
            }),
            _ => None,
        };
        let link = match (user, self.whom.account) {
            (Some(deleted), _) => {
                let other_half = || deleted.other_half(online_bin).map(|it| it.account.id);
                deleted.user.link.or_else(other_half)
            }
            (None, Subject::Online(id)) => Some(id),
            (None, _) => there.user.as_ref().and_then(|user| user.link),
        };
        let online = match there.online {
            Some(_) => None,
            None => link.and_then(|id| online_bin.iter().find(|it| it.account.id == id)),
        };
        if user.is_none() && online.is_none() {
            self.nothing_to_restore(&there, out);
            return Ok(());
        }
        if let Some(deleted) = user {
            self.restore_user(deleted, view, out)?;
        }
        if let Some(deleted) = online {
            self.restore_online(deleted, view, out)?;
            if user.is_some_and(|user| user.user.link.is_none()) {
                out.add(What::Linked { old: None });
            }
        } else if let (Some(id), None) = (link, &there.online)
            && view.person(Subject::Online(id))?.online.is_none()
        {
            let message =
                "its online account is not in the recycle bin any more: only the user comes back";
            out.problem(Problem::warning("online_gone", &self.whom.label, message));
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl Restore {
    fn nothing_to_restore(&self, there: &Person, out: &mut Edits) {
        if there.user.is_some() || there.online.is_some() {
            self.whom.note("there", "is there already", out);
            return;
        }
        let message = "is in no recycle bin any more";
        out.problem(
            Problem::error("gone", &self.whom.label, message)
                .advice("the tenant keeps deleted accounts for 30 days; make a new one"),
        );
    }

    fn restore_user(&self, deleted: &DeletedUser, view: &View<'_>, out: &mut Edits) -> R<()> {
        let name = &deleted.user.name;
        if !deleted.is_half_back && !view.users_named(name)?.is_empty() {
            let message = format!("the user name {name} was taken by somebody else meanwhile");
            out.problem(
                Problem::error("name_taken", &self.whom.label, message)
                    .field(Field::UserName)
                    .value(name)
                    .advice("rename that person first"),
            );
            return Ok(());
        }
        if !deleted.is_whole {
            let message =
                "was deleted by another machine: comes back with little more than its name";
            out.problem(
                Problem::warning("little_left", &self.whom.label, message)
                    .advice("give it afterwards what is missing: account(…).set(#{…})"),
            );
        }
        out.add(What::UserRestored(Box::new(deleted.user.clone())));
        Ok(())
    }

    fn restore_online(&self, deleted: &DeletedAccount, view: &View<'_>, out: &mut Edits) -> R<()> {
        let online_id = &deleted.account.online_id;
        if !view.people_called(online_id)?.is_empty() {
            let message = format!("the online ID {online_id} was taken by somebody else meanwhile");
            out.problem(
                Problem::error("online_id_taken", &self.whom.label, message)
                    .field(Field::OnlineId)
                    .value(online_id)
                    .advice("rename that online account first"),
            );
            return Ok(());
        }
        out.add(What::OnlineRestored(Box::new(deleted.account.clone())));
        Ok(())
    }
}
