//! Profiles written into `config.toml` and taken out of it. What a person wrote there, comments and
//! order, stays; the result is read as any `config.toml` before it replaces the old one.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

use super::{Home, ProfileFault, SANDBOX, SANDBOX_ADMINISTRATOR, config};
use crate::model::{Secret, nearest};
use crate::state::private_file;

/// What the app signs in with, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialPlace {
    /// A secret in an environment variable.
    SecretEnv(String),
    /// A secret in a file that only its owner can read.
    SecretFile(PathBuf),
    /// A certificate and its private key in such a file.
    CertificateFile(PathBuf),
}

/// A profile on a tenant, to be written down.
#[derive(Debug, Clone)]
pub struct NewProfile {
    /// Its name.
    pub name: String,
    /// The tenant: its id or one of its domains.
    pub tenant_id: String,
    /// The app registration's id.
    pub client_id: String,
    /// How the app signs in.
    pub credential: CredentialPlace,
    /// The login host, where it isn't that of the global cloud.
    pub login_url: Option<String>,
    /// The Graph host, where it isn't that of the global cloud.
    pub graph_url: Option<String>,
    /// The Exchange host, where it isn't that of Graph's cloud.
    pub exchange_url: Option<String>,
}

/// What became of the configuration when a profile was taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// The app registration that it signed in as; `None` for a practice tenant.
    pub app: Option<RemovedApp>,
    /// Where its credential is, in words.
    pub credential: Option<String>,
    /// Whether it was the default profile.
    pub was_default: bool,
    /// The profiles that are left.
    pub left: Vec<String>,
}

/// What stays in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedApp {
    /// The tenant.
    pub tenant_id: String,
    /// The app registration.
    pub client_id: String,
}

/// The names of the profiles there are; none without a configuration.
pub fn profile_names(home: &Home) -> Result<Vec<String>, ProfileFault> {
    let (_, document) = read(home)?;
    Ok(names(&document))
}

/// Whether a new profile can have that name beside those that are there.
pub fn check_new_name(name: &str, there: &[String]) -> Result<(), ProfileFault> {
    // It names a folder too.
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_fit) {
        return Err(ProfileFault::BadName { name: name.to_owned() });
    }
    if there.iter().any(|it| it == name) {
        return Err(ProfileFault::Exists { name: name.to_owned() });
    }
    Ok(())
}

/// Writes a profile down. One of that name must not be there yet.
pub fn add_profile(home: &Home, new: &NewProfile) -> Result<(), ProfileFault> {
    let (text, mut document) = read(home)?;
    let there = names(&document);
    check_new_name(&new.name, &there)?;
    let is_first = there.is_empty();
    if text.is_none() {
        // Whoever practised so far finds the practice tenant where it was.
        profiles(&mut document)?.insert(SANDBOX, practice());
    }
    profiles(&mut document)?.insert(&new.name, Item::Table(on_tenant(new)));
    if is_first || !document.contains_key("default_profile") {
        document.insert("default_profile", value(&new.name));
    }
    write(home, &document, Some(&new.name))
}

/// Takes a profile out. The practice tenant's takes its place when none is left, since acctsh can't
/// start without any.
pub fn remove_profile(home: &Home, name: &str) -> Result<Removed, ProfileFault> {
    let (_, mut document) = read(home)?;
    let Some(old) = profiles(&mut document)?.remove(name) else {
        let there = names(&document);
        let near = nearest(name, there.iter().map(String::as_str)).map(str::to_owned);
        return Err(ProfileFault::NoSuchProfile { name: name.to_owned(), nearest: near });
    };
    let was_default = document.get("default_profile").and_then(Item::as_str) == Some(name);
    if was_default {
        document.remove("default_profile");
    }
    if names(&document).is_empty() {
        profiles(&mut document)?.insert(SANDBOX, practice());
    }
    write(home, &document, None)?;
    let text = |key: &str| old.get("tenant")?.get(key)?.as_str().map(str::to_owned);
    let app = text("tenant_id").zip(text("client_id"));
    Ok(Removed {
        credential: credential_of(&old),
        app: app.map(|(tenant_id, client_id)| RemovedApp { tenant_id, client_id }),
        was_default,
        left: names(&document),
    })
}

/// `client secret in the file …`, as far as there is one.
fn credential_of(profile: &Item) -> Option<String> {
    let tenant = profile.get("tenant")?;
    let settings =
        [("client_secret", "client secret"), ("certificate", "certificate with its key")];
    settings.iter().find_map(|(key, what)| {
        let place = tenant.get(key)?;
        let file = place.get("file").and_then(Item::as_str).map(|it| format!("the file {it}"));
        let env = || {
            let name = place.get("env").and_then(Item::as_str)?;
            Some(format!("the environment variable {name}"))
        };
        Some(format!("{what} in {}", file.or_else(env)?))
    })
}

/// Keeps a client secret in a file of acctsh's own folder that only its owner can read, and says where.
pub fn keep_secret(home: &Home, profile: &str, secret: &Secret) -> Result<PathBuf, ProfileFault> {
    let path = home.secret_file(profile);
    let refused = |reason: std::io::Error| ProfileFault::Unwritable {
        path: path.clone(),
        reason: reason.to_string(),
    };
    private_file::create_folder(path.parent().unwrap_or(Path::new("."))).map_err(refused)?;
    private_file::replace(&path, secret.expose().as_bytes()).map_err(refused)?;
    Ok(path)
}

/// The public part of a certificate, as it is registered with an app: DER in base64.
pub fn certificate_of(path: &Path) -> Result<String, ProfileFault> {
    let refused = |reason: String| ProfileFault::Unreadable { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|reason| refused(reason.to_string()))?;
    let certificate = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        refused("there is no certificate in it (-----BEGIN CERTIFICATE-----)".to_owned())
    })?;
    Ok(STANDARD.encode(&certificate))
}

fn read(home: &Home) -> Result<(Option<String>, DocumentMut), ProfileFault> {
    let path = home.config_file();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(reason) if reason.kind() == ErrorKind::NotFound => {
            return Ok((None, DocumentMut::new()));
        }
        Err(reason) => return Err(ProfileFault::Unreadable { path, reason: reason.to_string() }),
    };
    // Its own faults quote the line; those of the reader don't, in case a secret stands in it.
    config::check(&path, &text)?;
    let document = text.parse().map_err(|_| ProfileFault::Invalid {
        path,
        reason: "it can't be read as TOML".to_owned(),
    })?;
    Ok((Some(text), document))
}

fn names(document: &DocumentMut) -> Vec<String> {
    let profiles = document.get("profiles").and_then(Item::as_table_like);
    profiles.into_iter().flat_map(|all| all.iter()).map(|(name, _)| name.to_owned()).collect()
}

/// The table of all profiles, which has no line of its own: only its members do.
fn profiles(document: &mut DocumentMut) -> Result<&mut dyn TableLike, ProfileFault> {
    let item = document.entry("profiles").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    item.as_table_like_mut().ok_or_else(|| ProfileFault::Invalid {
        path: "config.toml".into(),
        reason: "profiles is no table".to_owned(),
    })
}

fn on_tenant(new: &NewProfile) -> Table {
    let mut tenant = Table::new();
    tenant.insert("kind", value("microsoft365"));
    tenant.insert("tenant_id", value(&new.tenant_id));
    tenant.insert("client_id", value(&new.client_id));
    let (setting, how, place) = match &new.credential {
        CredentialPlace::SecretEnv(name) => ("client_secret", "env", name.clone()),
        CredentialPlace::SecretFile(path) => ("client_secret", "file", path.display().to_string()),
        CredentialPlace::CertificateFile(path) => {
            ("certificate", "file", path.display().to_string())
        }
    };
    let mut reference = InlineTable::new();
    reference.insert(how, place.into());
    tenant.insert(setting, value(reference));
    for (key, url) in [
        ("login_url", &new.login_url),
        ("graph_url", &new.graph_url),
        ("exchange_url", &new.exchange_url),
    ] {
        if let Some(url) = url {
            tenant.insert(key, value(url));
        }
    }
    let mut profile = Table::new();
    profile.set_implicit(true);
    profile.insert("tenant", Item::Table(tenant));
    profile
}

/// What the practice tenant's profile is without any configuration.
fn practice() -> Item {
    let inline = |pairs: &[(&str, Value)]| {
        let table: InlineTable =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        value(table)
    };
    let licenses: toml_edit::Array = ["Microsoft 365 Business Basic"].into_iter().collect();
    let mut profile = Table::new();
    profile.insert("tenant", inline(&[("kind", "sandbox".into())]));
    let defaults = [
        ("usage_location", "US".into()),
        ("licenses", licenses.into()),
        ("group_owner", SANDBOX_ADMINISTRATOR.into()),
    ];
    profile.insert("defaults", inline(&defaults));
    Item::Table(profile)
}

fn write(home: &Home, document: &DocumentMut, name: Option<&str>) -> Result<(), ProfileFault> {
    let (path, text) = (home.config_file(), document.to_string());
    config::check(&path, &text)?;
    if let Some(name) = name {
        config::chosen(path.clone(), &text, Some(name))?;
    }
    let refused = |reason: std::io::Error| ProfileFault::Unwritable {
        path: path.clone(),
        reason: reason.to_string(),
    };
    private_file::create_folder(path.parent().unwrap_or(Path::new("."))).map_err(refused)?;
    private_file::replace(&path, text.as_bytes()).map_err(refused)
}
