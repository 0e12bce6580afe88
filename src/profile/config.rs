//! `config.toml`. Unknown keys are errors; a secret is never in it, only where to find it.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::path::PathBuf;

use serde::Deserialize;

use super::{Defaults, Home, ProfileFault, SANDBOX};
use crate::model::{CountryCode, DomainName, LicenseName, nearest};
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
    pub(super) protected: Vec<String>,
    #[serde(default = "patience")]
    pub(super) patience_seconds: u64,
}

fn patience() -> u64 {
    120
}

/// Which directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum DirectoryConfig {
    /// The embedded one, by default in the profile's own folder.
    Embedded { path: Option<PathBuf> },
}

impl Default for DirectoryConfig {
    fn default() -> Self {
        Self::Embedded { path: None }
    }
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
        client_secret: SecretReference,
        #[serde(default = "login_url")]
        login_url: String,
        #[serde(default = "graph_url")]
        graph_url: String,
        quota: Option<QuotaConfig>,
    },
}

/// What the tenant allows in the way of requests, where it differs from Microsoft's figures
/// (`graph.md §13`).
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaConfig {
    writes_per_150s: Option<NonZeroU32>,
    resource_units_per_10s: Option<NonZeroU32>,
    time_scale: Option<f64>,
}

impl QuotaConfig {
    pub(super) fn quota(self) -> TenantQuota {
        let usual = TenantQuota::default();
        TenantQuota {
            writes_per_150s: self.writes_per_150s.unwrap_or(usual.writes_per_150s),
            resource_units_per_10s: self.resource_units_per_10s,
            time_scale: self.time_scale.unwrap_or(usual.time_scale),
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
            },
            protected: Vec::new(),
            patience_seconds: patience(),
        }
    }

    pub(super) fn defaults(&self) -> Result<Defaults, ProfileFault> {
        let wrong = |reason: String| ProfileFault::Invalid { path: "config.toml".into(), reason };
        let domain = self.defaults.domain.as_deref().map(DomainName::parse).transpose();
        let country = self.defaults.usage_location.as_deref().map(CountryCode::parse).transpose();
        Ok(Defaults {
            domain: domain.map_err(|reason| wrong(format!("defaults.domain: {reason}")))?,
            usage_location: country
                .map_err(|reason| wrong(format!("defaults.usage_location: {reason}")))?,
            licenses: self.defaults.licenses.iter().cloned().map(LicenseName).collect(),
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
    let mut config: Config = toml::from_str(&text).map_err(|reason| ProfileFault::Invalid {
        path: path.clone(),
        reason: misread(&text, &reason),
    })?;
    let only =
        || (config.profiles.len() == 1).then(|| config.profiles.keys().next().cloned()).flatten();
    let name = name.map(str::to_owned).or_else(|| config.default_profile.clone()).or_else(only);
    let name = name.ok_or_else(|| ProfileFault::Invalid {
        path: path.clone(),
        reason: "say which profile is the default_profile, or choose one with --profile".to_owned(),
    })?;
    match config.profiles.remove(&name) {
        Some(profile) => Ok((name, profile)),
        None => {
            let near =
                nearest(&name, config.profiles.keys().map(String::as_str)).map(str::to_owned);
            Err(ProfileFault::NoSuchProfile { name, nearest: near })
        }
    }
}
