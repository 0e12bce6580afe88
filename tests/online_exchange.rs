//! The Exchange client against the sandbox tenant over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::time::{Duration, Instant};

use acctsh::model::{
    Anchor, AssignedLicense, AutoReply, Details, EmailAddress, Field, GroupId, ObjectId, OnlineId,
    RecipientKind, ReplyAudience, Secret, UserGuid,
};
use acctsh::online::{
    ExchangeAccess, FaultKind, Forwarding, GroupChange, GroupWanted, NewGroup, NewOnlineAccount,
    OnlineFault, Outcome, RecipientKey, Tenant, TenantSettings, Written,
};
use acctsh_sandbox::{CLIENT_ID, CLIENT_SECRET, Options, Server, TENANT_ID};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

struct Sandbox {
    server: Server,
    tenant: Tenant,
    _folder: tempfile::TempDir,
}

const COMMAND: &str = "/exchange/adminapi/beta/*/InvokeCommand";

impl Sandbox {
    fn start() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut options =
            Options { state: folder.path().join("tenant.sqlite"), ..Options::default() };
        change(&mut options);
        let server = Server::start(options).unwrap();
        let tenant = Tenant::new(settings(&server.base_url())).unwrap();
        Self { server, tenant, _folder: folder }
    }

    async fn turn(&self, method: Method, knob: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{knob}", self.server.base_url());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.request(method, url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{knob}");
        answer.json().await.unwrap()
    }

    async fn behave(&self, behavior: Value) {
        self.turn(Method::PUT, "exchange", behavior).await;
    }

    async fn fail(&self, cmdlet: &str, kind: Value) {
        let mut order = kind;
        order["path"] = json!(format!("{COMMAND}/{cmdlet}"));
        self.turn(Method::POST, "faults", order).await;
    }

    /// How often the cmdlet was run.
    async fn runs(&self, cmdlet: &str) -> u64 {
        let summary = self.turn(Method::GET, "summary", Value::Null).await;
        summary["requests"][format!("POST /exchange/{cmdlet}")].as_u64().unwrap_or(0)
    }

    /// An online account with a licence for a mailbox.
    async fn person(&self, name: &str) -> ObjectId {
        let mut details = Details::default();
        for (field, text) in [(Field::DisplayName, name), (Field::UsageLocation, "DE")] {
            details.set(field, text);
        }
        let new = NewOnlineAccount {
            online_id: OnlineId::parse(&format!("{name}@contoso.com")).unwrap(),
            mail_nickname: name.to_owned(),
            details,
            anchor: Anchor::of(UserGuid::random()),
            can_sign_in: true,
            must_change_password: true,
            password_expires: true,
        };
        let id = self
            .tenant
            .create_account(&new, &Secret::new("kV7-rtq!Lopsen".to_owned()))
            .await
            .unwrap();
        let licenses = self.tenant.licenses().await.unwrap();
        let sku = licenses.iter().find(|each| each.part_number == "EXCHANGESTANDARD").unwrap().sku;
        let license = AssignedLicense { sku, disabled: Vec::new() };
        self.tenant.assign_licenses(id, &[license], &[]).await.unwrap();
        id
    }

    async fn group(&self, alias: &str, owner: ObjectId) -> GroupId {
        self.tenant.create_group(&new_group(alias, owner)).await.unwrap()
    }

    async fn members(&self, group: GroupId) -> Vec<String> {
        let members = self.tenant.group_members(group).await.unwrap();
        members.into_iter().map(|member| member.display_name).collect()
    }
}

fn settings(url: &str) -> TenantSettings {
    let secret = Secret::new(CLIENT_SECRET.to_owned());
    let settings = TenantSettings::new(url, url, TENANT_ID, CLIENT_ID, secret);
    TenantSettings { quota: None, patience: Duration::from_secs(20), ..settings }
}

fn new_group(alias: &str, owner: ObjectId) -> NewGroup {
    NewGroup {
        name: format!("Group {alias}"),
        alias: alias.to_owned(),
        address: None,
        description: Some("All of them".to_owned()),
        owners: vec![owner.to_string()],
        outside_senders: true,
    }
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

fn addresses(texts: &[&str]) -> Vec<EmailAddress> {
    texts.iter().map(|text| address(text)).collect()
}

fn taken_by(holder: &str, fault: &OnlineFault) -> bool {
    matches!(&fault.kind, FaultKind::AddressTaken { holder: Some(by), .. } if **by == *holder)
}

#[tokio::test]
async fn a_mailbox_is_read_by_its_account_and_is_not_there_before_its_time() {
    let sandbox = Sandbox::start();
    sandbox.behave(json!({ "mailbox_delay_seconds": 600 })).await;
    let eva = sandbox.person("eva").await;
    assert_eq!(sandbox.tenant.mailbox(eva).await, Ok(None));
    sandbox.turn(Method::POST, "clock", json!({ "advance_seconds": 601 })).await;
    let mailbox = sandbox.tenant.mailbox(eva).await.unwrap().unwrap();
    assert_eq!((mailbox.id, mailbox.kind), (eva, RecipientKind::UserMailbox));
    assert_eq!(mailbox.addresses.primary(), Some(address("eva@contoso.com")));
    assert_eq!(mailbox.addresses.aliases(), addresses(&["eva@contoso.onmicrosoft.com"]));
    let all = sandbox.tenant.mailboxes().await.unwrap();
    assert_eq!(all.len(), 2, "the administrator's and this one");
    let domains = sandbox.tenant.accepted_domains().await.unwrap();
    assert_eq!(domains.first().unwrap().as_str(), "contoso.com");
}

#[tokio::test]
async fn aliases_are_edited_so_that_others_edits_stay() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let eva = sandbox.person("eva").await;
    let (boss, info) = (addresses(&["boss@contoso.com"]), addresses(&["info@contoso.com"]));
    let old = address("eva@contoso.com");
    assert_eq!(tenant.change_addresses(eva, &boss, &[]).await, Ok(Written::Done));
    assert_eq!(tenant.change_addresses(eva, &boss, &[]).await, Ok(Written::AlreadySo));
    tenant.change_addresses(eva, &info, &[]).await.unwrap();
    tenant.change_addresses(eva, &[], &boss).await.unwrap();
    let now = tenant.mailbox(eva).await.unwrap().unwrap().addresses;
    assert!(now.contains(&info[0]) && !now.contains(&boss[0]));

    let stale = tenant.set_primary_address(eva, &info[0], &boss[0]).await.unwrap_err();
    assert_eq!((&stale.kind, stale.outcome()), (&FaultKind::Concurrency, Outcome::NotSent));
    assert_eq!(tenant.set_primary_address(eva, &old, &boss[0]).await, Ok(Written::Done));
    assert_eq!(tenant.set_primary_address(eva, &old, &boss[0]).await, Ok(Written::AlreadySo));
    let after = tenant.mailbox(eva).await.unwrap().unwrap().addresses;
    assert_eq!(after.primary().as_ref(), Some(&boss[0]));
    assert!(after.contains(&address("eva@contoso.com")) && after.contains(&info[0]));
    assert!(after.entries().iter().any(|entry| entry.starts_with("SPO:")), "all else stays");
}

#[tokio::test]
async fn a_taken_address_names_its_holder() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let (eva, tim) = (sandbox.person("eva").await, sandbox.person("tim").await);
    let group = sandbox.group("sales", eva).await;
    let sales = addresses(&["sales@contoso.com"]);
    let fault = tenant.change_addresses(tim, &sales, &[]).await.unwrap_err();
    assert!(taken_by("Group sales", &fault), "{fault:?}");
    assert_eq!(fault.outcome(), Outcome::Refused);
    let holder = tenant.address_holder(&address("SALES@contoso.com")).await.unwrap().unwrap();
    assert_eq!((holder.id.0, holder.kind), (group.0, RecipientKind::DistributionGroup));
    assert_eq!(tenant.address_holder(&address("no@contoso.com")).await, Ok(None));
    let again = tenant.create_group(&new_group("sales", eva)).await.unwrap_err();
    assert!(taken_by("Group sales", &again), "{again:?}");
    let foreign = tenant.change_addresses(tim, &addresses(&["x@fabrikam.com"]), &[]).await;
    assert_eq!(foreign.unwrap_err().kind, FaultKind::DomainNotAccepted);
    assert_eq!(tenant.recipients().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_leavers_mailbox_is_shared_forwarded_answered_opened_and_hidden_and_all_of_it_undone() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let (tim, eva) = (sandbox.person("tim").await, address("eva@contoso.com"));
    sandbox.person("eva").await;
    let read = async || tenant.mailbox(tim).await.unwrap().unwrap();
    let before = read().await;

    tenant.set_shared(tim, true).await.unwrap();
    let on = Forwarding::Inside { to: eva.clone(), keeps_a_copy: true };
    tenant.set_forwarding(tim, &on).await.unwrap();
    tenant.set_hidden(tim, true).await.unwrap();
    let reply = AutoReply {
        inside: "Tim has left".to_owned(),
        outside: "Tim's gone".to_owned(),
        audience: ReplyAudience::Known,
    };
    tenant.set_auto_reply(tim, Some(&reply)).await.unwrap();
    assert_eq!(tenant.grant_full_access(tim, &eva).await, Ok(Written::Done));
    assert_eq!(tenant.grant_full_access(tim, &eva).await, Ok(Written::AlreadySo));
    let shared = read().await;
    assert_eq!((shared.kind, shared.is_hidden), (RecipientKind::SharedMailbox, true));
    assert_eq!((shared.forwards_to.as_deref(), shared.keeps_a_copy), (Some("eva"), true));
    assert_eq!(tenant.auto_reply(tim).await.unwrap(), Some(reply));
    assert_eq!(tenant.full_access(tim).await.unwrap(), ["eva@contoso.com"]);

    tenant.set_shared(tim, false).await.unwrap();
    let outside = Forwarding::Outside { to: address("x@fabrikam.com"), keeps_a_copy: false };
    tenant.set_forwarding(tim, &outside).await.unwrap();
    assert_eq!(read().await.forwards_outside, Some(address("x@fabrikam.com")));
    tenant.set_forwarding(tim, &Forwarding::Off).await.unwrap();
    tenant.set_hidden(tim, false).await.unwrap();
    tenant.set_auto_reply(tim, None).await.unwrap();
    tenant.revoke_full_access(tim, &eva).await.unwrap();
    assert_eq!(tenant.revoke_full_access(tim, &eva).await, Ok(Written::AlreadySo));
    assert_eq!(tenant.auto_reply(tim).await, Ok(None));
    assert!(tenant.full_access(tim).await.unwrap().is_empty());
    assert_eq!(read().await, before);
}

#[tokio::test]
async fn a_group_is_made_open_changed_and_removed() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let (eva, tim) = (sandbox.person("eva").await, sandbox.person("tim").await);
    let id = sandbox.group("sales", eva).await;
    let group = tenant.group(&GroupWanted::Id(id)).await.unwrap();
    assert!(group.outside_senders, "outsiders may send, since `false` was sent");
    assert_eq!((group.owners, group.description.as_str()), (vec![eva.to_string()], "All of them"));

    let change = GroupChange {
        display_name: Some("Sales".to_owned()),
        outside_senders: Some(false),
        hidden: Some(true),
        add_owners: vec![tim.to_string()],
        remove_owners: vec![eva.to_string()],
        description: Some(String::new()),
        ..GroupChange::default()
    };
    assert_eq!(tenant.change_group(id, &change).await, Ok(Written::Done));
    let again = GroupChange { hidden: Some(true), ..GroupChange::default() };
    assert_eq!(tenant.change_group(id, &again).await, Ok(Written::AlreadySo));
    tenant.change_group_addresses(id, &addresses(&["emea@contoso.com"]), &[]).await.unwrap();
    let old = address("sales@contoso.com");
    tenant.set_group_primary(id, &old, &address("emea@contoso.com")).await.unwrap();
    let group = tenant.group(&GroupWanted::Address(address("sales@contoso.com"))).await.unwrap();
    assert_eq!((group.display_name.as_str(), group.outside_senders), ("Sales", false));
    assert_eq!((group.owners, group.description.as_str()), (vec![tim.to_string()], ""));
    assert_eq!(group.addresses.primary(), Some(address("emea@contoso.com")));
    assert_eq!(tenant.groups().await.unwrap().len(), 1);

    tenant.delete_group(id).await.unwrap();
    assert_eq!(tenant.delete_group(id).await.unwrap_err().kind, FaultKind::NotFound);
}

#[tokio::test]
async fn members_are_added_and_removed_and_so_already_is_no_error() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let (eva, tim) = (sandbox.person("eva").await, sandbox.person("tim").await);
    let (sales, board) = (sandbox.group("sales", eva).await, sandbox.group("board", eva).await);
    assert_eq!(tenant.add_member(sales, &eva.to_string()).await, Ok(Written::Done));
    assert_eq!(tenant.add_member(sales, &eva.to_string()).await, Ok(Written::AlreadySo));
    tenant.add_member(sales, &board.to_string()).await.unwrap();
    assert_eq!(sandbox.members(sales).await, ["eva", "Group board"]);
    let gone = tenant.remove_member(sales, &tim.to_string()).await;
    assert_eq!(gone, Ok(Written::AlreadySo));
    let nobody = tenant.add_member(sales, "nobody@contoso.com").await.unwrap_err();
    assert_eq!(nobody.kind, FaultKind::NotFound);
    let groups = tenant.groups_of(&RecipientKey::Id(eva)).await.unwrap();
    assert_eq!(groups.iter().map(|group| group.id.0).collect::<Vec<_>>(), [sales.0]);
    tenant.remove_member(sales, &eva.to_string()).await.unwrap();
    assert_eq!(sandbox.members(sales).await, ["Group board"]);
    let empty = tenant.add_member(sales, " ").await.unwrap_err();
    assert_eq!(empty.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_refusal_is_understood_wherever_it_hides() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let (eva, tim) = (sandbox.person("eva").await, sandbox.person("tim").await);
    sandbox.group("sales", eva).await;
    for place in ["plain", "json", "inner"] {
        sandbox.behave(json!({ "refusals": place })).await;
        assert_eq!(tenant.mailbox(ObjectId::random()).await, Ok(None), "{place}");
        let taken = tenant.change_addresses(tim, &addresses(&["sales@contoso.com"]), &[]).await;
        assert!(taken_by("Group sales", &taken.unwrap_err()), "{place}");
    }
    for bare in [false, true] {
        sandbox.behave(json!({ "bare_forbidden": bare })).await;
        sandbox.turn(Method::PUT, "app", json!({ "roles": [] })).await;
        let fault = tenant.mailboxes().await.unwrap_err();
        assert_eq!((fault.kind, fault.status), (FaultKind::PermissionMissing, Some(403)));
    }
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_sent_again_but_a_member_is() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let eva = sandbox.person("eva").await;
    let group = sandbox.group("sales", eva).await;
    for kind in
        [json!({ "kind": "cut_after" }), json!({ "kind": "gateway_timeout", "took_effect": true })]
    {
        let before = sandbox.runs("Set-Mailbox").await;
        sandbox.fail("Set-Mailbox", kind).await;
        let fault = tenant.set_hidden(eva, true).await.unwrap_err();
        assert_eq!(fault.outcome(), Outcome::Unknown, "{fault:?}");
        assert_eq!(sandbox.runs("Set-Mailbox").await, before + 1);
    }
    sandbox.behave(json!({ "lost_writes": 1 })).await;
    let fault = tenant.create_group(&new_group("board", eva)).await.unwrap_err();
    assert_eq!(fault.outcome(), Outcome::Unknown);
    assert_eq!(tenant.groups().await.unwrap().len(), 2, "it was made");

    sandbox.fail("Add-DistributionGroupMember", json!({ "kind": "cut_after" })).await;
    assert_eq!(tenant.add_member(group, &eva.to_string()).await, Ok(Written::AlreadySo));
    sandbox.fail("Get-Mailbox", json!({ "kind": "cut_before" })).await;
    assert!(tenant.mailbox(eva).await.unwrap().is_some(), "a read is repeated");
}

#[tokio::test]
async fn what_passes_by_itself_is_waited_for() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let eva = sandbox.person("eva").await;
    sandbox.behave(json!({ "too_new": 1, "empty_writes": true })).await;
    assert_eq!(tenant.set_hidden(eva, true).await, Ok(Written::Done));
    for kind in [
        json!({ "kind": "too_many_requests", "retry_after": 0.2 }),
        json!({ "kind": "too_many_requests" }),
        json!({ "kind": "service_unavailable", "retry_after": 0.2 }),
        json!({ "kind": "expire_tokens" }),
    ] {
        sandbox.fail("Set-Mailbox", kind).await;
        tenant.set_hidden(eva, false).await.unwrap();
        tenant.set_hidden(eva, true).await.unwrap();
    }
}

#[tokio::test]
async fn a_throttled_exchange_is_obeyed_and_little_of_the_quota_is_lost_to_refusals() {
    let sandbox = Sandbox::with(|options| {
        options.throttle = true;
        options.time_scale = 20.0;
    });
    let tenant = &sandbox.tenant;
    let eva = sandbox.person("eva").await;
    // 300 at once and then 10 a second: at least 2.5 s on that clock.
    let started = Instant::now();
    for read in join_all((0..800).map(|_| tenant.mailbox(eva))).await {
        assert!(read.unwrap().is_some());
    }
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(2), "{took:?}");
    let refused = sandbox.runs("Get-Mailbox").await - 800;
    assert!(refused <= 80, "{refused} were refused, in {took:?}");
}

#[tokio::test]
async fn a_tenant_named_by_a_domain_is_found_by_its_id() {
    let sandbox = Sandbox::start();
    let url = sandbox.server.base_url();
    let by_name = TenantSettings { tenant: "contoso.com".to_owned(), ..settings(&url) };
    assert_eq!(Tenant::new(by_name).unwrap().mailboxes().await.unwrap().len(), 1);
    let nowhere = TenantSettings { exchange_url: None, ..settings(&url) };
    let fault = Tenant::new(nowhere).unwrap().mailboxes().await.unwrap_err();
    assert_eq!(fault.outcome(), Outcome::NotSent);
}

#[tokio::test]
async fn a_list_of_several_pages_is_read_to_its_end() {
    let sandbox = Sandbox::start();
    let tenant = &sandbox.tenant;
    let eva = sandbox.person("eva").await;
    let new: Vec<NewGroup> = (0..1_001).map(|n| new_group(&format!("g{n}"), eva)).collect();
    for made in join_all(new.iter().map(|new| tenant.create_group(new))).await {
        made.unwrap();
    }
    assert_eq!(tenant.groups().await.unwrap().len(), 1_001);
    assert_eq!(sandbox.runs("Get-DistributionGroup").await, 2);
}

#[tokio::test]
async fn what_the_app_lacks_in_exchange_is_told_apart() {
    let sandbox = Sandbox::start();
    let url = sandbox.server.base_url();
    // A new one each time: what is granted is in the token.
    let access = async || Tenant::new(settings(&url)).unwrap().exchange_access().await;
    let found = |has_permission, is_let_in| Ok(ExchangeAccess { has_permission, is_let_in });
    assert_eq!(access().await, found(Some(true), Some(true)));
    sandbox.turn(Method::PUT, "app", json!({ "roles": ["User Administrator"] })).await;
    assert_eq!(access().await, found(Some(true), Some(false)));
    sandbox.behave(json!({ "bare_forbidden": true })).await;
    assert_eq!(access().await, found(Some(true), Some(false)));
    sandbox.turn(Method::PUT, "app", json!({ "permissions": ["User.Read.All"] })).await;
    assert_eq!(access().await, found(Some(false), None));
    let nowhere = TenantSettings { exchange_url: None, ..settings(&url) };
    let fault = Tenant::new(nowhere).unwrap().exchange_access().await.unwrap_err();
    assert_eq!(fault.outcome(), Outcome::NotSent);
}
