//! `license`, `licenses`: what the tenant subscribes to.

use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, INT, NativeCallContext, export_module, exported_module};

use super::values::dynamic;
use crate::model::{License, LicenseName, nearest};
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::session::Session;
use crate::table::{ColumnHead, Table, Value};

/// A licence with the seats that the current plan needs.
#[derive(Clone)]
pub(in crate::script) struct LicenseHandle {
    license: Arc<License>,
    needed: i64,
}

/// Licences, in the tenant's order.
#[derive(Clone)]
pub(in crate::script) struct LicenseList(Arc<Vec<LicenseHandle>>);

impl LicenseList {
    pub(in crate::script) fn handles(&self) -> &[LicenseHandle] {
        &self.0
    }
}

impl IntoIterator for LicenseList {
    type Item = LicenseHandle;
    type IntoIter = std::vec::IntoIter<LicenseHandle>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.as_ref().clone().into_iter()
    }
}

const PROPERTIES: &[&str] = &[
    "name",
    "sku",
    "id",
    "seats",
    "used",
    "free",
    "needed",
    "warning",
    "suspended",
    "state",
    "services",
];

fn property(license: &LicenseHandle, name: &str) -> Value {
    let it = &license.license;
    match name {
        "name" => it.name.clone().into(),
        "sku" => it.part_number.clone().into(),
        "id" => it.sku.to_string().into(),
        "seats" => it.seats.into(),
        "used" => it.used.into(),
        "free" => it.free().into(),
        "needed" => license.needed.into(),
        "warning" => it.warning.into(),
        "suspended" => it.suspended.into(),
        "state" => it.state.word().into(),
        _ => Value::List(it.services.iter().map(|service| service.name.clone()).collect()),
    }
}

fn all(session: &Session) -> Result<Vec<LicenseHandle>, Fault> {
    session.look(|view| {
        let licenses = view.licenses()?;
        let handle = |license: &License| LicenseHandle {
            license: Arc::new(license.clone()),
            needed: view.seats_needed(license.sku),
        };
        Ok(licenses.iter().map(handle).collect())
    })
}

/// Licences as a table.
pub(in crate::script) fn license_table(_: &Session, licenses: &[LicenseHandle]) -> Table {
    let mut columns = vec!["name", "sku", "seats", "used", "free", "needed"];
    // Most tenants have none of these.
    if licenses.iter().any(|it| it.license.warning + it.license.suspended > 0) {
        columns.extend(["warning", "suspended"]);
    }
    columns.push("state");
    let row =
        |license: &LicenseHandle| columns.iter().map(|name| property(license, name)).collect();
    let heads = columns.iter().map(|name| match *name {
        "name" | "free" => ColumnHead::essential(*name),
        other => ColumnHead::new(other),
    });
    Table { columns: heads.collect(), rows: licenses.iter().map(row).collect() }
}

/// Makes the functions and properties known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<LicenseHandle>("License");
    engine.register_type_with_name::<LicenseList>("LicenseList");
    engine.register_iterator::<LicenseList>();
    for name in PROPERTIES {
        engine.register_get(*name, move |license: &mut LicenseHandle| {
            dynamic(property(license, name))
        });
    }
    engine.register_global_module(exported_module!(license_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod license_api {
    /// The licence of that product name, part number or id. Throws `unknown_license` if the tenant
    /// has none.
    ///
    /// ```rhai
    /// license("Microsoft 365 Business Basic").free
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn license(context: NativeCallContext, name: &str) -> Result<LicenseHandle, Raised> {
        let licenses = all(&*session(&context)?).map_err(Fault::raise)?;
        let wanted = LicenseName(name.to_owned());
        if let Some(found) = licenses.iter().find(|handle| handle.license.is_called(&wanted)) {
            return Ok(found.clone());
        }
        let names = licenses
            .iter()
            .flat_map(|it| [it.license.name.as_str(), it.license.part_number.as_str()]);
        let fault = Fault::new("unknown_license", format!("the tenant has no licence {name:?}"))
            .value(name);
        Err(match nearest(name, names) {
            Some(near) => fault.hint(format!("did you mean {near:?}?")),
            None => fault,
        }
        .raise())
    }

    /// Everything that the tenant subscribes to, with seats used and free, and those that the
    /// current plan needs.
    ///
    /// ```rhai
    /// licenses().filter(|l| l.free < 5)
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn licenses(context: NativeCallContext) -> Result<LicenseList, Raised> {
        let licenses = all(&*session(&context)?).map_err(Fault::raise)?;
        Ok(LicenseList(Arc::new(licenses)))
    }

    /// How many licences there are.
    ///
    /// ```rhai
    /// licenses().len()
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub(crate) fn license_count(list: &mut LicenseList) -> INT {
        INT::try_from(list.0.len()).unwrap_or(INT::MAX)
    }

    /// The licence at that place.
    ///
    /// ```rhai
    /// licenses()[0].name
    /// ```
    #[rhai_fn(index_get, return_raw, pure)]
    pub(crate) fn license_at(list: &mut LicenseList, index: INT) -> Result<LicenseHandle, Raised> {
        let found = usize::try_from(index).ok().and_then(|index| list.0.get(index)).cloned();
        found.ok_or_else(|| {
            Fault::new("no_such_place", format!("place {index} of a list of {}", list.0.len()))
                .raise()
        })
    }

    /// Those for which the function says true.
    ///
    /// ```rhai
    /// licenses().filter(|l| l.state == "enabled").len()
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub(crate) fn license_filter(
        context: NativeCallContext,
        list: &mut LicenseList,
        wanted: FnPtr,
    ) -> Result<LicenseList, Raised> {
        let mut kept = Vec::new();
        for license in list.0.iter() {
            if wanted.call_within_context::<bool>(&context, (license.clone(),))? {
                kept.push(license.clone());
            }
        }
        Ok(LicenseList(Arc::new(kept)))
    }

    /// What the function makes of each.
    ///
    /// ```rhai
    /// licenses().map(|l| l.name)
    /// ```
    #[rhai_fn(name = "map", return_raw, pure)]
    pub(crate) fn license_map(
        context: NativeCallContext,
        list: &mut LicenseList,
        make: FnPtr,
    ) -> Result<Array, Raised> {
        list.0
            .iter()
            .map(|license| make.call_within_context::<Dynamic>(&context, (license.clone(),)))
            .collect()
    }
}
