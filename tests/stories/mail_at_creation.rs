//! People who get aliases and groups together with their accounts, and mailboxes that take their time.

use serde_json::json;

use crate::mail_seen::{members, new_group};
use crate::person::{tenant_and_shell, user};
use crate::story::{Shell, Tenant};

const PEOPLE: &str = "user_name,display_name,country,aliases,groups\n\
                      bob,Bob Miller,Germany,bobby;info@contoso.com,Sales\n\
                      eva,Eva Li,Germany,,Sales;All staff\n\
                      tim,Tim Koh,Germany,,\n";

fn with_groups() -> (Tenant, Shell) {
    let (tenant, shell) = tenant_and_shell();
    for (name, alias) in [("Sales", "sales"), ("All staff", "all")] {
        new_group(&tenant, name, alias);
    }
    shell.file("people.csv", PEOPLE);
    (tenant, shell)
}

fn addresses(tenant: &Tenant, mailbox: &str) -> String {
    let found = tenant.exchange("Get-Mailbox", &json!({ "Identity": mailbox }));
    found[0]["EmailAddresses"].to_string()
}

#[test]
fn a_file_gives_aliases_and_groups_and_a_second_run_finds_nothing_to_do() {
    let (tenant, shell) = with_groups();
    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"])
        .exits(0)
        .says("2 aliases to add")
        .says("3 members to add");
    assert_eq!(members(&tenant, "Sales"), ["bob@contoso.com", "eva@contoso.com"]);
    assert_eq!(members(&tenant, "All staff"), ["eva@contoso.com"]);
    let bobs = addresses(&tenant, "bob@contoso.com");
    assert!(bobs.contains("smtp:bobby@contoso.com") && bobs.contains("smtp:info@contoso.com"));
    let kept = user(&shell, "bob").mail;
    let kept: Vec<String> = kept.entries().to_vec();
    let all = ["SMTP:bob@contoso.com", "smtp:bobby@contoso.com", "smtp:info@contoso.com"];
    assert_eq!(kept, all, "the directory's user goes by its mailbox's addresses");

    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"])
        .exits(0)
        .says("3 people complete already");
}

#[test]
fn a_mailbox_that_is_not_there_yet_is_waited_for_then_put_off_and_resumed() {
    let (tenant, shell) = with_groups();
    tenant.knob("PUT", "exchange", Some(json!({ "mailbox_delay_seconds": 900 })));
    let patient = "patience_seconds = 5\n            mailbox_patience_seconds = 1";
    shell.config(&tenant.profile().replace("patience_seconds = 5", patient));

    let ran = shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(7);
    assert!(ran.err.contains("its mailbox is not there yet"), "{}", ran.err);
    assert_eq!(members(&tenant, "Sales"), [""; 0]);
    assert!(user(&shell, "tim").link.is_some(), "who needs no mailbox is finished");

    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 900 })));
    let run = shell.newest_runs().pop().unwrap();
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    assert_eq!(members(&tenant, "Sales"), ["bob@contoso.com", "eva@contoso.com"]);
    assert!(addresses(&tenant, "bob@contoso.com").contains("smtp:bobby@contoso.com"));
}

#[test]
fn what_is_wrong_with_addresses_and_groups_is_said_with_its_row_before_anything_is_written() {
    let (tenant, shell) = with_groups();
    new_group(&tenant, "Front desk", "info");
    shell.file(
        "people.csv",
        "user_name,display_name,country,aliases,groups\n\
         bob,Bob Miller,Germany,info@contoso.com,Sails\n\
         eva,Eva Li,Germany,eva@fabrikam.com;two..dots,\n\
         ann,Ann Roe,Germany,,\n\
         tim,Tim Koh,Germany,ann@contoso.com,\n",
    );
    let ran = shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(2);
    for said in [
        "people.csv:2: bob",
        "info@contoso.com is held by group Front desk",
        "there is no group called \"Sails\"",
        "did you mean \"Sales\"?",
        "fabrikam.com is no domain that this tenant gets mail for",
        "the address can't be used",
        "people.csv:5: tim",
        "ann@contoso.com is held by ann",
    ] {
        assert!(ran.err.contains(said), "{said:?} is not in:\n{}", ran.err);
    }
    assert!(tenant.summary()["users"] == json!(1), "{}", tenant.summary());
}

#[test]
fn whoever_gets_no_licence_with_a_mailbox_gets_no_alias_either_and_the_check_says_so() {
    let (_tenant, shell) = with_groups();
    shell
        .is_refused(
            "create_account(#{ user_name: \"kim\", display_name: \"Kim\", licenses: [], aliases: [\"kiki\"] })",
            2,
        )
        .says("has no mailbox: no licence comes with one");
}

#[test]
fn users_of_online_accounts_that_are_there_get_them_too() {
    let (tenant, shell) = with_groups();
    let kim = json!({
        "accountEnabled": true, "displayName": "Kim Roe", "mailNickname": "kim",
        "userPrincipalName": "kim@contoso.com", "usageLocation": "US",
        "passwordProfile": { "password": "Long-enough-4711" }
    });
    let id = tenant.graph_post("users", &kim)["id"].as_str().unwrap().to_owned();
    let sku = "3b555118-da6a-4418-894f-7df1e2096870";
    let basic = json!({ "addLicenses": [{ "skuId": sku }], "removeLicenses": [] });
    tenant.graph_post(&format!("users/{id}/assignLicense"), &basic);
    shell.file("users.csv", "user_name,online_id,aliases,groups\nkim,kim@contoso.com,kiki,Sales\n");
    shell.acctsh(&["run", "import-users", "--csv", "users.csv", "--yes"]).exits(0);
    assert_eq!(members(&tenant, "Sales"), ["kim@contoso.com"]);
    assert!(addresses(&tenant, "kim@contoso.com").contains("smtp:kiki@contoso.com"));
    assert!(user(&shell, "kim").link.is_some());
}
