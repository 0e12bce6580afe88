//! Distribution groups and mail-enabled security groups: made, shown, changed, removed
//! (`exchange.md` §10).

use rusqlite::params;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::command::{Cmdlet, Edit, Given, Shape};
use super::failure::Failure;
use super::recipient::{self, GROUPS, Recipient};
use super::{Desk, Output, address, filter, life, members};
use crate::state::domains;

const JOIN: &[&str] = &["Open", "Closed", "ApprovalRequired"];
const DEPART: &[&str] = &["Open", "Closed"];

pub(super) const NEW: Cmdlet = Cmdlet {
    name: "New-DistributionGroup",
    parameters: &[
        ("Name", Shape::Text),
        ("DisplayName", Shape::Text),
        ("Alias", Shape::Text),
        ("PrimarySmtpAddress", Shape::Text),
        ("Type", Shape::Choice(&["Distribution", "Security"])),
        ("ManagedBy", Shape::List),
        ("CopyOwnerToMember", Shape::Flag),
        ("Members", Shape::List),
        ("MemberJoinRestriction", Shape::Choice(JOIN)),
        ("MemberDepartRestriction", Shape::Choice(DEPART)),
        ("RequireSenderAuthenticationEnabled", Shape::Flag),
        ("Notes", Shape::Text),
        ("Description", Shape::List),
        ("ModerationEnabled", Shape::Flag),
        ("IgnoreNamingPolicy", Shape::Flag),
        ("BccBlocked", Shape::Flag),
    ],
    run: new,
};

pub(super) const GET: Cmdlet = Cmdlet {
    name: "Get-DistributionGroup",
    parameters: &[
        ("Identity", Shape::Text),
        ("Anr", Shape::Text),
        ("Filter", Shape::Text),
        ("ManagedBy", Shape::Text),
        ("RecipientTypeDetails", Shape::List),
        ("ResultSize", Shape::Size),
        ("SortBy", Shape::Text),
    ],
    run: get,
};

pub(super) const SET: Cmdlet = Cmdlet {
    name: "Set-DistributionGroup",
    parameters: &[
        ("Identity", Shape::Text),
        ("Name", Shape::Text),
        ("DisplayName", Shape::Text),
        ("Alias", Shape::Text),
        ("PrimarySmtpAddress", Shape::Text),
        ("EmailAddresses", Shape::Edits),
        ("WindowsEmailAddress", Shape::Text),
        ("Description", Shape::List),
        ("ManagedBy", Shape::Edits),
        ("MemberJoinRestriction", Shape::Choice(JOIN)),
        ("MemberDepartRestriction", Shape::Choice(DEPART)),
        ("RequireSenderAuthenticationEnabled", Shape::Flag),
        ("HiddenFromAddressListsEnabled", Shape::Flag),
        ("ModerationEnabled", Shape::Flag),
        ("MailTip", Shape::Text),
        ("BypassSecurityGroupManagerCheck", Shape::Flag),
    ],
    run: set,
};

pub(super) const SET_NOTES: Cmdlet = Cmdlet {
    name: "Set-Group",
    parameters: &[
        ("Identity", Shape::Text),
        ("Notes", Shape::Text),
        ("BypassSecurityGroupManagerCheck", Shape::Flag),
    ],
    run: set_notes,
};

pub(super) const REMOVE: Cmdlet = Cmdlet {
    name: "Remove-DistributionGroup",
    parameters: &[("Identity", Shape::Text), ("BypassSecurityGroupManagerCheck", Shape::Flag)],
    run: remove,
};

fn check_length(name: &str, value: &str, most: usize) -> Result<(), Failure> {
    if value.chars().count() > most {
        return Err(Failure::invalid_data(format!(
            "The length of the property is too long. The maximum length is {most} and the length of the value provided is {}. Property Name: {name}",
            value.chars().count()
        )));
    }
    Ok(())
}

/// A nickname: at most 64 of the characters of `exchange.md` §11.5.
fn check_alias(alias: &str) -> Result<(), Failure> {
    check_length("Alias", alias, 64)?;
    let allowed = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~.".contains(c)
            || ('\u{a1}'..='\u{ff}').contains(&c)
    };
    let is_dotted = !alias.starts_with('.') && !alias.ends_with('.') && !alias.contains("..");
    if alias.is_empty() || !alias.chars().all(allowed) || !is_dotted {
        return Err(Failure::invalid_data(format!(
            "The value \"{alias}\" of property Alias is invalid: characters that aren't supported."
        )));
    }
    Ok(())
}

fn check_names_free(
    desk: &Desk<'_>,
    name: Option<&str>,
    alias: Option<&str>,
    own: i64,
) -> Result<(), Failure> {
    let taken = |column: &str, key: &str| -> Result<bool, Failure> {
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM recipients WHERE {column} = ?1 AND no <> ?2)");
        let mut statement = desk.state.prepare_cached(&sql)?;
        Ok(statement.query_row(params![key.to_lowercase(), own], |row| row.get(0))?)
    };
    for (column, value) in [("name_key", name), ("alias_key", alias)] {
        if let Some(value) = value
            && taken(column, value)?
        {
            return Err(Failure::name_taken(value));
        }
    }
    Ok(())
}

fn new(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let name = given.required("Name")?;
    check_length("Name", name, 64)?;
    let display_name = given.text("DisplayName").unwrap_or(name);
    check_length("DisplayName", display_name, 256)?;
    let derived: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '?' })
        .collect();
    let alias = given.text("Alias").unwrap_or(&derived);
    check_alias(alias)?;
    let domain = domains::all(desk.state)?.into_iter().find(|domain| domain.is_default);
    let domain = domain.map(|domain| domain.name).unwrap_or_default();
    let primary =
        given.text("PrimarySmtpAddress").map_or(format!("{alias}@{domain}"), str::to_owned);
    // The address clashes before the name does (§7.3).
    address::check(desk, &primary)?;
    address::check_free(desk, &primary, None)?;
    check_names_free(desk, Some(name), Some(alias), 0)?;
    let is_security = given.text("Type").is_some_and(|kind| kind.eq_ignore_ascii_case("Security"));
    check_restrictions(given, is_security)?;
    let owners = given.list("ManagedBy");
    if owners.is_empty() {
        // What an app's own group would get as owner isn't known (§10.1): it must be said here.
        return Err(Failure::missing_parameter("ManagedBy"));
    }
    let mut group = Recipient {
        no: 0,
        guid: Uuid::new_v4().to_string(),
        entra_id: Some(Uuid::new_v4().to_string()),
        kind: GROUPS[usize::from(is_security)].to_owned(),
        doc: document(desk, given, (name, display_name, alias), is_security),
        user: None,
        ready_at: desk.now.plus_millis(desk.lag),
        cut_off_at: None,
        deleted_at: None,
    };
    group.no = recipient::insert(desk.state, &group)?;
    address::replace(desk, &mut group, vec![format!("SMTP:{primary}")])?;
    group.save(desk.state)?;
    let owners = owners_named(desk, &owners)?;
    set_owners(desk, &group, &owners)?;
    let mut wanted = given.list("Members");
    if given.flag("CopyOwnerToMember") == Some(true) {
        wanted.extend(owners.iter().map(|owner| owner.guid.clone()));
    }
    members::fill(desk, &group, &wanted)?;
    Ok(Output::of(vec![Value::Object(shown(desk, &group)?)]))
}

/// The defaults of `exchange.md` §10.1.
fn document(
    desk: &Desk<'_>,
    given: &Given,
    (name, display_name, alias): (&str, &str, &str),
    is_security: bool,
) -> Map<String, Value> {
    let restriction = |name: &str, default: &str| json!(given.text(name).unwrap_or(default));
    let depart = if is_security { "Closed" } else { "Open" };
    let flag = |name: &str, default: bool| json!(given.flag(name).unwrap_or(default));
    let now = json!(life::time(desk.now));
    Map::from_iter(
        [
            ("Name", json!(name)),
            ("DisplayName", json!(display_name)),
            ("Alias", json!(alias)),
            ("MemberJoinRestriction", restriction("MemberJoinRestriction", "Closed")),
            ("MemberDepartRestriction", restriction("MemberDepartRestriction", depart)),
            (
                "RequireSenderAuthenticationEnabled",
                flag("RequireSenderAuthenticationEnabled", true),
            ),
            ("HiddenFromAddressListsEnabled", json!(false)),
            ("ModerationEnabled", flag("ModerationEnabled", false)),
            ("Description", json!(given.list("Description"))),
            ("Notes", json!(given.text("Notes").unwrap_or_default())),
            ("WhenCreatedUTC", now.clone()),
            ("WhenChangedUTC", now),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}

fn check_restrictions(given: &Given, is_security: bool) -> Result<(), Failure> {
    let open = ["MemberJoinRestriction", "MemberDepartRestriction"]
        .into_iter()
        .find(|name| given.text(name).is_some_and(|value| value.eq_ignore_ascii_case("Open")));
    match open {
        Some(name) if is_security => {
            Err(Failure::refused(format!("{name} can't be Open for a security group.")))
        }
        _ => Ok(()),
    }
}

fn shown(desk: &Desk<'_>, group: &Recipient) -> Result<Map<String, Value>, Failure> {
    let mut shown = group.shown();
    let is_security = group.kind == GROUPS[1];
    let kept = |name: &str| group.doc.get(name).cloned().unwrap_or_default();
    for (name, value) in [
        ("GroupType", json!(if is_security { "Universal, SecurityEnabled" } else { "Universal" })),
        ("ManagedBy@odata.type", json!("#Collection(String)")),
        ("ManagedBy", json!(owners_of(desk, group.no)?)),
        ("MemberJoinRestriction", kept("MemberJoinRestriction")),
        ("MemberDepartRestriction", kept("MemberDepartRestriction")),
        ("RequireSenderAuthenticationEnabled", kept("RequireSenderAuthenticationEnabled")),
        ("ModerationEnabled", group.flag("ModerationEnabled")),
        ("Description", kept("Description")),
        ("MailTip", kept("MailTip")),
    ] {
        shown.insert(name.to_owned(), value);
    }
    Ok(shown)
}

fn get(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let Some(owner) = given.text("ManagedBy") else {
        return filter::list(desk, given, GROUPS, |group| shown(desk, group));
    };
    let owner = recipient::find(desk, owner, recipient::ALL)?
        .ok_or_else(|| Failure::no_such_member(owner))?;
    let owned: Vec<i64> = {
        let mut statement = desk.state.prepare_cached(
            "SELECT group_no FROM group_owners WHERE owner_no = ?1 ORDER BY group_no",
        )?;
        let rows = statement.query_map([owner.no], |row| row.get(0))?;
        rows.collect::<Result<_, _>>()?
    };
    let (numbers, mut output) = Output::part(desk, given, owned)?;
    for no in numbers {
        if let Some(group) = recipient::by_no(desk.state, no)? {
            output.objects.push(Value::Object(shown(desk, &group)?));
        }
    }
    Ok(output)
}

/// The group that a cmdlet names, if the caller may manage it: an app is never its owner.
pub(super) fn managed(desk: &Desk<'_>, given: &Given) -> Result<Recipient, Failure> {
    let group = recipient::get(desk, given.required("Identity")?, GROUPS)?;
    if given.flag("BypassSecurityGroupManagerCheck") == Some(true) {
        Ok(group)
    } else {
        Err(Failure::not_an_owner())
    }
}

fn set(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let mut group = managed(desk, given)?;
    let before = (group.doc.clone(), owners_of(desk, group.no)?);
    for (name, most) in [("Name", 64), ("DisplayName", 256)] {
        if given.has(name) {
            check_length(name, given.required(name)?, most)?;
        }
    }
    if given.has("Alias") {
        check_alias(given.required("Alias")?)?;
    }
    check_names_free(desk, given.text("Name"), given.text("Alias"), group.no)?;
    check_restrictions(given, group.kind == GROUPS[1])?;
    for name in [
        "Name",
        "DisplayName",
        "Alias",
        "MemberJoinRestriction",
        "MemberDepartRestriction",
        "RequireSenderAuthenticationEnabled",
        "HiddenFromAddressListsEnabled",
        "ModerationEnabled",
        "MailTip",
    ] {
        if let Some(value) = given.value(name) {
            group.doc.insert(name.to_owned(), value.clone());
        }
    }
    if given.has("Description") {
        group.doc.insert("Description".to_owned(), json!(given.list("Description")));
    }
    let primary = given.text("PrimarySmtpAddress").or(given.text("WindowsEmailAddress"));
    match (primary, given.edit("EmailAddresses")) {
        (Some(_), Some(_)) => return Err(Failure::unknown_parameter("EmailAddresses")),
        (Some(primary), None) => address::make_primary(desk, &mut group, primary)?,
        (None, Some(edit)) => address::edit(desk, &mut group, edit)?,
        (None, None) => {}
    }
    if let Some(edit) = given.edit("ManagedBy") {
        change_owners(desk, &group, edit)?;
    }
    if (group.doc.clone(), owners_of(desk, group.no)?) == before {
        return Ok(Output::unchanged(group.display_name()));
    }
    group.doc.insert("WhenChangedUTC".to_owned(), json!(life::time(desk.now)));
    group.save(desk.state)?;
    Ok(Output::nothing())
}

fn set_notes(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let mut group = managed(desk, given)?;
    if let Some(notes) = given.value("Notes") {
        group.doc.insert("Notes".to_owned(), notes.clone());
    }
    group.save(desk.state)?;
    Ok(Output::nothing())
}

fn remove(desk: &Desk<'_>, given: &Given) -> Result<Output, Failure> {
    let group = managed(desk, given)?;
    for proxy in group.addresses() {
        address::hold(desk, &group, address::bare(&proxy))?;
    }
    recipient::remove(desk.state, &group)?;
    Ok(Output::nothing())
}

/// Owners as they are shown: ids in Entra (`exchange.md` §10.5).
fn owners_of(desk: &Desk<'_>, group: i64) -> Result<Vec<String>, Failure> {
    let mut statement = desk.state.prepare_cached(
        "SELECT coalesce(entra_id, guid) FROM group_owners JOIN recipients ON no = owner_no
         WHERE group_no = ?1 ORDER BY no",
    )?;
    let rows = statement.query_map([group], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn owners_named(desk: &Desk<'_>, names: &[String]) -> Result<Vec<Recipient>, Failure> {
    let kinds = ["UserMailbox", "SharedMailbox", "MailUniversalSecurityGroup"];
    names
        .iter()
        .map(|name| {
            recipient::find(desk, name, &kinds)?.ok_or_else(|| Failure::no_such_member(name))
        })
        .collect()
}

fn set_owners(desk: &Desk<'_>, group: &Recipient, owners: &[Recipient]) -> Result<(), Failure> {
    desk.state
        .prepare_cached("DELETE FROM group_owners WHERE group_no = ?1")?
        .execute([group.no])?;
    for owner in owners {
        desk.state
            .prepare_cached(
                "INSERT OR IGNORE INTO group_owners (group_no, owner_no) VALUES (?1, ?2)",
            )?
            .execute(params![group.no, owner.no])?;
    }
    Ok(())
}

fn change_owners(desk: &Desk<'_>, group: &Recipient, edit: Edit) -> Result<(), Failure> {
    let owners = match edit {
        Edit::Replace(names) => owners_named(desk, &names)?,
        Edit::Change { add, remove } => {
            let gone = owners_named(desk, &remove)?;
            let mut owners = owners_named(desk, &owners_of(desk, group.no)?)?;
            owners.retain(|owner| gone.iter().all(|gone| gone.no != owner.no));
            owners.extend(owners_named(desk, &add)?);
            owners
        }
    };
    if owners.is_empty() {
        return Err(Failure::refused(
            "A group must have at least one owner. The last owner can't be removed.",
        ));
    }
    set_owners(desk, group, &owners)
}
