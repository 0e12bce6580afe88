//! `aliases`: e-mail addresses, as a list of handles.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, INT, NativeCallContext, export_module, exported_module};

use super::alias::AliasHandle;
use super::sort_key::{self, SortKey};
use crate::script::raise::Raised;

/// Addresses, in an order.
#[derive(Clone)]
pub(in crate::script) struct AliasList(Arc<Vec<AliasHandle>>);

impl AliasList {
    pub(super) fn new(aliases: Vec<AliasHandle>) -> Self {
        Self(Arc::new(aliases))
    }

    pub(in crate::script) fn handles(&self) -> &[AliasHandle] {
        &self.0
    }
}

impl IntoIterator for AliasList {
    type Item = AliasHandle;
    type IntoIter = std::vec::IntoIter<AliasHandle>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<AliasList>("AliasList");
    engine.register_iterator::<AliasList>();
    engine.register_global_module(exported_module!(alias_list_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod alias_list_api {
    /// How many addresses there are.
    ///
    /// ```rhai
    /// aliases().len()
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub(crate) fn alias_count(aliases: &mut AliasList) -> INT {
        sort_key::count(&aliases.0)
    }

    /// Whether there is no address.
    ///
    /// ```rhai
    /// aliases().is_empty()
    /// ```
    #[rhai_fn(name = "is_empty", get = "is_empty", pure)]
    pub(crate) fn alias_none(aliases: &mut AliasList) -> bool {
        aliases.0.is_empty()
    }

    /// The address at that place; negative places count from the end.
    ///
    /// ```rhai
    /// aliases()[0].address
    /// ```
    #[rhai_fn(index_get, return_raw, pure)]
    pub(crate) fn alias_at(aliases: &mut AliasList, index: INT) -> Result<AliasHandle, Raised> {
        sort_key::at(&aliases.0, index).cloned()
    }

    /// Those aliases for which the function says true.
    ///
    /// ```rhai
    /// aliases().filter(|a| a.group == () && !a.is_primary)
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub(crate) fn alias_filter(
        context: NativeCallContext,
        aliases: &mut AliasList,
        wanted: FnPtr,
    ) -> Result<AliasList, Raised> {
        let mut kept = Vec::new();
        for alias in aliases.0.iter() {
            if wanted.call_within_context::<bool>(&context, (alias.clone(),))? {
                kept.push(alias.clone());
            }
        }
        Ok(AliasList(Arc::new(kept)))
    }

    /// What the function makes of each address.
    ///
    /// ```rhai
    /// aliases().map(|a| a.address)
    /// ```
    #[rhai_fn(name = "map", return_raw, pure)]
    pub(crate) fn alias_map(
        context: NativeCallContext,
        aliases: &mut AliasList,
        make: FnPtr,
    ) -> Result<Array, Raised> {
        aliases
            .0
            .iter()
            .map(|alias| make.call_within_context::<Dynamic>(&context, (alias.clone(),)))
            .collect()
    }

    /// Addresses in the order of what the function gives for each: numbers, texts or true and false.
    ///
    /// ```rhai
    /// aliases().sort_by(|a| a.address)
    /// ```
    #[rhai_fn(name = "sort_by", return_raw, pure)]
    pub(crate) fn alias_sort_by(
        context: NativeCallContext,
        aliases: &mut AliasList,
        key: FnPtr,
    ) -> Result<AliasList, Raised> {
        let mut keyed = Vec::new();
        for alias in aliases.0.iter() {
            let key = key.call_within_context::<Dynamic>(&context, (alias.clone(),))?;
            keyed.push((SortKey::of(&key)?, alias.clone()));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(AliasList(Arc::new(keyed.into_iter().map(|(_, alias)| alias).collect())))
    }
}
