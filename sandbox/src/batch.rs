//! `$batch`: up to 20 requests in one (`graph.md` §12). Takes the batch apart and says in which order its
//! items run; running them is the tenant's.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method};
use rand::seq::SliceRandom;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::{Call, Content, Reply};
use crate::refusal::Refusal;

const MOST: usize = 20;

/// One request of a batch.
#[derive(Debug)]
pub(crate) struct Item {
    /// As the client wrote it.
    pub(crate) id: String,
    pub(crate) call: Call,
    /// Positions of the items that must have succeeded before.
    pub(crate) after: BTreeSet<usize>,
}

fn malformed(message: impl Into<String>) -> Refusal {
    Refusal::malformed_url(message)
}

/// Takes a batch apart; whatever is wrong with its form refuses it as a whole.
pub(crate) fn parse(outer: &Call) -> Result<Vec<Item>, Refusal> {
    let body = outer.json()?;
    let requests = body
        .get("requests")
        .and_then(Value::as_array)
        .ok_or_else(|| malformed("Invalid batch payload format."))?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(malformed(format!(
            "Number of batch requests must be between 1 and {MOST}, but is {}.",
            requests.len()
        )));
    }
    let mut positions = BTreeMap::new();
    let mut items = Vec::new();
    for (at, request) in requests.iter().enumerate() {
        let request =
            request.as_object().ok_or_else(|| malformed("Invalid batch payload format."))?;
        let id = request
            .get("id")
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty())
            .ok_or_else(|| malformed("Every request of a batch must have an id."))?;
        if positions.insert(id.to_lowercase(), at).is_some() {
            return Err(malformed(format!("Request id '{id}' is not unique in the batch.")));
        }
        let call = inner_call(outer, id, request)?;
        items.push(Item { id: id.to_owned(), call, after: BTreeSet::new() });
    }
    for (item, request) in items.iter_mut().zip(requests) {
        item.after = dependencies(&request["dependsOn"], &positions)?;
    }
    check_order(&items)?;
    Ok(items)
}

fn inner_call(outer: &Call, id: &str, request: &Map<String, Value>) -> Result<Call, Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let method = match text("method").map(str::to_ascii_uppercase).as_deref() {
        Some("GET") => Method::GET,
        Some("POST") => Method::POST,
        Some("PUT") => Method::PUT,
        Some("PATCH") => Method::PATCH,
        Some("DELETE") => Method::DELETE,
        _ => return Err(malformed(format!("Request id '{id}' has no valid method."))),
    };
    let url = text("url").ok_or_else(|| malformed(format!("Request id '{id}' has no url.")))?;
    if url.contains("://") {
        return Err(malformed(format!("The url of request id '{id}' must be relative.")));
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let headers = inner_headers(outer, id, request.get("headers"))?;
    let body = match request.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(_) if !headers.contains_key(CONTENT_TYPE) => {
            return Err(malformed(format!(
                "Write request id : {id} does not contain Content-Type header or body."
            )));
        }
        Some(body) => Bytes::from(body.to_string()),
    };
    Ok(Call {
        method,
        path: format!("/v1.0/{}", path.trim_start_matches('/')),
        query: query.to_owned(),
        headers,
        body,
        origin: outer.origin.clone(),
        request_id: Uuid::new_v4(),
    })
}

fn inner_headers(outer: &Call, id: &str, given: Option<&Value>) -> Result<HeaderMap, Refusal> {
    let wrong = || malformed(format!("The headers of request id '{id}' are not valid."));
    let mut headers = HeaderMap::new();
    match given {
        None | Some(Value::Null) => {}
        Some(Value::Object(given)) => {
            for (name, value) in given {
                let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong())?;
                let value = value.as_str().ok_or_else(wrong)?;
                headers.insert(name, HeaderValue::from_str(value).map_err(|_| wrong())?);
            }
        }
        Some(_) => return Err(wrong()),
    }
    // Every item is asked for by whoever sends the batch.
    if let Some(authorization) = outer.headers.get(AUTHORIZATION) {
        headers.insert(AUTHORIZATION, authorization.clone());
    }
    Ok(headers)
}

fn dependencies(
    given: &Value,
    positions: &BTreeMap<String, usize>,
) -> Result<BTreeSet<usize>, Refusal> {
    let ids = match given {
        Value::Null => return Ok(BTreeSet::new()),
        Value::Array(ids) => ids,
        _ => return Err(malformed("dependsOn must be a list of ids.")),
    };
    ids.iter()
        .map(|id| {
            let id = id.as_str().unwrap_or_default();
            positions.get(&id.to_lowercase()).copied().ok_or_else(|| {
                malformed(format!("dependsOn names '{id}', which is not in the batch."))
            })
        })
        .collect()
}

fn check_order(items: &[Item]) -> Result<(), Refusal> {
    let mut done = BTreeSet::new();
    while done.len() < items.len() {
        let ready: Vec<usize> = ready(items, &done);
        if ready.is_empty() {
            return Err(malformed("The requests of the batch depend on each other in a circle."));
        }
        done.extend(ready);
    }
    Ok(())
}

/// The items not yet done whose predecessors are.
pub(crate) fn ready(items: &[Item], done: &BTreeSet<usize>) -> Vec<usize> {
    (0..items.len())
        .filter(|at| !done.contains(at))
        .filter(|at| items.get(*at).is_some_and(|item| item.after.is_subset(done)))
        .collect()
}

/// The object an item writes to, if it writes to one that exists.
pub(crate) fn written(item: &Item) -> Option<String> {
    let mut pieces = item.call.path.split('/').skip(2);
    let (collection, object) = (pieces.next()?, pieces.next()?);
    (item.call.method != Method::GET).then(|| format!("{collection}/{object}").to_ascii_lowercase())
}

/// Whether one item runs only after another, by whatever chain.
pub(crate) fn follows(items: &[Item], later: usize, earlier: usize) -> bool {
    items.get(later).is_some_and(|item| {
        item.after.iter().any(|before| *before == earlier || follows(items, *before, earlier))
    })
}

/// Puts the answers into one, in an order that says nothing.
pub(crate) fn compose(mut answers: Vec<(String, Reply)>) -> Reply {
    answers.shuffle(&mut rand::rng());
    let responses: Vec<Value> =
        answers.into_iter().map(|(id, reply)| response(&id, reply)).collect();
    Reply::json(200, json!({ "responses": responses }))
}

fn response(id: &str, reply: Reply) -> Value {
    let mut headers: Map<String, Value> =
        reply.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut response = json!({ "id": id, "status": reply.status });
    let (media, body) = match reply.content {
        Content::None => (None, None),
        Content::Json(body) => (Some("application/json"), Some(body)),
        Content::Text(text) => (Some("text/plain"), Some(Value::String(text))),
        Content::Html(text) => (Some("text/html"), Some(Value::String(text))),
    };
    if let Some(media) = media {
        headers.insert("Content-Type".to_owned(), media.into());
    }
    response["headers"] = Value::Object(headers);
    if let Some(body) = body {
        response["body"] = body;
    }
    response
}
