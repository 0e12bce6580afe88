//! A temporary password, handed over: one on each half, or on the user alone where the online half
//! follows the directory.

use serde::{Deserialize, Serialize};

use super::set_password::takes_no_password;
use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{PasswordHome, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::step::OnlinePassword;
use crate::plan::view::View;

/// Sets one temporary password on both halves, which must be changed at the next sign-in. Where the
/// directory is the home of passwords, the online half gets one that nobody knows until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Whom.
    pub whom: Whom,
    /// Where the person changes the password.
    #[serde(default, skip_serializing_if = "PasswordHome::is_online")]
    pub password_home: PasswordHome,
}

impl Intent for ResetPassword {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let domains = view.domains();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        if user.is_some() {
            out.add(What::UserPassword { must_change: true });
        }
        let Some(online) = online else { return Ok(()) };
        if let Some(reason) = takes_no_password(&online, domains?) {
            out.problem(Problem::warning(reason.code, &self.whom.label, reason.message));
        } else {
            let kind = match (self.password_home, &user) {
                (PasswordHome::Directory, Some(_)) => OnlinePassword::Undisclosed,
                _ => OnlinePassword::Temporary,
            };
            out.add(What::OnlinePassword { online_id: online.online_id.clone(), kind });
            if let (true, Some(user)) = (kind.is_undisclosed(), &user) {
                remember(user, |it| it.waits_for_password = true, out);
            }
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Revoke
    }
}
