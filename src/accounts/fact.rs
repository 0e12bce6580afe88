//! Tables of facts with their indexes.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
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

/// Online accounts that were read. Indexes beside the identity are made when they are first asked for:
/// a report of a hundred thousand asks for none of them.
#[derive(Default)]
pub(super) struct OnlineAccounts {
    all: Vec<Arc<OnlineAccount>>,
    by_id: HashMap<ObjectId, usize>,
    by_online_id: Index<OnlineId>,
    by_anchor: Index<Anchor>,
    by_display_name: Index<String>,
    by_employee_id: Index<String>,
    by_email: Index<EmailAddress>,
}

/// Places by key, as far as accounts have one.
struct Index<K>(OnceCell<HashMap<K, Vec<usize>>>);

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self(OnceCell::new())
    }
}

impl<K: Eq + Hash> Index<K> {
    fn places(
        &self,
        all: &[Arc<OnlineAccount>],
        key: &K,
        key_of: impl Fn(&OnlineAccount) -> Option<K>,
    ) -> &[usize] {
        let places = self.0.get_or_init(|| {
            let mut places: HashMap<K, Vec<usize>> = HashMap::new();
            for (index, account) in all.iter().enumerate() {
                if let Some(key) = key_of(account) {
                    places.entry(key).or_default().push(index);
                }
            }
            places
        });
        places.get(key).map(Vec::as_slice).unwrap_or_default()
    }
}

impl OnlineAccounts {
    pub(super) fn add(&mut self, account: OnlineAccount) {
        if self.by_id.contains_key(&account.id) {
            return;
        }
        self.by_id.insert(account.id, self.all.len());
        self.all.push(Arc::new(account));
        self.by_online_id = Index::default();
        self.by_anchor = Index::default();
        self.by_display_name = Index::default();
        self.by_employee_id = Index::default();
        self.by_email = Index::default();
    }

    pub(super) fn all(&self) -> &[Arc<OnlineAccount>] {
        &self.all
    }

    pub(super) fn with_id(&self, id: ObjectId) -> Option<&Arc<OnlineAccount>> {
        self.by_id.get(&id).map(|index| &self.all[*index])
    }

    pub(super) fn called(&self, online_id: &OnlineId) -> Option<&Arc<OnlineAccount>> {
        let name_of = |it: &OnlineAccount| Some(it.online_id.clone());
        self.at(self.by_online_id.places(&self.all, online_id, name_of)).next()
    }

    pub(super) fn anchored_to(&self, anchor: &Anchor) -> Option<&Arc<OnlineAccount>> {
        self.at(self.by_anchor.places(&self.all, anchor, |it| it.anchor.clone())).next()
    }

    pub(super) fn reached_at(&self, email: &EmailAddress) -> Option<&Arc<OnlineAccount>> {
        self.at(self.by_email.places(&self.all, email, |it| it.email.clone())).next()
    }

    pub(super) fn shown_as(&self, name: &str) -> impl Iterator<Item = &Arc<OnlineAccount>> {
        let name_of =
            |it: &OnlineAccount| it.details.get(Field::DisplayName).map(str::to_lowercase);
        self.at(self.by_display_name.places(&self.all, &name.to_lowercase(), name_of))
    }

    pub(super) fn numbered(&self, number: &str) -> impl Iterator<Item = &Arc<OnlineAccount>> {
        let number_of =
            |it: &OnlineAccount| it.details.get(Field::EmployeeId).map(str::to_lowercase);
        self.at(self.by_employee_id.places(&self.all, &number.to_lowercase(), number_of))
    }

    fn at<'a>(&'a self, places: &'a [usize]) -> impl Iterator<Item = &'a Arc<OnlineAccount>> {
        places.iter().map(|index| &self.all[*index])
    }
}
