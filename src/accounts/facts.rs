//! Everything that was read so far, and what is known not to exist.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

use super::fact::{DeletedAccounts, Linked, OnlineAccounts, Users};
use super::mail::MailFacts;
use super::needs::{Missing, Needs, R};
use crate::directory::{DirectoryIdentity, DirectoryRules, PasswordRules};
use crate::model::{
    Anchor, DeletedAccount, DeletedUser, Domain, EmailAddress, License, ObjectId, OnlineAccount,
    OnlineId, PasswordBook, User, UserGuid, UserName,
};
use crate::online::{Access, AccountKey, Organization, RoleHolders};

/// What a run's directory and tenant are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryFacts {
    /// Which directory.
    pub identity: DirectoryIdentity,
    /// What it asks of passwords.
    pub passwords: PasswordRules,
    /// What it takes and gives back.
    pub rules: DirectoryRules,
    /// How many users it has.
    pub people: u64,
}

/// Facts, each looked up with the needs in which a lack of it is noted.
#[derive(Default)]
pub struct Facts {
    pub(super) users: Users,
    pub(super) all_users: bool,
    pub(super) absent_names: HashSet<UserName>,
    pub(super) absent_guids: HashSet<UserGuid>,
    pub(super) absent_links: HashSet<ObjectId>,
    pub(super) online: OnlineAccounts,
    pub(super) all_online: bool,
    /// Keys that were asked for: what they don't lead to isn't there.
    pub(super) asked_online: HashSet<AccountKey>,
    pub(super) licenses: Option<Arc<Vec<License>>>,
    pub(super) domains: Option<Arc<Vec<Domain>>>,
    pub(super) deleted: Option<DeletedAccounts>,
    pub(super) deleted_users: Option<Vec<DeletedUser>>,
    pub(super) roles: Option<RoleHolders>,
    pub(super) organization: Option<Organization>,
    pub(super) access: Option<Access>,
    pub(super) directory: Option<DirectoryFacts>,
    pub(super) passwords: Option<PasswordBook>,
    pub(super) has_waiting_passwords: bool,
    pub(super) mail: MailFacts,
}

type Noted<'a> = &'a RefCell<Needs>;

impl Facts {
    /// The user of that name.
    pub fn user_named(&self, name: &UserName, needs: Noted<'_>) -> R<Option<&Arc<User>>> {
        match self.users.named(name) {
            Some(user) => Ok(Some(user)),
            None if self.all_users || self.absent_names.contains(name) => Ok(None),
            None => {
                needs.borrow_mut().user_names.insert(name.clone());
                Err(Missing)
            }
        }
    }

    /// What this machine knows of passwords, those among it that wait in the outbox.
    pub fn all_passwords(&self, needs: Noted<'_>) -> R<&PasswordBook> {
        self.passwords.as_ref().filter(|_| self.has_waiting_passwords).ok_or_else(|| {
            needs.borrow_mut().waiting_passwords = true;
            Missing
        })
    }

    /// What this machine knows of passwords that were sent.
    pub fn passwords(&self, needs: Noted<'_>) -> R<&PasswordBook> {
        self.passwords.as_ref().ok_or_else(|| {
            needs.borrow_mut().passwords = true;
            Missing
        })
    }

    /// The user with that GUID.
    pub fn user(&self, guid: UserGuid, needs: Noted<'_>) -> R<Option<&Arc<User>>> {
        match self.users.with_guid(guid) {
            Some(user) => Ok(Some(user)),
            None if self.all_users || self.absent_guids.contains(&guid) => Ok(None),
            None => {
                needs.borrow_mut().user_guids.insert(guid);
                Err(Missing)
            }
        }
    }

    /// Every user, in the order of creation.
    pub fn users(&self, needs: Noted<'_>) -> R<&[Arc<User>]> {
        if self.all_users {
            Ok(self.users.all())
        } else {
            needs.borrow_mut().all_users = true;
            Err(Missing)
        }
    }

    /// Every online account.
    pub fn online_accounts(&self, needs: Noted<'_>) -> R<&[Arc<OnlineAccount>]> {
        if self.all_online {
            Ok(self.online.all())
        } else {
            needs.borrow_mut().all_online = true;
            Err(Missing)
        }
    }

    /// The online account with that object id.
    pub fn online(&self, id: ObjectId, needs: Noted<'_>) -> R<Option<&Arc<OnlineAccount>>> {
        self.or_ask(self.online.with_id(id), || AccountKey::Id(id), needs)
    }

    /// The online account with that online ID.
    pub fn online_called(
        &self,
        online_id: &OnlineId,
        needs: Noted<'_>,
    ) -> R<Option<&Arc<OnlineAccount>>> {
        let key = || AccountKey::OnlineId(online_id.clone());
        self.or_ask(self.online.called(online_id), key, needs)
    }

    /// The online account whose anchor points to that user.
    pub fn online_anchored(
        &self,
        user: UserGuid,
        needs: Noted<'_>,
    ) -> R<Option<&Arc<OnlineAccount>>> {
        let anchor = Anchor::of(user);
        self.or_ask(self.online.anchored_to(&anchor), || AccountKey::Anchor(anchor.clone()), needs)
    }

    /// The online account with that primary e-mail address.
    pub fn online_reached_at(
        &self,
        email: &EmailAddress,
        needs: Noted<'_>,
    ) -> R<Option<&Arc<OnlineAccount>>> {
        self.or_ask(self.online.reached_at(email), || AccountKey::Email(email.clone()), needs)
    }

    /// Online accounts shown under that name, without regard to case.
    pub fn online_shown_as(&self, name: &str, needs: Noted<'_>) -> R<Vec<Arc<OnlineAccount>>> {
        self.known(|| AccountKey::DisplayName(name.to_owned()), needs)?;
        Ok(self.online.shown_as(name).cloned().collect())
    }

    /// Online accounts with that personnel number.
    pub fn online_numbered(&self, number: &str, needs: Noted<'_>) -> R<Vec<Arc<OnlineAccount>>> {
        self.known(|| AccountKey::EmployeeId(number.to_owned()), needs)?;
        Ok(self.online.numbered(number).cloned().collect())
    }

    /// The user that an online account belongs to: the one that its anchor points to, else the one
    /// that remembers its id.
    pub fn user_of(&self, online: &OnlineAccount, needs: Noted<'_>) -> R<Option<&Arc<User>>> {
        if let Some(guid) = online.anchor.as_ref().and_then(Anchor::user)
            && let Some(user) = self.user(guid, needs)?
        {
            return Ok(Some(user));
        }
        match self.users.linked_to(online.id) {
            Some(user) => Ok(Some(user)),
            None if self.all_users || self.absent_links.contains(&online.id) => Ok(None),
            None => {
                needs.borrow_mut().user_links.insert(online.id);
                Err(Missing)
            }
        }
    }

    /// The online account that belongs to a user: the one it remembers, else the one whose anchor
    /// points to it. Either side alone is enough to find the other (DESIGN §1, anchor).
    pub fn online_of(&self, user: &User, needs: Noted<'_>) -> R<Option<&Arc<OnlineAccount>>> {
        if let Some(id) = user.link
            && let Some(online) = self.online(id, needs)?
        {
            return Ok(Some(online));
        }
        self.online_anchored(user.guid, needs)
    }

    /// Both halves of a user.
    pub fn linked(&self, guid: UserGuid, needs: Noted<'_>) -> R<Linked> {
        let Some(user) = self.user(guid, needs)? else { return Ok(Linked::default()) };
        let online = self.online_of(user, needs)?;
        Ok(Linked { user: Some(user.clone()), online: online.cloned() })
    }

    /// What the tenant subscribes to.
    pub fn licenses(&self, needs: Noted<'_>) -> R<&Arc<Vec<License>>> {
        self.licenses.as_ref().ok_or_else(|| {
            needs.borrow_mut().licenses = true;
            Missing
        })
    }

    /// The tenant's domains.
    pub fn domains(&self, needs: Noted<'_>) -> R<&Arc<Vec<Domain>>> {
        self.domains.as_ref().ok_or_else(|| {
            needs.borrow_mut().domains = true;
            Missing
        })
    }

    /// The account of that online ID in the tenant's recycle bin.
    pub fn deleted_called(
        &self,
        online_id: &OnlineId,
        needs: Noted<'_>,
    ) -> R<Option<&DeletedAccount>> {
        Ok(self.recycle_bin(needs)?.called(online_id))
    }

    /// The account with that object id in the tenant's recycle bin.
    pub fn deleted_with_id(&self, id: ObjectId, needs: Noted<'_>) -> R<Option<&DeletedAccount>> {
        Ok(self.recycle_bin(needs)?.with_id(id))
    }

    /// The tenant's recycle bin.
    pub fn deleted_accounts(&self, needs: Noted<'_>) -> R<&[DeletedAccount]> {
        self.recycle_bin(needs).map(DeletedAccounts::all)
    }

    fn recycle_bin(&self, needs: Noted<'_>) -> R<&DeletedAccounts> {
        self.deleted.as_ref().ok_or_else(|| {
            needs.borrow_mut().deleted = true;
            Missing
        })
    }

    /// The directory's recycle bin.
    pub fn deleted_users(&self, needs: Noted<'_>) -> R<&[DeletedUser]> {
        self.deleted_users.as_deref().ok_or_else(|| {
            needs.borrow_mut().deleted_users = true;
            Missing
        })
    }

    /// Who holds an administrator's role in the tenant.
    pub fn role_holders(&self, needs: Noted<'_>) -> R<&RoleHolders> {
        self.roles.as_ref().ok_or_else(|| {
            needs.borrow_mut().roles = true;
            Missing
        })
    }

    /// Who the tenant is.
    pub fn organization(&self, needs: Noted<'_>) -> R<&Organization> {
        self.organization.as_ref().ok_or_else(|| {
            needs.borrow_mut().organization = true;
            Missing
        })
    }

    /// What the app may do in the tenant.
    pub fn access(&self, needs: Noted<'_>) -> R<&Access> {
        self.access.as_ref().ok_or_else(|| {
            needs.borrow_mut().access = true;
            Missing
        })
    }

    /// Who the directory is.
    pub fn directory(&self, needs: Noted<'_>) -> R<&DirectoryFacts> {
        self.directory.as_ref().ok_or_else(|| {
            needs.borrow_mut().directory = true;
            Missing
        })
    }

    /// What Exchange says.
    pub fn mail(&self) -> &MailFacts {
        &self.mail
    }

    fn or_ask<'a, T>(
        &self,
        found: Option<&'a T>,
        key: impl Fn() -> AccountKey,
        needs: Noted<'_>,
    ) -> R<Option<&'a T>> {
        match found {
            Some(found) => Ok(Some(found)),
            None => self.known(key, needs).map(|()| None),
        }
    }

    fn known(&self, key: impl Fn() -> AccountKey, needs: Noted<'_>) -> R<()> {
        if self.all_online {
            return Ok(());
        }
        let key = key();
        if self.asked_online.contains(&key) {
            return Ok(());
        }
        needs.borrow_mut().online.insert(key);
        Err(Missing)
    }
}
