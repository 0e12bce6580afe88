//! A password that somebody has chosen: the same on both halves.

use serde::{Deserialize, Serialize};

use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{Authentication, OnlineAccount, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::step::OnlinePassword;
use crate::plan::view::View;

/// Sets a given password, in the directory first. What the directory refuses isn't sent online; where the
/// tenant refuses it, the user has the earlier one again, if the directory can give it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPassword {
    /// Whom.
    pub whom: Whom,
    /// Whoever sets it knows the present one: nothing is taken from anybody.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_own: bool,
    /// The tenant is out of reach: the directory's is set now, the online one waits in the outbox.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub online_later: bool,
}

impl Intent for SetPassword {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        if self.online_later {
            return self.in_the_directory(view, out);
        }
        let domains = view.domains();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        let directory = view.facts().directory(view.needs());
        if user.is_some() {
            out.add(What::UserPassword { must_change: false });
        }
        let Some(online) = online else { return Ok(()) };
        if let Some(reason) = takes_no_password(&online, domains?) {
            let problem = |message| match &user {
                Some(_) => Problem::warning(reason.code, &self.whom.label, message),
                None => Problem::error(reason.code, &self.whom.label, message),
            };
            out.problem(problem(reason.message));
            return Ok(());
        }
        let kind = OnlinePassword::Lasting;
        out.add(What::OnlinePassword { online_id: online.online_id.clone(), kind });
        if let Some(user) = &user {
            remember(user, |it| it.waits_for_password = false, out);
            if directory?.rules.puts_back_passwords {
                out.add(What::PasswordPutBack);
            }
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        if self.is_own {
            return Impact::Change;
        }
        Impact::Revoke
    }
}

impl SetPassword {
    /// What can be done without the tenant.
    fn in_the_directory(&self, view: &View<'_>, out: &mut Edits) -> R<()> {
        let user = view.user(self.whom.account);
        out.subject = view.identity(self.whom.account)?;
        match user? {
            None => {
                let message = "is not there any more";
                out.problem(Problem::error("no_such_account", &self.whom.label, message));
            }
            Some(user) if user.is_built_in => {
                let message = "is built into the directory and is never touched";
                out.problem(Problem::error("protected", &self.whom.label, message));
            }
            Some(_) => {
                out.add(What::UserPassword { must_change: false });
                out.add(What::PasswordQueued);
            }
        }
        Ok(())
    }
}

/// Why an online account takes no password from us.
pub(super) struct NoPassword {
    /// A stable name.
    pub(super) code: &'static str,
    /// The reason.
    pub(super) message: String,
}

/// Whether an online account takes no password at all: its domain is federated, or another directory
/// writes it (`graph.md §5`).
pub(super) fn takes_no_password(
    online: &OnlineAccount,
    domains: &[crate::model::Domain],
) -> Option<NoPassword> {
    let online_id = &online.online_id;
    let is_federated = domains.iter().any(|domain| {
        domain.authentication == Authentication::Federated
            && domain.name.as_str().eq_ignore_ascii_case(online_id.domain())
    });
    if is_federated {
        let message = format!("{online_id} is in a federated domain and takes no password");
        return Some(NoPassword { code: "federated", message });
    }
    online.is_synchronized.then(|| NoPassword {
        code: "synchronized",
        message: format!(
            "{online_id} is run by directory synchronisation: its password is set in that directory"
        ),
    })
}
