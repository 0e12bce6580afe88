//! Anybody who can receive mail: who holds an address, whose member somebody is
//! (`exchange.md §10.5, §11.7`).

use super::command::{Command, quoted};
use crate::model::{EmailAddress, MailAddresses, ObjectId, Recipient, RecipientKind};
use crate::online::graph::object::Object;
use crate::online::{OnlineFault, Tenant};

const SELECT: &str =
    "Guid,ExternalDirectoryObjectId,DisplayName,EmailAddresses,RecipientTypeDetails";

/// Whose memberships are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecipientKey {
    /// An online account.
    Id(ObjectId),
    /// Whoever has the address.
    Address(EmailAddress),
}

impl Tenant {
    /// Who holds the address, as a primary or another one; `None` if nobody does.
    pub async fn address_holder(
        &self,
        address: &EmailAddress,
    ) -> Result<Option<Recipient>, OnlineFault> {
        // With an identity nobody would be an error, and a name would match too.
        let filter = format!("EmailAddresses -eq {}", quoted(&format!("smtp:{address}")));
        let command = Command::get("Get-Recipient", SELECT)
            .with("Filter", filter.into())
            .with("ResultSize", 5.into());
        let done = self.run(&command, "recipient").await?;
        done.objects.into_iter().next().map(read).transpose()
    }

    /// All recipients of the tenant.
    pub async fn recipients(&self) -> Result<Vec<Recipient>, OnlineFault> {
        let command = Command::get("Get-Recipient", SELECT);
        self.run_for_all(&command, "recipient").await?.into_iter().map(read).collect()
    }

    /// The groups that somebody is a direct member of.
    pub async fn groups_of(&self, member: &RecipientKey) -> Result<Vec<Recipient>, OnlineFault> {
        let identity = match member {
            RecipientKey::Id(id) => super::command::Identity::from(*id),
            RecipientKey::Address(address) => super::command::Identity::new(address.as_str())?,
        };
        let command = Command::get("Get-Recipient", "DistinguishedName").of(&identity);
        let name = self.run_for_one(&command, "recipient").await?.text("DistinguishedName")?;
        let kinds = ["MailUniversalDistributionGroup", "MailUniversalSecurityGroup"];
        let command = Command::get("Get-Recipient", SELECT)
            .with("Filter", format!("Members -eq {}", quoted(&name)).into())
            .with("RecipientTypeDetails", kinds.as_slice().into());
        self.run_for_all(&command, "group").await?.into_iter().map(read).collect()
    }
}

fn read(mut object: Object) -> Result<Recipient, OnlineFault> {
    let addresses = MailAddresses::received(object.texts("EmailAddresses")?);
    recipient(object, addresses)
}

/// The recipient, whichever way its addresses came.
pub(super) fn recipient(
    mut object: Object,
    addresses: MailAddresses,
) -> Result<Recipient, OnlineFault> {
    let found = object.text_or_null("ExternalDirectoryObjectId")?;
    let found = found.filter(|id| !id.is_empty()).map(|id| id.parse()).transpose();
    Ok(Recipient {
        id: object.parsed("Guid")?,
        object: found.map_err(|_| object.wrong("ExternalDirectoryObjectId", "is no id"))?,
        display_name: object.text("DisplayName")?,
        addresses,
        kind: RecipientKind::received(&object.text("RecipientTypeDetails")?),
    })
}
