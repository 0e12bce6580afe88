//! Application permissions: what an app must be granted for each thing it does (`graph.md` §16).

use crate::refusal::Refusal;

/// What the seeded app is granted: the set of `graph.md` §16 that covers an administrator's shell, and
/// Exchange's one.
pub(crate) const ALL_GRANTED: [&str; 15] = [
    "User.ReadWrite.All",
    "User-PasswordProfile.ReadWrite.All",
    "User.EnableDisableAccount.All",
    "User-Phone.ReadWrite.All",
    "User-Mail.ReadWrite.All",
    "User.ManageIdentities.All",
    "User.DeleteRestore.All",
    "User.RevokeSessions.All",
    "LicenseAssignment.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "RoleManagement.Read.Directory",
    "Domain.Read.All",
    "Organization.Read.All",
    EXCHANGE_AS_APP,
];

/// Of the other resource, Exchange Online (`exchange.md` §2): only its tokens carry it.
pub(crate) const EXCHANGE_AS_APP: &str = "Exchange.ManageAsApp";

/// What an access token lets its bearer do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    /// Application permissions (the claim `roles`).
    pub(crate) permissions: Vec<String>,
    /// Entra roles of the app: they aren't in the token, and count as they are now.
    pub(crate) directory_roles: Vec<String>,
}

/// Roles that reach administrators too.
const HIGHER_ROLES: [&str; 2] = ["Privileged Authentication Administrator", "Global Administrator"];

/// Any one of these permissions is enough.
pub(crate) type AnyOf = &'static [&'static str];

pub(crate) const READ_USERS: AnyOf = &[
    "User.Read.All",
    "User.ReadWrite.All",
    "User.ReadUpdate.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(crate) const CREATE_USER: AnyOf =
    &["User.Create", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const UPDATE_USER: AnyOf =
    &["User.ReadUpdate.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const ENABLE_USER: AnyOf =
    &["User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
/// `User.ReadWrite.All` doesn't cover it.
pub(crate) const SET_PASSWORD: AnyOf = &["User-PasswordProfile.ReadWrite.All"];
pub(crate) const SET_PHONES: AnyOf =
    &["User-Phone.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const SET_OTHER_MAILS: AnyOf =
    &["User-Mail.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const SET_IDENTITIES: AnyOf = &["User.ManageIdentities.All"];
pub(crate) const SET_MANAGER: AnyOf = &["User.ReadWrite.All"];
pub(crate) const DELETE_USER: AnyOf = &["User.DeleteRestore.All", "User.ReadWrite.All"];
pub(crate) const REVOKE_SESSIONS: AnyOf =
    &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const ASSIGN_LICENSES: AnyOf =
    &["LicenseAssignment.ReadWrite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
pub(crate) const READ_SKUS: AnyOf = &[
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Organization.Read.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
pub(crate) const READ_ROLES: AnyOf =
    &["RoleManagement.Read.Directory", "Directory.Read.All", "Directory.ReadWrite.All"];
pub(crate) const READ_DOMAINS: AnyOf =
    &["Domain.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];
pub(crate) const READ_ORGANIZATION: AnyOf =
    &["Organization.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];

impl Granted {
    /// Refuses unless one of the permissions was granted.
    pub(crate) fn require(&self, any_of: AnyOf) -> Result<(), Refusal> {
        if self.permissions.iter().any(|granted| any_of.contains(&granted.as_str())) {
            Ok(())
        } else {
            Err(Refusal::denied())
        }
    }

    /// Refuses unless the app may set passwords: permission and Entra role (`graph.md` §5).
    pub(crate) fn require_password_right(&self) -> Result<(), Refusal> {
        self.require(SET_PASSWORD)?;
        self.require_role(&["User Administrator", HIGHER_ROLES[0], HIGHER_ROLES[1]])
    }

    /// Refuses unless the app's Entra role reaches people who hold a role themselves: to block, delete
    /// or set the password of an administrator, permissions alone don't suffice (`graph.md` §16).
    pub(crate) fn require_right_over_administrators(&self) -> Result<(), Refusal> {
        self.require_role(&HIGHER_ROLES)
    }

    fn require_role(&self, any_of: &[&str]) -> Result<(), Refusal> {
        if self.directory_roles.iter().any(|role| any_of.contains(&role.as_str())) {
            Ok(())
        } else {
            Err(Refusal::denied())
        }
    }
}
