//! Access tokens: made, and judged when they come back.
//!
//! Three parts as Microsoft's have, with the claims that real clients read. Signed with a key of the
//! tenant, so that every server on the same state file knows them; clients must not look at the signature.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::clock::Moment;
use crate::permission::{EXCHANGE_AS_APP, Granted};
use crate::refusal::Refusal;
use crate::state::settings;
use crate::{CLIENT_ID, SERVICE_PRINCIPAL_ID, TENANT_ID};

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    /// Of how many generations of tokens this is one: all older ones count as expired.
    generation: u32,
    iat: i64,
    nbf: i64,
    exp: i64,
    app_displayname: String,
    appid: String,
    idtyp: String,
    oid: String,
    roles: Vec<String>,
    tid: String,
    uti: String,
    ver: String,
}

/// Whom a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resource {
    Graph,
    Exchange,
}

/// Exchange's name, whatever host it is reached at (`exchange.md` §2).
pub(crate) const EXCHANGE_NAME: &str = "https://outlook.office365.com";
/// Where Exchange is below the host that the client spoke to.
pub(crate) const EXCHANGE_PATH: &str = "/exchange";

impl Resource {
    fn of(audience: &str) -> Self {
        let audience = audience.trim_end_matches('/');
        if audience.eq_ignore_ascii_case(EXCHANGE_NAME) || audience.ends_with(EXCHANGE_PATH) {
            Self::Exchange
        } else {
            Self::Graph
        }
    }
}

/// What the app was granted of that resource.
fn roles(state: &Connection, resource: Resource) -> Result<Vec<String>, Refusal> {
    let mut all: Vec<String> =
        settings::read(state, settings::APP_PERMISSIONS)?.unwrap_or_default();
    all.retain(|name| (name == EXCHANGE_AS_APP) == (resource == Resource::Exchange));
    Ok(all)
}

fn signature(state: &Connection, signed: &str) -> Result<Hmac<Sha256>, Refusal> {
    let key: String = settings::read(state, settings::TOKEN_KEY)?
        .ok_or_else(|| Refusal::internal("the tenant has no token key"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| Refusal::internal(error.to_string()))?;
    mac.update(signed.as_bytes());
    Ok(mac)
}

/// Makes a token for the app.
pub(crate) fn issue(
    state: &Connection,
    audience: &str,
    now: Moment,
    lifetime_seconds: i64,
) -> Result<String, Refusal> {
    let claims = Claims {
        aud: audience.to_owned(),
        iss: format!("https://sts.windows.net/{TENANT_ID}/"),
        generation: generation(state)?,
        iat: now.seconds(),
        nbf: now.seconds(),
        exp: now.seconds() + lifetime_seconds,
        app_displayname: "Administration".to_owned(),
        appid: CLIENT_ID.to_owned(),
        idtyp: "app".to_owned(),
        oid: SERVICE_PRINCIPAL_ID.to_owned(),
        roles: roles(state, Resource::of(audience))?,
        tid: TENANT_ID.to_owned(),
        uti: Uuid::new_v4().simple().to_string(),
        ver: "1.0".to_owned(),
    };
    let head = BASE64.encode(r#"{"typ":"JWT","alg":"HS256"}"#);
    let signed = format!("{head}.{}", BASE64.encode(serde_json::to_vec(&claims)?));
    let mac = signature(state, &signed)?.finalize().into_bytes();
    Ok(format!("{signed}.{}", BASE64.encode(mac)))
}

/// What the bearer of the `Authorization` header may do in Graph; 401 for a token that is missing,
/// foreign, changed, expired or for somewhere else.
pub(crate) fn judge(
    state: &Connection,
    authorization: Option<&str>,
    now: Moment,
) -> Result<Granted, Refusal> {
    judge_for(state, Resource::Graph, authorization, now)
}

/// What the bearer may do in that resource.
pub(crate) fn judge_for(
    state: &Connection,
    resource: Resource,
    authorization: Option<&str>,
    now: Moment,
) -> Result<Granted, Refusal> {
    let token = authorization
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
        .map(|(_, token)| token.trim())
        .ok_or_else(|| Refusal::unauthenticated("Access token is empty."))?;
    let unreadable =
        || Refusal::unauthenticated("CompactToken parsing failed with error code: 80049217");
    let (signed, mac) = token.rsplit_once('.').ok_or_else(unreadable)?;
    let (_, payload) = signed.split_once('.').ok_or_else(unreadable)?;
    let mac = BASE64.decode(mac).map_err(|_| unreadable())?;
    let invalid =
        || Refusal::unauthenticated("Access token validation failure. Invalid signature.");
    let payload = BASE64.decode(payload).map_err(|_| unreadable())?;
    signature(state, signed)?.verify_slice(&mac).map_err(|_| invalid())?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| invalid())?;
    if Resource::of(&claims.aud) != resource {
        return Err(Refusal::unauthenticated("Access token validation failure. Invalid audience."));
    }
    if claims.exp <= now.seconds() || claims.generation != generation(state)? {
        return Err(Refusal::unauthenticated("Lifetime validation failed, the token is expired."));
    }
    Ok(Granted {
        permissions: claims.roles,
        directory_roles: settings::read(state, settings::APP_ROLES)?.unwrap_or_default(),
    })
}

fn generation(state: &Connection) -> Result<u32, Refusal> {
    Ok(settings::read(state, settings::TOKEN_GENERATION)?.unwrap_or(0))
}

/// Makes every token issued so far count as expired.
pub(crate) fn expire_all(state: &Connection) -> Result<(), Refusal> {
    settings::write(state, settings::TOKEN_GENERATION, &generation(state)?.wrapping_add(1))
}
