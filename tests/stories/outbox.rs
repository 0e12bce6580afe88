//! Passwords changed in the directory, on their way: of each person the newest one arrives, once, however
//! long the tenant is gone.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use crate::aftermath::{ask, directory, letters, runs, tenant_takes};
use crate::person::{office_of, online, take_password, user};
use crate::story::{Shell, Tenant, bytes_under, is_not_of_a_domain, is_on_samba};

const FIRST: &str = "Kestrel-47-north";
const SECOND: &str = "Heron-52-south";
const THIRD: &str = "Osprey-63-west";

/// People who have chosen their first password, so that they are in step; the outbox is set up.
fn in_step(names: &[&str]) -> (Tenant, Shell) {
    let (tenant, shell) = office_of(names);
    for name in names {
        shell.sets_password(name, "Sparrow-31-own").exits(0);
        shell.changes_in_the_domain(name, "Sparrow-32-own");
    }
    (tenant, shell)
}

fn id_of(shell: &Shell, name: &str) -> String {
    user(shell, name).link.unwrap().to_string()
}

/// Whether the tenant takes it; what the directory has is another matter here.
fn online_takes(tenant: &Tenant, shell: &Shell, name: &str, password: &str) -> bool {
    tenant_takes(tenant, &id_of(shell, name), password)
}

/// The password of the letter that came after that one.
fn later_letter(shell: &Shell, name: &str, first: &str) -> String {
    let mut letters = letters(shell).into_iter().filter(|it| it.user_name == name);
    letters.find(|it| it.password != first).unwrap().password
}

#[test]
fn what_was_changed_while_the_tenant_was_gone_for_a_day_arrives_when_it_is_back() {
    let (mut tenant, shell) = in_step(&["bob", "eva"]);
    tenant.kill();
    shell.changed_password("bob", FIRST);
    shell.changed_password("eva", SECOND);
    shell.acctsh(&["sync"]).exits(8).says("0 passwords delivered, 2 left waiting");
    shell.acctsh(&["doctor"]).prints("2 passwords wait, the oldest for");
    assert_eq!(shell.waiting_passwords(), 2);
    tenant.restart(&[]);
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 86_400 })));
    assert_eq!(shell.password_state("bob"), "pending");
    shell.acctsh(&["sync"]).exits(0).says("2 passwords delivered");
    assert!(online_takes(&tenant, &shell, "bob", FIRST));
    assert!(online_takes(&tenant, &shell, "eva", SECOND));
    assert_eq!((shell.waiting_passwords(), shell.password_state("bob").as_str()), (0, "in step"));
    shell.acctsh(&["doctor"]).prints("no password waits");
}

#[test]
fn of_one_person_the_newest_arrives_in_whichever_order_they_come() {
    let (tenant, shell) = in_step(&["bob", "eva"]);
    let at = |name: &str, password: &str, time: &str| {
        shell.given(password, &["password-changed", name, "--changed", time]).exits(0);
    };
    let now = jiff::Timestamp::now();
    let [earlier, later] =
        [1, 2].map(|ms| (now + jiff::SignedDuration::from_millis(ms)).to_string());
    // Two within a second, the newer one comes first.
    at("bob", SECOND, &later);
    at("bob", FIRST, &earlier);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered, 1 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
    // One that comes after the newer one has arrived.
    at("bob", FIRST, &earlier);
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered, 1 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
    // The same change, said twice.
    at("bob", SECOND, &later);
    shell.acctsh(&["sync"]).exits(0).says("0 passwords delivered, 1 overtaken");
    // Two changes that bear the same second are two.
    let second = (now + jiff::SignedDuration::from_secs(1)).strftime("%FT%TZ").to_string();
    at("bob", FIRST, &second);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    at("bob", THIRD, &second);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    assert!(online_takes(&tenant, &shell, "bob", THIRD));
    // Under a name and under the GUID it is the same person.
    let guid = user(&shell, "eva").guid.to_string();
    shell.changed_password(&guid, FIRST);
    shell.changed_password("EVA", SECOND);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered, 1 overtaken");
    assert!(online_takes(&tenant, &shell, "eva", SECOND));
}

#[test]
fn what_acctsh_has_set_since_is_newer_than_what_waited() {
    let (mut tenant, shell) = in_step(&["bob", "eva"]);
    tenant.kill();
    shell.changed_password("bob", FIRST);
    shell.changed_password("eva", FIRST);
    tenant.restart(&[]);
    let first = shell.passwords()["bob"].clone();
    shell.does(r#"account("bob").reset_password()"#);
    let letter = later_letter(&shell, "bob", &first);
    shell.sets_password("eva", SECOND).exits(0);
    shell.acctsh(&["sync"]).exits(0).says("2 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", &letter));
    assert!(online_takes(&tenant, &shell, "eva", SECOND));
    assert_eq!(shell.password_state("bob"), "waits");
}

#[test]
fn what_is_to_be_changed_at_the_next_sign_in_is_not_carried() {
    let (tenant, shell) = office_of(&["bob"]);
    let letter = shell.passwords()["bob"].clone();
    shell.acctsh(&["sync"]).exits(0);
    shell.given(FIRST, &["password-changed", "bob"]).exits(0);
    shell
        .acctsh(&["sync"])
        .exits(0)
        .says("1 left waiting")
        .prints("only the next one is carried over");
    assert!(online_takes(&tenant, &shell, "bob", &letter));
    assert_eq!(shell.password_state("bob"), "waits");
}

#[test]
fn what_the_tenant_refuses_is_said_with_reason_and_next_step_and_not_tried_again_and_again() {
    let (tenant, shell) = in_step(&["bob", "eva", "tim"]);
    shell.changed_password("bob", "Contoso-1");
    shell.changed_password("eva", "Käfig-Sommer-47");
    shell.changed_password("tim", FIRST);
    let ran = shell.acctsh(&["sync"]).exits(3);
    let ran =
        ran.says("1 password delivered, 2 refused").never_says("Käfig").never_says("Contoso-1");
    ran.prints("isn't allowed online").prints("complexity requirements");
    assert!(online_takes(&tenant, &shell, "tim", FIRST), "nobody waits for others");
    for name in ["bob", "eva"] {
        assert_eq!(shell.password_state(name), "refused");
    }
    let why = shell.value(r#"account("eva").password_reason"#);
    assert!(why.as_str().unwrap().contains("isn't allowed online"), "{why}");
    let report = shell.acctsh(&["run", "sync-passwords", "--output", "json"]).exits(0).json();
    let of =
        |name: &str| report.as_array().unwrap().iter().find(|it| it["account"] == name).unwrap();
    assert_eq!(of("bob")["password"], "refused");
    assert_eq!(of("tim")["password"], "in step");

    // What was changed before that and comes only now is no more than it was.
    let before = (jiff::Timestamp::now() - jiff::SignedDuration::from_secs(30)).to_string();
    shell.given(THIRD, &["password-changed", "bob", "--changed", &before]).exits(0);
    shell.acctsh(&["sync", "--no-retry"]).exits(0).says("1 overtaken, 2 left waiting");
    assert!(!online_takes(&tenant, &shell, "bob", THIRD));
    assert_eq!(shell.password_state("bob"), "refused");

    // The person's next change, or an administrator, heals it.
    let first = shell.passwords()["eva"].clone();
    shell.changed_password("bob", SECOND);
    shell.acctsh(&["run", "sync-passwords", "--user", "eva", "--repair", "--yes"]).exits(0);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
    assert!(online_takes(&tenant, &shell, "eva", &later_letter(&shell, "eva", &first)));
    assert_eq!(shell.password_state("bob"), "in step");
    assert_eq!(shell.password_state("eva"), "waits");
    assert_eq!(shell.waiting_passwords(), 0);
}

#[test]
fn who_is_unknown_unlinked_or_run_by_another_directory_is_named_and_keeps_nobody_waiting() {
    let (tenant, shell) = in_step(&["bob", "eva", "ada"]);
    shell.does(r#"create_account(#{ user_name: "tim", display_name: "Tim", online: false })"#);
    shell.does(r#"account("tim").set(#{ must_change_password: false })"#);
    let ada = online(&tenant, "ada")["id"].as_str().unwrap().to_owned();
    tenant.knob("PUT", &format!("users/{ada}"), Some(json!({ "synchronized": true })));
    for name in ["nobody", "tim", "ada", "bob"] {
        shell.changed_password(name, FIRST);
    }
    let ran = shell.acctsh(&["sync"]).exits(3).says("1 password delivered, 3 refused");
    ran.prints("nobody in the directory is called nobody")
        .prints("has no online account")
        .prints("run by directory synchronisation");
    assert!(online_takes(&tenant, &shell, "bob", FIRST));
    assert!(!online_takes(&tenant, &shell, "ada", FIRST));

    // The directory's own are never carried, and nothing of them is kept.
    shell.changed_password("Administrator", SECOND);
    shell.acctsh(&["sync"]).exits(3).says("1 of users that are built in");
    assert_eq!(shell.waiting_passwords(), 3);

    // Once tim has an online account, it arrives; what is nobody's can be given up.
    shell.does(r#"account("tim").assign(#{})"#);
    shell.acctsh(&["sync"]).exits(3).says("1 password delivered, 2 refused");
    assert!(online_takes(&tenant, &shell, "tim", FIRST));
    shell.acctsh(&["sync", "--discard", "nobody"]).exits(0).says("1 password of nobody given up");
    shell.acctsh(&["sync", "--discard", "ada"]).exits(0);
    shell.acctsh(&["sync", "--discard", "ada"]).exits(0).says("Nothing waits for ada");
    assert_eq!(shell.waiting_passwords(), 0);
    shell.acctsh(&["sync"]).exits(0);
}

#[test]
fn a_change_in_the_portal_breaks_it_is_seen_and_is_healed_by_the_next_change() {
    let (tenant, shell) = in_step(&["bob"]);
    let home = "password_home = \"directory\"\n            patience_seconds";
    let text = fs::read_to_string(shell.home().join("config.toml")).unwrap();
    fs::write(shell.home().join("config.toml"), text.replacen("patience_seconds", home, 1))
        .unwrap();
    shell.acctsh(&["doctor"]).exits(0).prints("passwords changed in the directory arrive");
    let later = || tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 2 })));
    later();
    shell.changed_password("bob", FIRST);
    shell.acctsh(&["sync"]).exits(0);
    assert_eq!(shell.password_state("bob"), "in step");

    later();
    let portal = json!({ "passwordProfile": { "password": "Portal-77-own", "forceChangePasswordNextSignIn": false } });
    tenant.graph_patch("users/bob@contoso.com", &portal);
    assert_eq!(shell.password_state("bob"), "changed online");
    let report = shell.acctsh(&["run", "sync-passwords", "--state", "changed online"]).exits(0);
    report.prints("bob");
    let reason = shell.value(r#"account("bob").status_reason"#);
    assert_eq!(reason, "password changed online");
    let since = shell.value(r#"account("bob").password_since"#);
    assert_eq!(since, online_time(&tenant), "since the tenant's own time of it");

    later();
    shell.changed_password("bob", SECOND);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
    assert_eq!(shell.password_state("bob"), "in step");
}

fn online_time(tenant: &Tenant) -> serde_json::Value {
    tenant.graph("users/bob@contoso.com?$select=lastPasswordChangeDateTime")["lastPasswordChangeDateTime"]
        .clone()
}

#[test]
fn what_waited_is_not_sent_over_a_password_set_in_the_portal_since() {
    let (mut tenant, shell) = in_step(&["bob"]);
    tenant.kill();
    shell.changed_password("bob", FIRST);
    tenant.restart(&[]);
    // Beyond what two clocks may differ by.
    tenant.knob("POST", "clock", Some(json!({ "advance_seconds": 300 })));
    let portal = json!({ "passwordProfile": { "password": "Portal-77-own", "forceChangePasswordNextSignIn": false } });
    tenant.graph_patch("users/bob@contoso.com", &portal);
    shell.acctsh(&["sync"]).exits(0).says("1 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", "Portal-77-own"));
    assert_eq!(shell.password_state("bob"), "own");
}

#[test]
fn a_lost_key_is_said_with_what_is_lost_and_how_to_go_on() {
    let (tenant, shell) = in_step(&["bob"]);
    shell.changed_password("bob", FIRST);
    let key = shell.home().join("profiles/contoso/outbox.key");
    fs::remove_file(&key).unwrap();
    for command in [&["sync"][..], &["doctor"]] {
        let ran = shell.acctsh(command);
        assert_ne!(ran.exit, 0);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("1 password is sealed to it"), "{said}");
        assert!(said.contains("acctsh sync --new-key"), "{said}");
    }
    // The hook goes on; what it seals is lost as well.
    shell.changed_password("bob", SECOND);
    shell.acctsh(&["sync", "--new-key"]).exits(5).says("give --yes");
    shell.acctsh(&["sync", "--new-key", "--yes"]).exits(0).says("changes it once more");
    assert_eq!(shell.waiting_passwords(), 0);
    shell.changed_password("bob", THIRD);
    shell.acctsh(&["sync"]).exits(0);
    assert!(online_takes(&tenant, &shell, "bob", THIRD));
}

#[test]
fn an_outbox_that_is_copied_elsewhere_is_useless_there_and_damage_is_said() {
    let (tenant, shell) = in_step(&["bob"]);
    shell.changed_password("bob", FIRST);
    let thief = Shell::new();
    thief.uses(&tenant);
    thief.acctsh(&["sync"]).exits(0);
    let (from, to) = [&shell, &thief].map(|it| it.home().join("profiles/contoso/outbox")).into();
    for (path, bytes) in bytes_under(&from) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_some_and(|end| end == "age") {
            fs::write(to.join(name), bytes).unwrap();
        }
    }
    thief.acctsh(&["sync"]).says("1 file of the outbox can't be opened with its key");
    assert!(!online_takes(&tenant, &shell, "bob", FIRST));
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
}

#[test]
fn clocks_that_differ_never_let_an_older_password_win() {
    let (tenant, shell) = in_step(&["bob"]);
    // The queueing machine's clock is an hour ahead: it says so itself, and by the file's name.
    let ahead = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1)).to_string();
    shell.given(FIRST, &["password-changed", "bob", "--changed", &ahead]).exits(0);
    shell.acctsh(&["sync"]).exits(3).prints("has another time than this outbox");
    assert_eq!(shell.password_state("bob"), "refused");
    shell.acctsh(&["sync", "--discard", "bob"]).exits(0);

    // A folder that was brought back from a copy of an hour ago.
    shell.changed_password("bob", SECOND);
    let outbox = shell.home().join("profiles/contoso/outbox");
    let (file, bytes) = bytes_under(&outbox)
        .into_iter()
        .find(|(path, _)| path.extension().unwrap() == "age")
        .unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let (at, rest) = name.split_once('-').unwrap();
    let earlier = format!("{:020}-{rest}", at.parse::<i64>().unwrap() - 3_600_000_000);
    fs::write(outbox.join(earlier), bytes).unwrap();
    fs::remove_file(&file).unwrap();
    shell.acctsh(&["sync"]).exits(3).prints("has another time than this outbox");
    assert!(!online_takes(&tenant, &shell, "bob", SECOND));

    shell.acctsh(&["sync", "--discard", "bob"]).exits(0);
    shell.changed_password("bob", THIRD);
    shell.acctsh(&["sync"]).exits(0);
    assert!(online_takes(&tenant, &shell, "bob", THIRD));
}

#[test]
fn nobody_who_must_not_be_touched_is_touched() {
    let (tenant, shell) = in_step(&["bob"]);
    let text = fs::read_to_string(shell.home().join("config.toml")).unwrap();
    let protected = "protected = [\"bob\"]\n            patience_seconds";
    fs::write(shell.home().join("config.toml"), text.replacen("patience_seconds", protected, 1))
        .unwrap();
    shell.changed_password("bob", FIRST);
    shell.acctsh(&["sync"]).exits(3).prints("protected");
    assert!(!online_takes(&tenant, &shell, "bob", FIRST));
}

#[test]
fn killed_between_any_two_steps_each_password_arrives_once_and_nothing_is_left() {
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};
    let names: Vec<String> = (0..8).map(|number| format!("kim{number}")).collect();
    let (tenant, shell) = in_step(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let slow = json!([{ "kind": "slow_body", "millis": 40, "method": "PATCH", "path": "/v1.0/users/*", "rate": 0.5, "seed": 9 }]);
    tenant.knob("POST", "faults", Some(slow));
    let mut dice = StdRng::seed_from_u64(909);
    let rounds = if is_on_samba() { 6 } else { 20 };
    for round in 0..rounds {
        for name in &names {
            shell.changed_password(name, &format!("Round-{round:02}-of-{}", &name[3..]));
        }
        let running = shell.start(&["sync"]);
        std::thread::sleep(std::time::Duration::from_millis(dice.random_range(0..250)));
        running.kill();
        if round % 3 == 2 {
            // A newer one comes before anybody has looked at what was left.
            shell.changed_password("kim0", &format!("Later-{round:02}-than-that"));
        }
        shell.acctsh(&["sync"]).exits(0);
        for name in &names {
            let password = match (name.as_str(), round % 3) {
                ("kim0", 2) => format!("Later-{round:02}-than-that"),
                _ => format!("Round-{round:02}-of-{}", &name[3..]),
            };
            assert!(online_takes(&tenant, &shell, name, &password), "round {round}: {name}");
            assert_eq!(shell.password_state(name), "in step", "round {round}: {name}");
        }
        assert_eq!(shell.waiting_passwords(), 0, "round {round}");
        assert!(runs(&shell).iter().all(|(_, state)| state != "unfinished"), "round {round}");
        // Sealed copies go with their runs.
        let state = Connection::open(shell.home().join("state.db")).unwrap();
        let sealed: i64 =
            state.query_row("SELECT count(*) FROM sealed", [], |row| row.get(0)).unwrap();
        assert_eq!(sealed, 0, "round {round}");
    }
}

#[test]
fn what_is_carried_is_no_secret_anywhere() {
    let (tenant, shell) = in_step(&["bob"]);
    let hook = shell.given(FIRST, &["-vv", "password-changed", "bob"]).exits(0).never_says(FIRST);
    assert_eq!(hook.out, "");
    let sync = shell.acctsh(&["-vv", "sync"]).exits(0).never_says(FIRST);
    assert!(sync.err.contains("PATCH"), "the log is there:\n{}", sync.err);
    assert!(take_password(&tenant, &shell, "bob", FIRST).1);
    for (path, bytes) in [bytes_under(&shell.home()), bytes_under(&shell.folder())].concat() {
        let found = bytes.windows(FIRST.len()).any(|window| window == FIRST.as_bytes());
        assert!(!found, "the password is in {}", path.display());
    }
}

#[test]
fn a_wrong_clock_once_does_not_keep_the_right_changes_from_arriving() {
    let (tenant, shell) = in_step(&["bob"]);
    let ahead = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24)).to_string();
    shell.given(FIRST, &["password-changed", "bob", "--changed", &ahead]).exits(0);
    shell.acctsh(&["sync"]).exits(3).prints("has another time than this outbox");
    shell.changed_password("bob", SECOND);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered, 1 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
    assert_eq!(shell.password_state("bob"), "in step");
    shell.changed_password("bob", THIRD);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered");
    assert!(online_takes(&tenant, &shell, "bob", THIRD));
}

#[test]
fn a_run_that_stopped_at_one_persons_holds_up_nobody_elses() {
    let (tenant, shell) = in_step(&["bob", "eva"]);
    let parked = json!([{ "kind": "service_unavailable", "path": "/v1.0/users/*/assignLicense", "times": 1000 }]);
    tenant.knob("POST", "faults", Some(parked));
    let license = r#"account("bob").add_license("EXCHANGESTANDARD")"#;
    shell.acctsh(&["-c", license, "--yes"]).exits(7);
    tenant.knob("DELETE", "faults", None);
    shell.changed_password("bob", FIRST);
    shell.changed_password("eva", SECOND);
    let ran = shell.acctsh(&["sync"]).exits(0).says("1 password delivered, 1 left waiting");
    ran.prints("is at work on bob");
    assert!(online_takes(&tenant, &shell, "eva", SECOND));
}

#[test]
fn a_resume_much_later_overtakes_no_newer_password() {
    use crate::running::wait_until;
    let (tenant, shell) = in_step(&["bob"]);
    tenant.knob("PUT", "settings", Some(json!({ "latency_ms": 400 })));
    let before = crate::aftermath::events(&shell);
    let passwd = {
        let mut process = shell
            .command(&["passwd", "bob", "--reset", "--yes"])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(
            &mut process.stdin.take().unwrap(),
            format!("{FIRST}\n").as_bytes(),
        )
        .unwrap();
        process
    };
    wait_until("the directory has it", || take_local(&shell, "bob", FIRST));
    wait_until("the online half is being written", || {
        crate::aftermath::events(&shell) >= before + 3
    });
    let mut passwd = passwd;
    passwd.kill().unwrap();
    passwd.wait().unwrap();
    tenant.knob("PUT", "settings", Some(json!({ "latency_ms": 0 })));
    assert_eq!(runs(&shell)[0].1, "unfinished");
    // The person changes it again; then somebody resumes what was left, while the tenant takes nothing.
    shell.changed_password("bob", SECOND);
    let down = json!([{ "kind": "service_unavailable", "method": "PATCH", "path": "/v1.0/users/*", "times": 1000 }]);
    tenant.knob("POST", "faults", Some(down));
    let resumed = shell.acctsh(&["plan", "resume", &shell.newest_run(), "--yes"]);
    resumed.exits(0).says("1 online password in the outbox");
    tenant.knob("DELETE", "faults", None);
    shell.acctsh(&["sync"]).exits(0).says("1 password delivered, 1 overtaken");
    assert!(online_takes(&tenant, &shell, "bob", SECOND));
}

/// Whether the directory has that password.
fn take_local(shell: &Shell, name: &str, password: &str) -> bool {
    let secret = acctsh::model::Secret::new(password.to_owned());
    let guid = user(shell, name).guid;
    ask(directory(shell).verify_password(guid, &secret)).unwrap()
}

#[test]
fn a_password_is_not_carried_over_a_broken_link() {
    let (tenant, shell) = in_step(&["bob", "eva"]);
    let bob = id_of(&shell, "bob");
    let eva = user(&shell, "eva").guid;
    // Somebody has copied the anchor of one to the account of the other.
    let anchor = acctsh::model::Anchor::of(eva).as_str().to_owned();
    tenant.graph_patch("users/eva@contoso.com", &json!({ "onPremisesImmutableId": null }));
    tenant.graph_patch("users/bob@contoso.com", &json!({ "onPremisesImmutableId": anchor }));
    shell.changed_password("bob", FIRST);
    shell.acctsh(&["sync"]).exits(3).prints("belongs to somebody else");
    assert!(!tenant_takes(&tenant, &bob, FIRST));
}

#[test]
fn a_name_that_has_become_somebody_elses_leads_to_nobody() {
    if is_not_of_a_domain("outbox") {
        return;
    }
    let (tenant, shell) = in_step(&["bob"]);
    // Queued for the bob of an hour ago.
    let then = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1)).to_string();
    shell.given(FIRST, &["password-changed", "bob", "--changed", &then]).exits(0);
    let file = shell.home().join("profiles/contoso/directory.db");
    let directory = Connection::open(file).unwrap();
    directory.execute("UPDATE users SET created = created + 1", []).unwrap();
    shell.acctsh(&["sync"]).prints("nobody in the directory is called bob");
    assert!(!online_takes(&tenant, &shell, "bob", FIRST));
}
