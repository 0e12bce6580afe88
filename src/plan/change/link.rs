//! The link between the halves: made, forgotten, rebuilt. Nothing else changes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::whom::Whom;
use super::{ChangeNo, Impact, Intent, Subject};
use crate::accounts::R;
use crate::model::{Anchor, Field, OnlineAccount, OnlineId, Problem, User};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::view::View;

/// Connects a user with an online account that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Whom.
    pub whom: Whom,
    /// The online account.
    pub online_id: OnlineId,
    /// Whether an account that is anchored elsewhere or has an administrator's role may be taken.
    #[serde(default)]
    pub take_over: bool,
}

impl Intent for Link {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let found = view.people_called(&self.online_id);
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        let Some(user) = user else {
            let message = "is an online account without user, which can't be linked to another";
            out.problem(Problem::error("no_user", &self.whom.label, message));
            return Ok(());
        };
        if let Some(has) = online {
            if has.online_id == self.online_id {
                relink(&self.whom, &user, &has, self.take_over, out);
                return Ok(());
            }
            let message = format!("has the online account {} already", has.online_id);
            out.problem(
                Problem::error("has_online_account", &self.whom.label, message)
                    .field(Field::OnlineId)
                    .value(&has.online_id)
                    .advice("unlink it first"),
            );
            return Ok(());
        }
        if let Some(online) =
            takeable(&self.whom, &self.online_id, &found?, self.take_over, view, out)?
        {
            out.add(What::OnlineTaken(online));
            out.add(What::Linked { old: user.link });
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

/// The online account of that online ID, if it may become somebody's; problems are added.
pub(super) fn takeable(
    whom: &Whom,
    online_id: &OnlineId,
    found: &[Subject],
    take_over: bool,
    view: &View<'_>,
    out: &mut Edits,
) -> R<Option<Arc<OnlineAccount>>> {
    let refuse = |code: &'static str, message: String, advice: &str| {
        Problem::error(code, &whom.label, message)
            .field(Field::OnlineId)
            .value(online_id)
            .advice(advice)
    };
    let [subject] = found else {
        let message = format!("there is no online account {online_id}");
        out.problem(refuse("no_such_account", message, "look for it with online_accounts()"));
        return Ok(None);
    };
    let Person { user: owner, online, .. } = view.person(*subject)?;
    let Some(online) = online else {
        let message = format!("{online_id} is made by this plan for somebody else");
        out.problem(refuse("online_id_taken", message, "choose another online account"));
        return Ok(None);
    };
    if let Some(owner) = owner {
        let message = format!("{online_id} belongs to the user {}", owner.name);
        out.problem(refuse(
            "online_id_taken",
            message,
            "unlink it there first, if it is not theirs",
        ));
        return Ok(None);
    }
    if online.is_synchronized {
        let message =
            format!("{online_id} is run by directory synchronisation, which links it itself");
        out.problem(refuse("synchronized", message, "let the synchronisation make the link"));
        return Ok(None);
    }
    if online.anchor.is_some() && !take_over {
        let message = format!("{online_id} is anchored to a user elsewhere");
        let advice = "if it is sure that nobody else manages it: #{ take_over: true }";
        out.problem(refuse("foreign_anchor", message, advice));
        return Ok(None);
    }
    if let Some(roles) = view.roles_of(online.id)?
        && !take_over
    {
        let message = format!("{online_id} is an administrator ({})", roles.join(", "));
        let advice = "if this user is to hold that role: #{ take_over: true }";
        out.problem(refuse("administrator", message, advice));
        return Ok(None);
    }
    Ok(Some(online))
}

/// Forgets the link on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlink {
    /// Whom.
    pub whom: Whom,
}

impl Intent for Unlink {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        let Person { user, online, online_made_by, .. } = person;
        if online_made_by.is_some() {
            let message = "its online account is made by this very plan";
            out.problem(
                Problem::error("made_by_plan", &self.whom.label, message)
                    .field(Field::OnlineId)
                    .advice("leave that out, or call apply() before"),
            );
            return Ok(());
        }
        let Some(user) = user else {
            self.whom.note("no_user", "is linked to no user", out);
            return Ok(());
        };
        if let Some(online) = online
            && online.anchor == Some(Anchor::of(user.guid))
            && self.whom.may_write_online(&online, Field::OnlineId, out)
        {
            out.add(What::OnlineReleased(online));
        }
        match user.link {
            Some(old) => out.add(What::Unlinked { old }),
            None if out.edits.is_empty() => self.whom.note("no_link", "is linked to nothing", out),
            None => {}
        }
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

/// Rebuilds the link from the side that still knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relink {
    /// Whom.
    pub whom: Whom,
    /// Whether an anchor that points elsewhere may be replaced.
    #[serde(default)]
    pub take_over: bool,
}

impl Intent for Relink {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let Some(Person { user, online, .. }) = self.whom.person(view, out)? else { return Ok(()) };
        let (Some(user), Some(online)) = (user, online) else {
            let message = "neither half knows of another";
            out.problem(
                Problem::error("no_link", &self.whom.label, message)
                    .advice("name the online account: link(\"eva@contoso.com\")"),
            );
            return Ok(());
        };
        relink(&self.whom, &user, &online, self.take_over, out);
        Ok(())
    }

    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}

/// Makes both halves name each other.
fn relink(whom: &Whom, user: &User, online: &Arc<OnlineAccount>, take_over: bool, out: &mut Edits) {
    let ours = Anchor::of(user.guid);
    if online.anchor.as_ref() != Some(&ours) {
        if online.anchor.is_some() && !take_over {
            let message = format!("{} is anchored to a user elsewhere", online.online_id);
            out.problem(
                Problem::error("foreign_anchor", &whom.label, message)
                    .field(Field::OnlineId)
                    .value(&online.online_id)
                    .advice("if it is sure that nobody else manages it: #{ take_over: true }"),
            );
            return;
        }
        if !whom.may_write_online(online, Field::OnlineId, out) {
            return;
        }
        out.add(What::OnlineTaken(Arc::clone(online)));
    }
    if user.link != Some(online.id) {
        out.add(What::Linked { old: user.link });
    }
}
