//! Distribution groups: made, changed, deleted (`exchange.md §10`).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::exchange::{AddressWish, WhichGroup, has_exchange, is_free, wanted_address};
use super::member_wishes::{MemberWish, Role, Wanted, members_wanted};
use super::members::join;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{
    DomainName, EmailAddress, Field, Group, GroupId, MailAddresses, Problem, RecipientKind,
};
use crate::online::{GroupChange, NewGroup};
use crate::plan::edit::{Edit, Edits};
use crate::plan::mail::{AddressHolder, Holder, MailEdit, Member, OnlineRef, subject_of};
use crate::plan::view::View;

/// Makes a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// Its name, unique in the tenant; at most 64 characters.
    pub name: String,
    /// What stands before the @ of its address.
    pub alias: String,
    /// The domain of its address; `None`: the tenant's default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<DomainName>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// At least one.
    pub owners: Vec<MemberWish>,
    /// Who is in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberWish>,
    /// Whether people outside may send to it.
    pub outside_senders: bool,
}

/// Changes a group's properties; `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeGroup {
    /// Which.
    pub group: WhichGroup,
    /// Another name, as people see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Another nickname; no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Another text; empty clears it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether people outside may send to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside_senders: Option<bool>,
    /// Whether address lists leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// Exactly these owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners: Option<Vec<MemberWish>>,
}

/// Deletes a group, for good: there is no way back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteGroup {
    /// Which.
    pub group: WhichGroup,
}

impl Intent for CreateGroup {
    fn label(&self) -> String {
        self.name.clone()
    }

    fn effect(&self, no: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        if !has_exchange(&self.name, view, out)? {
            return Ok(());
        }
        let called = view.groups_called(&self.name);
        let wish = AddressWish { text: self.alias.clone(), domain: self.domain.clone() };
        let address = wanted_address(&self.name, &wish, view, out);
        let owners = members_wanted(&self.name, &self.owners, Role::Join, view, out);
        let members = members_wanted(&self.name, &self.members, Role::Join, view, out);
        check_text(&self.name, "name", &self.name, 64, out);
        check_alias(&self.name, &self.alias, out);
        if let Some(group) = called?.first() {
            self.report_taken(*group, view, out)?;
            return Ok(());
        }
        let address = match address? {
            // The address says the same, and who has it, where both are taken.
            Some(address)
                if is_free(&self.name, &address, None, view, out)?
                    && is_alias_free(&self.name, &self.alias, Subject::New(no), view, out)? =>
            {
                address
            }
            _ => return Ok(()),
        };
        let own = Subject::New(no);
        for (what, text) in [("name", &self.name), ("alias", &self.alias)] {
            is_freed_before(&self.name, (what, text), own, Some(&address), view, out)?;
        }
        let Some(owners) = owners_of(&self.name, owners?, view, out)? else { return Ok(()) };
        let members = members?;
        if out.has_errors() {
            return Ok(());
        }
        let new = NewGroup {
            name: self.name.clone(),
            alias: self.alias.clone(),
            address: Some(address.clone()),
            description: Some(self.description.clone()).filter(|text| !text.is_empty()),
            owners: owners.names.clone(),
            outside_senders: self.outside_senders,
        };
        let after = Arc::new(self.to_be(&new, &address));
        owners.wait(out);
        out.add_mail(MailEdit::GroupMade { new, owners: owners.refs, after });
        let mut seen = std::collections::HashSet::new();
        let members = members.into_iter().filter(|it| seen.insert(it.planned.member)).collect();
        join(Subject::New(no), &self.name, members, view, out)
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl CreateGroup {
    fn report_taken(&self, group: Subject, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(group) = view.group(group)? else { return Ok(()) };
        let address = group.addresses.primary();
        let address = address.as_ref().map_or("no address", EmailAddress::as_str);
        let message = format!("there is a group {} already ({address})", group.display_name);
        out.problem(
            Problem::error("name_taken", &self.name, message)
                .value(&self.name)
                .advice("choose another name, or change that group: group(\"…\").set_members(…)"),
        );
        Ok(())
    }

    fn to_be(&self, new: &NewGroup, address: &EmailAddress) -> Group {
        Group {
            id: GroupId::KNOWN_AFTER_APPLY,
            name: self.name.clone(),
            display_name: self.name.clone(),
            alias: self.alias.clone(),
            description: self.description.clone(),
            addresses: MailAddresses::received(vec![format!("SMTP:{address}")]),
            kind: RecipientKind::DistributionGroup,
            outside_senders: self.outside_senders,
            is_hidden: false,
            is_synchronized: false,
            owners: new.owners.clone(),
            created: None,
        }
    }
}

impl Intent for ChangeGroup {
    fn subject(&self, _: ChangeNo) -> Subject {
        self.group.group
    }

    fn label(&self) -> String {
        self.group.label.clone()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let label = &self.group.label;
        let group = self.group.group(view, out);
        let owners =
            self.owners.as_ref().map(|all| members_wanted(label, all, Role::Join, view, out));
        let Some(old) = group? else { return Ok(()) };
        let mut after = Group::clone(&old);
        let mut change = GroupChange::default();
        if let Some(name) = self.name.as_ref().filter(|name| **name != old.display_name) {
            check_text(label, "name", name, 64, out);
            if view.groups_called(name)?.iter().any(|other| *other != out.subject) {
                let message = format!("there is a group {name} already");
                out.problem(Problem::error("name_taken", label, message).value(name));
            } else {
                is_freed_before(label, ("name", name), out.subject, None, view, out)?;
            }
            after.display_name.clone_from(name);
            after.name.clone_from(name);
            change.name = Some(name.clone());
            change.display_name = Some(name.clone());
        }
        if let Some(alias) = self.alias.as_ref().filter(|alias| **alias != old.alias) {
            check_alias(label, alias, out);
            if is_alias_free(label, alias, out.subject, view, out)? {
                is_freed_before(label, ("alias", alias), out.subject, None, view, out)?;
            }
            after.alias.clone_from(alias);
            change.alias = Some(alias.clone());
        }
        if let Some(text) = self.description.as_ref().filter(|text| **text != old.description) {
            check_text(label, "description", text, 1024, out);
            after.description.clone_from(text);
            change.description = Some(text.clone());
        }
        if let Some(may) = self.outside_senders.filter(|may| *may != old.outside_senders) {
            after.outside_senders = may;
            change.outside_senders = Some(may);
        }
        if let Some(hidden) = self.hidden.filter(|hidden| *hidden != old.is_hidden) {
            after.is_hidden = hidden;
            change.hidden = Some(hidden);
        }
        let mut refs = Vec::new();
        let mut owner_names = None;
        if let Some(wanted) = owners.transpose()? {
            let Some(wanted) = owners_of(label, wanted, view, out)? else { return Ok(()) };
            let has =
                |all: &[String], one: &String| all.iter().any(|it| it.eq_ignore_ascii_case(one));
            change.add_owners =
                wanted.names.iter().filter(|it| !has(&old.owners, it)).cloned().collect();
            change.remove_owners =
                old.owners.iter().filter(|it| !has(&wanted.names, it)).cloned().collect();
            after.owners.clone_from(&wanted.names);
            if !change.add_owners.is_empty() || !change.remove_owners.is_empty() {
                let new: Vec<&str> =
                    wanted.members.iter().map(|it| it.planned.label.as_str()).collect();
                owner_names = Some((names_of(&old.owners, view)?.join(", "), new.join(", ")));
            }
            wanted.wait(out);
            refs = wanted.refs;
        }
        if !out.has_errors() && change != GroupChange::default() {
            let after = Arc::new(after);
            out.add_mail(MailEdit::GroupChanged { change, owners: refs, owner_names, old, after });
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl Intent for DeleteGroup {
    fn subject(&self, _: ChangeNo) -> Subject {
        self.group.group
    }

    fn label(&self) -> String {
        self.group.label.clone()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(old) = self.group.group(view, out)? else { return Ok(()) };
        let members = view.members(self.group.group)?.len();
        let members = match members {
            0 => String::new(),
            1 => " and its member".to_owned(),
            many => format!(" and its {many} members"),
        };
        let message = format!(
            "it is gone for good with its addresses{members}: there is no recycle bin for groups"
        );
        out.problem(Problem::warning("no_way_back", &self.group.label, message));
        out.add_mail(MailEdit::GroupDeleted { old });
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Destroy
    }
}

/// Owners as Exchange takes them: by object id, or by the address that they will have.
struct Owners {
    names: Vec<String>,
    refs: Vec<OnlineRef>,
    members: Vec<Wanted>,
}

impl Owners {
    fn wait(&self, out: &mut Edits) {
        for owner in &self.members {
            owner.wait(out);
        }
    }
}

/// Owners as people know them; Exchange tells their object ids (`exchange.md §10.5`).
fn names_of(owners: &[String], view: &View<'_>) -> R<Vec<String>> {
    let name = |owner: &String| match owner.parse() {
        Ok(id) => {
            let known = view.name_of(OnlineRef::Known(id))?;
            Ok(if known.is_empty() { owner.clone() } else { known })
        }
        Err(_) => Ok(owner.clone()),
    };
    let names: Vec<R<String>> = owners.iter().map(name).collect();
    names.into_iter().collect()
}

fn owners_of(
    label: &str,
    wanted: Vec<Wanted>,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Owners>> {
    if wanted.is_empty() {
        if !out.has_errors() {
            let message = "a group needs an owner";
            out.problem(
                Problem::error("no_owner", label, message)
                    .advice("give owners: [\"eva\"], or set group_owner in the profile's defaults"),
            );
        }
        return Ok(None);
    }
    let (mut names, mut refs) = (Vec::new(), Vec::new());
    for owner in &wanted {
        match owner.planned.member {
            Member::Account(of) => {
                refs.push(of);
                names.push(match of {
                    OnlineRef::Known(id) => id.to_string(),
                    OnlineRef::MadeBy(_) => {
                        let person = view.person(subject_of(of))?;
                        person.online.map_or_else(String::new, |it| it.online_id.to_string())
                    }
                });
            }
            Member::Group(_) | Member::Recipient(_) => {
                let message =
                    format!("{} can't own a group: only a person can", owner.planned.label);
                out.problem(Problem::error("no_owner", label, message));
                return Ok(None);
            }
        }
    }
    Ok(Some(Owners { names, refs, members: wanted }))
}

fn check_text(label: &str, what: &str, text: &str, most: usize, out: &mut Edits) {
    let length = text.chars().count();
    let message = match length {
        0 if what == "name" => "a group needs a name".to_owned(),
        length if length > most => {
            format!("the {what} has {length} characters, at most {most} are allowed")
        }
        _ if text.chars().any(|c| c.is_control() && c != '\n') => {
            format!("the {what} has a character that can't be printed")
        }
        _ => return,
    };
    out.problem(Problem::error("invalid_value", label, message).value(text));
}

/// Letters, digits, dots, dashes and underscores: what every tenant takes (`exchange.md §11.5`).
fn check_alias(label: &str, alias: &str, out: &mut Edits) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_fine = (1..=64).contains(&alias.len())
        && alias.chars().all(allowed)
        && !alias.starts_with('.')
        && !alias.ends_with('.')
        && !alias.contains("..");
    if !is_fine {
        let message = format!("the alias {alias:?} can't be used");
        out.problem(
            Problem::error("invalid_value", label, message)
                .field(Field::Aliases)
                .value(alias)
                .advice("write 1 to 64 letters, digits, dots, dashes and underscores"),
        );
    }
}

/// Whether no other group and no mailbox has that alias; whoever has it is named. It is unique in the
/// tenant whatever the addresses are (`exchange.md §10.1`).
fn is_alias_free(
    label: &str,
    alias: &str,
    own: Subject,
    view: &View<'_>,
    out: &mut Edits,
) -> R<bool> {
    let taken = |holder: String| {
        Problem::error("alias_taken", label, format!("the alias {alias:?} is held by {holder}"))
            .field(Field::Aliases)
            .value(alias)
            .advice("choose another alias")
    };
    for subject in view.groups()? {
        let Some(group) = view.group(subject)?.filter(|_| subject != own) else { continue };
        if group.alias.eq_ignore_ascii_case(alias) {
            out.problem(taken(format!("group {}", group.display_name)));
            return Ok(false);
        }
    }
    let domains = view.mail_domains()?.iter();
    let addresses = domains.map(|domain| EmailAddress::received(format!("{alias}@{domain}")));
    // All are asked for before the first lack ends the question.
    let holders: Vec<R<_>> = addresses.map(|address| view.address_holder(&address)).collect();
    for holder in holders {
        let Some(AddressHolder { holder: Holder::Mailbox(of), label }) = holder? else { continue };
        let person = view.person(subject_of(of))?;
        if let Ok(mailbox) = view.mailbox(&person)?
            && mailbox.state.alias.eq_ignore_ascii_case(alias)
        {
            out.problem(taken(label));
            return Ok(false);
        }
    }
    Ok(true)
}

/// A name or an alias that another group gives up in the same plan may not be free in time: only a
/// deleted group's address, when it is taken over too, puts the two in an order. Otherwise a problem
/// says so.
fn is_freed_before(
    label: &str,
    (what, text): (&str, &str),
    own: Subject,
    address: Option<&EmailAddress>,
    view: &View<'_>,
    out: &mut Edits,
) -> R<()> {
    for group in view.facts().mail().groups(view.needs())? {
        let other = Subject::Group(group.id);
        let names = [&group.name, &group.display_name];
        let had = match what {
            "alias" => group.alias.eq_ignore_ascii_case(text),
            _ => names.iter().any(|name| name.to_lowercase() == text.to_lowercase()),
        };
        let is_in_order = address.is_some_and(|address| group.addresses.contains(address))
            && view.group(other)?.is_none();
        if had && other != own && !is_in_order {
            let message = format!(
                "{text} is the {what} of group {} until this plan is done",
                group.display_name
            );
            out.problem(
                Problem::error("name_taken", label, message)
                    .value(text)
                    .advice("call apply() in between, or do it in a run of its own"),
            );
            return Ok(());
        }
    }
    Ok(())
}
