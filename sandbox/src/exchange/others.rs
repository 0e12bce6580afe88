//! The smaller cmdlets: any recipient, contacts, automatic replies, accepted domains
//! (`exchange.md` §11.6, §11.7, §12.3).

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::command::{Cmdlet, Given, Shape};
use super::failure::Failure;
use super::recipient::{self, MAILBOXES, Recipient};
use super::{Desk, Output, address, filter, life};
use crate::state::{domains, users};

pub(super) const GET_RECIPIENT: Cmdlet = Cmdlet {
    name: "Get-Recipient",
    parameters: &[
        ("Identity", Shape::Text),
        ("Anr", Shape::Text),
        ("Filter", Shape::Text),
        ("RecipientTypeDetails", Shape::List),
        ("ResultSize", Shape::Size),
        ("Properties", Shape::List),
        ("SortBy", Shape::Text),
    ],
    run: |desk, given| filter::list(desk, given, recipient::ALL, |found| Ok(found.shown())),
};

pub(super) const NEW_CONTACT: Cmdlet = Cmdlet {
    name: "New-MailContact",
    parameters: &[
        ("Name", Shape::Text),
        ("DisplayName", Shape::Text),
        ("Alias", Shape::Text),
        ("ExternalEmailAddress", Shape::Text),
    ],
    run: new_contact,
};

pub(super) const REMOVE_CONTACT: Cmdlet = Cmdlet {
    name: "Remove-MailContact",
    parameters: &[("Identity", Shape::Text)],
    run: |desk, given| {
        let contact = recipient::get(desk, given.required("Identity")?, &["MailContact"])?;
        recipient::remove(desk.state, &contact)?;
        Ok(Output::nothing())
    },
};

fn new_contact(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let name = given.required("Name")?;
    let outside = address::bare(given.required("ExternalEmailAddress")?).to_owned();
    let alias = given.text("Alias").map_or_else(|| name.replace(' ', ""), str::to_owned);
    address::check_free(desk, &outside, None)?;
    let mut contact = Recipient {
        no: 0,
        guid: Uuid::new_v4().to_string(),
        entra_id: None,
        kind: "MailContact".to_owned(),
        doc: Map::from_iter(
            [
                ("Name", json!(name)),
                ("DisplayName", json!(given.text("DisplayName").unwrap_or(name))),
                ("Alias", json!(alias)),
                ("EmailAddresses", json!([format!("SMTP:{outside}")])),
                ("WhenCreatedUTC", json!(life::time(desk.now))),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        ),
        user: None,
        ready_at: desk.now.plus_millis(desk.lag),
        cut_off_at: None,
        deleted_at: None,
    };
    contact.no = recipient::insert(desk.state, &contact)?;
    users::set_addresses(desk.state, contact.holder(), std::iter::once(outside.as_str()))?;
    Ok(Output::of(vec![Value::Object(contact.shown())]))
}

const REPLY: &str = "AutoReply";

pub(super) const GET_REPLY: Cmdlet = Cmdlet {
    name: "Get-MailboxAutoReplyConfiguration",
    parameters: &[("Identity", Shape::Text)],
    run: |desk, given| {
        let mailbox = recipient::get(desk, given.required("Identity")?, MAILBOXES)?;
        Ok(Output::of(vec![reply_of(&mailbox)]))
    },
};

pub(super) const SET_REPLY: Cmdlet = Cmdlet {
    name: "Set-MailboxAutoReplyConfiguration",
    parameters: &[
        ("Identity", Shape::Text),
        ("AutoReplyState", Shape::Choice(&["Enabled", "Disabled", "Scheduled"])),
        ("InternalMessage", Shape::Text),
        ("ExternalMessage", Shape::Text),
        ("ExternalAudience", Shape::Choice(&["None", "Known", "All"])),
    ],
    run: set_reply,
};

fn reply_of(mailbox: &Recipient) -> Value {
    let kept = mailbox.doc.get(REPLY).cloned();
    let mut reply = kept.unwrap_or_else(|| {
        json!({
            "AutoReplyState": "Disabled", "InternalMessage": "", "ExternalMessage": "",
            "ExternalAudience": "All",
        })
    });
    reply["Identity"] = json!(mailbox.name());
    reply["MailboxOwnerId"] = json!(mailbox.name());
    reply
}

fn set_reply(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let mut mailbox = recipient::get(desk, given.required("Identity")?, MAILBOXES)?;
    let mut reply = reply_of(&mailbox);
    for name in ["AutoReplyState", "InternalMessage", "ExternalMessage", "ExternalAudience"] {
        if let Some(value) = given.value(name) {
            reply[name] = if value.is_null() { json!("") } else { value.clone() };
        }
    }
    mailbox.doc.insert(REPLY.to_owned(), reply);
    mailbox.save(desk.state)?;
    Ok(Output::nothing())
}

pub(super) const GET_DOMAIN: Cmdlet = Cmdlet {
    name: "Get-AcceptedDomain",
    parameters: &[("Identity", Shape::Text), ("ResultSize", Shape::Size)],
    run: get_domain,
};

fn get_domain(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let wanted = given.text("Identity");
    let found: Vec<Value> = domains::all(desk.state)?
        .into_iter()
        .filter(|domain| domain.is_verified)
        .filter(|domain| wanted.is_none_or(|name| domain.name.eq_ignore_ascii_case(name)))
        .map(|domain| {
            json!({
                "Identity": domain.name, "Name": domain.name, "DomainName": domain.name,
                "DomainType": "Authoritative", "Default": domain.is_default,
                "InitialDomain": domain.is_initial, "MatchSubDomains": false,
            })
        })
        .collect();
    match wanted {
        Some(name) if found.is_empty() => Err(Failure::not_found(name)),
        _ => Ok(Output::of(found)),
    }
}
