//! Verbs about signing in: who may, who must leave, and with which password.

use rhai::{Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::verb::{record, record_all};
use crate::plan::change::{Change, Disable, Enable, ResetPassword, SetFields, SignOut, Unlock};
use crate::script::engine::session;
use crate::script::raise::Raised;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(sign_in_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod sign_in_api {
    /// Blocks sign-in on both halves. Licences, mail and data stay as they are.
    ///
    /// ```rhai
    /// account("ada").disable()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn disable(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Disable(Disable { whom }))
    }

    /// Blocks sign-in of each of them, on both halves.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).disable()
    /// ```
    #[rhai_fn(name = "disable", return_raw, pure)]
    pub(crate) fn disable_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Disable(Disable { whom }))
    }

    /// Allows sign-in again: on the user, and online if `disable` closed it or a licence works. An
    /// unassigned account stays closed online: use `assign`.
    ///
    /// ```rhai
    /// account("ada").disable().enable()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn enable(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Enable(Enable { whom }))
    }

    /// Allows sign-in of each of them again.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).enable()
    /// ```
    #[rhai_fn(name = "enable", return_raw, pure)]
    pub(crate) fn enable_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Enable(Enable { whom }))
    }

    /// Opens the user again that wrong passwords have locked. The password stays.
    ///
    /// ```rhai
    /// account("ada").unlock()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn unlock(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::Unlock(Unlock { whom }))
    }

    /// Opens each of them again.
    ///
    /// ```rhai
    /// accounts(["ada"]).unlock()
    /// ```
    #[rhai_fn(name = "unlock", return_raw, pure)]
    pub(crate) fn unlock_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::Unlock(Unlock { whom }))
    }

    /// Ends all online sessions, within some minutes.
    ///
    /// ```rhai
    /// account("ada").sign_out()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn sign_out(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| Change::SignOut(SignOut { whom }))
    }

    /// Ends all online sessions of each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).sign_out()
    /// ```
    #[rhai_fn(name = "sign_out", return_raw, pure)]
    pub(crate) fn sign_out_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| Change::SignOut(SignOut { whom }))
    }

    /// Sets one temporary password on both halves and hands it over. It must be changed at the next
    /// sign-in.
    ///
    /// ```rhai
    /// account("ada").reset_password()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn reset_password(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        let password_home = session(&context)?.profile().password_home();
        record(&context, account, |whom| {
            Change::ResetPassword(ResetPassword { whom, password_home })
        })
    }

    /// Sets a temporary password for each of them.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).reset_password()
    /// ```
    #[rhai_fn(name = "reset_password", return_raw, pure)]
    pub(crate) fn reset_password_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        let password_home = session(&context)?.profile().password_home();
        record_all(&context, accounts, |whom| {
            Change::ResetPassword(ResetPassword { whom, password_home })
        })
    }

    /// The user must change the password at the next sign-in.
    ///
    /// ```rhai
    /// account("ada").require_password_change()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn require_password_change(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| {
            Change::SetFields(SetFields { must_change_password: Some(true), ..SetFields::of(whom) })
        })
    }

    /// Each of them must change the password at the next sign-in.
    ///
    /// ```rhai
    /// accounts(["ada", "grace"]).require_password_change()
    /// ```
    #[rhai_fn(name = "require_password_change", return_raw, pure)]
    pub(crate) fn require_password_change_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| {
            Change::SetFields(SetFields { must_change_password: Some(true), ..SetFields::of(whom) })
        })
    }
}
