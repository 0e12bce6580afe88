//! `/directoryRoles`: who is an administrator (`graph.md §17.1`).

use std::collections::HashMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use uuid::Uuid;

use super::object::Object;
use super::paging::collect;
use crate::model::ObjectId;
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

/// The role whose last holder nobody may lose (`graph.md §17.1`: the same id in every tenant).
const GLOBAL_ADMINISTRATOR: Uuid = Uuid::from_u128(0x62e9_0394_69f5_4237_9190_0121_7714_5e10);

/// Active holders of administrators' roles. Who is only eligible, or holds a role through a group,
/// is not among them.
#[derive(Debug, Clone, Default)]
pub struct RoleHolders {
    roles: HashMap<ObjectId, Vec<String>>,
    global_administrators: Vec<ObjectId>,
}

impl RoleHolders {
    /// The names of the roles that an account holds, if it holds any.
    pub fn of(&self, account: ObjectId) -> Option<&[String]> {
        self.roles.get(&account).map(Vec::as_slice)
    }

    /// The accounts that hold the highest role.
    pub fn global_administrators(&self) -> &[ObjectId] {
        &self.global_administrators
    }
}

struct Role {
    id: Uuid,
    name: String,
    template: Uuid,
}

impl Tenant {
    /// Who holds which role: two requests a role, however many accounts there are.
    pub async fn role_holders(&self) -> Result<RoleHolders, OnlineFault> {
        let target = "/directoryRoles?$select=id,displayName,roleTemplateId";
        let roles = collect(&self.http, Call::get(target), "role", read).await?;
        let members = stream::iter(&roles)
            .map(|role| self.members_of(role.id))
            .buffered(self.http.calls_at_once())
            .try_collect::<Vec<_>>()
            .await?;
        let mut holders = RoleHolders::default();
        for (role, members) in roles.iter().zip(members) {
            for member in &members {
                holders.roles.entry(*member).or_default().push(role.name.clone());
            }
            if role.template == GLOBAL_ADMINISTRATOR {
                holders.global_administrators = members;
            }
        }
        Ok(holders)
    }

    /// People only: an app or a group that holds a role doesn't sign in when all people are locked out.
    async fn members_of(&self, role: Uuid) -> Result<Vec<ObjectId>, OnlineFault> {
        let target = format!("/directoryRoles/{role}/members?$select=id");
        let members = collect(&self.http, Call::look_up(target), "role member", member).await?;
        Ok(members.into_iter().flatten().collect())
    }
}

/// The member's id, if it is a person.
fn member(mut object: Object) -> Result<Option<ObjectId>, OnlineFault> {
    let is_person = object.text("@odata.type")? == "#microsoft.graph.user";
    Ok(if is_person { Some(object.id()?) } else { None })
}

fn read(mut object: Object) -> Result<Role, OnlineFault> {
    Ok(Role {
        id: object.id()?,
        name: object.text("displayName")?,
        template: object.parsed("roleTemplateId")?,
    })
}
