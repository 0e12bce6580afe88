//! Tokens: signing in as the app itself, and keeping the token while it lasts (`graph.md §2`).
//!
//! Another way to prove who we are (a device code) is another [`Credential`].

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::http::{Answer, Body, Outgoing, Wire};
use super::{Access, Credential, FaultKind, OnlineFault, Outcome, TenantSettings};
use crate::model::ObjectId;

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The most that a token is renewed before its end.
const EARLY: Duration = Duration::from_mins(5);

/// A token, ready for the `Authorization` header.
#[derive(Clone, PartialEq)]
pub(super) struct Bearer(HeaderValue);

impl Bearer {
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// Gets tokens for one app in one tenant and one of its services (Graph, Exchange), and keeps the last
/// one.
pub(super) struct SignIn {
    token_url: String,
    scope: String,
    client_id: String,
    credential: Arc<Credential>,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    bearer: Bearer,
    access: Access,
    renew_at: Instant,
}

impl SignIn {
    pub(super) fn new(
        login: &Url,
        resource: &Url,
        settings: &TenantSettings,
    ) -> Result<Self, OnlineFault> {
        let tenant = &settings.tenant;
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if tenant.is_empty() || !tenant.chars().all(allowed) {
            let detail = format!("{tenant:?} is neither a tenant's id nor a domain");
            return Err(OnlineFault::setting("tenant", detail));
        }
        let login = login.as_str().trim_end_matches('/');
        Ok(Self {
            token_url: format!("{login}/{tenant}/oauth2/v2.0/token"),
            scope: format!("{}/.default", resource.as_str().trim_end_matches('/')),
            client_id: settings.client_id.clone(),
            credential: settings.credential.clone(),
            kept: Mutex::new(None),
        })
    }

    /// A token: the kept one, unless it is about to end. Calls that need a new one at the same time
    /// wait for one request.
    pub(super) async fn bearer(&self, wire: &Wire) -> Result<Bearer, OnlineFault> {
        Ok(self.token(wire).await?.0)
    }

    /// What the token says.
    pub(super) async fn access(&self, wire: &Wire) -> Result<Access, OnlineFault> {
        Ok(self.token(wire).await?.1)
    }

    async fn token(&self, wire: &Wire) -> Result<(Bearer, Access), OnlineFault> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = &*kept
            && kept.renew_at > Instant::now()
        {
            return Ok((kept.bearer.clone(), kept.access.clone()));
        }
        let (bearer, access, lifetime) = self.request(wire).await?;
        let renew_at = Instant::now() + useful(lifetime);
        *kept = Some(Kept { bearer: bearer.clone(), access: access.clone(), renew_at });
        Ok((bearer, access))
    }

    /// Keeps a token no longer that the service didn't take.
    pub(super) async fn reject(&self, bearer: &Bearer) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|kept| kept.bearer == *bearer) {
            *kept = None;
        }
    }

    async fn request(&self, wire: &Wire) -> Result<(Bearer, Access, Duration), OnlineFault> {
        let assertion;
        let (kind, proof) = match &*self.credential {
            Credential::Secret(secret) => (None, ("client_secret", secret.expose())),
            Credential::Certificate(certificate) => {
                assertion = certificate.assertion(&self.client_id, &self.token_url)?;
                let kind = ("client_assertion_type", ASSERTION_TYPE);
                (Some(kind), ("client_assertion", assertion.expose()))
            }
        };
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", &self.client_id),
            ("scope", &self.scope),
            proof,
        ];
        form.extend(kind);
        let answer = wire
            .send(Outgoing {
                method: Method::POST,
                url: self.token_url.clone(),
                bearer: None,
                body: Body::Form(&form),
                headers: &[],
                client_request_id: None,
                // It changes nothing in the tenant, so silence is no riddle.
                is_write: false,
            })
            .await?;
        if answer.status == 200 { token(&answer) } else { Err(refused(&answer).without(proof.1)) }
            .map_err(|fault| fault.with_outcome(Outcome::NotSent))
    }
}

/// How long a token is used: a request must not leave with one that ends on its way.
fn useful(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(EARLY.min(lifetime / 10))
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: u64,
}

fn token(answer: &Answer) -> Result<(Bearer, Access, Duration), OnlineFault> {
    // The parser's own words may quote the token.
    let unreadable = || OnlineFault::bad_answer("the token endpoint gave no usable token");
    let token: TokenAnswer = serde_json::from_slice(answer.body()).map_err(|_| unreadable())?;
    let mut header = HeaderValue::from_str(&format!("Bearer {}", token.access_token))
        .map_err(|_| unreadable())?;
    header.set_sensitive(true);
    let claims = claims(&token.access_token);
    let access = Access {
        permissions: claims.as_ref().map(|claims| claims.roles.clone()),
        app: claims.and_then(|claims| claims.oid),
        clock_ahead: answer.clock_ahead,
    };
    Ok((Bearer(header), access, Duration::from_secs(token.expires_in)))
}

/// What real clients read of a token. One without permissions has no `roles` at all.
#[derive(Deserialize)]
struct Claims {
    oid: Option<ObjectId>,
    #[serde(default)]
    roles: BTreeSet<String>,
}

/// The claims of a token; Microsoft doesn't promise that there are any.
fn claims(token: &str) -> Option<Claims> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[derive(Deserialize)]
struct TokenError {
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u32>,
}

/// The token endpoint's own kind of error body (`graph.md §2`).
fn refused(answer: &Answer) -> OnlineFault {
    let fault = answer.refused(false);
    if matches!(fault.kind, FaultKind::Throttled | FaultKind::Unavailable) {
        return fault;
    }
    let Ok(said) = serde_json::from_slice::<TokenError>(answer.body()) else { return fault };
    // The lines after the first are ids and a time.
    let detail = said.error_description.lines().next().unwrap_or_default().to_owned();
    let aadsts = said.error_codes.first().copied().or_else(|| number_in(&detail));
    OnlineFault {
        code: Some(said.error.clone().into_boxed_str()),
        kind: FaultKind::SignIn { error: said.error, aadsts },
        detail,
        ..fault
    }
}

/// The number in `AADSTS7000215: …`.
fn number_in(text: &str) -> Option<u32> {
    text.strip_prefix("AADSTS")?.split(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_five_minutes_early_and_a_short_one_a_tenth_early() {
        assert_eq!(useful(Duration::from_secs(3600)), Duration::from_secs(3300));
        assert_eq!(useful(Duration::from_secs(10)), Duration::from_secs(9));
        assert_eq!(useful(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn microsofts_number_is_found_in_the_text() {
        assert_eq!(number_in("AADSTS7000215: Invalid client secret provided."), Some(7_000_215));
        assert_eq!(number_in("Invalid client secret provided."), None);
    }
}
