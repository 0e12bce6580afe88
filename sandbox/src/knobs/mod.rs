//! `/sandbox/…`: what Microsoft's service doesn't have, and who tests against it needs. JSON, no
//! sign-in, loopback only.
//!
//! | request | meaning |
//! |---|---|
//! | `GET /sandbox/summary` | users, deleted users, seats, requests served by this server |
//! | `PUT /sandbox/skus/{part number or id}` `{"seats": 20, "standing": "Suspended", "pending": ["TEAMS1"]}` | seats, `capabilityStatus`, plans that aren't set up yet |
//! | `POST /sandbox/skus` `{"sku_id", "part_number", "seats", "plans": [{"id", "name"}]}` | one more product |
//! | `PUT /sandbox/domains/{name}` `{"verified", "default", "federated"}` | adds or changes a domain |
//! | `PUT /sandbox/settings` `{"latency_ms": 50, "lag": {"fixed_ms": 500}, "throttle": true, "time_scale": 100}` | of this server; `lag` is `"off"`, `{"fixed_ms"}` or `{"random": {"seed", "max_ms"}}` |
//! | `PUT /sandbox/app` `{"permissions": […], "roles": […], "certificates": [PEM, …]}` | what new tokens allow; the app's Entra roles; what it may sign in with besides its secret |
//! | `PUT /sandbox/users/{id}` `{"synchronized": true, "roles": […], "inherits": [{"group", "sku", "disabled_plans"}]}` | as if Active Directory were its master; its Entra roles; the licences that groups give it |
//! | `PUT /sandbox/exchange` `{"mailbox_delay_seconds": 900}` | how Exchange behaves, see `exchange/behavior.rs` |
//! | `POST /sandbox/clock` `{"advance_seconds": 86400}` | moves the tenant's clock |
//! | `POST /sandbox/tokens/expire` | every token issued so far |
//! | `POST, GET, DELETE /sandbox/faults` | see `faults.rs` |

mod app;
pub(crate) mod faults;
mod people;
mod products;

use std::time::Duration;

use hyper::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::{Call, Reply, decode};
use crate::clock;
use crate::exchange;
use crate::options::Lag;
use crate::refusal::Refusal;
use crate::state::domains::{self, Domain};
use crate::state::{skus, users};
use crate::tenant::Tenant;
use crate::throttle::Throttle;
use crate::token;
use faults::Order;

/// Answers a request to a path under `/sandbox`.
pub(crate) fn answer(tenant: &mut Tenant, call: &Call) -> Reply {
    match turn(tenant, call) {
        Ok(body) => Reply::json(200, body),
        Err(refusal) => Reply::refused(call, refusal),
    }
}

fn turn(tenant: &mut Tenant, call: &Call) -> Result<Value, Refusal> {
    let segments = call
        .path
        .split('/')
        .filter(|piece| !piece.is_empty())
        .skip(1)
        .map(decode)
        .collect::<Result<Vec<_>, _>>()?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (&call.method, segments.as_slice()) {
        (&Method::GET, ["summary"]) => summary(tenant),
        (&Method::PUT, ["skus", name]) => products::change(tenant, name, body(call)?),
        (&Method::POST, ["skus"]) => products::add(tenant, body(call)?),
        (&Method::PUT, ["domains", name]) => put_domain(tenant, name, &body(call)?),
        (&Method::PUT, ["settings"]) => change_settings(tenant, &body(call)?),
        (&Method::PUT, ["app"]) => app::grant(tenant, &body(call)?),
        (&Method::PUT, ["users", id]) => people::change(tenant, id, body(call)?),
        (&Method::PUT, ["exchange"]) => exchange::turn(&tenant.state, &call.body),
        (&Method::POST, ["clock"]) => {
            let Advance { advance_seconds } = body(call)?;
            clock::advance(&tenant.state, advance_seconds)?;
            Ok(json!({ "now": clock::now(&tenant.state)?.to_text() }))
        }
        (&Method::POST, ["tokens", "expire"]) => {
            token::expire_all(&tenant.state)?;
            Ok(json!({}))
        }
        (&Method::POST, ["faults"]) => {
            let orders = match body::<Value>(call)? {
                Value::Array(orders) => orders,
                order => vec![order],
            };
            for order in orders {
                tenant.faults.order(read::<Order>(order)?)?;
            }
            Ok(json!({ "pending": tenant.faults.pending() }))
        }
        (&Method::GET, ["faults"]) => Ok(json!({ "pending": tenant.faults.pending() })),
        (&Method::DELETE, ["faults"]) => {
            tenant.faults.clear();
            Ok(json!({}))
        }
        _ => Err(Refusal::new(404, "SandboxKnobUnknown", "The sandbox has no such knob.")),
    }
}

fn misread(error: &serde_json::Error) -> Refusal {
    Refusal::new(400, "SandboxKnobMisread", error.to_string())
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Refusal> {
    serde_json::from_slice(&call.body).map_err(|error| misread(&error))
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, Refusal> {
    serde_json::from_value(value).map_err(|error| misread(&error))
}

fn summary(tenant: &Tenant) -> Result<Value, Refusal> {
    let (live, deleted) = users::count(&tenant.state, clock::Moment(i64::MAX))?;
    let skus: serde_json::Map<String, Value> = skus::all(&tenant.state)?
        .into_iter()
        .map(|sku| (sku.part_number, json!({ "seats": sku.seats, "consumed": sku.consumed })))
        .collect();
    Ok(json!({ "users": live, "deleted": deleted, "skus": skus, "requests": tenant.served }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DomainFacts {
    #[serde(default)]
    verified: bool,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    federated: bool,
}

fn put_domain(tenant: &mut Tenant, name: &str, facts: &DomainFacts) -> Result<Value, Refusal> {
    let transaction = tenant.state.transaction()?;
    let is_initial = domains::find(&transaction, name)?.is_some_and(|domain| domain.is_initial);
    let domain = Domain {
        name: name.to_ascii_lowercase(),
        is_default: facts.default,
        is_initial,
        is_verified: facts.verified,
        federated: facts.federated,
    };
    domains::put(&transaction, &domain)?;
    transaction.commit()?;
    Ok(json!({ "name": domain.name }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    latency_ms: Option<u64>,
    lag: Option<LagSetting>,
    throttle: Option<bool>,
    time_scale: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum LagSetting {
    Off,
    FixedMs(u64),
    Random { seed: u64, max_ms: u64 },
}

fn change_settings(tenant: &mut Tenant, settings: &Settings) -> Result<Value, Refusal> {
    if let Some(latency) = settings.latency_ms {
        tenant.latency = Duration::from_millis(latency);
    }
    if let Some(lag) = &settings.lag {
        tenant.set_lag(match *lag {
            LagSetting::Off => Lag::Off,
            LagSetting::FixedMs(millis) => Lag::Fixed(Duration::from_millis(millis)),
            LagSetting::Random { seed, max_ms } => {
                Lag::Random { seed, max: Duration::from_millis(max_ms) }
            }
        });
    }
    let running = tenant.throttle.map_or(1.0, |throttle| throttle.time_scale);
    let time_scale = settings.time_scale.unwrap_or(running);
    if !(time_scale.is_finite() && time_scale > 0.0) {
        return Err(Refusal::new(
            400,
            "SandboxKnobMisread",
            "time_scale must be a positive number",
        ));
    }
    if settings.throttle.unwrap_or(tenant.throttle.is_some()) {
        tenant.throttle = Some(Throttle { time_scale });
    } else {
        tenant.throttle = None;
    }
    Ok(json!({ "latency_ms": u64::try_from(tenant.latency.as_millis()).unwrap_or(u64::MAX) }))
}
