//! What is done to the mailbox of somebody who leaves; each is undone by its opposite
//! (`exchange.md §12.3`).

use serde::{Deserialize, Serialize};

use super::edit_addresses::impact;
use super::exchange::{mailbox, no_mailbox};
use super::whom::Whom;
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::AutoReply;
use crate::model::{EmailAddress, Field, Mailbox, Problem, RecipientKind, gives_mailbox};
use crate::online::Forwarding;
use crate::plan::edit::{Edit, Edits};
use crate::plan::mail::{Holder, MailEdit, OnlineRef, PlannedMailbox};
use crate::plan::view::View;

/// Makes the mailbox a shared one, or a person's again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvertMailbox {
    /// Whose.
    pub whom: Whom,
    /// Whether it is to be shared.
    pub shared: bool,
}

impl Intent for ConvertMailbox {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some((person, mailbox)) = mailbox(&self.whom, view, out)? else { return Ok(()) };
        let is_shared = mailbox.state.kind == RecipientKind::SharedMailbox;
        if is_shared == self.shared {
            return Ok(());
        }
        if self.shared && mailbox.state.is_held {
            let message = "its mailbox is on hold: as a shared one it goes on needing a licence of Exchange Online Plan 2";
            out.problem(Problem::warning("held_mailbox", &self.whom.label, message));
        }
        let licenses = person.online.as_ref().map(|online| online.licenses.as_slice());
        let subscribed = view.licenses()?;
        let is_licensed =
            licenses.unwrap_or_default().iter().any(|license| gives_mailbox(license, subscribed));
        if !self.shared && !is_licensed {
            let message =
                "has no licence with a mailbox: as a person's it goes for good about 30 days later";
            out.problem(
                Problem::warning("mailbox_goes", &self.whom.label, message)
                    .field(Field::Licenses)
                    .advice("give a licence first"),
            );
        }
        out.add_mail(MailEdit::Shared { of: mailbox.of, shared: self.shared });
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

/// Where mail is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardTo {
    /// Nowhere else.
    Nobody,
    /// To another person here.
    Person(Whom),
    /// To an address, here or elsewhere.
    Address(EmailAddress),
}

/// Sends mail on, or stops that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForwardMail {
    /// Whose.
    pub whom: Whom,
    /// Where to.
    pub to: ForwardTo,
    /// Whether it stays in the mailbox too.
    pub keep_copy: bool,
}

impl Intent for ForwardMail {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some((_, mailbox)) = mailbox(&self.whom, view, out)? else { return Ok(()) };
        let Some(target) = self.target(&mailbox, view, out)? else { return Ok(()) };
        let old = forwarded_to(&mailbox.state);
        let is_so = mailbox.state.keeps_a_copy == self.keeps_a_copy(&target.forwarding)
            && target.names.iter().any(|name| name.eq_ignore_ascii_case(&old));
        if !is_so {
            let Target { forwarding: new, label, to, .. } = target;
            out.add_mail(MailEdit::Forwarded { of: mailbox.of, old, new, label, to });
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

/// Where mail goes, with the names under which Exchange may tell it.
struct Target {
    forwarding: Forwarding,
    label: String,
    names: Vec<String>,
    to: Option<OnlineRef>,
}

impl ForwardMail {
    fn keeps_a_copy(&self, forwarding: &Forwarding) -> bool {
        self.keep_copy && *forwarding != Forwarding::Off
    }

    fn target(
        &self,
        mailbox: &PlannedMailbox,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Option<Target>> {
        let keeps_a_copy = self.keep_copy;
        match &self.to {
            ForwardTo::Nobody => Ok(Some(Target {
                forwarding: Forwarding::Off,
                label: NOBODY.to_owned(),
                names: vec![NOBODY.to_owned()],
                to: None,
            })),
            ForwardTo::Person(person) => self.to_person(person, mailbox, view, out),
            ForwardTo::Address(address) => {
                if let Some(holder) = view.address_holder(address)? {
                    if holder.holder == Holder::Mailbox(mailbox.of) {
                        out.problem(self.to_itself());
                        return Ok(None);
                    }
                    let to = match holder.holder {
                        Holder::Mailbox(of) => Some(of),
                        _ => None,
                    };
                    let forwarding = Forwarding::Inside { to: address.clone(), keeps_a_copy };
                    let names = vec![address.to_string(), holder.label.clone()];
                    return Ok(Some(Target { forwarding, label: address.to_string(), names, to }));
                }
                let domain = address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
                if view
                    .mail_domains()?
                    .iter()
                    .any(|ours| ours.as_str().eq_ignore_ascii_case(domain))
                {
                    let message = format!("nobody here has the address {address}");
                    out.problem(
                        Problem::error("no_such_recipient", &self.whom.label, message)
                            .value(address),
                    );
                    return Ok(None);
                }
                let message = format!(
                    "{address} is outside: the tenant's rules against spam stop forwarded mail unless they were changed"
                );
                out.problem(Problem::warning("forwarded_outside", &self.whom.label, message));
                Ok(Some(Target {
                    forwarding: Forwarding::Outside { to: address.clone(), keeps_a_copy },
                    label: address.to_string(),
                    names: vec![address.to_string()],
                    to: None,
                }))
            }
        }
    }

    fn to_person(
        &self,
        person: &Whom,
        from: &PlannedMailbox,
        view: &View<'_>,
        out: &mut Edits,
    ) -> R<Option<Target>> {
        let found = view.person(person.account)?;
        let theirs = match view.mailbox(&found)? {
            Ok(mailbox) => mailbox,
            Err(why) => {
                out.problem(no_mailbox(&person.label, why));
                return Ok(None);
            }
        };
        if theirs.of == from.of {
            out.problem(self.to_itself());
            return Ok(None);
        }
        await_other(person, &theirs, view, out)?;
        let address = theirs.address();
        let names = vec![
            address.to_string(),
            theirs.state.alias.clone(),
            theirs.state.display_name.clone(),
            person.label.clone(),
        ];
        Ok(Some(Target {
            forwarding: Forwarding::Inside { to: address, keeps_a_copy: self.keep_copy },
            label: person.label.clone(),
            names,
            to: Some(theirs.of),
        }))
    }

    fn to_itself(&self) -> Problem {
        Problem::error("forwarded_to_itself", &self.whom.label, "mail can't go on to itself")
    }
}

const NOBODY: &str = "nobody";

/// To whom a mailbox's mail goes on, for people.
pub(crate) fn forwarded_to(mailbox: &Mailbox) -> String {
    match (&mailbox.forwards_to, &mailbox.forwards_outside) {
        (Some(name), _) => name.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => NOBODY.to_owned(),
    }
}

/// Another person's mailbox that isn't there yet is waited for as that person's.
pub(super) fn await_other(
    person: &Whom,
    mailbox: &PlannedMailbox,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    if !mailbox.is_there && !mailbox.is_awaited {
        out.await_mailbox(view.identity(person.account)?, mailbox.of);
    }
    Ok(())
}

/// Lets the mailbox answer by itself, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetAutoReply {
    /// Whose.
    pub whom: Whom,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<AutoReply>,
}

impl Intent for SetAutoReply {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some((_, mailbox)) = mailbox(&self.whom, view, out)? else { return Ok(()) };
        let old = view.auto_reply(&mailbox)?;
        if old != self.reply {
            out.add_mail(MailEdit::AutoReply { of: mailbox.of, old, new: self.reply.clone() });
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

/// Lets somebody else open the mailbox, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxAccess {
    /// Whose mailbox.
    pub whom: Whom,
    /// Who may open it.
    pub delegate: Whom,
    /// Whether they may.
    pub granted: bool,
}

impl Intent for MailboxAccess {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some((_, mailbox)) = mailbox(&self.whom, view, out)? else { return Ok(()) };
        let found = view.person(self.delegate.account)?;
        let theirs = match view.mailbox(&found)? {
            Ok(theirs) => theirs,
            Err(why) => {
                out.problem(no_mailbox(&self.delegate.label, why));
                return Ok(());
            }
        };
        let now = view.is_delegate(
            &mailbox,
            theirs.of,
            &theirs.state.addresses,
            &theirs.state.online_id,
        )?;
        if now == self.granted {
            return Ok(());
        }
        if self.granted {
            await_other(&self.delegate, &theirs, view, out)?;
        }
        out.add_mail(MailEdit::Delegate {
            of: mailbox.of,
            who: theirs.of,
            address: theirs.address(),
            granted: self.granted,
        });
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}

/// Leaves the mailbox out of address lists, or shows it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HideMailbox {
    /// Whose.
    pub whom: Whom,
    /// Whether they leave it out.
    pub hidden: bool,
}

impl Intent for HideMailbox {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some((_, mailbox)) = mailbox(&self.whom, view, out)? else { return Ok(()) };
        if mailbox.state.is_hidden != self.hidden {
            out.add_mail(MailEdit::Hidden { of: mailbox.of, hidden: self.hidden });
        }
        Ok(())
    }

    fn impact(&self, edits: &[Edit]) -> Impact {
        impact(edits)
    }
}
