//! Profiles: which directory and which tenant, how to sign in, and what is taken for granted.
//!
//! What belongs here: configuration, credentials by reference, opening both sides at the first use,
//! and where acctsh keeps its files. What doesn't: anything that is done with the opened sides. This
//! is the only layer that knows the sandbox crate.
//!
//! To add a kind of directory or tenant: its settings in `config`, one arm in `open`.

mod checkup;
mod config;
mod directory_config;
mod fault;
mod home;
mod open;
mod passwords;
mod setup;
mod sync_config;
mod sync_health;

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use self::config::{ProfileConfig, TenantConfig};
use self::open::Sandbox;
use self::passwords::PasswordPlaces;
use futures::FutureExt as _;

use crate::accounts::Sources;
use crate::model::{CountryCode, DomainName, EmailAddress, LicenseName, PasswordHome};
use crate::passwords::{LetterLanguages, Outbox, SealingKey};
use crate::plan::journal::Journal;

pub use crate::online::permissions::{
    EXCHANGE_ADMINISTRATOR, EXCHANGE_APP, MANAGE_EXCHANGE, MANAGE_EXCHANGE_ID,
    NEEDED as NEEDED_PERMISSIONS, USER_ADMINISTRATOR,
};
pub use crate::passwords::{TemplateFault, write_shipped as write_letter_templates};
pub use checkup::{Cause, Finding, State as FindingState};
pub use fault::ProfileFault;
pub use home::Home;
pub use open::{SandboxLag, SandboxOptions, sandbox_credentials, serve_sandbox};
pub use setup::{
    CredentialPlace, NewProfile, Removed, add_profile, certificate_of, check_new_name, keep_secret,
    profile_names, remove_profile,
};
pub use sync_config::{Carried, SyncConfig};
pub use sync_health::SyncHealth;

/// The profile's name when there is no configuration.
pub const SANDBOX: &str = "sandbox";
/// Who administers a new practice tenant.
const SANDBOX_ADMINISTRATOR: &str = acctsh_sandbox::ADMINISTRATOR;

/// What is taken for granted when neither a row nor an option says so.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// The domain of new online IDs; `None` for the tenant's default.
    pub domain: Option<DomainName>,
    /// Where licences are used.
    pub usage_location: Option<CountryCode>,
    /// Licences for new online accounts.
    pub licenses: Vec<LicenseName>,
    /// Who owns groups that are made without owners: an online ID or another address.
    pub group_owner: Option<EmailAddress>,
}

/// A profile: nothing is opened before it is used.
pub struct Profile {
    name: String,
    home: Home,
    config: ProfileConfig,
    defaults: Defaults,
    sandbox: Arc<OnceLock<Sandbox>>,
    sources: OnceLock<Arc<Sources>>,
    journal: Arc<OnceLock<Journal>>,
    key: OnceLock<SealingKey>,
    passwords: PasswordPlaces,
}

impl Profile {
    /// The profile of that name, or the default one.
    pub fn load(name: Option<&str>) -> Result<Self, ProfileFault> {
        let home = Home::find()?;
        let (name, config) = config::load(&home, name)?;
        let defaults = config.defaults()?;
        let journal = Arc::new(OnceLock::new());
        let outbox = config.sync.outbox.clone().unwrap_or_else(|| home.outbox(&name));
        let passwords = PasswordPlaces {
            outbox: Outbox::at(&outbox),
            key_file: home.outbox_key(&name),
            state_file: home.state_file(),
            journal: Arc::clone(&journal),
            home: config.password_home,
        };
        Ok(Self {
            name,
            home,
            config,
            defaults,
            sandbox: Arc::default(),
            sources: OnceLock::new(),
            journal,
            key: OnceLock::new(),
            passwords,
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether its tenant is the sandbox.
    pub fn is_sandbox(&self) -> bool {
        matches!(self.config.tenant, TenantConfig::Sandbox {})
    }

    /// Where acctsh keeps its files.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// What is taken for granted.
    pub fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    /// User names that are never touched, in lower case.
    pub fn protected(&self) -> BTreeSet<String> {
        self.config.protected.iter().map(|name| name.trim().to_lowercase()).collect()
    }

    /// Where people change their passwords.
    pub fn password_home(&self) -> PasswordHome {
        self.config.password_home
    }

    /// How both halves are kept in step.
    pub fn sync(&self) -> &SyncConfig {
        &self.config.sync
    }

    /// How long a mailbox is waited for before that is put off.
    pub fn mailbox_patience(&self) -> Duration {
        Duration::from_secs(self.config.mailbox_patience_seconds)
    }

    /// How long one step is tried again before it is put off.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.config.patience_seconds)
    }

    /// The app as which acctsh signs in to the tenant: all that the tenant's own log knows of whoever
    /// did something. The practice tenant has only one.
    pub fn app(&self) -> Option<&str> {
        match &self.config.tenant {
            TenantConfig::Sandbox {} => None,
            TenantConfig::Microsoft365 { client_id, .. } => Some(client_id),
        }
    }

    /// The page where people sign in, for letters.
    pub fn sign_in_url(&self) -> &'static str {
        "https://www.office.com"
    }

    /// What letters say, by language. Where none will be written, what ships: a slip in a template
    /// stops nobody who needs no letter.
    pub fn letter_languages(&self, any_letters: bool) -> Result<LetterLanguages, TemplateFault> {
        if !any_letters {
            return LetterLanguages::load(None, None);
        }
        let letters = &self.config.letters;
        let folder = letters.folder.as_deref().map(|folder| self.home.letters_folder(folder));
        LetterLanguages::load(folder.as_deref(), letters.language.as_deref())
    }

    /// Directory and tenant; each is opened when it is first asked for.
    pub fn sources(&self) -> &Arc<Sources> {
        self.sources.get_or_init(|| {
            let (home, name, config) = (self.home.clone(), self.name.clone(), self.config.clone());
            let (for_tenant, sandbox) =
                ((home.clone(), name.clone(), config.clone()), self.sandbox.clone());
            let places = self.passwords.clone();
            Arc::new(Sources::new(
                move || open::directory(&home, &name, &config),
                move || open::tenant(&for_tenant.0, &for_tenant.1, &for_tenant.2, &sandbox),
                move |directory, with_waiting| {
                    let places = places.clone();
                    async move { places.read(directory, with_waiting).await }.boxed()
                },
            ))
        })
    }

    /// The journal of all runs.
    pub fn journal(&self) -> Result<&Journal, ProfileFault> {
        passwords::opened(&self.journal, &self.home.state_file())
    }

    /// The key that seals passwords on this machine.
    pub fn key(&self) -> Result<&SealingKey, ProfileFault> {
        if let Some(key) = self.key.get() {
            return Ok(key);
        }
        let opened = SealingKey::open_or_create(&self.home.sealing_key())?;
        Ok(self.key.get_or_init(|| opened))
    }
}
