//! `accounts`, `online_accounts`: people, as lists of handles.

use std::sync::Arc;

use rhai::{
    Array, Dynamic, Engine, FnPtr, INT, Map, NativeCallContext, export_module, exported_module,
};

use super::account::{AccountHandle, find};
use super::sort_key::SortKey;
use super::values::value_of;
use crate::model::field::FIELDS;
use crate::model::{Field, nearest};
use crate::plan::change::Subject;
use crate::plan::view::View;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::{Handle, Session};
use crate::table::Value;

/// People, in an order.
#[derive(Clone)]
pub(in crate::script) struct AccountList {
    session: Arc<Session>,
    handles: Arc<Vec<Handle>>,
    /// Whether a verb gave it back.
    is_of_verb: bool,
}

impl AccountList {
    fn new(session: &Arc<Session>, subjects: Vec<Subject>) -> Self {
        let handles = subjects.into_iter().map(|subject| session.handle(subject)).collect();
        Self { session: Arc::clone(session), handles: Arc::new(handles), is_of_verb: false }
    }

    fn at(&self, handle: Handle) -> AccountHandle {
        AccountHandle {
            session: Arc::clone(&self.session),
            handle: Some(handle),
            list: Some(Arc::clone(&self.handles)),
            is_of_verb: false,
        }
    }

    fn keeping(&self, handles: Vec<Handle>) -> Self {
        Self { session: Arc::clone(&self.session), handles: Arc::new(handles), is_of_verb: false }
    }

    /// What a verb gives back.
    pub(super) fn of_verb(&self) -> Self {
        Self { is_of_verb: true, ..self.clone() }
    }

    pub(in crate::script) fn is_of_verb(&self) -> bool {
        self.is_of_verb
    }

    pub(in crate::script) fn handles(&self) -> &Vec<Handle> {
        &self.handles
    }

    fn accounts(&self) -> impl Iterator<Item = AccountHandle> + '_ {
        self.handles.iter().map(|handle| self.at(*handle))
    }
}

impl IntoIterator for AccountList {
    type Item = AccountHandle;
    type IntoIter = std::vec::IntoIter<AccountHandle>;

    fn into_iter(self) -> Self::IntoIter {
        self.accounts().collect::<Vec<_>>().into_iter()
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<AccountList>("AccountList");
    engine.register_iterator::<AccountList>();
    engine.register_global_module(exported_module!(account_list_api).into());
}

/// Whether a name fits a pattern in which `*` stands for anything, without regard to case.
fn fits(pattern: &str, name: &str) -> bool {
    fn rest(pattern: &[char], name: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', pattern)) => (0..=name.len()).any(|skipped| rest(pattern, &name[skipped..])),
            Some((first, pattern)) => {
                name.split_first().is_some_and(|(c, name)| c == first && rest(pattern, name))
            }
        }
    }
    let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    rest(&chars(pattern), &chars(name))
}

fn everybody(session: &Arc<Session>) -> Result<AccountList, Fault> {
    Ok(AccountList::new(session, session.look(|view| view.everybody())?))
}

/// The people whose fields have these values.
fn with_fields(session: &Arc<Session>, wanted: &Map) -> Result<AccountList, Fault> {
    let mut specs = Vec::new();
    for (name, value) in wanted {
        let spec =
            FIELDS.iter().find(|spec| spec.name == name.as_str() && spec.field != Field::Password);
        let Some(spec) = spec else {
            let fault = Fault::new(
                "unknown_property",
                format!("an account has no property {:?}", name.as_str()),
            );
            let near = nearest(name, FIELDS.iter().map(|spec| spec.name));
            return Err(match near {
                Some(near) => fault.hint(format!("did you mean {near}?")),
                None => fault,
            });
        };
        specs.push((spec, value_of(value)));
    }
    let all = everybody(session)?;
    let mut kept = Vec::new();
    for account in all.accounts() {
        let mut matches = true;
        for (spec, wanted) in &specs {
            matches &= same(&account.read(spec)?, wanted);
        }
        if let (true, Some(handle)) = (matches, account.handle) {
            kept.push(handle);
        }
    }
    Ok(all.keeping(kept))
}

/// Texts are equal without regard to case, as in both sides' own searches.
fn same(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Text(value), Value::Text(wanted)) => value.to_lowercase() == wanted.to_lowercase(),
        (Value::Date(value), Value::Text(wanted)) => value.to_string() == *wanted,
        (value, wanted) => value == wanted,
    }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod account_list_api {
    /// Everybody with a user.
    ///
    /// ```rhai
    /// accounts().filter(|a| a.status == "active")
    /// ```
    #[rhai_fn(name = "accounts", return_raw)]
    pub(crate) fn all_accounts(context: NativeCallContext) -> Result<AccountList, Raised> {
        everybody(&session(&context)?).map_err(Fault::raise)
    }

    /// Everybody whose user name fits the pattern; `*` stands for anything.
    ///
    /// ```rhai
    /// accounts("a*").len()
    /// ```
    #[rhai_fn(name = "accounts", return_raw)]
    pub(crate) fn accounts_by_pattern(
        context: NativeCallContext,
        pattern: &str,
    ) -> Result<AccountList, Raised> {
        let session = session(&context)?;
        let wanted = |view: &View<'_>| {
            let mut kept = Vec::new();
            for subject in view.everybody()? {
                if view.user(subject)?.is_some_and(|user| fits(pattern, user.name.as_str())) {
                    kept.push(subject);
                }
            }
            Ok(kept)
        };
        let subjects = session.look(wanted).map_err(Fault::raise)?;
        Ok(AccountList::new(&session, subjects))
    }

    /// The people of these names, in this order. Throws `no_such_account` for a name that nobody has.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).len()
    /// ```
    #[rhai_fn(name = "accounts", return_raw)]
    pub(crate) fn accounts_by_names(
        context: NativeCallContext,
        names: Array,
    ) -> Result<AccountList, Raised> {
        let session = session(&context)?;
        let mut handles = Vec::new();
        for name in names {
            let found = find(&session, &name.to_string()).map_err(Fault::raise)?;
            handles.extend(found.handle);
        }
        Ok(AccountList { session, handles: Arc::new(handles), is_of_verb: false })
    }

    /// Everybody whose fields have these values.
    ///
    /// ```rhai
    /// accounts(#{ department: "Research" })
    /// ```
    #[rhai_fn(name = "accounts", return_raw)]
    pub(crate) fn accounts_by_fields(
        context: NativeCallContext,
        fields: Map,
    ) -> Result<AccountList, Raised> {
        with_fields(&session(&context)?, &fields).map_err(Fault::raise)
    }

    /// Everybody with an online account, also those without a user.
    ///
    /// ```rhai
    /// online_accounts().filter(|a| a.status == "unlinked")
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn online_accounts(context: NativeCallContext) -> Result<AccountList, Raised> {
        let session = session(&context)?;
        let subjects = session.look(|view| view.everybody_online()).map_err(Fault::raise)?;
        Ok(AccountList::new(&session, subjects))
    }

    /// How many there are.
    ///
    /// ```rhai
    /// accounts().len()
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub(crate) fn list_len(list: &mut AccountList) -> INT {
        INT::try_from(list.handles.len()).unwrap_or(INT::MAX)
    }

    /// Whether there is nobody.
    ///
    /// ```rhai
    /// accounts("zz*").is_empty()
    /// ```
    #[rhai_fn(name = "is_empty", get = "is_empty", pure)]
    pub(crate) fn list_is_empty(list: &mut AccountList) -> bool {
        list.handles.is_empty()
    }

    /// The person at that place; negative places count from the end.
    ///
    /// ```rhai
    /// accounts()[0].user_name
    /// ```
    #[rhai_fn(index_get, return_raw, pure)]
    pub(crate) fn list_at(list: &mut AccountList, index: INT) -> Result<AccountHandle, Raised> {
        let length = INT::try_from(list.handles.len()).unwrap_or(INT::MAX);
        let at = if index < 0 { length + index } else { index };
        let handle = usize::try_from(at).ok().and_then(|at| list.handles.get(at));
        match handle {
            Some(handle) => Ok(list.at(*handle)),
            None => {
                Err(Fault::new("no_such_place", format!("place {index} of a list of {length}"))
                    .raise())
            }
        }
    }

    /// Those for whom the function says true.
    ///
    /// ```rhai
    /// accounts().filter(|a| a.department == "Research").len()
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub(crate) fn list_filter(
        context: NativeCallContext,
        list: &mut AccountList,
        wanted: FnPtr,
    ) -> Result<AccountList, Raised> {
        let mut kept = Vec::new();
        for account in list.accounts() {
            let handle = account.handle;
            if wanted.call_within_context::<bool>(&context, (account,))? {
                kept.extend(handle);
            }
        }
        Ok(list.keeping(kept))
    }

    /// What the function makes of each.
    ///
    /// ```rhai
    /// accounts().map(|a| a.user_name)
    /// ```
    #[rhai_fn(name = "map", return_raw, pure)]
    pub(crate) fn list_map(
        context: NativeCallContext,
        list: &mut AccountList,
        make: FnPtr,
    ) -> Result<Array, Raised> {
        list.accounts()
            .map(|account| make.call_within_context::<Dynamic>(&context, (account,)))
            .collect()
    }

    /// In the order of what the function gives for each: numbers, texts or true and false.
    ///
    /// ```rhai
    /// accounts().sort_by(|a| a.display_name)
    /// ```
    #[rhai_fn(name = "sort_by", return_raw, pure)]
    pub(crate) fn list_sort_by(
        context: NativeCallContext,
        list: &mut AccountList,
        key: FnPtr,
    ) -> Result<AccountList, Raised> {
        let mut keyed = Vec::new();
        for account in list.accounts() {
            let Some(handle) = account.handle else { continue };
            let key = key.call_within_context::<Dynamic>(&context, (account,))?;
            keyed.push((SortKey::of(&key)?, handle));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(list.keeping(keyed.into_iter().map(|(_, handle)| handle).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything_and_case_does_not_matter() {
        assert!(fits("temp-*", "Temp-07"));
        assert!(fits("*", ""));
        assert!(fits("a*b*c", "aXbYc"));
        assert!(!fits("temp-*", "attempt-1"));
        assert!(!fits("eva", "eva.li"));
    }
}
