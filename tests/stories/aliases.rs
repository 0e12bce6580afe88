//! E-mail aliases and primary addresses, of people and of groups.

use serde_json::json;

use crate::aftermath::results;
use crate::mail_seen::{addresses, new_group};
use crate::person::{has_online, office_of, online, user};
use crate::story::{Shell, Tenant};

/// Three people with a mailbox each, and the group Sales.
fn office() -> (Tenant, Shell) {
    let (tenant, shell) = office_of(&["bob", "eva", "tim"]);
    new_group(&tenant, "Sales", "sales");
    (tenant, shell)
}

/// The second time there is nothing to do, and no run begins.
#[track_caller]
fn is_done_once(shell: &Shell, code: &str) {
    shell.does(code);
    let before = shell.newest_runs();
    shell.does(code).says("complete already");
    assert_eq!(shell.newest_runs(), before);
}

/// The addresses that the directory's user goes by, but for the tenant's own one.
fn kept(shell: &Shell, name: &str) -> Vec<String> {
    let all = user(shell, name).mail.entries().to_vec();
    all.into_iter().filter(|entry| !entry.ends_with(".onmicrosoft.com")).collect()
}

#[test]
fn aliases_come_by_word_and_whole_after_a_preview() {
    let (tenant, shell) = office();
    let code = "account(\"bob\").add_alias(\"bobby\").add_alias(\"b.miller@contoso.com\")";
    shell
        .acctsh(&["-c", code, "--what-if"])
        .exits(0)
        .prints("alias: + bobby@contoso.com")
        .prints("alias: + b.miller@contoso.com")
        .says("Plan: 2 aliases to add.");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:bob@contoso.com"]);

    is_done_once(&shell, code);
    let all = ["SMTP:bob@contoso.com", "smtp:b.miller@contoso.com", "smtp:bobby@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
    assert_eq!(kept(&shell, "bob"), all, "the directory's user goes by them too");
    shell.does("account(\"bob\").add_alias(\"BOBBY\")").says("complete already");
}

#[test]
fn aliases_go_one_by_one_or_all_but_those_that_are_named() {
    let (tenant, shell) = office();
    shell.does("for word in [\"b1\", \"b2\", \"b3\"] { account(\"bob\").add_alias(word) }");
    let preview = ["-c", "account(\"bob\").remove_alias(\"b1\")", "--what-if"];
    shell.acctsh(&preview).exits(0).prints("alias: − b1@contoso.com").says("1 alias to remove");
    is_done_once(&shell, "account(\"bob\").remove_alias(\"b1@contoso.com\")");
    assert!(!kept(&shell, "bob").iter().any(|entry| entry.contains("b1")), "nor does the user");

    let exactly = "account(\"bob\").set_aliases([\"b3\", \"b4\"])";
    shell
        .acctsh(&["-c", exactly, "--what-if"])
        .exits(0)
        .prints("alias: + b4@contoso.com, alias: − b2@contoso.com");
    is_done_once(&shell, exactly);
    let all = ["SMTP:bob@contoso.com", "smtp:b3@contoso.com", "smtp:b4@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
    assert_eq!(kept(&shell, "bob"), all);

    shell.does("accounts([\"bob\", \"eva\"]).set_aliases([])");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:bob@contoso.com"]);
    let initial = tenant.exchange("Get-Mailbox", &json!({ "Identity": "bob@contoso.com" }));
    let initial = initial[0]["EmailAddresses"].to_string();
    assert!(initial.contains("bob@contoso.onmicrosoft.com"), "the tenant's own stays: {initial}");
    assert!(initial.contains("SIP:") && initial.contains("SPO:"), "what is no mail stays too");
}

#[test]
fn another_address_becomes_the_primary_one_and_the_old_one_stays() {
    let (tenant, shell) = office();
    let code = "account(\"bob\").set_primary_address(\"bob.miller\")";
    shell
        .acctsh(&["-c", code, "--what-if"])
        .exits(0)
        .prints("primary address: bob@contoso.com → bob.miller@contoso.com")
        .says("1 primary address to set");
    is_done_once(&shell, code);
    let all = ["SMTP:bob.miller@contoso.com", "smtp:bob@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
    assert_eq!(kept(&shell, "bob"), all);
    assert_eq!(online(&tenant, "bob")["mail"], "bob.miller@contoso.com");
    assert!(has_online(&tenant, "bob"), "the online ID is another thing");

    shell
        .is_refused("account(\"bob\").remove_alias(\"bob.miller\")", 2)
        .says("bob.miller@contoso.com is the primary address")
        .says("make another address the primary one first");
    shell
        .is_refused("account(\"bob\").remove_alias(\"bob\")", 2)
        .says("bob@contoso.com is the online ID: the address comes back by itself");
    shell.does("account(\"bob\").set_aliases([])").says("complete already");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all, "both stay");

    // An alias that is there already, and all in one plan.
    shell.does("account(\"bob\").add_alias(\"chief\"); alias(\"chief\").make_primary()");
    let all = ["SMTP:chief@contoso.com", "smtp:bob.miller@contoso.com", "smtp:bob@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), all);
}

#[test]
fn an_online_id_that_was_just_left_is_an_alias_like_any_other() {
    let (tenant, shell) = office();
    shell.does("account(\"bob\").rename(\"robert\").remove_alias(\"bob\")");
    assert_eq!(addresses(&tenant, "robert@contoso.com"), ["SMTP:robert@contoso.com"]);
    assert_eq!(kept(&shell, "robert"), ["SMTP:robert@contoso.com"]);
    shell.does("account(\"eva\").rename(\"ella\").set_aliases([\"e\"])");
    let all = ["SMTP:ella@contoso.com", "smtp:e@contoso.com"];
    assert_eq!(addresses(&tenant, "ella@contoso.com"), all);
    shell
        .is_refused(
            "account(\"tim\").set_primary_address(\"t\").rename(\"timo\").remove_alias(\"timo\")",
            2,
        )
        .says("timo@contoso.com is the online ID: the address comes back by itself");
}

#[test]
fn an_alias_goes_also_when_its_domain_is_not_accepted_any_more() {
    let (tenant, shell) = office();
    tenant.knob("PUT", "domains/fabrikam.com", Some(json!({ "verified": true })));
    shell.does("account(\"bob\").add_alias(\"bob@fabrikam.com\").add_alias(\"b@fabrikam.com\")");
    tenant.knob("PUT", "domains/fabrikam.com", Some(json!({ "verified": false })));
    shell
        .is_refused("account(\"bob\").add_alias(\"bb@fabrikam.com\")", 2)
        .says("fabrikam.com is no domain that this tenant gets mail for");
    shell.does(
        "account(\"bob\").remove_alias(\"Bob@fabrikam.com\"); alias(\"b@fabrikam.com\").delete()",
    );
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:bob@contoso.com"]);
}

#[test]
fn another_spelling_of_the_primary_address_is_written_once() {
    let (tenant, shell) = office();
    is_done_once(&shell, "account(\"bob\").set_primary_address(\"Bob\")");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:Bob@contoso.com"]);
    assert_eq!(kept(&shell, "bob"), ["SMTP:Bob@contoso.com"]);
    is_done_once(&shell, "group(\"Sales\").set_primary_address(\"SALES\")");
    assert_eq!(addresses(&tenant, "Sales"), ["SMTP:SALES@contoso.com"]);
}

#[test]
fn a_group_has_addresses_like_a_person() {
    let (tenant, shell) = office();
    let code = "group(\"Sales\").add_alias(\"orders\").add_alias(\"offers@contoso.com\")";
    shell.acctsh(&["-c", code, "--what-if"]).exits(0).prints("alias: + orders@contoso.com");
    is_done_once(&shell, code);
    is_done_once(&shell, "group(\"Sales\").set_primary_address(\"orders\")");
    let all = ["SMTP:orders@contoso.com", "smtp:offers@contoso.com", "smtp:sales@contoso.com"];
    assert_eq!(addresses(&tenant, "Sales"), all);
    is_done_once(&shell, "group(\"Sales\").remove_alias(\"offers\")");
    is_done_once(&shell, "group(\"Sales\").set_aliases([\"shop\"])");
    let all = ["SMTP:orders@contoso.com", "smtp:shop@contoso.com"];
    assert_eq!(addresses(&tenant, "Sales"), all);
    shell
        .is_refused("group(\"Sales\").remove_alias(\"orders\")", 2)
        .says("Sales: aliases: orders@contoso.com is the primary address");
}

#[test]
fn who_has_an_address_can_be_asked_also_of_what_is_only_planned() {
    let (_tenant, shell) = office();
    shell.does("account(\"bob\").add_alias(\"bobby\"); group(\"Sales\").add_alias(\"orders\")");
    let others = "aliases().filter(|a| !a.is_primary && !a.address.contains(\"onmicrosoft\"))";
    let table = shell.acctsh(&["-c", others, "--output", "json"]).exits(0).json();
    assert_eq!(
        table,
        json!([
            { "address": "bobby@contoso.com", "is_primary": false, "account": "bob", "group": null },
            { "address": "orders@contoso.com", "is_primary": false, "account": null, "group": "Sales" },
        ])
    );
    assert_eq!(shell.value("alias(\"bobby\").account.user_name"), "bob");
    assert_eq!(shell.value("alias(\"bobby\").group == ()"), true);
    assert_eq!(shell.value("alias(\"ORDERS@contoso.com\").group.name"), "Sales");
    assert_eq!(shell.value("alias(\"bob\").is_primary"), true);
    assert_eq!(shell.value("account(\"bob\").aliases")[1], "bobby@contoso.com");
    shell
        .acctsh(&["-c", "alias(\"bobbi\")"])
        .exits(2)
        .says("nobody has the address bobbi@contoso.com")
        .says("did you mean \"bobby@contoso.com\"?");

    let planned = "let a = alias(\"bobby\"); a.delete(); account(\"eva\").add_alias(\"bobby\"); \
                   print(a.account.user_name)";
    shell.acctsh(&["-c", planned, "--what-if"]).exits(0).says("eva");
    let gone = "let a = alias(\"bobby\"); a.delete(); a.account";
    shell
        .acctsh(&["-c", gone, "--what-if"])
        .exits(2)
        .says("nobody has the address bobby@contoso.com at this point of the plan");
}

#[test]
fn an_address_that_somebody_has_is_refused_with_the_holders_name() {
    let (tenant, shell) = office();
    shell.does("account(\"eva\").add_alias(\"info\")");
    let contact =
        json!({ "Name": "Roe Parts", "Alias": "roe", "ExternalEmailAddress": "ann@contoso.com" });
    tenant.exchange("New-MailContact", &contact);
    for (address, holder) in [
        ("info", "eva"),
        ("Info@CONTOSO.com", "eva"),
        ("eva", "eva"),
        ("sales", "group Sales"),
        ("ann", "contact Roe Parts"),
        ("admin@contoso.onmicrosoft.com", "admin@contoso.onmicrosoft.com"),
    ] {
        for code in [
            format!("account(\"bob\").add_alias(\"{address}\")"),
            format!("account(\"bob\").set_aliases([\"{address}\"])"),
            format!("account(\"bob\").set_primary_address(\"{address}\")"),
        ] {
            shell
                .is_refused(&code, 2)
                .says(&format!("is held by {holder}"))
                .says("take it from there first, or choose another address");
        }
    }
    shell.is_refused("group(\"Sales\").add_alias(\"info\")", 2).says("is held by eva");
    shell
        .is_refused("account(\"bob\").add_alias(\"new\"); account(\"tim\").add_alias(\"new\")", 2)
        .says("tim: aliases: new@contoso.com is held by bob");
    shell
        .is_refused("accounts([\"bob\", \"tim\"]).set_aliases([\"new\"])", 2)
        .says("new@contoso.com is held by bob");
    shell.does("account(\"tim\").delete()");
    shell
        .is_refused("account(\"bob\").add_alias(\"tim\")", 2)
        .says("is held by tim@contoso.com, which was deleted and can still be restored");
}

#[test]
fn what_can_be_no_address_is_said_before_anything_is_written() {
    let (tenant, shell) = office();
    let long = "x".repeat(65);
    for (address, said) in [
        ("", "has 1 to 64 characters"),
        (long.as_str(), "has 1 to 64 characters"),
        ("a b", "the character ' ' is not allowed"),
        ("x@y@contoso.com", "the character '@' is not allowed"),
        ("müller", "the character 'ü' is not allowed"),
        ("two..dots", "each dot between others"),
        (".dot", "each dot between others"),
        ("x@", "the address can't be used"),
        ("x@fabrikam.com", "fabrikam.com is no domain that this tenant gets mail for"),
        ("x@contosso.com", "did you mean contoso.com?"),
    ] {
        for code in [
            format!("account(\"bob\").add_alias(\"{address}\")"),
            format!("account(\"bob\").set_primary_address(\"{address}\")"),
            format!("group(\"Sales\").add_alias(\"{address}\")"),
        ] {
            shell.is_refused(&code, 2).says(said);
        }
    }
    shell.is_refused("account(\"bob\").set_aliases([\"x\", 3])", 2).says("an alias is a text");
    shell.does("account(\"bob\").remove_alias(\"nobodys\")").says("has no alias nobodys@contoso");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:bob@contoso.com"]);
    shell.does("create_account(#{ user_name: \"kim\", licenses: [] })");
    shell
        .is_refused("account(\"kim\").add_alias(\"kiki\")", 2)
        .says("has no mailbox: no licence comes with one");
}

#[test]
fn very_many_addresses_get_a_warning_and_too_many_are_refused() {
    let (tenant, shell) = office();
    // Two are there: the online ID and the tenant's own.
    let so_many = |count: usize| {
        format!(
            "let all = []; for n in 0..{count} {{ all.push(`n${{n}}`) }} \
             account(\"bob\").set_aliases(all)"
        )
    };
    let most = so_many(329);
    shell.is_refused(&so_many(340), 2).says("more than 333 are refused");
    shell.does(&most).says("not every tenant takes more than 300");
    assert_eq!(addresses(&tenant, "bob@contoso.com").len(), 330);
    shell.does("account(\"bob\").remove_alias(\"n0\")").never_says("not every tenant");
}

const FILE: &str = "user_name,aliases,primary_address\n\
                    bob,bobby; b.miller ;,\n\
                    eva,,e.li\n\
                    tim,timmy,tim.koh@contoso.com\n";

#[test]
fn a_file_gives_aliases_and_primary_addresses_to_many() {
    let (tenant, shell) = office();
    shell.file("aliases.csv", FILE);
    let job = ["run", "set-aliases", "--csv", "aliases.csv", "--yes", "--results", "r.csv"];
    shell.acctsh(&job).exits(0).says("3 aliases to add, 2 primary addresses to set");
    let bobs = ["SMTP:bob@contoso.com", "smtp:b.miller@contoso.com", "smtp:bobby@contoso.com"];
    assert_eq!(addresses(&tenant, "bob@contoso.com"), bobs);
    assert_eq!(kept(&shell, "eva"), ["SMTP:e.li@contoso.com", "smtp:eva@contoso.com"]);
    let tims = ["SMTP:tim.koh@contoso.com", "smtp:tim@contoso.com", "smtp:timmy@contoso.com"];
    assert_eq!(addresses(&tenant, "tim@contoso.com"), tims);
    assert!(results(&shell, "r.csv").iter().all(|line| line["outcome"] == "done"));
    let before = shell.newest_runs();
    shell.acctsh(&job).exits(0).says("complete already");
    assert_eq!(shell.newest_runs(), before);

    shell.file("fewer.csv", "user_name,aliases\nbob,bobby\neva,\ntim,timmy\n");
    let exact = ["run", "set-aliases", "--csv", "fewer.csv", "--exact", "--yes"];
    shell.acctsh(&exact).exits(0).says("Plan: 1 alias to remove");
    assert_eq!(kept(&shell, "bob"), ["SMTP:bob@contoso.com", "smtp:bobby@contoso.com"]);
    let evas = ["SMTP:e.li@contoso.com", "smtp:eva@contoso.com"];
    assert_eq!(addresses(&tenant, "eva@contoso.com"), evas, "the online ID stays");
}

#[test]
fn bad_rows_of_a_file_are_all_said_at_once_and_nothing_is_written() {
    let (tenant, shell) = office();
    shell.file(
        "aliases.csv",
        "user_name,aliases,primary_address\n\
         bob,sales;two..dots,\n\
         eva,x@fabrikam.com,\n\
         tim,,bob\n\
         eva,fine,\n",
    );
    let ran = shell.acctsh(&["run", "set-aliases", "--csv", "aliases.csv", "--yes"]).exits(2);
    for said in [
        "aliases.csv:2: bob: aliases: sales@contoso.com is held by group Sales",
        "aliases.csv:2: bob: aliases: the address can't be used",
        "aliases.csv:3: eva: aliases: fabrikam.com is no domain",
        "aliases.csv:4: tim: aliases: bob@contoso.com is held by bob",
        "Nothing was written: 4 problems to mend first.",
    ] {
        assert!(ran.err.contains(said), "{said:?} is not in:\n{}", ran.err);
    }
    assert_eq!(addresses(&tenant, "eva@contoso.com"), ["SMTP:eva@contoso.com"]);

    shell.file("aliases.csv", "user_name,aliases\nbob,bobby\nbib,b\neva,e\nebba,e\n");
    shell
        .acctsh(&["run", "set-aliases", "--csv", "aliases.csv", "--yes"])
        .exits(2)
        .says("line 3: there is nobody called \"bib\"")
        .says("line 5: there is nobody called \"ebba\"");
    shell.file("aliases.csv", "user_name,alias\nbob,bobby\n");
    shell
        .acctsh(&["run", "set-aliases", "--csv", "aliases.csv", "--yes"])
        .exits(2)
        .says("neither a column aliases nor a column primary_address");
    assert_eq!(addresses(&tenant, "bob@contoso.com"), ["SMTP:bob@contoso.com"]);
}
