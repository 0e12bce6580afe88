//! `unassign` frees the licences and keeps the link; `assign` gives them back, or gives another online
//! account.

use serde_json::{Value, json};

use crate::person::{
    BASIC, STANDARD, behind_the_scenes, has_online, make_administrator, office_of, online,
    seats_used, user,
};
use crate::story::{Shell, Tenant};

fn anchor(tenant: &Tenant, name: &str) -> Value {
    online(tenant, name)["onPremisesImmutableId"].clone()
}

fn link(shell: &Shell, name: &str) -> Option<String> {
    user(shell, name).link.map(|link| link.to_string())
}

fn id(tenant: &Tenant, name: &str) -> String {
    online(tenant, name)["id"].as_str().unwrap().to_owned()
}

/// Bob, with a licence of which two services are off.
fn with_bob() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&[]);
    shell.does(
        r#"create_account(#{ user_name: "bob", licenses: ["Microsoft 365 Business Standard"],
           without: ["Teams", "SWAY"] })"#,
    );
    (tenant, shell)
}

/// An online account that somebody made in the portal.
fn made_in_the_portal(tenant: &Tenant, anchor: Option<&str>) -> String {
    let made = tenant.graph_post(
        "users",
        &json!({
            "accountEnabled": true,
            "displayName": "Eva Li",
            "mailNickname": "eva.li",
            "userPrincipalName": "eva.li@contoso.com",
            "onPremisesImmutableId": anchor,
            "passwordProfile": { "password": "Tarnhafen-48-Moor" },
        }),
    );
    made["id"].as_str().unwrap().to_owned()
}

/// Eva, who has no online account yet.
fn with_eva() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["ada"]);
    shell.does("create_account(#{ user_name: \"eva\", online: false })");
    (tenant, shell)
}

#[test]
fn the_same_online_account_loses_its_seat_and_gets_exactly_the_same_licence_back() {
    let (tenant, shell) = with_bob();
    let (licenses, its_anchor, its_link) = (
        online(&tenant, "bob")["assignedLicenses"].clone(),
        anchor(&tenant, "bob"),
        link(&shell, "bob"),
    );
    assert_eq!(licenses[0]["disabledPlans"].as_array().unwrap().len(), 2);

    shell
        .acctsh(&["-c", "account(\"bob\").unassign()", "--what-if"])
        .exits(0)
        .prints("licence: Microsoft 365 Business Standard → none")
        .prints("online sign-in: open → blocked");
    shell.acctsh(&["-c", "account(\"bob\").unassign()"]).exits(5).says("give --yes");
    assert_eq!(seats_used(&tenant, STANDARD), 1);

    shell
        .does("account(\"bob\").unassign()")
        .says("loses its mailbox for good about 30 days after the licence")
        .says("to keep mail and data, disable instead");
    let after = online(&tenant, "bob");
    assert_eq!(after["assignedLicenses"], json!([]));
    assert_eq!(after["accountEnabled"], false);
    assert_eq!(seats_used(&tenant, STANDARD), 0);
    assert_eq!(
        (anchor(&tenant, "bob"), link(&shell, "bob")),
        (its_anchor.clone(), its_link.clone())
    );
    assert!(user(&shell, "bob").enabled, "the user stays usable");
    assert_eq!(shell.value("account(\"bob\").status_reason"), "unassigned");
    shell.does("account(\"bob\").unassign()").says("1 person complete already");

    shell.does("account(\"bob\").assign()");
    let back = online(&tenant, "bob");
    assert_eq!(back["assignedLicenses"], licenses, "with the same services off");
    assert_eq!(back["accountEnabled"], true);
    assert_eq!((anchor(&tenant, "bob"), link(&shell, "bob")), (its_anchor, its_link));
    shell.does("account(\"bob\").assign()").says("1 person complete already");
}

#[test]
fn there_and_back_in_one_plan_changes_nothing_in_the_end() {
    let (tenant, shell) = with_bob();
    let before = online(&tenant, "bob");
    shell.does("account(\"bob\").unassign().assign()");
    assert_eq!(online(&tenant, "bob"), before);
}

#[test]
fn without_a_free_seat_nobody_is_assigned_and_the_row_says_so() {
    let (tenant, shell) = with_bob();
    shell.does("account(\"bob\").unassign()");
    let seats = |count: u32| {
        tenant.knob("PUT", &format!("skus/{STANDARD}"), Some(json!({ "seats": count })));
    };
    seats(0);
    shell
        .is_refused("account(\"bob\").assign()", 2)
        .says("\"Microsoft 365 Business Standard\" can't be assigned any more");
    seats(1);
    shell.does(
        "create_account(#{ user_name: \"eva\", licenses: [\"Microsoft 365 Business Standard\"] })",
    );
    shell
        .is_refused("account(\"bob\").assign()", 2)
        .says("Microsoft 365 Business Standard (1 needed, 0 free)");
    assert_eq!(online(&tenant, "bob")["accountEnabled"], false);
}

#[test]
fn what_could_not_be_given_back_is_not_forgotten() {
    let (tenant, shell) = with_bob();
    let licenses = online(&tenant, "bob")["assignedLicenses"].clone();
    shell.does("account(\"bob\").unassign()");
    let path = "/v1.0/users/*/assignLicense";
    let refusal = json!({ "kind": "refused", "method": "POST", "path": path, "rate": 1.0 });
    tenant.knob("POST", "faults", Some(refusal));
    shell.acctsh(&["-c", "account(\"bob\").assign()", "--yes"]).exits(1);
    tenant.knob("DELETE", "faults", None);
    assert_eq!(online(&tenant, "bob")["accountEnabled"], false, "nobody gets in without");
    assert!(user(&shell, "bob").remembered.is_unassigned);

    shell.does("account(\"bob\").assign()");
    assert_eq!(online(&tenant, "bob")["assignedLicenses"], licenses);
    assert_eq!(online(&tenant, "bob")["accountEnabled"], true);
}

#[test]
fn who_was_disabled_meanwhile_stays_closed_until_enabled() {
    let (tenant, shell) = with_bob();
    shell.does("account(\"bob\").unassign(); account(\"bob\").disable()");
    shell
        .does("account(\"bob\").assign()")
        .says("the user is disabled: online sign-in stays blocked until it is enabled");
    assert_eq!(online(&tenant, "bob")["accountEnabled"], false);
    shell.does("account(\"bob\").enable()");
    assert_eq!(online(&tenant, "bob")["accountEnabled"], true);
}

#[test]
fn an_online_account_that_is_there_becomes_the_users_own() {
    let (tenant, shell) = with_eva();
    let eva = made_in_the_portal(&tenant, None);
    shell.does("account(\"eva\").assign(\"eva.li@contoso.com\")");
    assert_eq!(link(&shell, "eva"), Some(eva));
    let expected = acctsh::model::Anchor::of(user(&shell, "eva").guid);
    assert_eq!(anchor(&tenant, "eva.li"), expected.as_str());
    shell.does("account(\"eva\").assign(\"eva.li@contoso.com\")").says("1 person complete already");
}

#[test]
fn nobody_gets_an_account_of_somebody_else() {
    let (tenant, shell) = with_eva();
    shell
        .is_refused("account(\"eva\").assign(\"ada@contoso.com\")", 2)
        .says("ada@contoso.com belongs to the user ada");
    shell
        .is_refused("account(\"eva\").assign(\"nobody@contoso.com\")", 2)
        .says("there is no online account nobody@contoso.com");
    shell
        .is_refused("account(\"eva\").assign(\"ada@contoso.com\", #{ take_over: true })", 2)
        .says("belongs to the user ada");
    assert_eq!(link(&shell, "eva"), None);
    assert_eq!(
        anchor(&tenant, "ada"),
        acctsh::model::Anchor::of(user(&shell, "ada").guid).as_str()
    );
}

#[test]
fn an_account_anchored_elsewhere_is_taken_over_only_on_request() {
    let (tenant, shell) = with_eva();
    let foreign = "AAAAAAAAAAAAAAAAAAAAAA==";
    made_in_the_portal(&tenant, Some(foreign));
    shell
        .is_refused("account(\"eva\").assign(\"eva.li@contoso.com\")", 2)
        .says("anchored to a user elsewhere")
        .says("take_over: true");
    assert_eq!(anchor(&tenant, "eva.li"), foreign);
    shell
        .is_refused("account(\"eva\").assign(\"eva.li@contoso.com\", #{ takeover: true })", 2)
        .says("did you mean take_over?");
    shell.does("account(\"eva\").assign(\"eva.li@contoso.com\", #{ take_over: true })");
    assert_ne!(anchor(&tenant, "eva.li"), foreign);
}

#[test]
fn an_administrator_is_taken_over_only_on_request() {
    let (tenant, shell) = with_eva();
    let eva = made_in_the_portal(&tenant, None);
    make_administrator(&tenant, &eva);
    shell
        .is_refused("account(\"eva\").assign(\"eva.li@contoso.com\")", 2)
        .says("is an administrator (Global Administrator)");
    shell.does("account(\"eva\").assign(\"eva.li@contoso.com\", #{ take_over: true })");
    assert_eq!(link(&shell, "eva"), Some(eva));
}

#[test]
fn an_account_that_directory_synchronisation_runs_is_left_to_it() {
    let (tenant, shell) = with_eva();
    let eva = made_in_the_portal(&tenant, None);
    tenant.knob("PUT", &format!("users/{eva}"), Some(json!({ "synchronized": true })));
    shell
        .is_refused("account(\"eva\").assign(\"eva.li@contoso.com\", #{ take_over: true })", 2)
        .says("directory synchronisation");
    assert_eq!(anchor(&tenant, "eva.li"), Value::Null);
}

#[test]
fn a_user_gets_a_new_online_account_with_the_licences_named() {
    let (tenant, shell) = with_eva();
    shell
        .is_refused("account(\"eva\").assign(#{ online: \"eva\" })", 2)
        .says("did you mean online_id?");
    shell.does(
        r#"account("eva").assign(#{ online_id: "eva", licenses: ["Microsoft 365 Business Basic"] })"#,
    );
    assert_eq!(seats_used(&tenant, BASIC), 2, "Ada's and Eva's");
    assert_eq!(link(&shell, "eva"), Some(id(&tenant, "eva")));
    let letters = crate::aftermath::letters(&shell);
    let letter =
        letters.iter().filter(|it| it.user_name == "eva").max_by_key(|it| it.online_id != "none");
    assert_eq!(letter.unwrap().online_id, "eva@contoso.com");
}

#[test]
fn without_anything_remembered_assign_asks_which_licences() {
    let (tenant, shell) = with_eva();
    shell.is_refused("account(\"eva\").assign()", 2).says("has no online account");
    made_in_the_portal(&tenant, None);
    shell.does("account(\"eva\").assign(\"eva.li@contoso.com\")");
    shell.is_refused("account(\"eva\").assign()", 2).says("no licences are remembered");
}

#[test]
fn what_a_group_gives_is_named_and_left() {
    let (tenant, shell) = office_of(&["bob"]);
    let bob = id(&tenant, "bob");
    shell.does("account(\"bob\").add_license(\"Exchange Online (Plan 1)\", #{ without: [] })");
    let statement = "UPDATE users SET doc = json_set(doc, '$.licenseAssignmentStates[0].assignedByGroup', \
                     '6b1f5f4e-0000-4000-8000-000000000001') WHERE id = ?";
    behind_the_scenes(&tenant, statement, &[&bob]);
    let by_group = shell.value("account(\"bob\").licenses")[0].clone();
    shell.does("account(\"bob\").unassign()").says("a group gives it");
    assert_eq!(online(&tenant, "bob")["assignedLicenses"].as_array().unwrap().len(), 1);
    assert_eq!(shell.value("account(\"bob\").licenses"), json!([by_group]));
    assert!(has_online(&tenant, "bob"));
}
