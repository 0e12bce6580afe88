//! `/domains` (`graph.md §17`).

use super::object::Object;
use super::paging::collect;
use crate::model::{Authentication, Domain, DomainName};
use crate::online::http::Call;
use crate::online::{OnlineFault, Tenant};

const TARGET: &str = "/domains?$select=id,isDefault,isInitial,isVerified,authenticationType";

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
    })
}
