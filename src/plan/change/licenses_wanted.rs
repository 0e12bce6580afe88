//! From licences and services as people name them to the tenant's ids.

use super::online_wish::OnlineWish;
use crate::accounts::R;
use crate::model::{AssignedLicense, Field, Problem, UserName, nearest};
use crate::plan::edit::Edits;
use crate::plan::view::View;

/// The licences asked for, by the tenant's ids.
pub(super) fn licenses_wanted(
    user_name: &UserName,
    wish: &OnlineWish,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Vec<AssignedLicense>> {
    if wish.licenses.is_empty() {
        return Ok(Vec::new());
    }
    let all = view.licenses()?;
    let mut wanted = Vec::new();
    let mut services_found = vec![false; wish.without.len()];
    for name in &wish.licenses {
        let Some(license) = view.license(name)? else {
            let names = all.iter().flat_map(|l| [l.name.as_str(), l.part_number.as_str()]);
            let known: Vec<&str> = all.iter().map(|license| license.name.as_str()).collect();
            let advice = match nearest(&name.0, names) {
                Some(near) => format!("did you mean {near:?}?"),
                None => format!("the tenant has: {}", known.join(", ")),
            };
            let message = format!("the tenant has no licence {:?}", name.0);
            out.problem(
                Problem::error("unknown_license", user_name, message)
                    .field(Field::Licenses)
                    .value(&name.0)
                    .advice(advice),
            );
            continue;
        };
        if !license.is_assignable || !license.state.works() {
            let message = format!("the subscription {:?} can't be assigned", license.name);
            out.problem(
                Problem::error("license_unusable", user_name, message)
                    .field(Field::Licenses)
                    .value(&name.0)
                    .advice("renew the subscription, or name another licence"),
            );
            continue;
        }
        let mut disabled = Vec::new();
        for (service, found) in wish.without.iter().zip(&mut services_found) {
            let services = license.services_called(service);
            *found |= !services.is_empty();
            disabled.extend(services.iter().map(|service| service.id));
        }
        wanted.push(AssignedLicense { sku: license.sku, disabled });
    }
    for (service, found) in wish.without.iter().zip(&services_found) {
        if !found && !wanted.is_empty() {
            let offered = all.iter().filter(|l| wanted.iter().any(|w| w.sku == l.sku));
            let names =
                offered.flat_map(|license| license.services.iter().map(|s| s.name.as_str()));
            let advice = nearest(service, names).map(|near| format!("did you mean {near}?"));
            let message = format!("none of the licences has a service {service:?}");
            let problem = Problem::error("unknown_service", user_name, message)
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
