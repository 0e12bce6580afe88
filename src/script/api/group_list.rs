//! `groups`: distribution groups, as a list of handles.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, INT, NativeCallContext, export_module, exported_module};

use super::group::GroupHandle;
use super::mail::look;
use super::sort_key::{self, SortKey};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};

/// Groups, in an order.
#[derive(Clone)]
pub(in crate::script) struct GroupList(Arc<Vec<GroupHandle>>);

impl GroupList {
    pub(in crate::script) fn handles(&self) -> &[GroupHandle] {
        &self.0
    }
}

impl IntoIterator for GroupList {
    type Item = GroupHandle;
    type IntoIter = std::vec::IntoIter<GroupHandle>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<GroupList>("GroupList");
    engine.register_iterator::<GroupList>();
    engine.register_global_module(exported_module!(group_list_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod group_list_api {
    /// Every distribution group, by name.
    ///
    /// ```rhai
    /// groups()
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn groups(context: NativeCallContext) -> Result<GroupList, Raised> {
        let session = session(&context)?;
        let named = look(&session, |view| {
            let mut named = Vec::new();
            for subject in view.groups()? {
                named.extend(view.group(subject)?.map(|it| (subject, it.display_name.clone())));
            }
            Ok(named)
        });
        let mut named = named.map_err(Fault::raise)?;
        named.sort_by_cached_key(|(_, name)| name.to_lowercase());
        let named = named.into_iter();
        let handles =
            named.map(|(subject, name)| GroupHandle::new(&session, session.handle(subject), name));
        Ok(GroupList(Arc::new(handles.collect())))
    }

    /// How many groups there are.
    ///
    /// ```rhai
    /// groups().len()
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub(crate) fn group_count(groups: &mut GroupList) -> INT {
        sort_key::count(&groups.0)
    }

    /// Whether there is no group.
    ///
    /// ```rhai
    /// groups().is_empty()
    /// ```
    #[rhai_fn(name = "is_empty", get = "is_empty", pure)]
    pub(crate) fn group_none(groups: &mut GroupList) -> bool {
        groups.0.is_empty()
    }

    /// The group at that place; negative places count from the end.
    ///
    /// ```rhai
    /// groups()[0].name
    /// ```
    #[rhai_fn(index_get, return_raw, pure)]
    pub(crate) fn group_at(groups: &mut GroupList, index: INT) -> Result<GroupHandle, Raised> {
        sort_key::at(&groups.0, index).cloned()
    }

    /// Those groups for which the function says true.
    ///
    /// ```rhai
    /// groups().filter(|g| g.members.len() == 0)
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub(crate) fn group_filter(
        context: NativeCallContext,
        groups: &mut GroupList,
        wanted: FnPtr,
    ) -> Result<GroupList, Raised> {
        let mut kept = Vec::new();
        for group in groups.0.iter() {
            if wanted.call_within_context::<bool>(&context, (group.clone(),))? {
                kept.push(group.clone());
            }
        }
        Ok(GroupList(Arc::new(kept)))
    }

    /// What the function makes of each group.
    ///
    /// ```rhai
    /// groups().map(|g| #{ name: g.name, members: g.members.len() })
    /// ```
    #[rhai_fn(name = "map", return_raw, pure)]
    pub(crate) fn group_map(
        context: NativeCallContext,
        groups: &mut GroupList,
        make: FnPtr,
    ) -> Result<Array, Raised> {
        groups
            .0
            .iter()
            .map(|group| make.call_within_context::<Dynamic>(&context, (group.clone(),)))
            .collect()
    }

    /// Groups in the order of what the function gives for each: numbers, texts or true and false.
    ///
    /// ```rhai
    /// groups().sort_by(|g| g.name)
    /// ```
    #[rhai_fn(name = "sort_by", return_raw, pure)]
    pub(crate) fn group_sort_by(
        context: NativeCallContext,
        groups: &mut GroupList,
        key: FnPtr,
    ) -> Result<GroupList, Raised> {
        let mut keyed = Vec::new();
        for group in groups.0.iter() {
            let key = key.call_within_context::<Dynamic>(&context, (group.clone(),))?;
            keyed.push((SortKey::of(&key)?, group.clone()));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(GroupList(Arc::new(keyed.into_iter().map(|(_, group)| group).collect())))
    }
}
