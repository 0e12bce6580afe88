//! An address that leaves one holder for another: order, warning, and patience with Exchange, which
//! keeps a freed address from others for a while.

use serde_json::json;

use crate::aftermath::{results, runs};
use crate::mail_seen::{addresses, behaves, commands, give_alias, members, new_group};
use crate::person::{office_of, user};
use crate::story::{Shell, Tenant};

const GAP: &str = "moves from somebody else: Exchange may refuse it for up to an hour, in which mail \
                   to it is lost";
const MOVE: &str = "account(\"bob\").remove_alias(\"info\"); account(\"eva\").add_alias(\"info\")";
const BOBS: &[&str] = &["SMTP:bob@contoso.com"];
const WITH_INFO: &[&str] = &["SMTP:eva@contoso.com", "smtp:info@contoso.com"];

/// Bob has the address info, the group Sales the address orders, Eva has none but her own.
fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["bob", "eva", "tim"]);
    new_group(&tenant, "Sales", "sales");
    shell.does("account(\"bob\").add_alias(\"info\"); group(\"Sales\").add_alias(\"orders\")");
    (tenant, shell)
}

/// The same with an Exchange that holds freed addresses for an hour, and a shell without patience.
fn office_that_holds() -> (Tenant, Shell) {
    let (tenant, shell) = office();
    behaves(&tenant, json!({ "address_hold_seconds": 3600 }));
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    (tenant, shell)
}

fn an_hour_later(tenant: &Tenant) {
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 3600 })));
}

#[test]
fn from_one_person_to_another_in_one_plan_with_a_warning_of_the_gap() {
    let (tenant, shell) = office();
    shell
        .acctsh(&["-c", MOVE, "--what-if"])
        .exits(0)
        .says(&format!("eva: aliases: info@contoso.com {GAP}"))
        .prints("alias: − info@contoso.com")
        .prints("alias: + info@contoso.com");
    shell.does(MOVE).says(GAP).says("2 done");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), BOBS);
    assert_eq!(addresses(&tenant, "eva@contoso.com"), WITH_INFO);
    let kept = |name: &str| user(&shell, name).mail.entries().join(" ");
    assert!(!kept("bob").contains("info@") && kept("eva").contains("smtp:info@"), "users too");

    shell
        .is_refused(
            "account(\"bob\").add_alias(\"info\"); account(\"eva\").remove_alias(\"info\")",
            2,
        )
        .says("bob: aliases: info@contoso.com is held by eva")
        .says("take it from there first");
}

#[test]
fn what_comes_back_to_its_holder_moves_from_nobody() {
    let (tenant, shell) = office();
    shell
        .does("account(\"bob\").remove_alias(\"info\").add_alias(\"info\").add_alias(\"b\")")
        .never_says("moves from somebody else");
    let all = ["SMTP:bob@contoso.com", "smtp:b@contoso.com", "smtp:info@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
    shell
        .does("group(\"Sales\").remove_alias(\"orders\").add_alias(\"orders\")")
        .never_says("moves from somebody else");
    assert!(addresses(&tenant, "Sales").contains(&"smtp:orders@contoso.com".to_owned()));
}

#[test]
fn from_a_group_to_a_person_and_back_to_another_group() {
    let (tenant, shell) = office();
    let code = "group(\"Sales\").remove_alias(\"orders\"); \
                account(\"eva\").set_primary_address(\"orders\")";
    shell.does(code).says(&format!("orders@contoso.com {GAP}"));
    assert_eq!(addresses(&tenant, "Sales"), ["SMTP:sales@contoso.com"]);
    let evas = ["SMTP:orders@contoso.com", "smtp:eva@contoso.com"];
    assert_eq!(addresses(&tenant, "eva@contoso.com"), evas);

    // A group that is made takes it, once its holder has let it go; one that goes leaves its own.
    shell.does(
        "account(\"eva\").set_primary_address(\"eva\").remove_alias(\"orders\"); \
         create_group(#{ name: \"Orders\", alias: \"orders\", owners: [\"bob\"], members: [\"eva\"] }); \
         group(\"Sales\").delete(); account(\"tim\").add_alias(\"sales\")",
    );
    assert_eq!(addresses(&tenant, "Orders"), ["SMTP:orders@contoso.com"]);
    assert_eq!(members(&tenant, "Orders"), ["eva@contoso.com"]);
    let tims = ["SMTP:tim@contoso.com", "smtp:sales@contoso.com"];
    assert_eq!(addresses(&tenant, "tim@contoso.com"), tims);
}

#[test]
fn when_it_is_not_let_go_nobody_else_asks_for_it() {
    let (tenant, shell) = office();
    let refusal =
        json!({ "kind": "refused", "path": "/exchange/adminapi/beta/*/InvokeCommand/Set-Mailbox" });
    tenant.knob("POST", "faults", Some(refusal));
    let before = commands(&tenant, "Set-Mailbox");
    shell.acctsh(&["-c", MOVE, "--yes", "--results", "r.csv"]).exits(1);
    let lines = results(&shell, "r.csv");
    assert_eq!((lines[0]["user"].as_str(), lines[0]["outcome"].as_str()), ("bob", "failed"));
    assert_eq!(lines[1]["user"], "eva");
    assert_ne!(lines[1]["outcome"], "done");
    assert_ne!(lines[1]["message"], "", "it says why: {lines:?}");
    assert_eq!(commands(&tenant, "Set-Mailbox"), before, "nothing came after the refusal");
    assert_eq!(addresses(&tenant, "eva@contoso.com"), ["SMTP:eva@contoso.com"]);
    shell.does(MOVE);
    assert_eq!(addresses(&tenant, "eva@contoso.com"), WITH_INFO);
}

#[test]
fn held_for_longer_than_patience_it_is_put_off_and_resumed_when_its_time_is_over() {
    let (tenant, shell) = office_that_holds();
    let ran = shell.acctsh(&["-c", MOVE, "--yes", "--results", "r.csv"]).exits(7);
    assert!(ran.err.contains("acctsh plan resume"), "{}", ran.err);
    let line = results(&shell, "r.csv").into_iter().find(|line| line["user"] == "eva").unwrap();
    assert_eq!((line["outcome"].as_str(), line["code"].as_str()), ("parked", "address_held"));
    assert!(
        line["message"].contains("Exchange holds a freed address for up to an hour"),
        "{line:?}"
    );
    assert_eq!(addresses(&tenant, "bob@contoso.com"), BOBS);
    let resume = ["plan", "resume", &runs(&shell)[0].0.clone(), "--yes"];
    shell.acctsh(&resume).exits(7);
    assert_eq!(addresses(&tenant, "eva@contoso.com"), ["SMTP:eva@contoso.com"]);

    an_hour_later(&tenant);
    shell.acctsh(&resume).exits(0);
    assert_eq!(addresses(&tenant, "eva@contoso.com"), WITH_INFO);
    assert!(user(&shell, "eva").mail.entries().join(" ").contains("smtp:info@contoso.com"));
    assert_eq!(runs(&shell)[0].1, "finished");
}

#[test]
fn a_new_group_waits_for_the_address_of_a_deleted_one() {
    let (tenant, shell) = office_that_holds();
    let code = "group(\"Sales\").delete(); create_group(#{ name: \"Sales two\", alias: \"sales\", \
                owners: [\"bob\"], members: [\"eva\"] })";
    shell.acctsh(&["-c", code, "--yes"]).exits(7).says("sales@contoso.com");
    let resume = ["plan", "resume", &runs(&shell)[0].0.clone(), "--yes"];
    an_hour_later(&tenant);
    shell.acctsh(&resume).exits(0);
    assert_eq!(addresses(&tenant, "Sales two"), ["SMTP:sales@contoso.com"]);
    assert_eq!(members(&tenant, "Sales two"), ["eva@contoso.com"]);
}

#[test]
fn an_address_that_somebody_else_took_in_the_gap_is_theirs() {
    let (tenant, shell) = office_that_holds();
    shell.acctsh(&["-c", MOVE, "--yes"]).exits(7);
    an_hour_later(&tenant);
    give_alias(&tenant, "tim@contoso.com", "info@contoso.com");
    let resume = ["plan", "resume", &runs(&shell)[0].0.clone(), "--yes"];
    let ran = shell.acctsh(&resume);
    assert!(ran.exit != 0 && ran.out.contains("Kim tim"), "{}{}", ran.out, ran.err);
    let tims = ["SMTP:tim@contoso.com", "smtp:info@contoso.com"];
    assert_eq!(addresses(&tenant, "tim@contoso.com"), tims);
    assert_eq!(addresses(&tenant, "eva@contoso.com"), ["SMTP:eva@contoso.com"]);
}

#[test]
fn two_primary_addresses_are_swapped_by_letting_both_go_first() {
    let (tenant, shell) = office();
    shell.does(
        "account(\"bob\").set_primary_address(\"desk1\"); account(\"eva\").set_primary_address(\"desk2\")",
    );
    let direct = "let b = account(\"bob\"); let e = account(\"eva\"); \
                  b.set_primary_address(\"desk2\"); e.set_primary_address(\"desk1\")";
    shell
        .is_refused(direct, 2)
        .says("bob: aliases: desk2@contoso.com is held by eva")
        .says("eva: aliases: desk1@contoso.com is held by bob")
        .says("take it from there first");

    let recipe = "let b = account(\"bob\"); let e = account(\"eva\"); \
                  b.set_primary_address(\"bob\").remove_alias(\"desk1\"); \
                  e.set_primary_address(\"eva\").remove_alias(\"desk2\"); \
                  b.set_primary_address(\"desk2\"); e.set_primary_address(\"desk1\")";
    behaves(&tenant, json!({ "address_hold_seconds": 3600 }));
    shell.config(&tenant.profile().replace("patience_seconds = 5", "patience_seconds = 1"));
    shell.acctsh(&["-c", recipe, "--yes"]).exits(7).says(GAP);
    an_hour_later(&tenant);
    shell.acctsh(&["plan", "resume", &runs(&shell)[0].0.clone(), "--yes"]).exits(0);
    let bobs = ["SMTP:desk2@contoso.com", "smtp:bob@contoso.com", "smtp:info@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), bobs);
    let evas = ["SMTP:desk1@contoso.com", "smtp:eva@contoso.com"];
    assert_eq!(addresses(&tenant, "eva@contoso.com"), evas);
    shell.does(
        "account(\"bob\").set_primary_address(\"desk2\"); account(\"eva\").set_primary_address(\"desk1\")",
    )
    .says("complete already");
}
