//! Tables of facts with their indexes.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use crate::model::{
    Account, Anchor, DeletedAccount, EmailAddress, Field, ObjectId, OnlineAccount, OnlineId, User,
    UserGuid, UserName,
};

/// Both halves of a person, as far as they are.
#[derive(Debug, Clone, Default)]
pub struct Linked {
    /// The local half.
    pub user: Option<Arc<User>>,
    /// The online half.
    pub online: Option<Arc<OnlineAccount>>,
}

impl Linked {
    /// Both, borrowed.
    pub fn account(&self) -> Account<'_> {
        Account { user: self.user.as_deref(), online: self.online.as_deref() }
    }
}

/// Users that were read, in the order of their creation.
#[derive(Default)]
pub(super) struct Users {
    all: Vec<Arc<User>>,
    by_guid: HashMap<UserGuid, usize>,
    by_name: HashMap<String, usize>,
    by_link: HashMap<ObjectId, usize>,
}

impl Users {
    pub(super) fn add(&mut self, user: User) {
        if self.by_guid.contains_key(&user.guid) {
            return;
        }
        let index = self.all.len();
        self.by_guid.insert(user.guid, index);
        self.by_name.insert(user.name.key(), index);
        if let Some(link) = user.link {
            self.by_link.insert(link, index);
        }
        self.all.push(Arc::new(user));
    }

    pub(super) fn all(&self) -> &[Arc<User>] {
        &self.all
    }

    pub(super) fn named(&self, name: &UserName) -> Option<&Arc<User>> {
        self.by_name.get(&name.key()).map(|index| &self.all[*index])
    }

    pub(super) fn with_guid(&self, guid: UserGuid) -> Option<&Arc<User>> {
        self.by_guid.get(&guid).map(|index| &self.all[*index])
    }

    pub(super) fn linked_to(&self, id: ObjectId) -> Option<&Arc<User>> {
        self.by_link.get(&id).map(|index| &self.all[*index])
    }
}

/// The tenant's recycle bin, the latest first.
pub(super) struct DeletedAccounts {
    all: Vec<DeletedAccount>,
    by_online_id: HashMap<OnlineId, usize>,
    by_id: HashMap<ObjectId, usize>,
}

impl DeletedAccounts {
    pub(super) fn new(mut all: Vec<DeletedAccount>) -> Self {
        all.sort_by_key(|deleted| Reverse(deleted.deleted));
        let (mut by_online_id, mut by_id) = (HashMap::new(), HashMap::new());
        for (index, deleted) in all.iter().enumerate() {
            // Of several that had the same name, the latest is meant.
            by_online_id.entry(deleted.account.online_id.clone()).or_insert(index);
            by_id.insert(deleted.account.id, index);
        }
        Self { all, by_online_id, by_id }
    }

    pub(super) fn all(&self) -> &[DeletedAccount] {
        &self.all
    }

    pub(super) fn called(&self, online_id: &OnlineId) -> Option<&DeletedAccount> {
        self.by_online_id.get(online_id).map(|index| &self.all[*index])
    }

    pub(super) fn with_id(&self, id: ObjectId) -> Option<&DeletedAccount> {
        self.by_id.get(&id).map(|index| &self.all[*index])
    }
}

/// Online accounts that were read.
#[derive(Default)]
pub(super) struct OnlineAccounts {
    all: Vec<Arc<OnlineAccount>>,
    by_id: HashMap<ObjectId, usize>,
    by_online_id: HashMap<OnlineId, usize>,
    by_anchor: HashMap<Anchor, usize>,
    by_display_name: HashMap<String, Vec<usize>>,
    by_employee_id: HashMap<String, Vec<usize>>,
    by_email: HashMap<EmailAddress, usize>,
}

impl OnlineAccounts {
    pub(super) fn add(&mut self, account: OnlineAccount) {
        if self.by_id.contains_key(&account.id) {
            return;
        }
        let index = self.all.len();
        self.by_id.insert(account.id, index);
        self.by_online_id.insert(account.online_id.clone(), index);
        if let Some(anchor) = &account.anchor {
            self.by_anchor.insert(anchor.clone(), index);
        }
        if let Some(name) = account.details.get(Field::DisplayName) {
            self.by_display_name.entry(name.to_lowercase()).or_default().push(index);
        }
        if let Some(number) = account.details.get(Field::EmployeeId) {
            self.by_employee_id.entry(number.to_lowercase()).or_default().push(index);
        }
        if let Some(email) = &account.email {
            self.by_email.insert(email.clone(), index);
        }
        self.all.push(Arc::new(account));
    }

    pub(super) fn all(&self) -> &[Arc<OnlineAccount>] {
        &self.all
    }

    pub(super) fn with_id(&self, id: ObjectId) -> Option<&Arc<OnlineAccount>> {
        self.by_id.get(&id).map(|index| &self.all[*index])
    }

    pub(super) fn called(&self, online_id: &OnlineId) -> Option<&Arc<OnlineAccount>> {
        self.by_online_id.get(online_id).map(|index| &self.all[*index])
    }

    pub(super) fn anchored_to(&self, anchor: &Anchor) -> Option<&Arc<OnlineAccount>> {
        self.by_anchor.get(anchor).map(|index| &self.all[*index])
    }

    pub(super) fn reached_at(&self, email: &EmailAddress) -> Option<&Arc<OnlineAccount>> {
        self.by_email.get(email).map(|index| &self.all[*index])
    }

    pub(super) fn shown_as(&self, name: &str) -> impl Iterator<Item = &Arc<OnlineAccount>> {
        let found = self.by_display_name.get(&name.to_lowercase());
        found.into_iter().flatten().map(|index| &self.all[*index])
    }

    pub(super) fn numbered(&self, number: &str) -> impl Iterator<Item = &Arc<OnlineAccount>> {
        let found = self.by_employee_id.get(&number.to_lowercase());
        found.into_iter().flatten().map(|index| &self.all[*index])
    }
}
