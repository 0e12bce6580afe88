//! Access of others to a mailbox (`exchange.md §12.3`). Recovery: repeat.

use serde_json::json;

use super::Written;
use super::command::Command;
use crate::model::{EmailAddress, ObjectId};
use crate::online::{OnlineFault, Tenant};

const WHAT: &str = "mailbox permission";

impl Tenant {
    /// Who has full access to the mailbox, by name or address as Exchange tells it; its owner aside.
    pub async fn full_access(&self, mailbox: ObjectId) -> Result<Vec<String>, OnlineFault> {
        let select = "User,AccessRights,IsInherited,Deny";
        let command = Command::get("Get-MailboxPermission", select).of(&mailbox.into());
        let mut all = Vec::new();
        for mut object in self.run_for_all(&command, WHAT).await? {
            let user = object.text("User")?;
            let is_full = object.texts("AccessRights")?.iter().any(|right| right == "FullAccess");
            let is_own = user.starts_with("NT AUTHORITY");
            if is_full && !is_own && !object.flag("Deny")? && !object.flag("IsInherited")? {
                all.push(user);
            }
        }
        Ok(all)
    }

    /// Lets somebody open the mailbox and read all in it.
    pub async fn grant_full_access(
        &self,
        mailbox: ObjectId,
        delegate: &EmailAddress,
    ) -> Result<Written, OnlineFault> {
        let command = Command::on("Add-MailboxPermission", &mailbox.into())
            .with("User", json!(delegate.as_str()))
            .with("AccessRights", json!(["FullAccess"]))
            .with("InheritanceType", json!("All"))
            .repeatable();
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }

    /// Ends that.
    pub async fn revoke_full_access(
        &self,
        mailbox: ObjectId,
        delegate: &EmailAddress,
    ) -> Result<Written, OnlineFault> {
        let command = Command::on("Remove-MailboxPermission", &mailbox.into())
            .with("User", json!(delegate.as_str()))
            .with("AccessRights", json!(["FullAccess"]))
            .with("InheritanceType", json!("All"))
            .repeatable();
        Ok(Written::of(&self.run(&command, WHAT).await?))
    }
}
