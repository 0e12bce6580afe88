//! Between the socket and the tenant: reads a request whole, waits the latency, writes the answer, or
//! ends the connection without one.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::channel::Channel;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use hyper::{Request, Response};
use uuid::Uuid;

use crate::call::{Call, Content, Reply};
use crate::knobs;
use crate::refusal::Refusal;
use crate::tenant::{Delivery, Outcome, Tenant};

/// Content type as the service sends it (`graph.md` §1).
const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Ends a connection without an answer: the service returns it as its error, and hyper hangs up.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut on purpose")]
pub(crate) struct CutOnPurpose;

pub(crate) type Body = BoxBody<Bytes, CutOnPurpose>;

/// Answers one HTTP request.
pub(crate) async fn answer(
    tenant: Arc<Mutex<Tenant>>,
    request: Request<Incoming>,
) -> Result<Response<Body>, CutOnPurpose> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    // Whatever ends TLS in front of the sandbox says so here: links must not lead the client off it.
    let is_secure = head.headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let scheme = if is_secure { "https" } else { "http" };
    let mut call = Call {
        method: head.method,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        origin: format!("{scheme}://{host}"),
        headers: head.headers,
        body: Bytes::new(),
        request_id: Uuid::new_v4(),
    };
    if let Ok(whole) = Limited::new(body, LARGEST_BODY).collect().await {
        call.body = whole.to_bytes();
    } else {
        let refusal = Refusal::new(413, "RequestEntityTooLarge", "The request is too large.");
        return Ok(respond(Reply::refused(&call, refusal), Delivery::Whole));
    }
    let latency = {
        let mut tenant = tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if call.path == "/sandbox" || call.path.starts_with("/sandbox/") {
            return Ok(respond(knobs::answer(&mut tenant, &call), Delivery::Whole));
        }
        tenant.latency
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let mut tenant = tenant.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = tenant.answer(&call);
    let date = tenant.date();
    drop(tenant);
    match outcome {
        Outcome::Answer(mut reply, delivery) => {
            reply.headers.extend(date.map(|date| ("Date", date)));
            Ok(respond(reply, delivery))
        }
        Outcome::Cut => Err(CutOnPurpose),
    }
}

fn respond(reply: Reply, delivery: Delivery) -> Response<Body> {
    let (media, bytes) = match reply.content {
        Content::None => (None, Bytes::new()),
        Content::Json(body) => (Some(JSON), Bytes::from(body.to_string())),
        Content::Text(text) => (Some("text/plain"), Bytes::from(text)),
        Content::Html(text) => (Some("text/html; charset=utf-8"), Bytes::from(text)),
    };
    let mut builder = Response::builder().status(reply.status).header("OData-Version", "4.0");
    if let Some(media) = media {
        builder = builder.header(CONTENT_TYPE, media).header(CONTENT_LENGTH, bytes.len());
    }
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    // Fails only for a header value with control characters, which a client id could bring along.
    builder.body(deliver(bytes, delivery)).unwrap_or_else(|_| {
        let mut plain = Response::new(whole(Bytes::new()));
        *plain.status_mut() = hyper::StatusCode::BAD_REQUEST;
        plain
    })
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never: Infallible| match never {}).boxed()
}

fn deliver(bytes: Bytes, delivery: Delivery) -> Body {
    match delivery {
        Delivery::Whole => whole(bytes),
        Delivery::Slow(time) => {
            let (mut sender, body) = Channel::new(1);
            tokio::spawn(async move {
                let size = bytes.len().div_ceil(PIECES).max(1);
                for piece in bytes.chunks(size) {
                    tokio::time::sleep(time / u32::try_from(PIECES).unwrap_or(1)).await;
                    if sender.send_data(Bytes::copy_from_slice(piece)).await.is_err() {
                        return;
                    }
                }
            });
            body.boxed()
        }
        Delivery::Half => {
            let (mut sender, body) = Channel::new(1);
            tokio::spawn(async move {
                let _ = sender.send_data(bytes.slice(..bytes.len() / 2)).await;
                // Lets the first half leave before the connection ends.
                tokio::time::sleep(Duration::from_millis(20)).await;
                sender.abort(CutOnPurpose);
            });
            body.boxed()
        }
    }
}

/// In how many pieces a slow body comes.
const PIECES: usize = 10;
