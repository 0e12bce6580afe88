//! `/directoryRoles` and their members: which roles the app itself holds (`graph.md §17.1`).

use uuid::Uuid;

use super::object::Object;
use super::paging::collect;
use crate::model::ObjectId;
use crate::online::http::Call;
use crate::online::permissions::Role;
use crate::online::{OnlineFault, Tenant};

impl Tenant {
    /// Which of these roles somebody holds, in their order. Only roles that were ever given are
    /// listed, and only active holders; who is eligible isn't.
    pub async fn roles_held_by(
        &self,
        holder: ObjectId,
        of: &[Role],
    ) -> Result<Vec<Role>, OnlineFault> {
        let target = "/directoryRoles?$select=id,roleTemplateId";
        let active = collect(&self.http, Call::get(target), "role", read).await?;
        let mut held = Vec::new();
        for role in of {
            let Some((id, _)) = active.iter().find(|(_, template)| *template == role.template)
            else {
                continue;
            };
            let target = format!("/directoryRoles/{id}/members?$select=id");
            let members: Vec<ObjectId> =
                collect(&self.http, Call::look_up(target), "role member", |object| object.id())
                    .await?;
            if members.contains(&holder) {
                held.push(*role);
            }
        }
        Ok(held)
    }
}

fn read(mut object: Object) -> Result<(Uuid, Uuid), OnlineFault> {
    Ok((object.id()?, object.parsed("roleTemplateId")?))
}
