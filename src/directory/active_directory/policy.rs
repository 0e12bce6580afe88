//! The domain's password policy. Finer ones for some people are found out when their password is set.

use super::connection::Connection;
use super::name::Dn;
use super::read;
use crate::directory::DirectoryFault;
use crate::model::PasswordPolicy;

/// The bit of `pwdProperties` that asks for several classes of characters.
const COMPLEX: i64 = 1;

/// What the domain asks of every password.
pub(super) async fn policy(
    connection: &Connection,
    domain: &Dn,
) -> Result<PasswordPolicy, DirectoryFault> {
    let at = domain.to_string();
    let head = read::entry(connection, &at, &["minPwdLength", "pwdProperties"]).await?;
    let unread = || DirectoryFault::NotAllowed {
        reason: "the directory doesn't let acctsh read the domain's password policy".to_owned(),
        advice: "give its account the right to read the domain's head".to_owned(),
    };
    let head = head.ok_or_else(unread)?;
    let least = head.number("minPwdLength").ok_or_else(unread)?;
    let properties = head.number("pwdProperties").ok_or_else(unread)?;
    Ok(PasswordPolicy::Domain {
        least: u16::try_from(least).unwrap_or(u16::MAX),
        is_complex: properties & COMPLEX != 0,
    })
}
