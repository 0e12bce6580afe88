//! Disabling and enabling: sign-in on both halves, and nothing else.

use serde::{Deserialize, Serialize};

use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{Field, OnlineAccount};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Blocks sign-in on both halves. Licences, mail and data stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disable {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Disable {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let roles = view.note_role_holders();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        roles?;
        let open = online.as_ref().filter(|online| online.can_sign_in);
        if let Some(user) = &user {
            if user.enabled {
                out.add(What::UserEnabled(false));
            }
            // Beside the user's own switch, in one write, before the online half is closed: whatever
            // happens in between, `enable` knows what to open.
            if open.is_some() {
                remember(user, |remembered| remembered.closed_by_disable = true, out);
            }
        }
        if let Some(online) = open
            && self.whom.may_write_online(online, Field::CanSignIn, out)
        {
            out.add(What::SignInOpen(false));
        }
        if !out.edits.is_empty() && online.is_some() {
            let message = "disabling leaves licences, mail and data as they are";
            self.whom.note("kept", message, out);
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Revoke
    }
}

/// Allows sign-in again: on the user, and online if `disable` closed it or it has a working licence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enable {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Enable {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let licenses = view.licenses();
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        let remembered = user.as_ref().map(|user| user.remembered.clone()).unwrap_or_default();
        let works = |online: &OnlineAccount| -> R<bool> {
            let subscribed = licenses?;
            Ok(online.licenses.iter().any(|assigned| {
                subscribed.iter().any(|it| it.sku == assigned.sku && it.state.works())
            }))
        };
        if let Some(user) = &user {
            if !user.enabled {
                out.add(What::UserEnabled(true));
            }
            remember(user, |remembered| remembered.closed_by_disable = false, out);
        }
        let Some(online) = online.filter(|online| !online.can_sign_in) else { return Ok(()) };
        if remembered.is_unassigned {
            self.whom.note(
                "stays_closed",
                "is unassigned: online sign-in stays blocked, use assign",
                out,
            );
        } else if !remembered.closed_by_disable && !works(&online)? {
            let message = "has no working licence: online sign-in stays blocked";
            self.whom.note("stays_closed", message, out);
        } else if self.whom.may_write_online(&online, Field::CanSignIn, out) {
            out.add(What::SignInOpen(true));
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

/// Ends all online sessions of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOut {
    /// Whom.
    pub whom: Whom,
}

impl Intent for SignOut {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        match person.online {
            Some(_) => out.add(What::SignedOut),
            None => {
                self.whom.note("no_online_account", "has no online account to sign out of", out);
            }
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}
