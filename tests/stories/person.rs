//! One person on both sides: the user as the directory keeps it, the online account as any client of
//! Graph sees it.
#![allow(dead_code, unreachable_pub, reason = "each story uses what it needs")]

use acctsh::model::{Secret, User};
use serde_json::{Value, json};

use crate::aftermath::{ask, directory, tenant_takes, users};
use crate::story::{Ran, Shell, Tenant};

/// The product that people have without a word.
pub const BASIC: &str = "O365_BUSINESS_ESSENTIALS";
/// Business Standard.
pub const STANDARD: &str = "O365_BUSINESS_PREMIUM";

const SHOWN: &str = "id,userPrincipalName,displayName,accountEnabled,onPremisesImmutableId,\
                     assignedLicenses,usageLocation,department,mobilePhone,mail";

/// A tenant and a shell on it.
pub fn tenant_and_shell() -> (Tenant, Shell) {
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    shell.uses(&tenant);
    (tenant, shell)
}

/// A tenant and a shell on it, with these people, who have an online account each.
pub fn office_of(names: &[&str]) -> (Tenant, Shell) {
    let (tenant, shell) = tenant_and_shell();
    let list = serde_json::to_string(names).unwrap();
    shell.does(&format!(
        "for name in {list} {{ create_account(#{{ user_name: name, display_name: `Kim ${{name}}`, \
         department: \"Plant\" }}) }}"
    ));
    (tenant, shell)
}

impl Shell {
    /// Runs one line with `--yes`; it is done.
    #[track_caller]
    pub fn does(&self, code: &str) -> Ran {
        self.acctsh(&["-c", code, "--yes"]).exits(0)
    }

    /// Runs one line with `--yes`; it is refused and nothing is written.
    #[track_caller]
    pub fn is_refused(&self, code: &str, exit: i32) -> Ran {
        let before = self.newest_runs();
        let ran = self.acctsh(&["-c", code, "--yes"]).exits(exit);
        assert_eq!(self.newest_runs(), before, "a refused plan begins no run");
        ran
    }

    /// The names of all runs.
    pub fn newest_runs(&self) -> Vec<String> {
        crate::aftermath::runs(self).into_iter().map(|(run, _)| run).collect()
    }
}

/// The user of that name.
#[track_caller]
pub fn user(shell: &Shell, name: &str) -> User {
    has_user(shell, name).unwrap_or_else(|| panic!("there is no user {name}"))
}

/// The user of that name, if there is one.
pub fn has_user(shell: &Shell, name: &str) -> Option<User> {
    users(shell).into_iter().find(|user| user.name.as_str() == name)
}

/// The online account, as any client of Graph reads it.
#[track_caller]
pub fn online(tenant: &Tenant, name_or_id: &str) -> Value {
    let found = read_online(tenant, name_or_id);
    assert!(found["id"].is_string(), "{name_or_id}: {found}");
    found
}

/// Whether there is such an online account.
pub fn has_online(tenant: &Tenant, name_or_id: &str) -> bool {
    read_online(tenant, name_or_id)["id"].is_string()
}

fn read_online(tenant: &Tenant, name_or_id: &str) -> Value {
    let name = if name_or_id.contains('@') || name_or_id.contains('-') {
        name_or_id.to_owned()
    } else {
        format!("{name_or_id}@contoso.com")
    };
    tenant.graph(&format!("users/{name}?$select={SHOWN}"))
}

/// The seats of a product in use.
pub fn seats_used(tenant: &Tenant, part_number: &str) -> i64 {
    tenant.summary()["skus"][part_number]["consumed"].as_i64().unwrap()
}

/// Whether the user takes this password, and whether the online account does.
pub fn take_password(tenant: &Tenant, shell: &Shell, name: &str, password: &str) -> (bool, bool) {
    let user = user(shell, name);
    let secret = Secret::new(password.to_owned());
    let local = ask(directory(shell).verify_password(user.guid, &secret)).unwrap();
    (local, tenant_takes(tenant, &user.link.unwrap().to_string(), password))
}

/// Both halves take this password.
#[track_caller]
pub fn expect_password(tenant: &Tenant, shell: &Shell, name: &str, password: &str) {
    assert_eq!(take_password(tenant, shell, name, password), (true, true), "{name}");
}

/// Changes the tenant's file as only Microsoft, or an administrator in the portal, could.
pub fn behind_the_scenes(tenant: &Tenant, statement: &str, values: &[&str]) {
    let state = rusqlite::Connection::open(tenant.state_file()).unwrap();
    let changed = state.execute(statement, rusqlite::params_from_iter(values)).unwrap();
    assert!(changed > 0, "{statement}");
}

/// The online account with this id holds the role Global Administrator from now on, and the app the
/// one without which nobody may touch administrators (`graph.md §16`).
pub fn make_administrator(tenant: &Tenant, id: &str) {
    let role = Some(json!({ "roles": ["Global Administrator"] }));
    tenant.knob("PUT", &format!("users/{id}"), role.clone());
    tenant.knob("PUT", "app", role);
}
