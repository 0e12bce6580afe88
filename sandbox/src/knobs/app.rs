//! The app registration: what it is granted, and how it may sign in.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::refusal::Refusal;
use crate::state::{roles, settings};
use crate::tenant::Tenant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grants {
    permissions: Option<Vec<String>>,
    roles: Option<Vec<String>>,
    certificates: Option<Vec<String>>,
}

pub(super) fn grant(tenant: &mut Tenant, grants: &Grants) -> Result<Value, Refusal> {
    let transaction = tenant.state.transaction()?;
    if let Some(permissions) = &grants.permissions {
        settings::write(&transaction, settings::APP_PERMISSIONS, permissions)?;
    }
    if let Some(names) = &grants.roles {
        let mut held = Vec::new();
        for name in names {
            let role = roles::known(name).ok_or_else(|| Refusal::not_found(name))?;
            roles::activated(&transaction, role)?;
            held.push(role.name);
        }
        settings::write(&transaction, settings::APP_ROLES, &held)?;
    }
    if let Some(certificates) = &grants.certificates {
        let der = certificates.iter().map(|pem| encoded(pem)).collect::<Result<Vec<_>, _>>()?;
        settings::write(&transaction, settings::APP_CERTIFICATES, &der)?;
    }
    transaction.commit()?;
    Ok(json!({}))
}

fn encoded(pem: &str) -> Result<String, Refusal> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes())
        .map_err(|error| Refusal::new(400, "SandboxKnobMisread", error.to_string()))?;
    Ok(BASE64.encode(&der))
}
