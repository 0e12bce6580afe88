//! From licences and services as people name them to the tenant's ids.

use crate::accounts::R;
use crate::model::{AssignedLicense, Field, License, LicenseName, Problem, SkuId, nearest};
use crate::plan::edit::Edits;
use crate::plan::view::View;

/// The licences asked for, by the tenant's ids.
pub(super) fn licenses_wanted(
    label: &str,
    names: &[LicenseName],
    without: &[String],
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<AssignedLicense>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let all = view.licenses()?;
    let mut wanted = Vec::new();
    let mut services_found = vec![false; without.len()];
    for name in names {
        let Some(license) = named(label, name, view, out)? else { continue };
        if !license.is_assignable || !license.state.works() {
            let message = format!("the subscription {:?} can't be assigned", license.name);
            out.problem(
                Problem::error("license_unusable", label, message)
                    .field(Field::Licenses)
                    .value(&name.0)
                    .advice("renew the subscription, or name another licence"),
            );
            continue;
        }
        let mut disabled = Vec::new();
        for (service, found) in without.iter().zip(&mut services_found) {
            let services = license.services_called(service);
            *found |= !services.is_empty();
            disabled.extend(services.iter().map(|service| service.id));
        }
        disabled.sort_unstable();
        wanted.push(AssignedLicense { sku: license.sku, disabled });
    }
    for (service, found) in without.iter().zip(&services_found) {
        if !found && !wanted.is_empty() {
            let offered = all.iter().filter(|l| wanted.iter().any(|w| w.sku == l.sku));
            let names =
                offered.flat_map(|license| license.services.iter().map(|s| s.name.as_str()));
            let advice = nearest(service, names).map(|near| format!("did you mean {near}?"));
            let message = format!("none of the licences has a service {service:?}");
            let problem = Problem::error("unknown_service", label, message)
                .field(Field::Without)
                .value(service);
            out.problem(match advice {
                Some(advice) => problem.advice(advice),
                None => problem,
            });
        }
    }
    Ok(wanted)
}

/// Products by the names that people give them, whether or not they can be assigned.
pub(super) fn licenses_named(
    label: &str,
    names: &[LicenseName],
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<SkuId>> {
    let mut found = Vec::new();
    for name in names {
        found.extend(named(label, name, view, out)?.map(|license| license.sku));
    }
    Ok(found)
}

fn named<'a>(
    label: &str,
    name: &LicenseName,
    view: &View<'a>,
    out: &mut Edits,
) -> R<Option<&'a License>> {
    let found = view.license(name)?;
    if found.is_none() {
        let all = view.licenses()?;
        let names = all.iter().flat_map(|it| [it.name.as_str(), it.part_number.as_str()]);
        let known: Vec<&str> = all.iter().map(|license| license.name.as_str()).collect();
        let advice = match nearest(&name.0, names) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("the tenant has: {}", known.join(", ")),
        };
        let message = format!("the tenant has no licence {:?}", name.0);
        out.problem(
            Problem::error("unknown_license", label, message)
                .field(Field::Licenses)
                .value(&name.0)
                .advice(advice),
        );
    }
    Ok(found)
}
