//! Distribution groups and mail-enabled security groups (`exchange.md §10`).
//!
//! Recovery: a new group is looked for and adopted, a primary address and a removal are looked at,
//! everything else is repeated.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Written;
use super::command::{Command, edits};
use crate::model::{EmailAddress, Group, GroupId, MailAddresses, RecipientKind};
use crate::online::graph::object::Object;
use crate::online::{FaultKind, OnlineFault, Outcome, Tenant};

const WHAT: &str = "group";
const SELECT: &str = "Guid,Name,DisplayName,Alias,Description,EmailAddresses,RecipientTypeDetails,\
                      RequireSenderAuthenticationEnabled,HiddenFromAddressListsEnabled,IsDirSynced,\
                      ManagedBy,WhenCreatedUTC";

/// Which group is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupWanted {
    /// By its id.
    Id(GroupId),
    /// By one of its addresses.
    Address(EmailAddress),
}

/// A group to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// Unique in the tenant, at most 64 characters.
    pub name: String,
    /// The nickname, unique too.
    pub alias: String,
    /// The primary address; by default the alias in the default domain.
    pub address: Option<EmailAddress>,
    /// What it is for.
    pub description: Option<String>,
    /// At least one: object ids or addresses.
    pub owners: Vec<String>,
    /// Whether people outside may send to it.
    pub outside_senders: bool,
}

/// What is changed of a group; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupChange {
    /// Another name.
    pub name: Option<String>,
    /// Another shown name.
    pub display_name: Option<String>,
    /// Another nickname.
    pub alias: Option<String>,
    /// Another text; empty clears it.
    pub description: Option<String>,
    /// Whether people outside may send to it.
    pub outside_senders: Option<bool>,
    /// Whether address lists leave it out.
    pub hidden: Option<bool>,
    /// Owners that come.
    pub add_owners: Vec<String>,
    /// Owners that go.
    pub remove_owners: Vec<String>,
}

impl Tenant {
    /// All groups of the two kinds that this API can change.
    pub async fn groups(&self) -> Result<Vec<Group>, OnlineFault> {
        let command = Command::get("Get-DistributionGroup", SELECT);
        self.run_for_all(&command, WHAT).await?.into_iter().map(read).collect()
    }

    /// One group.
    pub async fn group(&self, wanted: &GroupWanted) -> Result<Group, OnlineFault> {
        let identity = match wanted {
            GroupWanted::Id(id) => (*id).into(),
            GroupWanted::Address(address) => super::command::Identity::new(address.as_str())?,
        };
        let command = Command::get("Get-DistributionGroup", SELECT).of(&identity);
        self.run_for_one(&command, WHAT).await.and_then(read)
    }

    /// Makes a group; its id, by which it is addressed from now on.
    pub async fn create_group(&self, new: &NewGroup) -> Result<GroupId, OnlineFault> {
        if new.owners.iter().all(|owner| owner.trim().is_empty()) {
            return Err(OnlineFault::setting("ManagedBy", "a group needs an owner"));
        }
        // Without `false` outsiders are refused (`exchange.md §0.8`).
        let command = Command::create("New-DistributionGroup", "Guid")
            .with("Name", json!(new.name))
            .with("DisplayName", json!(new.name))
            .with("Alias", json!(new.alias))
            .with("Type", json!("Distribution"))
            .with("ManagedBy", json!(new.owners))
            .with("MemberJoinRestriction", json!("Closed"))
            .with("MemberDepartRestriction", json!("Closed"))
            .with("RequireSenderAuthenticationEnabled", json!(!new.outside_senders))
            .with_some("PrimarySmtpAddress", new.address.as_ref().map(EmailAddress::as_str))
            .with_some("Description", new.description.as_ref().map(|text| json!([text])));
        self.run_for_one(&command, WHAT).await?.parsed("Guid").map_err(|fault| {
            // It was made, but which one it is the answer didn't say.
            fault.with_outcome(Outcome::Unknown)
        })
    }

    /// Changes some properties of a group.
    pub async fn change_group(
        &self,
        group: GroupId,
        change: &GroupChange,
    ) -> Result<Written, OnlineFault> {
        let description = change.description.as_ref().map(|text| match text.as_str() {
            "" => Value::Null,
            text => json!([text]),
        });
        let has_owners = !change.add_owners.is_empty() || !change.remove_owners.is_empty();
        let owners = has_owners.then(|| edits(&change.add_owners, &change.remove_owners));
        let command = Command::on("Set-DistributionGroup", &group.into())
            .with_right_of_owner()
            .with_some("Name", change.name.clone())
            .with_some("DisplayName", change.display_name.clone())
            .with_some("Alias", change.alias.clone())
            .with_some("Description", description)
            .with_some("RequireSenderAuthenticationEnabled", change.outside_senders.map(|may| !may))
            .with_some("HiddenFromAddressListsEnabled", change.hidden)
            .with_some("ManagedBy", owners);
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }

    /// Adds aliases to a group and removes others; what somebody else added meanwhile stays.
    pub async fn change_group_addresses(
        &self,
        group: GroupId,
        add: &[EmailAddress],
        remove: &[EmailAddress],
    ) -> Result<Written, OnlineFault> {
        let command = Command::on("Set-DistributionGroup", &group.into())
            .with_right_of_owner()
            .with("EmailAddresses", alias_edits(add, remove));
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }

    /// Makes an address the group's primary one in place of `old`. If another one is the primary one by
    /// now, nothing is written and the fault is [`FaultKind::Concurrency`]. Whether the old one stays
    /// has to be read back (`exchange.md §10.2`).
    pub async fn set_group_primary(
        &self,
        group: GroupId,
        old: &EmailAddress,
        address: &EmailAddress,
    ) -> Result<Written, OnlineFault> {
        let primary = self.group(&GroupWanted::Id(group)).await?.addresses.primary();
        if primary.as_ref().map(EmailAddress::as_str) == Some(address.as_str()) {
            return Ok(Written::AlreadySo);
        }
        if primary.as_ref() != Some(old) {
            let why = "somebody else changed the primary address";
            return Err(OnlineFault::new(FaultKind::Concurrency, Outcome::NotSent, why));
        }
        let command = Command::on("Set-DistributionGroup", &group.into())
            .with_right_of_owner()
            .with("PrimarySmtpAddress", json!(address.as_str()));
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }

    /// Removes a group for good: there is no way back (`exchange.md §10.3`).
    pub async fn delete_group(&self, group: GroupId) -> Result<(), OnlineFault> {
        let command = Command::on("Remove-DistributionGroup", &group.into()).with_right_of_owner();
        self.run(&command, WHAT).await.map(|_| ())
    }
}

/// What to add and remove as aliases, never as a primary address.
pub(super) fn alias_edits(add: &[EmailAddress], remove: &[EmailAddress]) -> Value {
    let list = |all: &[EmailAddress]| -> Vec<String> {
        all.iter().map(|address| format!("smtp:{address}")).collect()
    };
    edits(&list(add), &list(remove))
}

fn read(mut object: Object) -> Result<Group, OnlineFault> {
    Ok(Group {
        id: object.parsed("Guid")?,
        name: object.text("Name")?,
        display_name: object.text("DisplayName")?,
        alias: object.text("Alias")?,
        description: object.texts("Description")?.join("\n"),
        addresses: MailAddresses::received(object.texts("EmailAddresses")?),
        kind: RecipientKind::received(&object.text("RecipientTypeDetails")?),
        outside_senders: !object.flag("RequireSenderAuthenticationEnabled")?,
        is_hidden: object.flag("HiddenFromAddressListsEnabled")?,
        is_synchronized: object.flag("IsDirSynced")?,
        owners: object.texts("ManagedBy")?,
        created: object.time_or_null("WhenCreatedUTC")?,
    })
}
