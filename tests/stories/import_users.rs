//! Users for online accounts that have none: proposed, reviewed in a file, made and linked.

use serde_json::{Value, json};

use crate::story::{Shell, Tenant};

/// A tenant with online accounts that were there before acctsh.
fn tenant_with_people() -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    for (name, department) in [("eva.li", "Sales"), ("tim.ode", "Plant"), ("Jürgen.Weiß", "Plant")]
    {
        online_account(&tenant, name, department, true);
    }
    // What a shared mailbox looks like to Graph.
    online_account(&tenant, "info", "Sales", false);
    let shell = Shell::new();
    shell.uses(&tenant);
    (tenant, shell)
}

fn online_account(tenant: &Tenant, name: &str, department: &str, enabled: bool) -> Value {
    let local: String = name.chars().filter(char::is_ascii).collect();
    tenant.graph_post(
        "users",
        &json!({
            "userPrincipalName": format!("{local}@contoso.com"), "mailNickname": local,
            "displayName": name, "department": department, "jobTitle": "Fitter",
            "accountEnabled": enabled,
            "passwordProfile": { "password": "Tarn+hafen48", "forceChangePasswordNextSignIn": false },
        }),
    )
}

#[test]
fn everybody_gets_a_user_linked_at_once_and_whoever_is_left_out_is_named() {
    let (_tenant, shell) = tenant_with_people();
    shell
        .acctsh(&["run", "import-users", "--yes"])
        .exits(0)
        .says("1 left out, administrators (--include administrators): admin@")
        .says("1 left out, blocked and without licence (--include blocked): info@contoso.com")
        .says("Plan: 3 users to create, 3 online accounts to link.");
    let eva = shell.value(r#"let a = account("eva.li"); [a.online_id, a.department, a.status]"#);
    assert_eq!(eva, json!(["eva.li@contoso.com", "Sales", "inactive"]));
    let letters = shell.passwords();
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["eva.li", "jrgen.wei", "tim.ode"]);
    shell.acctsh(&["run", "import-users", "--yes"]).exits(0).never_says("Plan: 3");
}

#[test]
fn a_name_that_is_taken_gets_a_number_and_that_is_said() {
    let (_tenant, shell) = tenant_with_people();
    shell.acctsh(&["-c", r#"create_account(#{ user_name: "eva.li", online: false })"#, "--yes"]);
    shell
        .acctsh(&["run", "import-users", "--what-if"])
        .exits(0)
        .says("get another user name than their online ID's: eva.li@contoso.com as eva.li2");
}

#[test]
fn proposals_go_to_a_file_and_come_back_edited() {
    let (_tenant, shell) = tenant_with_people();
    shell.acctsh(&["run", "import-users", "--review", "p.csv"]).exits(0).says("3 people to review");
    let proposals = shell.read("p.csv");
    assert!(
        proposals.contains("eva.li,") && proposals.contains("eva.li@contoso.com"),
        "{proposals}"
    );
    let kept: Vec<&str> = proposals.lines().filter(|line| !line.contains("tim.ode")).collect();
    shell.file("p.csv", &kept.join("\r\n").replace("eva.li,", "eva,"));
    shell
        .acctsh(&["run", "import-users", "--csv", "p.csv", "--yes"])
        .exits(0)
        .says("Plan: 2 users to create, 2 online accounts to link.");
    // What the file doesn't hold is taken over from the online account.
    let eva = shell.value(r#"let a = account("eva"); [a.online_id, a.job_title]"#);
    assert_eq!(eva, json!(["eva.li@contoso.com", "Fitter"]));
    shell.acctsh(&["-c", r#"account("tim.ode")"#]).exits(2).says("nobody called");
}

#[test]
fn one_person_is_made_with_an_online_account_that_is_there() {
    let (_tenant, shell) = tenant_with_people();
    let create = r#"create_account(#{ user_name: "eva", online: "eva.li@contoso.com" })"#;
    shell
        .acctsh(&["-c", create, "--what-if"])
        .exits(0)
        .says("1 user to create, 1 online account to link");
    shell.acctsh(&["-c", create, "--yes"]).exits(0);
    shell.acctsh(&["-c", create, "--yes"]).exits(0).says("1 person complete already");
    // Nobody else may have it, and an administrator is taken over only by a word for it.
    shell
        .acctsh(&["-c", &create.replace("\"eva\"", "\"eve\""), "--yes"])
        .exits(2)
        .says("belongs to the user eva");
    let admin =
        r#"create_account(#{ user_name: "root", online: "admin@contoso.onmicrosoft.com" })"#;
    shell
        .acctsh(&["-c", admin, "--yes"])
        .exits(2)
        .says("is an administrator (Global Administrator");
    let taken = admin.replace(" })", ", take_over: true })");
    shell.acctsh(&["-c", &taken, "--yes"]).exits(0).says("1 online account to link");
}
