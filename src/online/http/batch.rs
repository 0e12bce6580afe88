//! `$batch`: up to twenty calls in one request, and their answers taken apart (`graph.md §12`).
//!
//! What doesn't belong here: which calls go together, and sending.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::wire::{Answer, is_page, quota_used};
use super::{Call, priority, retry_after};
use crate::online::OnlineFault;

/// The most calls that go together.
pub(super) const MOST: usize = 20;

/// Calls as one request's body.
#[derive(Serialize)]
pub(in crate::online) struct Batch<'a> {
    requests: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    id: String,
    method: &'a str,
    url: &'a str,
    headers: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a Value>,
}

impl<'a> Batch<'a> {
    /// The calls, each under its position.
    pub(super) fn of(calls: impl Iterator<Item = &'a Call>) -> Self {
        Self { requests: calls.enumerate().map(|(at, call)| item(at, call)).collect() }
    }
}

fn item(at: usize, call: &Call) -> Item<'_> {
    let mut headers = Map::new();
    headers.insert(priority::HEADER.to_owned(), priority::BULK.into());
    if call.body.is_some() {
        headers.insert("Content-Type".to_owned(), "application/json".into());
    }
    if call.is_eventual {
        headers.insert("ConsistencyLevel".to_owned(), "eventual".into());
    }
    Item {
        id: at.to_string(),
        method: call.method.as_str(),
        url: &call.target,
        headers,
        body: call.body.as_ref(),
    }
}

#[derive(Deserialize)]
struct Responses {
    responses: Vec<Value>,
}

#[derive(Deserialize)]
struct Response {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, Value>>,
    #[serde(default)]
    body: Option<Value>,
}

/// The answers to that many calls by position; `None` for a call that has none, or several.
pub(super) fn answers(outer: &Answer, calls: usize) -> Result<Vec<Option<Answer>>, OnlineFault> {
    let responses: Responses = serde_json::from_slice(outer.body())
        .map_err(|error| OnlineFault::bad_answer(format!("batch: {error}")))?;
    let mut answers: Vec<Option<Answer>> = (0..calls).map(|_| None).collect();
    let mut seen = vec![false; calls];
    for response in responses.responses {
        let Ok(response) = serde_json::from_value::<Response>(response) else { continue };
        let Ok(at) = response.id.parse::<usize>() else { continue };
        if let (Some(slot), Some(seen)) = (answers.get_mut(at), seen.get_mut(at)) {
            // Of two answers to one call neither can be believed.
            *slot = (!*seen).then(|| answer(response, outer));
            *seen = true;
        }
    }
    wait_for_the_longest(&mut answers);
    Ok(answers)
}

fn answer(response: Response, outer: &Answer) -> Answer {
    let headers = response.headers.unwrap_or_default();
    let header = |wanted: &str| {
        let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let in_error = || response.body.as_ref()?.pointer("/error/innerError/request-id")?.as_str();
    Answer {
        status: response.status,
        request_id: header("request-id")
            .or_else(|| in_error().map(str::to_owned))
            .map_or_else(|| outer.request_id.clone(), String::into_boxed_str),
        clock_ahead: outer.clock_ahead,
        retry_after: header("retry-after")
            .and_then(|text| retry_after::parse(&text, Timestamp::now())),
        diagnostics: None,
        quota_used: quota_used(header("x-ms-throttle-limit-percentage").as_deref()),
        is_page: is_page(header("content-type").as_deref()),
        body: Ok(match response.body {
            None | Some(Value::Null) => Vec::new(),
            // What isn't JSON comes as a text.
            Some(Value::String(text)) => text.into_bytes(),
            Some(body) => body.to_string().into_bytes(),
        }),
    }
}

/// All throttled calls of a batch wait for the one that waits longest (`graph.md §12`).
fn wait_for_the_longest(answers: &mut [Option<Answer>]) {
    let throttled = || |answer: &&mut Answer| matches!(answer.status, 429 | 503);
    let longest = answers.iter_mut().flatten().filter(throttled()).filter_map(|a| a.retry_after);
    let Some(longest) = longest.max() else { return };
    for answer in answers.iter_mut().flatten().filter(throttled()) {
        answer.retry_after = Some(longest);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn outer(body: &str) -> Answer {
        Answer {
            status: 200,
            request_id: "outer".into(),
            clock_ahead: None,
            retry_after: None,
            quota_used: None,
            diagnostics: None,
            is_page: false,
            body: Ok(body.as_bytes().to_vec()),
        }
    }

    #[test]
    fn calls_are_written_as_graph_takes_them() {
        let calls = [
            Call::post("/users", json!({ "displayName": "Eva" })),
            Call::look_up("/users?$filter=x%20eq%20%271%27").eventual(),
        ];
        let text = serde_json::to_string(&Batch::of(calls.iter())).unwrap();
        insta::assert_snapshot!(text, @r#"{"requests":[{"id":"0","method":"POST","url":"/users","headers":{"Content-Type":"application/json","x-ms-throttle-priority":"low"},"body":{"displayName":"Eva"}},{"id":"1","method":"GET","url":"/users?$filter=x%20eq%20%271%27","headers":{"ConsistencyLevel":"eventual","x-ms-throttle-priority":"low"}}]}"#);
    }

    #[test]
    fn answers_come_in_any_order_and_each_finds_its_call() {
        let body = json!({ "responses": [
            { "id": "1", "status": 400, "body": { "error": { "code": "Request_BadRequest",
                "message": "No.", "innerError": { "request-id": "inner" } } } },
            { "id": "0", "status": 204, "headers": { "Request-Id": "first",
                "x-ms-throttle-limit-percentage": "0.91" } },
        ]});
        let answers = answers(&outer(&body.to_string()), 2).unwrap();
        let told = |at: usize| answers[at].as_ref().map(|a| (a.status, &*a.request_id)).unwrap();
        assert_eq!((told(0), told(1)), ((204, "first"), (400, "inner")));
        assert_eq!(answers[0].as_ref().unwrap().quota_used, Some(0.91));
    }

    #[test]
    fn throttled_calls_all_wait_for_the_longest_among_them() {
        let body = json!({ "responses": [
            { "id": "0", "status": 429, "headers": { "Retry-After": "2" } },
            { "id": "1", "status": 201, "body": {} },
            { "id": "2", "status": 503, "headers": { "retry-after": "11" } },
            { "id": "3", "status": 429 },
        ]});
        let answers = answers(&outer(&body.to_string()), 4).unwrap();
        let waits: Vec<Option<u64>> = answers
            .iter()
            .map(|answer| answer.as_ref()?.retry_after.as_ref().map(Duration::as_secs))
            .collect();
        assert_eq!(waits, [Some(11), None, Some(11), Some(11)]);
    }

    #[test]
    fn missing_unknown_doubled_and_misshapen_answers_leave_their_calls_without_one() {
        let body = json!({ "responses": [
            { "id": "0", "status": 201 }, { "id": "0", "status": 400 }, { "id": "0", "status": 400 },
            { "id": "7", "status": 201 }, { "id": "x", "status": 201 },
            { "id": "1", "status": "201" }, { "status": 201 }, 7,
            { "id": "3", "status": 201 },
        ]});
        let answers = answers(&outer(&body.to_string()), 4).unwrap();
        let answered: Vec<bool> = answers.iter().map(Option::is_some).collect();
        assert_eq!(answered, [false, false, false, true]);
    }

    #[test]
    fn what_is_no_batch_answer_is_said_so() {
        for body in ["<html></html>", "{}", r#"{"responses": 7}"#, r#"{"responses": [{"id""#] {
            assert!(answers(&outer(body), 2).is_err(), "{body}");
        }
    }
}
