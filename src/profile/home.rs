//! Where acctsh keeps its files: `ACCTSH_HOME`, else the user's data folder.

use std::path::{Path, PathBuf};

use super::ProfileFault;

/// The folder of everything that acctsh keeps.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Finds the folder; it is made by whoever first writes to it.
    pub fn find() -> Result<Self, ProfileFault> {
        let root = match std::env::var_os("ACCTSH_HOME") {
            Some(home) if !home.is_empty() => PathBuf::from(home),
            _ => directories::ProjectDirs::from("", "", "acctsh")
                .ok_or(ProfileFault::NoHome)?
                .data_dir()
                .to_owned(),
        };
        Ok(Self { root })
    }

    /// The configuration.
    pub fn config_file(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The folder of a profile's own letters, where the configuration says so.
    pub fn letters_folder(&self, said: &Path) -> PathBuf {
        self.root.join(said)
    }

    /// The journal and whatever else acctsh remembers.
    pub fn state_file(&self) -> PathBuf {
        self.root.join("state.db")
    }

    /// The key that seals passwords.
    pub fn sealing_key(&self) -> PathBuf {
        self.root.join("sealing.key")
    }

    /// The client secret of a profile, where it was typed in.
    pub fn secret_file(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("client.secret")
    }

    /// What is a profile's own.
    pub fn profile_folder(&self, profile: &str) -> PathBuf {
        self.root.join("profiles").join(profile)
    }

    /// The locks of runs.
    pub fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// The lines typed at the prompt.
    pub fn history(&self) -> PathBuf {
        self.root.join("history.txt")
    }

    /// The embedded directory of a profile.
    pub fn directory_file(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("directory.db")
    }

    /// What users of a domain had before a profile deleted them.
    pub fn deleted_users_file(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("deleted-users.db")
    }

    /// The sandbox tenant of a profile.
    pub fn tenant_file(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("tenant.db")
    }
}
