//! A domain of Active Directory: certificate and sign-in, what the account may do, the recycle bin, the clock.

use jiff::SignedDuration;

use super::tenant::clock;
use super::{Cause, Finding, State};
use crate::accounts::AccountsFault;
use crate::directory::active_directory::{ActiveDirectory, Rights, SET_IN_THE_DOMAIN, Whether};
use crate::directory::{Directory as _, DirectoryFault, PasswordRules, RecycleBin};
use crate::model::{PasswordHome, PasswordPolicy};
use crate::profile::Profile;
use crate::profile::directory_config::DirectoryConfig;
use crate::profile::open::open_domain;

/// Names that are shown of many.
const SHOWN: usize = 5;

/// Looks the domain over; `None` if the profile's directory is none.
pub(super) async fn checked(profile: &Profile) -> Option<Vec<Finding>> {
    let DirectoryConfig::ActiveDirectory(config) = &profile.config.directory else { return None };
    let looked = match open_domain(config, profile.home(), profile.name()) {
        Ok(domain) => look(&domain).await.map_err(AccountsFault::from),
        Err(fault) => Err(fault),
    };
    Some(match looked {
        Ok(seen) => findings(&seen, profile.password_home()),
        Err(fault) => vec![
            Finding::fault("directory", &fault),
            Finding::new(
                "directory_rights",
                State::Untested,
                "what its account may do can be looked at once signing in works",
            ),
        ],
    })
}

/// What was seen of the domain.
struct Seen {
    rights: Rights,
    passwords: PasswordRules,
    people: u64,
}

async fn look(domain: &ActiveDirectory) -> Result<Seen, DirectoryFault> {
    Ok(Seen {
        rights: domain.rights().await?,
        passwords: domain.password_rules().await?,
        people: domain.count().await?,
    })
}

fn findings(seen: &Seen, home: PasswordHome) -> Vec<Finding> {
    let Seen { rights, passwords, people } = seen;
    let mut findings = vec![Finding::good(
        "directory",
        format!(
            "{} signs in to {}, whose certificate is trusted; it has {people} users",
            rights.bind, rights.domain
        ),
    )];
    findings.push(right(
        "make users",
        rights.create,
        &format!("make users in {}", rights.users_ou),
        &format!("dsacls \"{}\" /I:T /G \"{}:CCDC;user\"", rights.users_ou, rights.bind),
    ));
    findings.push(right(
        "reset passwords",
        rights.reset_password,
        "set passwords",
        &format!(
            "dsacls \"{}\" /I:S /G \"{}:CA;Reset Password;user\"",
            rights.users_ou, rights.bind
        ),
    ));
    findings.push(written(rights));
    findings.push(policies(passwords, home));
    findings.push(bin(rights));
    findings.extend(
        rights
            .clock_ahead
            .map(|ahead: SignedDuration| clock("domain", ahead).about(&rights.domain)),
    );
    if !rights.unspeakable.is_empty() {
        let count = rights.unspeakable.len();
        let shown: Vec<&str> = rights.unspeakable.iter().take(SHOWN).map(String::as_str).collect();
        let more = if count > SHOWN { ", …" } else { "" };
        findings.push(
            Finding::new(
                "directory_names",
                State::Remark,
                format!(
                    "{count} users have names that acctsh can't work with and are left out: {}{more}",
                    shown.join(", ")
                ),
            )
            .advice("give them user names without blanks and signs"),
        );
    }
    findings
}

fn right(subject: &str, whether: Whether, what: &str, command: &str) -> Finding {
    let finding = match whether {
        Whether::Yes => Finding::good("directory_rights", what),
        Whether::No => Finding::new(
            "directory_rights",
            State::Wrong(Cause::Access),
            format!("it is missing: without it acctsh can't {what}"),
        )
        .advice(format!("delegate it, as an administrator of the domain: {command}")),
        Whether::Unknown => Finding::new(
            "directory_rights",
            State::Untested,
            format!("nobody knows before it is tried whether acctsh may {what}"),
        ),
    };
    finding.about(subject)
}

fn written(rights: &Rights) -> Finding {
    let command = format!("dsacls \"{}\" /I:S /G \"{}:RPWP;;user\"", rights.users_ou, rights.bind);
    match &rights.unwritable {
        None => right("change users", Whether::Unknown, "change users", &command),
        Some(missing) if missing.is_empty() => {
            right("change users", Whether::Yes, "change users", &command)
        }
        Some(missing) => {
            let what = format!("write {} of users", missing.join(", "));
            right("change users", Whether::No, &what, &command)
        }
    }
}

fn policies(passwords: &PasswordRules, home: PasswordHome) -> Finding {
    let least = passwords.of_new_users.least();
    let age = passwords.days.map(|days| format!(", and has to be changed after {days} days"));
    let age = age.unwrap_or_default();
    let says = match passwords.finer {
        0 => format!(
            "a new password has at least {least} characters{age}; finer policies there are none, or its \
             account may not read them"
        ),
        finer => format!(
            "a new password has at least {least} characters{age}; finer policies for some, {finer} in all, ask \
             for up to {}",
            passwords.longest_minimum
        ),
    };
    match passwords.of_new_users {
        PasswordPolicy::Domain { least, is_complex }
            if home == PasswordHome::Directory
                && (least < PasswordPolicy::Tenant.least() || !is_complex) =>
        {
            Finding::new(
                "directory_passwords",
                State::Remark,
                format!(
                    "{says}; the tenant wants {}, and refuses weaker ones that are changed in the domain",
                    PasswordPolicy::Tenant.wants()
                ),
            )
            .advice(format!("ask for as much in the domain: {SET_IN_THE_DOMAIN}"))
        }
        _ => Finding::good("directory_passwords", says),
    }
}

fn bin(rights: &Rights) -> Finding {
    match rights.recycle_bin {
        RecycleBin::Everything => {
            Finding::good("directory_recycle_bin", "deleted users come back with all they had")
        }
        RecycleBin::WithoutPassword => Finding::new(
            "directory_recycle_bin",
            State::Remark,
            "it is off: a restored user has lost its password, and what another machine deleted more than that",
        )
        .advice("turn the domain's recycle bin on, which can't be undone: Enable-ADOptionalFeature"),
        RecycleBin::Nothing => Finding::new(
            "directory_recycle_bin",
            State::Remark,
            "it is on, and Samba can't bring users back from it: a deleted user is gone",
        )
        .advice("disable users rather than deleting them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rights: Rights) -> Seen {
        let of_new_users = PasswordPolicy::Domain { least: 7, is_complex: true };
        let passwords =
            PasswordRules { of_new_users, longest_minimum: 14, finer: 2, days: Some(42) };
        Seen { rights, passwords, people: 3 }
    }

    fn rights() -> Rights {
        Rights {
            domain: "contoso.test".to_owned(),
            bind: "acctsh@contoso.test".to_owned(),
            users_ou: "OU=People,DC=contoso,DC=test".to_owned(),
            create: Whether::Yes,
            reset_password: Whether::Yes,
            unwritable: Some(Vec::new()),
            recycle_bin: RecycleBin::Everything,
            clock_ahead: Some(SignedDuration::from_secs(2)),
            unspeakable: Vec::new(),
        }
    }

    #[test]
    fn a_domain_that_is_set_up_well_has_nothing_but_good_findings() {
        let seen = findings(&seen(rights()), PasswordHome::Online);
        assert!(seen.iter().all(|finding| finding.state == State::Good));
    }

    #[test]
    fn what_is_missing_comes_with_the_command_that_gives_it() {
        let few = Rights {
            create: Whether::No,
            reset_password: Whether::No,
            unwritable: Some(vec!["manager".to_owned()]),
            ..rights()
        };
        let wrong: Vec<Finding> = findings(&seen(few), PasswordHome::Online)
            .into_iter()
            .filter(|finding| finding.state == State::Wrong(Cause::Access))
            .collect();
        assert_eq!(wrong.len(), 3);
        for (finding, command) in
            wrong.iter().zip(["CCDC;user", "CA;Reset Password;user", "RPWP;;user"])
        {
            assert!(finding.advice.as_ref().unwrap().contains(command), "{finding:?}");
        }
        assert!(wrong[2].says.contains("write manager of users"));
    }

    #[test]
    fn a_domain_that_asks_for_less_than_the_tenant_is_remarked_on_where_passwords_are_changed_there()
     {
        let says = |least, is_complex, home| {
            let of_new_users = PasswordPolicy::Domain { least, is_complex };
            policies(
                &PasswordRules { of_new_users, longest_minimum: least, finer: 0, days: None },
                home,
            )
        };
        for (least, is_complex) in [(7, true), (8, false)] {
            let weak = says(least, is_complex, PasswordHome::Directory);
            assert_eq!(weak.state, State::Remark);
            assert!(weak.says.contains("the tenant wants at least 8 characters of three kinds"));
            assert!(weak.advice.unwrap().contains("samba-tool domain passwordsettings"));
            assert_eq!(says(least, is_complex, PasswordHome::Online).state, State::Good);
        }
        assert_eq!(says(8, true, PasswordHome::Directory).state, State::Good);
    }
}
