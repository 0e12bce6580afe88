//! A run under throttle, lag and faults at once, killed twenty times, with SIGKILL, and resumed:
//! nothing lost, nothing twice.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::aftermath::{
    events, expect_complete, expect_each_is_named, expect_nothing_left, names, online_accounts,
    runs,
};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes", "--results", "r.csv"];
const PEOPLE: usize = 120;
/// Each person is four steps, and each step begins and ends.
const EVENTS: u32 = 120 * 8;
const KILLS: u32 = 20;
/// How much faster than Graph's the tenant's quota clock runs: 40 writes a second.
const TIME_SCALE: f64 = 2.0;

/// A tenant with a quota and a lag, where every tenth request to make, license or read a user
/// meets a fault.
fn tenant_under_load() -> Tenant {
    let tenant = Tenant::start(&["--latency", "2"]);
    let settings = json!({ "throttle": true, "time_scale": TIME_SCALE, "lag": { "random": { "seed": 2032, "max_ms": 150 } } });
    tenant.knob("PUT", "settings", Some(settings));
    let faults = [
        json!({ "kind": "service_unavailable", "retry_after": 0.05, "rate": 0.02 }),
        json!({ "kind": "server_error", "took_effect": true, "rate": 0.02 }),
        json!({ "kind": "gateway_timeout", "rate": 0.02 }),
        json!({ "kind": "conflict", "rate": 0.02 }),
        json!({ "kind": "html", "rate": 0.01 }),
        json!({ "kind": "cut_after", "rate": 0.005 }),
        json!({ "kind": "half_body", "rate": 0.005 }),
    ];
    let struck = ["POST", "GET"].into_iter().flat_map(|method| {
        faults.clone().into_iter().map(move |mut order| {
            order["method"] = json!(method);
            order["path"] = json!("/v1.0/users/**");
            order
        })
    });
    let orders = struck.zip(2033_u64..).map(|(mut order, seed)| {
        order["seed"] = json!(seed);
        order
    });
    tenant.knob("POST", "faults", Some(orders.collect()));
    tenant
}

/// What somebody else does meanwhile: writes that come to nothing count like others.
/// Returns how many of them were refused in the end.
fn use_up_the_quota(tenant: &Tenant) -> usize {
    let nobody = |id: u32| format!("/users/00000000-0000-4000-8000-0000000000{id:02}");
    let requests: Vec<Value> = (0..20)
        .map(|id| json!({ "id": id.to_string(), "method": "DELETE", "url": nobody(id) }))
        .collect();
    let batch = json!({ "requests": requests });
    let is_refused = |answer: &&Value| answer["status"] == 429;
    for _ in 0..2_000 {
        let answers = tenant.graph_post("$batch", &batch);
        let refused = answers["responses"].as_array().unwrap().iter().filter(is_refused).count();
        if refused > 0 {
            return refused;
        }
    }
    panic!("the quota has no end");
}

#[test]
fn twenty_times_under_throttle_lag_and_faults_together() {
    let mut dice = StdRng::seed_from_u64(2034);
    let tenant = tenant_under_load();
    let shell = Shell::new();
    let profile = tenant.profile().replace("patience_seconds = 5", "patience_seconds = 60");
    let quota = format!(" }}, quota = {{ time_scale = {TIME_SCALE} }}, login_url");
    shell.config(&profile.replace(" }, login_url", &quota));
    shell.file("people.csv", &people(PEOPLE));
    let everybody = names(1..=PEOPLE);

    let mut throttled_others = use_up_the_quota(&tenant);
    let mut running = shell.start(JOB);
    let mut kills = 0;
    for kill in 0..KILLS {
        let moment = EVENTS * kill / KILLS + dice.random_range(1..EVENTS / KILLS);
        wait_until("the run comes to its moment", || {
            running.has_ended() || events(&shell) >= moment
        });
        // Anywhere between this event and the next ones.
        std::thread::sleep(Duration::from_micros(dice.random_range(0..3000)));
        if running.has_ended() {
            break;
        }
        running.kill();
        kills += 1;
        throttled_others += use_up_the_quota(&tenant);
        running = shell.start(&["plan", "resume", &shell.newest_run(), "--yes"]);
    }
    // A machine that holds the story up at the last moments lets the run get to its end first.
    assert!(kills >= KILLS - 3, "only {kills} kills");
    running.ends().exits(0).says(&format!("{PEOPLE} done"));

    let throttled = tenant.proxy().answers(429) - throttled_others;
    assert!(throttled > 0, "there was no throttle");
    let met = tenant.summary()["requests"].clone();
    assert!(met["POST /users"].as_u64().unwrap() > PEOPLE as u64, "nothing was repeated: {met}");
    tenant.knob("DELETE", "faults", None);
    let is_licensed =
        |account: &&Value| !account["assignedLicenses"].as_array().unwrap().is_empty();
    wait_until("everybody is seen, with a licence", || {
        online_accounts(&tenant).iter().filter(is_licensed).count() >= PEOPLE
    });
    assert_eq!(expect_each_is_named(&shell, "r.csv", &everybody), Vec::<String>::new());
    assert_eq!(runs(&shell).len(), 1);
    assert_eq!(runs(&shell)[0].1, "finished");
    expect_complete(&shell, &tenant, &everybody);
    expect_nothing_left(&shell, JOB, PEOPLE);
}
