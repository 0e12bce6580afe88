//! Every kind of fault × every write of a new account: met a few times it is overcome, met for ever by
//! one person it is named, and a resume finishes once it is over. Nothing twice, seats exact.
//!
//! The write of the user is the directory's. An embedded directory is a file: what it can meet is
//! another process that keeps the file, and a row that the file doesn't take. Both are made to happen
//! from outside, with the file's own means: a write lock, and a trigger.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::aftermath::{self, events, expect_complete, expect_nothing_left, names, results, runs};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, is_not_of_a_domain, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes", "--results", "r.csv"];
const PEOPLE: usize = 12;

/// What is struck: where the requests of a write go.
const CREATE: &str = "/v1.0/users";
const LICENSE: &str = "/v1.0/users/*/assignLicense";
/// The request in which many of either travel together.
const BATCH: &str = "/v1.0/$batch";

/// Every kind that the sandbox has. "After" is after the effect.
fn kinds() -> Vec<(&'static str, Value)> {
    vec![
        ("429 with Retry-After", json!({ "kind": "too_many_requests", "retry_after": 0.1 })),
        ("429 without Retry-After", json!({ "kind": "too_many_requests" })),
        ("503 with Retry-After", json!({ "kind": "service_unavailable", "retry_after": 0.1 })),
        ("503 without Retry-After", json!({ "kind": "service_unavailable" })),
        ("500 before", json!({ "kind": "server_error" })),
        ("500 after", json!({ "kind": "server_error", "took_effect": true })),
        ("504 before", json!({ "kind": "gateway_timeout" })),
        ("504 after", json!({ "kind": "gateway_timeout", "took_effect": true })),
        ("409", json!({ "kind": "conflict" })),
        ("cut before", json!({ "kind": "cut_before" })),
        ("cut after", json!({ "kind": "cut_after" })),
        ("slow", json!({ "kind": "slow_body", "millis": 300 })),
        ("half an answer", json!({ "kind": "half_body" })),
        ("HTML, 502", json!({ "kind": "html" })),
        ("HTML, 200", json!({ "kind": "html", "status": 200 })),
        ("token expired", json!({ "kind": "expire_tokens" })),
    ]
}

/// Whether it keeps nobody from being done, however often it is met: late is not lost, and of the
/// answer to a licence the status is enough.
fn is_harmless(kind: &str, path: &str) -> bool {
    matches!((kind, path), ("slow", _) | ("half an answer", LICENSE))
}

fn order(kind: &Value, path: &str, how_often: Value) -> Value {
    let mut order = kind.clone();
    let members = order.as_object_mut().unwrap();
    members.insert("method".to_owned(), json!("POST"));
    members.insert("path".to_owned(), json!(path));
    members.extend(how_often.as_object().unwrap().clone());
    order
}

fn tenant_and_shell(patience: u32) -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    let profile = tenant.profile();
    let patience = format!("patience_seconds = {patience}");
    shell.config(&profile.replace("patience_seconds = 5", &patience));
    shell.file("people.csv", &people(PEOPLE));
    (tenant, shell)
}

/// Those who have a line that says why they aren't done.
fn expect_each_is_named(shell: &Shell) -> Vec<String> {
    let mut not_done = aftermath::expect_each_is_named(shell, "r.csv", &names(1..=PEOPLE));
    let results = results(shell, "r.csv");
    not_done.retain(|user| {
        results.iter().any(|line| line["user"] == *user && line["outcome"] != "open")
    });
    not_done
}

fn expect_all_done(shell: &Shell, tenant: &Tenant) {
    assert_eq!(expect_each_is_named(shell), Vec::<String>::new());
    assert!(results(shell, "r.csv").iter().all(|line| line["outcome"] == "done"));
    assert_eq!(runs(shell)[0].1, "finished");
    expect_complete(shell, tenant, &names(1..=PEOPLE));
    expect_nothing_left(shell, JOB, PEOPLE);
}

/// Some of the requests meet it, and some meet it again: the run overcomes it.
fn a_few_times(kind: &Value, path: &str) {
    let (tenant, shell) = tenant_and_shell(60);
    let skip = if path == BATCH { 0 } else { 2 };
    tenant.knob(
        "POST",
        "faults",
        Some(order(kind, path, json!({ "skip": skip, "victims": 4, "times": 6 }))),
    );
    shell.acctsh(JOB).exits(0).says(&format!("{PEOPLE} done"));
    let left = tenant.knob("GET", "faults", None);
    assert_ne!(left["pending"][0]["times"], 6, "nothing met it");
    tenant.knob("DELETE", "faults", None);
    expect_all_done(&shell, &tenant);
}

/// One person meets it again and again, beyond all patience.
fn for_ever(name: &str, kind: &Value, path: &str) {
    let (tenant, shell) = tenant_and_shell(2);
    tenant.knob("POST", "faults", Some(order(kind, path, json!({ "skip": 4, "victims": 1 }))));
    let ran = shell.acctsh(JOB);
    if ran.exit != 0 {
        let not_done = expect_each_is_named(&shell);
        assert!(!not_done.is_empty(), "nobody is named:\n{}", ran.out);
        let run = shell.newest_run();
        let ran = ran.exits(7).says(&format!("acctsh plan resume {run}"));
        for user in not_done {
            assert!(ran.out.contains(&user), "{user} is not in:\n{}", ran.out);
        }
        let seats = tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"].clone();
        assert!(seats.as_u64().unwrap() <= PEOPLE as u64, "{seats} seats");
        tenant.knob("DELETE", "faults", None);
        let resumed = shell.acctsh(&["plan", "resume", &run, "--yes"]);
        resumed.exits(0).says(&format!("{PEOPLE} done"));
    } else {
        assert!(is_harmless(name, path), "the run overcame what never ends");
        tenant.knob("DELETE", "faults", None);
    }
    expect_all_done(&shell, &tenant);
}

/// One cell of the matrix.
struct Cell {
    name: String,
    tell: Box<dyn Fn() + Send + Sync>,
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (name, kind) in kinds() {
        for (write, path) in [("create account", CREATE), ("assign licence", LICENSE)] {
            let once = kind.clone();
            cells.push(Cell {
                name: format!("{name} × {write}, a few times"),
                tell: Box::new(move || a_few_times(&once, path)),
            });
            let ever = kind.clone();
            cells.push(Cell {
                name: format!("{name} × {write}, for ever"),
                tell: Box::new(move || for_ever(name, &ever, path)),
            });
        }
        cells.push(Cell {
            name: format!("{name} × whole batches, a few times"),
            tell: Box::new(move || a_few_times(&kind, BATCH)),
        });
    }
    if is_not_of_a_domain("a file that is locked or refuses a row") {
        return cells;
    }
    cells.push(Cell {
        name: "file locked × create user, for a while".to_owned(),
        tell: Box::new(|| a_locked_directory(false)),
    });
    cells.push(Cell {
        name: "file locked × create user, for ever".to_owned(),
        tell: Box::new(|| a_locked_directory(true)),
    });
    cells.push(Cell {
        name: "row refused by the file × create user, for ever".to_owned(),
        tell: Box::new(a_row_that_the_directory_does_not_take),
    });
    cells
}

/// The directory's file, made and seen by another program.
fn another_program_at_the_directory(shell: &Shell) -> Connection {
    shell.acctsh(&["-c", "accounts().len()"]).exits(0);
    Connection::open(shell.home().join("profiles/contoso/directory.db")).unwrap()
}

fn a_locked_directory(for_ever: bool) {
    let (tenant, shell) = tenant_and_shell(if for_ever { 1 } else { 60 });
    let other = another_program_at_the_directory(&shell);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut running = shell.start(JOB);
    wait_until("the first users are to be written", || running.has_ended() || events(&shell) > 0);
    if for_ever {
        let ran = running.ends().exits(7).says("locked");
        let run = shell.newest_run();
        ran.says(&format!("acctsh plan resume {run}"));
        assert!(!expect_each_is_named(&shell).is_empty());
        assert_eq!(tenant.summary()["users"], 1, "nobody online without a user");
        other.execute_batch("COMMIT").unwrap();
        let resumed = shell.acctsh(&["plan", "resume", &run, "--yes"]);
        resumed.exits(0).says(&format!("{PEOPLE} done"));
    } else {
        // Long enough that all who may be under way have met it.
        std::thread::sleep(Duration::from_millis(500));
        other.execute_batch("COMMIT").unwrap();
        running.ends().exits(0).says(&format!("{PEOPLE} done"));
    }
    expect_all_done(&shell, &tenant);
}

fn a_row_that_the_directory_does_not_take() {
    let (tenant, shell) = tenant_and_shell(1);
    let other = another_program_at_the_directory(&shell);
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON users WHEN new.name = 'person.0005'
             BEGIN SELECT RAISE(ABORT, 'no room'); END",
        )
        .unwrap();
    let ran = shell.acctsh(JOB).exits(7);
    let run = shell.newest_run();
    ran.says(&format!("acctsh plan resume {run}"));
    assert_eq!(expect_each_is_named(&shell), ["person.0005"]);
    other.execute_batch("DROP TRIGGER full").unwrap();
    let resumed = shell.acctsh(&["plan", "resume", &run, "--yes"]);
    resumed.exits(0).says(&format!("{PEOPLE} done"));
    expect_all_done(&shell, &tenant);
}

#[test]
fn whatever_goes_wrong_with_whichever_write() {
    let cells = cells();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    // They mostly wait, each for its own tenant.
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let told = std::panic::AssertUnwindSafe(&cell.tell);
                    if std::panic::catch_unwind(told).is_err() {
                        println!("^ {}", cell.name);
                        failed.lock().unwrap().push(cell.name.as_str());
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} cells:\n{}", failed.len(), cells.len(), failed.join("\n"));
}
