//! `create_account` and `assign`: from options and rows to changes.

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::{AccountHandle, AccountList};
use super::rows::{RowHandle, SecretCell};
use crate::model::field::{Access, FIELDS};
use crate::model::{
    AccessLevel, CountryCode, Details, DomainName, Field, LicenseName, OnlineId, Origin, Problem,
    Secret, UserGuid, UserName, nearest,
};
use crate::plan::change::{Assign, Change, CreateAccount, OnlineName, OnlineWish, Subject};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::{CellText, Row};

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(create_api).into());
}

/// Options that are no fields of a person.
const OPTIONS: &[&str] = &["online", "domain"];

/// Everything that was said about a person, each value in its own form.
#[derive(Default)]
struct Given {
    details: Details,
    user_name: Option<String>,
    online_id: Option<String>,
    domain: Option<DomainName>,
    licenses: Option<Vec<LicenseName>>,
    without: Vec<String>,
    enabled: Option<bool>,
    must_change_password: Option<bool>,
    expires: Option<jiff::civil::Date>,
    access_level: Option<AccessLevel>,
    online: Option<bool>,
    password: Option<Secret>,
    problems: Vec<Problem>,
}

impl Given {
    fn label(&self) -> String {
        self.user_name.clone().unwrap_or_default()
    }

    fn wrong(
        &mut self,
        code: &'static str,
        field: Option<Field>,
        value: &str,
        message: String,
        advice: Option<String>,
    ) {
        let mut problem = Problem::error(code, self.label(), message).value(value);
        problem.field = field;
        problem.advice = advice;
        self.problems.push(problem);
    }

    /// A name that is no field.
    fn unknown(&mut self, what: &str, name: &str, shown: &str) {
        let names = FIELDS.iter().filter(|spec| is_taken(spec.field)).map(|spec| spec.name);
        let near = nearest(name, names.chain(OPTIONS.iter().copied()));
        let advice = Some(match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("remove the {what}, or give it the name of a field"),
        });
        self.wrong(
            "unknown_field",
            None,
            shown,
            format!("there is no {what} {shown:?} for an account"),
            advice,
        );
    }

    /// Takes a text for a field; an empty one says nothing.
    fn take(&mut self, field: Field, text: &str) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        match field {
            Field::UserName => self.user_name = Some(text.to_owned()),
            Field::OnlineId => self.online_id = Some(text.to_owned()),
            Field::Licenses => {
                let names = split(text).map(|name| LicenseName(name.to_owned()));
                self.licenses.get_or_insert_default().extend(names);
            }
            Field::Without => self.without.extend(split(text).map(str::to_owned)),
            Field::Enabled => self.enabled = self.yes_or_no(field, text),
            Field::MustChangePassword => self.must_change_password = self.yes_or_no(field, text),
            Field::Expires => match text.parse() {
                Ok(date) => self.expires = Some(date),
                Err(_) => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not a date"),
                    Some("write it as 2027-01-31".to_owned()),
                ),
            },
            Field::AccessLevel => match text.to_lowercase().as_str() {
                "standard" => self.access_level = Some(AccessLevel::Standard),
                "administrator" => self.access_level = Some(AccessLevel::Administrator),
                _ => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not an access level"),
                    Some("it is standard or administrator".to_owned()),
                ),
            },
            Field::UsageLocation => match CountryCode::parse(text) {
                Ok(code) => self.details.set(field, code.as_str()),
                Err(reason) => self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    reason.to_string(),
                    Some("write a code of two letters, such as US".to_owned()),
                ),
            },
            detail => self.take_detail(detail, text),
        }
    }

    fn take_detail(&mut self, field: Field, text: &str) {
        let length = text.chars().count();
        if let Some(limit) = field.spec().max_chars
            && length > limit
        {
            let shown: String = text.chars().take(40).chain("…".chars()).collect();
            let message = format!("{field} has {length} characters, at most {limit} are allowed");
            return self.wrong(
                "too_long",
                Some(field),
                &shown,
                message,
                Some("shorten it".to_owned()),
            );
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t') {
            let shown: String = text.chars().filter(|c| !c.is_control()).collect();
            let message = format!("{field} has a character that can't be printed");
            return self.wrong(
                "bad_value",
                Some(field),
                &shown,
                message,
                Some("remove it".to_owned()),
            );
        }
        self.details.set(field, text);
    }

    fn yes_or_no(&mut self, field: Field, text: &str) -> Option<bool> {
        match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => {
                let advice = Some("write yes or no".to_owned());
                self.wrong(
                    "bad_value",
                    Some(field),
                    text,
                    format!("{text:?} is not yes or no"),
                    advice,
                );
                None
            }
        }
    }

    fn take_row(&mut self, row: &Row) {
        // The user name first: problems name it.
        if let Some(name) = row.by_field(Field::UserName) {
            self.take(Field::UserName, name);
        }
        for (column, cell) in row.cells() {
            match (column.field, column.name.as_str(), cell) {
                (Some(Field::Password), _, _) => {}
                (Some(Field::UserName), ..) => {}
                (Some(field), _, CellText::Plain(text)) => self.take(field, text),
                (None, "online", CellText::Plain(text)) if !text.is_empty() => {
                    self.online = self.yes_or_no(Field::OnlineId, text);
                }
                (None, "online", _) => {}
                (None, name, _) => self.unknown("column", name, &column.header),
                (Some(_), _, CellText::Secret(_)) => {}
            }
        }
        self.password = row.secret().cloned();
    }

    /// Takes the options of a map. A wrong one is an error at once.
    fn take_map(&mut self, map: &Map) {
        if let Some(name) = map.get("user_name") {
            self.take(Field::UserName, &name.to_string());
        }
        for (key, value) in map {
            let field = key.parse::<Field>().ok().filter(|field| is_taken(*field));
            match (key.as_str(), field) {
                ("online", _) => match value.as_bool() {
                    Ok(online) => self.online = Some(online),
                    Err(kind) => self.wrong_type(key, "true or false", kind),
                },
                ("domain", _) if value.is_unit() => {}
                ("domain", _) => match DomainName::parse(&value.to_string()) {
                    Ok(domain) => self.domain = Some(domain),
                    Err(reason) => {
                        let message = format!("the domain can't be used: {reason}");
                        self.wrong("bad_value", None, &value.to_string(), message, None);
                    }
                },
                (_, Some(Field::Password)) => self.take_password(value),
                (_, Some(field)) => self.take_value(field, value),
                (name, None) => self.unknown("option", name, name),
            }
        }
    }

    fn take_password(&mut self, value: &Dynamic) {
        if let Some(cell) = value.read_lock::<SecretCell>() {
            self.password = Some(cell.0.clone());
        } else if let Ok(text) = value.as_immutable_string_ref() {
            self.password = (!text.is_empty()).then(|| Secret::new(text.to_string()));
        } else if !value.is_unit() {
            self.wrong_type("password", "a text", value.type_name());
        }
    }

    fn take_value(&mut self, field: Field, value: &Dynamic) {
        if value.is_unit() {
            return;
        }
        if let Some(array) = value.read_lock::<Array>() {
            if matches!(field, Field::Licenses | Field::Without) {
                if field == Field::Licenses {
                    self.licenses.get_or_insert_default();
                }
                for text in array.iter().map(ToString::to_string) {
                    // An element of a list is one name, whatever stands in it.
                    match field {
                        Field::Licenses => {
                            self.licenses.get_or_insert_default().push(LicenseName(text))
                        }
                        _ => self.without.push(text),
                    }
                }
            } else {
                self.wrong_type(field.name(), "a single value", "an array");
            }
            return;
        }
        if value.is_string() || value.is_bool() || value.is_int() {
            self.take(field, &value.to_string());
        } else {
            self.wrong_type(field.name(), "a text", value.type_name());
        }
    }

    fn wrong_type(&mut self, name: &str, wanted: &str, got: &str) {
        let message = format!("{name} must be {wanted}, not {got}");
        self.wrong("wrong_type", name.parse().ok(), got, message, None);
    }

    /// What the row or map doesn't say is taken from the options for everybody.
    fn fall_back_on(&mut self, common: Given) {
        for (field, text) in common.details.iter() {
            if self.details.get(field).is_none() {
                self.details.set(field, text);
            }
        }
        self.domain = self.domain.take().or(common.domain);
        self.licenses = self.licenses.take().or(common.licenses);
        if self.without.is_empty() {
            self.without = common.without;
        }
        self.enabled = self.enabled.or(common.enabled);
        self.must_change_password = self.must_change_password.or(common.must_change_password);
        self.expires = self.expires.or(common.expires);
        self.access_level = self.access_level.or(common.access_level);
        self.online = self.online.or(common.online);
        self.problems.extend(common.problems);
    }

    /// The online half that is wanted.
    fn wish(&mut self, session: &Session) -> OnlineWish {
        let defaults = session.profile().defaults();
        let name = match self.online_id.clone() {
            None => OnlineName::Suggested,
            Some(text) if text.contains('@') => match OnlineId::parse(&text) {
                Ok(online_id) => OnlineName::Full(online_id),
                Err(reason) => {
                    let message = format!("the online ID can't be used: {reason}");
                    self.wrong("invalid_online_id", Some(Field::OnlineId), &text, message, None);
                    OnlineName::Suggested
                }
            },
            Some(local) => OnlineName::Local(local),
        };
        OnlineWish {
            name,
            domain: self.domain.clone().or_else(|| defaults.domain.clone()),
            licenses: self.licenses.clone().unwrap_or_else(|| defaults.licenses.clone()),
            without: self.without.clone(),
            usage_location: defaults.usage_location,
        }
    }

    fn into_create(
        mut self,
        session: &Session,
    ) -> (Result<CreateAccount, Vec<Problem>>, Option<Secret>) {
        // "User Name" may be a whole online ID (graph.md §18.1).
        if let Some(text) = self.user_name.clone()
            && let Some((local, _)) = text.split_once('@')
        {
            if self.online_id.is_none() {
                self.online_id = Some(text.clone());
            }
            self.user_name = Some(local.to_owned());
        }
        let user_name = match self.user_name.as_deref().map(UserName::parse) {
            Some(Ok(name)) => Some(name),
            Some(Err(reason)) => {
                let text = self.label();
                let message = format!("the user name can't be used: {reason}");
                self.wrong("invalid_user_name", Some(Field::UserName), &text, message, None);
                None
            }
            None => {
                let advice = Some("fill the column user_name".to_owned());
                self.wrong(
                    "no_user_name",
                    Some(Field::UserName),
                    "",
                    "there is no user name".to_owned(),
                    advice,
                );
                None
            }
        };
        let online = match self.online {
            Some(false) => None,
            _ => Some(self.wish(session)),
        };
        let Some(user_name) = user_name.filter(|_| self.problems.is_empty()) else {
            return (Err(self.problems), None);
        };
        let create = CreateAccount {
            guid: UserGuid::random(),
            user_name,
            details: self.details,
            enabled: self.enabled.unwrap_or(true),
            must_change_password: self.must_change_password.unwrap_or(true),
            expires: self.expires,
            access_level: self.access_level.unwrap_or_default(),
            online,
            password_given: self.password.is_some(),
        };
        (Ok(create), self.password)
    }
}

/// Names in one cell.
fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '|']).map(str::trim).filter(|name| !name.is_empty())
}

/// Whether `create_account` takes the field.
fn is_taken(field: Field) -> bool {
    field.spec().access != Access::ReadOnly
}

/// The row whose `for` is running, or the line of the script.
fn origin(session: &Session, context: &NativeCallContext<'_>) -> (Origin, Option<Row>) {
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
    let session = session(context)?;
    const KEYS: &[Field] =
        &[Field::OnlineId, Field::Licenses, Field::Without, Field::UsageLocation];
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
        Ok(account.clone())
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
        Ok(accounts.clone())
    }
}
