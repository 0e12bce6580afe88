//! Looking before something is sent again whose repetition could do harm (DESIGN §6, *Look* and
//! *Secret*): it is as it should be, or as it was, or somebody else has changed it meanwhile.

use jiff::Timestamp;

use super::Targets;
use super::attempt::Tried;
use super::graph::tried;
use crate::model::{CLOCK_SLACK, Field, OnlineAccount, Problem, SkuId};
use crate::online::{AccountKey, AccountQuery, Tenant};
use crate::plan::step::GraphOp;

/// What an operation that was sent before has come to; `None` if it is to be sent again.
pub(super) async fn look(
    tenant: &Tenant,
    op: &GraphOp,
    targets: &Targets,
    label: &str,
    sent: Timestamp,
) -> Option<Tried> {
    let id = targets.online?;
    let query = AccountQuery::Matching(vec![AccountKey::Id(id)]);
    let account = match tenant.accounts(query).await {
        Ok(accounts) => accounts.into_iter().next(),
        Err(fault) => return Some(tried(label, &fault, None)),
    };
    match op {
        GraphOp::Restore => account.map(|_| Tried::Done(None)),
        GraphOp::Rename { old, new } => {
            let account = account?;
            if account.online_id == *new {
                Some(Tried::Done(None))
            } else if account.online_id == *old {
                None
            } else {
                Some(changed_meanwhile(label, &account))
            }
        }
        GraphOp::AssignLicenses { add, remove } => {
            let account = account?;
            let has = |sku: SkuId| account.licenses.iter().any(|license| license.sku == sku);
            let is_done = add.iter().all(|license| account.licenses.contains(license))
                && !remove.iter().any(|sku| has(*sku));
            is_done.then_some(Tried::Done(None))
        }
        GraphOp::SetPassword { .. } => {
            let changed = account?.last_password_change?;
            (changed > sent + CLOCK_SLACK).then(|| superseded(label))
        }
        _ => None,
    }
}

fn changed_meanwhile(label: &str, account: &OnlineAccount) -> Tried {
    let message = format!("somebody else has renamed it to {} meanwhile", account.online_id);
    Tried::Refused(
        Problem::error("changed_meanwhile", label, message)
            .field(Field::OnlineId)
            .value(&account.online_id)
            .advice("look at the account, then run this for it again"),
    )
}

/// A newer password was set by somebody else.
pub const SUPERSEDED: &str = "superseded";

fn superseded(label: &str) -> Tried {
    let message = "a newer password was set online since; this one was not sent again";
    Tried::Refused(
        Problem::error(SUPERSEDED, label, message)
            .field(Field::Password)
            .advice("if the person can't sign in, reset the password once more"),
    )
}
