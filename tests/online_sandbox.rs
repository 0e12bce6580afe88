//! `acctsh sandbox` as other programs meet it: a process that is as slow and as strict as it was told.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use acctsh::model::{Anchor, Details, Field, ObjectId, OnlineId, Secret, UserGuid};
use acctsh::online::{
    AccountKey, AccountQuery, FaultKind, NewOnlineAccount, Tenant, TenantSettings,
};
use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use futures::future::join_all;

/// A sandbox in a process of its own, until it is dropped.
struct Sandbox {
    process: Child,
    url: String,
    _home: tempfile::TempDir,
}

fn command(home: &tempfile::TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_acctsh"));
    command.args(["sandbox", "--port", "0"]).args(arguments).env("ACCTSH_HOME", home.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Sandbox {
    fn start(arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut process = command(&home, arguments).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Self { process, url: url.trim().to_owned(), _home: home }
    }

    fn tenant(&self) -> Tenant {
        let secret = Secret::new(CLIENT_SECRET.to_owned());
        let settings = TenantSettings::new(&self.url, &self.url, TENANT_ID, CLIENT_ID, secret);
        Tenant::new(TenantSettings { quota: None, ..settings }).unwrap()
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn refused(arguments: &[&str]) -> String {
    let home = tempfile::tempdir().unwrap();
    let Output { status, stderr, .. } = command(&home, arguments).output().unwrap();
    assert_eq!(status.code(), Some(2));
    String::from_utf8(stderr).unwrap()
}

async fn create(tenant: &Tenant) -> ObjectId {
    let texts = [(Field::DisplayName, "Eva".to_owned())];
    let new = NewOnlineAccount {
        online_id: OnlineId::parse("eva@contoso.com").unwrap(),
        mail_nickname: "eva".to_owned(),
        details: texts.into_iter().collect::<Details>(),
        anchor: Anchor::of(UserGuid::random()),
        can_sign_in: true,
        must_change_password: true,
        password_expires: true,
    };
    tenant.create_account(&new, &Secret::new("kV7-rtq!Lopsen".to_owned())).await.unwrap()
}

async fn is_listed(tenant: &Tenant, id: ObjectId) -> bool {
    let query = AccountQuery::Matching(vec![AccountKey::Id(id)]);
    !tenant.accounts(query).await.unwrap().is_empty()
}

#[tokio::test]
async fn a_lagging_sandbox_shows_what_was_made_only_later() {
    let sandbox = Sandbox::start(&["--lag", "fixed:2.5"]);
    let tenant = sandbox.tenant();
    let begun = Instant::now();
    let id = create(&tenant).await;
    let written = tenant.set_anchor(id, None).await;
    if begun.elapsed() < Duration::from_millis(2_500) {
        assert_eq!(written.unwrap_err().kind, FaultKind::NotFound);
    }
    while !is_listed(&tenant, id).await {
        assert!(begun.elapsed() < Duration::from_mins(2), "it never comes");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(5), "lists come twice as late");
}

#[tokio::test]
async fn a_throttled_sandbox_holds_the_quota_on_a_clock_that_runs_faster() {
    let sandbox = Sandbox::start(&["--throttle", "--time-scale", "5"]);
    let tenant = sandbox.tenant();
    let begun = Instant::now();
    let nobody = (0..3_600).map(|_| tenant.set_anchor(ObjectId::random(), None));
    for written in join_all(nobody).await {
        assert_eq!(written.unwrap_err().kind, FaultKind::NotFound);
    }
    // 600 more than the bucket holds, at 100 a second; in real time it would be 20, and more
    // than a minute with what refused requests cost.
    let took = begun.elapsed();
    assert!((Duration::from_secs(6)..Duration::from_secs(45)).contains(&took), "{took:?}");
}

#[test]
fn what_is_no_lag_and_no_time_scale_is_refused_with_what_would_be_one() {
    for wrong in ["sometimes", "fixed", "fixed:", "fixed:-1", "fixed:inf", "late:2"] {
        let said = refused(&["--lag", wrong]);
        assert!(said.contains("fixed:SECONDS or random:SECONDS"), "{wrong}: {said}");
    }
    for wrong in ["0", "-2", "nan", "fast"] {
        let scale = format!("--time-scale={wrong}");
        let said = refused(&["--throttle", &scale]);
        assert!(said.contains("a number greater than 0"), "{wrong}: {said}");
    }
    assert!(refused(&["--time-scale", "20"]).contains("--throttle"), "alone it does nothing");
}
