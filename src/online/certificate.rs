//! A certificate in place of a secret: the app signs a short statement with its key, and the secret
//! itself never travels (`graph.md §2`, certificate assertion).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::OnlineFault;
use crate::model::Secret;

/// How long a statement is good for, in seconds: 5 to 10 minutes.
const LIFETIME: i64 = 5 * 60;

/// A certificate that is registered with the app, and its private key.
pub struct Certificate {
    key: EncodingKey,
    thumbprint: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    iat: i64,
    exp: i64,
}

impl Certificate {
    /// Reads both from one text of PEM blocks, in any order. No fault quotes it.
    pub fn from_pem(pem: &Secret) -> Result<Self, OnlineFault> {
        let wrong = |detail: &str| OnlineFault::setting("certificate", detail);
        let text = pem.expose().as_bytes();
        let certificate = CertificateDer::from_pem_slice(text)
            .map_err(|_| wrong("there is no certificate in it (-----BEGIN CERTIFICATE-----)"))?;
        let key = private_key(pem.expose())
            .ok_or_else(|| wrong("there is no private key in it (-----BEGIN PRIVATE KEY-----)"))?;
        let key = EncodingKey::from_rsa_pem(key.as_bytes())
            .map_err(|_| wrong("its private key is no RSA key without a passphrase"))?;
        Ok(Self { key, thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)) })
    }

    /// A statement for one request, made for that token endpoint.
    pub(super) fn assertion(&self, client_id: &str, endpoint: &str) -> Result<Secret, OnlineFault> {
        let now = Timestamp::now().as_second();
        let claims = Claims {
            aud: endpoint,
            iss: client_id,
            sub: client_id,
            jti: Uuid::new_v4().to_string(),
            nbf: now,
            iat: now,
            exp: now + LIFETIME,
        };
        let header =
            Header { x5t_s256: Some(self.thumbprint.clone()), ..Header::new(Algorithm::PS256) };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map(Secret::new)
            .map_err(|_| OnlineFault::setting("certificate", "its key can't sign"))
    }
}

/// The block with the private key: the reader of keys takes the first block, whatever it is.
fn private_key(pem: &str) -> Option<&str> {
    let begins = ["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"];
    let start = begins.iter().find_map(|begin| pem.find(begin))?;
    let block = pem.get(start..)?;
    let end = block.find("-----END ")?;
    let length = end + block.get(end..)?.find('\n').unwrap_or(block.len() - end);
    block.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = include_str!("../../sandbox/tests/certificates/app.pem");
    const APP_KEY: &str = include_str!("../../sandbox/tests/certificates/app.key.pem");

    fn read(pem: &str) -> Result<Certificate, String> {
        Certificate::from_pem(&Secret::new(pem.to_owned())).map_err(|fault| fault.to_string())
    }

    #[test]
    fn key_and_certificate_come_in_any_order() {
        for pem in [
            format!("{APP}{APP_KEY}"),
            format!("{APP_KEY}\n{APP}"),
            format!("{APP_KEY}{}", APP.trim_end()),
            format!("{APP}{}", APP_KEY.trim_end()),
        ] {
            // What was read is only used when something is signed.
            assert!(read(&pem).unwrap().assertion("client", "https://login.example.com").is_ok());
        }
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_quoted() {
        let encrypted = APP_KEY.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        for (pem, said) in [
            (APP_KEY.to_owned(), "there is no certificate in it"),
            (APP.to_owned(), "there is no private key in it"),
            (format!("{APP}{encrypted}"), "there is no private key in it"),
            (format!("{APP}{}", APP_KEY.replace('M', "A")), "is no RSA key"),
            ("my-secret".to_owned(), "there is no certificate in it"),
        ] {
            let fault = read(&pem).err().unwrap();
            assert!(fault.contains(said), "{fault}");
            assert!(!fault.contains("my-secret") && !fault.contains("AAA"), "{fault}");
        }
    }

    #[test]
    fn a_statement_is_signed_for_one_endpoint_and_a_few_minutes() {
        let certificate = read(&format!("{APP}{APP_KEY}")).unwrap();
        let endpoint = "https://login.example.com/t/oauth2/v2.0/token";
        let assertion = certificate.assertion("client", endpoint).unwrap();
        let parts: Vec<serde_json::Value> = assertion
            .expose()
            .split('.')
            .take(2)
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!((&parts[0]["alg"], &parts[0]["typ"]), (&"PS256".into(), &"JWT".into()));
        assert_eq!(parts[0]["x5t#S256"].as_str().unwrap().len(), 43);
        assert_eq!(parts[1]["aud"], endpoint);
        assert_eq!((&parts[1]["iss"], &parts[1]["sub"]), (&"client".into(), &"client".into()));
        let lasts = parts[1]["exp"].as_i64().unwrap() - parts[1]["nbf"].as_i64().unwrap();
        assert!((300..=600).contains(&lasts));
    }
}
