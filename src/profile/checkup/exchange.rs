//! Exchange Online: whether the tenant has it, and whether the app may use it.

use super::{Cause, Finding, State};
use crate::model::License;
use crate::online::permissions::{
    Access, EXCHANGE_ADMINISTRATOR, HIGHER_ROLES, MANAGE_EXCHANGE, Role,
};
use crate::online::{ExchangeAccess, Tenant};

const GIVE_ROLE: &str = "give it to the app: Entra admin center, Roles & admins, Exchange Administrator, Add \
                         assignments; it counts from the next token on, after some minutes";

/// `access` is what Graph's token says of the app.
pub(super) async fn checked(tenant: &Tenant, access: &Access) -> Vec<Finding> {
    // Who may not ask for subscriptions is told so elsewhere, and may have mailboxes all the same.
    if let Ok(licenses) = tenant.licenses().await
        && !licenses.iter().any(has_mailboxes)
    {
        let says = "no Exchange Online: aliases and groups are not available";
        return vec![Finding::new("exchange", State::Remark, says)];
    }
    match tenant.exchange_access().await {
        Ok(exchange) => vec![permission(exchange), role(tenant, access, exchange).await],
        Err(fault) => vec![Finding::fault("exchange", &fault.into())],
    }
}

/// Whether a product that works brings a mailbox.
fn has_mailboxes(license: &License) -> bool {
    license.state.works() && license.services.iter().any(|service| service.is_mailbox())
}

fn permission(exchange: ExchangeAccess) -> Finding {
    let needed = MANAGE_EXCHANGE;
    let finding = match exchange.has_permission {
        Some(true) => Finding::good("permission", needed.reason),
        None => Finding::new(
            "permission",
            State::Untested,
            "Exchange's token can't be read, so nobody knows whether the app has it",
        ),
        Some(false) => Finding::new(
            "permission",
            State::Wrong(Cause::Access),
            format!("it is missing: without it acctsh can't {}", needed.reason),
        )
        .advice(
            "grant it to the app with admin consent: Entra admin center, App registrations, the app, \
             API permissions, APIs my organization uses, Office 365 Exchange Online, Application \
             permissions; it counts from the next token on",
        ),
    };
    finding.about(needed.name)
}

async fn role(tenant: &Tenant, access: &Access, exchange: ExchangeAccess) -> Finding {
    let wanted = EXCHANGE_ADMINISTRATOR;
    let unsure = |state, says: &str| Finding::new("role", state, says).about(wanted.name);
    match exchange.is_let_in {
        None => return unsure(State::Untested, "it can be looked at once the permission is there"),
        Some(false) => {
            let says =
                format!("the app doesn't hold it: without it acctsh can't {}", wanted.reason);
            return unsure(State::Wrong(Cause::Access), &says).advice(GIVE_ROLE);
        }
        Some(true) => {}
    }
    // Reading takes less than writing: roles that only read are let in too.
    let all: Vec<Role> = HIGHER_ROLES.into_iter().chain([wanted]).collect();
    let held = match access.app {
        Some(app) => tenant.roles_held_by(app, &all).await.ok(),
        None => None,
    };
    let Some(held) = held else {
        return unsure(
            State::Untested,
            "Exchange lets the app read; whether it may write can't be looked up",
        );
    };
    let writes = |role: &&Role| [wanted.name, "Global Administrator"].contains(&role.name);
    match held.iter().rev().find(writes) {
        Some(role) => Finding::good("role", wanted.reason).about(role.name),
        None => unsure(
            State::Remark,
            "another role lets the app read in Exchange; whether it may write shows at the first write",
        )
        .advice(GIVE_ROLE),
    }
}
