//! A person with a home and a current folder that nobody else has.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

/// One change.
pub(crate) const ZOE: &str =
    r#"create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" })"#;

/// The person.
pub(crate) struct Person {
    root: TempDir,
}

impl Person {
    pub(crate) fn new() -> Self {
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join("work")).unwrap();
        Self { root }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub(crate) fn history(&self) -> String {
        fs::read_to_string(self.home().join("history.txt")).unwrap_or_default()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_acctsh"));
        command
            .args(arguments)
            .current_dir(self.root.path().join("work"))
            .env_clear()
            .env("ACCTSH_HOME", self.home())
            .env("PATH", "/usr/bin:/bin")
            .env("USER", "morgan")
            .env("TERM", "xterm");
        command
    }
}
