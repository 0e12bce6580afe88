//! What all changes of mail share: whether there is an Exchange, whose mailbox it is, and whether an
//! address can be had.

use serde::{Deserialize, Serialize};

use super::Subject;
use super::whom::Whom;
use crate::accounts::R;
use crate::model::{
    DomainName, EmailAddress, Field, Group, MailAddresses, OnlineId, Problem, User, nearest,
};
use crate::plan::edit::{Edits, What};
use crate::plan::mail::{Exchange, Holder, NoMailbox, OnlineRef, PlannedMailbox};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Addresses after which a warning is due, and the most that one recipient may have
/// (`exchange.md §11.5`).
const MANY_ADDRESSES: usize = 300;
const MOST_ADDRESSES: usize = 333;

/// The group that a verb is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhichGroup {
    /// The group.
    pub group: Subject,
    /// Its name when the change was recorded, for messages.
    pub label: String,
}

/// An address as a person wrote it: whole, or what stands before the @.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressWish {
    /// The text.
    pub text: String,
    /// The domain where the text has none; `None`: the tenant's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
}

/// Whether mail can be looked after at all; otherwise a problem says why not.
pub(super) fn has_exchange(label: &str, view: &View<'_>, out: &mut Edits) -> R<bool> {
    match view.exchange()? {
        Exchange::There => return Ok(true),
        Exchange::NotSubscribed => out.problem(
            Problem::error("no_exchange", label, "the tenant has no Exchange Online")
                .advice("nothing that it subscribes to comes with mailboxes: see licenses()"),
        ),
        Exchange::Refused(why) => out.problem(
            Problem::error("permission", label, format!("the app may not use Exchange: {why}"))
                .advice("acctsh doctor says which permission and which role are missing"),
        ),
    }
    Ok(false)
}

/// The person's mailbox; one that is yet to come is waited for. `None` after a problem.
pub(super) fn mailbox(
    whom: &Whom,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<(Person, PlannedMailbox)>> {
    let exchange = has_exchange(&whom.label, view, out);
    let Some(person) = whom.person(view, out)? else { return Ok(None) };
    let found = view.mailbox(&person);
    if !exchange? {
        return Ok(None);
    }
    match found? {
        Ok(mailbox) => {
            if mailbox.state.is_synchronized {
                let message = "its mailbox is run by directory synchronisation";
                out.problem(
                    Problem::error("synchronized", &whom.label, message)
                        .field(Field::Email)
                        .advice("change it in the directory that is synchronised, and wait for it"),
                );
                return Ok(None);
            }
            if !mailbox.is_there && !mailbox.is_awaited {
                out.await_mailbox(out.subject, mailbox.of);
            }
            Ok(Some((person, mailbox)))
        }
        Err(why) => {
            out.problem(no_mailbox(&whom.label, why));
            Ok(None)
        }
    }
}

/// Why somebody has no mailbox, and what to do.
pub(super) fn no_mailbox(label: &str, why: NoMailbox) -> Problem {
    let (message, advice) = match why {
        NoMailbox::NoOnlineAccount => {
            ("has no mailbox: there is no online account", "assign one first")
        }
        NoMailbox::NoLicense => (
            "has no mailbox: no licence comes with one",
            "give a licence with Exchange first: see licenses()",
        ),
        NoMailbox::ServiceOff => (
            "has no mailbox: that service of the licence is off",
            "switch the licence's Exchange service on first",
        ),
    };
    Problem::error("no_mailbox", label, message).field(Field::Email).advice(advice)
}

/// The address that is meant, if it can be one of this tenant's. `None` after a problem, or without
/// Exchange.
pub(super) fn wanted_address(
    label: &str,
    wish: &AddressWish,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<EmailAddress>> {
    let exchange = view.exchange();
    let domains = view.mail_domains()?;
    if exchange? != Exchange::There {
        // That is said of whom the address is for, and what the address could be isn't known.
        return Ok(None);
    }
    let text = wish.text.trim();
    let text = match (text.contains('@'), wish.domain.as_ref().or(domains.first())) {
        (false, Some(domain)) => format!("{text}@{domain}"),
        _ => text.to_owned(),
    };
    let invalid = |message: String| {
        Problem::error("invalid_address", label, message).field(Field::Aliases).value(&text)
    };
    let address = match EmailAddress::parse(&text) {
        Ok(address) => address,
        Err(reason) => {
            out.problem(invalid(format!("the address can't be used: {reason}")));
            return Ok(None);
        }
    };
    let (local, domain) = text.rsplit_once('@').unwrap_or((&text, ""));
    if text.len() > 254 || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        let message = "the address can't be used: at most 254 characters, each dot between others";
        out.problem(invalid(message.to_owned()));
        return Ok(None);
    }
    let domain = DomainName::received(domain);
    if !domains.contains(&domain) {
        let near = nearest(domain.as_str(), domains.iter().map(DomainName::as_str));
        let advice = match near {
            Some(near) => format!("did you mean {near}?"),
            None => "use one of the tenant's accepted domains".to_owned(),
        };
        let message = format!("{domain} is no domain that this tenant gets mail for");
        out.problem(
            Problem::error("domain_not_accepted", label, message)
                .field(Field::Aliases)
                .value(&address)
                .advice(advice),
        );
        return Ok(None);
    }
    Ok(Some(address))
}

/// Whether nobody else has the address; whoever has it is named. One that leaves somebody else in this
/// plan is free, after a while.
pub(super) fn is_free(
    label: &str,
    address: &EmailAddress,
    by: Option<Holder>,
    view: &View<'_>,
    out: &mut Edits,
) -> R<bool> {
    let taken = |holder: String| {
        Problem::error("address_taken", label, format!("{address} is held by {holder}"))
            .field(Field::Aliases)
            .value(address)
            .advice("take it from there first, or choose another address")
    };
    if let Some(other) = view.address_holder(address)? {
        if Some(other.holder) == by {
            return Ok(true);
        }
        out.problem(taken(other.label));
        return Ok(false);
    }
    if let Ok(online_id) = OnlineId::parse(address.as_str())
        && let Some(deleted) = view.deleted(&online_id)?
    {
        out.problem(taken(format!(
            "{}, which was deleted and can still be restored",
            deleted.account.online_id
        )));
        return Ok(false);
    }
    if view.is_moved(address)? && !had_before(by, address, view)? {
        let message = format!(
            "{address} moves from somebody else: Exchange may refuse it for up to an hour, in which mail to it is lost"
        );
        out.problem(
            Problem::warning("address_moves", label, message).field(Field::Aliases).value(address),
        );
    }
    Ok(true)
}

/// Whether it is the holder's own in the tenant: then nobody keeps it from coming back.
fn had_before(by: Option<Holder>, address: &EmailAddress, view: &View<'_>) -> R<bool> {
    let there = view.facts().mail().recipient_at(address, view.needs())?;
    Ok(there.is_some_and(|there| match by {
        Some(Holder::Mailbox(OnlineRef::Known(id))) => there.object == Some(id),
        Some(Holder::Group(Subject::Group(id))) => there.id.0 == id.0,
        _ => false,
    }))
}

/// The directory's user goes by the addresses that its mailbox has.
pub(super) fn keep_user_in_step(user: Option<&User>, after: &MailAddresses, out: &mut Edits) {
    let Some(user) = user else { return };
    let new = after.for_directory();
    if user.mail != new {
        out.add(What::UserMail { old: user.mail.clone(), new });
    }
}

/// Whether so many addresses can be. Fewer than before always can.
pub(super) fn may_have(
    label: &str,
    before: &MailAddresses,
    after: &MailAddresses,
    out: &mut Edits,
) -> bool {
    let count = after.entries().len();
    if count <= before.entries().len() {
        return true;
    }
    let message = format!("would have {count} addresses");
    if count > MOST_ADDRESSES {
        let message = format!("{message}: more than {MOST_ADDRESSES} are refused");
        out.problem(Problem::error("too_many_addresses", label, message).field(Field::Aliases));
        return false;
    }
    if count > MANY_ADDRESSES {
        let message = format!("{message}: not every tenant takes more than {MANY_ADDRESSES}");
        out.problem(Problem::warning("many_addresses", label, message).field(Field::Aliases));
    }
    true
}

impl WhichGroup {
    /// The group as the plan has it so far. `None` after a problem: there is none any more, or it is
    /// run from elsewhere.
    pub(super) fn group(
        &self,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Option<std::sync::Arc<Group>>> {
        let has_exchange = has_exchange(&self.label, view, out)?;
        out.subject = view.identity(self.group)?;
        if !has_exchange {
            return Ok(None);
        }
        let Some(group) = view.group(self.group)? else {
            // Its making was refused: that says it all.
            if matches!(out.subject, Subject::New(_)) && !view.is_made(out.subject) {
                return Ok(None);
            }
            out.problem(Problem::error("no_such_group", &self.label, "is not there any more"));
            return Ok(None);
        };
        if group.is_synchronized {
            let message = "is run by directory synchronisation";
            out.problem(
                Problem::error("synchronized", &self.label, message)
                    .advice("change it in the directory that is synchronised, and wait for it"),
            );
            return Ok(None);
        }
        Ok(Some(group))
    }
}
