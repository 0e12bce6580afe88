//! An exchange held against the contract: everything that is wrong with it, on either side.

use std::fmt;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Value, json};

use super::contract::{CONTRACT, Judge, Operation};
use super::exchange::{Content, Exchange};

/// Who broke the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Request,
    Answer,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// `PATCH /v1.0/users/kim@contoso.com`.
    pub(crate) request_line: String,
    pub(crate) side: Side,
    /// Where in the body; empty for the whole of it, or for what isn't in the body.
    pub(crate) pointer: String,
    pub(crate) reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request_line, side, pointer, reason } = self;
        let side = match side {
            Side::Request => "request",
            Side::Answer => "answer",
        };
        write!(f, "{request_line}: {side} {pointer:?}: {reason}")
    }
}

/// Everything that is wrong with an exchange, the items of a batch included; nothing of one with Exchange
/// Online, as Graph's description judges Graph and the login host only.
pub(crate) fn violations(exchange: &Exchange) -> Vec<Violation> {
    if exchange.is_exchange_online() {
        return Vec::new();
    }
    let has_answer = !exchange.is_lost && !exchange.is_answered_by_a_page();
    let mut found = Vec::new();
    let mut add = |side, pointer: String, reason: String| {
        let request_line = format!("{} {}", exchange.method, exchange.target);
        found.push(Violation { request_line, side, pointer, reason });
    };
    match CONTRACT.find(&exchange.method, exchange.path()) {
        Some(operation) => {
            check_query(operation, exchange, &mut |reason| {
                add(Side::Request, String::new(), reason);
            });
            check_sent(operation, exchange, &mut |at, why| add(Side::Request, at, why));
            if has_answer {
                check_answer(operation, exchange, &mut |at, why| add(Side::Answer, at, why));
            }
        }
        None => {
            add(Side::Request, String::new(), "there is no such method and path".to_owned());
            if has_answer {
                let mut add = |at, why| add(Side::Answer, at, why);
                check_refusal(exchange, &CONTRACT.refusal, &mut add);
            }
        }
    }
    if has_answer && !exchange.every_item_is_answered() {
        add(
            Side::Answer,
            "/responses".to_owned(),
            "there is not one for each of the requests".to_owned(),
        );
    }
    for item in exchange.items() {
        found.extend(violations(&item));
    }
    found
}

fn check_query(operation: &Operation, exchange: &Exchange, add: &mut impl FnMut(String)) {
    for (option, text) in exchange.query() {
        // What a link to the next page holds besides is the service's own.
        if option == "$skiptoken" && operation.is_pageable {
            continue;
        }
        let Some(judge) = operation.query.get(&option) else {
            add(format!("there is no query option {option:?}"));
            continue;
        };
        let list = || text.split(',').collect::<Vec<_>>();
        let value = match option.as_str() {
            "$select" | "$orderby" | "$expand" => json!(list()),
            "$search" | "$filter" => json!(text),
            _ => serde_json::from_str(&text).unwrap_or_else(|_| json!(text)),
        };
        for (_, reason) in judge.faults(&value) {
            add(format!("{option}: {reason}"));
        }
        if option == "$select" {
            let unknown = list().into_iter().filter(|name| !operation.selectable.contains(*name));
            unknown.for_each(|name| add(format!("$select: there is no property {name:?}")));
        }
    }
}

fn check_sent(operation: &Operation, exchange: &Exchange, add: &mut impl FnMut(String, String)) {
    match (&operation.request, &exchange.sent) {
        (Some(expected), Some(sent)) => check_content(expected, sent, add),
        (None, Some(_)) => add(String::new(), "no body is taken here".to_owned()),
        (Some(_), None) if operation.needs_body => {
            add(String::new(), "a body is needed here".to_owned());
        }
        (_, None) => {}
    }
}

fn check_answer(operation: &Operation, exchange: &Exchange, add: &mut impl FnMut(String, String)) {
    let status = exchange.status;
    let exact = operation.answers.get(&status.to_string());
    let is_success = (200..300).contains(&status);
    if let Some(documented) = operation.documented_status
        && is_success
        && status != documented
    {
        add(String::new(), format!("the status is {status}, not {documented}"));
    }
    let class = if is_success { "2XX" } else { "default" };
    let described = exact.or_else(|| operation.answers.get(class));
    if !is_success && exchange.is_graph() {
        // Also where the description lists only some refusals: any request may meet 401 or 429.
        return check_refusal(exchange, &CONTRACT.refusal, add);
    }
    let Some(described) = described else {
        return add(String::new(), format!("the status {status} isn't described"));
    };
    match (described, &exchange.answered) {
        (_, Some(_)) if status == 204 => add(String::new(), "204 has a body".to_owned()),
        (Some(expected), Some(answered)) => check_content(expected, answered, add),
        (Some(_), None) if status != 204 => add(String::new(), "the body is missing".to_owned()),
        (None, Some(_)) => add(String::new(), "no body is described".to_owned()),
        (_, None) => {}
    }
}

/// The error body, everywhere (`graph.md` §1).
fn check_refusal(exchange: &Exchange, judge: &Judge, add: &mut impl FnMut(String, String)) {
    if exchange.status < 400 {
        return add(String::new(), format!("the status {} can't be a refusal", exchange.status));
    }
    let Some(Content { media, value }) = &exchange.answered else {
        return add(String::new(), "the error body is missing".to_owned());
    };
    if media != "application/json" {
        add(String::new(), format!("the media type is {media:?}, not JSON"));
    }
    for (pointer, reason) in judge.faults(value) {
        add(pointer, reason);
    }
    let inner = &value["error"]["innerError"];
    for fault in INNER_ERROR.iter_errors(inner) {
        add(format!("/error/innerError{}", fault.instance_path), fault.masked().to_string());
    }
    if let Some(id) = &exchange.request_id
        && inner["request-id"] != id.as_str()
    {
        add("/error/innerError/request-id".to_owned(), "is not the header's".to_owned());
    }
}

/// What `graph.md` §1 says of `innerError`; the description leaves it open.
static INNER_ERROR: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = json!({
        "type": "object",
        "required": ["date", "request-id"],
        "properties": {
            "date": { "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$" },
            "request-id": { "type": "string", "format": "uuid" },
            "client-request-id": { "type": "string", "minLength": 1 },
        },
    });
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

fn check_content(
    (media, judge): &(String, Judge),
    content: &Content,
    add: &mut impl FnMut(String, String),
) {
    if content.media != *media {
        add(String::new(), format!("the media type is {:?}, not {media:?}", content.media));
    }
    for (pointer, reason) in judge.faults(&content.value) {
        add(pointer, reason);
    }
}
