//! Who may open whose mailbox, and send as it (`exchange.md` §12.3).

use rusqlite::params;
use serde_json::{Value, json};

use super::command::{Cmdlet, Given, Shape};
use super::failure::Failure;
use super::recipient::{self, MAILBOXES, Recipient};
use super::{Desk, Output};

const RIGHTS: &[&str] =
    &["FullAccess", "ReadPermission", "ChangePermission", "ChangeOwner", "DeleteItem"];

pub(super) const GET: Cmdlet = Cmdlet {
    name: "Get-MailboxPermission",
    parameters: &[("Identity", Shape::Text), ("User", Shape::Text), ("ResultSize", Shape::Size)],
    run: |desk, given| show(desk, given, "User", false),
};

pub(super) const ADD: Cmdlet = Cmdlet {
    name: "Add-MailboxPermission",
    parameters: &[
        ("Identity", Shape::Text),
        ("User", Shape::Text),
        ("AccessRights", Shape::List),
        (
            "InheritanceType",
            Shape::Choice(&["All", "None", "Children", "Descendents", "SelfAndChildren"]),
        ),
        ("AutoMapping", Shape::Flag),
    ],
    run: |desk, given| add(desk, given, "User", RIGHTS),
};

pub(super) const REMOVE: Cmdlet = Cmdlet {
    name: "Remove-MailboxPermission",
    parameters: &[
        ("Identity", Shape::Text),
        ("User", Shape::Text),
        ("AccessRights", Shape::List),
        (
            "InheritanceType",
            Shape::Choice(&["All", "None", "Children", "Descendents", "SelfAndChildren"]),
        ),
    ],
    run: |desk, given| remove(desk, given, "User", RIGHTS),
};

pub(super) const GET_SENDER: Cmdlet = Cmdlet {
    name: "Get-RecipientPermission",
    parameters: &[("Identity", Shape::Text), ("Trustee", Shape::Text), ("ResultSize", Shape::Size)],
    run: |desk, given| show(desk, given, "Trustee", true),
};

pub(super) const ADD_SENDER: Cmdlet = Cmdlet {
    name: "Add-RecipientPermission",
    parameters: &[
        ("Identity", Shape::Text),
        ("Trustee", Shape::Text),
        ("AccessRights", Shape::List),
    ],
    run: |desk, given| add(desk, given, "Trustee", &["SendAs"]),
};

pub(super) const REMOVE_SENDER: Cmdlet = Cmdlet {
    name: "Remove-RecipientPermission",
    parameters: &[
        ("Identity", Shape::Text),
        ("Trustee", Shape::Text),
        ("AccessRights", Shape::List),
    ],
    run: |desk, given| remove(desk, given, "Trustee", &["SendAs"]),
};

fn mailbox(desk: &Desk<'_>, given: &Given) -> Result<Recipient, Failure> {
    let identity = given.required("Identity")?;
    let found = recipient::find(desk, identity, MAILBOXES)?;
    found.ok_or_else(|| Failure::no_such_mailbox(identity))
}

fn trustee(desk: &Desk<'_>, identity: &str) -> Result<Recipient, Failure> {
    let kinds = ["UserMailbox", "SharedMailbox", "MailUniversalSecurityGroup"];
    recipient::find(desk, identity, &kinds)?.ok_or_else(|| Failure::no_such_member(identity))
}

fn rights(given: &Given, known: &'static [&'static str]) -> Result<Vec<&'static str>, Failure> {
    let wanted = given.list("AccessRights");
    if wanted.is_empty() {
        return Err(Failure::missing_parameter("AccessRights"));
    }
    let find = |name: &String| known.iter().find(|each| each.eq_ignore_ascii_case(name)).copied();
    let wrong = || Failure::wrong_value("AccessRights", known);
    wanted.iter().map(|name| find(name).ok_or_else(wrong)).collect()
}

fn add(
    desk: &Desk<'_>,
    given: &Given,
    whose: &str,
    known: &'static [&'static str],
) -> Result<Output, Failure> {
    let mailbox = mailbox(desk, given)?;
    let trustee = trustee(desk, given.required(whose)?)?;
    let rights = rights(given, known)?;
    let mut output = Output::nothing();
    for right in &rights {
        let added = desk
            .state
            .prepare_cached(
                "INSERT OR IGNORE INTO mailbox_permissions (mailbox_no, trustee_no, access) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![mailbox.no, trustee.no, right])?;
        if added == 0 {
            output.warnings.push(format!(
                "The appropriate access control entry is already present on the object \"{}\" for account \"{}\".",
                mailbox.name(),
                trustee.name()
            ));
        }
    }
    output.objects.push(entry(&mailbox, &trustee, whose, &rights));
    Ok(output)
}

fn remove(
    desk: &Desk<'_>,
    given: &Given,
    whose: &str,
    known: &'static [&'static str],
) -> Result<Output, Failure> {
    let mailbox = mailbox(desk, given)?;
    let trustee = trustee(desk, given.required(whose)?)?;
    let mut output = Output::nothing();
    for right in rights(given, known)? {
        let removed = desk
            .state
            .prepare_cached(
                "DELETE FROM mailbox_permissions WHERE mailbox_no = ?1 AND trustee_no = ?2 AND access = ?3",
            )?
            .execute(params![mailbox.no, trustee.no, right])?;
        if removed == 0 {
            output.warnings.push(format!(
                "Can't remove the access control entry on the object \"{}\" for account \"{}\" because the ACE isn't present.",
                mailbox.name(),
                trustee.name()
            ));
        }
    }
    Ok(output)
}

fn show(desk: &Desk<'_>, given: &Given, whose: &str, sends: bool) -> Result<Output, Failure> {
    let mailbox = mailbox(desk, given)?;
    let wanted = given.text(whose).map(|identity| trustee(desk, identity)).transpose()?;
    let found: Vec<(i64, String)> = {
        let mut statement = desk.state.prepare_cached(
            "SELECT trustee_no, access FROM mailbox_permissions
             WHERE mailbox_no = ?1 AND (access = 'SendAs') = ?2 ORDER BY trustee_no, access",
        )?;
        let rows = statement
            .query_map(params![mailbox.no, sends], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    let mut output = Output::nothing();
    if wanted.is_none() {
        let own = json!({
            "Identity": mailbox.name(), whose: "NT AUTHORITY\\SELF",
            "AccessRights": ["FullAccess", "ReadPermission"], "IsInherited": false, "Deny": false,
        });
        output.objects.push(own);
    }
    for (no, right) in found {
        let Some(trustee) = recipient::by_no(desk.state, no)? else { continue };
        if wanted.as_ref().is_none_or(|wanted| wanted.no == no) {
            output.objects.push(entry(&mailbox, &trustee, whose, &[&right]));
        }
    }
    Ok(output)
}

fn entry(mailbox: &Recipient, trustee: &Recipient, whose: &str, rights: &[&str]) -> Value {
    json!({
        "Identity": mailbox.name(), whose: trustee.primary(), "AccessRights": rights,
        "IsInherited": false, "Deny": false, "InheritanceType": "All",
    })
}
