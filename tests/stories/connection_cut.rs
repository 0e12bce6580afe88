//! The connection is cut before or after the tenant did what it was asked: the end is the same.

use serde_json::json;

use crate::aftermath::{expect_complete, expect_nothing_left, names};
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
const PEOPLE: usize = 12;
const CREATE: &str = "/v1.0/users";
const LICENSE: &str = "/v1.0/users/*/assignLicense";

/// Runs the job while these faults happen, and expects the end of a run without any.
fn comes_to_the_same_end(orders: serde_json::Value) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE));
    tenant.knob("POST", "faults", Some(orders));
    shell.acctsh(JOB).exits(0).says(&format!("{PEOPLE} done"));
    let left = tenant.knob("GET", "faults", None);
    assert_eq!(left["pending"], json!([]), "every fault has happened");
    expect_complete(&shell, &tenant, &names(1..=PEOPLE));
    expect_nothing_left(&shell, JOB, PEOPLE);
}

fn cut(kind: &str, path: &str, skip: usize, times: usize) -> serde_json::Value {
    json!({ "kind": kind, "method": "POST", "path": path, "skip": skip, "times": times })
}

#[test]
fn before_one_account_is_made() {
    comes_to_the_same_end(cut("cut_before", CREATE, 4, 1));
}

#[test]
fn after_one_account_is_made() {
    comes_to_the_same_end(cut("cut_after", CREATE, 4, 1));
}

#[test]
fn before_one_licence_is_assigned() {
    comes_to_the_same_end(cut("cut_before", LICENSE, 4, 1));
}

#[test]
fn after_one_licence_is_assigned() {
    comes_to_the_same_end(cut("cut_after", LICENSE, 4, 1));
}

#[test]
fn before_every_account_is_made() {
    comes_to_the_same_end(cut("cut_before", CREATE, 0, PEOPLE));
}

#[test]
fn after_every_account_is_made() {
    comes_to_the_same_end(cut("cut_after", CREATE, 0, PEOPLE));
}

#[test]
fn before_every_licence_is_assigned() {
    comes_to_the_same_end(cut("cut_before", LICENSE, 0, PEOPLE));
}

#[test]
fn after_every_licence_is_assigned() {
    comes_to_the_same_end(cut("cut_after", LICENSE, 0, PEOPLE));
}

#[test]
fn in_the_middle_of_the_answer_about_an_account() {
    comes_to_the_same_end(cut("half_body", CREATE, 4, 1));
}

#[test]
fn in_the_middle_of_the_answer_about_a_licence() {
    comes_to_the_same_end(cut("half_body", LICENSE, 4, 1));
}

#[test]
fn in_all_these_ways_at_once() {
    comes_to_the_same_end(json!([
        cut("cut_after", CREATE, 0, 4),
        cut("cut_before", CREATE, 2, 4),
        cut("cut_after", LICENSE, 0, 4),
        cut("cut_before", LICENSE, 2, 4),
        { "kind": "cut_after", "method": "PATCH", "path": "/v1.0/users/*", "times": 2 },
    ]));
}
