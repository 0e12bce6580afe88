//! Verbs about e-mail addresses, of people and of groups.

use rhai::{Array, Engine, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::group::{GroupHandle, record_group};
use super::verb::{record, record_all};
use crate::plan::change::{AddressWish, Addressee, Change, EditAliases, SetPrimary};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(aliases_api).into());
}

/// What aliases are to become, whosever they are.
#[derive(Clone, Default)]
struct Wanted {
    add: Vec<AddressWish>,
    remove: Vec<AddressWish>,
    exactly: bool,
}

impl Wanted {
    fn more(session: &Session, text: &str) -> Self {
        Self { add: vec![wish(session, text)], ..Self::default() }
    }

    fn fewer(session: &Session, text: &str) -> Self {
        Self { remove: vec![wish(session, text)], ..Self::default() }
    }

    fn exactly(session: &Session, aliases: &Array) -> Result<Self, Raised> {
        let mut add = Vec::with_capacity(aliases.len());
        for alias in aliases {
            if !alias.is_string() {
                let message = format!("an alias is a text, not {}", alias.type_name());
                return Err(Fault::new("wrong_type", message).raise());
            }
            add.push(wish(session, &alias.to_string()));
        }
        Ok(Self { add, exactly: true, ..Self::default() })
    }

    fn of(&self, of: Addressee) -> Change {
        let Self { add, remove, exactly } = self.clone();
        Change::EditAliases(EditAliases { of, add, remove, exactly })
    }
}

/// An address; one without @ is in the profile's domain, as new online IDs are.
pub(super) fn wish(session: &Session, text: &str) -> AddressWish {
    AddressWish {
        text: text.trim().to_owned(),
        domain: session.profile().defaults().domain.clone(),
    }
}

fn primary(of: Addressee, address: AddressWish) -> Change {
    Change::SetPrimary(SetPrimary { of, address })
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod aliases_api {
    /// Gives one more address. Without @ it is in the default domain.
    ///
    /// ```rhai
    /// account("ada").add_alias("countess")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn add_alias(
        context: NativeCallContext,
        account: &mut AccountHandle,
        address: &str,
    ) -> Result<AccountHandle, Raised> {
        let wanted = Wanted::more(&*session(&context)?, address);
        record(&context, account, |whom| wanted.of(Addressee::Account(whom)))
    }

    /// Gives a group one more address.
    ///
    /// ```rhai
    /// group("All staff").add_alias("everybody")
    /// ```
    #[rhai_fn(name = "add_alias", return_raw, pure)]
    pub(crate) fn add_alias_to_group(
        context: NativeCallContext,
        group: &mut GroupHandle,
        address: &str,
    ) -> Result<GroupHandle, Raised> {
        let wanted = Wanted::more(&*session(&context)?, address);
        record_group(&context, group, |group| wanted.of(Addressee::Group(group)))
    }

    /// Takes an alias away. The primary address stays, and so does the online ID.
    ///
    /// ```rhai
    /// account("ada").remove_alias("info")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn remove_alias(
        context: NativeCallContext,
        account: &mut AccountHandle,
        address: &str,
    ) -> Result<AccountHandle, Raised> {
        let wanted = Wanted::fewer(&*session(&context)?, address);
        record(&context, account, |whom| wanted.of(Addressee::Account(whom)))
    }

    /// Takes an alias away from a group.
    ///
    /// ```rhai
    /// group("All staff").remove_alias("team")
    /// ```
    #[rhai_fn(name = "remove_alias", return_raw, pure)]
    pub(crate) fn remove_alias_of_group(
        context: NativeCallContext,
        group: &mut GroupHandle,
        address: &str,
    ) -> Result<GroupHandle, Raised> {
        let wanted = Wanted::fewer(&*session(&context)?, address);
        record_group(&context, group, |group| wanted.of(Addressee::Group(group)))
    }

    /// Gives exactly these aliases. The primary address, the online ID and the tenant's own
    /// `onmicrosoft.com` address stay.
    ///
    /// ```rhai
    /// account("ada").set_aliases(["countess", "ada.king"])
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_aliases(
        context: NativeCallContext,
        account: &mut AccountHandle,
        aliases: Array,
    ) -> Result<AccountHandle, Raised> {
        let wanted = Wanted::exactly(&*session(&context)?, &aliases)?;
        record(&context, account, |whom| wanted.of(Addressee::Account(whom)))
    }

    /// Takes all aliases away from each of them, with an empty list: one address can't be several
    /// people's.
    ///
    /// ```rhai
    /// accounts(["ada", "eva"]).set_aliases([])
    /// ```
    #[rhai_fn(name = "set_aliases", return_raw, pure)]
    pub(crate) fn set_aliases_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        aliases: Array,
    ) -> Result<AccountList, Raised> {
        let wanted = Wanted::exactly(&*session(&context)?, &aliases)?;
        record_all(&context, accounts, |whom| wanted.of(Addressee::Account(whom)))
    }

    /// Gives a group exactly these aliases.
    ///
    /// ```rhai
    /// group("All staff").set_aliases(["everybody"])
    /// ```
    #[rhai_fn(name = "set_aliases", return_raw, pure)]
    pub(crate) fn set_aliases_of_group(
        context: NativeCallContext,
        group: &mut GroupHandle,
        aliases: Array,
    ) -> Result<GroupHandle, Raised> {
        let wanted = Wanted::exactly(&*session(&context)?, &aliases)?;
        record_group(&context, group, |group| wanted.of(Addressee::Group(group)))
    }

    /// Makes an address the one that mail is sent from. The old one stays as an alias.
    ///
    /// ```rhai
    /// account("ada").set_primary_address("ada.king")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_primary_address(
        context: NativeCallContext,
        account: &mut AccountHandle,
        address: &str,
    ) -> Result<AccountHandle, Raised> {
        let address = wish(&*session(&context)?, address);
        record(&context, account, |whom| primary(Addressee::Account(whom), address))
    }

    /// Makes an address a group's primary one.
    ///
    /// ```rhai
    /// group("All staff").set_primary_address("everybody")
    /// ```
    #[rhai_fn(name = "set_primary_address", return_raw, pure)]
    pub(crate) fn set_primary_address_of_group(
        context: NativeCallContext,
        group: &mut GroupHandle,
        address: &str,
    ) -> Result<GroupHandle, Raised> {
        let address = wish(&*session(&context)?, address);
        record_group(&context, group, |group| primary(Addressee::Group(group), address))
    }
}
