//! `delete`, `restore`, and who is in the recycle bins.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::values::dynamic;
use super::verb::{origin, record, record_all};
use crate::accounts::R;
use crate::model::nearest;
use crate::plan::change::{Change, Delete, Restore, Subject, Whom};
use crate::plan::view::View;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::{ColumnHead, Row, Table, Value};

/// A person in the recycle bins: the user, the online account, or both.
#[derive(Clone, Debug)]
pub(in crate::script) struct DeletedHandle(Arc<DeletedPerson>);

#[derive(Debug)]
struct DeletedPerson {
    subject: Subject,
    user_name: Option<String>,
    online_id: Option<String>,
    display_name: String,
    deleted: Option<jiff::Timestamp>,
}

const PROPERTIES: &[&str] = &["user_name", "online_id", "display_name", "deleted"];

fn property(person: &DeletedHandle, name: &str) -> Value {
    let it = &person.0;
    match name {
        "user_name" => it.user_name.clone().into(),
        "online_id" => it.online_id.clone().into(),
        "display_name" => it.display_name.clone().into(),
        _ => it.deleted.map_or(Value::Nothing, Value::from),
    }
}

/// Deleted people as a table.
pub(in crate::script) fn deleted_table(people: &[DeletedHandle]) -> Table {
    let row =
        |person: &DeletedHandle| PROPERTIES.iter().map(|name| property(person, name)).collect();
    let heads = PROPERTIES.iter().map(|name| match *name {
        "user_name" | "online_id" => ColumnHead::essential(*name),
        other => ColumnHead::new(other),
    });
    Table { columns: heads.collect(), rows: people.iter().map(row).collect() }
}

/// Users that were deleted, each with its online account if that is in the bin too; then online
/// accounts that had no user. The latest first.
fn everybody(view: &View<'_>) -> R<Vec<DeletedHandle>> {
    let accounts = view.deleted_accounts();
    let users = view.deleted_users()?;
    let accounts = accounts?;
    let mut people = Vec::new();
    let mut with_user = Vec::new();
    for deleted in users {
        let online = deleted.other_half(accounts);
        with_user.extend(online.map(|it| it.account.id));
        let user = &deleted.user;
        let shown = user.details.get(crate::model::Field::DisplayName);
        people.push(DeletedPerson {
            subject: Subject::User(user.guid),
            user_name: Some(user.name.to_string()),
            online_id: online.map(|it| it.account.online_id.to_string()),
            display_name: shown.unwrap_or(user.name.as_str()).to_owned(),
            deleted: Some(deleted.deleted),
        });
    }
    for deleted in accounts.iter().filter(|it| !with_user.contains(&it.account.id)) {
        people.push(DeletedPerson {
            subject: Subject::Online(deleted.account.id),
            user_name: None,
            online_id: Some(deleted.account.online_id.to_string()),
            display_name: deleted.account.display_name().to_owned(),
            deleted: deleted.deleted,
        });
    }
    people.sort_by_key(|person| std::cmp::Reverse(person.deleted));
    Ok(people.into_iter().map(|person| DeletedHandle(Arc::new(person))).collect())
}

fn find(session: &Session, name: &str) -> Result<DeletedHandle, Fault> {
    let people = session.look(everybody)?;
    let is_called = |person: &&DeletedHandle| {
        let names = [&person.0.user_name, &person.0.online_id];
        names.into_iter().flatten().any(|known| known.to_lowercase() == name.to_lowercase())
    };
    // Of several who had the name one after the other, the latest is meant.
    if let Some(found) = people.iter().find(is_called) {
        return Ok(found.clone());
    }
    let names = people.iter().flat_map(|it| [it.0.user_name.as_deref(), it.0.online_id.as_deref()]);
    let message = format!("nobody called {name:?} is in the recycle bins");
    let fault = Fault::new("no_such_account", message).value(name);
    Err(match nearest(name, names.flatten()) {
        Some(near) => fault.hint(format!("did you mean {near:?}?")),
        None => fault,
    })
}

/// Makes the functions and properties known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<DeletedHandle>("DeletedAccount");
    for name in PROPERTIES {
        engine
            .register_get(*name, move |person: &mut DeletedHandle| dynamic(property(person, name)));
    }
    engine.register_global_module(exported_module!(deleted_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod deleted_api {
    /// Removes both halves. The tenant keeps its half for 30 days; `restore` brings both back.
    ///
    /// ```rhai
    /// account("ada").delete()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn delete(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Delete(Delete { whom }))
    }

    /// Removes both halves of each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).delete()
    /// ```
    #[rhai_fn(name = "delete", return_raw, pure)]
    pub(crate) fn delete_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Delete(Delete { whom }))
    }

    /// Everybody in the recycle bins of directory and tenant, the latest first.
    ///
    /// ```rhai
    /// deleted_accounts().len()
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn deleted_accounts(context: NativeCallContext) -> Result<Array, Raised> {
        let people = session(&context)?.look(everybody).map_err(Fault::raise)?;
        Ok(people.into_iter().map(Dynamic::from).collect())
    }

    /// The person in the recycle bins who had that user name or online ID.
    ///
    /// ```rhai
    /// account("ada").delete();
    /// apply();
    /// deleted_account("ada").restore()
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn deleted_account(
        context: NativeCallContext,
        name: &str,
    ) -> Result<DeletedHandle, Raised> {
        find(&*session(&context)?, name).map_err(Fault::raise)
    }

    /// Brings both halves back, with licences as they were.
    ///
    /// ```rhai
    /// account("ada").delete();
    /// apply();
    /// deleted_account("ada").restore()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn restore(
        context: NativeCallContext,
        person: &mut DeletedHandle,
    ) -> Result<AccountHandle, Raised> {
        let session = session(&context)?;
        let person = &person.0;
        let label = person.user_name.as_ref().or(person.online_id.as_ref());
        let whom = Whom { account: person.subject, label: label.cloned().unwrap_or_default() };
        let (origin, row) = origin(&session, &context);
        let change = Change::Restore(Restore { whom });
        session.record(change, origin, row.as_ref().map(Row::source), None);
        Ok(AccountHandle::new(&session, Some(session.handle(person.subject))))
    }
}
