//! `create_group`: a distribution group from a map of options.

use std::sync::Arc;

use rhai::{Engine, Map, NativeCallContext, export_module, exported_module};

use super::group::GroupHandle;
use super::members::member_wishes;
use super::options;
use super::verb::{known_keys, origin};
use crate::model::DomainName;
use crate::plan::change::{Change, CreateGroup, MemberWish, Subject};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::Row;

/// Makes the function known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(create_group_api).into());
}

const OPTIONS: &[&str] =
    &["name", "alias", "domain", "description", "owners", "members", "outside_senders"];

fn given(session: &Arc<Session>, options: &Map) -> Result<CreateGroup, Raised> {
    known_keys(options, OPTIONS)?;
    let name = options::text(options, "name")?.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| {
        Fault::new("bad_value", "a group needs a name")
            .field("name")
            .hint("create_group(#{ name: \"All staff\", owners: [\"eva\"] })")
            .raise()
    })?;
    let alias = options::text(options, "alias")?.filter(|alias| !alias.is_empty());
    Ok(CreateGroup {
        alias: alias.unwrap_or_else(|| alias_of(&name)),
        domain: domain(session, options)?,
        description: options::text(options, "description")?.unwrap_or_default(),
        owners: owners(session, options)?,
        members: members(session, options, "members")?,
        outside_senders: options::yes_or_no(options, "outside_senders")?.unwrap_or(true),
        name,
    })
}

/// Those that are said; without a word whoever the profile names.
fn owners(session: &Arc<Session>, options: &Map) -> Result<Vec<MemberWish>, Raised> {
    if options.get("owners").is_some_and(|given| !given.is_unit()) {
        return members(session, options, "owners");
    }
    let owner = session.profile().defaults().group_owner.as_ref();
    Ok(owner.map(|owner| MemberWish::Named(owner.to_string())).into_iter().collect())
}

fn members(session: &Arc<Session>, options: &Map, key: &str) -> Result<Vec<MemberWish>, Raised> {
    match options.get(key).filter(|value| !value.is_unit()) {
        Some(given) => {
            member_wishes(session, given).map_err(|fault| fault.field(key.to_owned()).raise())
        }
        None => Ok(Vec::new()),
    }
}

fn domain(session: &Session, options: &Map) -> Result<Option<DomainName>, Raised> {
    let Some(text) = options::text(options, "domain")?.filter(|text| !text.is_empty()) else {
        return Ok(session.profile().defaults().domain.clone());
    };
    DomainName::parse(&text).map(Some).map_err(|reason| {
        let fault = Fault::new("bad_value", format!("the domain can't be used: {reason}"));
        fault.field("domain").value(text.as_str()).raise()
    })
}

/// What stands before the @ where nothing is said: the name in plain letters, with dots for blanks.
fn alias_of(name: &str) -> String {
    // What Exchange takes (`exchange.md §11.5`).
    const CHARACTERS: usize = 64;
    let plain = deunicode::deunicode(name).to_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    let words = plain.split(|c: char| c.is_whitespace() || c == '.');
    let words = words.map(|word| word.chars().filter(|c| allowed(*c)).collect::<String>());
    let alias = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(".");
    alias.chars().take(CHARACTERS).collect::<String>().trim_end_matches('.').to_owned()
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod create_group_api {
    /// Makes a distribution group. Only `name` is needed: without `owners` it belongs to the profile's
    /// `group_owner`, without `alias` the address is made from the name, without `domain` it has the
    /// default one, and people outside may send to it unless `outside_senders` is false. Owners and
    /// members are names, addresses or accounts; members may be groups too.
    ///
    /// ```rhai
    /// create_group(#{ name: "Sales", owners: "eva", members: accounts(#{ status: "active" }) })
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn create_group(
        context: NativeCallContext,
        options: Map,
    ) -> Result<GroupHandle, Raised> {
        let session = session(&context)?;
        let group = given(&session, &options)?;
        let (origin, row) = origin(&session, &context);
        let name = group.name.clone();
        let source = row.as_ref().map(Row::source);
        let no = session.record(Change::CreateGroup(group), origin, source, None);
        let handle = session.handle(Subject::New(no));
        Ok(GroupHandle::new(&session, handle, name).of_verb())
    }
}

#[cfg(test)]
mod tests {
    use super::alias_of;

    #[test]
    fn an_alias_is_the_name_in_plain_letters_with_dots_for_blanks() {
        assert_eq!(alias_of("All staff"), "all.staff");
        assert_eq!(alias_of(" Vorstand & Büro. "), "vorstand.buro");
        assert_eq!(alias_of("R&D (night-shift)"), "rd.night-shift");
        assert_eq!(alias_of(&"a b".repeat(40)).len(), 64);
    }
}
