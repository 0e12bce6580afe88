//! What the app must be allowed, by name, and why (`graph.md §16`, `exchange.md §2`).
//!
//! A permission is in the token; an Entra role isn't, and has to be looked up.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use uuid::Uuid;

use super::{OnlineFault, Tenant};
use crate::model::ObjectId;

/// An application permission that acctsh needs: of Microsoft Graph, but for [`MANAGE_EXCHANGE`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// Its name.
    pub name: &'static str,
    /// What can't be done without it.
    pub reason: &'static str,
    /// Broader ones that cover it.
    pub covered_by: &'static [&'static str],
}

impl Permission {
    /// The granted permission that allows it: itself or a broader one.
    pub fn granted_by<'a>(&self, granted: &'a BTreeSet<String>) -> Option<&'a str> {
        let names = std::iter::once(&self.name).chain(self.covered_by);
        names.filter_map(|name| granted.get(*name)).map(String::as_str).next()
    }
}

/// An Entra role that the app must hold where permissions don't suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: &'static str,
    /// Its id, the same in every tenant.
    pub template: Uuid,
    /// What can't be done without it.
    pub reason: &'static str,
}

const WRITES_ALL: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const READS_ALL: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All"];

const fn permission(
    name: &'static str,
    covered_by: &'static [&'static str],
    reason: &'static str,
) -> Permission {
    Permission { name, reason, covered_by }
}

/// To make online accounts and write their fields.
pub const WRITE_USERS: Permission = permission(
    "User.ReadWrite.All",
    &["Directory.ReadWrite.All"],
    "read online accounts, make them, change their fields",
);
/// To make online accounts; one that may only do that can't read them.
pub const CREATE_USERS: Permission = permission(
    "User.ReadWrite.All",
    &["Directory.ReadWrite.All", "User.Create"],
    "make online accounts",
);
/// To write fields of online accounts.
pub const UPDATE_USERS: Permission = permission(
    "User.ReadWrite.All",
    &["Directory.ReadWrite.All", "User.ReadUpdate.All"],
    "change fields of online accounts",
);
/// To set who is whose manager, for which being allowed to change fields doesn't suffice.
pub const SET_MANAGERS: Permission =
    permission("User.ReadWrite.All", &["Directory.ReadWrite.All"], "set managers");
/// To set passwords. Nothing broader covers it.
pub const SET_PASSWORDS: Permission =
    permission("User-PasswordProfile.ReadWrite.All", &[], "set temporary passwords");
/// To block sign-in and open it again.
pub const ENABLE_USERS: Permission =
    permission("User.EnableDisableAccount.All", WRITES_ALL, "block sign-in, and open it again");
/// To delete, restore and purge.
pub const DELETE_USERS: Permission = permission(
    "User.DeleteRestore.All",
    &["User.ReadWrite.All"],
    "delete online accounts, and restore them",
);
/// To sign out everywhere.
pub const REVOKE_SESSIONS: Permission =
    permission("User.RevokeSessions.All", WRITES_ALL, "sign people out everywhere");
/// To give and take licences.
pub const ASSIGN_LICENSES: Permission = permission(
    "LicenseAssignment.ReadWrite.All",
    WRITES_ALL,
    "see the tenant's licences, give them and take them",
);
/// To read who is an administrator.
pub const READ_DIRECTORY: Permission = permission(
    "Directory.Read.All",
    &["RoleManagement.Read.Directory", "Directory.ReadWrite.All"],
    "see who is an administrator, so that nobody locks everybody out",
);
/// To read the domains.
pub const READ_DOMAINS: Permission =
    permission("Domain.Read.All", READS_ALL, "see which domains online IDs can have");
/// To read who the tenant is.
pub const READ_ORGANIZATION: Permission =
    permission("Organization.Read.All", READS_ALL, "know which tenant it is");

/// All that acctsh needs, and nothing else.
pub const NEEDED: [Permission; 9] = [
    WRITE_USERS,
    SET_PASSWORDS,
    ENABLE_USERS,
    DELETE_USERS,
    REVOKE_SESSIONS,
    ASSIGN_LICENSES,
    READ_DIRECTORY,
    READ_DOMAINS,
    READ_ORGANIZATION,
];

/// To use Exchange, for everything to do with mail. It is of another resource, Office 365 Exchange Online,
/// whose token alone has it.
pub const MANAGE_EXCHANGE: Permission =
    permission("Exchange.ManageAsApp", &[], "manage e-mail addresses, groups and mailboxes");
/// The id of [`MANAGE_EXCHANGE`] among the app roles of its resource, the same in every tenant.
pub const MANAGE_EXCHANGE_ID: Uuid = Uuid::from_u128(0xdc50_a0fb_09a3_484d_be87_e023_b12c_6440);
/// Office 365 Exchange Online, the resource of [`MANAGE_EXCHANGE`], the same in every tenant.
pub const EXCHANGE_APP: Uuid = Uuid::from_u128(0x0000_0002_0000_0ff1_ce00_0000_0000_0000);

/// The role without which Exchange refuses an app that has the permission.
pub const EXCHANGE_ADMINISTRATOR: Role = Role {
    name: "Exchange Administrator",
    template: Uuid::from_u128(0x2923_2cdf_9323_42fd_ade2_1d09_7af3_e4de),
    reason: "manage e-mail addresses, groups and mailboxes: the permission alone doesn't suffice",
};

/// The role without which permissions don't suffice.
pub const USER_ADMINISTRATOR: Role = Role {
    name: "User Administrator",
    template: Uuid::from_u128(0xfe93_0be7_5e62_47db_91af_98c3_a49a_38b1),
    reason: "set passwords: the permission alone doesn't suffice",
};

/// Roles that include it, and reach administrators too.
pub const HIGHER_ROLES: [Role; 2] = [
    Role {
        name: "Privileged Authentication Administrator",
        template: Uuid::from_u128(0x7be4_4c8a_adaf_4e2a_84d6_ab26_49e0_8a13),
        reason: "block, delete or give a password to people who are administrators themselves",
    },
    Role {
        name: "Global Administrator",
        template: Uuid::from_u128(0x62e9_0394_69f5_4237_9190_0121_7714_5e10),
        reason: "block, delete or give a password to people who are administrators themselves",
    },
];

/// What the tenant says when the app signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The permissions in the token; `None` where it can't be read, as Microsoft never promised.
    pub permissions: Option<BTreeSet<String>>,
    /// The app as a holder of roles: its service principal.
    pub app: Option<ObjectId>,
    /// How far the tenant's clock is ahead of ours.
    pub clock_ahead: Option<SignedDuration>,
}

impl Tenant {
    /// Signs in, or looks at the token that is there.
    pub async fn access(&self) -> Result<Access, OnlineFault> {
        self.http.access().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broader_permission_covers_a_narrow_one_but_not_passwords() {
        let granted = BTreeSet::from(["Directory.ReadWrite.All".to_owned()]);
        let missing: Vec<_> = NEEDED
            .iter()
            .filter(|permission| permission.granted_by(&granted).is_none())
            .map(|permission| permission.name)
            .collect();
        assert_eq!(missing, ["User-PasswordProfile.ReadWrite.All", "User.DeleteRestore.All"]);
    }
}
