//! Reads what is needed of Exchange: one by one while that is fewer calls, else whole lists.

use std::sync::Arc;

use futures::future::try_join_all;

use super::mail::{MailFacts, MailNeeds};
use crate::model::{GroupId, ObjectId};
use crate::online::{FaultKind, OnlineFault, RecipientKey, Tenant};

/// After so many separate look-ups, the next one reads all of them: a list is a call for each
/// thousand (`exchange.md §6`).
const LOOK_UPS: usize = 6;

/// Remembers what single look-ups have cost.
#[derive(Default)]
pub(super) struct MailReader {
    look_ups: usize,
}

impl MailReader {
    /// Reads what is needed and adds it to the facts. That the app has no right in Exchange is a fact
    /// too; everything else that goes wrong is a fault.
    pub(super) async fn read(
        &mut self,
        tenant: &Tenant,
        needs: MailNeeds,
        facts: &mut MailFacts,
    ) -> Result<(), OnlineFault> {
        match self.read_all(tenant, needs, facts).await {
            Err(fault) if is_refusal(&fault) => {
                facts.refusal = Some(fault);
                Ok(())
            }
            read => read,
        }
    }

    async fn read_all(
        &mut self,
        tenant: &Tenant,
        needs: MailNeeds,
        facts: &mut MailFacts,
    ) -> Result<(), OnlineFault> {
        if needs.groups {
            facts.groups = Some(tenant.groups().await?.into_iter().map(Arc::new).collect());
        }
        if needs.domains {
            facts.domains = Some(tenant.accepted_domains().await?);
        }
        self.read_people(tenant, &needs, facts).await?;
        read_members(tenant, &needs, facts).await?;
        let replies = needs.auto_replies.iter().map(|id| async {
            Ok::<_, OnlineFault>((*id, tenant.auto_reply(*id).await.or_else(nothing)?))
        });
        facts.auto_replies.extend(try_join_all(replies).await?);
        let delegates = needs.delegates.iter().map(|id| async {
            Ok::<_, OnlineFault>((*id, tenant.full_access(*id).await.or_else(nothing)?))
        });
        facts.delegates.extend(try_join_all(delegates).await?);
        Ok(())
    }

    async fn read_people(
        &mut self,
        tenant: &Tenant,
        needs: &MailNeeds,
        facts: &mut MailFacts,
    ) -> Result<(), OnlineFault> {
        if facts.everybody {
            return Ok(());
        }
        self.look_ups += needs.mailboxes.len() + needs.addresses.len();
        if needs.everybody || self.look_ups > LOOK_UPS {
            let (mailboxes, recipients) =
                futures::try_join!(tenant.mailboxes(), tenant.recipients())?;
            facts.add(mailboxes, recipients);
            facts.everybody = true;
            return Ok(());
        }
        let mailboxes = try_join_all(needs.mailboxes.iter().map(|id| tenant.mailbox(*id)));
        let holders = try_join_all(needs.addresses.iter().map(|it| tenant.address_holder(it)));
        let (mailboxes, holders) = futures::try_join!(mailboxes, holders)?;
        facts.add(mailboxes.into_iter().flatten(), holders.into_iter().flatten());
        facts.asked_mailboxes.extend(&needs.mailboxes);
        facts.asked_addresses.extend(needs.addresses.iter().cloned());
        Ok(())
    }
}

async fn read_members(
    tenant: &Tenant,
    needs: &MailNeeds,
    facts: &mut MailFacts,
) -> Result<(), OnlineFault> {
    let mut groups: Vec<GroupId> = needs.members.iter().copied().collect();
    let all = facts.groups.iter().flatten().map(|group| group.id);
    let unread: Vec<GroupId> = all.filter(|id| !facts.members.contains_key(id)).collect();
    // Asking whose member somebody is takes two calls.
    let mut people: Vec<ObjectId> = needs.memberships.iter().copied().collect();
    let asked = facts.memberships.len() + people.len();
    if !people.is_empty() && 2 * asked >= unread.len() {
        groups = unread;
        people.clear();
    }
    let members = groups.into_iter().map(|group| async move {
        Ok::<_, OnlineFault>((group, Arc::new(tenant.group_members(group).await?)))
    });
    let memberships = people.into_iter().map(|id| async move {
        let groups = tenant.groups_of(&RecipientKey::Id(id)).await.or_else(nothing)?;
        Ok::<_, OnlineFault>((id, groups.into_iter().map(|it| GroupId(it.id.0)).collect()))
    });
    let (members, memberships) =
        futures::try_join!(try_join_all(members), try_join_all(memberships))?;
    facts.members.extend(members);
    facts.memberships.extend(memberships);
    Ok(())
}

/// Whoever has no mailbox has nothing of what is kept with one.
fn nothing<T: Default>(fault: OnlineFault) -> Result<T, OnlineFault> {
    if fault.kind == FaultKind::NotFound { Ok(T::default()) } else { Err(fault) }
}

/// Graph lets us in and Exchange doesn't: the permission, the role, or Exchange itself is lacking
/// (`exchange.md §2`).
fn is_refusal(fault: &OnlineFault) -> bool {
    matches!(fault.kind, FaultKind::PermissionMissing | FaultKind::SignIn { .. })
}
