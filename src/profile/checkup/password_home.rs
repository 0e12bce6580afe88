//! Whether passwords that are changed in the directory arrive, where the profile says that they do.

use super::{Cause, Finding, State};
use crate::model::{Domain, PasswordHome};
use crate::profile::Profile;

/// Looks it over; nothing where passwords are changed online.
pub(super) async fn checked(profile: &Profile) -> Vec<Finding> {
    if profile.password_home() == PasswordHome::Online {
        return Vec::new();
    }
    let mut findings = Vec::from_iter(arrive(profile).await);
    let domains = match profile.sources().tenant() {
        Ok(tenant) => tenant.domains().await.unwrap_or_default(),
        // Said of the tenant.
        Err(_) => Vec::new(),
    };
    findings.extend(domains.iter().filter_map(expires));
    findings
}

/// What expires online has to be changed there, which breaks the one password.
fn expires(domain: &Domain) -> Option<Finding> {
    let days = domain.password_days.filter(|_| domain.is_verified)?;
    let name = &domain.name;
    let says = format!(
        "passwords of {name} expire online after {days} days: whoever changes it there has two passwords"
    );
    Some(Finding::new("password_age", State::Remark, says).advice(format!(
        "let them never expire online, where the directory says when: Update-MgDomain -DomainId {name} \
         -PasswordValidityPeriodInDays 2147483647"
    )))
}

async fn arrive(profile: &Profile) -> Option<Finding> {
    // Whatever keeps it from being known is said of the directory and of the journal.
    let directory = profile.sources().directory().ok()?.identity().await.ok()?;
    let seen = profile.journal().ok()?.password_change_seen(directory.id).await.ok()?;
    Some(match seen {
        Some(seen) => Finding::good(
            "password_home",
            format!("passwords changed in the directory arrive: first seen {seen:.0}"),
        ),
        None => Finding::new(
            "password_home",
            State::Wrong(Cause::Other),
            "passwords are to be changed in the directory, and no change made there has been seen to arrive",
        )
        .advice(
            "let one person of the online accounts change the password in the directory while acctsh sync \
             --watch runs (or acctsh passwd, in a directory of acctsh's own); until then nobody gets an online \
             account: set password_home = \"online\" in the profile for that time",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Authentication, DomainName};

    #[test]
    fn what_expires_online_is_said_with_the_way_out() {
        let domain = |password_days| Domain {
            name: DomainName::received("contoso.com"),
            is_default: true,
            is_initial: false,
            is_verified: true,
            authentication: Authentication::Managed,
            password_days,
        };
        assert_eq!(expires(&domain(None)), None);
        let finding = expires(&domain(Some(90))).unwrap();
        assert!(finding.says.contains("expire online after 90 days"), "{}", finding.says);
        assert!(finding.advice.unwrap().contains("-DomainId contoso.com"));
    }
}
