//! `link`, `unlink` and `relink`: what connects the halves, and nothing else.

use acctsh::model::Anchor;
use serde_json::{Value, json};

use crate::person::{behind_the_scenes, office_of, online, user};
use crate::story::{Shell, Tenant};

/// What the two halves say of each other: the anchor, and the link.
fn ends(tenant: &Tenant, shell: &Shell, name: &str) -> (Value, Option<String>) {
    let anchor = online(tenant, name)["onPremisesImmutableId"].clone();
    (anchor, user(shell, name).link.map(|link| link.to_string()))
}

/// What they say when each knows the other.
fn linked(tenant: &Tenant, shell: &Shell, name: &str) -> (Value, Option<String>) {
    let id = online(tenant, name)["id"].as_str().unwrap().to_owned();
    (json!(Anchor::of(user(shell, name).guid).as_str()), Some(id))
}

fn forget_link(shell: &Shell, name: &str) {
    if let Some(controller) = shell.controller() {
        let user = format!("CN={name},OU=People,{}", controller.base());
        controller.set(&user, "adminDescription", None);
        return;
    }
    let file = shell.home().join("profiles/contoso/directory.db");
    let directory = rusqlite::Connection::open(file).unwrap();
    let changed = directory.execute("UPDATE users SET link = NULL WHERE name = ?", [name]);
    assert_eq!(changed.unwrap(), 1);
}

fn forget_anchor(tenant: &Tenant, name: &str) {
    let statement = "UPDATE users SET immutable_id = NULL, \
                     doc = json_remove(doc, '$.onPremisesImmutableId') WHERE upn_key = ?";
    behind_the_scenes(tenant, statement, &[&format!("{name}@contoso.com")]);
}

#[test]
fn both_ends_are_forgotten_and_nothing_else_changes() {
    let (tenant, shell) = office_of(&["bob"]);
    let mut before = online(&tenant, "bob");
    shell
        .acctsh(&["-c", "account(\"bob\").unlink()", "--what-if"])
        .exits(0)
        .prints("link: bob@contoso.com → none");
    assert_eq!(ends(&tenant, &shell, "bob"), linked(&tenant, &shell, "bob"));

    shell.does("account(\"bob\").unlink()");
    assert_eq!(ends(&tenant, &shell, "bob"), (Value::Null, None));
    let mut after = online(&tenant, "bob");
    for account in [&mut before, &mut after] {
        account.as_object_mut().unwrap().remove("onPremisesImmutableId");
    }
    assert_eq!(after, before);
    assert_eq!(shell.value("account(\"bob\").status"), "none");
    assert_eq!(shell.value("account(\"bob@contoso.com\").status"), "unlinked");
    shell.does("account(\"bob\").unlink()").says("is linked to nothing");

    shell.does("account(\"bob\").link(\"bob@contoso.com\")");
    assert_eq!(ends(&tenant, &shell, "bob"), linked(&tenant, &shell, "bob"));
    shell.does("account(\"bob\").link(\"bob@contoso.com\")").says("1 person complete already");
}

#[test]
fn an_online_account_goes_from_one_user_to_another_in_one_plan() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("create_account(#{ user_name: \"eva\", online: false })");
    shell
        .is_refused("account(\"eva\").link(\"bob@contoso.com\")", 2)
        .says("belongs to the user bob");
    shell.does("account(\"bob\").unlink(); account(\"eva\").link(\"bob@contoso.com\")");
    let bob_online = online(&tenant, "bob");
    assert_eq!(user(&shell, "bob").link, None);
    assert_eq!(user(&shell, "eva").link.unwrap().to_string(), bob_online["id"].as_str().unwrap());
    let anchor = Anchor::of(user(&shell, "eva").guid);
    assert_eq!(bob_online["onPremisesImmutableId"], anchor.as_str());
}

#[test]
fn who_has_an_online_account_gets_no_second_one() {
    let (_tenant, shell) = office_of(&["bob", "eva"]);
    shell.does("account(\"bob\").unlink()");
    shell
        .is_refused("account(\"eva\").link(\"bob@contoso.com\")", 2)
        .says("has the online account eva@contoso.com already")
        .says("unlink it first");
}

#[test]
fn either_side_alone_rebuilds_the_link() {
    let (tenant, shell) = office_of(&["bob"]);
    let whole = linked(&tenant, &shell, "bob");

    forget_link(&shell, "bob");
    assert_eq!(ends(&tenant, &shell, "bob"), (whole.0.clone(), None));
    shell.does("account(\"bob\").relink()");
    assert_eq!(ends(&tenant, &shell, "bob"), whole);

    forget_anchor(&tenant, "bob");
    assert_eq!(ends(&tenant, &shell, "bob"), (Value::Null, whole.1.clone()));
    shell.does("account(\"bob\").relink()");
    assert_eq!(ends(&tenant, &shell, "bob"), whole);

    shell.does("account(\"bob\").relink()").says("1 person complete already");
}

#[test]
fn where_neither_side_knows_there_is_nothing_to_rebuild() {
    let (_tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").unlink()");
    shell.is_refused("account(\"bob\").relink()", 2).says("neither half knows of another");
}

#[test]
fn an_anchor_that_points_elsewhere_is_not_overwritten() {
    let (tenant, shell) = office_of(&["bob"]);
    let foreign = "AAAAAAAAAAAAAAAAAAAAAA==";
    let id = online(&tenant, "bob")["id"].as_str().unwrap().to_owned();
    tenant.graph_patch(&format!("users/{id}"), &json!({ "onPremisesImmutableId": foreign }));
    assert_eq!(shell.value("account(\"bob\").status"), "broken");
    shell.is_refused("account(\"bob\").relink()", 2).says("anchored to a user elsewhere");
    assert_eq!(ends(&tenant, &shell, "bob").0, foreign);
}

#[test]
fn an_account_that_was_unlinked_is_as_the_plan_has_made_it_before() {
    let (tenant, shell) = office_of(&["bob"]);
    let code = "account(\"bob\").rename(#{ online_id: \"rob\" }).disable().unlink(); \
                let it = account(\"rob@contoso.com\"); let seen = [it.can_sign_in, it.status]; \
                it.enable(); account(\"bob\").link(\"rob@contoso.com\"); seen";
    let ran = shell.acctsh(&["-c", code, "--yes", "--output", "json"]).exits(0);
    assert_eq!(ran.json(), json!([false, "unlinked"]));
    assert_eq!(online(&tenant, "rob")["accountEnabled"], true, "opened after it was closed");
    assert_eq!(online(&tenant, "rob")["id"], json!(user(&shell, "bob").link.unwrap().to_string()));
}
