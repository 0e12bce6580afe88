//! Other names for a person: the user name, the online ID, or both.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exchange::keep_user_in_step;
use super::online_wish::{OnlineName, OnlineWish};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{
    DomainName, EmailAddress, Field, OnlineAccount, OnlineId, Problem, User, UserName,
};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::mail::{Exchange, Holder, MailEdit, OnlineRef};
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
        if let Some(holder) = self.held_by_another(online, &new, reached?, view)? {
            let message = format!("mail to {new} goes to {holder}");
            out.problem(
                Problem::error("address_taken", &self.whom.label, message)
                    .field(Field::OnlineId)
                    .value(&new)
                    .advice("an address stays with its mailbox: choose another online ID"),
            );
            return Ok(());
        }
        out.add(What::OnlineNamed { old: online.online_id.clone(), new: new.clone() });
        self.rename_mail(online, &new, view, out)
    }

    /// Who else gets mail at that address.
    fn held_by_another(
        &self,
        online: &OnlineAccount,
        new: &OnlineId,
        reached: Option<&Arc<OnlineAccount>>,
        view: &View<'_>,
    ) -> R<Option<String>> {
        if let Some(holder) = reached.filter(|holder| holder.id != online.id) {
            return Ok(Some(holder.online_id.to_string()));
        }
        if view.exchange()? != Exchange::There {
            return Ok(None);
        }
        let own = OnlineRef::of(&view.person(self.whom.account)?).map(Holder::Mailbox);
        let holder = view.address_holder(&EmailAddress::received(new.as_str()))?;
        Ok(holder.filter(|it| Some(it.holder) != own).map(|it| it.label))
    }

    /// The new online ID becomes the primary address where the old one was; the old one stays as an
    /// alias.
    fn rename_mail(
        &self,
        online: &OnlineAccount,
        new: &OnlineId,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<()> {
        let old = EmailAddress::received(online.online_id.as_str());
        if online.email.is_none() {
            return Ok(());
        }
        let person = view.person(self.whom.account)?;
        let mailbox = view.mailbox(&person)?;
        match view.exchange()? {
            Exchange::There => {}
            Exchange::NotSubscribed => return Ok(()),
            Exchange::Refused(_) => {
                let message = format!(
                    "the primary address stays {old}: the app may not use Exchange to change it"
                );
                self.whom.note("address_kept", message, out);
                return Ok(());
            }
        }
        let Ok(mailbox) = mailbox else { return Ok(()) };
        let is_ours = mailbox.is_there && !mailbox.state.is_synchronized;
        if !is_ours || mailbox.state.addresses.primary().as_ref() != Some(&old) {
            return Ok(());
        }
        let new = EmailAddress::received(new.as_str());
        let domain = DomainName::received(new.as_str().rsplit_once('@').map_or("", |(_, it)| it));
        if !view.mail_domains()?.contains(&domain) {
            let message = format!("the primary address stays {old}: {domain} gets no mail here");
            self.whom.note("address_kept", message, out);
            return Ok(());
        }
        self.whom.note("alias_kept", format!("mail to {old} still arrives"), out);
        let after = mailbox.state.addresses.with_primary(&new);
        let of = Holder::Mailbox(mailbox.of);
        out.add_mail(MailEdit::Primary { of, old, new, after: after.clone() });
        keep_user_in_step(person.user.as_deref(), &after, out);
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
