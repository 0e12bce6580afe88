//! The tenant: signing in, whose it is, the clocks, each permission by name, the role. What is of Exchange
//! is in `exchange`.

use jiff::SignedDuration;

use super::{Cause, Finding, State, exchange};
use crate::accounts::AccountsFault;
use crate::online::permissions::{
    Access, HIGHER_ROLES, NEEDED, Permission, Role, USER_ADMINISTRATOR,
};
use crate::online::{FaultKind, Tenant};
use crate::profile::Profile;

/// What clocks that somebody looks after may be apart: network and rounding are in it.
const FINE: SignedDuration = SignedDuration::from_secs(30);
/// More than what a resumed run allows for when it asks which change of a password was the later one.
const TOO_FAR: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn checked(profile: &Profile) -> Vec<Finding> {
    let opened = profile.sources().tenant();
    let access = match &opened {
        Ok(tenant) => tenant.access().await.map_err(AccountsFault::from),
        Err(fault) => Err(fault.clone()),
    };
    let (tenant, access) = match (opened, access) {
        (Ok(tenant), Ok(access)) => (tenant, access),
        (_, Err(fault)) | (Err(fault), _) => {
            let untested = "the permissions can be looked at once signing in works";
            return vec![
                Finding::fault("sign_in", &fault),
                Finding::new("permission", State::Untested, untested),
            ];
        }
    };
    let mut findings = vec![Finding::good("sign_in", "the tenant gives a token")];
    findings.push(whose(&tenant).await);
    findings.extend(access.clock_ahead.map(|ahead| clock("tenant", ahead)));
    match &access.permissions {
        Some(granted) => findings
            .extend(NEEDED.iter().map(|needed| permission(needed, needed.granted_by(granted)))),
        None => findings.push(Finding::new(
            "permission",
            State::Untested,
            "the token can't be read, so nobody knows before a write whether it is allowed",
        )),
    }
    findings.push(role(&tenant, &access).await);
    findings.extend(exchange::checked(&tenant, &access).await);
    findings
}

async fn whose(tenant: &Tenant) -> Finding {
    match tenant.organization().await {
        Ok(it) => {
            let synchronized = if it.is_synchronized {
                ", whose accounts come from a directory synchronisation"
            } else {
                ""
            };
            Finding::good("tenant", format!("it is {} ({}){synchronized}", it.name, it.id))
        }
        // The permission has its own line.
        Err(fault) if fault.kind == FaultKind::PermissionMissing => {
            Finding::new("tenant", State::Untested, "it may not be asked who it is")
        }
        Err(fault) => Finding::fault("tenant", &fault.into()),
    }
}

/// How the clock of one side and this machine's go together.
pub(super) fn clock(whose: &str, ahead: SignedDuration) -> Finding {
    let apart = ahead.abs();
    if apart <= FINE {
        return Finding::good("clock", format!("this machine's clock and the {whose}'s agree"));
    }
    let (way, text) = (if ahead.is_positive() { "behind" } else { "ahead of" }, in_words(apart));
    let state = if apart >= TOO_FAR { State::Wrong(Cause::Other) } else { State::Remark };
    Finding::new("clock", state, format!("this machine's clock is {text} {way} the {whose}'s"))
        .advice("let the machine take its time from the network (NTP)")
}

fn in_words(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    match (seconds / 60, seconds / 3600) {
        (0 | 1, _) => format!("{seconds} seconds"),
        (minutes, 0 | 1) => format!("{minutes} minutes"),
        (_, hours) => format!("{hours} hours"),
    }
}

fn permission(needed: &Permission, by: Option<&str>) -> Finding {
    let finding = match by {
        Some(by) if by == needed.name => Finding::good("permission", needed.reason),
        Some(by) => Finding::good("permission", format!("{} (by {by})", needed.reason)),
        None => Finding::new(
            "permission",
            State::Wrong(Cause::Access),
            format!("it is missing: without it acctsh can't {}", needed.reason),
        )
        .advice(
            "grant it to the app with admin consent: Entra admin center, App registrations, the app, \
             API permissions, Microsoft Graph, Application permissions; it counts from the next \
             token on",
        ),
    };
    finding.about(needed.name)
}

async fn role(tenant: &Tenant, access: &Access) -> Finding {
    let unknown =
        |why: &str| Finding::new("role", State::Untested, why).about(USER_ADMINISTRATOR.name);
    let Some(app) = access.app else {
        return unknown("the token doesn't say who the app is, so its roles can't be looked up");
    };
    let wanted: Vec<Role> = HIGHER_ROLES.into_iter().chain([USER_ADMINISTRATOR]).collect();
    let held = match tenant.roles_held_by(app, &wanted).await {
        Ok(held) => held,
        Err(fault) if fault.kind == FaultKind::PermissionMissing => {
            return unknown("who holds which role may not be asked");
        }
        Err(fault) => {
            return Finding::fault("role", &fault.into()).about(USER_ADMINISTRATOR.name);
        }
    };
    match held.first() {
        Some(role) if role.name == USER_ADMINISTRATOR.name => {
            Finding::good("role", role.reason).about(role.name)
        }
        Some(role) => {
            Finding::good("role", format!("{}; {} as well", USER_ADMINISTRATOR.reason, role.reason))
                .about(role.name)
        }
        None => Finding::new(
            "role",
            State::Wrong(Cause::Access),
            format!(
                "the app doesn't hold it: without it acctsh can't {}",
                USER_ADMINISTRATOR.reason
            ),
        )
        .about(USER_ADMINISTRATOR.name)
        .advice(
            "give it to the app: Entra admin center, Roles & admins, User Administrator, Add \
             assignments",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_fine_worth_a_note_or_wrong_by_how_far_they_are_apart() {
        for (seconds, state, says) in [
            (-20, State::Good, "this machine's clock and the tenant's agree"),
            (45, State::Remark, "this machine's clock is 45 seconds behind the tenant's"),
            (
                -600,
                State::Wrong(Cause::Other),
                "this machine's clock is 10 minutes ahead of the tenant's",
            ),
            (
                86_400,
                State::Wrong(Cause::Other),
                "this machine's clock is 24 hours behind the tenant's",
            ),
        ] {
            let finding = clock("tenant", SignedDuration::from_secs(seconds));
            assert_eq!((finding.state, finding.says.as_str()), (state, says));
        }
    }
}
