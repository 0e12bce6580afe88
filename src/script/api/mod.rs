//! What scripts can call: one file per object or family of functions.
//!
//! To add a function: in the file of its object, with a doc comment and an example that runs as a
//! test. To add an object: its file here and one line in [`register`].

mod account;
mod account_list;
mod account_table;
mod create;
mod deleted;
mod fields;
mod given;
mod input;
mod license;
mod licensing;
mod linking;
mod plan;
mod rows;
mod setting;
mod sides;
mod sign_in;
mod values;
mod verb;

use rhai::Engine;

use crate::model::nearest;

pub(super) use account::AccountHandle;
pub(super) use account_list::AccountList;
pub(super) use account_table::account_table;
pub(super) use deleted::{DeletedHandle, deleted_table};
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
    "read_csv",
    "write_csv",
    "today",
    "tenant",
    "directory",
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
    nearest(name, NAMES.iter().copied()).map(|near| format!("did you mean {near}?"))
}
