//! The token endpoint, `POST /{tenant}/oauth2/v2.0/token`, for client credentials with a secret or a
//! signed assertion, and its own form of refusals (`graph.md` §2).

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rusqlite::Connection;
use serde_json::json;
use uuid::Uuid;

use crate::assertion::{self, Doubt};
use crate::call::{Call, Reply, decode};
use crate::clock;
use crate::refusal::Refusal;
use crate::state::domains;
use crate::token::{self, EXCHANGE_NAME, EXCHANGE_PATH};
use crate::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};

/// A request the token endpoint refuses.
#[derive(Debug)]
struct Denial {
    status: u16,
    error: &'static str,
    number: u32,
    text: String,
}

impl Denial {
    fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        // Refused client credentials answer 401, all else 400.
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self { status, error, number, text: text.into() }
    }

    fn missing(field: &str) -> Self {
        Self::new(
            "invalid_request",
            900_144,
            format!("The request body must contain the following parameter: '{field}'."),
        )
    }

    fn into_reply(self, call: &Call) -> Reply {
        let now = clock::machine().spaced();
        let trace = Uuid::new_v4();
        let correlation = call.client_request_id();
        Reply::json(
            self.status,
            json!({
                "error": self.error,
                "error_description": format!(
                    "AADSTS{}: {}\r\nTrace ID: {trace}\r\nCorrelation ID: {correlation}\r\nTimestamp: {now}",
                    self.number, self.text
                ),
                "error_codes": [self.number],
                "timestamp": now,
                "trace_id": trace.to_string(),
                "correlation_id": correlation,
                "error_uri": format!("{}/error?code={}", call.origin, self.number),
            }),
        )
    }
}

/// The tenant that the path of a token request names.
pub(crate) fn tenant_of(path: &str) -> Option<&str> {
    let (tenant, rest) = path.strip_prefix('/')?.split_once('/')?;
    rest.eq_ignore_ascii_case("oauth2/v2.0/token").then_some(tenant)
}

/// Answers a token request for the tenant of that name.
pub(crate) fn answer(
    state: &Connection,
    call: &Call,
    tenant: &str,
    lifetime_seconds: i64,
) -> Result<Reply, Refusal> {
    if call.method != hyper::Method::POST {
        let denial =
            Denial::new("invalid_request", 900_561, "The endpoint only accepts POST requests.");
        return Ok(denial.into_reply(call));
    }
    match granted_audience(state, call, tenant)? {
        Ok(audience) => {
            let token = token::issue(state, &audience, clock::now(state)?, lifetime_seconds)?;
            Ok(Reply::json(
                200,
                json!({
                    "token_type": "Bearer",
                    "expires_in": lifetime_seconds,
                    "ext_expires_in": lifetime_seconds,
                    "access_token": token,
                }),
            ))
        }
        Err(denial) => Ok(denial.into_reply(call)),
    }
}

/// The refusal of a tenant that isn't this one.
pub(crate) fn foreign_tenant(
    state: &Connection,
    call: &Call,
    tenant: &str,
) -> Result<Option<Reply>, Refusal> {
    let judged = check_tenant(state, &decode(tenant)?)?;
    Ok(judged.err().map(|denial| denial.into_reply(call)))
}

/// For whom a token may be made; the outer error is ours, the inner one the client's.
fn granted_audience(
    state: &Connection,
    call: &Call,
    tenant: &str,
) -> Result<Result<String, Denial>, Refusal> {
    let tenant = decode(tenant)?;
    if let Err(denial) = check_tenant(state, &tenant)? {
        return Ok(Err(denial));
    }
    check_form(state, call, &tenant)
}

fn check_tenant(state: &Connection, tenant: &str) -> Result<Result<(), Denial>, Refusal> {
    let is_ours = tenant.eq_ignore_ascii_case(TENANT_ID)
        || domains::find(state, tenant)?.is_some_and(|domain| domain.is_verified);
    if is_ours {
        return Ok(Ok(()));
    }
    if Uuid::parse_str(tenant).is_err() && !tenant.contains('.') {
        return Ok(Err(Denial::new(
            "invalid_request",
            900_023,
            format!(
                "Specified tenant identifier '{tenant}' is neither a valid DNS name, nor a valid external domain."
            ),
        )));
    }
    Ok(Err(Denial::new(
        "invalid_request",
        90002,
        format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        ),
    )))
}

fn check_form(
    state: &Connection,
    call: &Call,
    tenant: &str,
) -> Result<Result<String, Denial>, Refusal> {
    let asked = match asked(call, tenant) {
        Ok(asked) => asked,
        Err(denial) => return Ok(Err(denial)),
    };
    let proven = match asked.proof {
        Proof::Secret(secret) => check_secret(&secret),
        Proof::Assertion(assertion) => {
            let endpoint = format!("{}{}", call.origin, call.path);
            let judged = assertion::judge(state, &assertion, &endpoint, clock::now(state)?)?;
            check_assertion(judged)
        }
    };
    Ok(proven.map(|()| asked.audience))
}

/// What a well-formed request asks for.
struct Asked {
    audience: String,
    proof: Proof,
}

/// How the client proves that it is the app.
enum Proof {
    Secret(String),
    Assertion(String),
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

fn asked(call: &Call, tenant: &str) -> Result<Asked, Denial> {
    let form = form(call)?;
    let field = |name: &'static str| form.get(name).filter(|value| !value.is_empty());
    let grant = field("grant_type").ok_or_else(|| Denial::missing("grant_type"))?;
    if grant != "client_credentials" {
        return Err(Denial::new(
            "unsupported_grant_type",
            70003,
            format!("The app requested an unsupported grant type '{grant}'."),
        ));
    }
    let basic = basic_credentials(call);
    let client = field("client_id")
        .cloned()
        .or_else(|| basic.as_ref().map(|(client, _)| client.clone()))
        .ok_or_else(|| Denial::missing("client_id"))?;
    if !client.eq_ignore_ascii_case(CLIENT_ID) {
        return Err(Denial::new(
            "unauthorized_client",
            700_016,
            format!(
                "Application with identifier '{client}' was not found in the directory '{tenant}'."
            ),
        ));
    }
    let scope = field("scope").ok_or_else(|| Denial::missing("scope"))?;
    let audience = audience(call, scope)?;
    if field("client_assertion_type").is_some_and(|kind| kind == ASSERTION_TYPE)
        && let Some(assertion) = field("client_assertion")
    {
        return Ok(Asked { audience, proof: Proof::Assertion(assertion.clone()) });
    }
    let secret = field("client_secret")
        .cloned()
        .or(basic.map(|(_, secret)| secret))
        .ok_or_else(|| {
            Denial::new(
                "invalid_client",
                7_000_218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        })?;
    Ok(Asked { audience, proof: Proof::Secret(secret) })
}

fn check_secret(secret: &str) -> Result<(), Denial> {
    if secret == CLIENT_SECRET {
        return Ok(());
    }
    Err(Denial::new(
        "invalid_client",
        7_000_215,
        format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{CLIENT_ID}'."
        ),
    ))
}

/// 700027 is the contract's; of the others it says only that they are refused, the numbers are those of
/// Microsoft's list of error codes.
fn check_assertion(judged: Result<String, Doubt>) -> Result<(), Denial> {
    let denied = |number, text| Err(Denial::new("invalid_client", number, text));
    match judged {
        Ok(client) if client.eq_ignore_ascii_case(CLIENT_ID) => Ok(()),
        Ok(_) | Err(Doubt::Malformed) => denied(50027, "JWT token is invalid or malformed."),
        Err(Doubt::Unknown) => denied(
            700_027,
            "The certificate with identifier used to sign the client assertion is not registered on application, or the signature is not valid.",
        ),
        Err(Doubt::Audience) => {
            denied(700_023, "Client assertion audience claim does not match Realm issuer.")
        }
        Err(Doubt::Time) => denied(700_024, "Client assertion is not within its valid time range."),
    }
}

fn form(call: &Call) -> Result<HashMap<String, String>, Denial> {
    let malformed = || Denial::new("invalid_request", 900_144, "The request body is malformed.");
    let text = std::str::from_utf8(&call.body).map_err(|_| malformed())?;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |piece: &str| decode(&piece.replace('+', " ")).map_err(|_| malformed());
            Ok((plain(name)?, plain(value)?))
        })
        .collect()
}

/// Client id and secret from HTTP Basic, each URL-encoded inside.
fn basic_credentials(call: &Call) -> Option<(String, String)> {
    let encoded = call.header("Authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = text.split_once(':')?;
    Some((decode(client).ok()?, decode(secret).ok()?))
}

/// One resource and `/.default`: the host the client spoke to, Exchange below it, or their own names.
fn audience(call: &Call, scope: &str) -> Result<String, Denial> {
    let refused = || {
        Denial::new(
            "invalid_scope",
            70011,
            format!(
                "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
            ),
        )
    };
    let resource = scope.trim().strip_suffix("/.default").ok_or_else(refused)?;
    let resource = resource.trim_end_matches('/');
    let exchange = format!("{}{EXCHANGE_PATH}", call.origin);
    let known = [call.origin.as_str(), "https://graph.microsoft.com", &exchange, EXCHANGE_NAME];
    if known.iter().any(|name| resource.eq_ignore_ascii_case(name)) {
        Ok(resource.to_owned())
    } else {
        Err(refused())
    }
}
