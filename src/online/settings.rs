//! Where a tenant is and how we sign in: hosts, credentials, limits.
//!
//! Hosts are settings because a tenant lives in one cloud (`graph.md §1`); nothing else in this
//! layer writes a host name.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;

use super::{Certificate, OnlineFault};
use crate::model::Secret;

/// How the app proves that it is itself (`graph.md §2`).
pub enum Credential {
    /// With its secret.
    Secret(Secret),
    /// By signing with the key of a certificate.
    Certificate(Certificate),
}

impl From<Secret> for Credential {
    fn from(secret: Secret) -> Self {
        Self::Secret(secret)
    }
}

impl From<Certificate> for Credential {
    fn from(certificate: Certificate) -> Self {
        Self::Certificate(certificate)
    }
}

/// Everything a [`Tenant`](super::Tenant) needs.
pub struct TenantSettings {
    /// The login host, such as `https://login.microsoftonline.com`.
    pub login_url: String,
    /// The Graph host, such as `https://graph.microsoft.com`.
    pub graph_url: String,
    /// The Exchange host, such as `https://outlook.office365.com`; `None` where it isn't known.
    pub exchange_url: Option<String>,
    /// The tenant: its id or one of its verified domains.
    pub tenant: String,
    /// The app registration's id.
    pub client_id: String,
    /// How the app signs in.
    pub credential: Arc<Credential>,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// How long to wait for a whole answer.
    pub request_timeout: Duration,
    /// How many requests may be on their way at once; each may carry up to twenty calls.
    pub requests_in_flight: usize,
    /// How long one call may wait in all for a tenant that says "later".
    pub patience: Duration,
    /// What the tenant allows, so that no more is asked; `None` for a tenant without quotas.
    pub quota: Option<TenantQuota>,
}

/// How much a tenant allows one app (`graph.md §13`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TenantQuota {
    /// Writes in 150 seconds.
    pub writes_per_150s: NonZeroU32,
    /// Resource units in 10 seconds; `None` follows from the number of accounts.
    pub resource_units_per_10s: Option<NonZeroU32>,
    /// How many times faster than real time the quota's clock runs: 1, but for a sandbox.
    pub time_scale: f64,
}

impl Default for TenantQuota {
    fn default() -> Self {
        Self {
            writes_per_150s: const { NonZeroU32::new(3_000).unwrap() },
            resource_units_per_10s: None,
            time_scale: 1.0,
        }
    }
}

impl TenantQuota {
    pub(super) fn check(&self) -> Result<(), OnlineFault> {
        if self.time_scale.is_finite() && self.time_scale > 0.0 {
            Ok(())
        } else {
            let detail = format!("{} is no positive number", self.time_scale);
            Err(OnlineFault::setting("time_scale", detail))
        }
    }
}

impl TenantSettings {
    /// Settings with the usual limits.
    pub fn new(
        login_url: impl Into<String>,
        graph_url: impl Into<String>,
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> Self {
        let graph_url = graph_url.into();
        Self {
            login_url: login_url.into(),
            exchange_url: exchange_beside(&graph_url),
            graph_url,
            tenant: tenant.into(),
            client_id: client_id.into(),
            credential: Arc::new(credential.into()),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_mins(1),
            requests_in_flight: 6,
            patience: Duration::from_mins(5),
            quota: Some(TenantQuota::default()),
        }
    }

    /// Whether the tenant is a program on this machine, and not in one of Microsoft's clouds.
    pub fn is_on_this_machine(&self) -> bool {
        Url::parse(&self.graph_url).is_ok_and(|url| is_loopback(&url))
    }
}

/// Exchange's host in the cloud that Graph's host is in (`exchange.md §1`); a tenant on this machine has
/// it below its own.
fn exchange_beside(graph_url: &str) -> Option<String> {
    let url = Url::parse(graph_url).ok()?;
    let host = match url.host_str()? {
        "graph.microsoft.com" => "outlook.office365.com",
        "graph.microsoft.us" => "outlook.office365.us",
        "dod-graph.microsoft.us" => "outlook-dod.office365.us",
        "microsoftgraph.chinacloudapi.cn" => "outlook.office365.cn",
        _ if is_loopback(&url) => {
            return Some(format!("{}/exchange", graph_url.trim_end_matches('/')));
        }
        _ => return None,
    };
    Some(format!("https://{host}"))
}

/// A host's URL, checked: https, or plain http to this machine (DESIGN §2.4).
pub(super) fn base_url(setting: &str, text: &str) -> Result<Url, OnlineFault> {
    let refuse = |why: &str| Err(OnlineFault::setting(setting, format!("{text:?} {why}")));
    let Ok(url) = Url::parse(text) else { return refuse("is not a URL") };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OnlineFault::setting(setting, "a URL here may not hold a user or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must end with the path");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => refuse("must begin with https://, as passwords travel there"),
        _ => refuse("must begin with https://"),
    }
}

/// Whether the URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for right in [
            "https://graph.microsoft.com",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert!(base_url("graph_url", right).is_ok(), "{right}");
        }
        for wrong in [
            "http://graph.microsoft.com",
            "http://127.0.0.1.example.com",
            "ftp://localhost",
            "graph.microsoft.com",
            "https://eva:pw@example.com",
            "https://example.com?x=1",
        ] {
            assert!(base_url("graph_url", wrong).is_err(), "{wrong}");
        }
    }
}
