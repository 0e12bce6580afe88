//! Unassigning: the direct licences are freed and sign-in is blocked; the link is kept.

use serde::{Deserialize, Serialize};

use super::mailbox_goes::warn_of_mailbox;
use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{Field, License, OnlineAccount};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::view::View;

/// Frees the licences of a person's online account and blocks its sign-in. The user stays usable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unassign {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Unassign {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let subscribed = view.licenses();
        let roles = view.note_role_holders();
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        roles?;
        let (user, Some(online)) = (&person.user, &person.online) else {
            self.whom.note("no_online_account", "has no online account", out);
            return Ok(());
        };
        let direct = online.direct_licenses();
        // First the door, whatever follows; then what is needed to give it all back; last the seats.
        if online.can_sign_in && self.whom.may_write_online(online, Field::CanSignIn, out) {
            out.add(What::SignInOpen(false));
        }
        if let Some(user) = user {
            let known = direct.clone();
            remember(
                user,
                |remembered| {
                    remembered.is_unassigned = true;
                    if !known.is_empty() {
                        remembered.licenses = known;
                    }
                },
                out,
            );
        }
        if !direct.is_empty() {
            let new = online.inherited_licenses();
            warn_of_mailbox(&self.whom, &person, &new, view, out)?;
            out.add(What::Licenses { old: online.licenses.clone(), new });
        }
        name_inherited(&self.whom, online, subscribed?, out);
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Revoke
    }
}

/// Licences that a group gives can't be taken directly: they are named and left.
pub(super) fn name_inherited(
    whom: &Whom,
    online: &OnlineAccount,
    subscribed: &[License],
    out: &mut Edits,
) {
    for license in online.inherited_licenses() {
        let name = subscribed.iter().find(|it| it.sku == license.sku).map(|it| it.name.as_str());
        let name = name.map_or_else(|| license.sku.to_string(), str::to_owned);
        whom.note("inherited", format!("keeps {name}: a group gives it"), out);
    }
}
