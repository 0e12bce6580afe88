//! All addresses of one recipient, as Exchange lists them.

use serde::{Deserialize, Serialize};

use super::EmailAddress;

/// The list `EmailAddresses`: one primary (`SMTP:`), others (`smtp:`), and what isn't e-mail (`SIP:`,
/// `SPO:`, `X500:`), which stays as it is (`exchange.md §11.1`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailAddresses(Vec<String>);

impl MailAddresses {
    /// A list as the tenant reports it.
    pub fn received(list: Vec<String>) -> Self {
        Self(list)
    }

    /// The entries with their prefixes.
    pub fn entries(&self) -> &[String] {
        &self.0
    }

    /// The address that mail is sent from.
    pub fn primary(&self) -> Option<EmailAddress> {
        self.0.iter().find_map(|each| each.strip_prefix("SMTP:")).map(EmailAddress::received)
    }

    /// The others, without the primary one.
    pub fn aliases(&self) -> Vec<EmailAddress> {
        self.0
            .iter()
            .filter_map(|each| each.strip_prefix("smtp:"))
            .map(EmailAddress::received)
            .collect()
    }

    /// Every address, the primary one included.
    pub fn all(&self) -> impl Iterator<Item = EmailAddress> + '_ {
        self.0.iter().filter_map(|each| email(each))
    }

    /// What a directory's user keeps of it: e-mail addresses alone, the primary one first.
    #[must_use]
    pub fn for_directory(&self) -> Self {
        let primary = self.0.iter().filter(|entry| entry.starts_with("SMTP:")).cloned();
        let mut aliases: Vec<String> =
            self.aliases().iter().map(|alias| format!("smtp:{alias}")).collect();
        aliases.sort_by_key(|alias| alias.to_lowercase());
        Self(primary.chain(aliases).collect())
    }

    /// The list with these aliases more and those fewer; a primary address isn't removed this way.
    #[must_use]
    pub fn with_aliases(&self, add: &[EmailAddress], remove: &[EmailAddress]) -> Self {
        let stays = |entry: &&String| match entry.strip_prefix("smtp:") {
            Some(address) => !remove.contains(&EmailAddress::received(address)),
            None => true,
        };
        let mut list: Vec<String> = self.0.iter().filter(stays).cloned().collect();
        let new = add.iter().filter(|address| !self.contains(address));
        list.extend(new.map(|address| format!("smtp:{address}")));
        Self(list)
    }

    /// Whether mail to it arrives here.
    pub fn contains(&self, address: &EmailAddress) -> bool {
        self.all().any(|each| each == *address)
    }

    /// The list with another primary address; the old one becomes an alias, all else stays
    /// (`exchange.md §11.3`).
    #[must_use]
    pub fn with_primary(&self, address: &EmailAddress) -> Self {
        let others = self.0.iter().filter_map(|each| match email(each) {
            Some(email) if email == *address => None,
            Some(email) => Some(format!("smtp:{email}")),
            None => Some(each.clone()),
        });
        Self(std::iter::once(format!("SMTP:{address}")).chain(others).collect())
    }
}

/// The e-mail address of an entry, if it is one.
fn email(entry: &str) -> Option<EmailAddress> {
    let (prefix, address) = entry.split_once(':')?;
    prefix.eq_ignore_ascii_case("smtp").then(|| EmailAddress::received(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_primary_address_keeps_the_old_one_and_what_is_no_email() {
        let list = ["SMTP:eva@contoso.com", "smtp:Boss@contoso.com", "SIP:eva@contoso.com"];
        let addresses = MailAddresses::received(list.map(str::to_owned).to_vec());
        let boss = EmailAddress::parse("boss@contoso.com").unwrap();
        assert_eq!(addresses.aliases(), std::slice::from_ref(&boss));
        let changed = addresses.with_primary(&boss);
        assert_eq!(changed.primary(), Some(boss));
        assert_eq!(
            changed.entries(),
            ["SMTP:boss@contoso.com", "smtp:eva@contoso.com", "SIP:eva@contoso.com"]
        );
    }
}
