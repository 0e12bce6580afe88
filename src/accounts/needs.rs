//! What a computation lacks: noted while it runs, read in bulk afterwards.

use std::collections::HashSet;

use super::mail::MailNeeds;
use crate::model::{ObjectId, UserGuid, UserName};
use crate::online::AccountKey;

/// The computation lacks a fact. It was noted in [`Needs`]; once it is read, the computation is
/// done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing;

/// A result that may lack a fact.
pub type R<T> = Result<T, Missing>;

/// Facts to be read, collected over many computations.
#[derive(Debug, Default)]
pub struct Needs {
    /// Users by name.
    pub user_names: HashSet<UserName>,
    /// Users by GUID.
    pub user_guids: HashSet<UserGuid>,
    /// Users linked to an online account.
    pub user_links: HashSet<ObjectId>,
    /// Every user.
    pub all_users: bool,
    /// Online accounts by key.
    pub online: HashSet<AccountKey>,
    /// Every online account.
    pub all_online: bool,
    /// What the tenant subscribes to.
    pub licenses: bool,
    /// The tenant's domains.
    pub domains: bool,
    /// The tenant's recycle bin.
    pub deleted: bool,
    /// The directory's recycle bin.
    pub deleted_users: bool,
    /// Who holds an administrator's role in the tenant.
    pub roles: bool,
    /// Who the tenant is.
    pub organization: bool,
    /// What the app may do in the tenant.
    pub access: bool,
    /// Who the directory is, and its password policy.
    pub directory: bool,
    /// What this machine knows of passwords that were sent.
    pub passwords: bool,
    /// Whose passwords wait in the outbox.
    pub waiting_passwords: bool,
    /// What Exchange knows.
    pub mail: MailNeeds,
}

impl Needs {
    /// Whether nothing is lacking.
    pub fn is_empty(&self) -> bool {
        self.user_names.is_empty()
            && self.user_guids.is_empty()
            && self.user_links.is_empty()
            && !self.all_users
            && self.online.is_empty()
            && !self.all_online
            && !self.licenses
            && !self.domains
            && !self.deleted
            && !self.deleted_users
            && !self.roles
            && !self.organization
            && !self.access
            && !self.directory
            && !self.passwords
            && !self.waiting_passwords
            && self.mail.is_empty()
    }

    /// Takes other needs in.
    pub fn merge(&mut self, other: Self) {
        self.user_names.extend(other.user_names);
        self.user_guids.extend(other.user_guids);
        self.user_links.extend(other.user_links);
        self.all_users |= other.all_users;
        self.online.extend(other.online);
        self.all_online |= other.all_online;
        self.licenses |= other.licenses;
        self.domains |= other.domains;
        self.deleted |= other.deleted;
        self.deleted_users |= other.deleted_users;
        self.roles |= other.roles;
        self.organization |= other.organization;
        self.access |= other.access;
        self.directory |= other.directory;
        self.passwords |= other.passwords;
        self.waiting_passwords |= other.waiting_passwords;
        self.mail.merge(other.mail);
    }
}
