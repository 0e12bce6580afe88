//! What scripts can call: one file per object or family of functions.
//!
//! To add a function: in the file of its object, with a doc comment and an example that runs as a
//! test. To add an object: its file here and one line in [`register`].

mod account;
mod account_list;
mod account_table;
mod alias;
mod alias_list;
mod aliases;
mod auto_reply;
mod create;
mod create_group;
mod deleted;
mod fields;
mod given;
mod group;
mod group_list;
mod group_table;
mod input;
mod license;
mod licensing;
mod linking;
mod mail;
mod mailbox;
mod members;
mod memberships;
mod options;
mod plan;
mod rows;
mod setting;
mod sides;
mod sign_in;
mod sort_key;
mod values;
mod verb;

use rhai::Engine;

use crate::model::nearest;

pub(super) use account::AccountHandle;
pub(super) use account_list::AccountList;
pub(super) use account_table::account_table;
pub(super) use alias::{AliasHandle, alias_table};
pub(super) use alias_list::AliasList;
pub(super) use deleted::{DeletedHandle, deleted_table};
pub(super) use group::GroupHandle;
pub(super) use group_list::GroupList;
pub(super) use group_table::{account_name, group_table, member_table, whole_group};
pub(super) use license::{LicenseHandle, LicenseList, license_table};
pub(super) use values::value_of;

/// Makes everything known to an engine.
pub(super) fn register(engine: &mut Engine) {
    account::register(engine);
    account_list::register(engine);
    create::register(engine);
    license::register(engine);
    plan::register(engine);
    rows::register(engine);
    input::register(engine);
    sides::register(engine);
    sign_in::register(engine);
    linking::register(engine);
    licensing::register(engine);
    setting::register(engine);
    deleted::register(engine);
    alias::register(engine);
    alias_list::register(engine);
    aliases::register(engine);
    create_group::register(engine);
    group::register(engine);
    group_list::register(engine);
    mailbox::register(engine);
    memberships::register(engine);
}

/// The functions and verbs that scripts know, for "did you mean".
const NAMES: &[&str] = &[
    "account",
    "accounts",
    "online_accounts",
    "create_account",
    "assign",
    "unassign",
    "disable",
    "enable",
    "unlock",
    "sign_out",
    "reset_password",
    "require_password_change",
    "link",
    "unlink",
    "relink",
    "add_license",
    "remove_license",
    "set_licenses",
    "set",
    "rename",
    "delete",
    "restore",
    "deleted_account",
    "deleted_accounts",
    "license",
    "licenses",
    "alias",
    "aliases",
    "make_primary",
    "add_alias",
    "remove_alias",
    "set_aliases",
    "set_primary_address",
    "group",
    "groups",
    "create_group",
    "add",
    "remove",
    "set_members",
    "add_to_group",
    "remove_from_group",
    "set_groups",
    "convert_to_shared",
    "convert_to_regular",
    "forward_to",
    "stop_forwarding",
    "set_auto_reply",
    "end_auto_reply",
    "grant_access",
    "revoke_access",
    "hide_from_address_list",
    "show_in_address_list",
    "read_csv",
    "write_csv",
    "today",
    "tenant",
    "directory",
    "set_password_policy",
    "date",
    "free_user_name",
    "apply",
    "preview",
    "save",
    "print",
    "warn",
    "fail",
    "filter",
    "map",
    "sort_by",
];

/// The nearest function for a name that isn't one.
pub(super) fn nearest_function(name: &str) -> Option<String> {
    if NAMES.contains(&name) {
        // There is one, but not for this.
        return Some(format!("acctsh knows {name} for other things: help {name} says for which"));
    }
    nearest(name, NAMES.iter().copied()).map(|near| format!("did you mean {near}?"))
}
