//! What scripts read of a plan is what comes of it: for random plans of all verbs, the people as they are
//! read after the verbs, before anything was written, are those that are read back afterwards.

use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;

use crate::story::{Shell, Tenant, people};

const PLANS: usize = 14;
const PEOPLE: usize = 6;

/// Verbs for one person; those that a person can't do any more are problems of the plan, which is then
/// not applied.
const VERBS: &[&str] = &[
    "disable()",
    "enable()",
    "unassign()",
    "assign()",
    "unlink()",
    "relink()",
    "delete()",
    "sign_out()",
    "reset_password()",
    "require_password_change()",
    r#"rename("new.name")"#,
    r#"rename(#{ online_id: "other.name" })"#,
    r#"set(#{ department: "Sales", office: (), usage_location: "FR" })"#,
    r#"set(#{ expires: "2031-01-31", manager: "person.0006" })"#,
    r#"set(#{ city: "Berlin" })"#,
    r#"set_licenses(["Exchange Online (Plan 1)"])"#,
    r#"set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams"] })"#,
    r#"remove_license("Microsoft 365 Business Basic")"#,
    r#"link("person.0003@contoso.com")"#,
];

/// Everything of everybody that doesn't wait for the tenant's or the directory's own clock.
const REPORT: &str = r#"
    let seen = online_accounts().filter(|a| a.user_name == () && !a.is_administrator)
        .map(|a| ["online", a.online_id, a.can_sign_in, a.licenses, a.department, a.usage_location]);
    for a in accounts() {
        if a.is_built_in { continue; }
        seen.push([a.user_name, a.enabled, a.online_id, a.can_sign_in, a.status, a.status_reason, a.licenses,
            a.department, a.office, a.city, a.usage_location, a.expires, a.manager, a.must_change_password]);
    }
    seen
"#;

fn plan(dice: &mut StdRng) -> String {
    let mut verbs = String::new();
    for _ in 0..dice.random_range(3..9) {
        let person = dice.random_range(1..PEOPLE);
        let verb = VERBS.choose(dice).unwrap();
        // Whoever was renamed or deleted is not found under the old name: the handle goes on.
        write!(verbs, "p[{person}].{verb}; ").unwrap();
    }
    format!("let p = accounts(\"person*\").map(|a| a); {verbs}")
}

fn sorted(ran: &str) -> Vec<String> {
    let all: Value = serde_json::from_str(ran).unwrap();
    let mut rows: Vec<String> = all.as_array().unwrap().iter().map(Value::to_string).collect();
    rows.sort();
    rows
}

#[test]
fn whatever_the_plan_the_view_shows_what_it_comes_to() {
    let mut dice = StdRng::seed_from_u64(2037);
    let mut applied = 0;
    while applied < PLANS {
        let tenant = Tenant::start(&[]);
        let shell = Shell::new();
        shell.uses(&tenant).file("people.csv", &people(PEOPLE));
        shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
        // The same people serve until a plan was applied.
        loop {
            let verbs = plan(&mut dice);
            let code = format!("{verbs}{REPORT}");
            let ran =
                shell.acctsh(&["-c", &code, "--yes", "--max-deletes", "9", "--output", "json"]);
            if ran.exit != 0 {
                // A plan with a problem writes nothing.
                assert_eq!(ran.exit, 2, "{verbs}\n{}", ran.err);
                continue;
            }
            let after = shell.acctsh(&["-c", REPORT, "--output", "json"]).exits(0);
            assert_eq!(sorted(&ran.out), sorted(&after.out), "{verbs}\n{}", ran.err);
            applied += 1;
            break;
        }
    }
}
