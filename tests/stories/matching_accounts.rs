//! Users and online accounts that belong together are found by evidence, and only linked.

use serde_json::json;

use crate::story::{Shell, Tenant};

fn world() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    for (name, number) in [("eva.li", ""), ("t.ode", "4711"), ("sam.x", ""), ("other", "")] {
        let mut account = json!({
            "userPrincipalName": format!("{name}@contoso.com"), "mailNickname": name,
            "displayName": name, "accountEnabled": true,
            "passwordProfile": { "password": "Tarn+hafen48" },
        });
        if !number.is_empty() {
            account["employeeId"] = json!(number);
        }
        tenant.graph_post("users", &account);
    }
    let shell = Shell::new();
    shell.uses(&tenant);
    let make = r#"
        for name in ["eva.li", "nobody"] { create_account(#{ user_name: name, online: false }); }
        create_account(#{ user_name: "tim", employee_id: "4711", online: false });
        create_account(#{ user_name: "tom", employee_id: "4711", online: false });
    "#;
    shell.acctsh(&["-c", make, "--yes"]).exits(0);
    (tenant, shell)
}

#[test]
fn pairs_are_shown_with_their_evidence_reviewed_and_linked() {
    let (tenant, shell) = world();
    let before = tenant.graph("users?$select=id,displayName,accountEnabled&$top=50");
    shell
        .acctsh(&["run", "match-accounts", "--review", "pairs.csv"])
        .exits(0)
        .says("eva.li and eva.li@contoso.com: the same online ID")
        .says("tim and t.ode@contoso.com: the same personnel number")
        .says("tom fits several online accounts, or one that fits somebody else: not paired");
    let pairs: Vec<String> = shell.read("pairs.csv").lines().map(str::to_owned).collect();
    shell.file("pairs.csv", &[&*pairs[0], &*pairs[1]].join("\n"));
    shell.acctsh(&["run", "match-accounts", "--csv", "pairs.csv", "--yes"]).exits(0).says("1 done");
    assert_eq!(shell.value(r#"account("eva.li").online_id"#), json!("eva.li@contoso.com"));
    assert_eq!(shell.value(r#"account("tim").status"#), json!("none"));
    // Nothing but the link has changed.
    assert_eq!(tenant.graph("users?$select=id,displayName,accountEnabled&$top=50"), before);
}

#[test]
fn without_a_file_all_pairs_are_linked_at_once() {
    let (_tenant, shell) = world();
    shell
        .acctsh(&["run", "match-accounts", "--yes"])
        .exits(0)
        .says("Plan: 2 online accounts to link.");
    shell.acctsh(&["run", "match-accounts", "--yes"]).exits(0).never_says("Plan: ");
}
