//! Opening both sides, at the first use.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::config::{CredentialReference, ProfileConfig, SecretReference, TenantConfig};
use super::directory_config::{BIND, BIND_PASSWORD, DirectoryConfig, DomainConfig};
use super::{Home, ProfileFault};
use crate::accounts::AccountsFault;
use crate::directory::Directory;
use crate::directory::active_directory::{ActiveDirectory, Settings};
use crate::directory::embedded::EmbeddedDirectory;
use crate::model::Secret;
use crate::online::{Certificate, Credential, Tenant, TenantSettings};
use crate::state::private_file;

/// How much later others see what is written to the sandbox.
pub use acctsh_sandbox::Lag as SandboxLag;

/// The sandbox that runs inside this process, on a thread of its own.
pub(super) struct Sandbox {
    server: acctsh_sandbox::Server,
}

/// How the sandbox is started on its own.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// Its state file.
    pub state: PathBuf,
    /// Its port; 0 is any.
    pub port: u16,
    /// How much later every answer comes.
    pub latency: Duration,
    /// Whether Microsoft's quotas hold.
    pub throttle: bool,
    /// How many times faster than real time the quotas' clock runs.
    pub time_scale: f64,
    /// How much later others see what was written.
    pub lag: SandboxLag,
    /// From a licence to its mailbox; `None` leaves what the tenant has.
    pub mailbox_delay: Option<Duration>,
}

/// Starts the sandbox, tells where it listens, and runs it until the process is stopped.
pub fn serve_sandbox(
    options: SandboxOptions,
    listening: impl FnOnce(&str),
) -> Result<(), ProfileFault> {
    if let Some(folder) = options.state.parent() {
        private_file::create_folder(folder)
            .map_err(|reason| ProfileFault::Sandbox(reason.to_string()))?;
    }
    let server = acctsh_sandbox::Server::start(acctsh_sandbox::Options {
        state: options.state,
        port: options.port,
        latency: options.latency,
        throttle: options.throttle,
        time_scale: options.time_scale,
        lag: options.lag,
        mailbox_delay: options.mailbox_delay,
        ..acctsh_sandbox::Options::default()
    })
    .map_err(|reason| ProfileFault::Sandbox(reason.to_string()))?;
    listening(&server.base_url());
    server.wait();
    Ok(())
}

/// How a client signs in to the sandbox: for people who point other programs at it.
pub fn sandbox_credentials() -> String {
    format!(
        "Sign in with tenant {}, client {}, secret {} (good for the practice tenant only).",
        acctsh_sandbox::TENANT_ID,
        acctsh_sandbox::CLIENT_ID,
        acctsh_sandbox::CLIENT_SECRET
    )
}

/// Opens the directory.
pub(super) fn directory(
    home: &Home,
    profile: &str,
    config: &ProfileConfig,
) -> Result<Arc<dyn Directory>, AccountsFault> {
    match &config.directory {
        DirectoryConfig::Embedded { path } => {
            let path = path.clone().unwrap_or_else(|| home.directory_file(profile));
            Ok(Arc::new(EmbeddedDirectory::open(&path)?))
        }
        DirectoryConfig::ActiveDirectory(domain) => {
            Ok(Arc::new(open_domain(domain, home, profile)?))
        }
    }
}

/// The domain with the secrets that it is signed in to with; nothing is sent yet.
pub(super) fn open_domain(
    domain: &DomainConfig,
    home: &Home,
    profile: &str,
) -> Result<ActiveDirectory, AccountsFault> {
    let bind = domain.bind.clone().or_else(|| std::env::var(BIND).ok());
    let bind =
        bind.filter(|bind| !bind.trim().is_empty()).ok_or_else(|| AccountsFault::NoSecret {
            message: "the profile doesn't say who signs in to the directory".to_owned(),
            advice: Some(format!(
                "add bind = \"acctsh@contoso.test\" to the directory in the profile, or set {BIND}"
            )),
        })?;
    let from_environment = SecretReference::Env(BIND_PASSWORD.to_owned());
    let password = domain.password.as_ref().unwrap_or(&from_environment);
    Ok(ActiveDirectory::new(Settings {
        servers: domain.servers.clone(),
        base: domain.base.clone(),
        users_ou: domain.users_ou.clone(),
        bind,
        password: secret(password, "directory's password")?,
        ca_file: domain.ca_file.clone(),
        link_attribute: domain.link_attribute.clone(),
        upn_suffix: domain.upn_suffix.clone(),
        kept: home.deleted_users_file(profile),
    }))
}

/// Opens the tenant; the sandbox is started for it.
pub(super) fn tenant(
    home: &Home,
    profile: &str,
    config: &ProfileConfig,
    sandbox: &OnceLock<Sandbox>,
) -> Result<Arc<Tenant>, AccountsFault> {
    let mut settings = match &config.tenant {
        TenantConfig::Sandbox {} => {
            let url = started(&home.tenant_file(profile), sandbox)?;
            let secret = Secret::new(acctsh_sandbox::CLIENT_SECRET.to_owned());
            let settings = TenantSettings::new(
                url.clone(),
                url,
                acctsh_sandbox::TENANT_ID,
                acctsh_sandbox::CLIENT_ID,
                secret,
            );
            // The one in the box has no quota.
            TenantSettings { quota: None, ..settings }
        }
        TenantConfig::Microsoft365 {
            tenant_id,
            client_id,
            client_secret,
            certificate,
            login_url,
            graph_url,
            exchange_url,
            quota,
        } => {
            let credential = credential(client_secret.as_ref(), certificate.as_ref())?;
            let settings =
                TenantSettings::new(login_url, graph_url, tenant_id, client_id, credential);
            let settings = match exchange_url {
                Some(url) => TenantSettings { exchange_url: Some(url.to_string()), ..settings },
                None => settings,
            };
            match quota {
                Some(quota) => TenantSettings { quota: Some(quota.quota()), ..settings },
                // Microsoft's figures are of Microsoft's clouds; what is on this machine is none.
                None if settings.is_on_this_machine() => TenantSettings { quota: None, ..settings },
                None => settings,
            }
        }
    };
    settings.patience = Duration::from_secs(config.patience_seconds);
    Ok(Arc::new(Tenant::new(settings)?))
}

fn started(state: &Path, sandbox: &OnceLock<Sandbox>) -> Result<String, AccountsFault> {
    if let Some(sandbox) = sandbox.get() {
        return Ok(sandbox.server.base_url());
    }
    let refused = |reason: String| AccountsFault::NotOpened {
        message: format!("the sandbox tenant can't be started: {reason}"),
        advice: Some(
            "give yourself the right to write there, or let ACCTSH_HOME name another folder"
                .to_owned(),
        ),
    };
    if let Some(folder) = state.parent() {
        private_file::create_folder(folder)
            .map_err(|reason| refused(format!("{}: {reason}", folder.display())))?;
    }
    let options =
        acctsh_sandbox::Options { state: state.to_owned(), ..acctsh_sandbox::Options::default() };
    let server =
        acctsh_sandbox::Server::start(options).map_err(|reason| refused(reason.to_string()))?;
    Ok(sandbox.get_or_init(|| Sandbox { server }).server.base_url())
}

/// Reads what the app signs in with.
fn credential(
    client_secret: Option<&SecretReference>,
    certificate: Option<&SecretReference>,
) -> Result<Credential, AccountsFault> {
    let refused =
        |reason: &str| AccountsFault::NoSecret { message: reason.to_owned(), advice: None };
    Ok(match CredentialReference::of(client_secret, certificate).map_err(refused)? {
        CredentialReference::Secret(at) => secret(at, "client secret")?.into(),
        CredentialReference::Certificate(at) => {
            Certificate::from_pem(&secret(at, "certificate's key")?)?.into()
        }
    })
}

/// Reads a secret from where the configuration says it is.
fn secret(reference: &SecretReference, what: &str) -> Result<Secret, AccountsFault> {
    let refused = |message: String, advice: &str| AccountsFault::NoSecret {
        message,
        advice: Some(advice.to_owned()),
    };
    match reference {
        SecretReference::Env(name) => match std::env::var(name) {
            Ok(text) if !text.is_empty() => Ok(Secret::new(text)),
            _ => Err(refused(
                format!("the environment variable {name} with the {what} is not set"),
                "set it, or let the profile name a file",
            )),
        },
        SecretReference::File(path) => {
            let metadata = std::fs::metadata(path).map_err(|reason| {
                refused(format!("{} with the {what}: {reason}", path.display()), "make the file")
            })?;
            if let Some(mode) = private_file::rights_of_others(&metadata) {
                return Err(refused(
                    format!(
                        "{} with the {what} can be read by others (mode {mode:o})",
                        path.display()
                    ),
                    "make it private: chmod 600",
                ));
            }
            let text = std::fs::read_to_string(path).map_err(|reason| {
                refused(format!("{} with the {what}: {reason}", path.display()), "make it readable")
            })?;
            Ok(Secret::new(text.trim_end().to_owned()))
        }
    }
}
