//! Which lines are kept for later sessions, and where.

use std::io;
use std::path::{Path, PathBuf};

use crate::state::private_file;

/// The history's file.
pub(super) struct HistoryFile {
    path: PathBuf,
}

impl HistoryFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether nobody has typed a line here yet.
    pub(super) fn is_new(&self) -> bool {
        !self.path.exists()
    }

    /// Makes the file, for its owner only, before the first line is written to it.
    pub(super) fn prepare(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            private_file::create_folder(folder)?;
        }
        private_file::open_or_create(&self.path).map(drop)
    }
}

/// Words in names of things that are secret.
const SECRET: &[&str] = &["password", "passwd", "passphrase", "kennwort", "secret", "pwd"];

/// Short names for a secret; as a part of longer words they mean nothing.
const SECRET_ALONE: &[&str] = &["pass", "pw", "pin"];

/// Names with a secret word in them whose values are none.
const HARMLESS: &[&str] = &[
    "must_change_password",
    "require_password_change",
    "password_state",
    "password_since",
    "password_policy",
    "set_password_policy",
    "sync_passwords",
];

/// Whether a line may have a secret in it, so that it must not be kept: it names one and has a
/// quoted text. A harmless line that is forgotten costs less than a password on disk.
pub(super) fn may_have_secret(line: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let lower = line.to_lowercase();
    let names = || lower.split(|c| !is_name(c)).filter(|name| !HARMLESS.contains(name));
    let is_secret =
        |name: &str| SECRET_ALONE.contains(&name) || SECRET.iter().any(|word| name.contains(word));
    let is_quoted = line.contains(['"', '\'', '`']);
    names().any(|name| name == "set_password") || (is_quoted && names().any(is_secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_a_quoted_password_are_not_kept() {
        for line in [
            r#"create_account(#{ user_name: "zoe", password: "hunter2" })"#,
            r#"create_account(#{ "password":"hunter2" })"#,
            "create_account(#{ PASSWORD: `hunter2` })",
            r#"account("zoe").set_password("hunter2")"#,
            "zoe.set_password(hunter2)",
            "zoe.set_password('hunter2')",
            r#"let password = "hunter2";"#,
            r#"let pw = "hunter2";"#,
            r#"let new_password = "hunter2""#,
            r#"let p = "hunter2"; create_account(#{ password: p })"#,
            "create_account(#{\n  user_name: zoe,\n  password:\n  \"hunter2\"\n})",
            r#"client_secret = "abc""#,
        ] {
            assert!(may_have_secret(line), "{line}");
        }
    }

    #[test]
    fn other_lines_are_kept() {
        for line in [
            "accounts()",
            r#"account("zoe").assign(#{})"#,
            "zoe.reset_password()",
            r#"create_account(#{ user_name: "zoe", must_change_password: false })"#,
            r#"account("zoe").require_password_change()"#,
            r#"accounts().filter(|a| a.password_state == "expired")"#,
            r#"set_password_policy("strong")"#,
            r#"license("Compass").seats"#,
        ] {
            assert!(!may_have_secret(line), "{line}");
        }
    }
}
