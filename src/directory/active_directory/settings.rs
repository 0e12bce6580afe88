//! Where the directory is and how it is signed in to, checked before anything is sent.

use std::path::PathBuf;

use super::name::Dn;
use crate::model::Secret;

/// How to reach and use a domain.
pub struct Settings {
    /// The controllers, in the order in which they are tried.
    pub servers: Vec<ServerUrl>,
    /// Below which acctsh looks for users; `None` is the whole domain.
    pub base: Option<Dn>,
    /// Where new users are made; `None` is the container `Users` of the domain.
    pub users_ou: Option<Dn>,
    /// Who signs in: a name such as `acctsh@contoso.test`, `CONTOSO\acctsh`, or a distinguished name.
    pub bind: String,
    /// With which password.
    pub password: Secret,
    /// The certificates that are trusted, in a PEM file; `None` trusts those that the system does.
    pub ca_file: Option<PathBuf>,
    /// The attribute that keeps the link to the online account.
    pub link_attribute: LinkAttribute,
    /// What follows the `@` in the principal names of new users; `None` is the domain's name.
    pub upn_suffix: Option<String>,
    /// The file that keeps what a deleted user loses in the directory.
    pub kept: PathBuf,
}

/// The address of a controller: `ldaps` and nothing else, since passwords pass through it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    host: String,
    port: u16,
}

impl ServerUrl {
    /// Reads an address such as `ldaps://dc1.contoso.test`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |reason: &str| {
            format!("{text:?} {reason}: a server is written like ldaps://dc1.contoso.test")
        };
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(wrong("is no address of a directory"));
        };
        match scheme {
            "ldaps" => {}
            "ldap" => {
                return Err(wrong("is not encrypted, and passwords would be sent through it"));
            }
            _ => return Err(wrong("is no address of a directory")),
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()),
            None => (rest, Some(636)),
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        match port {
            Some(port) if port > 0 && !host.is_empty() && host.chars().all(is_name) => {
                Ok(Self { host: host.to_owned(), port })
            }
            _ => Err(wrong("has no host, or more than host and port")),
        }
    }

    /// The whole address.
    pub(super) fn url(&self) -> String {
        format!("ldaps://{}:{}", self.host, self.port)
    }

    /// The machine.
    pub(super) fn host(&self) -> &str {
        &self.host
    }
}

/// An attribute of users that holds one text and that the persons themselves can't write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAttribute(String);

impl LinkAttribute {
    /// What is good for it (`active-directory.md §3`): one text, in every schema or in Exchange's, and not
    /// to be changed by the person.
    const FIT: &[&str] = &[
        "adminDescription",
        "extensionAttribute1",
        "extensionAttribute2",
        "extensionAttribute3",
        "extensionAttribute4",
        "extensionAttribute5",
        "extensionAttribute6",
        "extensionAttribute7",
        "extensionAttribute8",
        "extensionAttribute9",
        "extensionAttribute10",
        "extensionAttribute11",
        "extensionAttribute12",
        "extensionAttribute13",
        "extensionAttribute14",
        "extensionAttribute15",
    ];

    /// Takes the name of an attribute that is fit for it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(fit) = Self::FIT.iter().find(|fit| fit.eq_ignore_ascii_case(text)) {
            return Ok(Self((*fit).to_owned()));
        }
        let own = ["info", "telephoneNumber"].iter().any(|own| own.eq_ignore_ascii_case(text))
            || text.to_lowercase().starts_with("msds-cloudextensionattribute");
        let reason = if own {
            "can be written by the persons themselves, who could link themselves to anybody"
        } else {
            "is not an attribute for it"
        };
        Err(format!(
            "link_attribute {text:?} {reason}: use adminDescription or, where Exchange has extended the \
             schema, extensionAttribute1 to extensionAttribute15"
        ))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LinkAttribute {
    fn default() -> Self {
        Self("adminDescription".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_encrypted_address_is_taken() {
        assert_eq!(
            ServerUrl::parse("ldaps://dc1.contoso.test").unwrap().url(),
            "ldaps://dc1.contoso.test:636"
        );
        assert_eq!(ServerUrl::parse("ldaps://127.0.0.1:7636/").unwrap().port, 7636);
        for (text, reason) in [
            ("ldap://dc1.contoso.test", "is not encrypted"),
            ("dc1.contoso.test", "is no address"),
            ("https://dc1.contoso.test", "is no address"),
            ("ldaps://", "has no host"),
            ("ldaps://dc1:0", "has no host"),
            ("ldaps://dc1:x", "has no host"),
            ("ldaps://dc1/DC=contoso", "has no host"),
            ("ldaps://eva:secret@dc1", "has no host"),
        ] {
            let said = ServerUrl::parse(text).unwrap_err();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }

    #[test]
    fn the_link_is_kept_where_the_person_cannot_write() {
        assert_eq!(LinkAttribute::parse("admindescription").unwrap(), LinkAttribute::default());
        assert!(LinkAttribute::parse("info").unwrap_err().contains("themselves"));
        assert!(
            LinkAttribute::parse("msDS-cloudExtensionAttribute1")
                .unwrap_err()
                .contains("themselves")
        );
        assert!(
            LinkAttribute::parse("description").unwrap_err().contains("not an attribute for it")
        );
    }
}
