//! What an Exchange operation sends, and how its outcome is settled (`exchange.md §8`).

use jiff::{SignedDuration, Timestamp};

use super::Targets;
use super::attempt::Tried;
use super::graph::tried;
use crate::model::{Field, Group, GroupId, ObjectId, Problem, Recipient};
use crate::online::{FaultKind, GroupWanted, NewGroup, OnlineFault, Outcome, Tenant};
use crate::plan::exchange_op::ExchangeOp;
use crate::plan::journal::Made;

/// How far the tenant's clock and ours may be apart.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(60);

/// One sending of an operation.
pub(super) struct Sending<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) targets: &'a Targets,
    pub(super) label: &'a str,
    /// When it was sent before, if it may have been done then.
    pub(super) sent: Option<Timestamp>,
    /// Whether the run itself made the group: that it isn't to be seen means little then.
    pub(super) is_new: bool,
    /// Whether the run takes the address from somebody else first: Exchange may hold it for a while.
    pub(super) is_moved: bool,
}

impl Sending<'_> {
    /// Sends the operation once.
    pub(super) async fn send(&self, op: &ExchangeOp) -> Tried {
        if let ExchangeOp::CreateGroup { group } = op {
            return self.create_group(group).await;
        }
        let sent = match (self.targets.group, self.targets.online) {
            (Some(group), _) => self.send_to_group(group, op).await,
            (None, Some(mailbox)) => self.send_to_mailbox(mailbox, op).await,
            (None, None) => return Tried::unknown_target(self.label),
        };
        match sent {
            Ok(()) => Tried::Done(None),
            Err(fault) if self.is_of_a_lost_group(op, &fault).await => {
                let message = "the group is not there any more";
                Tried::Refused(Problem::error("gone", self.label, message).field(Field::Groups))
            }
            Err(fault) => match op {
                ExchangeOp::RemoveMember { name } if fault.kind == FaultKind::NotFound => {
                    self.nobody_to_take_out(op, name, &fault).await
                }
                _ => self.refused(op, &fault),
            },
        }
    }

    /// Of a group that is gone, or of somebody who is, nobody is a member. But whoever lost the mailbox
    /// isn't found either, and is one still (`exchange.md §10.4`): only the list of members tells.
    async fn nobody_to_take_out(&self, op: &ExchangeOp, name: &str, fault: &OnlineFault) -> Tried {
        let (Some(group), Some(member)) = (self.targets.group, &self.targets.member) else {
            return Tried::unknown_target(self.label);
        };
        let there = match self.tenant.group_members(group).await {
            Ok(there) => there,
            Err(gone) if gone.kind == FaultKind::NotFound => {
                return self
                    .or_gone(Err(gone))
                    .map_or_else(|fault| self.refused(op, &fault), |()| Tried::Done(None));
            }
            Err(fault) => return with_name(tried(self.label, &fault, Some(Field::Groups)), name),
        };
        let is_meant = |it: &&Recipient| {
            it.id.to_string() == *member || it.object.is_some_and(|id| id.to_string() == *member)
        };
        match there.iter().find(is_meant) {
            None => Tried::Done(None),
            Some(still) if still.addresses.primary().is_none() => {
                let message = format!(
                    "{name} is still a member, without a mailbox: Exchange doesn't find whom to take out"
                );
                Tried::Refused(
                    Problem::error("member_without_mailbox", self.label, message)
                        .field(Field::Groups)
                        .advice("no mail reaches them; give the mailbox back, take them out, free it again"),
                )
            }
            Some(_) => self.refused(op, fault),
        }
    }

    /// Whether nobody can be added since the group is gone, and not the member: Exchange says the same
    /// of both.
    async fn is_of_a_lost_group(&self, op: &ExchangeOp, fault: &OnlineFault) -> bool {
        let (Some(group), false) = (self.targets.group, self.is_new) else { return false };
        if fault.kind != FaultKind::NotFound || !matches!(op, ExchangeOp::AddMember { .. }) {
            return false;
        }
        let read = self.tenant.group(&GroupWanted::Id(group)).await;
        read.is_err_and(|fault| fault.kind == FaultKind::NotFound)
    }

    async fn send_to_mailbox(&self, mailbox: ObjectId, op: &ExchangeOp) -> Result<(), OnlineFault> {
        let tenant = self.tenant;
        let written = match op {
            ExchangeOp::EditAddresses { add, remove } => {
                tenant.change_addresses(mailbox, add, remove).await
            }
            ExchangeOp::SetPrimary { old, new } => {
                tenant.set_primary_address(mailbox, old, new).await
            }
            ExchangeOp::SetShared { shared } => tenant.set_shared(mailbox, *shared).await,
            ExchangeOp::SetForwarding { forwarding } => {
                tenant.set_forwarding(mailbox, forwarding).await
            }
            ExchangeOp::SetAutoReply { reply } => {
                tenant.set_auto_reply(mailbox, reply.as_ref()).await
            }
            ExchangeOp::GrantAccess { delegate } => {
                tenant.grant_full_access(mailbox, delegate).await
            }
            ExchangeOp::RevokeAccess { delegate } => {
                tenant.revoke_full_access(mailbox, delegate).await
            }
            ExchangeOp::SetHidden { hidden } => tenant.set_hidden(mailbox, *hidden).await,
            ExchangeOp::CreateGroup { .. }
            | ExchangeOp::ChangeGroup { .. }
            | ExchangeOp::DeleteGroup
            | ExchangeOp::AddMember { .. }
            | ExchangeOp::RemoveMember { .. } => return Err(not_of("mailbox")),
        };
        written.map(|_| ())
    }

    async fn send_to_group(&self, group: GroupId, op: &ExchangeOp) -> Result<(), OnlineFault> {
        let tenant = self.tenant;
        match op {
            ExchangeOp::EditAddresses { add, remove } => {
                tenant.change_group_addresses(group, add, remove).await.map(|_| ())
            }
            ExchangeOp::SetPrimary { old, new } => {
                tenant.set_group_primary(group, old, new).await.map(|_| ())
            }
            ExchangeOp::ChangeGroup { change } => {
                tenant.change_group(group, change).await.map(|_| ())
            }
            ExchangeOp::DeleteGroup => self.or_gone(tenant.delete_group(group).await),
            ExchangeOp::AddMember { .. } => {
                let member = self.targets.member.as_ref().ok_or_else(|| not_of("member"))?;
                tenant.add_member(group, member).await.map(|_| ())
            }
            ExchangeOp::RemoveMember { .. } => {
                let member = self.targets.member.as_ref().ok_or_else(|| not_of("member"))?;
                tenant.remove_member(group, member).await.map(|_| ())
            }
            _ => Err(not_of("group")),
        }
    }

    /// Gone is gone, whoever did it; but what the run made and nobody sees yet isn't gone.
    fn or_gone(&self, sent: Result<(), OnlineFault>) -> Result<(), OnlineFault> {
        match sent {
            Err(fault)
                if fault.kind == FaultKind::NotFound && (!self.is_new || self.sent.is_some()) =>
            {
                Ok(())
            }
            sent => sent,
        }
    }

    fn refused(&self, op: &ExchangeOp, fault: &OnlineFault) -> Tried {
        let again = |code: &'static str, message: String| Tried::Again {
            problem: Problem::error(code, self.label, message)
                .advice("resume the run in some minutes"),
            after: None,
            out_of_reach: false,
        };
        match (&fault.kind, op) {
            (FaultKind::NotFound, ExchangeOp::AddMember { name }) => {
                let message = format!("{name} can't become a member yet: no mailbox is to be seen");
                again("not_yet_visible", message)
            }
            (FaultKind::NotFound, ExchangeOp::RemoveMember { name }) => {
                again("not_yet_visible", format!("{name} is not visible in Exchange yet"))
            }
            (FaultKind::NotFound, _) => {
                let what = if self.targets.group.is_some() { "group" } else { "mailbox" };
                again("not_yet_visible", format!("the {what} is not visible in Exchange yet"))
            }
            (FaultKind::AddressTaken { .. } | FaultKind::AddressOfDeleted, _) if self.is_moved => {
                again(
                    "address_held",
                    format!("{fault}; Exchange holds a freed address for up to an hour"),
                )
            }
            (FaultKind::Concurrency, ExchangeOp::SetPrimary { .. })
                if fault.outcome() == Outcome::NotSent =>
            {
                let message = "somebody else has given it another primary address meanwhile";
                Tried::Refused(
                    Problem::error("changed_meanwhile", self.label, message)
                        .field(Field::Email)
                        .advice("look at the account, then run this for it again"),
                )
            }
            (_, ExchangeOp::AddMember { name } | ExchangeOp::RemoveMember { name }) => {
                with_name(tried(self.label, fault, Some(Field::Groups)), name)
            }
            (_, ExchangeOp::EditAddresses { .. }) => tried(self.label, fault, Some(Field::Aliases)),
            (_, ExchangeOp::SetPrimary { .. }) => tried(self.label, fault, Some(Field::Email)),
            _ => tried(self.label, fault, None),
        }
    }

    /// Makes the group. One that an earlier try made is adopted: name, alias and owners are the same,
    /// and it was made since we began (DESIGN §6, *Adopt*).
    async fn create_group(&self, new: &NewGroup) -> Tried {
        let fault = match self.tenant.create_group(new).await {
            Ok(id) => return Tried::Done(Some(Made::Group(id))),
            Err(fault) => fault,
        };
        let is_taken =
            matches!(fault.kind, FaultKind::AddressTaken { .. } | FaultKind::NameTaken { .. });
        if let (true, Some(sent)) = (is_taken, self.sent) {
            match self.tenant.groups().await {
                Ok(groups) => {
                    if let Some(ours) = groups.iter().find(|group| is_ours(group, new, sent)) {
                        return Tried::Done(Some(Made::Group(ours.id)));
                    }
                }
                Err(fault) => return tried(self.label, &fault, None),
            }
        }
        if is_taken && self.is_moved {
            return self.refused(&ExchangeOp::CreateGroup { group: new.clone() }, &fault);
        }
        tried(self.label, &fault, None)
    }
}

fn is_ours(group: &Group, new: &NewGroup, sent: Timestamp) -> bool {
    let is_since = group.created.is_some_and(|created| created > sent - CLOCK_SLACK);
    let has = |owner: &String| group.owners.iter().any(|it| it.eq_ignore_ascii_case(owner));
    group.name == new.name && group.alias == new.alias && is_since && new.owners.iter().all(has)
}

fn with_name(tried: Tried, name: &str) -> Tried {
    match tried {
        Tried::Refused(problem) => {
            Tried::Refused(Problem { message: format!("{name}: {}", problem.message), ..problem })
        }
        tried => tried,
    }
}

/// A step of a damaged plan.
fn not_of(what: &str) -> OnlineFault {
    OnlineFault::damaged(format!("the step names no {what} for what it does"))
}
