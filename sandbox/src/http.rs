//! Between the socket and the tenant: reads a request whole, waits the latency, writes the answer, or
//! ends the connection without one.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Request, Response};
use uuid::Uuid;

use crate::call::{Call, Content, Reply};
use crate::knobs;
use crate::refusal::Refusal;
use crate::tenant::{Outcome, Tenant};

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
    let mut call = Call {
        method: head.method,
        path,
        query: head.uri.query().unwrap_or_default().to_owned(),
        origin: format!("http://{host}"),
        headers: head.headers,
        body: Bytes::new(),
        request_id: Uuid::new_v4(),
    };
    match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(whole) => call.body = whole.to_bytes(),
        Err(_) => {
            let refusal = Refusal::new(413, "RequestEntityTooLarge", "The request is too large.");
            return Ok(respond(Reply::refused(&call, refusal)));
        }
    }
    let latency = {
        let mut tenant = tenant.lock().unwrap_or_else(PoisonError::into_inner);
        if call.path == "/sandbox" || call.path.starts_with("/sandbox/") {
            return Ok(respond(knobs::answer(&mut tenant, &call)));
        }
        tenant.latency
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let outcome = tenant.lock().unwrap_or_else(PoisonError::into_inner).answer(&call);
    match outcome {
        Outcome::Answer(reply) => Ok(respond(reply)),
        Outcome::Cut => Err(CutOnPurpose),
    }
}

fn respond(reply: Reply) -> Response<Body> {
    let (media, bytes) = match reply.content {
        Content::None => (None, Bytes::new()),
        Content::Json(body) => (Some(JSON), Bytes::from(body.to_string())),
        Content::Text(text) => (Some("text/plain"), Bytes::from(text)),
        Content::Html(text) => (Some("text/html; charset=utf-8"), Bytes::from(text)),
    };
    let mut builder = Response::builder().status(reply.status).header("OData-Version", "4.0");
    if let Some(media) = media {
        builder = builder.header(CONTENT_TYPE, media);
    }
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(bytes).map_err(|never: Infallible| match never {}).boxed();
    // Fails only for a header value with control characters, which a client id could bring along.
    builder.body(body).unwrap_or_else(|_| {
        let mut plain = Response::new(
            Full::new(Bytes::new()).map_err(|never: Infallible| match never {}).boxed(),
        );
        *plain.status_mut() = hyper::StatusCode::BAD_REQUEST;
        plain
    })
}
