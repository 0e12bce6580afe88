//! A signed statement in place of a secret: who holds the key of a registered certificate is the app
//! (`graph.md` §2, certificate assertion).

use base64::Engine;
use base64::engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rusqlite::Connection;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm};
use serde::Deserialize;
use webpki::EndEntityCert;

use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::state::settings;

/// How far a clock may be off, in seconds.
const SLACK: i64 = 5 * 60;

/// Why an assertion isn't believed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It can't be read, or lacks something.
    Malformed,
    /// No registered certificate has that thumbprint, or its key didn't sign this.
    Unknown,
    /// Made for another endpoint.
    Audience,
    /// Its time is over, or not yet come.
    Time,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(rename = "x5t#S256")]
    sha256: Option<String>,
    x5t: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    sub: String,
    jti: String,
    nbf: i64,
    exp: i64,
}

/// The client id that an assertion proves; `aud` is the token endpoint as the client spoke to it.
pub(crate) fn judge(
    state: &Connection,
    assertion: &str,
    aud: &str,
    now: Moment,
) -> Result<Result<String, Doubt>, Refusal> {
    let registered: Vec<String> =
        settings::read(state, settings::APP_CERTIFICATES)?.unwrap_or_default();
    Ok(proven(&registered, assertion, aud, now))
}

fn proven(registered: &[String], assertion: &str, aud: &str, now: Moment) -> Result<String, Doubt> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or(Doubt::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(Doubt::Malformed)?;
    let plain = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Doubt::Malformed);
    let header: Header = serde_json::from_slice(&plain(header)?).map_err(|_| Doubt::Malformed)?;
    let signature = plain(signature)?;
    // Older material, and many libraries, sign RS256; the service still takes that.
    let algorithm: &dyn SignatureVerificationAlgorithm = match header.alg.as_str() {
        "PS256" => webpki::ring::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        "RS256" => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
        _ => return Err(Doubt::Malformed),
    };
    let certificate = registered
        .iter()
        .filter_map(|der| BASE64.decode(der).ok())
        .find(|der| has_thumbprint(der, &header))
        .ok_or(Doubt::Unknown)?;
    let certificate = CertificateDer::from(certificate);
    let certificate = EndEntityCert::try_from(&certificate).map_err(|_| Doubt::Unknown)?;
    certificate
        .verify_signature(algorithm, signed.as_bytes(), &signature)
        .map_err(|_| Doubt::Unknown)?;
    let claims: Claims = serde_json::from_slice(&plain(claims)?).map_err(|_| Doubt::Malformed)?;
    if !claims.aud.eq_ignore_ascii_case(aud) {
        return Err(Doubt::Audience);
    }
    let now = now.seconds();
    if claims.exp <= now || claims.nbf > now + SLACK {
        return Err(Doubt::Time);
    }
    if claims.iss != claims.sub || uuid::Uuid::parse_str(&claims.jti).is_err() {
        return Err(Doubt::Malformed);
    }
    Ok(claims.iss)
}

fn has_thumbprint(der: &[u8], header: &Header) -> bool {
    match (&header.sha256, &header.x5t) {
        (Some(print), _) => *print == URL_SAFE_NO_PAD.encode(digest(&SHA256, der)),
        (None, Some(print)) => {
            *print == URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, der))
        }
        (None, None) => false,
    }
}
