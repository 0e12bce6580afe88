//! Active Directory as the directory: what only a domain has, or only a domain can do to a run.
//!
//! All other stories can be told of one too: `ACCTSH_TEST_DIRECTORY=samba cargo test --test stories`.

use std::net::TcpListener;

use acctsh::model::Secret;
use serde_json::json;

use crate::aftermath::{ask, directory, events, expect_complete, names, online_accounts, runs};
use crate::person::{has_online, online, user};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];

/// Where a controller is found again after it was stopped: others take the first address that is free.
const RESERVED: (&str, &str) = ("SAMBA_AD_ADDR", "127.0.0.17");

/// A tenant, and a shell with a domain of its own; `None` where there is no Samba.
macro_rules! on_a_domain {
    ($tenant:ident, $shell:ident, $controller:ident, $options:expr) => {
        #[allow(unused_mut, reason = "only some stories kill it")]
        let (mut $tenant, $shell) = (Tenant::start($options), Shell::new());
        let Some($controller) = $shell.uses_a_domain(&$tenant) else { return };
    };
}

#[test]
fn of_a_whole_domain_only_people_get_an_online_account() {
    on_a_domain!(tenant, shell, controller, &[]);
    let unit = format!("OU=People,{}", controller.base());
    let user = |name: &str, attributes: &[(&str, &str)]| {
        let usual = [("sAMAccountName", name), ("unicodePwd", "Tarnhafen-48-Moor")];
        let control = [("userAccountControl", "512")];
        let control =
            control.iter().filter(|(name, _)| attributes.iter().all(|(it, _)| it != name));
        let all: Vec<(&str, &str)> =
            usual.iter().chain(control).chain(attributes).copied().collect();
        controller.add(&format!("CN={name},{unit}"), "user", &all);
    };
    user("ada", &[("displayName", "Ada Berg")]);
    user("eva", &[("displayName", "Li, Eva \"E.\" (Köln)")]);
    user("web", &[("servicePrincipalName", "HTTP/web")]);
    user("chief", &[("adminCount", "1")]);
    user("off", &[("userAccountControl", "514")]);
    user("past", &[("accountExpires", "131000000000000000")]);
    shell
        .acctsh(&["run", "bulk-create", "--yes"])
        .exits(0)
        .says("4 left out, built into the directory: Administrator, Guest, krbtgt, dns-dc1")
        .says("1 left out, accounts of programs (--include service): web")
        .says("1 left out, administrators of the domain (--include privileged): chief")
        .says("1 left out, disabled (--include disabled): off")
        .says("1 left out, expired (--include expired): past")
        .says("2 done");
    let mut given: Vec<String> = online_accounts(&tenant)
        .iter()
        .map(|account| account["userPrincipalName"].as_str().unwrap().to_owned())
        .collect();
    given.sort();
    assert_eq!(given, ["ada@contoso.com", "eva@contoso.com"]);
    // Whoever is named gets one.
    shell.does(r#"account("web").assign(#{})"#);
    assert!(has_online(&tenant, "web"));
    for built_in in ["krbtgt", "Administrator", "Guest"] {
        shell.is_refused(&format!(r#"account("{built_in}").reset_password()"#), 4);
    }
}

#[test]
fn a_run_that_is_killed_is_resumed_and_nobody_is_made_twice() {
    on_a_domain!(tenant, shell, controller, &["--latency", "4"]);
    shell.file("people.csv", &people(20));
    for moment in [3, 40, 90] {
        let mut running = match runs(&shell).first() {
            None => shell.start(JOB),
            Some((run, _)) => shell.start(&["plan", "resume", run, "--yes"]),
        };
        wait_until("the run comes to its moment", || {
            running.has_ended() || events(&shell) >= moment
        });
        running.kill();
    }
    let run = shell.newest_run();
    shell.start(&["plan", "resume", &run, "--yes"]).ends().exits(0);
    expect_complete(&shell, &tenant, &names(1..=20));
    let made = controller.entries("(&(objectClass=user)(sAMAccountName=person.*))");
    assert_eq!(made.len(), 20);
}

#[test]
fn a_controller_that_goes_and_comes_back_lets_the_run_go_on() {
    let (tenant, shell) = (Tenant::start(&["--latency", "4"]), Shell::new());
    let pinned = shell.uses_a_domain_started_with(&tenant, &[RESERVED]);
    let Some(controller) = pinned else { return };
    shell.file("people.csv", &people(20));
    let mut running = shell.start(JOB);
    wait_until("the run is on its way", || running.has_ended() || events(&shell) >= 40);
    controller.stop();
    let ran = running.ends().exits(7);
    assert!(ran.err.contains("can't be reached"), "{}", ran.err);
    controller.restart();
    let run = shell.newest_run();
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    expect_complete(&shell, &tenant, &names(1..=20));
}

#[test]
fn of_two_controllers_one_may_be_down() {
    on_a_domain!(tenant, shell, controller, &[]);
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("ldaps://127.0.0.1:{}", silent.local_addr().unwrap().port());
    drop(silent);
    let text = Shell::with_domain(&tenant.profile(), controller);
    let url = controller.url();
    shell.write_config(&text.replace(&format!("[\"{url}\"]"), &format!("[\"{gone}\", \"{url}\"]")));
    shell.file("people.csv", &people(3)).acctsh(JOB).exits(0);
    expect_complete(&shell, &tenant, &names(1..=3));
    shell.write_config(&text.replace(&url, &gone));
    shell
        .acctsh(&["-c", "accounts().len()"])
        .exits(8)
        .says("no controller answers: 127.0.0.1")
        .says("check the network");
}

#[test]
fn a_wrong_password_and_an_untrusted_certificate_end_before_anything_is_written() {
    on_a_domain!(tenant, shell, controller, &[]);
    shell.file("people.csv", &people(2));
    let mut wrong = shell.command(JOB);
    let wrong = wrong.env("BIND_PASSWORD", "Wrong-Password-1").output().unwrap();
    crate::story::Ran::of(&wrong)
        .exits(6)
        .says("the name or the password is wrong")
        .never_says("Wrong-Password-1");
    let text = Shell::with_domain(&tenant.profile(), controller);
    let without = text.lines().filter(|line| !line.contains("ca_file")).collect::<Vec<_>>();
    shell.write_config(&without.join("\n"));
    let ran = shell.acctsh(JOB);
    assert!(ran.exit == 6 || ran.exit == 2, "{}", ran.err);
    ran.says("ca_file in the profile");
    assert_eq!(shell.newest_runs(), Vec::<String>::new());
    assert_eq!(online_accounts(&tenant).len(), 0);
}

#[test]
fn names_that_mean_something_to_a_directory_are_only_names() {
    on_a_domain!(tenant, shell, controller, &[]);
    let rows = "User Name,Display Name,Department,City\n\
                joerg,\"Müller, Jörg \"\"JM\"\"\",*)(objectClass=*,Köln\n\
                zoe, Zoë (#1; a=b\\c) ,\"R&D, <West>\",\"\\2a\"\n";
    shell.file("people.csv", rows).acctsh(JOB).exits(0);
    let joerg = user(&shell, "joerg");
    let shown = |field| joerg.details.get(field).map(str::to_owned);
    assert_eq!(shown(acctsh::model::Field::DisplayName).unwrap(), "Müller, Jörg \"JM\"");
    assert_eq!(shown(acctsh::model::Field::Department).unwrap(), "*)(objectClass=*");
    assert_eq!(online(&tenant, "joerg")["displayName"], "Müller, Jörg \"JM\"");
    assert_eq!(controller.entries("(&(objectClass=user)(l=\\5c2a))").len(), 1);
    // What would be a filter is nobody's name.
    for name in ["*", "joe*", "*)(sAMAccountName=*", "joerg)(|(cn=*"] {
        let name = serde_json::to_string(name).unwrap();
        let ran = shell.acctsh(&["-c", &format!("account({name}).user_name")]);
        assert_ne!(ran.exit, 0, "{name}: {}", ran.out);
    }
}

#[test]
fn a_name_that_is_too_long_for_the_domain_is_found_before_anything_is_written() {
    on_a_domain!(tenant, shell, _controller, &[]);
    let long = "maximiliane.habersham";
    shell.file("people.csv", &format!("{}{long},M,H,M H,Plant,Germany\n", people(1)));
    shell.acctsh(JOB).exits(2).says("at most 20 are allowed");
    assert_eq!((online_accounts(&tenant).len(), shell.newest_runs().len()), (0, 0));
}

#[test]
fn moved_and_renamed_by_somebody_else_a_person_stays_linked() {
    on_a_domain!(tenant, shell, controller, &[]);
    shell.does(r#"create_account(#{ user_name: "eva", display_name: "Eva Li" })"#);
    let base = controller.base();
    let sales = format!("OU=Sales,{base}");
    controller.add(&sales, "organizationalUnit", &[]);
    controller.move_to(&format!("CN=eva,OU=People,{base}"), &sales);
    controller.set(&format!("CN=eva,{sales}"), "sAMAccountName", Some("eva.li"));
    assert_eq!(shell.value(r#"account("eva.li").status"#), "active");
    assert_eq!(shell.value(r#"account("eva.li").online_id"#), "eva@contoso.com");
    shell.does(r#"account("eva.li").set(#{ department: "Sales" })"#);
    assert_eq!(online(&tenant, "eva")["department"], "Sales");

    // The directory's end is lost, and the tenant's is enough to find it again.
    controller.set(&format!("CN=eva,{sales}"), "adminDescription", None);
    shell.does(r#"account("eva.li").relink()"#);
    let id = online(&tenant, "eva")["id"].as_str().unwrap().to_owned();
    assert_eq!(user(&shell, "eva.li").link.unwrap().to_string(), id);
}

#[test]
fn a_restored_person_has_everything_but_the_password_and_that_is_said_before() {
    on_a_domain!(tenant, shell, controller, &[]);
    let create =
        r#"create_account(#{ user_name: "tim", display_name: "Tim O'Hara", department: "Plant" })"#;
    shell.does(create);
    let base = controller.base();
    let group = format!("CN=Drivers,OU=People,{base}");
    controller.add(&group, "group", &[("sAMAccountName", "Drivers")]);
    controller.add_value(&group, "member", &format!("CN=tim,OU=People,{base}"));
    let before = user(&shell, "tim");
    shell
        .acctsh(&["-c", r#"account("tim").delete()"#, "--yes"])
        .exits(0)
        .says("has lost its password");
    shell
        .acctsh(&["-c", r#"deleted_account("tim").restore()"#, "--yes"])
        .exits(0)
        .says("comes back without its password");
    let after = user(&shell, "tim");
    assert_eq!(
        (after.guid, after.link, &after.details),
        (before.guid, before.link, &before.details)
    );
    assert_eq!(shell.value(r#"account("tim").status"#), "active");
    let entry = controller.entry("(sAMAccountName=tim)");
    assert_eq!(entry.attrs["memberOf"], [group]);
    assert_eq!(entry.attrs["userPrincipalName"], ["tim@contoso.test"]);
    assert!(online(&tenant, "tim")["accountEnabled"].as_bool().unwrap());

    shell.does(r#"account("tim").reset_password()"#);
    let newest = format!("acctsh-{}", shell.newest_run());
    let letter = std::fs::read_to_string(shell.folder().join(newest).join("tim.txt")).unwrap();
    let password = letter.lines().find_map(|line| line.trim().strip_prefix("Temporary password:"));
    let password = Secret::new(password.unwrap().trim().to_owned());
    assert!(ask(directory(&shell).verify_password(after.guid, &password)).unwrap());
}

#[test]
fn the_doctor_says_what_an_account_lacks_and_how_it_is_given() {
    on_a_domain!(tenant, shell, controller, &[]);
    let unit = format!("OU=People,{}", controller.base());
    let robot = format!("CN=robot,{unit}");
    let given = [
        ("sAMAccountName", "robot"),
        ("userAccountControl", "512"),
        ("unicodePwd", "Tarnhafen-48-Moor"),
    ];
    controller.add(&robot, "user", &given);
    let other = [
        ("sAMAccountName", "eva"),
        ("userAccountControl", "512"),
        ("unicodePwd", "Tarnhafen-48-Moor"),
    ];
    controller.add(&format!("CN=eva,{unit}"), "user", &other);
    let findings = shell.acctsh(&["doctor", "--output", "json"]).json();
    let of = |findings: &serde_json::Value, subject: &str| {
        let all = findings.as_array().unwrap();
        all.iter()
            .find(|it| it["subject"] == subject)
            .unwrap_or_else(|| panic!("{findings}"))
            .clone()
    };
    for subject in ["make users", "reset passwords", "change users"] {
        assert_eq!(of(&findings, subject)["state"], "ok", "{findings}");
    }

    let text = Shell::with_domain(&tenant.profile(), controller);
    shell.write_config(&text.replace(&controller.administrator().0, "robot@contoso.test"));
    let mut doctor = shell.command(&["doctor", "--output", "json"]);
    let ran = doctor.env("BIND_PASSWORD", "Tarnhafen-48-Moor").output().unwrap();
    let ran = crate::story::Ran::of(&ran).exits(6);
    let findings = ran.json();
    for (subject, command) in [
        ("make users", "CCDC;user"),
        ("reset passwords", "CA;Reset Password"),
        ("change users", "RPWP"),
    ] {
        let finding = of(&findings, subject);
        assert_eq!(finding["state"], json!("wrong"));
        assert!(finding["advice"].as_str().unwrap().contains(command), "{finding}");
    }
}

#[test]
fn what_somebody_else_changes_between_plan_and_apply_is_noticed() {
    on_a_domain!(tenant, shell, controller, &[]);
    shell.does(
        r#"create_account(#{ user_name: "eva", display_name: "Eva Li", department: "Plant" })"#,
    );
    let set = r#"account("eva").set(#{ department: "Sales" })"#;
    shell.acctsh(&["-c", set, "--plan-out", "sales.plan"]).exits(0);
    let eva = format!("CN=eva,OU=People,{}", controller.base());
    controller.set(&eva, "department", Some("Research"));
    shell.acctsh(&["plan", "apply", "sales.plan", "--yes"]).exits(4);
    assert_eq!(user(&shell, "eva").details.get(acctsh::model::Field::Department), Some("Research"));
    assert_eq!(online(&tenant, "eva")["department"], "Plant");
}

#[test]
fn finer_password_policies_are_kept_in_what_is_given_and_what_is_made_up() {
    on_a_domain!(tenant, shell, controller, &[]);
    let users = format!("CN=Domain Users,CN=Users,{}", controller.base());
    controller.finer_password_policy("Everybody", 10, 22, &users);
    let given = "User Name,Display Name,Password\neva,Eva Li,Tarnhafen-48-Moor\n";
    shell.file("given.csv", given);
    shell
        .acctsh(&["run", "bulk-create", "--csv", "given.csv", "--yes"])
        .exits(2)
        .says("given.csv:2: eva")
        .says("it has fewer than 22 characters")
        .never_says("Tarnhafen");
    // Short ones of our own would be refused by the domain.
    shell.file("people.csv", &people(3)).acctsh(JOB).exits(0);
    expect_complete(&shell, &tenant, &names(1..=3));
    shell.does(r#"account("person.0002").reset_password()"#);
    let doctor = shell.acctsh(&["doctor"]);
    let said = format!("{}{}", doctor.out, doctor.err);
    assert!(said.contains("a new password has at least 22 characters"), "{said}");
}

#[test]
fn what_another_machine_deleted_comes_back_as_the_domain_kept_it_and_that_is_said_before() {
    on_a_domain!(tenant, shell, controller, &[]);
    shell.does(
        r#"create_account(#{ user_name: "tim", display_name: "Tim O'Hara", department: "Plant" })"#,
    );
    let before = user(&shell, "tim");
    shell.does(r#"account("tim").delete()"#);
    // On another machine there is nothing that this one has kept.
    std::fs::remove_file(shell.home().join("profiles/contoso/deleted-users.db")).unwrap();
    shell
        .acctsh(&["-c", r#"deleted_account("tim").restore()"#, "--yes"])
        .exits(0)
        .says("was deleted by another machine: comes back with little more than its name")
        .says("comes back without its password");
    let after = user(&shell, "tim");
    assert_eq!((after.guid, after.name.as_str()), (before.guid, "tim"));
    let entry = controller.entry("(sAMAccountName=tim)");
    assert_eq!(entry.attrs["userPrincipalName"], ["tim@contoso.test"]);
    // The tenant's half knows whose it is: both come back, and linked.
    assert_eq!(after.link, before.link);
    assert_eq!(shell.value(r#"account("tim").status"#), "active");
    assert!(online(&tenant, "tim")["accountEnabled"].as_bool().unwrap());
}

#[test]
fn who_was_locked_by_wrong_passwords_is_unlocked_and_keeps_the_password() {
    on_a_domain!(tenant, shell, controller, &[]);
    controller.set(&controller.base(), "lockoutThreshold", Some("3"));
    shell.file(
        "two.csv",
        "User Name,Display Name,Password,Must Change Password\n\
         eva,Eva Li,Tarnhafen-48-Moor,no\ntim,Tim Ek,Tarnhafen-49-Moor,no\n",
    );
    shell.acctsh(&["run", "bulk-create", "--csv", "two.csv", "--yes"]).exits(0);
    let signs_in =
        |password: &str| crate::samba::block_on(controller.signs_in("eva@contoso.test", password));
    for _ in 0..3 {
        assert!(signs_in("Wrong-Password-1").1.contains("data 52e"));
    }
    assert!(signs_in("Tarnhafen-48-Moor").1.contains("data 775"), "she is locked");
    let seen = shell.acctsh(&["-c", r#"accounts(["eva", "tim"]).unlock()"#, "--what-if"]).exits(0);
    assert!(format!("{}{}", seen.out, seen.err).contains("unlocked"), "{}{}", seen.out, seen.err);
    shell.does(r#"accounts(["eva", "tim"]).unlock()"#).says("1 person complete already");
    assert_eq!(signs_in("Tarnhafen-48-Moor").0, 0);
    shell.does(r#"account("eva").unlock()"#).says("complete already");
    assert!(has_online(&tenant, "eva"));
}

#[test]
fn what_a_restored_person_does_not_get_back_is_named_and_can_be_made_good() {
    on_a_domain!(tenant, shell, controller, &[]);
    shell.does(r#"create_account(#{ user_name: "tim", display_name: "Tim Ek" })"#);
    let base = controller.base();
    let group = |name: &str| {
        let dn = format!("CN={name},OU=People,{base}");
        controller.add(&dn, "group", &[("sAMAccountName", name)]);
        dn
    };
    let (drivers, cooks) = (group("Drivers"), group("Cooks"));
    for group in [&drivers, &cooks] {
        controller.add_value(group, "member", &format!("CN=tim,OU=People,{base}"));
    }
    shell.does(r#"account("tim").delete()"#);
    controller
        .as_administrator(async |mut ldap| ldap.delete(&drivers).await.unwrap().success().unwrap());
    let restore = r#"deleted_account("tim").restore()"#;
    shell
        .acctsh(&["-c", restore, "--yes"])
        .exits(1)
        .says("the user is back, but the directory refused to give it again: the group Drivers");
    assert_eq!(
        controller.entry("(sAMAccountName=tim)").attrs["memberOf"],
        std::slice::from_ref(&cooks)
    );
    // Somebody sets a password of her choice meanwhile: it is not taken away again.
    let at = format!("CN=tim,OU=People,{base}");
    controller.set_password(&at, "Tarnhafen-48-Moor");
    group("Drivers");
    shell.does(restore);
    let mut groups = controller.entry("(sAMAccountName=tim)").attrs["memberOf"].clone();
    groups.sort();
    assert_eq!(groups, [cooks, drivers]);
    let signed_in = crate::samba::block_on(controller.signs_in(&at, "Tarnhafen-48-Moor"));
    assert_eq!(signed_in.0, 0, "{signed_in:?}");
    assert_eq!(shell.value(r#"account("tim").status"#), "active");
    assert_eq!(shell.value("deleted_accounts().len()"), 0);
}

#[test]
fn a_text_of_somebody_else_where_the_link_goes_is_found_before_anything_is_made() {
    on_a_domain!(tenant, shell, controller, &[]);
    let unit = format!("OU=People,{}", controller.base());
    let user = |name: &str, attribute: &str, value: &str| {
        let given = [
            ("sAMAccountName", name),
            ("userAccountControl", "512"),
            ("unicodePwd", "Tarnhafen-48-Moor"),
            (attribute, value),
        ];
        controller.add(&format!("CN={name},{unit}"), "user", &given);
    };
    user("eva", "adminDescription", "Contractor");
    user("tim", "mS-DS-ConsistencyGuid", "sixteen bytes it");
    shell
        .is_refused(r#"account("eva").assign(#{})"#, 2)
        .says("the attribute for the link holds a text that acctsh didn't write");
    shell
        .is_refused(r#"account("tim").assign(#{})"#, 2)
        .says("mS-DS-ConsistencyGuid ties it to another online account");
    assert_eq!(online_accounts(&tenant).len(), 0);
}

#[test]
fn who_was_just_made_is_at_hand_for_the_next_lines() {
    on_a_domain!(_tenant, shell, controller, &[]);
    let code = r#"let a = create_account(#{ user_name: "eva", display_name: "Eva Li" }); apply();
                  print(a.display_name); a.set(#{ department: "Sales" }); apply(); a.department"#;
    shell.acctsh(&["-c", code, "--yes"]).exits(0).prints("Eva Li\nSales");
    assert_eq!(controller.entry("(sAMAccountName=eva)").attrs["department"], ["Sales"]);
}

#[test]
fn a_manager_whom_the_same_plan_makes_is_refused_with_the_way_round_it() {
    on_a_domain!(_tenant, shell, _controller, &[]);
    let make = r#"let boss = create_account(#{ user_name: "boss", display_name: "Boss" });
                  let bob = create_account(#{ user_name: "bob", display_name: "Bob" });"#;
    shell
        .is_refused(&format!("{make} bob.set(#{{ manager: boss }})"), 2)
        .says("bob: manager: can't report to boss yet")
        .says("apply() between the two");
    shell.does(&format!("{make} apply(); bob.set(#{{ manager: boss }})"));
    assert_eq!(shell.value(r#"account("bob").manager"#), "boss");
}
