//! Commands that read from standard input, as a hook or a person without a terminal gives it to them.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use std::io::Write as _;
use std::process::Stdio;

use crate::story::{Ran, Shell};

impl Shell {
    /// Runs the program to its end, with this on standard input.
    pub fn given(&self, text: &str, arguments: &[&str]) -> Ran {
        let mut process = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let mut input = process.stdin.take().unwrap();
        // Whoever needs nothing of it may be gone already.
        let _ = input.write_all(text.as_bytes());
        drop(input);
        Ran::of(&process.wait_with_output().unwrap())
    }

    /// Somebody changes a password in the domain, where there is one: what acctsh has set there last isn't the
    /// newest any more.
    pub fn changes_in_the_domain(&self, user: &str, password: &str) {
        let Some(controller) = self.controller() else { return };
        for entry in controller.entries(&format!("(sAMAccountName={user})")) {
            controller.set_password(&entry.dn, password);
        }
    }

    /// Somebody has changed a password in the directory: its hook is called.
    #[track_caller]
    pub fn changed_password(&self, user: &str, password: &str) {
        if user != "Administrator" {
            self.changes_in_the_domain(user, password);
        }
        self.given(password, &["password-changed", user]).exits(0);
    }

    /// An administrator sets a password.
    pub fn sets_password(&self, user: &str, password: &str) -> Ran {
        self.given(&format!("{password}\n"), &["passwd", user, "--reset", "--yes"])
    }

    /// How a person's password stands.
    #[track_caller]
    pub fn password_state(&self, user: &str) -> String {
        let state = self.value(&format!("account({user:?}).password_state"));
        state.as_str().unwrap_or_else(|| panic!("{user}: {state}")).to_owned()
    }

    /// How many passwords wait in the outbox.
    pub fn waiting_passwords(&self) -> usize {
        let outbox = self.home().join("profiles/contoso/outbox");
        let Ok(entries) = std::fs::read_dir(outbox) else { return 0 };
        let is_sealed = |name: &std::ffi::OsStr| name.to_string_lossy().ends_with(".age");
        entries.filter(|entry| is_sealed(&entry.as_ref().unwrap().file_name())).count()
    }
}
