//! What a Graph operation sends, and how its outcome is settled.

use super::Targets;
use super::attempt::Tried;
use crate::directory::NewPassword;
use crate::model::{
    Anchor, AssignedLicense, Field, ObjectId, OnlineAccount, Problem, SkuId, UserGuid,
};
use crate::online::{
    AccountKey, AccountQuery, FaultKind, NewOnlineAccount, OnlineFault, Outcome, Tenant,
};
use crate::plan::journal::Made;
use crate::plan::step::{GraphOp, OnlineDraft};

/// Sends the operation once.
pub(super) async fn send(
    tenant: &Tenant,
    op: &GraphOp,
    targets: &Targets,
    password: Option<NewPassword>,
    label: &str,
    was_sent: bool,
) -> Tried {
    if let GraphOp::CreateOnline { account, .. } = op {
        return match (targets.user, password) {
            (Some(user), Some(password)) => {
                create(tenant, account, user, &password, was_sent).await
            }
            (None, _) => Tried::unknown_target(label),
            (_, None) => no_password(label),
        };
    }
    let Some(account) = targets.online else { return Tried::unknown_target(label) };
    let (sent, field) = match op {
        GraphOp::AssignLicenses { add, remove } => {
            (assign(tenant, account, add, remove).await, Some(Field::Licenses))
        }
        GraphOp::SetSignIn { open } => {
            (tenant.set_sign_in(account, *open).await, Some(Field::CanSignIn))
        }
        GraphOp::SetTexts { texts } => {
            let texts = texts.iter().map(|(field, text)| (*field, text.as_deref()));
            (tenant.set_texts(account, texts).await, None)
        }
        GraphOp::SetAnchor => {
            let anchor = targets.user.map(Anchor::of);
            (tenant.set_anchor(account, anchor.as_ref()).await, Some(Field::OnlineId))
        }
        GraphOp::Rename { new, .. } => {
            (tenant.rename_account(account, new).await, Some(Field::OnlineId))
        }
        GraphOp::SetPassword { kind, .. } => {
            let Some(password) = password else { return no_password(label) };
            let set = tenant.set_password(account, &password.secret, kind.must_change()).await;
            (set, Some(Field::Password))
        }
        GraphOp::SetManager { manager } => match tenant.set_manager(account, *manager).await {
            // Who reports to nobody has no reference that could be removed.
            Err(fault) if manager.is_none() && fault.kind == FaultKind::NotFound => (Ok(()), None),
            set => (set, Some(Field::Manager)),
        },
        GraphOp::SignOut => (tenant.sign_out(account).await, None),
        GraphOp::Delete => match tenant.delete_account(account).await {
            // Gone is gone, whoever did it.
            Err(fault) if fault.kind == FaultKind::NotFound => (Ok(()), None),
            deleted => (deleted, None),
        },
        GraphOp::Restore => (tenant.restore_account(account).await, Some(Field::OnlineId)),
        // Above.
        GraphOp::CreateOnline { .. } => return Tried::unknown_target(label),
    };
    match sent {
        Ok(()) => Tried::Done(None),
        Err(fault) if fault.kind == FaultKind::NotFound => missing(op, label),
        Err(fault) => tried(label, &fault, field),
    }
}

/// Gives and takes licences in one call, which does all or nothing (`graph.md §7.3`). One that is to
/// go and isn't there is what was wanted: somebody else took it. Then the rest goes in one call again.
async fn assign(
    tenant: &Tenant,
    account: ObjectId,
    add: &[AssignedLicense],
    remove: &[SkuId],
) -> Result<(), OnlineFault> {
    match tenant.assign_licenses(account, add, remove).await {
        Err(fault) if fault.kind == FaultKind::LicenseNotAssigned => {}
        sent => return sent,
    }
    let query = AccountQuery::Matching(vec![AccountKey::Id(account)]);
    let there = tenant.accounts(query).await?;
    let has = |sku: &&SkuId| {
        there.iter().flat_map(|account| &account.licenses).any(|license| license.sku == **sku)
    };
    let still_there: Vec<SkuId> = remove.iter().filter(has).copied().collect();
    tenant.assign_licenses(account, add, &still_there).await
}

fn no_password(label: &str) -> Tried {
    Tried::Refused(Problem::error("no_password", label, "the password is lost"))
}

/// What this run made itself may not be visible everywhere yet (graph.md §14); and an account that
/// isn't there stays to be looked at, not forgotten. Whoever left the recycle bin comes never again.
fn missing(op: &GraphOp, label: &str) -> Tried {
    if matches!(op, GraphOp::Restore) {
        let message = "its online account is not in the tenant's recycle bin any more";
        return Tried::Refused(Problem::error("gone", label, message));
    }
    let message = "the online account is not visible in the tenant yet";
    Tried::Again {
        problem: Problem::error("not_yet_visible", label, message)
            .advice("resume the run in some minutes"),
        after: None,
        out_of_reach: false,
    }
}

/// Makes the account. On a conflict of names the holder is looked up: if it carries the anchor of
/// our user, an earlier try made it, and it is adopted (DESIGN §6, *Adopt*). Without an earlier try
/// somebody else made it for our user since the check, and handed out its password.
async fn create(
    tenant: &Tenant,
    draft: &OnlineDraft,
    user: UserGuid,
    password: &NewPassword,
    was_sent: bool,
) -> Tried {
    let label = draft.online_id.as_str();
    let new = NewOnlineAccount {
        online_id: draft.online_id.clone(),
        mail_nickname: draft.mail_nickname.clone(),
        details: draft.details.clone(),
        anchor: Anchor::of(user),
        can_sign_in: true,
        must_change_password: draft.password.must_change(),
        password_expires: !draft.password.is_undisclosed(),
    };
    let fault = match tenant.create_account(&new, &password.secret).await {
        Ok(id) => return Tried::Done(Some(Made::Online(id))),
        Err(fault) => fault,
    };
    if !matches!(fault.kind, FaultKind::NameTaken { .. }) {
        return tried(label, &fault, None);
    }
    let holder = match holder(tenant, &new).await {
        Ok(holder) => holder,
        Err(fault) => return tried(label, &fault, None),
    };
    match holder {
        Some(holder)
            if was_sent
                && holder.anchor.as_ref() == Some(&new.anchor)
                && holder.online_id == new.online_id =>
        {
            match adopt(tenant, holder.id, &new, password).await {
                Ok(()) => Tried::Done(Some(Made::Online(holder.id))),
                Err(fault) => tried(label, &fault, None),
            }
        }
        Some(holder) if holder.anchor.as_ref() == Some(&new.anchor) => Tried::Refused(
            Problem::error(
                "made_meanwhile",
                label,
                format!("somebody else has made {} for this user meanwhile", shown(&holder)),
            )
            .field(Field::OnlineId)
            .value(label)
            .advice("run it again: what is still missing is made then"),
        ),
        Some(holder) => Tried::Refused(
            Problem::error("online_id_taken", label, format!("is held by {}", shown(&holder)))
                .field(Field::OnlineId)
                .value(label)
                .advice(
                    "choose another online ID, or assign that account if it is the same person",
                ),
        ),
        // Refused as taken, but nobody to be seen: the holder is not visible yet (graph.md §14), or
        // the refusal was spurious (graph.md §4.2, netId).
        None => Tried::Again {
            problem: Problem::error(
                "name_taken",
                label,
                format!(
                    "the tenant says that a name is taken, but shows no holder: {}",
                    fault.detail
                ),
            )
            .field(Field::OnlineId)
            .advice("resume the run in some minutes"),
            after: None,
            out_of_reach: false,
        },
    }
}

/// Who has the online ID or the anchor; the one with our anchor first.
async fn holder(
    tenant: &Tenant,
    new: &NewOnlineAccount,
) -> Result<Option<OnlineAccount>, OnlineFault> {
    let keys =
        vec![AccountKey::Anchor(new.anchor.clone()), AccountKey::OnlineId(new.online_id.clone())];
    let mut found = tenant.accounts(AccountQuery::Matching(keys)).await?;
    found.sort_by_key(|account| account.anchor.as_ref() != Some(&new.anchor));
    Ok(found.into_iter().next())
}

async fn adopt(
    tenant: &Tenant,
    id: ObjectId,
    new: &NewOnlineAccount,
    password: &NewPassword,
) -> Result<(), OnlineFault> {
    tenant.update_account(id, &new.details).await?;
    // Alone in its request: it needs a permission of its own (graph.md §4.4).
    tenant.set_password(id, &password.secret, new.must_change_password).await
}

fn shown(account: &OnlineAccount) -> String {
    match account.details.get(Field::DisplayName) {
        Some(name) => format!("the online account {} ({name})", account.online_id),
        None => format!("the online account {}", account.online_id),
    }
}

pub(super) fn tried(label: &str, fault: &OnlineFault, field: Option<Field>) -> Tried {
    let mut problem = Problem::error(fault.code_word(), label, fault.to_string());
    problem.advice = fault.advice();
    problem.field = field;
    // A page in the place of an answer comes from something in between, and goes again: it must not
    // end a step whose account is being looked for.
    let may_go = matches!(fault.kind, FaultKind::SignIn { .. } | FaultKind::BadAnswer);
    if fault.is_transient() || may_go || fault.outcome() != Outcome::Refused {
        let one_thing = matches!(
            fault.kind,
            FaultKind::Throttled | FaultKind::Concurrency | FaultKind::Unreadable
        );
        Tried::Again { problem, after: fault.retry_after, out_of_reach: !one_thing }
    } else {
        Tried::Refused(problem)
    }
}
