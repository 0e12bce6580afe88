//! The last pass of a run: what it did in the tenant is looked for once, in bulk. What is seen is
//! *verified*; the rest is *not yet visible*, which never makes done into failed (`graph.md §14`).

use std::collections::{HashMap, HashSet};

use super::drive::Drive;
use super::{ExecuteError, Targets};
use crate::model::{ObjectId, OnlineAccount, SkuId};
use crate::online::{AccountKey, AccountQuery, Tenant};
use crate::plan::journal::{Event, Made, PasswordEvent, StepState};
use crate::plan::step::{GraphOp, Op, Step, StepId};

impl Drive<'_, '_> {
    /// Marks what is seen. A tenant that can't be read now leaves everything as it is.
    pub(super) async fn settle(&mut self) -> Result<(), ExecuteError> {
        let wanted = accounts_of(self.steps, self.states);
        if wanted.is_empty() {
            return Ok(());
        }
        let tenant = self.executor.sources.tenant()?;
        let Ok(seen) = read(&tenant, &wanted).await else { return Ok(()) };
        let seen: HashMap<ObjectId, &OnlineAccount> =
            seen.iter().map(|account| (account.id, account)).collect();
        self.passwords_seen(&seen).await?;
        let verified: Vec<StepId> = (self.steps.iter().zip(&*self.states))
            .filter(|(step, state)| {
                matches!(state, StepState::Done(_)) && is_seen(step, self.states, &seen)
            })
            .map(|(step, _)| step.id)
            .collect();
        verified.into_iter().try_for_each(|id| self.happened(id, Event::Verified))
    }
}

impl Drive<'_, '_> {
    /// Remembers the tenant's own time of each password that was sent: a later one is somebody else's.
    async fn passwords_seen(
        &self,
        seen: &HashMap<ObjectId, &OnlineAccount>,
    ) -> Result<(), ExecuteError> {
        let sends = |op: &Op| {
            matches!(op, Op::Graph(GraphOp::CreateOnline { .. } | GraphOp::SetPassword { .. }))
        };
        let arrived =
            |state: &StepState| state.has_succeeded() && state.made() != Some(Made::Queued);
        let sent = self.steps.iter().zip(&*self.states);
        let sent = sent.filter(|(step, state)| sends(&step.op) && arrived(state));
        let seen = sent.filter_map(|(step, state)| {
            let account = account_of(step, state, self.states)?;
            let at = seen.get(&account)?.last_password_change?;
            Some(PasswordEvent::Seen { account, at })
        });
        Ok(self.executor.journal.remember_passwords(seen.collect()).await?)
    }
}

/// The online accounts that steps wrote to and nobody has looked for yet.
fn accounts_of(steps: &[Step], states: &[StepState]) -> HashSet<ObjectId> {
    let done = steps.iter().zip(states).filter(|(_, state)| matches!(state, StepState::Done(_)));
    done.filter_map(|(step, state)| account_of(step, state, states)).collect()
}

fn account_of(step: &Step, state: &StepState, states: &[StepState]) -> Option<ObjectId> {
    match (&step.op, state.made()) {
        (Op::Graph(GraphOp::CreateOnline { .. }), Some(Made::Online(id))) => Some(id),
        (op, _) if op.can_be_seen() => Targets::of(step, states).online,
        _ => None,
    }
}

/// Reads them by id, or all of the tenant where that takes fewer requests.
async fn read(
    tenant: &Tenant,
    wanted: &HashSet<ObjectId>,
) -> Result<Vec<OnlineAccount>, crate::online::OnlineFault> {
    let by_key = tenant.requests_for(wanted.len());
    let query = if by_key > 1 && by_key >= Tenant::pages_for(tenant.account_count().await?) {
        AccountQuery::All
    } else {
        AccountQuery::Matching(wanted.iter().copied().map(AccountKey::Id).collect())
    };
    tenant.accounts(query).await
}

fn is_seen(step: &Step, states: &[StepState], seen: &HashMap<ObjectId, &OnlineAccount>) -> bool {
    let state = states.get(step.id.0 as usize);
    let Some(account) = state.and_then(|state| account_of(step, state, states)) else {
        return false;
    };
    let Some(account) = seen.get(&account) else { return false };
    match &step.op {
        Op::Graph(GraphOp::AssignLicenses { add, remove, .. }) => {
            let has = |sku: SkuId| account.licenses.iter().any(|license| license.sku == sku);
            add.iter().all(|license| has(license.sku)) && remove.iter().all(|sku| !has(*sku))
        }
        Op::Graph(GraphOp::SetSignIn { open }) => account.can_sign_in == *open,
        Op::Graph(GraphOp::Rename { new, .. }) => account.online_id == *new,
        Op::Graph(GraphOp::SetTexts { texts }) => {
            texts.iter().all(|(field, text)| account.details.get(*field) == text.as_deref())
        }
        _ => true,
    }
}
