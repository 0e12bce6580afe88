//! Other names for a person: the user name, the online ID, or both.

use serde::{Deserialize, Serialize};

use super::online_wish::{OnlineName, OnlineWish};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{
    DomainName, EmailAddress, Field, OnlineAccount, OnlineId, Problem, User, UserName,
};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Gives a person another user name, and the online account one that goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// Whom.
    pub whom: Whom,
    /// The user name; `None` leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<UserName>,
    /// The online ID; `None` leaves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineName>,
}

impl Intent for Rename {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let taken = self.user_name.as_ref().map(|name| view.users_named(name)).transpose();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        if let (Some(user), Some(new)) = (&user, &self.user_name) {
            self.rename_user(user, new, &taken?.unwrap_or_default(), out);
        }
        if let (Some(online), Some(name)) = (&online, &self.online) {
            self.rename_online(online, name, view, out)?;
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl Rename {
    fn rename_user(&self, user: &User, new: &UserName, holders: &[Subject], out: &mut Edits) {
        if user.name.as_str() == new.as_str() {
            return;
        }
        // Another spelling of the same name is the person's own.
        if user.name != *new && !holders.is_empty() {
            let message =
                format!("the user name {new} is held by somebody else at this point of the plan");
            out.problem(self.taken(message, Field::UserName, new.as_str()));
            return;
        }
        out.add(What::UserNamed { old: user.name.clone(), new: new.clone() });
    }

    fn rename_online(
        &self,
        online: &OnlineAccount,
        name: &OnlineName,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let Some(new) = self.online_id(online, name, view, out)? else { return Ok(()) };
        if new.as_str() == online.online_id.as_str() {
            return Ok(());
        }
        if !self.whom.may_write_online(online, Field::OnlineId, out) {
            return Ok(());
        }
        let called = view.people_called(&new);
        let reached = view.online_reached_at(&EmailAddress::received(new.as_str()));
        if new != online.online_id && !called?.is_empty() {
            let message =
                format!("the online ID {new} is held by somebody else at this point of the plan");
            out.problem(self.taken(message, Field::OnlineId, new.as_str()));
            return Ok(());
        }
        // A sign-in name can't be somebody else's mail address, which stays with whoever is renamed.
        if let Some(holder) = reached?.filter(|holder| holder.id != online.id) {
            let message = format!("mail to {new} goes to {}", holder.online_id);
            out.problem(
                Problem::error("address_taken", &self.whom.label, message)
                    .field(Field::OnlineId)
                    .value(&new)
                    .advice("an address stays with its mailbox: choose another online ID"),
            );
            return Ok(());
        }
        let mail = online.email.as_ref().filter(|mail| mail.as_str() == online.online_id.as_str());
        if let Some(mail) = mail {
            let message =
                format!("mail to {mail} still arrives; the address itself stays as it is");
            self.whom.note("address_kept", message, out);
        }
        out.add(What::OnlineNamed { old: online.online_id.clone(), new });
        Ok(())
    }

    /// The online ID that is wanted, in the domain that the account has.
    fn online_id(
        &self,
        online: &OnlineAccount,
        name: &OnlineName,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Option<OnlineId>> {
        let Some(user_name) =
            self.user_name.clone().or_else(|| UserName::parse(online.online_id.local_part()).ok())
        else {
            let message = "no online ID can be made of this name";
            out.problem(
                Problem::error("invalid_online_id", &self.whom.label, message)
                    .field(Field::OnlineId),
            );
            return Ok(None);
        };
        let wish = OnlineWish {
            name: name.clone(),
            domain: DomainName::parse(online.online_id.domain()).ok(),
            ..OnlineWish::default()
        };
        wish.online_id(&user_name, view, out)
    }

    fn taken(&self, message: String, field: Field, value: &str) -> Problem {
        Problem::error("name_taken", &self.whom.label, message)
            .field(field)
            .value(value)
            .advice("rename that person first; two people who swap names need a name in between")
    }
}
