//! Verbs about a person's mailbox, such as a leaver's: each is undone by its opposite.

use std::sync::Arc;

use rhai::{Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::{AccountHandle, find};
use super::account_list::AccountList;
use super::auto_reply;
use super::options;
use super::verb::{known_keys, record, record_all, whom};
use crate::model::EmailAddress;
use crate::plan::change::{
    Change, ConvertMailbox, ForwardMail, ForwardTo, HideMailbox, MailboxAccess, Whom,
};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(mailbox_api).into());
}

fn convert(whom: Whom, shared: bool) -> Change {
    Change::ConvertMailbox(ConvertMailbox { whom, shared })
}

fn hide(whom: Whom, hidden: bool) -> Change {
    Change::HideMailbox(HideMailbox { whom, hidden })
}

fn forward(whom: Whom, to: &ForwardTo, keep_copy: bool) -> Change {
    Change::ForwardMail(ForwardMail { whom, to: to.clone(), keep_copy })
}

fn access(whom: Whom, delegate: &Whom, granted: bool) -> Change {
    Change::MailboxAccess(MailboxAccess { whom, delegate: delegate.clone(), granted })
}

/// A person: an account, or the name of one.
fn person(session: &Arc<Session>, given: &Dynamic) -> Result<Whom, Raised> {
    let account = match given.clone().try_cast::<AccountHandle>() {
        Some(account) => account,
        None if given.is_string() => {
            find(session, given.to_string().trim()).map_err(Fault::raise)?
        }
        None => {
            let message = format!("a person is an account or a name, not {}", given.type_name());
            return Err(Fault::new("wrong_type", message).raise());
        }
    };
    whom(session, &account).map_err(Fault::raise)
}

/// Where mail goes: to a person, or to an address with @, here or elsewhere.
fn target(session: &Arc<Session>, given: &Dynamic) -> Result<ForwardTo, Raised> {
    let text = given.to_string();
    if !(given.is_string() && text.contains('@')) {
        return person(session, given).map(ForwardTo::Person);
    }
    EmailAddress::parse(&text).map(ForwardTo::Address).map_err(|reason| {
        let message = format!("the address can't be used: {reason}");
        Fault::new("invalid_address", message).value(text.as_str()).raise()
    })
}

fn keep_copy(options: &Map) -> Result<bool, Raised> {
    known_keys(options, &["keep_copy"])?;
    Ok(options::yes_or_no(options, "keep_copy")?.unwrap_or(true))
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod mailbox_api {
    /// Makes the mailbox a shared one: it needs no licence, and people open it whom `grant_access`
    /// lets in.
    ///
    /// ```rhai
    /// account("ada").convert_to_shared()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn convert_to_shared(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| convert(whom, true))
    }

    /// Makes the mailbox of each of them a shared one.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).convert_to_shared()
    /// ```
    #[rhai_fn(name = "convert_to_shared", return_raw, pure)]
    pub(crate) fn convert_to_shared_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| convert(whom, true))
    }

    /// Makes a shared mailbox a person's again. It needs a licence.
    ///
    /// ```rhai
    /// account("ada").convert_to_regular()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn convert_to_regular(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| convert(whom, false))
    }

    /// Makes the shared mailbox of each of them a person's again.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).convert_to_regular()
    /// ```
    #[rhai_fn(name = "convert_to_regular", return_raw, pure)]
    pub(crate) fn convert_to_regular_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| convert(whom, false))
    }

    /// Sends the person's mail on: to an account, to the person of that name, or to an address with @.
    /// A copy stays in the mailbox.
    ///
    /// ```rhai
    /// account("ada").forward_to("eva")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn forward_to(
        context: NativeCallContext,
        account: &mut AccountHandle,
        to: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let to = target(&session(&context)?, &to)?;
        record(&context, account, |whom| forward(whom, &to, true))
    }

    /// Sends the mail of each of them on.
    ///
    /// ```rhai
    /// accounts(["ada"]).forward_to(account("eva"))
    /// ```
    #[rhai_fn(name = "forward_to", return_raw, pure)]
    pub(crate) fn forward_to_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        to: Dynamic,
    ) -> Result<AccountList, Raised> {
        let to = target(&session(&context)?, &to)?;
        record_all(&context, accounts, |whom| forward(whom, &to, true))
    }

    /// The same; with `keep_copy: false` nothing stays in the mailbox.
    ///
    /// ```rhai
    /// account("ada").forward_to("eva@fabrikam.com", #{ keep_copy: false })
    /// ```
    #[rhai_fn(name = "forward_to", return_raw, pure)]
    pub(crate) fn forward_to_with(
        context: NativeCallContext,
        account: &mut AccountHandle,
        to: Dynamic,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        let (to, keep) = (target(&session(&context)?, &to)?, keep_copy(&options)?);
        record(&context, account, |whom| forward(whom, &to, keep))
    }

    /// Sends the mail of each of them on, with or without a copy that stays.
    ///
    /// ```rhai
    /// accounts(["ada"]).forward_to("eva", #{ keep_copy: true })
    /// ```
    #[rhai_fn(name = "forward_to", return_raw, pure)]
    pub(crate) fn forward_to_with_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        to: Dynamic,
        options: Map,
    ) -> Result<AccountList, Raised> {
        let (to, keep) = (target(&session(&context)?, &to)?, keep_copy(&options)?);
        record_all(&context, accounts, |whom| forward(whom, &to, keep))
    }

    /// Sends the person's mail on no longer.
    ///
    /// ```rhai
    /// account("ada").stop_forwarding()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn stop_forwarding(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| forward(whom, &ForwardTo::Nobody, false))
    }

    /// Sends the mail of each of them on no longer.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).stop_forwarding()
    /// ```
    #[rhai_fn(name = "stop_forwarding", return_raw, pure)]
    pub(crate) fn stop_forwarding_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| forward(whom, &ForwardTo::Nobody, false))
    }

    /// Answers mail by itself, with the same text to everybody.
    ///
    /// ```rhai
    /// account("ada").set_auto_reply("I have left. Please write to eva@contoso.com.")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_auto_reply(
        context: NativeCallContext,
        account: &mut AccountHandle,
        text: &str,
    ) -> Result<AccountHandle, Raised> {
        let reply = auto_reply::to_everybody(text);
        record(&context, account, |whom| auto_reply::change(whom, Some(&reply)))
    }

    /// Answers the mail of each of them by itself.
    ///
    /// ```rhai
    /// accounts(["ada"]).set_auto_reply("I have left.")
    /// ```
    #[rhai_fn(name = "set_auto_reply", return_raw, pure)]
    pub(crate) fn set_auto_reply_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        text: &str,
    ) -> Result<AccountList, Raised> {
        let reply = auto_reply::to_everybody(text);
        record_all(&context, accounts, |whom| auto_reply::change(whom, Some(&reply)))
    }

    /// Answers mail by itself: `inside` to people of the organisation, `outside` to others, of whom
    /// `audience` says which: `"all"`, `"known"` (those among the contacts) or `"none"`. Without
    /// `outside` and `audience` only people inside get an answer.
    ///
    /// ```rhai
    /// account("ada").set_auto_reply(#{ inside: "Ask Eva.", outside: "I have left.", audience: "known" })
    /// ```
    #[rhai_fn(name = "set_auto_reply", return_raw, pure)]
    pub(crate) fn set_auto_reply_with(
        context: NativeCallContext,
        account: &mut AccountHandle,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        let reply = auto_reply::read(&options)?;
        record(&context, account, |whom| auto_reply::change(whom, Some(&reply)))
    }

    /// Answers the mail of each of them by itself, inside and outside with their own texts.
    ///
    /// ```rhai
    /// accounts(["ada"]).set_auto_reply(#{ inside: "Ask Eva." })
    /// ```
    #[rhai_fn(name = "set_auto_reply", return_raw, pure)]
    pub(crate) fn set_auto_reply_with_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        options: Map,
    ) -> Result<AccountList, Raised> {
        let reply = auto_reply::read(&options)?;
        record_all(&context, accounts, |whom| auto_reply::change(whom, Some(&reply)))
    }

    /// Answers mail by itself no longer.
    ///
    /// ```rhai
    /// account("ada").end_auto_reply()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn end_auto_reply(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| auto_reply::change(whom, None))
    }

    /// Answers the mail of each of them by itself no longer.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).end_auto_reply()
    /// ```
    #[rhai_fn(name = "end_auto_reply", return_raw, pure)]
    pub(crate) fn end_auto_reply_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| auto_reply::change(whom, None))
    }

    /// Lets somebody else open the mailbox: an account, or the person of that name.
    ///
    /// ```rhai
    /// account("ada").grant_access("eva")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn grant_access(
        context: NativeCallContext,
        account: &mut AccountHandle,
        to: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let delegate = person(&session(&context)?, &to)?;
        record(&context, account, |whom| access(whom, &delegate, true))
    }

    /// Lets somebody else open the mailbox of each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).grant_access("eva")
    /// ```
    #[rhai_fn(name = "grant_access", return_raw, pure)]
    pub(crate) fn grant_access_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        to: Dynamic,
    ) -> Result<AccountList, Raised> {
        let delegate = person(&session(&context)?, &to)?;
        record_all(&context, accounts, |whom| access(whom, &delegate, true))
    }

    /// Lets somebody open the mailbox no longer.
    ///
    /// ```rhai
    /// account("ada").revoke_access("eva")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn revoke_access(
        context: NativeCallContext,
        account: &mut AccountHandle,
        of: Dynamic,
    ) -> Result<AccountHandle, Raised> {
        let delegate = person(&session(&context)?, &of)?;
        record(&context, account, |whom| access(whom, &delegate, false))
    }

    /// Lets somebody open the mailbox of each of them no longer.
    ///
    /// ```rhai
    /// accounts(["ada"]).revoke_access("eva")
    /// ```
    #[rhai_fn(name = "revoke_access", return_raw, pure)]
    pub(crate) fn revoke_access_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        of: Dynamic,
    ) -> Result<AccountList, Raised> {
        let delegate = person(&session(&context)?, &of)?;
        record_all(&context, accounts, |whom| access(whom, &delegate, false))
    }

    /// Leaves the mailbox out of address lists. Mail to it still arrives.
    ///
    /// ```rhai
    /// account("ada").hide_from_address_list()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn hide_from_address_list(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| hide(whom, true))
    }

    /// Leaves the mailbox of each of them out of address lists.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).hide_from_address_list()
    /// ```
    #[rhai_fn(name = "hide_from_address_list", return_raw, pure)]
    pub(crate) fn hide_from_address_list_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| hide(whom, true))
    }

    /// Shows the mailbox in address lists again.
    ///
    /// ```rhai
    /// account("ada").show_in_address_list()
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn show_in_address_list(
        context: NativeCallContext,
        account: &mut AccountHandle,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| hide(whom, false))
    }

    /// Shows the mailbox of each of them in address lists again.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).show_in_address_list()
    /// ```
    #[rhai_fn(name = "show_in_address_list", return_raw, pure)]
    pub(crate) fn show_in_address_list_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| hide(whom, false))
    }
}
