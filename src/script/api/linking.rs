//! Verbs about which online account is whose, and whether it is in use.

use rhai::{Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::verb::{record, record_all, take_over};
use crate::model::OnlineId;
use crate::plan::change::{Change, Link, Reassign, Relink, Unassign, Unlink};
use crate::script::raise::{Fault, Raised};

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(linking_api).into());
}

fn link_to(
    context: &NativeCallContext<'_>,
    account: &AccountHandle,
    online_id: &str,
    take_over: bool,
) -> Result<AccountHandle, Raised> {
    let parsed = OnlineId::parse(online_id).map_err(|reason| {
        let message = format!("the online ID {online_id:?} can't be used: {reason}");
        Fault::new("invalid_online_id", message).field("online_id").value(online_id).raise()
    })?;
    record(context, account, |whom| Change::Link(Link { whom, online_id: parsed, take_over }))
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod linking_api {
    /// Gives an unassigned account its licences back and opens its sign-in.
    ///
    /// ```rhai
    /// account("ada").unassign().assign()
    /// ```
    #[rhai_fn(name = "assign", return_raw, pure)]
    pub(crate) fn assign_again(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Reassign(Reassign { whom }))
    }

    /// Gives each of them the licences back.
    ///
    /// ```rhai
    /// accounts(["ada"]).unassign().assign()
    /// ```
    #[rhai_fn(name = "assign", return_raw, pure)]
    pub(crate) fn assign_again_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Reassign(Reassign { whom }))
    }

    /// Frees the direct licences and blocks online sign-in. The link stays, and the user can be used on;
    /// the mailbox goes for good after about 30 days.
    ///
    /// ```rhai
    /// account("ada").unassign()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn unassign(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Unassign(Unassign { whom }))
    }

    /// Frees the licences of each of them and blocks online sign-in.
    ///
    /// ```rhai
    /// accounts(["ada"]).unassign()
    /// ```
    #[rhai_fn(name = "unassign", return_raw, pure)]
    pub(crate) fn unassign_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Unassign(Unassign { whom }))
    }

    /// Makes an online account that is there the person's.
    ///
    /// ```rhai
    /// account("ada").unlink(); account("grace").assign("ada@contoso.com")
    /// ```
    #[rhai_fn(name = "assign", return_raw, pure)]
    pub(crate) fn assign_existing(
        context: NativeCallContext,
        account: &mut AccountHandle,
        online_id: &str,
    ) -> Result<AccountHandle, Raised> {
        link_to(&context, account, online_id, false)
    }

    /// Makes an online account that is there the person's. `take_over: true` takes one that is anchored elsewhere or has an
    /// administrator's role.
    ///
    /// ```rhai
    /// account("ada").unlink(); account("grace").assign("ada@contoso.com", #{ take_over: true })
    /// ```
    #[rhai_fn(name = "assign", return_raw, pure)]
    pub(crate) fn assign_existing_with(
        context: NativeCallContext,
        account: &mut AccountHandle,
        online_id: &str,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        link_to(&context, account, online_id, take_over(&options)?)
    }

    /// Connects a user with an online account that is there. Nothing else changes.
    ///
    /// ```rhai
    /// account("ada").unlink(); account("grace").link("ada@contoso.com")
    /// ```
    #[rhai_fn(name = "link", return_raw, pure)]
    pub(crate) fn link(
        context: NativeCallContext,
        account: &mut AccountHandle,
        online_id: &str,
    ) -> Result<AccountHandle, Raised> {
        link_to(&context, account, online_id, false)
    }

    /// Connects a user with an online account that is there. Nothing else changes. `take_over: true` takes one that is anchored elsewhere or has an
    /// administrator's role.
    ///
    /// ```rhai
    /// account("ada").unlink(); account("grace").link("ada@contoso.com", #{ take_over: true })
    /// ```
    #[rhai_fn(name = "link", return_raw, pure)]
    pub(crate) fn link_with(
        context: NativeCallContext,
        account: &mut AccountHandle,
        online_id: &str,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        link_to(&context, account, online_id, take_over(&options)?)
    }

    /// Forgets the link on both sides. Nothing else changes.
    ///
    /// ```rhai
    /// account("ada").unlink()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn unlink(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Unlink(Unlink { whom }))
    }

    /// Forgets the links of each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).unlink()
    /// ```
    #[rhai_fn(name = "unlink", return_raw, pure)]
    pub(crate) fn unlink_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Unlink(Unlink { whom }))
    }

    /// Rebuilds the link from the side that still knows it.
    ///
    /// ```rhai
    /// account("ada").relink()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn relink(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Relink(Relink { whom, take_over: false }))
    }

    /// Rebuilds the link of each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).relink()
    /// ```
    #[rhai_fn(name = "relink", return_raw, pure)]
    pub(crate) fn relink_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Relink(Relink { whom, take_over: false }))
    }
}
