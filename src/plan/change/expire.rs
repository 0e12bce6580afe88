//! The last day of an account is over: the directory lets nobody in any more, and the online half follows,
//! since the tenant knows no last days.

use serde::{Deserialize, Serialize};

use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::Field;
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Blocks sign-in on the online half alone. A later last day opens it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expire {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Expire {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let roles = view.note_role_holders();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        roles?;
        let (Some(user), Some(online)) = (user, online) else { return Ok(()) };
        if online.can_sign_in && self.whom.may_write_online(&online, Field::CanSignIn, out) {
            // Before it is closed: whatever happens in between, it is known what to open.
            remember(&user, |remembered| remembered.closed_by_disable = true, out);
            out.add(What::SignInOpen(false));
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Revoke
    }
}
