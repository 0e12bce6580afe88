//! The check itself: what breaks the contract is reported, with request line, pointer and reason.

use serde_json::{Value, json};

use crate::proxy::exchange::{Content, Exchange};
use crate::proxy::judgement::{Side, Violation, violations};
use crate::walk_of_the_sandbox::{Caller, person};

fn content(value: Value) -> Content {
    Content { media: "application/json".to_owned(), value }
}

fn exchange(
    method: &str,
    target: &str,
    sent: Option<Content>,
    status: u16,
    answer: Value,
) -> Exchange {
    let answered = Some(content(answer)).filter(|content| !content.value.is_null());
    let (method, target) = (method.to_owned(), target.to_owned());
    Exchange { method, target, sent, is_lost: false, status, request_id: None, answered }
}

/// The one violation there is.
#[track_caller]
fn only(exchange: &Exchange) -> Violation {
    let mut found = violations(exchange);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

#[track_caller]
fn is(violation: &Violation, side: Side, pointer: &str, reason: &str) {
    assert_eq!((violation.side, violation.pointer.as_str()), (side, pointer), "{violation}");
    assert!(violation.reason.contains(reason), "{violation}");
}

#[test]
fn a_property_that_the_schema_does_not_know_is_reported_through_the_proxy() {
    let caller = Caller::new();
    let mut body = person("kim");
    body["usageLocaton"] = json!("DE");
    let exchange = caller.send("POST", "/users", Some(body));
    assert_eq!(exchange.status, 400, "the sandbox refuses it too");
    let violation = only(&exchange);
    is(&violation, Side::Request, "", "usageLocaton");
    assert!(violation.to_string().starts_with("POST /v1.0/users: request"), "{violation}");
}

#[test]
fn a_wrong_type_in_a_real_answer_is_reported() {
    let caller = Caller::new();
    let real = caller.send("GET", "/users?$select=id,accountEnabled", None);
    assert_eq!(violations(&real), []);
    let mut altered = real;
    altered.answered.as_mut().unwrap().value["value"][0]["accountEnabled"] = json!("true");
    is(&only(&altered), Side::Answer, "/value/0/accountEnabled", "is not of type");
}

#[test]
fn a_wrong_type_in_a_request_is_reported() {
    let mut body = person("kim");
    body["passwordProfile"]["forceChangePasswordNextSignIn"] = json!("yes");
    let broken = exchange("POST", "/v1.0/users", Some(content(body)), 201, json!({ "id": "1" }));
    is(&only(&broken), Side::Request, "/passwordProfile/forceChangePasswordNextSignIn", "type");
}

#[test]
fn a_create_without_a_required_property_is_reported() {
    let mut body = person("kim");
    body.as_object_mut().unwrap().remove("mailNickname");
    let broken = exchange("POST", "/v1.0/users", Some(content(body)), 201, json!({ "id": "1" }));
    is(&only(&broken), Side::Request, "", "mailNickname");
}

#[test]
fn null_where_it_may_not_be_is_reported_and_annotations_are_ignored() {
    let item = json!({ "@odata.type": "#microsoft.graph.user", "id": null, "city": null,
        "manager@odata.context": 5 });
    let broken = exchange("GET", "/v1.0/users", None, 200, json!({ "value": [item] }));
    is(&only(&broken), Side::Answer, "/value/0/id", "type");
}

#[test]
fn a_directory_object_is_judged_by_its_own_type() {
    let path = "/v1.0/directory/deletedItems/00000000-0000-4000-8000-000000000000";
    let user = json!({ "@odata.type": "#microsoft.graph.user", "id": "1", "city": 5 });
    is(&only(&exchange("GET", path, None, 200, user)), Side::Answer, "/city", "type");
    let untold = json!({ "id": "1", "city": "Berlin" });
    is(&only(&exchange("GET", path, None, 200, untold)), Side::Answer, "", "city");
}

#[test]
fn paths_methods_and_query_options_that_are_not_there_are_reported() {
    let refusal = json!({ "error": { "code": "BadRequest", "message": "No.", "innerError": {
        "date": "2026-05-04T09:12:44", "request-id": "0b1c7a52-55ff-4f0e-8d2f-2f1c2b7f9a10" } } });
    let refused = |method: &str, target: &str| exchange(method, target, None, 400, refusal.clone());
    is(&only(&refused("GET", "/v1.0/user")), Side::Request, "", "no such method and path");
    is(&only(&refused("PUT", "/v1.0/users")), Side::Request, "", "no such method and path");
    is(&only(&refused("GET", "/v1.0/users?$tpo=5")), Side::Request, "", "$tpo");
    is(&only(&refused("GET", "/v1.0/users?$top=five")), Side::Request, "", "$top");
    is(&only(&refused("GET", "/v1.0/users?$select=id,cty")), Side::Request, "", "cty");
}

#[test]
fn statuses_and_bodies_that_are_not_described_are_reported() {
    let city = || Some(content(json!({ "city": "Berlin" })));
    let answered = exchange("PATCH", "/v1.0/users/1", city(), 200, json!({ "id": "1" }));
    is(&only(&answered), Side::Answer, "", "200, not 204");
    let with_body = exchange("PATCH", "/v1.0/users/1", city(), 204, json!({ "id": "1" }));
    is(&only(&with_body), Side::Answer, "", "204 has a body");
    let empty = exchange("GET", "/v1.0/users/1", None, 200, Value::Null);
    is(&only(&empty), Side::Answer, "", "missing");
}

#[test]
fn a_refusal_without_the_error_body_is_reported() {
    let bare = exchange("GET", "/v1.0/users/1", None, 404, Value::Null);
    is(&only(&bare), Side::Answer, "", "error body is missing");
    let no_date = json!({ "error": { "code": "x", "message": "y", "innerError": {
        "request-id": "0b1c7a52-55ff-4f0e-8d2f-2f1c2b7f9a10" } } });
    let broken = exchange("GET", "/v1.0/users/1", None, 404, no_date);
    is(&only(&broken), Side::Answer, "/error/innerError", "date");
}

#[test]
fn an_item_of_a_batch_is_reported_as_itself() {
    let headers = json!({ "Content-Type": "application/json" });
    let sent = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users/1?$select=id" },
        { "id": "2", "method": "PATCH", "url": "/users/2", "headers": headers, "body": { "cty": "x" } },
    ]});
    let answer = json!({ "responses": [
        { "id": "2", "status": 204 },
        { "id": "1", "status": 200, "headers": headers, "body": { "id": 1 } },
    ]});
    let found = violations(&exchange("POST", "/v1.0/$batch", Some(content(sent)), 200, answer));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert_eq!(found[0].request_line, "GET /v1.0/users/1?$select=id");
    is(&found[0], Side::Answer, "/id", "type");
    assert_eq!(found[1].request_line, "PATCH /v1.0/users/2");
    is(&found[1], Side::Request, "", "cty");
}

#[test]
fn an_item_of_a_batch_without_an_answer_is_reported() {
    let sent = json!({ "requests": [
        { "id": "1", "method": "GET", "url": "/users/1" },
        { "id": "2", "method": "GET", "url": "/users/2" },
    ]});
    let answer = json!({ "responses": [
        { "id": "1", "status": 200, "headers": { "Content-Type": "application/json" },
          "body": { "id": "1" } },
    ]});
    let broken = exchange("POST", "/v1.0/$batch", Some(content(sent)), 200, answer);
    is(&only(&broken), Side::Answer, "/responses", "not one for each");
}

#[test]
fn of_an_exchange_whose_answer_was_lost_the_request_is_judged() {
    let headers = json!({ "Content-Type": "application/json" });
    let item = json!({ "id": "1", "method": "PATCH", "url": "/users/2", "headers": headers, "body": { "cty": "x" } });
    let sent = Some(content(json!({ "requests": [item] })));
    let whole = exchange("POST", "/v1.0/$batch", sent, 0, Value::Null);
    is(&only(&Exchange { is_lost: true, ..whole }), Side::Request, "", "cty");
}

#[test]
#[should_panic(expected = "1 violations")]
fn a_story_in_which_the_contract_was_broken_fails_at_its_end() {
    let caller = Caller::new();
    let mut body = person("kim");
    body["usageLocaton"] = json!("DE");
    let answer = caller.tenant.graph_post("users", &body);
    assert!(answer["error"].is_object(), "{answer}");
}
