//! `/directory/deletedItems`: the tenant's recycle bin (`graph.md §9`).

use serde_json::json;

use super::object::Object;
use super::paging::{PAGE_SIZE, collect};
use super::users;
use crate::model::{DeletedAccount, ObjectId, OnlineId};
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

impl Tenant {
    /// The accounts in the recycle bin, under the online IDs that they had.
    pub async fn deleted_accounts(&self) -> Result<Vec<DeletedAccount>, OnlineFault> {
        let target = format!(
            "/directory/deletedItems/microsoft.graph.user?$select={},deletedDateTime&$top={PAGE_SIZE}",
            users::selected()
        );
        collect(&self.http, Call::get(target), "deleted user", read).await
    }

    /// Brings an account back under the name that it had, with its licences and groups. Addresses
    /// that somebody else took meanwhile stay with them.
    pub async fn restore_account(&self, id: ObjectId) -> Result<(), OnlineFault> {
        let body = json!({ "autoReconcileProxyConflict": true });
        let call = Call::post(format!("/directory/deletedItems/{id}/restore"), body);
        self.http.send(call.ignoring_answer()).await?;
        Ok(())
    }
}

fn read(mut object: Object) -> Result<DeletedAccount, OnlineFault> {
    let deleted = object.time_or_null("deletedDateTime")?;
    let mut account = users::read(object)?;
    account.online_id = before_deletion(account.id, account.online_id.as_str());
    Ok(DeletedAccount { account, deleted })
}

/// While an account is deleted, its object id without dashes stands before its name.
fn before_deletion(id: ObjectId, name: &str) -> OnlineId {
    let prefix = id.0.simple().to_string();
    match name.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(&prefix) => OnlineId::received(rest),
        _ => OnlineId::received(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_account_is_known_by_the_name_it_had() {
        let id: ObjectId = "6f3a2f0e-2f4c-4e0f-9d7e-51f2f8f5a001".parse().unwrap();
        let name = "6F3A2F0E2f4c4e0f9d7e51f2f8f5a001mia.berg@contoso.com";
        assert_eq!(before_deletion(id, name).as_str(), "mia.berg@contoso.com");
        assert_eq!(before_deletion(id, "jo@contoso.com").as_str(), "jo@contoso.com");
    }
}
