//! Verbs about a person's licences.

use rhai::{Array, Engine, Map, NativeCallContext, export_module, exported_module};

use super::account::AccountHandle;
use super::account_list::AccountList;
use super::verb::{known_keys, record, record_all};
use crate::model::LicenseName;
use crate::plan::change::{Change, SetLicenses, Whom};
use crate::script::raise::{Fault, Raised};

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_global_module(exported_module!(licensing_api).into());
}

fn more(whom: Whom, name: &str, without: Option<Vec<String>>) -> Change {
    let add = vec![LicenseName(name.to_owned())];
    Change::SetLicenses(SetLicenses { add, without, ..SetLicenses::of(whom) })
}

fn exactly(whom: Whom, add: Vec<LicenseName>, without: Option<Vec<String>>) -> Change {
    Change::SetLicenses(SetLicenses { add, without, exactly: true, ..SetLicenses::of(whom) })
}

fn names_of(names: &Array) -> Vec<LicenseName> {
    names.iter().map(|name| LicenseName(name.to_string())).collect()
}

fn without(options: &Map) -> Result<Option<Vec<String>>, Raised> {
    known_keys(options, &["without"])?;
    let Some(value) = options.get("without") else { return Ok(None) };
    match value.read_lock::<Array>() {
        Some(services) => Ok(Some(services.iter().map(ToString::to_string).collect())),
        None => {
            let message = format!("without must be a list of services, not {}", value.type_name());
            Err(Fault::new("wrong_type", message).field("without").raise())
        }
    }
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod licensing_api {
    /// Gives one more licence.
    ///
    /// ```rhai
    /// account("ada").add_license("Exchange Online (Plan 1)")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn add_license(
        context: NativeCallContext,
        account: &mut AccountHandle,
        name: &str,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| more(whom, name, None))
    }

    /// Gives each of them one more licence.
    ///
    /// ```rhai
    /// accounts(["ada"]).add_license("Exchange Online (Plan 1)")
    /// ```
    #[rhai_fn(name = "add_license", return_raw, pure)]
    pub(crate) fn add_license_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        name: &str,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| more(whom, name, None))
    }

    /// Gives one more licence, with some of its services off.
    ///
    /// ```rhai
    /// account("ada").add_license("Microsoft 365 Business Standard", #{ without: ["Teams"] })
    /// ```
    #[rhai_fn(name = "add_license", return_raw, pure)]
    pub(crate) fn add_license_without(
        context: NativeCallContext,
        account: &mut AccountHandle,
        name: &str,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        let off = without(&options)?;
        record(&context, account, |whom| more(whom, name, off.clone()))
    }

    /// Gives each of them one more licence, with some of its services off.
    ///
    /// ```rhai
    /// accounts(["ada"]).add_license("Microsoft 365 Business Standard", #{ without: ["Teams"] })
    /// ```
    #[rhai_fn(name = "add_license", return_raw, pure)]
    pub(crate) fn add_license_without_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        name: &str,
        options: Map,
    ) -> Result<AccountList, Raised> {
        let off = without(&options)?;
        record_all(&context, accounts, |whom| more(whom, name, off.clone()))
    }

    /// Takes a direct licence away.
    ///
    /// ```rhai
    /// account("ada").remove_license("Microsoft 365 Business Basic")
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn remove_license(
        context: NativeCallContext,
        account: &mut AccountHandle,
        name: &str,
    ) -> Result<AccountHandle, Raised> {
        record(&context, account, |whom| {
            let remove = vec![LicenseName(name.to_owned())];
            Change::SetLicenses(SetLicenses { remove, ..SetLicenses::of(whom) })
        })
    }

    /// Takes a direct licence away from each of them.
    ///
    /// ```rhai
    /// accounts(["ada"]).remove_license("Microsoft 365 Business Basic")
    /// ```
    #[rhai_fn(name = "remove_license", return_raw, pure)]
    pub(crate) fn remove_license_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        name: &str,
    ) -> Result<AccountList, Raised> {
        record_all(&context, accounts, |whom| {
            let remove = vec![LicenseName(name.to_owned())];
            Change::SetLicenses(SetLicenses { remove, ..SetLicenses::of(whom) })
        })
    }

    /// Gives exactly these direct licences: a swap is one call. Services that are off in a licence that
    /// stays are left off.
    ///
    /// ```rhai
    /// account("ada").set_licenses(["Exchange Online (Plan 1)"])
    /// ```
    #[rhai_fn(return_raw, pure)]
    pub(crate) fn set_licenses(
        context: NativeCallContext,
        account: &mut AccountHandle,
        names: Array,
    ) -> Result<AccountHandle, Raised> {
        let names = names_of(&names);
        record(&context, account, |whom| exactly(whom, names.clone(), None))
    }

    /// Gives each of them exactly these direct licences.
    ///
    /// ```rhai
    /// accounts(["ada"]).set_licenses(["Exchange Online (Plan 1)"])
    /// ```
    #[rhai_fn(name = "set_licenses", return_raw, pure)]
    pub(crate) fn set_licenses_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        names: Array,
    ) -> Result<AccountList, Raised> {
        let names = names_of(&names);
        record_all(&context, accounts, |whom| exactly(whom, names.clone(), None))
    }

    /// Gives exactly these direct licences, with some services off.
    ///
    /// ```rhai
    /// account("ada").set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams"] })
    /// ```
    #[rhai_fn(name = "set_licenses", return_raw, pure)]
    pub(crate) fn set_licenses_without(
        context: NativeCallContext,
        account: &mut AccountHandle,
        names: Array,
        options: Map,
    ) -> Result<AccountHandle, Raised> {
        let (names, off) = (names_of(&names), without(&options)?);
        record(&context, account, |whom| exactly(whom, names.clone(), off.clone()))
    }

    /// Gives each of them exactly these direct licences, with some services off.
    ///
    /// ```rhai
    /// accounts(["ada"]).set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams"] })
    /// ```
    #[rhai_fn(name = "set_licenses", return_raw, pure)]
    pub(crate) fn set_licenses_without_all(
        context: NativeCallContext,
        accounts: &mut AccountList,
        names: Array,
        options: Map,
    ) -> Result<AccountList, Raised> {
        let (names, off) = (names_of(&names), without(&options)?);
        record_all(&context, accounts, |whom| exactly(whom, names.clone(), off.clone()))
    }
}
