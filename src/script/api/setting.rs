//! Verbs about a person's fields and names.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::{AccountHandle, find};
use super::account_list::AccountList;
use super::verb::{known_keys, record, record_all, whom};
use crate::model::field::{Access, FIELDS, Kind};
use crate::model::{CountryCode, Field, OnlineId, UserName, nearest};
use crate::plan::change::{Change, LastDay, Manager, OnlineName, Rename, SetFields, Whom};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(setting_api).into());
}

/// Values that were given for fields, each checked by itself.
#[derive(Clone, Default)]
struct Values {
    texts: BTreeMap<Field, Option<String>>,
    expires: Option<LastDay>,
    must_change_password: Option<bool>,
    manager: Option<Manager>,
}

impl Values {
    fn read(session: &Arc<Session>, fields: &Map) -> Result<Self, Raised> {
        let mut values = Self::default();
        for (name, value) in fields {
            let field = settable(name)?;
            match (field, field.spec().kind) {
                (Field::Expires, _) => values.expires = Some(day(value)?),
                (Field::MustChangePassword, _) => {
                    let must =
                        value.as_bool().map_err(|kind| wrong(field, "true or false", kind))?;
                    values.must_change_password = Some(must);
                }
                (Field::Manager, _) => values.manager = Some(manager(session, value)?),
                (_, kind) => {
                    values.texts.insert(field, text(field, kind, value)?);
                }
            }
        }
        Ok(values)
    }

    fn change(&self, whom: Whom) -> Change {
        let Self { texts, expires, must_change_password, manager } = self.clone();
        Change::SetFields(SetFields { whom, texts, expires, must_change_password, manager })
    }
}

/// The field of that name, if `set` writes it; another verb may.
fn settable(name: &str) -> Result<Field, Raised> {
    let written = |field: Field| {
        field.is_detail()
            || matches!(field, Field::Expires | Field::MustChangePassword | Field::Manager)
    };
    let Ok(field) = name.parse::<Field>() else {
        let fault =
            Fault::new("unknown_field", format!("an account has no field {name:?}")).field(name);
        let names = FIELDS.iter().filter(|spec| written(spec.field)).map(|spec| spec.name);
        return Err(match nearest(name, names) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        }
        .raise());
    };
    if written(field) {
        return Ok(field);
    }
    let fault = Fault::new("read_only", format!("{name} can't be set")).field(name);
    Err(match field {
        Field::UserName | Field::OnlineId => fault.hint("use rename"),
        Field::Enabled | Field::CanSignIn => fault.hint("use enable or disable"),
        Field::Licenses | Field::Without => fault.hint("use set_licenses"),
        Field::Password => fault.hint("use reset_password"),
        _ if field.spec().access == Access::ReadOnly => fault.hint("it follows from other things"),
        _ => fault,
    }
    .raise())
}

fn text(field: Field, kind: Kind, value: &Dynamic) -> Result<Option<String>, Raised> {
    if value.is_unit() {
        return Ok(None);
    }
    if !(value.is_string() || value.is_int()) {
        return Err(wrong(field, "a text", value.type_name()));
    }
    let text = value.to_string().trim().to_owned();
    let refused = |message: String| {
        Fault::new("bad_value", message).field(field.name()).value(text.as_str()).raise()
    };
    if kind == Kind::Country {
        let code = CountryCode::parse(&text).map_err(|reason| refused(reason.to_string()))?;
        return Ok(Some(code.as_str().to_owned()));
    }
    let length = text.chars().count();
    if let Some(limit) = field.spec().max_chars.filter(|limit| length > *limit) {
        return Err(refused(format!(
            "{field} has {length} characters, at most {limit} are allowed"
        )));
    }
    if text.chars().any(char::is_control) {
        return Err(refused(format!("{field} has a character that can't be printed")));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A handle, or the name of somebody.
fn manager(session: &Arc<Session>, value: &Dynamic) -> Result<Manager, Raised> {
    if value.is_unit() {
        return Ok(Manager::Nobody);
    }
    let account = match value.clone().try_cast::<AccountHandle>() {
        Some(account) => account,
        None => find(session, &value.to_string()).map_err(Fault::raise)?,
    };
    whom(session, &account).map(Manager::Person).map_err(Fault::raise)
}

fn day(value: &Dynamic) -> Result<LastDay, Raised> {
    if value.is_unit() {
        return Ok(LastDay::Never);
    }
    let text = value.to_string();
    text.parse().map(LastDay::On).map_err(|_| {
        let fault = Fault::new("bad_value", format!("{text:?} is not a date"));
        fault.field("expires").value(text.as_str()).hint("write it as 2027-01-31").raise()
    })
}

fn wrong(field: Field, wanted: &str, got: &str) -> Raised {
    let message = format!("{field} must be {wanted}, not {got}");
    Fault::new("wrong_type", message).field(field.name()).raise()
}

fn parsed_name(text: &str) -> Result<UserName, Raised> {
    UserName::parse(text).map_err(|reason| {
        let fault =
            Fault::new("invalid_user_name", format!("the user name can't be used: {reason}"));
        fault.field("user_name").value(text).raise()
    })
}

fn names_of(names: &Map) -> Result<(Option<UserName>, Option<OnlineName>), Raised> {
    known_keys(names, &["user_name", "online_id"])?;
    let user_name =
        names.get("user_name").map(|name| parsed_name(&name.to_string())).transpose()?;
    let online = names.get("online_id").map(|name| {
        let text = name.to_string();
        if !text.contains('@') {
            return Ok(OnlineName::Local(text));
        }
        OnlineId::parse(&text).map(OnlineName::Full).map_err(|reason| {
            let fault =
                Fault::new("invalid_online_id", format!("the online ID can't be used: {reason}"));
            fault.field("online_id").value(text.as_str()).raise()
        })
    });
    Ok((user_name, online.transpose()?))
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod setting_api {
    /// Writes fields, each where it lives; `()` clears one.
    ///
    /// ```rhai
    /// account("ada").set(#{ department: "Sales", expires: "2031-01-31", office: () })
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set(
        context: NativeCallContext,
        account: &mut AccountHandle,
        fields: Map,
    ) -> Result<AccountHandle, Raised> {
        let given = Values::read(&session(&context)?, &fields)?;
        record(&context, account, |whom| given.change(whom))
    }

    /// Writes the same fields of each of them.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).set(#{ department: "Sales" })
    /// ```
    #[rhai_fn(name = "set", return_raw, pure)]
    pub(crate) fn set_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        fields: Map,
    ) -> Result<AccountList, Raised> {
        let given = Values::read(&session(&context)?, &fields)?;
        record_all(&context, accounts, |whom| given.change(whom))
    }

    /// Gives another user name, and the online account the online ID that goes with it.
    ///
    /// ```rhai
    /// account("ada").rename("ada.king")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn rename(
        context: NativeCallContext,
        account: &mut AccountHandle,
        user_name: &str,
    ) -> Result<AccountHandle, Raised> {
        let name = parsed_name(user_name)?;
        record(&context, account, |whom| {
            let online = Some(OnlineName::Suggested);
            Change::Rename(Rename { whom, user_name: Some(name), online })
        })
    }

    /// Gives another user name, another online ID, or both.
    ///
    /// ```rhai
    /// account("ada").rename(#{ online_id: "ada.king@contoso.com" })
    /// ```
    #[rhai_fn(name = "rename", return_raw, pure)]
    pub(crate) fn rename_halves(
        context: NativeCallContext,
        account: &mut AccountHandle,
        names: Map,
    ) -> Result<AccountHandle, Raised> {
        let (user_name, online) = names_of(&names)?;
        record(&context, account, |whom| Change::Rename(Rename { whom, user_name, online }))
    }
}
