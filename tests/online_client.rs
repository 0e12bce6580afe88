//! The client against a tenant over HTTP: the sandbox for what Graph does, and a server with
//! prepared answers for what only goes wrong elsewhere.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use acctsh::model::{
    Anchor, AssignedLicense, Details, Field, ObjectId, OnlineAccount, OnlineId, Secret, SkuId,
    UserGuid, field,
};
use acctsh::online::{
    AccountKey, AccountQuery, FaultKind, NewOnlineAccount, OnlineFault, Outcome, Tenant,
    TenantSettings,
};
use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Server, TENANT_ID};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "kV7-rtq!Lopsen";

struct Sandbox {
    server: Server,
    _folder: tempfile::TempDir,
}

impl Sandbox {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("tenant.sqlite");
        let server = Server::start(Options { state, ..Options::default() }).unwrap();
        Self { server, _folder: folder }
    }

    fn tenant(&self) -> Tenant {
        Tenant::new(settings(&self.server.base_url(), CLIENT_SECRET)).unwrap()
    }

    async fn turn(&self, method: Method, knob: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{knob}", self.server.base_url());
        let answer = other_client().request(method, url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{knob}");
        answer.json().await.unwrap()
    }

    async fn cut(&self, kind: &str, method: &str, path: &str) {
        let order = json!({ "kind": kind, "method": method, "path": path });
        self.turn(Method::POST, "faults", order).await;
    }

    async fn users(&self) -> u64 {
        let summary = self.turn(Method::GET, "summary", Value::Null).await;
        summary["users"].as_u64().unwrap()
    }

    /// Deletes an account, as another client of the tenant would.
    async fn delete(&self, id: ObjectId) {
        let url = self.server.base_url();
        let scope = format!("{url}/.default");
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
            ("scope", &scope),
        ];
        let client = other_client();
        let token = client.post(format!("{url}/{TENANT_ID}/oauth2/v2.0/token")).form(&form);
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let token = token["access_token"].as_str().unwrap();
        let call = client.delete(format!("{url}/v1.0/users/{id}")).bearer_auth(token);
        assert_eq!(call.send().await.unwrap().status(), 204);
    }
}

fn other_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

fn settings(url: &str, secret: &str) -> TenantSettings {
    TenantSettings::new(url, url, TENANT_ID, CLIENT_ID, Secret::new(secret.to_owned()))
}

fn new_account(name: &str) -> NewOnlineAccount {
    NewOnlineAccount {
        online_id: OnlineId::parse(&format!("{name}@contoso.com")).unwrap(),
        mail_nickname: name.replace('\'', ""),
        details: details(&[(Field::DisplayName, name), (Field::UsageLocation, "DE")]),
        anchor: Anchor::of(UserGuid::random()),
        can_sign_in: true,
        must_change_password: true,
        password_expires: true,
    }
}

fn details(pairs: &[(Field, &str)]) -> Details {
    pairs.iter().map(|(field, text)| (*field, (*text).to_owned())).collect()
}

fn password() -> Secret {
    Secret::new(PASSWORD.to_owned())
}

async fn one(tenant: &Tenant, key: AccountKey) -> OnlineAccount {
    let mut found = tenant.accounts(AccountQuery::Matching(vec![key])).await.unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

async fn sku(tenant: &Tenant, part_number: &str) -> SkuId {
    let licenses = tenant.licenses().await.unwrap();
    licenses.iter().find(|license| license.part_number == part_number).unwrap().sku
}

#[tokio::test]
async fn the_tenant_says_who_it_is_and_what_it_has() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();

    assert_eq!(tenant.organization().await.unwrap().id.to_string(), TENANT_ID);

    let domains = tenant.domains().await.unwrap();
    let default = domains.iter().find(|domain| domain.is_default).unwrap();
    assert_eq!((default.name.as_str(), default.is_verified), ("contoso.com", true));
    assert!(domains.iter().any(|domain| domain.is_initial && domain.name.is_onmicrosoft()));

    let licenses = tenant.licenses().await.unwrap();
    let basic = licenses.iter().find(|l| l.part_number == "O365_BUSINESS_ESSENTIALS").unwrap();
    assert_eq!((basic.name.as_str(), basic.seats), ("Microsoft 365 Business Basic", 10_000));
    assert!(basic.is_assignable && !basic.services_called("Teams").is_empty());
}

#[tokio::test]
async fn an_account_is_made_with_all_its_texts_and_found_by_each_of_its_keys() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let mut new = new_account("o'neil");
    for spec in field::FIELDS.iter().filter(|spec| spec.field.is_detail()) {
        let text = match spec.field {
            Field::UsageLocation => "DE".to_owned(),
            Field::AlternateEmail => "ann@example.net".to_owned(),
            Field::PreferredLanguage => "de-DE".to_owned(),
            Field::DisplayName => "Ann O'Neil & Söhne #1 + 50%".to_owned(),
            _ => format!("{} 1", spec.name),
        };
        new.details.set(spec.field, text);
    }

    let id = tenant.create_account(&new, &password()).await.unwrap();

    let text = |field| new.details.get(field).unwrap().to_owned();
    for key in [
        AccountKey::Id(id),
        AccountKey::OnlineId(OnlineId::received("O'Neil@CONTOSO.com")),
        AccountKey::Anchor(new.anchor.clone()),
        AccountKey::DisplayName(text(Field::DisplayName)),
        AccountKey::EmployeeId(text(Field::EmployeeId)),
    ] {
        let account = one(&tenant, key.clone()).await;
        assert_eq!((account.id, &account.details), (id, &new.details), "{key:?}");
        assert_eq!(account.anchor.as_ref(), Some(&new.anchor));
        assert!(account.can_sign_in && !account.is_synchronized);
        assert!(account.last_password_change.is_some());
    }
}

#[tokio::test]
async fn an_account_without_display_name_is_shown_under_its_online_id() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let new = NewOnlineAccount { details: Details::default(), ..new_account("eva") };
    let id = tenant.create_account(&new, &password()).await.unwrap();
    let account = one(&tenant, AccountKey::Id(id)).await;
    assert_eq!(account.details, details(&[(Field::DisplayName, "eva")]));
}

#[tokio::test]
async fn a_change_touches_only_what_it_names() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let new = new_account("eva");
    let id = tenant.create_account(&new, &password()).await.unwrap();

    tenant.update_account(id, &details(&[(Field::Department, "Finance")])).await.unwrap();
    tenant.set_anchor(id, None).await.unwrap();

    let account = one(&tenant, AccountKey::Id(id)).await;
    let mut expected = new.details.clone();
    expected.set(Field::Department, "Finance");
    assert_eq!((account.details, account.anchor), (expected, None));

    tenant.set_anchor(id, Some(&new.anchor)).await.unwrap();
    assert_eq!(one(&tenant, AccountKey::Id(id)).await.anchor, Some(new.anchor));
}

#[tokio::test]
async fn a_weak_password_is_refused_and_stands_in_no_fault() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let id = tenant.create_account(&new_account("eva"), &password()).await.unwrap();
    tenant.set_password(id, &password(), false).await.unwrap();

    let weak = Secret::new("hafenweg".to_owned());
    for fault in [
        tenant.set_password(id, &weak, false).await.unwrap_err(),
        tenant.create_account(&new_account("tim"), &weak).await.unwrap_err(),
    ] {
        assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::PasswordRefused, Outcome::Refused));
        assert!(!format!("{fault} {fault:?}").contains("hafenweg"));
    }
}

#[tokio::test]
async fn names_that_are_taken_and_domains_that_are_not_ours_are_told_apart() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    tenant.create_account(&new_account("eva"), &password()).await.unwrap();

    let fault = tenant.create_account(&new_account("EVA"), &password()).await.unwrap_err();
    let property = Some("userPrincipalName".to_owned());
    assert_eq!(fault.kind, FaultKind::NameTaken { property });
    assert_eq!((fault.status, fault.code.as_deref()), (Some(400), Some("Request_BadRequest")));
    assert!(fault.request_id.is_some() && !fault.is_transient());

    let online_id = OnlineId::parse("eva@fabrikam.com").unwrap();
    let foreign = NewOnlineAccount { online_id, ..new_account("eva") };
    let fault = tenant.create_account(&foreign, &password()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::DomainNotVerified);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_not_found_by_a_write_and_left_out_by_a_read() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let nobody = ObjectId::random();
    let fault = tenant.set_anchor(nobody, None).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotFound);
    let query = AccountQuery::Matching(vec![AccountKey::Id(nobody)]);
    assert_eq!(tenant.accounts(query).await, Ok(vec![]));
}

#[tokio::test]
async fn licenses_are_given_and_taken_and_each_refusal_has_its_kind() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let basic = sku(&tenant, "O365_BUSINESS_ESSENTIALS").await;
    let standard = sku(&tenant, "O365_BUSINESS_PREMIUM").await;
    let licenses = tenant.licenses().await.unwrap();
    let teams = licenses.iter().find(|l| l.sku == basic).unwrap().services_called("Teams")[0].id;
    let eva = tenant.create_account(&new_account("eva"), &password()).await.unwrap();
    let give = |sku| vec![AssignedLicense { sku, disabled: vec![] }];

    let without_teams = [AssignedLicense { sku: basic, disabled: vec![teams] }];
    tenant.assign_licenses(eva, &without_teams, &[]).await.unwrap();
    assert_eq!(one(&tenant, AccountKey::Id(eva)).await.licenses, without_teams);

    tenant.assign_licenses(eva, &give(standard), &[basic]).await.unwrap();
    assert_eq!(one(&tenant, AccountKey::Id(eva)).await.licenses, give(standard));

    let fault = tenant.assign_licenses(eva, &[], &[basic]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::LicenseNotAssigned);

    let none = json!({ "seats": 0 });
    sandbox.turn(Method::PUT, "skus/O365_BUSINESS_ESSENTIALS", none).await;
    let fault = tenant.assign_licenses(eva, &give(basic), &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NoSeatLeft { sku: Some(basic) });

    let nowhere = NewOnlineAccount { details: Details::default(), ..new_account("tim") };
    let tim = tenant.create_account(&nowhere, &password()).await.unwrap();
    let fault = tenant.assign_licenses(tim, &give(standard), &[]).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::NoUsageLocation);
}

#[tokio::test]
async fn a_tenant_of_several_pages_is_read_whole_and_many_keys_are_found() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let before = tenant.account_count().await.unwrap();
    let new: Vec<NewOnlineAccount> = (0..1_005).map(|n| new_account(&format!("user{n}"))).collect();
    let secret = password();
    let made = futures::future::join_all(new.iter().map(|n| tenant.create_account(n, &secret)));
    let made: Vec<ObjectId> = made.await.into_iter().map(Result::unwrap).collect();

    let all = tenant.accounts(AccountQuery::All).await.unwrap();
    let count = tenant.account_count().await.unwrap();
    assert_eq!((count, all.len() as u64), (before + 1_005, before + 1_005));
    assert_eq!(Tenant::pages_for(count), 2);
    assert!(made.iter().all(|id| all.iter().any(|account| account.id == *id)));

    let keys = made[..40].iter().map(|id| AccountKey::Id(*id));
    let keys = keys.chain(new[..40].iter().map(|new| AccountKey::OnlineId(new.online_id.clone())));
    let keys: Vec<AccountKey> = keys.collect();
    assert_eq!(tenant.requests_for(keys.len()), 6);
    let found = tenant.accounts(AccountQuery::Matching(keys)).await.unwrap();
    assert_eq!(found.len(), 40, "an account that two keys mean is there once");
}

#[tokio::test]
async fn a_deleted_account_is_listed_under_the_name_it_had() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let id = tenant.create_account(&new_account("eva"), &password()).await.unwrap();
    sandbox.delete(id).await;

    let deleted = tenant.deleted_accounts().await.unwrap();
    assert_eq!(deleted.len(), 1);
    assert_eq!(
        (deleted[0].account.id, deleted[0].account.online_id.as_str()),
        (id, "eva@contoso.com")
    );
    assert!(deleted[0].deleted.is_some());
}

#[tokio::test]
async fn a_token_that_graph_takes_no_more_is_renewed_unnoticed() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    tenant.domains().await.unwrap();
    sandbox.turn(Method::POST, "tokens/expire", json!({})).await;
    tenant.create_account(&new_account("eva"), &password()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_graph_refuses_is_renewed_once_and_not_for_ever() {
    let server = Prepared::with(vec![answer(401, "", ""), NO_CONTENT.to_owned()]);
    set_anchor(&server).await.unwrap();

    let server = Prepared::with(vec![answer(401, "", ""), answer(401, "", "")]);
    let fault = set_anchor(&server).await.unwrap_err();
    assert_eq!((fault.code_word(), fault.outcome()), ("sign_in", Outcome::Refused));
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_wrong_secret_is_said_so_and_not_repeated_in_the_fault() {
    let sandbox = Sandbox::start();
    let tenant = Tenant::new(settings(&sandbox.server.base_url(), "wrong~secret")).unwrap();
    let fault = tenant.domains().await.unwrap_err();
    let error = "invalid_client".to_owned();
    assert_eq!(fault.kind, FaultKind::SignIn { error, aadsts: Some(7_000_215) });
    assert_eq!((fault.code_word(), fault.outcome()), ("sign_in", Outcome::NotSent));
    assert!(fault.advice().unwrap().contains("secret"));
    assert!(!format!("{fault} {fault:?}").contains("wrong~secret"));
}

#[tokio::test]
async fn a_cut_connection_leaves_a_write_unknown_and_a_read_is_asked_again() {
    let sandbox = Sandbox::start();
    let tenant = sandbox.tenant();
    let before = tenant.account_count().await.unwrap();

    sandbox.cut("cut_before", "POST", "/v1.0/users").await;
    let fault = tenant.create_account(&new_account("eva"), &password()).await.unwrap_err();
    assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::OutcomeUnknown, Outcome::Unknown));
    assert_eq!(sandbox.users().await, before);

    sandbox.cut("cut_after", "POST", "/v1.0/users").await;
    let fault = tenant.create_account(&new_account("eva"), &password()).await.unwrap_err();
    assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::OutcomeUnknown, Outcome::Unknown));
    assert_eq!(sandbox.users().await, before + 1);

    sandbox.cut("cut_after", "GET", "/v1.0/domains").await;
    assert!(!tenant.domains().await.unwrap().is_empty());
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let there = Prepared::with(vec![]).url;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for (login_url, graph_url) in [(&there, &nowhere), (&nowhere, &there)] {
        let settings =
            TenantSettings { login_url: login_url.clone(), ..settings(graph_url, CLIENT_SECRET) };
        let tenant = Tenant::new(settings).unwrap();
        let fault = tenant.create_account(&new_account("eva"), &password()).await.unwrap_err();
        assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::Unreachable, Outcome::NotSent));
        assert!(fault.is_transient());
    }
}

/// A server that gives a token, and else one prepared answer after the other.
struct Prepared {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Prepared {
    fn with(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut answers = answers.into_iter();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read_request(&stream);
                let answer = if request.contains("/oauth2/v2.0/token") {
                    answer(200, "", r#"{"access_token": "a.b.c", "expires_in": 3599}"#)
                } else {
                    log.lock().unwrap().push(request);
                    answers.next().unwrap_or_else(|| answer(500, "", "no answer prepared"))
                };
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Self { url, seen }
    }

    fn tenant(&self) -> Tenant {
        Tenant::new(settings(&self.url, CLIENT_SECRET)).unwrap()
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// The head of a request, once all of it has come.
fn read_request(stream: &std::net::TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        request += &line;
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    request
}

fn answer(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} Prepared\r\ncontent-type: application/json\r\n{headers}\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

const NO_CONTENT: &str = "HTTP/1.1 204 Prepared\r\nconnection: close\r\n\r\n";

async fn set_anchor(server: &Prepared) -> Result<(), OnlineFault> {
    server.tenant().set_anchor(ObjectId::random(), None).await
}

#[tokio::test]
async fn a_throttled_write_waits_as_long_as_the_tenant_asks_and_goes_again() {
    let server = Prepared::with(vec![
        answer(429, "Retry-After: 0.3\r\n", ""),
        answer(503, "Retry-After: 0\r\n", ""),
        NO_CONTENT.to_owned(),
    ]);
    let started = Instant::now();
    set_anchor(&server).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_write_is_not_sent_again_after_a_gateway_fault() {
    let server = Prepared::with(vec![answer(504, "", "")]);
    let fault = set_anchor(&server).await.unwrap_err();
    assert_eq!((fault.kind.clone(), fault.outcome()), (FaultKind::Unavailable, Outcome::Unknown));
    assert_eq!(server.seen().len(), 1);
}

fn refusal(status: u16, headers: &str, code: &str, message: &str) -> String {
    let body = json!({ "error": { "code": code, "message": message } });
    answer(status, headers, &body.to_string())
}

fn in_the_way(headers: &str) -> String {
    refusal(409, headers, "Directory_ConcurrencyViolation", "Wait and retry.")
}

#[tokio::test]
async fn a_write_that_another_one_got_in_the_way_of_goes_again_when_the_tenant_says_so() {
    let answers = vec![in_the_way(""), in_the_way("Retry-After: 0.4\r\n"), NO_CONTENT.to_owned()];
    let server = Prepared::with(answers);
    let started = Instant::now();
    set_anchor(&server).await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(500));
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn writes_that_always_get_in_each_others_way_are_given_up_when_patience_is_over() {
    let server = Prepared::with(std::iter::repeat_n(in_the_way(""), 20).collect());
    let patience = Duration::from_secs(1);
    let tenant = Tenant::new(TenantSettings { patience, ..settings(&server.url, CLIENT_SECRET) });
    let fault = tenant.unwrap().set_anchor(ObjectId::random(), None).await.unwrap_err();
    assert_eq!((fault.kind.clone(), fault.outcome()), (FaultKind::Concurrency, Outcome::Refused));
    assert!((2..20).contains(&server.seen().len()));
}

#[tokio::test]
async fn a_creation_refused_without_a_property_is_tried_once_more_and_not_for_ever() {
    let vague = || {
        let text = "One or more property values specified are invalid.";
        refusal(400, "", "Request_BadRequest", text)
    };
    let made = json!({ "id": ObjectId::random() }).to_string();
    let create = async |server: &Prepared| {
        server.tenant().create_account(&new_account("eva"), &password()).await
    };
    let server = Prepared::with(vec![vague(), answer(201, "", &made)]);
    create(&server).await.unwrap();

    let server = Prepared::with(vec![vague(), vague(), answer(201, "", &made)]);
    let fault = create(&server).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::InvalidValue { property: None });
    assert_eq!(server.seen().len(), 2);

    let server = Prepared::with(vec![vague(), NO_CONTENT.to_owned()]);
    set_anchor(&server).await.unwrap_err();
    assert_eq!(server.seen().len(), 1, "what changes an object is believed");
}

#[tokio::test]
async fn a_refusal_that_can_not_be_read_is_asked_for_again_and_settled_by_the_one_that_can() {
    let property = Some("userPrincipalName".to_owned());
    let conflict =
        "Another object with the same value for property userPrincipalName already exists.";
    let whole = refusal(400, "", "Request_BadRequest", conflict);
    let broken_off = whole.replace("content-length: ", "content-length: 9");
    let page = answer(403, "", "<html>The proxy refuses.</html>");
    for unreadable in [broken_off, page, answer(409, "", "")] {
        let server = Prepared::with(vec![unreadable, whole.clone()]);
        let fault =
            server.tenant().create_account(&new_account("eva"), &password()).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::NameTaken { property: property.clone() });
        assert_eq!(server.seen().len(), 2);
    }
}

#[tokio::test]
async fn a_refusal_that_stays_unreadable_is_one_that_may_pass_and_did_nothing() {
    let server = Prepared::with(std::iter::repeat_n(answer(400, "", "<html>"), 9).collect());
    let fault = set_anchor(&server).await.unwrap_err();
    assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::Unreadable, Outcome::Refused));
    assert!(fault.is_transient());
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_tenant_that_asks_for_more_patience_than_there_is_is_given_up() {
    let server = Prepared::with(vec![answer(429, "Retry-After: 3600\r\n", "")]);
    let fault = set_anchor(&server).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Throttled);
    assert_eq!(fault.retry_after, Some(Duration::from_hours(1)));
}

#[tokio::test]
async fn a_selected_member_that_is_missing_is_a_fault_that_names_it() {
    let user = json!({ "value": [{
        "id": "6f3a2f0e-2f4c-4e0f-9d7e-51f2f8f5a001", "displayName": "Mia Berg", "surname": null,
    }]});
    let server = Prepared::with(vec![answer(200, "", &user.to_string())]);
    let fault = server.tenant().accounts(AccountQuery::All).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert_eq!(fault.detail, "user 6f3a2f0e-2f4c-4e0f-9d7e-51f2f8f5a001: givenName is missing");
}

#[tokio::test]
async fn a_page_that_leads_elsewhere_is_not_followed() {
    let page = json!({ "value": [], "@odata.nextLink": "http://127.0.0.1:1/v1.0/domains?x" });
    let server = Prepared::with(vec![answer(200, "", &page.to_string())]);
    let fault = server.tenant().domains().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::BadAnswer);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_creation_whose_answer_names_no_account_is_of_unknown_outcome() {
    for body in ["{}", "<html>", r#"{"id": "7"}"#] {
        let server = Prepared::with(vec![answer(201, "", body)]);
        let tenant = server.tenant();
        let fault = tenant.create_account(&new_account("eva"), &password()).await.unwrap_err();
        assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::BadAnswer, Outcome::Unknown));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_matters_only_where_it_is_needed() {
    let broken = |status: u16| answer(status, "", r#"{"id": ""#).replace("length: 8", "length: 80");
    let server = Prepared::with(vec![broken(200)]);
    set_anchor(&server).await.unwrap();

    let server = Prepared::with(vec![broken(201)]);
    let fault = server.tenant().create_account(&new_account("eva"), &password()).await.unwrap_err();
    assert_eq!((&fault.kind, fault.outcome()), (&FaultKind::OutcomeUnknown, Outcome::Unknown));

    let page = answer(200, "", r#"{"value": []}"#);
    let server = Prepared::with(vec![broken(200), page]);
    assert_eq!(server.tenant().domains().await, Ok(vec![]));
}

#[tokio::test]
async fn every_request_says_who_asks_what_it_reads_and_carries_an_id_of_its_own() {
    let page = json!({ "value": [] }).to_string();
    let server = Prepared::with(vec![answer(200, "", &page), answer(200, "", &page)]);
    let tenant = server.tenant();
    tenant.domains().await.unwrap();
    tenant.licenses().await.unwrap();

    let seen = server.seen();
    for request in &seen {
        assert_eq!(header(request, "authorization"), "Bearer a.b.c");
        assert_eq!(header(request, "x-ms-throttle-priority"), "normal");
        assert!(header(request, "user-agent").starts_with("acctsh/"));
        assert!(request.contains("?$select="));
    }
    assert_ne!(header(&seen[0], "client-request-id"), header(&seen[1], "client-request-id"));
}

fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let headers = request.lines().filter_map(|line| line.split_once(": "));
    let mut named = headers.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value).unwrap()
}
