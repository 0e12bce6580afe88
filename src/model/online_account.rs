//! The online half of an account.

use jiff::Timestamp;

use super::{
    Anchor, AssignedLicense, Details, EmailAddress, Field, ObjectId, OnlineId, SkuId, UserGuid,
};

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserType {
    /// One of ours.
    Member,
    /// A guest from elsewhere.
    Guest,
}

/// An online account: a user object in the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineAccount {
    /// The identity.
    pub id: ObjectId,
    /// The sign-in name.
    pub online_id: OnlineId,
    /// Everything else that is a text.
    pub details: Details,
    /// Whether sign-in is open.
    pub can_sign_in: bool,
    /// Member or guest; `None` where the tenant doesn't say (old accounts).
    pub user_type: Option<UserType>,
    /// The e-mail address, once something gave it one.
    pub email: Option<EmailAddress>,
    /// Licences, direct and inherited.
    pub licenses: Vec<AssignedLicense>,
    /// The products that a group gives, and nobody directly.
    pub inherited: Vec<SkuId>,
    /// The anchor; `None` when empty.
    pub anchor: Option<Anchor>,
    /// Run by directory synchronisation (`graph.md §4.4`).
    pub is_synchronized: bool,
    /// When it was made, where the tenant says so.
    pub created: Option<Timestamp>,
    /// When its password last changed, where the tenant says so.
    pub last_password_change: Option<Timestamp>,
}

impl OnlineAccount {
    /// Whether its anchor names somebody else than this user.
    pub fn belongs_to_another(&self, user: UserGuid) -> bool {
        self.anchor.as_ref().and_then(Anchor::user).is_some_and(|owner| owner != user)
    }

    /// Licences that were assigned to the account itself.
    pub fn direct_licenses(&self) -> Vec<AssignedLicense> {
        let is_direct = |license: &&AssignedLicense| !self.inherited.contains(&license.sku);
        self.licenses.iter().filter(is_direct).cloned().collect()
    }

    /// Licences that only a group gives: they go when the person leaves the group.
    pub fn inherited_licenses(&self) -> Vec<AssignedLicense> {
        let is_inherited = |license: &&AssignedLicense| self.inherited.contains(&license.sku);
        self.licenses.iter().filter(is_inherited).cloned().collect()
    }

    /// The name it is shown under.
    pub fn display_name(&self) -> &str {
        self.details.get(Field::DisplayName).unwrap_or_else(|| self.online_id.local_part())
    }
}

/// An online account in the tenant's recycle bin (`graph.md §9`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedAccount {
    /// The account as it was, under the online ID that it had.
    pub account: OnlineAccount,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
}
