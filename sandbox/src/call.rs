//! One request as the tenant sees it, whether it came alone or inside a batch, and its answer.

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use uuid::Uuid;

use crate::clock;
use crate::refusal::Refusal;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// As sent, percent-encoded, beginning with `/`.
    pub(crate) path: String,
    /// As sent, without the question mark.
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and host the client spoke to: links in answers begin with it (`graph.md` §1).
    pub(crate) origin: String,
    pub(crate) request_id: Uuid,
}

impl Call {
    /// A header's value, if it is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// What the client calls this request; our own id where it gave none.
    pub(crate) fn client_request_id(&self) -> String {
        self.header("client-request-id").map_or_else(|| self.request_id.to_string(), str::to_owned)
    }

    /// Whether the client can live with an index that lags (`graph.md` §3).
    pub(crate) fn eventual(&self) -> bool {
        self.header("ConsistencyLevel").is_some_and(|level| level.eq_ignore_ascii_case("eventual"))
    }

    /// Whether the client wants no body back.
    pub(crate) fn wants_minimal(&self) -> bool {
        self.header("Prefer").is_some_and(|prefer| prefer.contains("return=minimal"))
    }

    /// The body as a JSON object.
    pub(crate) fn json(&self) -> Result<serde_json::Map<String, Value>, Refusal> {
        if self.header("Content-Type").is_none() {
            return Err(Refusal::malformed_url(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            ));
        }
        let unreadable = || {
            Refusal::malformed_url(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )
        };
        let is_json = self
            .header("Content-Type")
            .and_then(|value| value.split(';').next())
            .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"));
        if !is_json {
            return Err(unreadable());
        }
        serde_json::from_slice(&self.body).map_err(|_| unreadable())
    }
}

/// The text a percent-encoded piece of a URL stands for.
pub(crate) fn decode(piece: &str) -> Result<String, Refusal> {
    percent_decode_str(piece)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Refusal::malformed_url("The request URL is not valid UTF-8."))
}

/// What an answer carries besides headers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    None,
    Json(Value),
    /// `text/plain`: a count.
    Text(String),
    /// `text/html`: what a proxy in between would send.
    Html(String),
}

/// What is answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
}

impl Reply {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), content: Content::Json(body) }
    }

    /// 204: done, nothing to say.
    pub(crate) fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), content: Content::None }
    }

    /// Graph's error body around a refusal (`graph.md` §1).
    pub(crate) fn refused(call: &Call, refusal: Refusal) -> Self {
        let mut inner = serde_json::json!({
            "date": clock::machine().without_zone(),
            "request-id": call.request_id.to_string(),
            "client-request-id": call.client_request_id(),
        });
        if refusal.status == 429 {
            inner["code"] = "429".into();
            inner["status"] = "429".into();
            inner["message"] = "Please retry after".into();
        }
        let mut error = serde_json::json!({
            "code": refusal.code,
            "message": refusal.message,
            "innerError": inner,
        });
        if !refusal.details.is_empty() {
            error["details"] = refusal.details.into();
        }
        Self {
            headers: refusal.headers,
            ..Self::json(refusal.status, serde_json::json!({ "error": error }))
        }
    }
}
