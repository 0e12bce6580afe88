//! `Get-Mailbox` and `Set-Mailbox` (`exchange.md` §11, §12).

use serde_json::{Map, Value, json};

use super::command::{Cmdlet, Given, Shape};
use super::failure::Failure;
use super::recipient::{self, MAILBOXES, Recipient};
use super::{Desk, Output, address, filter, life};
use crate::state::users::text;

pub(super) const GET: Cmdlet = Cmdlet {
    name: "Get-Mailbox",
    parameters: &[
        ("Identity", Shape::Text),
        ("Anr", Shape::Text),
        ("Filter", Shape::Text),
        ("RecipientTypeDetails", Shape::List),
        ("ResultSize", Shape::Size),
        ("SortBy", Shape::Text),
    ],
    run: get,
};

pub(super) const SET: Cmdlet = Cmdlet {
    name: "Set-Mailbox",
    parameters: &[
        ("Identity", Shape::Text),
        ("EmailAddresses", Shape::Edits),
        ("WindowsEmailAddress", Shape::Text),
        ("Alias", Shape::Text),
        ("Type", Shape::Choice(&["Regular", "Shared", "Room", "Equipment"])),
        ("ForwardingAddress", Shape::Text),
        ("ForwardingSmtpAddress", Shape::Text),
        ("DeliverToMailboxAndForward", Shape::Flag),
        ("HiddenFromAddressListsEnabled", Shape::Flag),
        ("LitigationHoldEnabled", Shape::Flag),
        ("LitigationHoldDuration", Shape::Size),
        ("LitigationHoldOwner", Shape::Text),
        ("RetentionComment", Shape::Text),
        ("RetentionUrl", Shape::Text),
        ("IsExchangeCloudManaged", Shape::Flag),
    ],
    run: set,
};

fn get(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    filter::list(desk, given, MAILBOXES, |mailbox| shown(desk, mailbox))
}

fn shown(desk: &Desk<'_>, mailbox: &Recipient) -> Result<Map<String, Value>, Failure> {
    let mut shown = mailbox.shown();
    let empty = Map::new();
    let user = mailbox.user.as_ref().map_or(&empty, |user| &user.document);
    let kept = |name: &str| mailbox.doc.get(name).cloned().unwrap_or_default();
    let duration = match kept("LitigationHoldDuration") {
        Value::Null => json!("Unlimited"),
        given => given,
    };
    for (name, value) in [
        ("UserPrincipalName", json!(text(user, "userPrincipalName"))),
        ("AccountDisabled", json!(user.get("accountEnabled") == Some(&json!(false)))),
        ("IsExchangeCloudManaged", mailbox.flag("IsExchangeCloudManaged")),
        ("ForwardingAddress", kept("ForwardingAddress")),
        ("ForwardingSmtpAddress", kept("ForwardingSmtpAddress")),
        ("DeliverToMailboxAndForward", mailbox.flag("DeliverToMailboxAndForward")),
        ("LitigationHoldEnabled", mailbox.flag("LitigationHoldEnabled")),
        ("LitigationHoldDate", kept("LitigationHoldDate")),
        ("LitigationHoldOwner", kept("LitigationHoldOwner")),
        ("LitigationHoldDuration", duration),
        ("RetentionComment", kept("RetentionComment")),
        ("RetentionUrl", kept("RetentionUrl")),
        ("InPlaceHolds", json!([])),
        ("ArchiveStatus", json!("None")),
        ("PersistedCapabilities", json!(life::plans_of(desk.state, user)?)),
        ("ExchangeGuid", json!(mailbox.guid)),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Ok(shown)
}

fn set(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let mut mailbox = recipient::get(desk, given.required("Identity")?, MAILBOXES)?;
    let before = (mailbox.doc.clone(), mailbox.addresses(), mailbox.kind.clone());
    if let Some(managed) = given.value("IsExchangeCloudManaged") {
        if given
            .names()
            .any(|name| !["Identity", "IsExchangeCloudManaged", "Confirm"].contains(&name))
        {
            return Err(Failure::unknown_parameter("IsExchangeCloudManaged"));
        }
        mailbox.doc.insert("IsExchangeCloudManaged".to_owned(), managed.clone());
    }
    check_master(&mailbox, given)?;
    if given.has("EmailAddresses") && given.has("WindowsEmailAddress") {
        return Err(Failure::unknown_parameter("WindowsEmailAddress"));
    }
    if let Some(edit) = given.edit("EmailAddresses") {
        address::edit(desk, &mut mailbox, edit)?;
    }
    if let Some(primary) = given.text("WindowsEmailAddress") {
        address::make_primary(desk, &mut mailbox, primary)?;
    }
    forward(desk, &mut mailbox, given)?;
    hold(desk, &mut mailbox, given)?;
    for name in [
        "Alias",
        "DeliverToMailboxAndForward",
        "HiddenFromAddressListsEnabled",
        "LitigationHoldDuration",
        "LitigationHoldOwner",
        "RetentionComment",
        "RetentionUrl",
    ] {
        if let Some(value) = given.value(name) {
            mailbox.doc.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(kind) = given.text("Type") {
        let kind = if kind.eq_ignore_ascii_case("Regular") { "User" } else { kind };
        let known =
            MAILBOXES.iter().find(|known| known.eq_ignore_ascii_case(&format!("{kind}Mailbox")));
        let known = known.ok_or_else(|| Failure::wrong_value("Type", MAILBOXES))?;
        (*known).clone_into(&mut mailbox.kind);
    }
    let is_same = (mailbox.doc.clone(), mailbox.addresses(), mailbox.kind.clone()) == before;
    if is_same {
        return Ok(Output::unchanged(mailbox.display_name()));
    }
    mailbox.doc.insert("WhenChangedUTC".to_owned(), json!(life::time(desk.now)));
    mailbox.save(desk.state)?;
    if let Some(user) = &mailbox.user {
        life::settle(desk.state, user, desk.now, &desk.behavior)?;
    }
    Ok(Output::nothing())
}

/// Refuses what only the master of a synchronised mailbox can change (`exchange.md` §13).
fn check_master(mailbox: &Recipient, given: &Given) -> Result<(), Failure> {
    if !mailbox.is_synchronized() || mailbox.flag("IsExchangeCloudManaged") == json!(true) {
        return Ok(());
    }
    let locked =
        ["EmailAddresses", "WindowsEmailAddress", "Alias", "HiddenFromAddressListsEnabled"];
    match locked.iter().find(|name| given.has(name)) {
        Some(name) => Err(Failure::synchronized(given.cmdlet, name, mailbox.display_name())),
        None => Ok(()),
    }
}

fn forward(desk: &Desk<'_>, mailbox: &mut Recipient, given: &Given) -> Result<(), Failure> {
    if given.has("ForwardingAddress") {
        let target = match given.text("ForwardingAddress") {
            None | Some("") => Value::Null,
            Some(identity) => {
                let target = recipient::find(desk, identity, recipient::ALL)?;
                json!(target.ok_or_else(|| Failure::no_such_member(identity))?.name())
            }
        };
        mailbox.doc.insert("ForwardingAddress".to_owned(), target);
    }
    if given.has("ForwardingSmtpAddress") {
        let target = match given.text("ForwardingSmtpAddress") {
            None | Some("") => Value::Null,
            Some(text) if address::bare(text).contains('@') => {
                json!(format!("smtp:{}", address::bare(text)))
            }
            Some(text) => {
                return Err(Failure::invalid_data(format!(
                    "\"{text}\" is not a valid SMTP address."
                )));
            }
        };
        mailbox.doc.insert("ForwardingSmtpAddress".to_owned(), target);
    }
    Ok(())
}

fn hold(desk: &Desk<'_>, mailbox: &mut Recipient, given: &Given) -> Result<(), Failure> {
    let Some(on) = given.flag("LitigationHoldEnabled") else { return Ok(()) };
    if on {
        let empty = Map::new();
        let user = mailbox.user.as_ref().map_or(&empty, |user| &user.document);
        let plans = life::plans_of(desk.state, user)?;
        if !plans.iter().any(|plan| life::HOLD_PLANS.contains(&plan.as_str())) {
            return Err(Failure::refused(
                "Litigation hold can't be enabled for this mailbox: it needs a license for Exchange Online Plan 2 or archiving.",
            ));
        }
    }
    let date = if on { json!(life::time(desk.now)) } else { Value::Null };
    mailbox.doc.insert("LitigationHoldEnabled".to_owned(), json!(on));
    mailbox.doc.insert("LitigationHoldDate".to_owned(), date);
    Ok(())
}
