//! `/organization`: the tenant itself (`graph.md §17`).

use super::object::Object;
use super::paging::collect;
use crate::model::{CountryCode, TenantId};
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

/// The tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: TenantId,
    /// The name it shows.
    pub name: String,
    /// Its country; `None` where it names none, or none that ISO 3166 has.
    pub country: Option<CountryCode>,
    /// Whether accounts come from a directory synchronisation.
    pub is_synchronized: bool,
}

const TARGET: &str = "/organization?$select=id,displayName,countryLetterCode,onPremisesSyncEnabled";

impl Tenant {
    /// Who the tenant is.
    pub async fn organization(&self) -> Result<Organization, OnlineFault> {
        let found = collect(&self.http, Call::get(TARGET), "organization", read).await?;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(organization), None) => Ok(organization),
            _ => Err(OnlineFault::bad_answer("organization: there must be exactly one")),
        }
    }
}

fn read(mut object: Object) -> Result<Organization, OnlineFault> {
    Ok(Organization {
        id: object.id()?,
        name: object.text_or_null("displayName")?.unwrap_or_default(),
        country: object
            .text_or_null("countryLetterCode")?
            .and_then(|code| CountryCode::parse(&code).ok()),
        is_synchronized: object.flag_or_null("onPremisesSyncEnabled")?.unwrap_or(false),
    })
}
