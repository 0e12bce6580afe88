//! The `directory` setting: the embedded one, or a domain of Active Directory.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::config::SecretReference;
use crate::directory::active_directory::{Dn, LinkAttribute, ServerUrl};

/// Which directory.
#[derive(Debug, Clone)]
pub(super) enum DirectoryConfig {
    /// The embedded one, by default in the profile's own folder.
    Embedded { path: Option<PathBuf> },
    /// A domain.
    ActiveDirectory(Box<DomainConfig>),
}

/// A domain, and how it is signed in to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DomainConfig {
    /// One address, or several in the order in which they are tried.
    #[serde(deserialize_with = "servers")]
    pub(super) servers: Vec<ServerUrl>,
    #[serde(default, deserialize_with = "dn")]
    pub(super) base: Option<Dn>,
    #[serde(default, deserialize_with = "dn")]
    pub(super) users_ou: Option<Dn>,
    /// Who signs in; by default the environment says so.
    pub(super) bind: Option<String>,
    /// Where the password is.
    pub(super) password: Option<SecretReference>,
    pub(super) ca_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "link_attribute")]
    pub(super) link_attribute: LinkAttribute,
    pub(super) upn_suffix: Option<String>,
}

/// The variable with the name that signs in, where the profile names none.
pub(super) const BIND: &str = "ACCTSH_BIND";
/// The variable with its password, where the profile names no other place.
pub(super) const BIND_PASSWORD: &str = "ACCTSH_BIND_PASSWORD";

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Table {
    Embedded { path: Option<PathBuf> },
    ActiveDirectory(Box<DomainConfig>),
}

impl Default for DirectoryConfig {
    fn default() -> Self {
        Self::Embedded { path: None }
    }
}

impl DirectoryConfig {
    /// An address alone: everything else is as it usually is.
    fn at(server: ServerUrl) -> Self {
        Self::ActiveDirectory(Box::new(DomainConfig {
            servers: vec![server],
            base: None,
            users_ou: None,
            bind: None,
            password: None,
            ca_file: None,
            link_attribute: LinkAttribute::default(),
            upn_suffix: None,
        }))
    }
}

impl<'de> Deserialize<'de> for DirectoryConfig {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OfSetting)
    }
}

/// Takes an address or a table.
struct OfSetting;

impl<'de> Visitor<'de> for OfSetting {
    type Value = DirectoryConfig;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "an address such as \"ldaps://dc1.contoso.test\", or a table with kind = \"embedded\" or \
             \"active_directory\"",
        )
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<DirectoryConfig, E> {
        match text {
            "embedded" => Ok(DirectoryConfig::default()),
            address => Ok(DirectoryConfig::at(ServerUrl::parse(address).map_err(E::custom)?)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DirectoryConfig, A::Error> {
        Ok(match Table::deserialize(MapAccessDeserializer::new(map))? {
            Table::Embedded { path } => DirectoryConfig::Embedded { path },
            Table::ActiveDirectory(domain) => DirectoryConfig::ActiveDirectory(domain),
        })
    }
}

fn servers<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ServerUrl>, D::Error> {
    let given = toml::Value::deserialize(from)?;
    let listed = match &given {
        toml::Value::String(one) => Some(vec![one.as_str()]),
        toml::Value::Array(several) => several.iter().map(toml::Value::as_str).collect(),
        _ => None,
    };
    let listed = listed.filter(|listed| !listed.is_empty()).ok_or_else(|| {
        D::Error::custom(
            "servers is an address such as \"ldaps://dc1.contoso.test\", or a list of them",
        )
    })?;
    listed.into_iter().map(|text| ServerUrl::parse(text).map_err(D::Error::custom)).collect()
}

fn dn<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Dn>, D::Error> {
    let text = String::deserialize(from)?;
    Dn::parse(&text).map(Some).ok_or_else(|| {
        D::Error::custom(format!(
            "{text:?} is no place in a directory: it is written like OU=People,DC=contoso,DC=test"
        ))
    })
}

fn link_attribute<'de, D: Deserializer<'de>>(from: D) -> Result<LinkAttribute, D::Error> {
    LinkAttribute::parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::super::config::chosen;
    use super::*;

    fn read(directory: &str) -> Result<DirectoryConfig, String> {
        let text = format!("[profiles.contoso]\ntenant = {{ kind = \"sandbox\" }}\n{directory}");
        let chosen = chosen("config.toml".into(), &text, None);
        chosen.map(|(_, profile)| profile.directory).map_err(|fault| fault.to_string())
    }

    fn domain(directory: &str) -> DomainConfig {
        match read(directory) {
            Ok(DirectoryConfig::ActiveDirectory(domain)) => *domain,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_address_alone_is_a_domain_as_it_usually_is() {
        let domain = domain("directory = \"ldaps://dc1.contoso.test\"");
        assert_eq!(domain.servers, [ServerUrl::parse("ldaps://dc1.contoso.test").unwrap()]);
        assert!(domain.base.is_none() && domain.bind.is_none() && domain.ca_file.is_none());
        assert_eq!(domain.link_attribute, LinkAttribute::default());
        assert!(matches!(read(""), Ok(DirectoryConfig::Embedded { path: None })));
        assert!(matches!(read("directory = \"embedded\""), Ok(DirectoryConfig::Embedded { .. })));
    }

    #[test]
    fn a_table_says_the_rest() {
        let domain = domain(
            "[profiles.contoso.directory]\n\
             kind = \"active_directory\"\n\
             servers = [\"ldaps://dc1.contoso.test\", \"ldaps://dc2.contoso.test:3269\"]\n\
             base = \"DC=contoso,DC=test\"\n\
             users_ou = \"OU=People,DC=contoso,DC=test\"\n\
             bind = \"acctsh@contoso.test\"\n\
             password = { file = \"bind.password\" }\n\
             ca_file = \"ca.pem\"\n\
             link_attribute = \"extensionAttribute3\"\n\
             upn_suffix = \"contoso.com\"\n",
        );
        assert_eq!(domain.servers.len(), 2);
        assert_eq!(domain.users_ou.unwrap().own(), "People");
        assert_eq!(domain.link_attribute.as_str(), "extensionAttribute3");
    }

    #[test]
    fn a_slip_is_named_with_its_line_and_what_is_right() {
        let table = |line: &str| {
            format!(
                "[profiles.contoso.directory]\nkind = \"active_directory\"\n{}{line}\n",
                if line.starts_with("servers") { "" } else { "servers = \"ldaps://dc1\"\n" }
            )
        };
        for (setting, said) in [
            ("directory = \"ldap://dc1.contoso.test\"".to_owned(), "is not encrypted"),
            ("directory = 7".to_owned(), "an address such as"),
            (table("servers = []"), "or a list of them"),
            (table("base = \"People\""), "is no place in a directory"),
            (table("link_attribute = \"info\""), "themselves"),
            (table("password = \"secret\""), "a secret is never in this file"),
            (table("user_ou = \"OU=x\""), "unknown field `user_ou`"),
            (table("servers = [\"ldaps://dc1\", 7]"), "or a list of them"),
        ] {
            let fault = read(&setting).unwrap_err();
            assert!(fault.contains(said), "{setting}: {fault}");
            assert!(!fault.contains("\"secret\""), "{fault}");
            assert!(fault.contains("line "), "{fault}");
        }
    }
}
