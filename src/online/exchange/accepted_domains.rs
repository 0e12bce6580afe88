//! Domains that addresses may have (`exchange.md §11.6`).

use super::command::Command;
use crate::model::DomainName;
use crate::online::{OnlineFault, Tenant};

impl Tenant {
    /// The domains that addresses may have, the default one first.
    pub async fn accepted_domains(&self) -> Result<Vec<DomainName>, OnlineFault> {
        let command = Command::get("Get-AcceptedDomain", "DomainName,Default");
        let mut found = Vec::new();
        for mut object in self.run_for_all(&command, "accepted domain").await? {
            let name = DomainName::received(&object.text("DomainName")?);
            if object.flag("Default")? { found.insert(0, name) } else { found.push(name) }
        }
        Ok(found)
    }
}
