//! `set_password` and where a script gets one from: `read_secret`. A secret has no text that a script could
//! show.

use rhai::{Dynamic, Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::rows::SecretCell;
use super::verb::{origin, whom};
use crate::model::Secret;
use crate::plan::change::{Change, SetPassword};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::table::Row;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(passwords_api).into());
}

/// The password that a script gives: a secret, or a text.
fn given(value: &Dynamic) -> Result<Secret, Fault> {
    let secret = if let Some(cell) = value.read_lock::<SecretCell>() {
        cell.0.clone()
    } else if let Ok(text) = value.as_immutable_string_ref() {
        Secret::new(text.to_string())
    } else {
        let message = format!("a password is a secret, not {}", value.type_name());
        return Err(Fault::new("wrong_type", message)
            .field("password")
            .hint("take it from read_secret(\"…\") or from the password column of a row"));
    };
    if secret.expose().is_empty() {
        return Err(Fault::new("bad_value", "the password is empty")
            .field("password")
            .hint("reset_password() makes one up"));
    }
    Ok(secret)
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod passwords_api {
    /// Sets a password that somebody has chosen, on both halves: in the directory first, and online only if
    /// the directory takes it. It need not be changed. Where the tenant can't be reached while the run goes
    /// on, it waits in the outbox for `acctsh sync`.
    ///
    /// ```rhai
    /// for person in accounts(["ada"]) { person.set_password("Kestrel-47-north"); }
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_password(
        context: NativeCallContext,
        account: &mut AccountHandle,
        password: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let session = session(&context)?;
        let password = given(&password).map_err(Fault::raise)?;
        let whom = whom(&session, account).map_err(Fault::raise)?;
        let (origin, row) = origin(&session, &context);
        let change = Change::SetPassword(SetPassword { whom, is_own: false, online_later: false });
        session.record(change, origin, row.as_ref().map(Row::source), Some(password));
        Ok(account.of_verb())
    }

    /// Asks for a secret at the terminal; what is typed isn't shown. Without a terminal it throws
    /// `needs_confirmation`.
    ///
    /// ```rhai
    /// let ask = |name| account(name).set_password(read_secret("New password: "));
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn read_secret(
        context: NativeCallContext,
        question: &str,
    ) -> Result<Dynamic, Raised> {
        if !session(&context)?.console().is_interactive() {
            let message = "a secret is asked for, and there is no terminal";
            return Err(Fault::new("needs_confirmation", message).raise());
        }
        let typed = rpassword::prompt_password(question).map_err(|reason| {
            Fault::new("stopped", format!("no secret was read: {reason}")).raise()
        })?;
        Ok(Dynamic::from(SecretCell(Secret::new(typed))))
    }
}
