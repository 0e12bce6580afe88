//! `/domains` (`graph.md §17`).

use super::object::Object;
use super::paging::collect;
use crate::model::{Authentication, Domain, DomainName};
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

const TARGET: &str = "/domains?$select=id,isDefault,isInitial,isVerified,authenticationType,\
                      passwordValidityPeriodInDays";

/// What never expires is given as a number of days that nobody lives to see; which one isn't confirmed
/// (`graph.md §5`).
const A_CENTURY: i64 = 36_500;

impl Tenant {
    /// The tenant's domains, verified or not.
    pub async fn domains(&self) -> Result<Vec<Domain>, OnlineFault> {
        collect(&self.http, Call::get(TARGET), "domain", read).await
    }
}

fn read(mut object: Object) -> Result<Domain, OnlineFault> {
    let authentication = match object.text("authenticationType")?.as_str() {
        "Managed" => Authentication::Managed,
        "Federated" => Authentication::Federated,
        other => return Err(object.wrong("authenticationType", &format!("can't be {other:?}"))),
    };
    Ok(Domain {
        name: DomainName::received(&object.id::<String>()?),
        is_default: object.flag("isDefault")?,
        is_initial: object.flag("isInitial")?,
        is_verified: object.flag("isVerified")?,
        authentication,
        password_days: object
            .number_or_null("passwordValidityPeriodInDays")?
            .filter(|days| *days < A_CENTURY)
            .and_then(|days| u32::try_from(days).ok()),
    })
}
