//! Scripts and modules that are part of the program.

/// A ready job.
#[derive(Debug, Clone, Copy)]
pub struct BundledScript {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The ready jobs. To add one: its file in `scripts/` and one line here.
pub const SCRIPTS: &[BundledScript] = &[
    BundledScript { name: "bulk-create", text: include_str!("../../scripts/bulk-create.rhai") },
    BundledScript { name: "create-user", text: include_str!("../../scripts/create-user.rhai") },
    BundledScript { name: "group-report", text: include_str!("../../scripts/group-report.rhai") },
    BundledScript { name: "import-users", text: include_str!("../../scripts/import-users.rhai") },
    BundledScript {
        name: "license-report",
        text: include_str!("../../scripts/license-report.rhai"),
    },
    BundledScript {
        name: "match-accounts",
        text: include_str!("../../scripts/match-accounts.rhai"),
    },
    BundledScript { name: "offboard", text: include_str!("../../scripts/offboard.rhai") },
    BundledScript { name: "set-aliases", text: include_str!("../../scripts/set-aliases.rhai") },
    BundledScript { name: "set-licenses", text: include_str!("../../scripts/set-licenses.rhai") },
    BundledScript { name: "status-report", text: include_str!("../../scripts/status-report.rhai") },
    BundledScript {
        name: "sync-passwords",
        text: include_str!("../../scripts/sync-passwords.rhai"),
    },
    BundledScript { name: "sync-group", text: include_str!("../../scripts/sync-group.rhai") },
];

/// The modules of the standard library, by the name that scripts use. To add one: its file in
/// `stdlib/` and one line here.
pub(super) const STANDARD_LIBRARY: &[(&str, &str)] = &[
    ("bulk", include_str!("../../stdlib/bulk.rhai")),
    ("groups", include_str!("../../stdlib/groups.rhai")),
    ("matching", include_str!("../../stdlib/matching.rhai")),
    ("offboarding", include_str!("../../stdlib/offboarding.rhai")),
];

/// The ready job of that name.
pub fn bundled(name: &str) -> Option<&'static BundledScript> {
    SCRIPTS.iter().find(|script| script.name == name)
}
