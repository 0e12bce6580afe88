//! The online half: the client of one Microsoft 365 tenant.
//!
//! What belongs here: everything that knows Microsoft Graph: hosts, tokens, URLs, property names,
//! quotas, its texts and quirks (`graph.md`). What leaves is [`model`](crate::model) types and typed
//! [`OnlineFault`]s. What doesn't belong here: what to write and when (`plan`), and what to do about
//! an unknown outcome (`plan/execute`): a write is sent once, and its fault says what is known.
//!
//! * `settings`: hosts, credentials, limits; the rule that secrets leave over TLS only
//! * `auth`: tokens; `certificate`: the one way to prove who we are that sends no secret
//! * `permissions`: what the app must be allowed, and why
//! * `http`: the one place that sends: batches, quota, waiting, repeating what is safe to repeat
//! * `fault`: what an answer that isn't a success means
//! * `graph`, `exchange`: one file per resource of each service
//!
//! To add a call: a method in the file of its resource, with a `$select` of what it reads.

mod auth;
mod certificate;
mod exchange;
mod fault;
mod graph;
mod http;
pub mod permissions;
mod settings;

pub use certificate::Certificate;
pub use exchange::access::ExchangeAccess;
pub use exchange::groups::{GroupChange, NewGroup};
pub use exchange::mailboxes::Forwarding;
pub use exchange::{Written, groups::GroupWanted, recipients::RecipientKey};
pub use fault::{FaultKind, OnlineFault, Outcome};
pub use graph::directory_roles::RoleHolders;
pub use graph::organization::Organization;
pub use graph::users::{AccountKey, AccountQuery, NewOnlineAccount};
pub use http::{Wait, WaitReason};
pub use permissions::Access;
pub use settings::{Credential, TenantQuota, TenantSettings};

use exchange::Exchange;
use http::Http;
use tokio::sync::watch;

/// A tenant. Nothing is opened before the first call; many calls may be on their way at once.
pub struct Tenant {
    http: Http,
    exchange: Exchange,
}

impl Tenant {
    /// A tenant with these settings. Nothing is sent yet.
    ///
    /// Refuses a URL that isn't one, and plain `http://` to anywhere but this machine.
    pub fn new(settings: TenantSettings) -> Result<Self, OnlineFault> {
        Ok(Self { http: Http::new(&settings)?, exchange: Exchange::new(settings) })
    }

    /// What calls wait for at the moment, and each change of it; `None` when they go on. Waits of
    /// less than half a second aren't shown.
    pub fn waits(&self) -> watch::Receiver<Option<Wait>> {
        self.http.waits()
    }
}
