//! `rename`: the user name, the online ID, or both; never a name that somebody else has.

use serde_json::json;

use crate::person::{has_online, has_user, office_of, online, user};
use crate::story::{Shell, Tenant};

/// People whose accounts have no mailbox, so that no address holds a name.
fn without_mail(names: &[&str]) -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&[]);
    for name in names {
        shell.does(&format!("create_account(#{{ user_name: \"{name}\", licenses: [] }})"));
        assert_eq!(online(&tenant, name)["assignedLicenses"], json!([]), "{name} has a licence");
    }
    (tenant, shell)
}

fn id(tenant: &Tenant, name: &str) -> String {
    online(tenant, name)["id"].as_str().unwrap().to_owned()
}

#[test]
fn both_halves_get_the_name_and_mail_still_arrives() {
    let (tenant, shell) = office_of(&["bob"]);
    let (guid, online_id) = (user(&shell, "bob").guid, id(&tenant, "bob"));
    shell
        .acctsh(&["-c", "account(\"bob\").rename(\"robert.miller\")", "--what-if"])
        .exits(0)
        .prints("user name: bob → robert.miller")
        .prints("online ID: bob@contoso.com → robert.miller@contoso.com");
    assert!(has_user(&shell, "bob").is_some());

    shell
        .does("account(\"bob\").rename(\"robert.miller\")")
        .says("mail to bob@contoso.com still arrives");
    assert_eq!(user(&shell, "robert.miller").guid, guid);
    assert_eq!(id(&tenant, "robert.miller"), online_id);
    assert_eq!(online(&tenant, "robert.miller")["mail"], "robert.miller@contoso.com");
    let aliases = shell.value("account(\"robert.miller\").aliases").to_string();
    assert!(aliases.contains("bob@contoso.com"), "{aliases}");
    assert_eq!(
        user(&shell, "robert.miller").mail.primary().map(|it| it.to_string()).as_deref(),
        Some("robert.miller@contoso.com"),
    );
    assert!(has_user(&shell, "bob").is_none() && !has_online(&tenant, "bob"));
    shell.does("account(\"robert.miller\").rename(\"robert.miller\")").says("1 person complete");
}

#[test]
fn one_of_the_two_names_alone() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").rename(#{ user_name: \"rob\" })");
    assert!(has_user(&shell, "rob").is_some() && has_online(&tenant, "bob"));
    shell.does("account(\"rob\").rename(#{ online_id: \"robert\" })");
    assert!(has_user(&shell, "rob").is_some() && has_online(&tenant, "robert"));
    shell
        .is_refused("account(\"rob\").rename(#{ online_id: \"rob@fabrikam.com\" })", 2)
        .says("fabrikam.com is not a verified domain of the tenant");
    shell
        .is_refused("account(\"rob\").rename(#{ onlin_id: \"x\" })", 2)
        .says("did you mean online_id?");
}

#[test]
fn a_name_that_somebody_has_is_refused_on_either_side() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let ran = shell.is_refused("account(\"bob\").rename(\"eva\")", 2);
    ran.says("the user name eva is held by somebody else")
        .says("the online ID eva@contoso.com is held by somebody else");
    assert!(has_user(&shell, "bob").is_some() && has_online(&tenant, "bob"));
}

#[test]
fn a_swap_is_refused_with_the_recipe_and_works_with_a_name_in_between() {
    let (tenant, shell) = without_mail(&["bob", "eva"]);
    let (bob, eva) = (id(&tenant, "bob"), id(&tenant, "eva"));
    let swap =
        "let b = account(\"bob\"); let e = account(\"eva\"); b.rename(\"eva\"); e.rename(\"bob\");";
    shell.is_refused(swap, 2).says("two people who swap names need a name in between");

    shell.does(
        "let b = account(\"bob\"); let e = account(\"eva\"); b.rename(\"between\"); \
         e.rename(\"bob\"); b.rename(\"eva\")",
    );
    assert_eq!((id(&tenant, "eva"), id(&tenant, "bob")), (bob, eva));
}

#[test]
fn a_chain_in_one_plan_is_done_in_its_order() {
    let names = ["a1", "a2", "a3", "a4", "a5"];
    let (tenant, shell) = without_mail(&names);
    let before = names.map(|name| (user(&shell, name).guid, id(&tenant, name)));
    // The last one first: each takes the name that the one before has just left.
    shell.does("for n in [5, 4, 3, 2, 1] { account(`a${n}`).rename(`a${n + 1}`) }");
    for (number, (guid, online_id)) in before.into_iter().enumerate() {
        let name = format!("a{}", number + 2);
        assert_eq!((user(&shell, &name).guid, id(&tenant, &name)), (guid, online_id), "{name}");
    }
    assert!(has_user(&shell, "a1").is_none() && !has_online(&tenant, "a1"));

    shell
        .is_refused(
            "let a = account(\"a2\"); let b = account(\"a3\"); a.rename(\"a3\"); b.rename(\"a9\")",
            2,
        )
        .says("rename that person first");
}

#[test]
fn a_sign_in_name_is_never_the_address_of_somebody_elses_mailbox() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    shell.does("account(\"bob\").rename(\"robert\")");
    shell
        .is_refused("account(\"eva\").rename(\"bob\")", 2)
        .says("mail to bob@contoso.com goes to robert");
    shell
        .is_refused("account(\"robert\").rename(\"rob\"); account(\"eva\").rename(\"bob\")", 2)
        .says("mail to bob@contoso.com goes to");
    assert!(has_online(&tenant, "eva") && has_user(&shell, "eva").is_some(), "not even one half");
    shell.does("account(\"robert\").rename(\"bob\")");
    assert!(has_online(&tenant, "bob"), "the own address is no hindrance");
}

#[test]
fn the_name_of_somebody_who_leaves_in_the_same_plan_is_taken_after_that() {
    let (tenant, shell) = without_mail(&["bob", "eva"]);
    let eva = id(&tenant, "eva");
    shell.does("let e = account(\"eva\"); account(\"bob\").delete(); e.rename(\"bob\")");
    assert_eq!(id(&tenant, "bob"), eva);
}

#[test]
fn a_new_person_with_the_name_of_somebody_who_leaves_it_is_somebody_new() {
    let (_tenant, shell) = without_mail(&["bob", "eva"]);
    let (bob, eva) = (user(&shell, "bob").guid, user(&shell, "eva").guid);
    shell.does(
        "account(\"bob\").rename(#{ user_name: \"rob\" }); \
         create_account(#{ user_name: \"bob\", online: false }); account(\"eva\").delete(); \
         create_account(#{ user_name: \"eva\", online: false })",
    );
    assert_eq!(user(&shell, "rob").guid, bob);
    assert_ne!(user(&shell, "bob").guid, bob);
    assert_ne!(user(&shell, "eva").guid, eva);
}

#[test]
fn another_spelling_of_the_own_name_is_no_conflict() {
    let (tenant, shell) = office_of(&["bob"]);
    shell.does("account(\"bob\").rename(\"Bob\")");
    assert_eq!(user(&shell, "Bob").name.as_str(), "Bob");
    shell.does("account(\"Bob\").rename(#{ online_id: \"Bob@contoso.com\" })");
    assert_eq!(online(&tenant, "bob")["userPrincipalName"], "Bob@contoso.com");
}
