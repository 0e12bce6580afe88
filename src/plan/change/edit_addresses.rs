//! Aliases and the primary address, of people and of groups.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exchange::{
    AddressWish, WhichGroup, is_free, keep_user_in_step, mailbox, may_have, wanted_address,
};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{EmailAddress, Field, MailAddresses, Problem, User};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::mail::{Holder, MailEdit, PlannedMailbox};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Whose addresses they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Addressee {
    /// A person's.
    Account(Whom),
    /// A group's.
    Group(WhichGroup),
}

/// Gives and takes aliases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditAliases {
    /// Whose.
    pub of: Addressee,
    /// Those to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<AddressWish>,
    /// Those to remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<AddressWish>,
    /// Whether those to add are all that there are to be.
    #[serde(default)]
    pub exactly: bool,
}

/// Makes an address the primary one. The old one stays as an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPrimary {
    /// Whose.
    pub of: Addressee,
    /// Which.
    pub address: AddressWish,
}

/// Addresses as the plan has them, and whose they are.
struct Reached {
    holder: Holder,
    addresses: MailAddresses,
    user: Option<Arc<User>>,
    /// The sign-in name, whose address comes back by itself (`exchange.md §11.4`).
    online_id: Option<EmailAddress>,
}

impl Reached {
    /// Aliases other than these. The tenant's own first domain and the sign-in name stay.
    fn others(&self, wanted: &[EmailAddress]) -> Vec<EmailAddress> {
        let stays = |address: &EmailAddress| {
            wanted.contains(address)
                || is_initial(address)
                || self.online_id.as_ref() == Some(address)
        };
        self.addresses.aliases().into_iter().filter(|address| !stays(address)).collect()
    }
}

impl Addressee {
    fn label(&self) -> &str {
        match self {
            Self::Account(whom) => &whom.label,
            Self::Group(group) => &group.label,
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Account(whom) => whom.account,
            Self::Group(group) => group.group,
        }
    }

    fn whom(&self) -> Option<&Whom> {
        match self {
            Self::Account(whom) => Some(whom),
            Self::Group(_) => None,
        }
    }

    fn reached(&self, view: &View<'_>, out: &mut Edits) -> R<Option<Reached>> {
        Ok(match self {
            Self::Account(whom) => mailbox(whom, view, out)?.map(|(person, mailbox)| Reached {
                // As the plan has it: it may have been renamed.
                online_id: person
                    .online
                    .map(|online| EmailAddress::received(online.online_id.as_str())),
                user: person.user,
                holder: Holder::Mailbox(mailbox.of),
                addresses: mailbox.state.addresses,
            }),
            Self::Group(which) => which.group(view, out)?.map(|group| Reached {
                holder: Holder::Group(out.subject),
                addresses: group.addresses.clone(),
                user: None,
                online_id: None,
            }),
        })
    }
}

impl Intent for EditAliases {
    fn whom(&self) -> Option<&Whom> {
        self.of.whom()
    }

    fn subject(&self, _: ChangeNo) -> Subject {
        self.of.subject()
    }

    fn label(&self) -> String {
        self.of.label().to_owned()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let reached = self.of.reached(view, out);
        let add = wanted(self.of.label(), &self.add, view, out);
        let Some(reached) = reached? else { return Ok(()) };
        let add = add?;
        let mut remove = self.unwanted(&reached, view, out)?;
        if self.exactly {
            remove.extend(reached.others(&add));
        }
        let add = new_ones(self.of.label(), add, reached.holder, &reached.addresses, view, out)?;
        let remove = self.leaving(remove, &reached, out);
        if out.has_errors() || (add.is_empty() && remove.is_empty()) {
            return Ok(());
        }
        let after = reached.addresses.with_aliases(&add, &remove);
        if may_have(self.of.label(), &reached.addresses, &after, out) {
            let edit = MailEdit::Aliases { of: reached.holder, add, remove, after: after.clone() };
            out.add_mail(edit);
            keep_user_in_step(reached.user.as_deref(), &after, out);
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

impl EditAliases {
    /// Those to remove. What is there can go, whatever its form and whether its domain still counts.
    fn unwanted(
        &self,
        reached: &Reached,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Vec<EmailAddress>> {
        let mut found = Vec::new();
        for wish in &self.remove {
            let whole = EmailAddress::received(wish.text.as_str());
            if reached.addresses.contains(&whole) {
                found.push(whole);
            } else {
                found.extend(wanted_address(self.of.label(), wish, view, out)?);
            }
        }
        Ok(found)
    }

    fn leaving(
        &self,
        remove: Vec<EmailAddress>,
        reached: &Reached,
        out: &mut Edits,
    ) -> Vec<EmailAddress> {
        let label = self.of.label();
        let mut leaving = Vec::new();
        for address in remove {
            let problem = |code: &'static str, message: String| {
                Problem::error(code, label, message).field(Field::Aliases).value(&address)
            };
            if reached.addresses.primary().as_ref() == Some(&address) {
                let message = format!("{address} is the primary address");
                out.problem(
                    problem("primary_address", message)
                        .advice("make another address the primary one first"),
                );
            } else if reached.online_id.as_ref() == Some(&address) {
                let message =
                    format!("{address} is the online ID: the address comes back by itself");
                out.problem(
                    problem("online_id_address", message).advice("rename the account first"),
                );
            } else if !reached.addresses.contains(&address) {
                let message = format!("has no alias {address}");
                out.problem(Problem::note("no_such_alias", label, message).field(Field::Aliases));
            } else {
                if is_initial(&address) {
                    let message = format!(
                        "{address} is the tenant's own address for it: licences and hybrid set-ups lean on it"
                    );
                    out.problem(Problem::warning("initial_address", label, message));
                }
                leaving.push(address);
            }
        }
        leaving
    }
}

impl Intent for SetPrimary {
    fn whom(&self) -> Option<&Whom> {
        self.of.whom()
    }

    fn subject(&self, _: ChangeNo) -> Subject {
        self.of.subject()
    }

    fn label(&self) -> String {
        self.of.label().to_owned()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let label = self.of.label();
        let reached = self.of.reached(view, out);
        let address = wanted_address(label, &self.address, view, out);
        let Some(reached) = reached? else { return Ok(()) };
        let Some(new) = address? else { return Ok(()) };
        let Some(old) = reached.addresses.primary() else {
            let message = "has no primary address: Exchange has not finished making it";
            out.problem(Problem::error("no_primary_address", label, message));
            return Ok(());
        };
        if old == new && old.as_str() == new.as_str() {
            return Ok(());
        }
        if !is_free(label, &new, Some(reached.holder), view, out)? {
            return Ok(());
        }
        let after = reached.addresses.with_primary(&new);
        if may_have(label, &reached.addresses, &after, out) {
            let edit = MailEdit::Primary { of: reached.holder, old, new, after: after.clone() };
            out.add_mail(edit);
            keep_user_in_step(reached.user.as_deref(), &after, out);
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

/// Gives a mailbox more aliases, as far as it hasn't got them.
pub(super) fn add_aliases(
    label: &str,
    wishes: &[AddressWish],
    person: &Person,
    mailbox: &PlannedMailbox,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    if wishes.is_empty() {
        return Ok(());
    }
    let add = wanted(label, wishes, view, out)?;
    let (of, addresses) = (Holder::Mailbox(mailbox.of), &mailbox.state.addresses);
    let add = new_ones(label, add, of, addresses, view, out)?;
    let after = addresses.with_aliases(&add, &[]);
    if !add.is_empty() && !out.has_errors() && may_have(label, addresses, &after, out) {
        if !mailbox.is_there && !mailbox.is_awaited {
            out.await_mailbox(out.subject, mailbox.of);
        }
        let edit = MailEdit::Aliases { of, add, remove: Vec::new(), after: after.clone() };
        out.add_mail(edit);
        keep_user_in_step(person.user.as_deref(), &after, out);
    }
    Ok(())
}

fn wanted(
    label: &str,
    wishes: &[AddressWish],
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<EmailAddress>> {
    let mut found = Vec::new();
    for wish in wishes {
        found.extend(wanted_address(label, wish, view, out)?);
    }
    Ok(found)
}

/// Those that it hasn't got and nobody else has.
fn new_ones(
    label: &str,
    add: Vec<EmailAddress>,
    by: Holder,
    addresses: &MailAddresses,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<EmailAddress>> {
    let mut new: Vec<EmailAddress> = Vec::new();
    // All are asked for before the first lack ends the question.
    let mut lacking = Ok(());
    for address in add {
        if addresses.contains(&address) || new.contains(&address) {
            continue;
        }
        match is_free(label, &address, Some(by), view, out) {
            Ok(true) => new.push(address),
            Ok(false) => {}
            Err(missing) => lacking = Err(missing),
        }
    }
    lacking.map(|()| new)
}

/// What is taken away without a replacement can be given back.
pub(super) fn impact(edits: &[Edit]) -> Impact {
    let takes = |edit: &Edit| matches!(&edit.what, What::Mail(mail) if mail.takes_away());
    if edits.iter().any(takes) { Impact::Revoke } else { Impact::Change }
}

fn is_initial(address: &EmailAddress) -> bool {
    let domain = address.as_str().rsplit_once('@').map(|(_, domain)| domain);
    domain.is_some_and(|domain| crate::model::DomainName::received(domain).is_onmicrosoft())
}
