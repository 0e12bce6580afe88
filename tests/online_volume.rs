//! The client under load and against faults: many calls at once go in batches, spend the tenant's
//! quota and no more, and each gets exactly one answer, whatever the network does.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use acctsh::model::{
    Anchor, AssignedLicense, Details, Field, ObjectId, OnlineId, Secret, SkuId, UserGuid,
};
use acctsh::online::{
    AccountKey, AccountQuery, FaultKind, NewOnlineAccount, OnlineFault, Outcome, Tenant,
    TenantQuota, TenantSettings, WaitReason,
};
use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Server, TENANT_ID};
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use reqwest::Method;
use serde_json::{Value, json};

/// A test that takes longer waits for something that never comes.
const WITHOUT_END: Duration = Duration::from_mins(4);

/// What may be refused of 4,000 writes: the tenant counts a request some moments after it left, the
/// more of them the slower the machine is; who doesn't know the quota has many times as many.
const MOST_REFUSED: u64 = 200;

const BASIC: &str = "3b555118-da6a-4418-894f-7df1e2096870";

struct Sandbox {
    server: Server,
    folder: tempfile::TempDir,
}

impl Sandbox {
    fn start() -> Self {
        Self::with(Options::default())
    }

    fn with(options: Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("tenant.sqlite");
        let server = Server::start(Options { state, ..options }).unwrap();
        Self { server, folder }
    }

    /// Another server on the same tenant.
    fn second_server(&self, options: Options) -> Server {
        let state = self.folder.path().join("tenant.sqlite");
        Server::start(Options { state, ..options }).unwrap()
    }

    fn tenant(&self) -> Tenant {
        self.tenant_with(|_| {})
    }

    fn tenant_with(&self, change: impl FnOnce(&mut TenantSettings)) -> Tenant {
        tenant(&self.server, change)
    }

    async fn turn(&self, method: Method, knob: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{knob}", self.server.base_url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.request(method, url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{knob}");
        answer.json().await.unwrap()
    }

    async fn order(&self, faults: Value) {
        self.turn(Method::POST, "faults", faults).await;
    }

    async fn summary(&self) -> Value {
        self.turn(Method::GET, "summary", Value::Null).await
    }

    async fn seats_used(&self) -> u64 {
        self.summary().await["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"].as_u64().unwrap()
    }

    /// How many requests of that shape this server has served.
    async fn served(&self, shape: &str) -> u64 {
        self.summary().await["requests"][shape].as_u64().unwrap_or(0)
    }
}

/// What the future gives, unless it never comes to an end.
async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    let ended = tokio::time::timeout(WITHOUT_END, future).await;
    ended.unwrap_or_else(|_| panic!("{what} is waited for without end"))
}

fn tenant(server: &Server, change: impl FnOnce(&mut TenantSettings)) -> Tenant {
    let secret = Secret::new(CLIENT_SECRET.to_owned());
    let url = server.base_url();
    let mut settings = TenantSettings::new(&url, &url, TENANT_ID, CLIENT_ID, secret);
    settings.patience = Duration::from_mins(1);
    change(&mut settings);
    Tenant::new(settings).unwrap()
}

fn password() -> Secret {
    Secret::new("kV7-rtq!Lopsen".to_owned())
}

fn basic() -> SkuId {
    BASIC.parse().unwrap()
}

fn new_account(number: usize) -> NewOnlineAccount {
    let texts = [(Field::DisplayName, "Kim"), (Field::UsageLocation, "DE")];
    NewOnlineAccount {
        online_id: OnlineId::parse(&format!("kim{number}@contoso.com")).unwrap(),
        mail_nickname: format!("kim{number}"),
        details: texts.iter().map(|(field, text)| (*field, (*text).to_owned())).collect(),
        anchor: Anchor::of(UserGuid::random()),
        can_sign_in: true,
        must_change_password: true,
        password_expires: true,
    }
}

/// Creates that many accounts at once; the answers in their order.
async fn create(
    tenant: &Tenant,
    numbers: std::ops::Range<usize>,
) -> Vec<Result<ObjectId, OnlineFault>> {
    let (new, password): (Vec<_>, _) = (numbers.map(new_account).collect(), password());
    join_all(new.iter().map(|new| tenant.create_account(new, &password))).await
}

async fn create_all(tenant: &Tenant, count: usize) -> Vec<ObjectId> {
    create(tenant, 0..count).await.into_iter().map(Result::unwrap).collect()
}

async fn license(tenant: &Tenant, id: ObjectId) -> Result<(), OnlineFault> {
    tenant.assign_licenses(id, &[AssignedLicense { sku: basic(), disabled: vec![] }], &[]).await
}

/// Makes an account and licenses it, in the way the executor does: a write of unknown outcome is
/// made again, and an account that is there with our anchor is ours.
async fn one_person(tenant: &Tenant, number: usize) -> ObjectId {
    let (new, password) = (new_account(number), password());
    let id = loop {
        match tenant.create_account(&new, &password).await {
            Ok(id) => break id,
            Err(fault) if matches!(fault.kind, FaultKind::NameTaken { .. }) => {
                let keys = vec![AccountKey::Anchor(new.anchor.clone())];
                match tenant.accounts(AccountQuery::Matching(keys)).await {
                    Ok(found) => break found[0].id,
                    Err(fault) => assert_worth_repeating(&fault),
                }
            }
            Err(fault) => assert_worth_repeating(&fault),
        }
    };
    while let Err(fault) = license(tenant, id).await {
        assert_worth_repeating(&fault);
    }
    id
}

fn assert_worth_repeating(fault: &OnlineFault) {
    let is_sign_in = matches!(fault.kind, FaultKind::SignIn { .. });
    let is_unknown = fault.outcome() == Outcome::Unknown;
    assert!(fault.is_transient() || is_sign_in || is_unknown, "{fault:?}");
}

/// Makes and licenses that many people with 48 steps on their way, as the executor does, and looks
/// whether each is there once.
async fn people(what: &str, sandbox: &Sandbox, tenant: &Tenant, count: usize) {
    let each = stream::iter(0..count).map(|n| one_person(tenant, n)).buffer_unordered(48);
    let made: BTreeSet<ObjectId> = in_time(what, each.collect()).await;
    assert_eq!(made.len(), count, "each person has an account of their own");
    sandbox.turn(Method::DELETE, "faults", Value::Null).await;
    let summary = sandbox.summary().await;
    assert_eq!(summary["users"], count + 1, "and the administrator");
    assert_eq!(sandbox.seats_used().await, count as u64);
}

#[tokio::test]
async fn calls_that_come_together_go_together_and_a_lone_one_goes_plain() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    create(&tenant, 0..1).await[0].clone().unwrap();
    assert_eq!(sandbox.served("POST /$batch").await, 0);

    let made = create(&tenant, 1..45).await;
    assert!(made.iter().all(Result::is_ok));
    assert_eq!(sandbox.served("POST /$batch").await, 3, "20, 20 and 4");

    let keys = made.iter().map(|id| AccountKey::Id(*id.as_ref().unwrap())).collect();
    assert_eq!(tenant.accounts(AccountQuery::Matching(keys)).await.unwrap().len(), 44);
    assert_eq!(sandbox.served("POST /$batch").await, 4, "and one for the three filters");
}

#[tokio::test]
async fn a_lone_call_is_not_kept_waiting_for_company() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let id = create_all(&tenant, 1).await[0];
    let mut fastest = WITHOUT_END;
    for _ in 0..20 {
        let started = Instant::now();
        tenant.set_anchor(id, None).await.unwrap();
        fastest = fastest.min(started.elapsed());
    }
    assert_eq!(sandbox.served("POST /$batch").await, 0);
    // Whatever else the machine does meanwhile, it doesn't do it to each of them.
    assert!(fastest < Duration::from_millis(100), "{fastest:?}");
}

#[tokio::test]
async fn two_writes_to_one_account_never_meet_in_a_batch() {
    let sandbox = Sandbox::start();
    // One at a time, so that they would meet nowhere else.
    let tenant = sandbox.tenant_with(|settings| settings.requests_in_flight = 1);
    let ids = create_all(&tenant, 5).await;
    let department =
        |n: usize| [(Field::Department, format!("{n}"))].into_iter().collect::<Details>();
    let details: Vec<Details> = (0..30).map(department).collect();
    let written = details.iter().enumerate().map(|(n, d)| tenant.update_account(ids[n % 5], d));
    for written in join_all(written).await {
        written.unwrap();
    }
    assert_eq!(sandbox.served("POST /$batch").await, 1 + 6, "five to each, six times");
}

#[tokio::test]
async fn each_call_of_a_batch_has_its_own_answer() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    create_all(&tenant, 1).await;
    let answers = create(&tenant, 0..10).await;
    let taken = answers[0].clone().unwrap_err();
    let property = Some("userPrincipalName".to_owned());
    assert_eq!(taken.kind, FaultKind::NameTaken { property });
    assert_eq!((taken.status, taken.code.as_deref()), (Some(400), Some("Request_BadRequest")));
    assert!(taken.request_id.is_some());
    assert!(answers[1..].iter().all(Result::is_ok));
    let nobody = join_all((0..3).map(|_| tenant.set_anchor(ObjectId::random(), None))).await;
    assert!(nobody.iter().all(|a| a.as_ref().unwrap_err().kind == FaultKind::NotFound));
}

#[tokio::test]
async fn items_three_and_seventeen_of_a_batch_fail_and_go_again_alone() {
    for kind in ["too_many_requests", "service_unavailable"] {
        let sandbox = Sandbox::start();
        let tenant = sandbox.tenant();
        for (skip, wait) in [(2, 0.2), (15, 0.7)] {
            sandbox
                .order(json!({ "kind": kind, "retry_after": wait, "method": "POST",
                               "path": "/v1.0/users", "skip": skip }))
                .await;
        }
        let started = Instant::now();
        create_all(&tenant, 20).await;
        assert!(started.elapsed() >= Duration::from_millis(700), "the longest of both waits");
        assert_eq!(sandbox.served("POST /users").await, 20, "{kind}: those done aren't done again");
    }
}

#[tokio::test]
async fn items_that_fail_for_good_fail_for_their_callers_alone() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    for skip in [2, 15] {
        let order = json!({ "kind": "server_error", "path": "/v1.0/users", "skip": skip });
        sandbox.order(order).await;
    }
    let answers = create(&tenant, 0..20).await;
    let faults: Vec<&OnlineFault> = answers.iter().filter_map(|a| a.as_ref().err()).collect();
    assert_eq!(faults.len(), 2);
    for fault in faults {
        assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::Unavailable, Outcome::Unknown));
    }
    assert_eq!(sandbox.summary().await["users"], 19);
}

#[tokio::test]
async fn a_cut_batch_leaves_its_writes_unknown_and_its_reads_are_asked_again() {
    for kind in ["cut_before", "cut_after", "half_body"] {
        let sandbox = Sandbox::start();
        let tenant = sandbox.tenant();
        let ids = create_all(&tenant, 40).await;
        sandbox.order(json!({ "kind": kind, "path": "/v1.0/$batch" })).await;
        let key = |id: &ObjectId| AccountQuery::Matching(vec![AccountKey::Id(*id)]);
        let (written, read) = tokio::join!(
            join_all(ids[..10].iter().map(|id| license(&tenant, *id))),
            join_all(ids[10..20].iter().map(|id| tenant.accounts(key(id)))),
        );
        for fault in written.into_iter().map(Result::unwrap_err) {
            let expected = (&FaultKind::OutcomeUnknown, Outcome::Unknown);
            assert_eq!((&fault.kind, fault.outcome()), expected, "{kind}");
        }
        assert!(read.into_iter().all(|found| found.unwrap().len() == 1), "{kind}");
        let seats = if kind == "cut_before" { 0 } else { 10 };
        assert_eq!(sandbox.seats_used().await, seats, "{kind}");
    }
}

#[tokio::test]
async fn a_creation_whose_answer_is_lost_and_whose_refusal_breaks_off_is_made_good() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    for kind in ["cut_after", "half_body"] {
        let order = json!({ "kind": kind, "method": "POST", "path": "/v1.0/users", "times": 4 });
        sandbox.order(order).await;
    }
    people("a refusal that can be read", &sandbox, &tenant, 1).await;
}

#[tokio::test]
async fn a_page_instead_of_a_batchs_answer_leaves_its_writes_unknown() {
    for (status, kind) in [(200, FaultKind::BadAnswer), (502, FaultKind::Unavailable)] {
        let sandbox = Sandbox::start();
        let tenant = sandbox.tenant();
        let order = json!({ "kind": "html", "status": status, "path": "/v1.0/$batch" });
        sandbox.order(order).await;
        for answer in create(&tenant, 0..20).await {
            let fault = answer.unwrap_err();
            assert_eq!((&fault.kind, fault.outcome()), (&kind, Outcome::Unknown));
        }
    }
}

#[tokio::test]
async fn a_batch_that_is_refused_whole_goes_again_as_plain_calls() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    sandbox.order(json!({ "kind": "html", "status": 400, "path": "/v1.0/$batch" })).await;
    create_all(&tenant, 20).await;
    assert_eq!(sandbox.served("POST /$batch").await, 0);
    assert_eq!(sandbox.served("POST /users").await, 20);
}

#[tokio::test]
async fn a_slow_answer_is_waited_for() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let order = json!({ "kind": "slow_body", "millis": 600, "path": "/v1.0/$batch" });
    sandbox.order(order).await;
    create_all(&tenant, 30).await;
    assert_eq!(sandbox.summary().await["users"], 31);
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_one_of_unknown_outcome() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant_with(|settings| settings.request_timeout = Duration::from_secs(2));
    let order = json!({ "kind": "slow_body", "millis": 20_000, "path": "/v1.0/$batch" });
    sandbox.order(order).await;
    for answer in create(&tenant, 0..20).await {
        assert_eq!(answer.unwrap_err().kind, FaultKind::OutcomeUnknown);
    }
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_of_a_run_is_renewed_unnoticed() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    for skip in [3, 90] {
        sandbox.order(json!({ "kind": "expire_tokens", "path": "/v1.0/**", "skip": skip })).await;
    }
    people("a new token", &sandbox, &tenant, 100).await;
}

#[tokio::test]
async fn whatever_the_network_does_each_person_is_made_and_licensed_once() {
    for (seed, kind) in [
        json!({ "kind": "cut_before" }),
        json!({ "kind": "cut_after" }),
        json!({ "kind": "server_error", "took_effect": true }),
        json!({ "kind": "gateway_timeout" }),
        json!({ "kind": "service_unavailable", "retry_after": 0.05 }),
        json!({ "kind": "too_many_requests", "retry_after": 0.05 }),
        json!({ "kind": "conflict" }),
        json!({ "kind": "html" }),
        json!({ "kind": "html", "status": 200 }),
        json!({ "kind": "half_body" }),
        json!({ "kind": "slow_body", "millis": 30 }),
        json!({ "kind": "expire_tokens" }),
    ]
    .into_iter()
    .enumerate()
    {
        let sandbox = Sandbox::start();
        let tenant = sandbox.tenant();
        let mut order = kind.clone();
        order["path"] = "/v1.0/**".into();
        order["rate"] = 0.05.into();
        order["seed"] = seed.into();
        sandbox.order(order).await;
        people(&kind.to_string(), &sandbox, &tenant, 60).await;
    }
}

/// A throttled sandbox whose quota fills up `scale` times faster, and a client that knows it.
fn throttled(scale: f64) -> (Sandbox, Tenant) {
    let options = Options { throttle: true, time_scale: scale, ..Options::default() };
    let sandbox = Sandbox::with(options);
    let tenant = sandbox.tenant_with(|settings| settings.quota = Some(quota(scale)));
    (sandbox, tenant)
}

fn quota(time_scale: f64) -> TenantQuota {
    TenantQuota { time_scale, ..TenantQuota::default() }
}

#[tokio::test]
async fn the_quota_is_used_whole_and_hardly_ever_run_into() {
    let scale = 5.0;
    let (sandbox, tenant) = throttled(scale);
    let started = Instant::now();
    people("the quota", &sandbox, &tenant, 2_000).await;
    let took = started.elapsed().as_secs_f64();
    let writes = 4_000.0;
    let floor = (writes - 3_000.0) / (20.0 * scale);
    let refused = sandbox.served("POST /users").await
        + sandbox.served("POST /users/{id}/assignLicense").await
        - 4_000;
    assert!(took >= floor, "{took} s are less than {floor} s");
    assert!(refused <= MOST_REFUSED, "{refused} of 4,000 were refused");
}

#[tokio::test]
async fn a_second_process_on_the_same_quota_means_waiting_and_no_failure() {
    let scale = 100.0;
    let (sandbox, tenant) = throttled(scale);
    let options = Options { throttle: true, time_scale: scale, ..Options::default() };
    let other_server = sandbox.second_server(options);
    let other = self::tenant(&other_server, |settings| settings.quota = Some(quota(scale)));
    let password = &password();
    let make = |tenant, numbers: std::ops::Range<usize>| {
        stream::iter(numbers)
            .map(move |n| {
                let new = new_account(n);
                async move { Tenant::create_account(tenant, &new, password).await }
            })
            .buffer_unordered(48)
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = tokio::join!(make(&tenant, 0..2_500), make(&other, 2_500..5_000));
    for answer in ours.into_iter().chain(theirs) {
        answer.unwrap();
    }
    assert_eq!(sandbox.summary().await["users"], 5_001);
}

#[tokio::test]
async fn waiting_is_shown_and_ends() {
    let sandbox = Sandbox::start();
    let tenant = Arc::new(sandbox.tenant());
    let mut waits = tenant.waits();
    let fault = json!({ "kind": "too_many_requests", "retry_after": 3, "path": "/v1.0/users" });
    sandbox.order(fault).await;
    let run = tokio::spawn({
        let tenant = Arc::clone(&tenant);
        async move { create_all(&tenant, 20).await }
    });
    let wait = in_time("a wait", waits.wait_for(Option::is_some)).await.unwrap().unwrap();
    assert_eq!(wait.reason, WaitReason::Throttled);
    assert!(wait.length < Duration::from_secs(4), "{wait}");
    in_time("its end", waits.wait_for(Option::is_none)).await.unwrap();
    assert_eq!(run.await.unwrap().len(), 20);
}

#[tokio::test]
async fn a_tenant_that_throttles_without_end_is_given_up_when_patience_is_over() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant_with(|settings| settings.patience = Duration::from_secs(2));
    let fault = json!({ "kind": "too_many_requests", "retry_after": 0.2, "path": "/v1.0/users",
                        "rate": 1.0 });
    sandbox.order(fault).await;
    let started = Instant::now();
    let answers = in_time("the end of patience", create(&tenant, 0..30)).await;
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");
    for answer in answers {
        assert_eq!(answer.unwrap_err().kind, FaultKind::Throttled);
    }
    assert_eq!(sandbox.served("POST /users").await, 0);
}

#[tokio::test]
async fn a_pause_beyond_all_patience_is_kept_by_those_who_were_not_told() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let fault = json!({ "kind": "too_many_requests", "retry_after": 3600, "path": "/v1.0/users" });
    sandbox.order(fault).await;
    let told = create(&tenant, 0..1).await.remove(0).unwrap_err();
    assert_eq!((told.kind.clone(), told.outcome()), (FaultKind::Throttled, Outcome::Refused));
    let other = create(&tenant, 1..2).await.remove(0).unwrap_err();
    assert_eq!((other.kind.clone(), other.outcome()), (FaultKind::Throttled, Outcome::NotSent));
    assert!(other.retry_after.unwrap() > Duration::from_secs(3_500));
    assert_eq!(sandbox.served("POST /users").await, 0);
}

#[tokio::test]
async fn a_quota_without_time_is_refused() {
    let sandbox = Sandbox::start();
    for time_scale in [0.0, -1.0, f64::NAN] {
        let secret = Secret::new(CLIENT_SECRET.to_owned());
        let url = sandbox.server.base_url();
        let mut settings = TenantSettings::new(&url, &url, TENANT_ID, CLIENT_ID, secret);
        let writes_per_150s = NonZeroU32::MIN;
        settings.quota = Some(TenantQuota { writes_per_150s, time_scale, ..quota(1.0) });
        let fault = Tenant::new(settings).err().unwrap();
        assert_eq!(fault.kind, FaultKind::InvalidValue { property: Some("time_scale".to_owned()) });
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_not_sent() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant_with(|settings| settings.requests_in_flight = 1);
    let ids = create_all(&tenant, 1).await;
    sandbox.turn(Method::PUT, "settings", json!({ "latency_ms": 2_000 })).await;
    let first = tenant.set_anchor(ids[0], None);
    let given_up = tokio::time::timeout(Duration::from_millis(50), async {
        // The lane is on its way with the first one by then.
        tokio::time::sleep(Duration::from_millis(10)).await;
        create(&tenant, 1..21).await
    });
    let (first, given_up) = tokio::join!(first, given_up);
    first.unwrap();
    assert!(given_up.is_err());
    sandbox.turn(Method::PUT, "settings", json!({ "latency_ms": 0 })).await;
    tenant.set_anchor(ids[0], None).await.unwrap();
    assert_eq!(sandbox.summary().await["users"], 2);
}
