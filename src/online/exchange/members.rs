//! Members of groups (`exchange.md §10.4`). Recovery: repeat, since "is already" and "isn't a member"
//! mean done.

use serde_json::json;

use super::Written;
use super::command::{Command, Identity};
use super::recipients::recipient;
use crate::model::{GroupId, MailAddresses, Recipient};
use crate::online::graph::object::Object;
use crate::online::{FaultKind, OnlineFault, Tenant};

/// Members come with their primary address alone.
const SELECT: &str =
    "Guid,ExternalDirectoryObjectId,DisplayName,PrimarySmtpAddress,RecipientTypeDetails";

impl Tenant {
    /// The direct members of a group, with their primary addresses; a group in it is one of them.
    pub async fn group_members(&self, group: GroupId) -> Result<Vec<Recipient>, OnlineFault> {
        let command = Command::get("Get-DistributionGroupMember", SELECT).of(&group.into());
        self.run_for_all(&command, "member").await?.into_iter().map(read).collect()
    }

    /// Adds somebody, named by object id, Exchange's id or address.
    pub async fn add_member(&self, group: GroupId, member: &str) -> Result<Written, OnlineFault> {
        let done = self.change_member("Add-DistributionGroupMember", group, member).await;
        done_or(done, &FaultKind::AlreadyMember)
    }

    /// Takes somebody out, named by object id, Exchange's id or address.
    pub async fn remove_member(
        &self,
        group: GroupId,
        member: &str,
    ) -> Result<Written, OnlineFault> {
        let done = self.change_member("Remove-DistributionGroupMember", group, member).await;
        done_or(done, &FaultKind::NotMember)
    }

    async fn change_member(
        &self,
        cmdlet: &'static str,
        group: GroupId,
        member: &str,
    ) -> Result<Written, OnlineFault> {
        // Refused here if empty.
        Identity::new(member)?;
        let command = Command::on(cmdlet, &group.into())
            .with("Member", json!(member))
            .with_right_of_owner()
            .repeatable();
        self.run(&command, "member").await.map(|_| Written::Done)
    }
}

fn read(mut object: Object) -> Result<Recipient, OnlineFault> {
    let primary = object.text_or_null("PrimarySmtpAddress")?;
    let primary = primary.filter(|address| !address.is_empty());
    let addresses = primary.map(|address| format!("SMTP:{address}")).into_iter().collect();
    recipient(object, MailAddresses::received(addresses))
}

fn done_or(done: Result<Written, OnlineFault>, so: &FaultKind) -> Result<Written, OnlineFault> {
    match done {
        Err(fault) if fault.kind == *so => Ok(Written::AlreadySo),
        other => other,
    }
}
