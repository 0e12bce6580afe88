//! What Exchange refuses is recognised wherever it hides the reason; what goes wrong on the way is
//! overcome or put off, and nothing is done twice.

use serde_json::{Value, json};

use crate::aftermath::runs;
use crate::mail_seen::{addresses, behaves, give_alias, members, new_group};
use crate::person::{office_of, online};
use crate::story::{Ran, Shell, Tenant};

const PEOPLE: &[&str] = &["p1", "p2", "p3", "p4", "p5", "p6"];
const WRITES: &[&str] = &[
    "Set-Mailbox",
    "New-DistributionGroup",
    "Set-DistributionGroup",
    "Add-DistributionGroupMember",
    "Remove-DistributionGroupMember",
    "Remove-DistributionGroup",
];

/// Aliases, primary addresses and members of six people; a group that is made, two that change, one
/// that goes.
const WORK: &str = "for n in 1..=6 { account(`p${n}`).add_alias(`alias${n}`); \
                    account(`p${n}`).set_primary_address(`first${n}`) } \
                    create_group(#{ name: \"Board\", alias: \"board\", owners: [\"p1\"], members: [\"p1\", \"p2\"] }); \
                    group(\"Sales\").add_alias(\"shop\").set_members([\"p3\", \"p4\"]); \
                    group(\"Old\").delete()";

fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(PEOPLE);
    new_group(&tenant, "Sales", "sales");
    new_group(&tenant, "Old", "old");
    shell.does("group(\"Sales\").add([\"p5\", \"p6\"])");
    (tenant, shell)
}

fn strike(tenant: &Tenant, cmdlet: &str, kind: &Value, how_often: Value) {
    let mut order = kind.clone();
    let members = order.as_object_mut().unwrap();
    members.insert(
        "path".to_owned(),
        json!(format!("/exchange/adminapi/beta/*/InvokeCommand/{cmdlet}")),
    );
    members.extend(how_often.as_object().unwrap().clone());
    tenant.knob("POST", "faults", Some(order));
}

/// All of the work is done, once.
#[track_caller]
fn expect_all_done(tenant: &Tenant, shell: &Shell, what: &str) {
    for n in 1..=6 {
        let all = [
            format!("SMTP:first{n}@contoso.com"),
            format!("smtp:alias{n}@contoso.com"),
            format!("smtp:p{n}@contoso.com"),
        ];
        assert_eq!(addresses(tenant, &format!("p{n}@contoso.com")), all, "{what}");
    }
    let all = tenant.exchange("Get-DistributionGroup", &json!({ "ResultSize": "Unlimited" }));
    let mut names: Vec<&str> = all.iter().map(|group| group["Name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Board", "Sales"], "{what}");
    assert_eq!(members(tenant, "Board"), ["first1@contoso.com", "first2@contoso.com"], "{what}");
    assert_eq!(members(tenant, "Sales"), ["first3@contoso.com", "first4@contoso.com"], "{what}");
    let sales = ["SMTP:sales@contoso.com", "smtp:shop@contoso.com"];
    assert_eq!(addresses(tenant, "Sales"), sales, "{what}");
    let again = "for n in 1..=6 { account(`p${n}`).add_alias(`alias${n}`); \
                 account(`p${n}`).set_primary_address(`first${n}`) } \
                 group(\"Sales\").add_alias(\"shop\").set_members([\"p3\", \"p4\"])";
    let before = runs(shell);
    shell.does(again).says("complete already");
    assert_eq!(runs(shell), before, "{what}");
}

#[test]
fn what_goes_wrong_a_few_times_is_overcome() {
    let kinds = [
        ("429 with Retry-After", json!({ "kind": "too_many_requests", "retry_after": 0.1 })),
        ("429 without Retry-After", json!({ "kind": "too_many_requests" })),
        ("503 with Retry-After", json!({ "kind": "service_unavailable", "retry_after": 0.1 })),
        ("503 without Retry-After", json!({ "kind": "service_unavailable" })),
        ("504 before", json!({ "kind": "gateway_timeout" })),
        ("504 after", json!({ "kind": "gateway_timeout", "took_effect": true })),
        ("500 before", json!({ "kind": "server_error" })),
        ("500 after", json!({ "kind": "server_error", "took_effect": true })),
        ("cut before", json!({ "kind": "cut_before" })),
        ("cut after", json!({ "kind": "cut_after" })),
        ("half an answer", json!({ "kind": "half_body" })),
        ("HTML, 502", json!({ "kind": "html" })),
        ("HTML, 200", json!({ "kind": "html", "status": 200 })),
        ("token expired", json!({ "kind": "expire_tokens" })),
    ];
    for (what, kind) in kinds {
        let (tenant, shell) = office();
        shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 20"));
        for cmdlet in WRITES {
            strike(&tenant, cmdlet, &kind, json!({}));
        }
        // A page that calls itself an answer is no reason to ask again before anything is at stake.
        if what != "HTML, 200" {
            strike(&tenant, "Get-Mailbox", &kind, json!({ "skip": 1 }));
        }
        let ran = shell.acctsh(&["-c", WORK, "--yes"]);
        assert_eq!(ran.exit, 0, "{what}\n{}{}", ran.out, ran.err);
        assert_eq!(tenant.knob("GET", "faults", None)["pending"], json!([]), "{what} has happened");
        expect_all_done(&tenant, &shell, what);
    }
}

#[test]
fn what_exchange_itself_does_wrong_a_few_times_is_overcome() {
    for knobs in [
        json!({ "lost_writes": 8 }),
        json!({ "too_new": 4 }),
        json!({ "proxy_faults": 3 }),
        json!({ "empty_writes": true, "warning": "The command completed successfully but no settings of 'x' have been modified." }),
    ] {
        let (tenant, shell) = office();
        shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 20"));
        behaves(&tenant, knobs.clone());
        let ran = shell.acctsh(&["-c", WORK, "--yes"]);
        assert_eq!(ran.exit, 0, "{knobs}\n{}{}", ran.out, ran.err);
        expect_all_done(&tenant, &shell, &knobs.to_string());
    }
}

#[test]
fn what_one_mailbox_meets_for_ever_puts_off_that_one_and_a_resume_finishes_it() {
    for (what, kind, code) in [
        ("429", json!({ "kind": "too_many_requests", "retry_after": 0.1 }), "slow down"),
        ("503", json!({ "kind": "service_unavailable", "retry_after": 0.1 }), "not available"),
        ("504", json!({ "kind": "gateway_timeout" }), "not available"),
        ("cut", json!({ "kind": "cut_after" }), "did not answer"),
    ] {
        let (tenant, shell) = office();
        shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
        strike(&tenant, "Set-Mailbox", &kind, json!({ "victims": 1 }));
        let ran = shell.acctsh(&["-c", WORK, "--yes"]);
        assert!(ran.exit == 7 || ran.exit == 8, "{what}: {}\n{}{}", ran.exit, ran.out, ran.err);
        assert!(ran.out.contains(code), "{what}\n{}{}", ran.out, ran.err);
        tenant.knob("DELETE", "faults", None);
        let run = runs(&shell)[0].0.clone();
        let resumed = shell.acctsh(&["plan", "resume", &run, "--yes"]);
        assert_eq!(resumed.exit, 0, "{what}\n{}{}", resumed.out, resumed.err);
        expect_all_done(&tenant, &shell, what);
    }
}

#[test]
fn an_exchange_that_is_down_stops_the_run_which_goes_on_when_it_is_back() {
    let (tenant, shell) = office();
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    let down = json!({ "kind": "service_unavailable", "retry_after": 0.1 });
    for cmdlet in WRITES {
        strike(&tenant, cmdlet, &down, json!({ "rate": 1.0 }));
    }
    shell.acctsh(&["-c", WORK, "--yes"]).exits(7).says("is not available").says("to go on");
    strike(&tenant, "*", &down, json!({ "rate": 1.0 }));
    shell
        .is_refused("account(\"p1\").add_alias(\"x\")", 8)
        .says("the tenant's service is not available")
        .says("try again later");
    shell.acctsh(&["-c", "aliases()"]).exits(8).says("is not available");
    tenant.knob("DELETE", "faults", None);
    let run = runs(&shell)[0].0.clone();
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    expect_all_done(&tenant, &shell, "down");
}

#[test]
fn a_group_that_somebody_else_made_or_deleted_meanwhile_is_said_and_never_adopted() {
    let (tenant, shell) = office_of(&["tim"]);
    new_group(&tenant, "Old", "old");
    behaves(&tenant, json!({ "mailbox_delay_seconds": 900 }));
    let impatient = "patience_seconds = 1\n            mailbox_patience_seconds = 1";
    shell.config(&tenant.profile().replace("patience_seconds = 5", impatient));
    let code = "create_account(#{ user_name: \"kim\" }); \
                create_group(#{ name: \"Board\", alias: \"board\", owners: [\"kim\"], members: [\"tim\"] }); \
                create_group(#{ name: \"Council\", alias: \"council\", owners: [\"kim\"] }); \
                group(\"Old\").add(\"kim\");";
    shell.acctsh(&["-c", code, "--yes"]).exits(7);
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 900 })));
    new_group(&tenant, "Board", "other");
    new_group(&tenant, "Their council", "council");
    let gone =
        json!({ "Identity": "Old", "BypassSecurityGroupManagerCheck": true, "Confirm": false });
    tenant.exchange("Remove-DistributionGroup", &gone);
    let run = runs(&shell)[0].0.clone();
    let ran = shell.acctsh(&["plan", "resume", &run, "--yes"]);
    assert!(ran.out.contains("another object has the same Name"), "{}", ran.out);
    assert!(
        ran.out.contains("the address council@contoso.com is held by Their council"),
        "{}",
        ran.out
    );
    assert_eq!(members(&tenant, "Board"), [""; 0], "theirs gets no members of ours");
    let line = ran.out.lines().find(|line| line.contains("Old")).unwrap();
    assert!(!line.contains("done"), "{line}");
}

/// People whose mailboxes take their time, each with a wish that comes to nothing by then.
fn put_off(refusals: &str) -> (Tenant, Shell, String) {
    let (tenant, shell) = office_of(&["tim", "ann"]);
    tenant.knob("PUT", "domains/fabrikam.com", Some(json!({ "verified": true })));
    behaves(&tenant, json!({ "mailbox_delay_seconds": 900, "refusals": refusals }));
    let impatient = "patience_seconds = 5\n            mailbox_patience_seconds = 1";
    shell.config(&tenant.profile().replace("patience_seconds = 5", impatient));
    let code = "for n in 1..=6 { create_account(#{ user_name: `k${n}` }) } \
                account(\"k1\").add_alias(\"taken\"); account(\"k2\").add_alias(\"sign.in\"); \
                account(\"k3\").add_alias(\"deleted\"); account(\"k4\").add_alias(\"k4@fabrikam.com\"); \
                account(\"k5\").add_alias(\"one.more\"); account(\"k6\").add_alias(\"synced\");";
    shell.acctsh(&["-c", code, "--yes"]).exits(7);
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 900 })));
    let run = runs(&shell)[0].0.clone();
    (tenant, shell, run)
}

/// Others get in the way of each wish.
fn get_in_the_way(tenant: &Tenant) {
    give_alias(tenant, "tim@contoso.com", "taken@contoso.com");
    tenant.graph_post(
        "users",
        &json!({
            "accountEnabled": true, "displayName": "Sign In", "mailNickname": "signin",
            "userPrincipalName": "sign.in@contoso.com",
            "passwordProfile": { "password": "Kettle-Harbor-47" }
        }),
    );
    give_alias(tenant, "ann@contoso.com", "deleted@contoso.com");
    tenant.graph_delete(&format!("users/{}", online(tenant, "ann")["id"].as_str().unwrap()));
    tenant.knob("PUT", "domains/fabrikam.com", Some(json!({ "verified": false })));
    let many: Vec<String> = (0..329).map(|n| format!("smtp:many{n}@contoso.com")).collect();
    let list = json!({ "@odata.type": "#Exchange.GenericHashTable", "add": many });
    tenant
        .exchange("Set-Mailbox", &json!({ "Identity": "k5@contoso.com", "EmailAddresses": list }));
    let id = online(tenant, "k6")["id"].as_str().unwrap().to_owned();
    tenant.knob("PUT", &format!("users/{id}"), Some(json!({ "synchronized": true })));
}

#[track_caller]
fn expect_each_reason(ran: &Ran, refusals: &str) {
    for (user, said) in [
        ("k1", "the address taken@contoso.com is held by Kim tim"),
        ("k2", "Another object with the same value for property proxyAddresses already exists"),
        ("k3", "a deleted object still has the address"),
        ("k4", "the domain of the address is not accepted"),
        ("k5", "too many addresses"),
        ("k6", "the account is run by directory synchronisation"),
    ] {
        let line = ran.out.lines().find(|line| line.contains(user) && line.contains("failed"));
        let line = line.unwrap_or_else(|| panic!("{refusals}: no line of {user}:\n{}", ran.out));
        assert!(line.contains(said), "{refusals}: {line}");
        assert!(!line.contains("DualWrite") && !line.contains("Error executing"), "{line}");
        assert!(!line.contains("LegacyExchangeDN"), "said once: {line}");
    }
}

#[test]
fn each_refusal_is_recognised_wherever_exchange_hides_it() {
    for refusals in ["plain", "json", "inner"] {
        let (tenant, shell, run) = put_off(refusals);
        get_in_the_way(&tenant);
        let ran = shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(3);
        expect_each_reason(&ran, refusals);
        assert_eq!(runs(&shell)[0].1, "finished", "there is nothing to wait for");
        assert_eq!(addresses(&tenant, "k1@contoso.com"), ["SMTP:k1@contoso.com"]);
    }
}

#[test]
fn what_the_app_may_not_do_is_said_with_or_without_a_readable_answer() {
    for bare in [false, true] {
        let (tenant, shell) = office();
        behaves(&tenant, json!({ "bare_forbidden": bare }));
        shell.acctsh(&["-c", WORK, "--plan-out", "p.json"]).exits(0);
        tenant.knob("PUT", "app", Some(json!({ "roles": ["User Administrator"] })));
        shell
            .is_refused("account(\"p1\").add_alias(\"x\")", 6)
            .says("the app may not use Exchange")
            .says("acctsh doctor says which permission and which role are missing");
        shell.acctsh(&["plan", "apply", "p.json", "--yes"]).says("may not use Exchange");
        // Reading is allowed, writing isn't.
        tenant.knob(
            "PUT",
            "app",
            Some(json!({ "roles": ["User Administrator", "Global Reader"] })),
        );
        let ran = shell.acctsh(&["-c", "account(\"p1\").add_alias(\"x\")", "--yes"]);
        assert_ne!(ran.exit, 0);
        assert!(format!("{}{}", ran.out, ran.err).contains("lacks a permission"), "{}", ran.out);
        assert_eq!(addresses(&tenant, "p1@contoso.com"), ["SMTP:p1@contoso.com"]);
    }
}
