//! `group`: a distribution group, as a handle.

use std::sync::Arc;

use rhai::{Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::mail::look;
use super::members::{member_array, member_wishes, owner_array};
use super::options::{self, unknown_property};
use super::verb::{known_keys, origin};
use crate::accounts::R;
use crate::model::{EmailAddress, Group, RecipientKind, nearest};
use crate::plan::change::{
    AllMembers, Change, ChangeGroup, DeleteGroup, EditMembers, MemberWish, Subject, WhichGroup,
};
use crate::plan::view::View;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::{Handle, Session};
use crate::table::Row;

const PROPERTIES: &[&str] = &[
    "name",
    "display_name",
    "description",
    "alias",
    "email",
    "aliases",
    "outside_senders",
    "hidden",
    "members",
    "owners",
    "kind",
];

/// A group: an identity, never a copy.
#[derive(Clone)]
pub(in crate::script) struct GroupHandle {
    session: Arc<Session>,
    handle: Handle,
    /// What it was called when the handle was made.
    name: Arc<str>,
    /// Whether a verb gave it back, so that verbs can follow each other.
    is_of_verb: bool,
}

impl GroupHandle {
    pub(super) fn new(session: &Arc<Session>, handle: Handle, name: impl Into<Arc<str>>) -> Self {
        Self { session: Arc::clone(session), handle, name: name.into(), is_of_verb: false }
    }

    /// What a verb gives back. As the value of a whole script it says nothing: the results do.
    pub(super) fn of_verb(&self) -> Self {
        Self { is_of_verb: true, ..self.clone() }
    }

    pub(in crate::script) fn is_of_verb(&self) -> bool {
        self.is_of_verb
    }

    pub(super) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// What it was called when the handle was made, for lists.
    pub(in crate::script) fn label(&self) -> &str {
        &self.name
    }

    /// The group in terms of the current plan.
    pub(super) fn subject(&self) -> Result<Subject, Fault> {
        let subject = self.session.subject(self.handle);
        subject.ok_or_else(|| Fault::new("not_made", format!("group {} was not made", self.name)))
    }

    /// The group as the plan has it so far.
    pub(super) fn read(&self) -> Result<Arc<Group>, Fault> {
        let subject = self.subject()?;
        let group = look(&self.session, |view| view.group(subject))?;
        group.ok_or_else(|| {
            let message = format!("group {} is not there at this point of the plan", self.name);
            match subject {
                Subject::New(_) => {
                    Fault::new("not_made", message).hint("preview() says what is wrong with it")
                }
                _ => Fault::new("deleted", message),
            }
        })
    }

    /// The group in a change, with its name for messages.
    pub(super) fn which(&self) -> Result<WhichGroup, Fault> {
        let group = self.subject()?;
        // What is wrong with one that the plan makes is said once, in the check.
        let label = match group {
            Subject::New(_) => self.name.to_string(),
            _ => self.read()?.display_name.clone(),
        };
        Ok(WhichGroup { group, label })
    }
}

/// Makes the functions and properties known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<GroupHandle>("Group");
    engine.register_indexer_get(|_: &mut GroupHandle, name: &str| -> Result<Dynamic, Raised> {
        Err(unknown_property("a group", name, PROPERTIES).raise())
    });
    engine.register_global_module(exported_module!(group_api).into());
}

/// Records a change about a group.
pub(super) fn record_group(
    context: &NativeCallContext<'_>,
    group: &GroupHandle,
    change: impl FnOnce(WhichGroup) -> Change,
) -> Result<GroupHandle, Raised> {
    let session = session(context)?;
    let which = group.which().map_err(Fault::raise)?;
    let (origin, row) = origin(&session, context);
    session.record(change(which), origin, row.as_ref().map(Row::source), None);
    Ok(group.of_verb())
}

/// Names and addresses of groups.
fn names(view: &View<'_>) -> R<Vec<(Subject, Arc<Group>)>> {
    let mut all = Vec::new();
    for subject in view.groups()? {
        all.extend(view.group(subject)?.map(|group| (subject, group)));
    }
    Ok(all)
}

/// The group of that name, alias or address.
pub(super) fn find_group(session: &Arc<Session>, name: &str) -> Result<GroupHandle, Fault> {
    let name = name.trim();
    let found = look(session, |view| view.groups_called(name))?;
    match found.as_slice() {
        [one] => {
            let group = look(session, |view| view.group(*one))?;
            let shown = group.map_or_else(|| name.to_owned(), |group| group.display_name.clone());
            Ok(GroupHandle::new(session, session.handle(*one), shown))
        }
        [] => Err(no_such_group(session, name)?),
        several => {
            let all = look(session, names)?;
            let shown: Vec<String> = all
                .iter()
                .filter(|(subject, _)| several.contains(subject))
                .map(|(_, group)| match group.addresses.primary() {
                    Some(address) => format!("{} ({address})", group.display_name),
                    None => group.display_name.clone(),
                })
                .collect();
            let message = format!("{name:?} means several groups: {}", shown.join(" and "));
            Err(Fault::new("ambiguous", message).value(name).hint("name it by its address"))
        }
    }
}

fn no_such_group(session: &Arc<Session>, name: &str) -> Result<Fault, Fault> {
    if name.contains('@') {
        let address = EmailAddress::received(name);
        let other = look(session, |view| view.recipient_at(&address))?;
        if let Some(kind) = other.map(|it| it.kind).filter(RecipientKind::is_group) {
            let message = format!("{name} is a {kind}: only distribution groups are known here");
            return Ok(Fault::new("no_such_group", message).value(name));
        }
    }
    let fault = Fault::new("no_such_group", format!("there is no group called {name:?}"));
    let all = look(session, names)?;
    let known: Vec<String> = all
        .iter()
        .flat_map(|(_, group)| {
            let address = group.addresses.primary().map(|address| address.to_string());
            [Some(group.display_name.clone()), Some(group.alias.clone()), address]
        })
        .flatten()
        .collect();
    Ok(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => fault.value(name).hint(format!("did you mean {near:?}?")),
        None => fault.value(name).hint("groups() lists them, create_group(#{…}) makes one"),
    })
}

/// What `set` writes, each value checked by itself.
fn changed(session: &Arc<Session>, given: &Map, group: WhichGroup) -> Result<Change, Raised> {
    known_keys(given, &["name", "alias", "description", "outside_senders", "hidden", "owners"])?;
    let is_cleared = given.get("description").is_some_and(Dynamic::is_unit);
    let owners = given.get("owners").map(|owners| member_wishes(session, owners)).transpose();
    Ok(Change::ChangeGroup(ChangeGroup {
        group,
        name: options::text(given, "name")?,
        alias: options::text(given, "alias")?,
        description: options::text(given, "description")?.or(is_cleared.then(String::new)),
        outside_senders: options::yes_or_no(given, "outside_senders")?,
        hidden: options::yes_or_no(given, "hidden")?,
        owners: owners.map_err(Fault::raise)?,
    }))
}

fn members(
    context: &NativeCallContext<'_>,
    group: &GroupHandle,
    list: &Dynamic,
    change: impl FnOnce(WhichGroup, Vec<MemberWish>) -> EditMembers,
) -> Result<GroupHandle, Raised> {
    let wishes = member_wishes(&session(context)?, list).map_err(Fault::raise)?;
    record_group(context, group, |group| Change::EditMembers(change(group, wishes)))
}

fn exactly(group: WhichGroup, add: Vec<MemberWish>, all: AllMembers) -> EditMembers {
    EditMembers { group, add, remove: Vec::new(), all }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod group_api {
    /// A group as text: its name.
    ///
    /// ```rhai
    /// print(group("All staff"))
    /// ```
    #[rhai_fn(name = "to_string", name = "to_debug", pure)]
    pub(crate) fn group_text(group: &mut GroupHandle) -> String {
        group.name.to_string()
    }

    /// The distribution group of that name, alias or address. Throws `no_such_group` if there is none.
    ///
    /// ```rhai
    /// group("All staff").email
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn group(context: NativeCallContext, name: &str) -> Result<GroupHandle, Raised> {
        find_group(&session(&context)?, name).map_err(Fault::raise)
    }

    /// The name of a group, as people see it.
    ///
    /// ```rhai
    /// group("all").name
    /// ```
    #[rhai_fn(get = "name", return_raw, pure)]
    pub(crate) fn group_name(group: &mut GroupHandle) -> Result<String, Raised> {
        Ok(group.read().map_err(Fault::raise)?.display_name.clone())
    }

    /// The same as the group's `name`.
    ///
    /// ```rhai
    /// group("all").display_name
    /// ```
    #[rhai_fn(get = "display_name", return_raw, pure)]
    pub(crate) fn group_display_name(group: &mut GroupHandle) -> Result<String, Raised> {
        Ok(group.read().map_err(Fault::raise)?.display_name.clone())
    }

    /// What a group is for.
    ///
    /// ```rhai
    /// group("All staff").description
    /// ```
    #[rhai_fn(get = "description", return_raw, pure)]
    pub(crate) fn group_description(group: &mut GroupHandle) -> Result<String, Raised> {
        Ok(group.read().map_err(Fault::raise)?.description.clone())
    }

    /// A group's short name: what stood before the @ when it was made. It is no address.
    ///
    /// ```rhai
    /// group("All staff").alias
    /// ```
    #[rhai_fn(get = "alias", return_raw, pure)]
    pub(crate) fn group_alias(group: &mut GroupHandle) -> Result<String, Raised> {
        Ok(group.read().map_err(Fault::raise)?.alias.clone())
    }

    /// A group's primary address.
    ///
    /// ```rhai
    /// group("All staff").email
    /// ```
    #[rhai_fn(get = "email", return_raw, pure)]
    pub(crate) fn group_email(group: &mut GroupHandle) -> Result<Dynamic, Raised> {
        let primary = group.read().map_err(Fault::raise)?.addresses.primary();
        Ok(primary.map_or(Dynamic::UNIT, |address| address.to_string().into()))
    }

    /// A group's other addresses.
    ///
    /// ```rhai
    /// group("All staff").aliases.len()
    /// ```
    #[rhai_fn(get = "aliases", return_raw, pure)]
    pub(crate) fn group_aliases(group: &mut GroupHandle) -> Result<Dynamic, Raised> {
        let aliases = group.read().map_err(Fault::raise)?.addresses.aliases();
        let aliases: rhai::Array = aliases.iter().map(|it| it.to_string().into()).collect();
        Ok(Dynamic::from(aliases).into_read_only())
    }

    /// Whether people outside the organisation may send to a group.
    ///
    /// ```rhai
    /// groups().filter(|g| g.outside_senders)
    /// ```
    #[rhai_fn(get = "outside_senders", return_raw, pure)]
    pub(crate) fn group_outside_senders(group: &mut GroupHandle) -> Result<bool, Raised> {
        Ok(group.read().map_err(Fault::raise)?.outside_senders)
    }

    /// Whether address lists leave a group out.
    ///
    /// ```rhai
    /// groups().filter(|g| g.hidden)
    /// ```
    #[rhai_fn(get = "hidden", return_raw, pure)]
    pub(crate) fn group_hidden(group: &mut GroupHandle) -> Result<bool, Raised> {
        Ok(group.read().map_err(Fault::raise)?.is_hidden)
    }

    /// What kind of group: a distribution group, or a mail-enabled security group.
    ///
    /// ```rhai
    /// group("All staff").kind
    /// ```
    #[rhai_fn(get = "kind", return_raw, pure)]
    pub(crate) fn group_kind(group: &mut GroupHandle) -> Result<String, Raised> {
        Ok(group.read().map_err(Fault::raise)?.kind.to_string())
    }

    /// Who is in a group: accounts, groups, and for anybody else a map `#{ address, kind }`. A group
    /// in it counts as one.
    ///
    /// ```rhai
    /// group("All staff").members.len()
    /// ```
    #[rhai_fn(get = "members", return_raw, pure)]
    pub(crate) fn group_members(group: &mut GroupHandle) -> Result<Dynamic, Raised> {
        member_array(group).map_err(Fault::raise)
    }

    /// Who looks after a group: accounts, and for anybody else a map `#{ address, kind }`.
    ///
    /// ```rhai
    /// group("All staff").owners.map(|owner| owner.user_name)
    /// ```
    #[rhai_fn(get = "owners", return_raw, pure)]
    pub(crate) fn group_owners(group: &mut GroupHandle) -> Result<Dynamic, Raised> {
        owner_array(group).map_err(Fault::raise)
    }

    /// Writes properties of a group: `name`, `alias`, `description`, `outside_senders`, `hidden`, and
    /// exactly these `owners`. What isn't named stays as it is.
    ///
    /// ```rhai
    /// group("All staff").set(#{ description: "Everybody", outside_senders: false })
    /// ```
    #[rhai_fn(name = "set", return_raw, pure)]
    pub(crate) fn group_set(
        context: NativeCallContext,
        group: &mut GroupHandle,
        properties: Map,
    ) -> Result<GroupHandle, Raised> {
        let session = session(&context)?;
        let which = group.which().map_err(Fault::raise)?;
        let change = changed(&session, &properties, which)?;
        record_group(&context, group, |_| change)
    }

    /// Gives a group another name. Its addresses stay.
    ///
    /// ```rhai
    /// group("All staff").rename("Everybody")
    /// ```
    #[rhai_fn(name = "rename", return_raw, pure)]
    pub(crate) fn group_rename(
        context: NativeCallContext,
        group: &mut GroupHandle,
        name: &str,
    ) -> Result<GroupHandle, Raised> {
        let session = session(&context)?;
        let which = group.which().map_err(Fault::raise)?;
        let name = Map::from([("name".into(), Dynamic::from(name.to_owned()))]);
        let change = changed(&session, &name, which)?;
        record_group(&context, group, |_| change)
    }

    /// Takes people and groups into a group: a name, an address, an account, a list of accounts, a
    /// group, or an array of any of these.
    ///
    /// ```rhai
    /// group("All staff").add(["eva", group("Board")])
    /// ```
    #[rhai_fn(name = "add", return_raw, pure)]
    pub(crate) fn group_add(
        context: NativeCallContext,
        group: &mut GroupHandle,
        members: Dynamic,
    ) -> Result<GroupHandle, Raised> {
        super::members(&context, group, &members, |group, add| exactly(group, add, AllMembers::No))
    }

    /// Takes people and groups out of a group. Who isn't in it stays so.
    ///
    /// ```rhai
    /// group("All staff").remove("ada")
    /// ```
    #[rhai_fn(name = "remove", return_raw, pure)]
    pub(crate) fn group_remove(
        context: NativeCallContext,
        group: &mut GroupHandle,
        members: Dynamic,
    ) -> Result<GroupHandle, Raised> {
        super::members(&context, group, &members, |group, remove| EditMembers {
            remove,
            ..exactly(group, Vec::new(), AllMembers::No)
        })
    }

    /// Makes these the members of a group. Contacts, guests and shared mailboxes that aren't named
    /// stay in it.
    ///
    /// ```rhai
    /// group("All staff").set_members(accounts(["ada", "eva"]))
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_members(
        context: NativeCallContext,
        group: &mut GroupHandle,
        members: Dynamic,
    ) -> Result<GroupHandle, Raised> {
        super::members(&context, group, &members, |group, add| {
            exactly(group, add, AllMembers::People)
        })
    }

    /// The same; with `exact: true` contacts, guests and shared mailboxes that aren't named leave too.
    ///
    /// ```rhai
    /// group("All staff").set_members(["ada", "eva"], #{ exact: true })
    /// ```
    #[rhai_fn(name = "set_members", return_raw, pure)]
    pub(crate) fn set_members_with(
        context: NativeCallContext,
        group: &mut GroupHandle,
        members: Dynamic,
        options: Map,
    ) -> Result<GroupHandle, Raised> {
        known_keys(&options, &["exact"])?;
        let all = match options::yes_or_no(&options, "exact")? {
            Some(true) => AllMembers::Everybody,
            _ => AllMembers::People,
        };
        super::members(&context, group, &members, |group, add| exactly(group, add, all))
    }

    /// Deletes a group for good; the people in it stay. There is no recycle bin for groups.
    ///
    /// ```rhai
    /// group("Board").delete()
    /// ```
    #[rhai_fn(name = "delete", return_raw, pure)]
    pub(crate) fn group_delete(
        context: NativeCallContext,
        group: &mut GroupHandle,
    ) -> Result<GroupHandle, Raised> {
        record_group(&context, group, |group| Change::DeleteGroup(DeleteGroup { group }))
    }
}
