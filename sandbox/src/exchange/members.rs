//! Members of groups (`exchange.md` §10.4).

use rusqlite::params;
use serde_json::{Map, Value};

use super::command::{Cmdlet, Given, Shape};
use super::failure::Failure;
use super::recipient::{self, GROUPS, Recipient};
use super::{Desk, Output, groups};

/// In one call.
const MOST: usize = 10_000;

pub(super) const GET: Cmdlet = Cmdlet {
    name: "Get-DistributionGroupMember",
    parameters: &[("Identity", Shape::Text), ("ResultSize", Shape::Size)],
    run: get,
};

pub(super) const ADD: Cmdlet = Cmdlet {
    name: "Add-DistributionGroupMember",
    parameters: &[
        ("Identity", Shape::Text),
        ("Member", Shape::Text),
        ("BypassSecurityGroupManagerCheck", Shape::Flag),
    ],
    run: add,
};

pub(super) const REMOVE: Cmdlet = Cmdlet {
    name: "Remove-DistributionGroupMember",
    parameters: &[
        ("Identity", Shape::Text),
        ("Member", Shape::Text),
        ("BypassSecurityGroupManagerCheck", Shape::Flag),
    ],
    run: remove,
};

pub(super) const UPDATE: Cmdlet = Cmdlet {
    name: "Update-DistributionGroupMember",
    parameters: &[
        ("Identity", Shape::Text),
        ("Members", Shape::Edits),
        ("BypassSecurityGroupManagerCheck", Shape::Flag),
    ],
    run: update,
};

fn get(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let group = recipient::get(desk, given.required("Identity")?, GROUPS)?;
    let numbers: Vec<i64> = {
        let mut statement = desk.state.prepare_cached(
            "SELECT member_no FROM group_members WHERE group_no = ?1 ORDER BY member_no",
        )?;
        let rows = statement.query_map([group.no], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    let (numbers, mut output) = Output::part(desk, given, numbers)?;
    for no in numbers {
        if let Some(member) = recipient::by_no(desk.state, no)? {
            output.objects.push(Value::Object(shown(&member)));
        }
    }
    Ok(output)
}

/// What is known of a member's shape (§10.4).
const SHOWN: &[&str] = &[
    "Identity",
    "Name",
    "DisplayName",
    "PrimarySmtpAddress",
    "RecipientType",
    "RecipientTypeDetails",
    "Guid@odata.type",
    "Guid",
    "ExternalDirectoryObjectId",
];

fn shown(member: &Recipient) -> Map<String, Value> {
    let mut shown = member.shown();
    shown.retain(|name, _| SHOWN.contains(&name.as_str()));
    if member.cut_off_at.is_some() || member.deleted_at.is_some() {
        // One that lost its mailbox.
        shown.insert("PrimarySmtpAddress".to_owned(), Value::Null);
    }
    shown
}

fn member(desk: &Desk<'_>, identity: &str) -> Result<Recipient, Failure> {
    recipient::find(desk, identity, recipient::ALL)?
        .ok_or_else(|| Failure::no_such_member(identity))
}

/// Whether it wasn't there before.
fn put(desk: &Desk<'_>, group: &Recipient, member: &Recipient) -> Result<bool, Failure> {
    let added = desk
        .state
        .prepare_cached(
            "INSERT OR IGNORE INTO group_members (group_no, member_no) VALUES (?1, ?2)",
        )?
        .execute(params![group.no, member.no])?;
    Ok(added > 0)
}

/// Adds members to a new group.
pub(super) fn fill(desk: &Desk<'_>, group: &Recipient, names: &[String]) -> Result<(), Failure> {
    if names.len() > MOST {
        return Err(Failure::refused(format!("At most {MOST} members can be given in one call.")));
    }
    for name in names {
        put(desk, group, &member(desk, name)?)?;
    }
    Ok(())
}

fn add(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let group = groups::managed(desk, given)?;
    let member = member(desk, given.required("Member")?)?;
    if put(desk, &group, &member)? {
        Ok(Output::nothing())
    } else {
        Err(Failure::already_member(member.name(), group.name()))
    }
}

fn remove(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let group = groups::managed(desk, given)?;
    let member = member(desk, given.required("Member")?)?;
    let removed = desk
        .state
        .prepare_cached("DELETE FROM group_members WHERE group_no = ?1 AND member_no = ?2")?
        .execute(params![group.no, member.no])?;
    if removed > 0 {
        Ok(Output::nothing())
    } else {
        Err(Failure::not_member(member.name(), group.name()))
    }
}

/// Replaces the whole membership; what isn't a plain list empties it, as users report (§4).
fn update(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let group = groups::managed(desk, given)?;
    let names = given.list("Members");
    desk.state
        .prepare_cached("DELETE FROM group_members WHERE group_no = ?1")?
        .execute([group.no])?;
    fill(desk, &group, &names)?;
    Ok(Output::nothing())
}
