//! What passwords must be in the domain: its own policy, and finer ones that take its place for some
//! (`active-directory.md §5`).

use ldap3::Scope;

use super::connection::{Connection, Search};
use super::entry::Entry;
use super::name::{self, Dn};
use super::read;
use crate::directory::{DirectoryFault, PasswordRules};
use crate::model::PasswordPolicy;

/// How the domain's own policy is set, for advice: by an administrator of the domain, not by acctsh.
pub const SET_IN_THE_DOMAIN: &str = "set it in the domain: in its Default Domain Policy, or in Samba with \
     samba-tool domain passwordsettings set";
/// The bit of `pwdProperties` that asks for several classes of characters.
const COMPLEX: i64 = 1;
/// The last part of the security identifier of *Domain Users*, which every new user is in.
const DOMAIN_USERS: u32 = 513;

/// What the domain asks of passwords. Finer policies that its account may not read are not among them:
/// the domain has its way when the password is set.
pub(super) async fn rules(
    connection: &Connection,
    domain: &Dn,
) -> Result<PasswordRules, DirectoryFault> {
    let at = domain.to_string();
    let wanted = ["minPwdLength", "pwdProperties", "maxPwdAge", "objectSid"];
    let unread = || DirectoryFault::NotAllowed {
        reason: "the directory doesn't let acctsh read the domain's password policy".to_owned(),
        advice: "give its account the right to read the domain's head".to_owned(),
    };
    let head = read::entry(connection, &at, &wanted).await?.ok_or_else(unread)?;
    let own = of_domain(&head).ok_or_else(unread)?;
    let finer = finer(connection, domain).await?;
    let for_all = match head.bytes("objectSid") {
        Some(sid) if !finer.is_empty() => for_all_users(connection, &at, sid, &finer).await?,
        _ => None,
    };
    let least = finer.iter().map(|policy| policy.asks.least).chain([own.least]).max();
    Ok(PasswordRules {
        // The first password is set before anybody is in a group: it satisfies both.
        of_new_users: own.and(for_all).policy(),
        longest_minimum: least.unwrap_or_default(),
        finer: finer.len(),
        days: head.number("maxPwdAge").and_then(days),
    })
}

/// What a policy asks for.
#[derive(Clone, Copy)]
struct Asks {
    least: u16,
    is_complex: bool,
}

impl Asks {
    fn and(self, other: Option<Self>) -> Self {
        other.map_or(self, |other| Self {
            least: self.least.max(other.least),
            is_complex: self.is_complex || other.is_complex,
        })
    }

    fn policy(self) -> PasswordPolicy {
        PasswordPolicy::Domain { least: self.least, is_complex: self.is_complex }
    }
}

fn of_domain(head: &Entry) -> Option<Asks> {
    let least = length(head.number("minPwdLength")?);
    Some(Asks { least, is_complex: head.number("pwdProperties")? & COMPLEX != 0 })
}

/// An age in negative counts of 100 ns as whole days; `None` for never (`active-directory.md §5`).
fn days(age: i64) -> Option<u32> {
    const DAY: i64 = 24 * 60 * 60 * 10_000_000;
    let days = age.checked_neg().filter(|age| *age > 0)? / DAY;
    // Less than a day is never for Samba, and nobody's intention elsewhere.
    u32::try_from(days).ok().filter(|days| *days > 0)
}

fn length(given: i64) -> u16 {
    u16::try_from(given).unwrap_or(u16::MAX)
}

/// A finer policy.
struct Finer {
    asks: Asks,
    /// Of several that apply to somebody, the one with the lowest number holds.
    precedence: i64,
    applies_to: Vec<Dn>,
}

async fn finer(connection: &Connection, domain: &Dn) -> Result<Vec<Finer>, DirectoryFault> {
    let base = domain.child("CN", "System").to_string();
    let search = Search {
        base: &base,
        scope: Scope::Subtree,
        filter: "(objectClass=msDS-PasswordSettings)",
        attributes: &[
            "msDS-MinimumPasswordLength",
            "msDS-PasswordComplexityEnabled",
            "msDS-PasswordSettingsPrecedence",
            "msDS-PSOAppliesTo",
        ],
        controls: Vec::new(),
    };
    connection.read(&search, |entry| read_finer(&entry)).await
}

/// One that can't be read as such is none that acctsh could keep to.
fn read_finer(entry: &Entry) -> Option<Finer> {
    Some(Finer {
        asks: Asks {
            least: length(entry.number("msDS-MinimumPasswordLength")?),
            is_complex: entry.is("msDS-PasswordComplexityEnabled"),
        },
        precedence: entry.number("msDS-PasswordSettingsPrecedence")?,
        applies_to: entry
            .texts("msDS-PSOAppliesTo")
            .iter()
            .filter_map(|dn| Dn::parse(dn))
            .collect(),
    })
}

/// The finer policy that applies to everybody, as members of *Domain Users*.
async fn for_all_users(
    connection: &Connection,
    base: &str,
    domain_sid: &[u8],
    finer: &[Finer],
) -> Result<Option<Asks>, DirectoryFault> {
    let filter = name::bytes_are("objectSid", &account_sid(domain_sid, DOMAIN_USERS));
    let search = Search {
        base,
        scope: Scope::Subtree,
        filter: &filter,
        attributes: &["distinguishedName"],
        controls: Vec::new(),
    };
    let group =
        connection.read(&search, |entry| Dn::parse(entry.text("distinguishedName")?)).await?;
    let applying =
        finer.iter().filter(|policy| policy.applies_to.iter().any(|to| group.contains(to)));
    Ok(applying.min_by_key(|policy| policy.precedence).map(|policy| policy.asks))
}

/// The security identifier of an account of the domain: the domain's with one more part.
fn account_sid(domain: &[u8], relative_id: u32) -> Vec<u8> {
    let mut sid = domain.to_vec();
    if let Some(parts) = sid.get_mut(1) {
        *parts = parts.saturating_add(1);
    }
    sid.extend(relative_id.to_le_bytes());
    sid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accounts_identifier_is_the_domains_with_one_more_part() {
        let domain = [1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
        let account = account_sid(&domain, DOMAIN_USERS);
        assert_eq!((account[1], account.len()), (5, 28));
        assert_eq!(account[24..], [1, 2, 0, 0]);
    }
}
