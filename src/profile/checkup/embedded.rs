//! The embedded directory: whether it opens, and what it asks of passwords.

use super::{Finding, State};
use crate::accounts::AccountsFault;
use crate::model::{PasswordHome, PasswordPolicy};
use crate::profile::Profile;

/// Looks it over.
pub(super) async fn checked(profile: &Profile) -> Vec<Finding> {
    match look(profile).await {
        Ok((users, level)) => vec![opens(users), passwords(level, profile.password_home())],
        Err(fault) => vec![Finding::fault("directory", &fault)],
    }
}

async fn look(profile: &Profile) -> Result<(u64, PasswordPolicy), AccountsFault> {
    let directory = profile.sources().directory()?;
    let users = directory.count().await?;
    Ok((users, directory.password_rules().await?.of_new_users))
}

fn opens(users: u64) -> Finding {
    match users {
        1 => Finding::good("directory", "it opens, and has 1 user"),
        users => Finding::good("directory", format!("it opens, and has {users} users")),
    }
}

fn passwords(level: PasswordPolicy, home: PasswordHome) -> Finding {
    let says = format!("its password policy is {level}: {}", level.wants());
    if home == PasswordHome::Directory && level.is_below(PasswordPolicy::Strong) {
        return Finding::new(
            "directory_passwords",
            State::Remark,
            format!("{says}; the tenant wants {}", PasswordPolicy::Tenant.wants()),
        )
        .advice("the next plan that needs it raises it, or now: set_password_policy(\"strong\")");
    }
    Finding::good("directory_passwords", says)
}
