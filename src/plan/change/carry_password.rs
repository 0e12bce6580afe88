//! A password that a person has changed in the directory arrives online.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::set_password::takes_no_password;
use super::whom::{Whom, remember};
use super::{ChangeNo, Impact, Intent};
use crate::accounts::R;
use crate::model::{Field, Problem};
use crate::plan::edit::{Edit, Edits, What};
use crate::plan::person::Person;
use crate::plan::step::OnlinePassword;
use crate::plan::view::View;

/// Sends the online half the password that the user has by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarryPassword {
    /// Whom.
    pub whom: Whom,
    /// When the person has changed it.
    pub changed: Timestamp,
    /// When that was said.
    pub queued: Timestamp,
    /// Whether acctsh has set it itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// When acctsh had last set the user's password, as it was looked at: what it has set since is newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_before: Option<Timestamp>,
}

/// The password isn't the person's newest any more.
pub const OVERTAKEN: &str = "overtaken";
/// There is no online account to carry it to.
pub const NOT_LINKED: &str = "not_linked";
/// The password has to be changed before it is the person's own.
pub const TEMPORARY: &str = "temporary_password";

impl Intent for CarryPassword {
    fn whom(&self) -> Option<&Whom> {
        Some(&self.whom)
    }

    fn effect(&self, _: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()> {
        let (domains, book) = (view.domains(), view.facts().passwords(view.needs()));
        let Some(person) = self.whom.person(view, out)? else { return Ok(()) };
        let (domains, book) = (domains?, book?);
        let label = &self.whom.label;
        let refuse = |code: &'static str, message: String| {
            Problem::error(code, label, message).field(Field::Password)
        };
        let account = person.account();
        let Person { user, online, .. } = &person;
        let Some(user) = user else {
            out.problem(refuse("no_such_account", "is in the directory no more".to_owned()));
            return Ok(());
        };
        if let Some(online) = online
            && online.belongs_to_another(user.guid)
        {
            let message =
                format!("is linked to {}, which belongs to somebody else", online.online_id);
            out.problem(
                refuse("broken_link", message)
                    .advice("mend the link first: account(…).relink(), or unlink()"),
            );
            return Ok(());
        }
        let Some(online) = online else {
            let message = "has no online account".to_owned();
            out.problem(refuse(NOT_LINKED, message).advice(
                "once it has one, the password arrives; or give it up: acctsh sync --discard USER",
            ));
            return Ok(());
        };
        if let Some(reason) = takes_no_password(online, domains) {
            out.problem(refuse(reason.code, reason.message));
        } else if book.is_overtaken(&account, self.changed, self.queued, self.own) {
            out.problem(refuse(OVERTAKEN, "a later password has overtaken this one".to_owned()));
        } else if user.must_change_password {
            let message = "must change it at the next sign-in: only the next one is carried over";
            out.problem(refuse(TEMPORARY, message.to_owned()));
        } else if book.is_changed_online_since(&account, self.changed) {
            let message = "the password was changed online later than in the directory".to_owned();
            out.problem(refuse(OVERTAKEN, message));
        } else {
            let kind = OnlinePassword::Carried { changed: self.changed };
            out.add(What::OnlinePassword { online_id: online.online_id.clone(), kind });
            remember(user, |it| it.waits_for_password = false, out);
        }
        Ok(())
    }

    /// The person has done it already; nothing is taken.
    fn impact(&self, _: &[Edit]) -> Impact {
        Impact::Change
    }
}
