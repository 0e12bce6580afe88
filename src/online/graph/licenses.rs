//! `/subscribedSkus` and `assignLicense` (`graph.md §7`).

use serde_json::json;

use super::object::Object;
use super::paging::collect;
use super::product_names;
use crate::model::{AssignedLicense, License, ObjectId, Service, SkuId, SubscriptionState};
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

const TARGET: &str = "/subscribedSkus?$select=skuId,skuPartNumber,capabilityStatus,consumedUnits,\
                      prepaidUnits,appliesTo,servicePlans";

impl Tenant {
    /// What the tenant subscribes to, with its seats.
    pub async fn licenses(&self) -> Result<Vec<License>, OnlineFault> {
        collect(&self.http, Call::get(TARGET), "licence", read).await
    }

    /// Gives and takes licences in one transaction. For one that the account has already, `add`
    /// replaces the set of services that are off. Nothing to give or take is no request.
    pub async fn assign_licenses(
        &self,
        id: ObjectId,
        add: &[AssignedLicense],
        remove: &[SkuId],
    ) -> Result<(), OnlineFault> {
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let add: Vec<_> = add
            .iter()
            .map(|license| json!({ "skuId": license.sku, "disabledPlans": license.disabled }))
            .collect();
        // Both members are required, even empty.
        let body = json!({ "addLicenses": add, "removeLicenses": remove });
        let call = Call::post(format!("/users/{id}/assignLicense"), body).ignoring_answer();
        self.http.send(call).await?;
        Ok(())
    }
}

fn read(mut object: Object) -> Result<License, OnlineFault> {
    let sku: SkuId = object.parsed("skuId")?;
    let part_number = object.text("skuPartNumber")?;
    let state = match object.text("capabilityStatus")?.as_str() {
        "Enabled" => SubscriptionState::Enabled,
        "Warning" => SubscriptionState::Warning,
        "Suspended" => SubscriptionState::Suspended,
        "Deleted" => SubscriptionState::Deleted,
        "LockedOut" => SubscriptionState::LockedOut,
        other => return Err(object.wrong("capabilityStatus", &format!("can't be {other:?}"))),
    };
    let services = object
        .objects("servicePlans", "service")?
        .into_iter()
        .map(|mut plan| {
            Ok(Service {
                id: plan.parsed("servicePlanId")?,
                name: plan.text("servicePlanName")?,
                is_pending: plan.text("provisioningStatus")?.starts_with("Pending"),
            })
        })
        .collect::<Result<_, OnlineFault>>()?;
    let mut units = object.object("prepaidUnits", "seats")?;
    Ok(License {
        sku,
        name: product_names::of(sku).map_or_else(|| part_number.clone(), str::to_owned),
        part_number,
        state,
        seats: units.number("enabled")?,
        warning: units.number("warning")?,
        suspended: units.number("suspended")?,
        used: object.number("consumedUnits")?,
        is_assignable: object.text("appliesTo")? == "User",
        services,
    })
}
