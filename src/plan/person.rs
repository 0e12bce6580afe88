//! A person as the view shows it: both halves, and what an edit makes of them.

use std::sync::Arc;

use jiff::Timestamp;

use super::change::ChangeNo;
use super::edit::What;
use super::step::OnlinePassword;
use crate::directory::NewUser;
use crate::model::{
    Account, Anchor, Field, MailAddresses, ObjectId, OnlineAccount, Remembered, User, UserType,
};

/// A person as the view shows it.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The local half.
    pub user: Option<Arc<User>>,
    /// The online half. Its id is [`ObjectId::KNOWN_AFTER_APPLY`] while `online_made_by` is set.
    pub online: Option<Arc<OnlineAccount>>,
    /// The change of this plan that makes the user.
    pub user_made_by: Option<ChangeNo>,
    /// The change of this plan that makes the online account.
    pub online_made_by: Option<ChangeNo>,
    /// The password that this plan gives the online account.
    pub password_sent: Option<OnlinePassword>,
}

impl Person {
    /// Both halves, borrowed.
    pub fn account(&self) -> Account<'_> {
        Account { user: self.user.as_deref(), online: self.online.as_deref() }
    }

    /// The name it goes by: the user's, else the online ID.
    pub fn name(&self) -> String {
        match (&self.user, &self.online) {
            (Some(user), _) => user.name.to_string(),
            (None, Some(online)) => online.online_id.to_string(),
            (None, None) => String::new(),
        }
    }

    /// The language that it prefers.
    pub(super) fn language(&self) -> Option<&str> {
        let details = [
            self.user.as_ref().map(|user| &user.details),
            self.online.as_ref().map(|online| &online.details),
        ];
        details.into_iter().flatten().find_map(|details| details.get(Field::PreferredLanguage))
    }

    /// Makes the difference.
    pub(super) fn apply(&mut self, no: ChangeNo, what: &What) {
        match what {
            What::UserMade(new) => {
                self.user = Some(Arc::new(user_to_be(new)));
                self.user_made_by = Some(no);
            }
            What::OnlineMade(draft) => {
                let anchor = self.user.as_ref().map(|user| Anchor::of(user.guid));
                self.online = Some(Arc::new(OnlineAccount {
                    id: ObjectId::KNOWN_AFTER_APPLY,
                    online_id: draft.online_id.clone(),
                    details: draft.details.clone(),
                    can_sign_in: true,
                    user_type: Some(UserType::Member),
                    email: None,
                    licenses: Vec::new(),
                    inherited: Vec::new(),
                    anchor,
                    is_synchronized: false,
                    created: None,
                    last_password_change: None,
                }));
                self.online_made_by = Some(no);
                self.password_sent = Some(draft.password);
            }
            What::OnlineTaken(online) => {
                let mut online = OnlineAccount::clone(online);
                online.anchor = self.user.as_ref().map(|user| Anchor::of(user.guid));
                self.online = Some(Arc::new(online));
            }
            What::Linked { .. } => {
                let id = self.online.as_ref().map(|online| online.id);
                self.change_user(|user| user.link = id);
            }
            What::Unlinked { .. } => self.change_user(|user| user.link = None),
            What::Licenses { new, .. } => {
                self.change_online(|online| online.licenses.clone_from(new));
            }
            What::UserEnabled(enabled) => self.change_user(|user| user.enabled = *enabled),
            What::SignInOpen(open) => self.change_online(|online| online.can_sign_in = *open),
            What::Remembers { new, .. } => {
                self.change_user(|user| user.remembered.clone_from(new));
            }
            What::UserTexts { new, .. } => self.change_user(|user| user.details.clone_from(new)),
            What::OnlineTexts { new, .. } => {
                self.change_online(|online| online.details.clone_from(new));
            }
            What::UserMail { new, .. } => self.change_user(|user| user.mail.clone_from(new)),
            What::Expires { new, .. } => self.change_user(|user| user.expires = *new),
            What::MustChangePassword(must) => {
                self.change_user(|user| user.must_change_password = *must);
            }
            What::ReportsTo { new, .. } => self.change_user(|user| user.manager = *new),
            What::UserNamed { new, .. } => self.change_user(|user| user.name.clone_from(new)),
            What::OnlineNamed { new, .. } => {
                self.change_online(|online| online.online_id.clone_from(new));
            }
            What::Unlocked => self.change_user(|user| user.is_locked = false),
            What::UserPassword { must_change } => {
                self.change_user(|user| user.must_change_password = *must_change);
            }
            What::OnlinePassword { kind, .. } => self.password_sent = Some(*kind),
            What::PasswordPutBack
            | What::PasswordQueued
            | What::OnlineReportsTo(_)
            | What::SignedOut
            | What::Mail(_)
            | What::PasswordPolicy { .. } => {}
            What::UserDeleted => self.user = None,
            What::OnlineReleased(_) | What::OnlineDeleted => self.online = None,
            What::UserRestored(user) => self.user = Some(Arc::new(User::clone(user))),
            What::OnlineRestored(online) => {
                self.online = Some(Arc::new(OnlineAccount::clone(online)));
            }
        }
    }

    fn change_user(&mut self, change: impl FnOnce(&mut User)) {
        if let Some(user) = &mut self.user {
            change(Arc::make_mut(user));
        }
    }

    fn change_online(&mut self, change: impl FnOnce(&mut OnlineAccount)) {
        if let Some(online) = &mut self.online {
            change(Arc::make_mut(online));
        }
    }
}

fn user_to_be(new: &NewUser) -> User {
    User {
        guid: new.guid,
        name: new.name.clone(),
        details: new.details.clone(),
        enabled: new.enabled,
        must_change_password: new.must_change_password,
        expires: new.expires,
        access_level: new.access_level,
        is_locked: false,
        password_changed: None,
        is_built_in: false,
        set_apart: None,
        manager: None,
        link: None,
        no_link: None,
        remembered: Remembered::default(),
        mail: MailAddresses::default(),
        created: Timestamp::UNIX_EPOCH,
        last_changed: Timestamp::UNIX_EPOCH,
    }
}
