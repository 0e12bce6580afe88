//! A user gets a new online account.

use serde::{Deserialize, Serialize};

use super::online_half::OnlineHalf;
use super::online_wish::OnlineWish;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{Problem, User, UserName};
use crate::plan::edit::{Edit, Edits};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Gives a user an online account, or what is missing of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// The user.
    pub account: Subject,
    /// Its name when the change was recorded, for messages.
    pub user_name: UserName,
    /// The online half.
    pub online: OnlineWish,
}

impl Intent for Assign {
    fn subject(&self, _: ChangeNo) -> Subject {
        self.account
    }

    fn label(&self) -> String {
        self.user_name.to_string()
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let user = view.user(self.account);
        if let Ok(Some(user)) = &user {
            self.half(user, None).note_needs(view);
        }
        out.subject = view.identity(self.account)?;
        let Some(user) = user? else {
            let message = "is not in the directory any more";
            out.problem(Problem::error("no_such_user", &self.user_name, message));
            return Ok(());
        };
        if user.is_built_in {
            let message = "is built into the directory and is never touched";
            out.problem(Problem::error("protected", &self.user_name, message));
            return Ok(());
        }
        if !user.enabled {
            let message = "is disabled in the directory";
            out.problem(Problem::warning("user_disabled", &self.user_name, message));
        }
        let person = view.person(self.account)?;
        self.half(&user, Some(&person)).give(view, out)
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

impl Assign {
    fn half<'a>(&'a self, user: &'a User, person: Option<&'a Person>) -> OnlineHalf<'a> {
        OnlineHalf {
            guid: user.guid,
            user_name: &user.name,
            details: &user.details,
            person,
            wish: &self.online,
            must_change_password: true,
        }
    }
}
