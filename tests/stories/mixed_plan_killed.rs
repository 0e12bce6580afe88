//! A plan of all verbs is killed, with SIGKILL, wherever it happens to be, and resumed: everybody ends
//! as in a run that nobody killed.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::aftermath::{events, letters, runs, sealed_copies, steps_in_doubt, users};
use crate::person::{seats_used, take_password};
use crate::running::wait_until;
use crate::story::{Shell, Tenant};

/// Whom the verbs find: 20 people with a licence each, one of them unassigned, one without online
/// account, one deleted.
const WORLD: &str = r#"
    for n in 1..=20 {
        create_account(#{ user_name: `p${n}`, display_name: `Kim ${n}`, department: "Plant", online: n != 20 });
    }
    apply();
    account("p19").unassign();
    account("p18").disable();
    account("p17").delete();
    account("p16").unlink();
"#;

/// Each verb, some twice, some on the same person.
const PLAN: &str = r#"
    account("p1").disable();
    account("p2").disable().set(#{ office: "none" });
    account("p3").unassign();
    account("p4").delete();
    account("p5").rename(#{ user_name: "q5" });
    account("p6").rename("q6");
    account("p7").set(#{ department: "Sales", usage_location: "FR", city: "Paris" });
    account("p8").set(#{ department: (), expires: "2031-01-31" });
    account("p9").set_licenses(["Microsoft 365 Business Standard"], #{ without: ["Teams"] });
    account("p10").add_license("Exchange Online (Plan 1)").disable();
    account("p11").set_licenses([]);
    account("p12").reset_password();
    account("p13").unlink();
    account("p14").sign_out().disable();
    account("p15").unassign().assign();
    account("p16").link("p16@contoso.com");
    deleted_account("p17").restore();
    account("p18").enable();
    account("p19").assign();
    account("p20").assign(#{ licenses: ["Microsoft 365 Business Basic"] });
    create_account(#{ user_name: "new", first_name: "New" });
"#;
/// What both halves have at the end that no chance decides.
#[derive(Debug, PartialEq)]
struct End {
    people: BTreeMap<String, Value>,
    online: BTreeMap<String, Value>,
    deleted: Value,
    seats: Vec<i64>,
}

fn end(tenant: &Tenant, shell: &Shell) -> End {
    let select = "id,userPrincipalName,accountEnabled,assignedLicenses,usageLocation,department,\
                  city,onPremisesImmutableId";
    let accounts = tenant.graph(&format!("users?$select={select}&$top=999"));
    let mut names = BTreeMap::new();
    let mut online = BTreeMap::new();
    for mut account in accounts["value"].as_array().unwrap().clone() {
        let members = account.as_object_mut().unwrap();
        let id = members.remove("id").unwrap().as_str().unwrap().to_owned();
        let name = members["userPrincipalName"].as_str().unwrap().to_owned();
        members.insert(
            "onPremisesImmutableId".to_owned(),
            json!(!members["onPremisesImmutableId"].is_null()),
        );
        names.insert(id, name.clone());
        online.insert(name, account);
    }
    let person = |user: acctsh::model::User| {
        let linked = user.link.map(|link| names.get(&link.to_string()).cloned());
        let facts = json!({
            "enabled": user.enabled,
            "expires": user.expires.map(|day| day.to_string()),
            "must": user.must_change_password,
            "details": format!("{:?}", user.details),
            "linked": linked,
            "remembered": format!("{:?}", user.remembered),
        });
        (user.name.to_string(), facts)
    };
    let products = ["O365_BUSINESS_ESSENTIALS", "O365_BUSINESS_PREMIUM", "EXCHANGESTANDARD"];
    End {
        people: users(shell).into_iter().map(person).collect(),
        online,
        deleted: shell.value("deleted_accounts().map(|it| [it.user_name, it.online_id])"),
        seats: products.iter().map(|product| seats_used(tenant, product)).collect(),
    }
}

/// A tenant as far away as a real one is near, with those people and the plan in a script.
fn tenant_and_shell() -> (Tenant, Shell) {
    let mut tenant = Tenant::start(&[]);
    let shell = Shell::new();
    shell.uses(&tenant).file("plan.rhai", PLAN);
    shell.does(WORLD);
    tenant.kill();
    tenant.restart(&["--latency", "4"]);
    (tenant, shell)
}

const JOB: &[&str] = &["run", "plan.rhai", "--yes", "--max-deletes", "9", "--max-revokes", "99"];

/// The letters that this plan wrote open both halves of those whose password it set.
#[track_caller]
fn expect_letters(tenant: &Tenant, shell: &Shell, before: usize) {
    let all = letters(shell);
    assert_eq!(all.len(), before + 3, "for the reset, the new half and the new person");
    for name in ["p12", "new"] {
        let opens = |password: &str| take_password(tenant, shell, name, password) == (true, true);
        let of_person = all.iter().filter(|letter| letter.user_name == name);
        assert_eq!(of_person.filter(|letter| opens(&letter.password)).count(), 1, "{name}");
    }
    assert_eq!((sealed_copies(shell), steps_in_doubt(shell)), (0, 0));
}

#[test]
fn everybody_ends_as_in_a_run_that_nobody_killed() {
    const KILLS: u32 = 6;
    let (tenant, shell) = tenant_and_shell();
    let (begun, letters_before) = (events(&shell), letters(&shell).len());
    shell.acctsh(JOB).exits(0);
    let expected = end(&tenant, &shell);
    let events_of_the_run = events(&shell) - begun;
    expect_letters(&tenant, &shell, letters_before);

    let mut dice = StdRng::seed_from_u64(2031);
    let mut halfway = 0;
    for kill in 0..KILLS {
        let (tenant, shell) = tenant_and_shell();
        let earlier = runs(&shell).len();
        let moment = begun
            + events_of_the_run * kill / KILLS
            + dice.random_range(1..events_of_the_run / KILLS);
        let mut running = shell.start(JOB);
        wait_until("the run comes to its moment", || {
            running.has_ended() || events(&shell) >= moment
        });
        std::thread::sleep(Duration::from_micros(dice.random_range(0..3000)));
        running.kill();
        let now = runs(&shell);
        assert_eq!(now.len(), earlier + 1);
        if now[0].1 == "unfinished" {
            halfway += 1;
            shell.acctsh(&["plan", "resume", &now[0].0, "--yes"]).exits(0);
        }
        assert_eq!(end(&tenant, &shell), expected, "killed at {moment} of {events_of_the_run}");
        expect_letters(&tenant, &shell, letters_before);
    }
    assert!(halfway >= KILLS / 2, "only {halfway} of {KILLS} kills came before the run's end");
}
