//! `tenant`, `directory`: what both sides are.

use rhai::{Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use crate::model::PasswordPolicy;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;

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
    let facts = session.look(|view| Ok(view.facts().directory(view.needs())?.clone()))?;
    Ok(Map::from([
        ("id".into(), facts.identity.id.to_string().into()),
        ("kind".into(), facts.identity.kind.into()),
        ("people".into(), rhai::INT::try_from(facts.people).unwrap_or(rhai::INT::MAX).into()),
        ("password_policy".into(), policy_name(facts.passwords.of_new_users).into()),
    ]))
}

fn policy_name(policy: PasswordPolicy) -> String {
    match policy {
        PasswordPolicy::Strong => "strong".to_owned(),
        PasswordPolicy::StrongWithTenant => "strong, as the tenant's".to_owned(),
        PasswordPolicy::Domain { least, is_complex } => {
            let kinds = if is_complex { " of three kinds" } else { "" };
            format!("the domain's: at least {least} characters{kinds}")
        }
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

    /// The directory: its id and kind, how many users it has, and its password rules.
    ///
    /// ```rhai
    /// directory().people
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn directory(context: NativeCallContext) -> Result<Map, Raised> {
        directory_facts(&*session(&context)?).map_err(Fault::raise)
    }
}
