//! What all verbs share: whom they are about, and the row or line that asks.

use rhai::{Map, NativeCallContext};

use super::account::AccountHandle;
use super::account_list::AccountList;
use crate::model::{Origin, nearest};
use crate::plan::change::{Change, Whom};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::Row;

/// The row whose `for` is running, or the line of the script.
pub(super) fn origin(session: &Session, context: &NativeCallContext<'_>) -> (Origin, Option<Row>) {
    if let Some(row) = session.row() {
        return (row.origin(), Some(row));
    }
    let in_library = context.call_source().is_some_and(|source| source.starts_with("std:"));
    let line = context.call_position().line().filter(|_| !in_library);
    let line = line.and_then(|line| u32::try_from(line).ok()).unwrap_or(0);
    let what = session.what();
    let file = (what != "prompt" && what != "-c").then_some(what);
    (Origin { file, line, row: None }, None)
}

/// Records a change about one person.
pub(super) fn record(
    context: &NativeCallContext<'_>,
    account: &AccountHandle,
    change: impl FnOnce(Whom) -> Change,
) -> Result<AccountHandle, Raised> {
    let session = session(context)?;
    let whom = whom(&session, account).map_err(Fault::raise)?;
    let (origin, row) = origin(&session, context);
    session.record(change(whom), origin, row.as_ref().map(Row::source), None);
    Ok(account.of_verb())
}

/// Records a change about each of them.
pub(super) fn record_all(
    context: &NativeCallContext<'_>,
    accounts: &AccountList,
    change: impl Fn(Whom) -> Change,
) -> Result<AccountList, Raised> {
    for account in accounts.clone() {
        record(context, &account, &change)?;
    }
    Ok(accounts.of_verb())
}

/// The person behind a handle, with the name that it has at this point of the plan.
pub(super) fn whom(session: &Session, account: &AccountHandle) -> Result<Whom, Fault> {
    let subject = account.subject()?;
    let label = session.look(|view| {
        if let Some(user) = view.user(subject)? {
            return Ok(Some(user.name.to_string()));
        }
        Ok(view.person(subject)?.online.map(|online| online.online_id.to_string()))
    })?;
    let gone = || Fault::new("deleted", "this account is deleted at this point of the plan");
    Ok(Whom { account: subject, label: label.ok_or_else(gone)? })
}

/// Whether the only key of the options, `take_over`, is there and true. Anything else is an error.
pub(super) fn take_over(options: &Map) -> Result<bool, Raised> {
    known_keys(options, &["take_over"])?;
    match options.get("take_over") {
        None => Ok(false),
        Some(value) => value.as_bool().map_err(|kind| {
            let message = format!("take_over must be true or false, not {kind}");
            Fault::new("wrong_type", message).field("take_over").raise()
        }),
    }
}

/// Refuses a key that isn't one of these, with the nearest one.
pub(super) fn known_keys(options: &Map, keys: &[&str]) -> Result<(), Raised> {
    let Some(unknown) = options.keys().find(|key| !keys.contains(&key.as_str())) else {
        return Ok(());
    };
    let fault = Fault::new("unknown_field", format!("there is no option {:?}", unknown.as_str()))
        .field(unknown.as_str());
    Err(match nearest(unknown, keys.iter().copied()) {
        Some(near) => fault.hint(format!("did you mean {near}?")),
        None => fault.hint(format!("options are: {}", keys.join(", "))),
    }
    .raise())
}
