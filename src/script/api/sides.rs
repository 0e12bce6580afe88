//! `tenant`, `directory`: what both sides are.

use rhai::{Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::verb::origin;
use crate::model::{PasswordPolicy, nearest};
use crate::plan::change::{Change, SetPasswordPolicy};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::Row;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(sides_api).into());
}

fn tenant_facts(session: &Session) -> Result<Map, Fault> {
    let (organization, domains) = session.look(|view| {
        let organization = view.facts().organization(view.needs());
        let domains = view.domains();
        Ok((organization?.clone(), domains?.clone()))
    })?;
    let default = domains.iter().find(|domain| domain.is_default);
    let verified = domains.iter().filter(|domain| domain.is_verified);
    let verified: rhai::Array = verified.map(|domain| domain.name.to_string().into()).collect();
    let or_nothing = |text: Option<String>| text.map_or(Dynamic::UNIT, Dynamic::from);
    Ok(Map::from([
        ("id".into(), organization.id.to_string().into()),
        ("name".into(), organization.name.into()),
        ("country".into(), or_nothing(organization.country.map(|code| code.as_str().to_owned()))),
        ("default_domain".into(), or_nothing(default.map(|domain| domain.name.to_string()))),
        ("domains".into(), verified.into()),
        ("is_synchronized".into(), organization.is_synchronized.into()),
        ("profile".into(), session.profile().name().to_owned().into()),
    ]))
}

fn directory_facts(session: &Session) -> Result<Map, Fault> {
    let (facts, policy) = session.look(|view| {
        let facts = view.facts().directory(view.needs())?.clone();
        Ok((facts, view.password_policy()?))
    })?;
    Ok(Map::from([
        ("id".into(), facts.identity.id.to_string().into()),
        ("kind".into(), facts.identity.kind.into()),
        ("people".into(), rhai::INT::try_from(facts.people).unwrap_or(rhai::INT::MAX).into()),
        ("password_policy".into(), policy.to_string().into()),
    ]))
}

/// Records another level of the directory's password policy.
fn record_level(context: &NativeCallContext<'_>, name: &str) -> Result<(), Raised> {
    let level = PasswordPolicy::level(name).ok_or_else(|| no_such_level(name).raise())?;
    let session = session(context)?;
    let (origin, row) = origin(&session, context);
    let password_home = session.profile().password_home();
    let change = SetPasswordPolicy { level, password_home, is_needed: false };
    session.record(Change::SetPasswordPolicy(change), origin, row.as_ref().map(Row::source), None);
    Ok(())
}

fn no_such_level(name: &str) -> Fault {
    let levels = PasswordPolicy::LEVELS.map(|level| level.to_string());
    let message = format!("there is no password policy {name:?}");
    let fault = Fault::new("unknown_policy", message).value(name);
    match nearest(name, levels.iter().map(String::as_str)) {
        Some(near) => fault.hint(format!("did you mean {near:?}?")),
        None => fault.hint(format!("there are: {}", levels.join(", "))),
    }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod sides_api {
    /// The tenant: its id and name, its domains, and whether its accounts come from a directory
    /// synchronisation.
    ///
    /// ```rhai
    /// tenant().default_domain
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn tenant(context: NativeCallContext) -> Result<Map, Raised> {
        tenant_facts(&*session(&context)?).map_err(Fault::raise)
    }

    /// The directory: its id and kind, how many users it has, and its password policy.
    ///
    /// ```rhai
    /// directory().people
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn directory(context: NativeCallContext) -> Result<Map, Raised> {
        directory_facts(&*session(&context)?).map_err(Fault::raise)
    }

    /// Sets what the directory asks of passwords from now on. Passwords that are there stay.
    ///
    /// - `"weak"`: any password but an empty one
    /// - `"medium"`: at least 5 characters
    /// - `"medium strong"`: at least 5 characters with letters, digits and symbols
    /// - `"strong"`: at least 7 characters with letters, digits and symbols, without the person's names
    ///
    /// A new online account asks for what the tenant wants besides. The policy of a domain is the
    /// domain's own and can't be set here.
    ///
    /// ```rhai
    /// set_password_policy("medium strong");
    /// create_account(#{ user_name: "till", display_name: "Till", online: false, password: "till-1" });
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn set_password_policy(
        context: NativeCallContext,
        level: &str,
    ) -> Result<(), Raised> {
        record_level(&context, level)
    }

    /// Sets what the directory asks of passwords from now on.
    ///
    /// ```rhai
    /// directory().set_password_policy("weak");
    /// directory().password_policy == "weak"
    /// ```
    #[rhai_fn(name = "set_password_policy", return_raw, pure)]
    pub(crate) fn set_password_policy_of(
        context: NativeCallContext,
        directory: &mut Map,
        level: &str,
    ) -> Result<(), Raised> {
        if !directory.contains_key("password_policy") {
            let message = "only the directory has a password policy";
            return Err(Fault::new("wrong_type", message)
                .hint("directory().set_password_policy(…)")
                .raise());
        }
        record_level(&context, level)
    }
}
