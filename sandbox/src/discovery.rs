//! `GET /{tenant}/v2.0/.well-known/openid-configuration`: where Microsoft's sign-in libraries learn of the
//! token endpoint. They read it over https alone, so something must end TLS in front of the sandbox.

use rusqlite::Connection;
use serde_json::json;

use crate::TENANT_ID;
use crate::call::{Call, Reply};
use crate::login;
use crate::refusal::Refusal;

/// The tenant whose configuration the path names.
pub(crate) fn tenant_of(path: &str) -> Option<&str> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    rest.eq_ignore_ascii_case("v2.0/.well-known/openid-configuration").then_some(tenant)
}

/// Answers for the tenant of that name, or refuses as the token endpoint does.
pub(crate) fn answer(state: &Connection, call: &Call, tenant: &str) -> Result<Reply, Refusal> {
    if call.method != hyper::Method::GET {
        return Err(Refusal::method_not_allowed());
    }
    if let Some(refused) = login::foreign_tenant(state, call, tenant)? {
        return Ok(refused);
    }
    let login = format!("{}/{TENANT_ID}", call.origin);
    Ok(Reply::json(
        200,
        json!({
            "issuer": format!("{login}/v2.0"),
            "token_endpoint": format!("{login}/oauth2/v2.0/token"),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            // Both are there for form's sake: nobody signs in at a page, and no id token is signed.
            "authorization_endpoint": format!("{login}/oauth2/v2.0/authorize"),
            "jwks_uri": format!("{login}/discovery/v2.0/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }),
    ))
}
