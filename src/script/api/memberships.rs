//! Verbs about the groups that a person is in.

use rhai::{Dynamic, Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::members::group_wishes;
use super::verb::{record, record_all};
use crate::plan::change::{Change, EditMemberships, GroupWish, Whom};
use crate::script::raise::{Fault, Raised};

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(memberships_api).into());
}

fn wishes(groups: &Dynamic) -> Result<Vec<GroupWish>, Raised> {
    group_wishes(groups).map_err(Fault::raise)
}

fn edit(whom: Whom, join: &[GroupWish], leave: &[GroupWish], exactly: bool) -> Change {
    let (join, leave) = (join.to_vec(), leave.to_vec());
    Change::EditMemberships(EditMemberships { whom, join, leave, exactly })
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod memberships_api {
    /// Takes the person into a group, by name or as an object, or into each of an array.
    ///
    /// ```rhai
    /// account("eva").add_to_group("Board")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn add_to_group(
        context: NativeCallContext,
        account: &mut AccountHandle,
        group: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let groups = wishes(&group)?;
        record(&context, account, |whom| edit(whom, &groups, &[], false))
    }

    /// Takes each of them into a group.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).add_to_group("Board")
    /// ```
    #[rhai_fn(name = "add_to_group", return_raw, pure)]
    pub(crate) fn add_to_group_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        group: Dynamic,
    ) -> Result<AccountList, Raised> {
        let groups = wishes(&group)?;
        record_all(&context, accounts, |whom| edit(whom, &groups, &[], false))
    }

    /// Takes the person out of a group, or out of each of an array.
    ///
    /// ```rhai
    /// account("ada").remove_from_group("All staff")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn remove_from_group(
        context: NativeCallContext,
        account: &mut AccountHandle,
        group: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let groups = wishes(&group)?;
        record(&context, account, |whom| edit(whom, &[], &groups, false))
    }

    /// Takes each of them out of a group.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).remove_from_group("All staff")
    /// ```
    #[rhai_fn(name = "remove_from_group", return_raw, pure)]
    pub(crate) fn remove_from_group_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        group: Dynamic,
    ) -> Result<AccountList, Raised> {
        let groups = wishes(&group)?;
        record_all(&context, accounts, |whom| edit(whom, &[], &groups, false))
    }

    /// The person is in exactly these distribution groups from now on.
    ///
    /// ```rhai
    /// account("ada").set_groups(["All staff", "Board"])
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_groups(
        context: NativeCallContext,
        account: &mut AccountHandle,
        groups: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let groups = wishes(&groups)?;
        record(&context, account, |whom| edit(whom, &groups, &[], true))
    }

    /// Each of them is in exactly these distribution groups from now on.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).set_groups(["All staff"])
    /// ```
    #[rhai_fn(name = "set_groups", return_raw, pure)]
    pub(crate) fn set_groups_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        groups: Dynamic,
    ) -> Result<AccountList, Raised> {
        let groups = wishes(&groups)?;
        record_all(&context, accounts, |whom| edit(whom, &groups, &[], true))
    }
}
