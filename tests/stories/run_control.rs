//! A run is held, interrupted, given up; and what an unfinished run forbids.

use serde_json::{Value, json};

use crate::aftermath::{
    ask, directory, expect_complete, letters, licensed, names, online_accounts, runs,
    sealed_copies, steps_in_doubt, tenant_takes, users,
};
use crate::running::{Running, wait_until};
use crate::story::{Ran, Shell, Tenant, people};

const JOB: &[&str] = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
/// More than are on their way at once, so that some are done while others haven't begun.
const PEOPLE: usize = 120;

fn tenant_and_shell() -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", "5"]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE));
    (tenant, shell)
}

/// How long the tenant lets everybody wait from now on.
fn slow_down(tenant: &Tenant, milliseconds: u32) {
    tenant.knob("PUT", "settings", Some(json!({ "latency_ms": milliseconds })));
}

/// A run that has done something and then waits for a tenant which takes its time.
fn halfway(tenant: &Tenant, shell: &Shell, milliseconds: u32) -> (Running, String) {
    let mut running = shell.start(JOB);
    wait_until("somebody is done", || running.has_ended() || licensed(shell) > 0);
    slow_down(tenant, milliseconds);
    let (run, state) = runs(shell).remove(0);
    assert_eq!(state, "unfinished", "it was too fast for this story");
    (running, run)
}

/// A run that was stopped at once, with steps of which nobody knows whether they were done.
fn stopped_at_once(tenant: &Tenant, shell: &Shell) -> (Ran, String) {
    // Far longer than anybody waits for a command that is to stop at once.
    let (mut running, run) = halfway(tenant, shell, 600_000);
    running.interrupt_twice();
    let ran = running.ends();
    slow_down(tenant, 0);
    (ran, run)
}

fn outcomes(shell: &Shell, run: &str) -> Vec<(String, String)> {
    let shown = shell.acctsh(&["plan", "show", run, "--output", "json"]).exits(0).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = shown["results"].as_array().unwrap().iter();
    lines.map(|line| (text(&line["user"]), text(&line["outcome"]))).collect()
}

fn with_outcome(shell: &Shell, run: &str, outcome: &str) -> Vec<String> {
    let all = outcomes(shell, run).into_iter();
    all.filter(|(_, of)| of == outcome).map(|(user, _)| user).collect()
}

fn receivers(shell: &Shell) -> Vec<String> {
    let mut names: Vec<String> =
        letters(shell).into_iter().map(|letter| letter.user_name).collect();
    names.sort();
    names
}

/// Each letter's password opens what was made for its receiver.
fn expect_letters_open(shell: &Shell, tenant: &Tenant) {
    let accounts = online_accounts(tenant);
    for letter in letters(shell) {
        let user = users(shell).into_iter().find(|user| user.name.as_str() == letter.user_name);
        let password = acctsh::model::Secret::new(letter.password.clone());
        let opens = directory(shell);
        assert!(ask(opens.verify_password(user.unwrap().guid, &password)).unwrap());
        if letter.online_id != "none" {
            let account =
                accounts.iter().find(|account| account["userPrincipalName"] == *letter.online_id);
            let id = account.unwrap()["id"].as_str().unwrap();
            assert!(tenant_takes(tenant, id, &letter.password), "{}", letter.online_id);
        }
    }
}

#[test]
fn a_run_that_is_at_work_can_be_neither_resumed_nor_given_up_by_another_process() {
    let (tenant, shell) = tenant_and_shell();
    let (running, run) = halfway(&tenant, &shell, 1000);
    let holder = format!("process {} on ", running.id());
    for verb in ["resume", "abandon"] {
        let refused = shell.acctsh(&["plan", verb, &run, "--yes"]);
        refused.exits(4).says(&format!("the run {run} is held by {holder}"));
    }
    slow_down(&tenant, 0);
    running.ends().exits(0);
    expect_complete(&shell, &tenant, &names(1..=PEOPLE));
}

#[test]
fn ctrl_c_finishes_what_is_on_its_way_and_says_how_to_go_on() {
    let (tenant, shell) = tenant_and_shell();
    let (running, run) = halfway(&tenant, &shell, 500);
    running.interrupt();
    let ran = running.ends().exits(7);
    let ran = ran.says("finishing what is on its way").says(&format!("acctsh plan resume {run}"));
    assert!(ran.out.contains("done") && ran.out.contains("open"), "{}", ran.out);
    slow_down(&tenant, 0);
    assert_eq!(steps_in_doubt(&shell), 0, "what was on its way was finished");

    let done = with_outcome(&shell, &run, "done");
    assert!(!done.is_empty() && done.len() < PEOPLE, "{} are done", done.len());
    assert_eq!(receivers(&shell), done, "letters for those who are done, and for nobody else");
    expect_letters_open(&shell, &tenant);

    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0).says(&format!("{PEOPLE} done"));
    expect_complete(&shell, &tenant, &names(1..=PEOPLE));
}

#[test]
fn ctrl_c_twice_stops_at_once_and_the_run_can_still_be_resumed() {
    let (tenant, shell) = tenant_and_shell();
    let (ran, run) = stopped_at_once(&tenant, &shell);
    ran.exits(7).says("Stopping at once").says(&format!("acctsh plan resume {run}"));
    assert_eq!(receivers(&shell), with_outcome(&shell, &run, "done"));

    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0).says(&format!("{PEOPLE} done"));
    expect_complete(&shell, &tenant, &names(1..=PEOPLE));
}

#[test]
fn a_run_that_is_given_up_hands_over_what_is_done_and_lists_what_is_half_done() {
    let (tenant, shell) = tenant_and_shell();
    let (_, run) = stopped_at_once(&tenant, &shell);
    assert!(sealed_copies(&shell) > 0 && steps_in_doubt(&shell) > 0, "somebody is half done");

    let ran = shell.acctsh(&["plan", "abandon", &run, "--yes"]);
    let ran = ran.exits(0).says(&format!("Run {run} is given up"));
    assert!(ran.out.contains("open"), "the half-done ones are listed:\n{}", ran.out);
    assert_eq!(sealed_copies(&shell), 0);
    // Whoever the journal says has a user knows the password.
    let made = outcomes_with_something_done(&shell, &run);
    assert_eq!(receivers(&shell), made);
    expect_letters_open(&shell, &tenant);

    let after = shell.acctsh(&["plan", "resume", &run, "--yes"]);
    after.exits(2).says("abandoned: there is nothing to resume");
    let again = shell.acctsh(&["plan", "abandon", &run, "--yes"]);
    again.exits(0).says("abandoned: there is nothing to give up");
    // The rest is made by a run of its own; nobody is made twice.
    shell.acctsh(JOB).exits(0);
    assert_eq!((users(&shell).len(), online_accounts(&tenant).len()), (PEOPLE, PEOPLE));
}

fn outcomes_with_something_done(shell: &Shell, run: &str) -> Vec<String> {
    let shown = shell.acctsh(&["plan", "show", run, "--output", "json"]).exits(0).json();
    let lines = shown["results"].as_array().unwrap().iter();
    let made = lines.filter(|line| line["done"].as_array().is_some_and(|done| !done.is_empty()));
    made.map(|line| line["user"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn while_a_run_is_unfinished_no_other_plan_is_made_for_its_people() {
    let (tenant, shell) = tenant_and_shell();
    let (_, run) = stopped_at_once(&tenant, &shell);
    let before = tenant.summary()["users"].clone();
    let refused = |arguments: &[&str]| {
        let ran = shell.acctsh(arguments).exits(4);
        ran.says(&format!("acctsh plan resume {run}")).says(&format!("acctsh plan abandon {run}"));
    };
    refused(JOB);
    // Whoever has a user and nothing online by now would get the online account from this one; on a
    // slow machine that may be nobody.
    let waits = r#"accounts().filter(|a| a.status == "none" && !a.is_built_in).len()"#;
    if shell.value(waits) != 0 {
        refused(&["run", "bulk-create", "--yes"]);
    }
    // Each of them alone, however far the run has come with them. For whom it has done everything,
    // though it never heard so, there is nothing to do.
    let all = people(PEOPLE);
    let mut refusals = 0;
    for user in with_outcome(&shell, &run, "open") {
        let lines =
            all.lines().filter(|line| line.starts_with("User Name") || line.starts_with(&user));
        shell.file("one.csv", &lines.map(|line| format!("{line}\n")).collect::<String>());
        let ran = shell.acctsh(&["run", "bulk-create", "--csv", "one.csv", "--yes"]);
        if !ran.err.contains("1 person complete already") {
            ran.exits(4).says(&format!("acctsh plan resume {run}"));
            refusals += 1;
        }
    }
    assert!(refusals > 0, "somebody is not complete");
    assert_eq!(tenant.summary()["users"], before);

    // Other people are nobody's business.
    shell
        .acctsh(&[
            "-c",
            "create_account(#{user_name: \"eva.li\", display_name: \"Eva Li\"})",
            "--yes",
        ])
        .exits(0);
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    shell.acctsh(JOB).exits(0);
}

#[test]
fn a_run_that_is_not_there_and_one_that_is_finished_are_not_resumed() {
    let (_tenant, shell) = tenant_and_shell();
    let unknown = shell.acctsh(&["plan", "resume", "20270131-0900-bcdf", "--yes"]);
    unknown.exits(2).says("there is no run 20270131-0900-bcdf").says("acctsh plan list");

    shell.acctsh(JOB).exits(0);
    let run = shell.newest_run();
    let finished = shell.acctsh(&["plan", "resume", &run, "--yes"]);
    finished.exits(0).says("finished: there is nothing to resume");
    let given_up = shell.acctsh(&["plan", "abandon", &run, "--yes"]);
    given_up.exits(2).says("finished: there is nothing to give up");
}

#[test]
fn without_a_terminal_resuming_and_giving_up_need_yes() {
    let (tenant, shell) = tenant_and_shell();
    let (_, run) = stopped_at_once(&tenant, &shell);
    for verb in ["resume", "abandon"] {
        shell.acctsh(&["plan", verb, &run]).exits(5).says("--yes");
    }
    assert_eq!(runs(&shell)[0].1, "unfinished");
}
