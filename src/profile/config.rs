//! `config.toml`. Unknown keys are errors; a secret is never in it, only where to find it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::directory_config::DirectoryConfig;
use super::sync_config::SyncConfig;
use super::{Defaults, Home, ProfileFault, SANDBOX, SANDBOX_ADMINISTRATOR};
use crate::model::{CountryCode, DomainName, EmailAddress, LicenseName, PasswordHome, nearest};
use crate::online::TenantQuota;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    default_profile: Option<String>,
    profiles: BTreeMap<String, ProfileConfig>,
}

/// One profile's settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileConfig {
    #[serde(default)]
    pub(super) directory: DirectoryConfig,
    pub(super) tenant: TenantConfig,
    #[serde(default)]
    defaults: DefaultsConfig,
    #[serde(default)]
    pub(super) letters: LettersConfig,
    #[serde(default)]
    pub(super) protected: Vec<String>,
    #[serde(default)]
    pub(super) password_home: PasswordHome,
    #[serde(default)]
    pub(super) sync: SyncConfig,
    #[serde(default = "patience")]
    pub(super) patience_seconds: u64,
    #[serde(default = "mailbox_patience")]
    pub(super) mailbox_patience_seconds: u64,
}

fn patience() -> u64 {
    120
}

/// A mailbox comes within 30 minutes of its licence as a rule (`exchange.md §12.2`).
fn mailbox_patience() -> u64 {
    1_800
}

/// Which tenant.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum TenantConfig {
    /// The one in the box, kept in the profile's own folder.
    Sandbox {},
    /// A tenant behind a login host and a Graph host.
    Microsoft365 {
        tenant_id: String,
        client_id: String,
        /// Where its secret is.
        client_secret: Option<SecretReference>,
        /// Where its certificate and the private key of it are, in place of a secret.
        certificate: Option<SecretReference>,
        #[serde(default = "login_url")]
        login_url: String,
        #[serde(default = "graph_url")]
        graph_url: String,
        /// By default that of Graph's cloud.
        exchange_url: Option<Box<str>>,
        quota: Option<QuotaConfig>,
    },
}

/// What the app signs in with, and where it is.
pub(super) enum CredentialReference<'a> {
    Secret(&'a SecretReference),
    Certificate(&'a SecretReference),
}

impl<'a> CredentialReference<'a> {
    /// One of the two settings, and one only.
    pub(super) fn of(
        client_secret: Option<&'a SecretReference>,
        certificate: Option<&'a SecretReference>,
    ) -> Result<Self, &'static str> {
        match (client_secret, certificate) {
            (Some(secret), None) => Ok(Self::Secret(secret)),
            (None, Some(certificate)) => Ok(Self::Certificate(certificate)),
            (Some(_), Some(_)) => {
                Err("the tenant has client_secret and certificate: keep one of them")
            }
            (None, None) => Err(
                "the tenant has no client_secret and no certificate: say where one of them is, such \
                 as client_secret = { env = \"NAME\" }",
            ),
        }
    }
}

/// What the tenant allows in the way of requests, where it differs from Microsoft's figures
/// (`graph.md §13`).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaConfig {
    #[serde(default, deserialize_with = "count")]
    writes_per_150s: Option<NonZeroU32>,
    #[serde(default, deserialize_with = "count")]
    resource_units_per_10s: Option<NonZeroU32>,
    time_scale: Option<TimeScale>,
}

/// The parser's own words for a wrong count speak of Rust's types.
fn count<'de, D: Deserializer<'de>>(source: D) -> Result<Option<NonZeroU32>, D::Error> {
    let given = toml::Value::deserialize(source)?;
    let count = given.as_integer().and_then(|count| u32::try_from(count).ok());
    let count = count.and_then(NonZeroU32::new).ok_or_else(|| {
        D::Error::custom(format!(
            "{given} can't be a quota, which must be a whole number of at least 1"
        ))
    })?;
    Ok(Some(count))
}

/// How many times faster than real time a quota's clock runs.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
struct TimeScale(f64);

impl TryFrom<f64> for TimeScale {
    type Error = String;

    fn try_from(scale: f64) -> Result<Self, Self::Error> {
        if scale.is_finite() && scale > 0.0 {
            Ok(Self(scale))
        } else {
            Err(format!(
                "time_scale is {scale}, but must be more than 0: it says how many times faster than \
                 real time the quota's clock runs, 1 for Microsoft's clouds"
            ))
        }
    }
}

impl QuotaConfig {
    pub(super) fn quota(self) -> TenantQuota {
        let usual = TenantQuota::default();
        TenantQuota {
            writes_per_150s: self.writes_per_150s.unwrap_or(usual.writes_per_150s),
            resource_units_per_10s: self.resource_units_per_10s,
            time_scale: self.time_scale.map_or(usual.time_scale, |TimeScale(scale)| scale),
        }
    }
}

/// The global cloud (`graph.md §1`); other clouds have their own hosts.
fn login_url() -> String {
    "https://login.microsoftonline.com".to_owned()
}

fn graph_url() -> String {
    "https://graph.microsoft.com".to_owned()
}

/// Where a secret is.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "toml::Value")]
pub(super) enum SecretReference {
    /// In an environment variable.
    Env(String),
    /// In a file that only its owner can read.
    File(PathBuf),
}

impl TryFrom<toml::Value> for SecretReference {
    type Error = &'static str;

    /// No message holds the value: it may be the secret itself, put here by mistake.
    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let table = value.as_table().filter(|table| table.len() == 1);
        let text = |key: &str| table.and_then(|table| table.get(key)).and_then(toml::Value::as_str);
        match (text("env"), text("file")) {
            (Some(name), _) => Ok(Self::Env(name.to_owned())),
            (_, Some(path)) => Ok(Self::File(path.into())),
            _ => Err(
                "a secret is never in this file, only where it is: { env = \"NAME\" } or { file = \"PATH\" }",
            ),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct DefaultsConfig {
    domain: Option<String>,
    usage_location: Option<String>,
    #[serde(default)]
    licenses: Vec<String>,
    group_owner: Option<String>,
}

/// How letters are written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LettersConfig {
    /// The language of people who have none of their own.
    pub(super) language: Option<String>,
    /// Where templates of its own are: from the folder of this file, if it is no full path.
    pub(super) folder: Option<PathBuf>,
}

impl ProfileConfig {
    /// The profile that is there without any configuration.
    fn sandbox() -> Self {
        Self {
            directory: DirectoryConfig::default(),
            tenant: TenantConfig::Sandbox {},
            defaults: DefaultsConfig {
                domain: None,
                usage_location: Some("US".to_owned()),
                licenses: vec!["Microsoft 365 Business Basic".to_owned()],
                group_owner: Some(SANDBOX_ADMINISTRATOR.to_owned()),
            },
            letters: LettersConfig::default(),
            protected: Vec::new(),
            password_home: PasswordHome::Online,
            sync: SyncConfig::default(),
            patience_seconds: patience(),
            mailbox_patience_seconds: mailbox_patience(),
        }
    }

    /// What the parser can't see.
    fn check(&self) -> Result<(), &'static str> {
        match &self.tenant {
            TenantConfig::Sandbox {} => Ok(()),
            TenantConfig::Microsoft365 { client_secret, certificate, .. } => {
                CredentialReference::of(client_secret.as_ref(), certificate.as_ref()).map(|_| ())
            }
        }
    }

    pub(super) fn defaults(&self) -> Result<Defaults, ProfileFault> {
        let wrong = |reason: String| ProfileFault::Invalid { path: "config.toml".into(), reason };
        let domain = self.defaults.domain.as_deref().map(DomainName::parse).transpose();
        let country = self.defaults.usage_location.as_deref().map(CountryCode::parse).transpose();
        let owner = self.defaults.group_owner.as_deref().map(EmailAddress::parse).transpose();
        Ok(Defaults {
            domain: domain.map_err(|reason| wrong(format!("defaults.domain: {reason}")))?,
            usage_location: country
                .map_err(|reason| wrong(format!("defaults.usage_location: {reason}")))?,
            licenses: self.defaults.licenses.iter().cloned().map(LicenseName).collect(),
            group_owner: owner
                .map_err(|reason| wrong(format!("defaults.group_owner: {reason}")))?,
        })
    }
}

/// What is wrong and in which line. The line itself isn't shown: a secret may stand in it by mistake.
fn misread(text: &str, reason: &toml::de::Error) -> String {
    let before = reason.span().and_then(|span| text.get(..span.start));
    let line = before.map(|before| format!("line {}: ", before.matches('\n').count() + 1));
    format!("{}{}", line.unwrap_or_default(), reason.message().trim_end())
}

/// The profile's name and settings. With no file at all it is the sandbox; an empty or unreadable
/// file is an error, since it may be a slip that would send an admin to the wrong tenant.
pub(super) fn load(
    home: &Home,
    name: Option<&str>,
) -> Result<(String, ProfileConfig), ProfileFault> {
    let path = home.config_file();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(reason) if reason.kind() == ErrorKind::NotFound => {
            return match name {
                None | Some(SANDBOX) => Ok((SANDBOX.to_owned(), ProfileConfig::sandbox())),
                Some(name) => {
                    Err(ProfileFault::NoSuchProfile { name: name.to_owned(), nearest: None })
                }
            };
        }
        Err(reason) => return Err(ProfileFault::Unreadable { path, reason: reason.to_string() }),
    };
    chosen(path, &text, name)
}

/// Reads a configuration's text as a whole, whichever profile is chosen.
pub(super) fn check(path: &Path, text: &str) -> Result<(), ProfileFault> {
    parse(path, text).map(|_| ())
}

fn parse(path: &Path, text: &str) -> Result<Config, ProfileFault> {
    toml::from_str(text).map_err(|reason| ProfileFault::Invalid {
        path: path.to_owned(),
        reason: misread(text, &reason),
    })
}

/// The profile of that name in a configuration's text, or its default one.
pub(super) fn chosen(
    path: PathBuf,
    text: &str,
    name: Option<&str>,
) -> Result<(String, ProfileConfig), ProfileFault> {
    let mut config = parse(&path, text)?;
    let only =
        || (config.profiles.len() == 1).then(|| config.profiles.keys().next().cloned()).flatten();
    let name = name.map(str::to_owned).or_else(|| config.default_profile.clone()).or_else(only);
    let name = name.ok_or_else(|| ProfileFault::Invalid {
        path: path.clone(),
        reason: "say which profile is the default_profile, or choose one with --profile".to_owned(),
    })?;
    match config.profiles.remove(&name) {
        Some(profile) => {
            profile.check().map_err(|reason| ProfileFault::Invalid {
                path,
                reason: format!("profile {name:?}: {reason}"),
            })?;
            Ok((name, profile))
        }
        None => {
            let near =
                nearest(&name, config.profiles.keys().map(String::as_str)).map(str::to_owned);
            Err(ProfileFault::NoSuchProfile { name, nearest: near })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A profile whose tenant has that quota.
    fn with_quota(quota: &str) -> Result<Option<TenantQuota>, String> {
        let text = format!(
            "[profiles.contoso.tenant]\n\
             kind = \"microsoft365\"\n\
             tenant_id = \"contoso.com\"\n\
             client_id = \"6f3a2f0e-2f4c-4e0f-9d7e-51f2f8f5a001\"\n\
             client_secret = {{ env = \"SECRET\" }}\n\
             {quota}"
        );
        match chosen("config.toml".into(), &text, None) {
            Ok((_, profile)) => match profile.tenant {
                TenantConfig::Microsoft365 { quota, .. } => Ok(quota.map(QuotaConfig::quota)),
                TenantConfig::Sandbox {} => Err("another tenant".to_owned()),
            },
            Err(fault) => Err(fault.to_string()),
        }
    }

    #[test]
    fn a_quota_is_microsofts_where_nothing_else_is_said() {
        assert_eq!(with_quota(""), Ok(None));
        let some = with_quota("[profiles.contoso.tenant.quota]\n");
        assert_eq!(some, Ok(Some(TenantQuota::default())));
        let writes_per_150s = const { NonZeroU32::new(1_500).unwrap() };
        let some = with_quota("[profiles.contoso.tenant.quota]\nwrites_per_150s = 1500\n");
        assert_eq!(some, Ok(Some(TenantQuota { writes_per_150s, ..TenantQuota::default() })));
    }

    #[test]
    fn the_owner_of_groups_is_an_address_and_in_the_box_the_administrator() {
        let owner = |text: &str| {
            let text = format!("[profiles.p]\ntenant = {{ kind = \"sandbox\" }}\n{text}");
            let (_, profile) = chosen("config.toml".into(), &text, None).unwrap();
            let defaults = profile.defaults().map_err(|fault| fault.to_string())?;
            Ok::<_, String>(defaults.group_owner.map(|owner| owner.to_string()))
        };
        assert_eq!(owner(""), Ok(None));
        let eva = "defaults = { group_owner = \"eva@contoso.com\" }";
        assert_eq!(owner(eva), Ok(Some("eva@contoso.com".to_owned())));
        let said = owner("defaults = { group_owner = \"eva\" }").unwrap_err();
        assert!(
            said.contains("defaults.group_owner: an address has the form name@domain"),
            "{said}"
        );
        let built_in = ProfileConfig::sandbox().defaults().unwrap().group_owner.unwrap();
        assert_eq!(built_in.to_string(), SANDBOX_ADMINISTRATOR);
    }

    #[test]
    fn exchange_is_where_the_profile_says_and_else_where_graph_is() {
        let url = |text: &str| {
            let text = format!(
                "[profiles.p.tenant]\nkind = \"microsoft365\"\ntenant_id = \"t\"\nclient_id = \"c\"\n\
                 client_secret = {{ env = \"S\" }}\n{text}"
            );
            match chosen("config.toml".into(), &text, None).unwrap().1.tenant {
                TenantConfig::Microsoft365 { exchange_url, .. } => exchange_url,
                TenantConfig::Sandbox {} => None,
            }
        };
        assert_eq!(url(""), None);
        let own = "exchange_url = \"https://outlook.example.com\"";
        assert_eq!(url(own).as_deref(), Some("https://outlook.example.com"));
    }

    #[test]
    fn a_tenant_has_a_secret_or_a_certificate_and_not_both() {
        let load = |credentials: &str| {
            let text = format!(
                "[profiles.contoso.tenant]\nkind = \"microsoft365\"\ntenant_id = \"t\"\n\
                 client_id = \"c\"\n{credentials}"
            );
            chosen("config.toml".into(), &text, None).map_err(|fault| fault.to_string())
        };
        let (secret, certificate) =
            ("client_secret = { env = \"S\" }\n", "certificate = { file = \"app.pem\" }\n");
        assert!(load(secret).is_ok());
        assert!(load(certificate).is_ok());
        assert!(load("").err().unwrap().contains("no client_secret and no certificate"));
        assert!(load(&format!("{secret}{certificate}")).err().unwrap().contains("keep one"));
    }

    #[test]
    fn each_figure_of_a_quota_can_be_set() {
        let all =
            "quota = { writes_per_150s = 600, resource_units_per_10s = 800, time_scale = 20 }";
        let expected = TenantQuota {
            writes_per_150s: const { NonZeroU32::new(600).unwrap() },
            resource_units_per_10s: NonZeroU32::new(800),
            time_scale: 20.0,
        };
        assert_eq!(with_quota(all), Ok(Some(expected)));
    }

    #[test]
    fn a_wrong_figure_of_a_quota_is_refused_with_what_it_must_be() {
        for (quota, reason) in [
            ("time_scale = 0", "time_scale is 0, but must be more than 0"),
            ("time_scale = -1.5", "time_scale is -1.5, but must be more than 0"),
            ("time_scale = nan", "time_scale is NaN, but must be more than 0"),
            ("time_scale = inf", "time_scale is inf, but must be more than 0"),
            ("writes_per_150s = 0", "must be a whole number of at least 1"),
            ("writes_per_150s = -3", "must be a whole number of at least 1"),
            ("resource_units_per_10s = 1.5", "must be a whole number of at least 1"),
            ("writes_per_150s = 5000000000", "must be a whole number of at least 1"),
            ("writes = 3000", "unknown field `writes`, expected one of `writes_per_150s`"),
        ] {
            let said = with_quota(&format!("quota = {{ {quota} }}")).unwrap_err();
            assert!(said.contains(reason), "{quota}: {said}");
        }
    }
}
