//! One plan of all verbs, killed wherever it happens to be and resumed: everybody ends as if nothing had
//! happened.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::aftermath::{events, runs};
use crate::running::wait_until;
use crate::story::{Shell, Tenant, people};

const PEOPLE: usize = 14;

const VERBS: &str = r#"
let who = |n| account(`person.00${if n < 10 { "0" } else { "" }}${n}`);
who.call(1).disable();
who.call(2).unassign();
who.call(3).set(#{ department: "Sales", office: "B4", expires: "2031-01-31", manager: "person.0001" });
who.call(4).rename("robert.miller");
who.call(5).set_licenses(["Exchange Online (Plan 1)"]);
who.call(5).add_alias("five").set_primary_address("number.five").hide_from_address_list();
who.call(6).delete();
who.call(7).unlink();
who.call(8).reset_password();
who.call(9).sign_out();
who.call(10).disable().convert_to_shared().forward_to(who.call(1)).unassign();
who.call(11).rename(#{ user_name: "person.0004" });
who.call(12).set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams"] }).disable();
create_account(#{ user_name: "zoe", first_name: "Zoe", country: "Germany" }).disable();
who.call(14).require_password_change();
who.call(13).remove_alias("info@contoso.com");
who.call(14).add_alias("info@contoso.com");
group("Staff").set_members([who.call(3), account("robert.miller"), "zoe"]);
create_group(#{ name: "Board", members: [group("Staff"), who.call(8)] }).add_alias("directors");
group("Old list").delete();
()
"#;

const REPORT: &str = r"
fn sorted(list) { list.sort(); list }
fn name(member) { if type_of(member) == `Account` { member.online_id } else { member.email } }
accounts().filter(|a| !a.is_built_in).sort_by(|a| a.user_name).map(|a| [a.user_name, a.enabled, a.can_sign_in, a.online_id, a.status,
    a.status_reason, a.licenses, a.department, a.expires, a.manager, a.must_change_password, a.mailbox,
    a.email, sorted(a.aliases), sorted(a.groups)])
    + groups().map(|g| [g.name, g.email, sorted(g.aliases), sorted(g.members.map(|it| name(it)))])
    + deleted_accounts().map(|a| [a.user_name, a.online_id])
";

fn world() -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", "4"]);
    let shell = Shell::new();
    shell.uses(&tenant).file("people.csv", &people(PEOPLE)).file("verbs.rhai", VERBS);
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    tenant.knob("PUT", "exchange", Some(json!({ "address_hold_seconds": 0 })));
    shell.does(
        "account(\"person.0013\").add_alias(\"info\"); create_group(#{ name: \"Old list\" }); \
         create_group(#{ name: \"Staff\", members: [\"person.0002\", \"person.0003\"] })",
    );
    (tenant, shell)
}

const JOB: &[&str] = &["run", "verbs.rhai", "--yes", "--max-revokes", "50", "--max-deletes", "50"];

#[test]
fn a_plan_of_all_verbs_ends_the_same_however_often_it_is_killed() {
    let (_tenant, shell) = world();
    let before = events(&shell);
    shell.acctsh(JOB).exits(0).says("done");
    let all = events(&shell) - before;
    let wanted = shell.value(REPORT);
    assert_eq!(wanted.as_array().map(Vec::len), Some(PEOPLE + 3), "{wanted}");

    let mut dice = StdRng::seed_from_u64(2036);
    for kill in 0..6 {
        let (_tenant, shell) = world();
        let begun = events(&shell);
        let moment = begun + all * kill / 6 + dice.random_range(1..=all / 6);
        let mut running = shell.start(JOB);
        wait_until("the run comes to its moment", || {
            running.has_ended() || events(&shell) >= moment
        });
        std::thread::sleep(Duration::from_micros(dice.random_range(0..3000)));
        running.kill();
        if let Some((run, state)) = runs(&shell).first().filter(|(_, state)| state == "unfinished")
        {
            assert_eq!(state, "unfinished");
            shell.acctsh(&["plan", "resume", run, "--yes"]).exits(0);
        }
        let is: Value = shell.value(REPORT);
        assert_eq!(is, wanted, "after kill {kill} at event {moment}");
    }
}
