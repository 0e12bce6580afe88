//! Guards count what the last hour's runs did; and taking something away is asked about.

use crate::story::{Shell, Tenant, is_on_samba, people};

fn so_many(count: usize) -> (Tenant, Shell) {
    let tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(count));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    (tenant, shell)
}

#[test]
fn what_the_last_hour_did_counts_and_a_resumed_run_once() {
    let (mut tenant, shell) = so_many(12);
    let delete = |name: &str| format!(r#"account("{name}").delete()"#);
    shell.acctsh(&["-c", &delete("person.0001"), "--yes"]).exits(0);
    // The second one stops half-way, and is finished later.
    let second = shell.acctsh(&["-c", &delete("person.0002"), "--plan-out", "two.json"]);
    second.exits(0);
    tenant.kill();
    shell.acctsh(&["plan", "apply", "two.json", "--yes"]).exits(8);
    tenant.restart(&[]);
    shell.acctsh(&["plan", "apply", "two.json", "--yes"]).exits(0);
    shell.acctsh(&["-c", &delete("person.0003"), "--yes"]).exits(0);
    // Nine of them are left, beside those that the directory has of itself.
    let people = if is_on_samba() { 13 } else { 11 };
    shell.acctsh(&["-c", &delete("person.0004"), "--yes"]).exits(4).says(&format!(
        "deletes 1 of {people} people, after 3 within the last hour; without a word it may be 3"
    ));
    shell.acctsh(&["-c", &delete("person.0004"), "--yes", "--max-deletes", "4"]).exits(0);
}

#[test]
fn without_a_terminal_taking_away_needs_a_yes_too() {
    let (_tenant, shell) = so_many(1);
    for verb in ["disable()", "delete()", "unassign()", "reset_password()"] {
        let code = format!(r#"account("person.0001").{verb}"#);
        shell.acctsh(&["-c", &code]).exits(5).says("give --yes, or look first with --what-if");
    }
}
