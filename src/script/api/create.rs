//! `create_account` and `assign`: from options and rows to changes.

use rhai::{Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::given::Given;
use super::rows::RowHandle;
use super::verb::origin;
use crate::model::{CountryCode, Field, Problem, nearest};
use crate::plan::change::{Assign, Change, Subject};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::table::Row;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(create_api).into());
}

fn create_from_map(
    context: &NativeCallContext<'_>,
    options: &Map,
) -> Result<AccountHandle, Raised> {
    let session = session(context)?;
    let mut given = Given::default();
    given.take_map(options);
    let (origin, row) = origin(&session, context);
    match given.into_create(&session) {
        (Ok(create), password) => {
            let source = row.as_ref().map(Row::source);
            let no = session.record(Change::CreateAccount(create), origin, source, password);
            Ok(AccountHandle::new(&session, Some(session.handle(Subject::New(no)))))
        }
        (Err(problems), _) => Err(first(problems).row(row.map(|_| origin.label())).raise()),
    }
}

/// What is wrong with a row is a problem of the plan, shown with all the others; what is wrong with
/// the options for everybody is an error at once.
fn create_from_row(
    context: &NativeCallContext<'_>,
    row: &Row,
    common: &Map,
) -> Result<AccountHandle, Raised> {
    let session = session(context)?;
    let mut for_all = Given::default();
    for_all.take_map(common);
    if !for_all.problems.is_empty() {
        return Err(first(for_all.problems).raise());
    }
    let mut given = Given::default();
    given.take_row(row);
    given.fall_back_on(for_all);
    match given.into_create(&session) {
        (Ok(create), password) => {
            let no = session.record(
                Change::CreateAccount(create),
                row.origin(),
                Some(row.source()),
                password,
            );
            Ok(AccountHandle::new(&session, Some(session.handle(Subject::New(no)))))
        }
        (Err(problems), _) => {
            session.reject(row.origin(), problems);
            Ok(AccountHandle::new(&session, None))
        }
    }
}

fn assign_one(
    context: &NativeCallContext<'_>,
    account: &AccountHandle,
    options: &Map,
) -> Result<(), Raised> {
    const KEYS: &[Field] =
        &[Field::OnlineId, Field::Licenses, Field::Without, Field::UsageLocation];
    let session = session(context)?;
    for key in options.keys().filter(|key| key.as_str() != "domain") {
        if KEYS.iter().all(|field| field.name() != key.as_str()) {
            let fault = Fault::new(
                "unknown_field",
                format!("there is no option {:?} for assign", key.as_str()),
            )
            .field(key.as_str());
            let near = nearest(key, KEYS.iter().map(|field| field.name()).chain(["domain"]));
            return Err(match near {
                Some(near) => fault.hint(format!("did you mean {near}?")),
                None => fault,
            }
            .raise());
        }
    }
    let subject = account.subject().map_err(Fault::raise)?;
    let user = session.look(|view| view.user(subject)).map_err(Fault::raise)?;
    let Some(user) = user else {
        let fault =
            Fault::new("no_user", "an online account without user can't be assigned another one");
        return Err(fault.raise());
    };
    let mut given = Given { user_name: Some(user.name.to_string()), ..Given::default() };
    given.take_map(options);
    let mut online = given.wish(&session);
    if !given.problems.is_empty() {
        return Err(first(given.problems).raise());
    }
    if let Some(code) =
        given.details.get(Field::UsageLocation).and_then(|code| CountryCode::parse(code).ok())
    {
        online.usage_location = Some(code);
    }
    let (origin, row) = origin(&session, context);
    let change = Assign { account: subject, user_name: user.name.clone(), online };
    session.record(Change::Assign(change), origin, row.as_ref().map(Row::source), None);
    Ok(())
}

fn first(problems: Vec<Problem>) -> Fault {
    let first = problems.into_iter().next();
    first.map_or_else(|| Fault::new("bad_value", "the options can't be used"), Fault::from)
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod create_api {
    /// Gives a person a user and an online account with licences; what is there already stays, what
    /// is missing is made. `online: false` makes the user only.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg", country: "Germany" })
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn create_account(
        context: NativeCallContext,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        create_from_map(&context, &options)
    }

    /// Gives the person of a row a user and an online account. What is wrong with the row is shown
    /// with all other problems of the plan.
    ///
    /// ```rhai
    /// for row in read_csv("people.csv") {
    ///     create_account(row);
    /// }
    /// ```
    #[rhai_fn(name = "create_account", return_raw)]
    pub(crate) fn create_account_of_row(
        context: NativeCallContext,
        row: RowHandle,
    ) -> Result<AccountHandle, Raised> {
        create_from_row(&context, &row.0, &Map::new())
    }

    /// The same, with options for whatever the row doesn't say.
    ///
    /// ```rhai
    /// for row in read_csv("people.csv") {
    ///     create_account(row, #{ licenses: ["Microsoft 365 Business Basic"], without: ["Teams"] });
    /// }
    /// ```
    #[rhai_fn(name = "create_account", return_raw)]
    pub(crate) fn create_account_of_row_with(
        context: NativeCallContext,
        row: RowHandle,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        create_from_row(&context, &row.0, &options)
    }

    /// Gives a user a new online account.
    ///
    /// ```rhai
    /// account("grace").assign(#{ licenses: ["Microsoft 365 Business Basic"] })
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn assign(
        context: NativeCallContext,
        account: &mut AccountHandle,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        assign_one(&context, account, &options)?;
        Ok(account.of_verb())
    }

    /// Gives each of them a new online account.
    ///
    /// ```rhai
    /// accounts(["grace"]).assign(#{ licenses: ["Microsoft 365 Business Basic"] })
    /// ```
    #[rhai_fn(name = "assign", return_raw, pure)]
    pub(crate) fn assign_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        options: Map,
    ) -> Result<AccountList, Raised> {
        for account in accounts.clone() {
            assign_one(&context, &account, &options)?;
        }
        Ok(accounts.of_verb())
    }
}
