//! A temporary password on each half, handed over.

use serde::{Deserialize, Serialize};

use super::whom::Whom;
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{Authentication, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Sets one temporary password on both halves. It must be changed at the next sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// Whom.
    pub whom: Whom,
}

impl Intent for ResetPassword {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let domains = view.domains();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        if user.is_some() {
            out.add(What::UserPassword);
        }
        let Some(online) = online else { return Ok(()) };
        let is_federated = domains?.iter().any(|domain| {
            domain.authentication == Authentication::Federated
                && domain.name.as_str().eq_ignore_ascii_case(online.online_id.domain())
        });
        if is_federated {
            let message =
                format!("{} is in a federated domain and takes no password", online.online_id);
            self.whom.note("federated", message, out);
        } else if online.is_synchronized {
            let message = format!(
                "{} is run by directory synchronisation: its password is set in that directory",
                online.online_id
            );
            out.problem(Problem::warning("synchronized", &self.whom.label, message));
        } else {
            out.add(What::OnlinePassword { online_id: online.online_id.clone() });
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Revoke
    }
}
