//! Mailboxes and their addresses (`exchange.md §11, §12`).
//!
//! Recovery: a primary address is looked at, everything else is repeated.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Written;
use super::command::{Command, Identity};
use super::groups::alias_edits;
use crate::model::{EmailAddress, MailAddresses, Mailbox, ObjectId, OnlineId, RecipientKind};
use crate::online::graph::object::Object;
use crate::online::{FaultKind, OnlineFault, Outcome, Tenant};

const WHAT: &str = "mailbox";
const SELECT: &str = "ExternalDirectoryObjectId,UserPrincipalName,DisplayName,Alias,EmailAddresses,\
                      RecipientTypeDetails,IsDirSynced,IsExchangeCloudManaged,\
                      HiddenFromAddressListsEnabled,ForwardingAddress,ForwardingSmtpAddress,\
                      DeliverToMailboxAndForward,LitigationHoldEnabled";

/// Where a mailbox's mail goes on to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Forwarding {
    /// Nowhere.
    Off,
    /// To a recipient of the tenant.
    Inside {
        /// Who.
        to: EmailAddress,
        /// Whether it stays here too.
        keeps_a_copy: bool,
    },
    /// To an address elsewhere; the tenant's spam policy may stop it (`exchange.md §12.3`).
    Outside {
        /// Where.
        to: EmailAddress,
        /// Whether it stays here too.
        keeps_a_copy: bool,
    },
}

impl Tenant {
    /// All mailboxes.
    pub async fn mailboxes(&self) -> Result<Vec<Mailbox>, OnlineFault> {
        let command = Command::get("Get-Mailbox", SELECT);
        self.run_for_all(&command, WHAT).await?.into_iter().map(read).collect()
    }

    /// The mailbox of an online account; `None` if it has none, or none yet.
    pub async fn mailbox(&self, id: ObjectId) -> Result<Option<Mailbox>, OnlineFault> {
        let command = Command::get("Get-Mailbox", SELECT).of(&id.into());
        match self.run_for_one(&command, WHAT).await {
            Ok(object) => read(object).map(Some),
            Err(fault) if fault.kind == FaultKind::NotFound => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Adds aliases to a mailbox and removes others; what somebody else added meanwhile stays. The
    /// primary address isn't removed this way: read first.
    pub async fn change_addresses(
        &self,
        mailbox: ObjectId,
        add: &[EmailAddress],
        remove: &[EmailAddress],
    ) -> Result<Written, OnlineFault> {
        self.set(mailbox, |command| command.with("EmailAddresses", alias_edits(add, remove))).await
    }

    /// Makes an address the mailbox's primary one in place of `old`, which stays as an alias. The list
    /// is read and written as a whole, so whatever else others have added stays; if another address is
    /// the primary one by now, nothing is written and the fault is [`FaultKind::Concurrency`].
    pub async fn set_primary_address(
        &self,
        mailbox: ObjectId,
        old: &EmailAddress,
        new: &EmailAddress,
    ) -> Result<Written, OnlineFault> {
        let gone = || OnlineFault::new(FaultKind::NotFound, Outcome::NotSent, WHAT);
        let now = self.mailbox(mailbox).await?.ok_or_else(gone)?;
        if now.is_synchronized {
            let why = "its primary address would be reverted";
            return Err(OnlineFault::new(FaultKind::Synchronized, Outcome::NotSent, why));
        }
        let primary = now.addresses.primary();
        // Another spelling of it is another entry.
        if primary.as_ref().is_some_and(|primary| primary.as_str() == new.as_str()) {
            return Ok(Written::AlreadySo);
        }
        if primary.as_ref() != Some(old) {
            let why = "somebody else changed the primary address";
            return Err(OnlineFault::new(FaultKind::Concurrency, Outcome::NotSent, why));
        }
        let list = now.addresses.with_primary(new);
        self.set(mailbox, |command| command.with("EmailAddresses", json!(list.entries()))).await
    }

    /// Turns a mailbox into a shared one, or back into a person's. Finished when a reading says so
    /// (`exchange.md §12.3`).
    pub async fn set_shared(
        &self,
        mailbox: ObjectId,
        is_shared: bool,
    ) -> Result<Written, OnlineFault> {
        let kind = if is_shared { "Shared" } else { "Regular" };
        self.set(mailbox, |command| command.with("Type", json!(kind))).await
    }

    /// Sends a mailbox's mail on, or stops that.
    pub async fn set_forwarding(
        &self,
        mailbox: ObjectId,
        forwarding: &Forwarding,
    ) -> Result<Written, OnlineFault> {
        let (inside, outside, keeps_a_copy) = match forwarding {
            Forwarding::Off => (Value::Null, Value::Null, false),
            Forwarding::Inside { to, keeps_a_copy } => {
                (json!(to.as_str()), Value::Null, *keeps_a_copy)
            }
            Forwarding::Outside { to, keeps_a_copy } => {
                (Value::Null, json!(to.as_str()), *keeps_a_copy)
            }
        };
        self.set(mailbox, |command| {
            command
                .with("ForwardingAddress", inside)
                .with("ForwardingSmtpAddress", outside)
                .with("DeliverToMailboxAndForward", json!(keeps_a_copy))
        })
        .await
    }

    /// Leaves a mailbox out of address lists, or no longer.
    pub async fn set_hidden(
        &self,
        mailbox: ObjectId,
        is_hidden: bool,
    ) -> Result<Written, OnlineFault> {
        self.set(mailbox, |command| command.with("HiddenFromAddressListsEnabled", json!(is_hidden)))
            .await
    }

    async fn set(
        &self,
        mailbox: ObjectId,
        what: impl FnOnce(Command) -> Command,
    ) -> Result<Written, OnlineFault> {
        let command = what(Command::on("Set-Mailbox", &Identity::from(mailbox)));
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }
}

fn read(mut object: Object) -> Result<Mailbox, OnlineFault> {
    let outside = object.text_or_null("ForwardingSmtpAddress")?;
    let outside = outside.filter(|text| !text.is_empty());
    let bare = |text: String| match text.split_once(':') {
        Some((_, address)) => EmailAddress::received(address),
        None => EmailAddress::received(text),
    };
    // Synchronised, but handed to the cloud as far as Exchange goes (`exchange.md §13`).
    let is_managed_here = object.flag_or_null("IsExchangeCloudManaged")? == Some(true);
    Ok(Mailbox {
        id: object.parsed("ExternalDirectoryObjectId")?,
        online_id: OnlineId::received(object.text("UserPrincipalName")?),
        display_name: object.text("DisplayName")?,
        alias: object.text("Alias")?,
        addresses: MailAddresses::received(object.texts("EmailAddresses")?),
        kind: RecipientKind::received(&object.text("RecipientTypeDetails")?),
        is_synchronized: object.flag("IsDirSynced")? && !is_managed_here,
        is_hidden: object.flag("HiddenFromAddressListsEnabled")?,
        forwards_to: object.text_or_null("ForwardingAddress")?.filter(|text| !text.is_empty()),
        forwards_outside: outside.map(bare),
        keeps_a_copy: object.flag("DeliverToMailboxAndForward")?,
        is_held: object.flag("LitigationHoldEnabled")?,
    })
}
