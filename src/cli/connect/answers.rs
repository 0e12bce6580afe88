//! What a profile on a tenant takes: given by options, or asked for at the terminal.

use rustyline::config::Behavior;
use rustyline::history::MemHistory;
use rustyline::{Config, Editor};

use crate::model::Secret;
use crate::profile::{CredentialPlace, Home, keep_secret};
use crate::script::{Console, Exit, Fault};

/// As far as it is known.
pub(super) struct Answers {
    pub(super) name: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) client_id: Option<String>,
    pub(super) credential: Option<CredentialPlace>,
}

impl Answers {
    /// Whether nothing must be asked.
    pub(super) fn is_complete(&self) -> bool {
        self.tenant_id.is_some() && self.client_id.is_some() && self.credential.is_some()
    }

    /// Says which options to give where nobody can be asked. Some given: a slip; none: a person who
    /// wanted to be asked.
    pub(super) fn what_is_missing(&self, console: &Console) -> Exit {
        let mut missing = Vec::new();
        if self.tenant_id.is_none() {
            missing.push("--tenant-id ID");
        }
        if self.client_id.is_none() {
            missing.push("--client-id ID");
        }
        if self.credential.is_none() {
            missing.push("--secret-env NAME, --secret-file FILE or --certificate-file FILE");
        }
        let none_given =
            self.tenant_id.is_none() && self.client_id.is_none() && self.credential.is_none();
        console.error("the profile can't be asked for, since there is no terminal");
        console.advice(&format!("give {}", missing.join(", ")));
        if none_given { Exit::NeedsConfirmation } else { Exit::BadInput }
    }

    /// Asks for what is missing, up to the credential. `None` when the person gives up.
    pub(super) fn tenant(self) -> Option<Answered> {
        let tenant_id = given_or(self.tenant_id, || ask("Tenant id or domain", None))?;
        let client_id = given_or(self.client_id, || ask("Client id", None))?;
        let suggested = name_for(&tenant_id);
        let name = match self.name {
            Some(name) => name,
            None if self.credential.is_some() => suggested,
            None => ask("Name of the profile", Some(&suggested))?,
        };
        Some(Answered { name, tenant_id, client_id, credential: self.credential })
    }
}

/// All but the credential is known.
pub(super) struct Answered {
    pub(super) name: String,
    pub(super) tenant_id: String,
    pub(super) client_id: String,
    credential: Option<CredentialPlace>,
}

impl Answered {
    /// Where the credential is. A secret that is typed is kept in a file of the profile, whose name must
    /// have been checked. `None` when the person gives up.
    pub(super) fn credential(&self, home: &Home) -> Result<Option<CredentialPlace>, Fault> {
        if let Some(place) = &self.credential {
            return Ok(Some(place.clone()));
        }
        let Some(secret) = ask_secret() else { return Ok(None) };
        Ok(Some(CredentialPlace::SecretFile(keep_secret(home, &self.name, &secret)?)))
    }
}

fn given_or(given: Option<String>, ask: impl FnOnce() -> Option<String>) -> Option<String> {
    given.or_else(ask)
}

/// The tenant's name as far as its domain tells it.
fn name_for(tenant: &str) -> String {
    match tenant.split_once('.') {
        Some((first, _)) if !first.is_empty() => first.to_lowercase(),
        _ => "tenant".to_owned(),
    }
}

/// Asks until there is an answer; `None` for Ctrl-C, Ctrl-D.
fn ask(question: &str, suggested: Option<&str>) -> Option<String> {
    let config = Config::builder().behavior(Behavior::PreferTerm).build();
    let mut line = Editor::<(), MemHistory>::with_history(config, MemHistory::new()).ok()?;
    let prompt =
        suggested.map_or_else(|| format!("{question}: "), |it| format!("{question} [{it}]: "));
    loop {
        let answer = line.readline(&prompt).ok()?;
        match (answer.trim(), suggested) {
            ("", Some(suggested)) => return Some(suggested.to_owned()),
            ("", None) => {}
            (answer, _) => return Some(answer.to_owned()),
        }
    }
}

/// The secret isn't shown while it is typed.
fn ask_secret() -> Option<Secret> {
    let typed = rpassword::prompt_password("Client secret (it isn't shown): ").ok()?;
    let typed = Secret::new(typed);
    let trimmed = typed.expose().trim();
    (!trimmed.is_empty()).then(|| Secret::new(trimmed.to_owned()))
}
