//! `acctsh sync --watch`: what is changed arrives by itself, until somebody stops it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::aftermath::tenant_takes;
use crate::person::{office_of, user};
use crate::running::wait_until;
use crate::story::{Ran, Shell, Tenant, bytes_under};

const FIRST: &str = "Kestrel-47-north";
const SECOND: &str = "Heron-52-south";

/// A watch, which has begun.
struct Watch {
    process: Child,
    log: std::thread::JoinHandle<Vec<String>>,
}

impl Watch {
    fn begins(shell: &Shell, options: &[&str]) -> Self {
        let arguments = [&["sync", "--watch"], options].concat();
        let mut process = shell.command(&arguments).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        assert!(first.contains("watching"), "{first}");
        let log = std::thread::spawn(move || {
            std::iter::once(first).chain(lines.map(Result::unwrap)).collect()
        });
        Self { process, log }
    }

    /// What systemd does to stop it. Gives its log.
    #[track_caller]
    fn stops(mut self) -> Vec<String> {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        assert_eq!(self.process.wait().unwrap().code(), Some(0));
        self.log.join().unwrap()
    }

    fn dies(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    for name in ["bob", "eva"] {
        shell.sets_password(name, "Sparrow-31-own").exits(0);
    }
    (tenant, shell)
}

fn arrives(tenant: &Tenant, shell: &Shell, name: &str, password: &str) -> Duration {
    let id = user(shell, name).link.unwrap().to_string();
    let begun = Instant::now();
    wait_until("the password arrives", || tenant_takes(tenant, &id, password));
    begun.elapsed()
}

#[test]
fn a_change_arrives_by_itself_and_the_watch_stops_when_it_is_told_to() {
    let (tenant, shell) = office();
    let watch = Watch::begins(&shell, &["--output", "jsonl"]);
    for (name, password) in [("bob", FIRST), ("eva", SECOND), ("bob", SECOND)] {
        shell.changed_password(name, password);
        println!("{name}: after {:?}", arrives(&tenant, &shell, name, password));
    }
    wait_until("the outbox is empty", || shell.waiting_passwords() == 0);
    shell.acctsh(&["doctor"]).exits(0).prints("acctsh sync --watch runs for").prints("3 delivered");
    let log = watch.stops();
    let entries: Vec<Value> = log
        .iter()
        .filter(|line| !line.starts_with("Stopping"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let delivered = entries.iter().filter(|entry| entry["message"] == "delivered");
    let users: Vec<&str> = delivered.map(|entry| entry["user"].as_str().unwrap()).collect();
    assert_eq!(users, ["bob", "eva", "bob"]);
    assert_eq!(entries.last().unwrap()["message"], "stopped");
    shell.acctsh(&["doctor"]).prints("was stopped");
}

#[test]
fn a_tenant_that_goes_and_comes_back_holds_nothing_up_for_good() {
    let (mut tenant, shell) = office();
    let watch = Watch::begins(&shell, &[]);
    tenant.kill();
    shell.changed_password("bob", FIRST);
    wait_until("doctor knows", || {
        let is_said = |line: &str| {
            line.contains("acctsh sync --watch runs for") && line.contains("can't be reached")
        };
        shell.acctsh(&["doctor"]).out.lines().any(is_said)
    });
    tenant.restart(&[]);
    arrives(&tenant, &shell, "bob", FIRST);
    let log = watch.stops().join("\n");
    assert!(log.contains("out of reach") && log.contains("delivered"), "{log}");
}

#[test]
fn there_is_one_watch_for_a_profile() {
    let (_tenant, shell) = office();
    let watch = Watch::begins(&shell, &[]);
    shell
        .acctsh(&["sync", "--watch"])
        .exits(4)
        .says("another acctsh keeps the profile contoso in step");
    shell.acctsh(&["sync"]).exits(4).says("it delivers what waits");
    watch.stops();
    shell.acctsh(&["sync"]).exits(0);
}

#[test]
fn killed_at_any_moment_the_next_one_goes_on() {
    let (tenant, shell) = office();
    let slow = json!([{ "kind": "slow_body", "millis": 60, "method": "PATCH", "path": "/v1.0/users/*", "rate": 0.5, "seed": 4 }]);
    tenant.knob("POST", "faults", Some(slow));
    for round in 0..8_u64 {
        let password = format!("Round-{round}-of-eight");
        let watch = Watch::begins(&shell, &[]);
        shell.changed_password("bob", &password);
        std::thread::sleep(Duration::from_millis(30 * round));
        watch.dies();
    }
    let watch = Watch::begins(&shell, &[]);
    arrives(&tenant, &shell, "bob", "Round-7-of-eight");
    wait_until("the outbox is empty", || shell.waiting_passwords() == 0);
    watch.stops();
    assert_eq!(shell.password_state("bob"), "in step");
}

#[test]
fn its_log_at_the_highest_level_and_all_it_writes_hold_no_password() {
    let (tenant, shell) = office();
    let watch = Watch::begins(&shell, &["-vv"]);
    shell.changed_password("bob", FIRST);
    arrives(&tenant, &shell, "bob", FIRST);
    shell.changed_password("eva", "Käfig-Sommer-47");
    wait_until("it is refused", || shell.password_state("eva") == "refused");
    let log = watch.stops().join("\n");
    assert!(log.contains("PATCH") && log.contains("refused"), "the log is there:\n{log}");
    for secret in [FIRST, "Käfig-Sommer-47", "Sommer-47"] {
        assert!(!log.contains(secret), "a password is in the log");
        for (path, bytes) in [bytes_under(&shell.home()), bytes_under(&shell.folder())].concat() {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a password is in {}", path.display());
        }
    }
    let _: Ran = shell.acctsh(&["plan", "list"]).exits(0);
}
