//! A Microsoft 365 tenant in the box: an HTTP server that answers as Microsoft Graph and its login host
//! do, for tests, trials and training.
//!
//! Written from the documented contract alone, as if by somebody else: it shares no type with any
//! client, and refuses what Graph refuses. Comments cite that contract as `graph.md`; `CHECKLIST.md`
//! says what is and isn't there.
//!
//! The layers, outermost first: `server` (thread and sockets), `http` (bytes), `tenant` (one call, one
//! transaction), `graph` and `login` (the rules), `odata` and `schema` (the language of queries),
//! `exchange` (Exchange Online's side of the same tenant; its contract is cited as `exchange.md`), `state` (the SQLite file). `knobs` is the way in for those who test.

mod assertion;
mod batch;
mod call;
mod clock;
mod discovery;
mod exchange;
mod graph;
mod http;
mod knobs;
mod login;
mod odata;
mod options;
mod permission;
mod refusal;
mod schema;
mod server;
mod state;
mod tenant;
mod throttle;
mod token;

pub use options::{Error, Lag, Options};
pub use server::Server;

/// The id of every sandbox tenant. Means nothing outside the sandbox.
pub const TENANT_ID: &str = "48a80680-7326-48cd-9935-b556b81d3a4e";

/// The app registered in every sandbox tenant. Means nothing outside the sandbox.
pub const CLIENT_ID: &str = "a2f1c0de-1111-4222-8333-944455556666";

/// The online ID of the administrator of every new sandbox tenant.
pub const ADMINISTRATOR: &str = "admin@contoso.onmicrosoft.com";

/// The app as a member of roles: its service principal's object id.
const SERVICE_PRINCIPAL_ID: &str = "9c4d7e0a-2b1f-4c6d-8e3a-5f60718293a4";

/// The app's secret. Public, and worth nothing: it opens sandbox tenants on this machine only.
pub const CLIENT_SECRET: &str = "sandbox-only~not-a-secret";
