//! Two people at two shells run jobs at the same time, with one home and one tenant.

use crate::aftermath::{
    expect_complete, expect_nothing_left, letters, names, online_accounts, runs, users,
};
use crate::story::{Shell, Tenant, people};

const PEOPLE: usize = 20;
/// With this latency a run lasts longer than the other process needs from reading to beginning.
const LONG: &str = "100";

fn tenant_and_shell(latency: &str) -> (Tenant, Shell) {
    let tenant = Tenant::start(&["--latency", latency]);
    let shell = Shell::new();
    shell.uses(&tenant);
    (tenant, shell)
}

/// The people from the list of all with these numbers.
fn part(from: usize, to: usize) -> String {
    let all = people(to);
    let mut lines = all.lines();
    let head = lines.next().unwrap().to_owned();
    lines.skip(from - 1).fold(head + "\n", |text, line| text + line + "\n")
}

#[test]
fn with_different_people_both_finish_and_nothing_is_lost() {
    let (tenant, shell) = tenant_and_shell("3");
    shell.file("one.csv", &part(1, PEOPLE)).file("two.csv", &part(PEOPLE + 1, 2 * PEOPLE));
    let one = shell.start(&["run", "bulk-create", "--csv", "one.csv", "--yes"]);
    let two = shell.start(&["run", "bulk-create", "--csv", "two.csv", "--yes"]);
    one.ends().exits(0).says(&format!("{PEOPLE} done"));
    two.ends().exits(0).says(&format!("{PEOPLE} done"));
    expect_complete(&shell, &tenant, &names(1..=2 * PEOPLE));
}

#[test]
fn with_the_same_people_one_makes_them_and_the_other_is_refused_or_finds_them_there() {
    for _ in 0..4 {
        let (tenant, shell) = tenant_and_shell(LONG);
        shell.file("people.csv", &people(PEOPLE));
        let job = &["run", "bulk-create", "--csv", "people.csv", "--yes"];
        let both = [shell.start(job), shell.start(job)].map(|running| running.ends());
        assert!(both.iter().any(|ran| ran.exit == 0), "{}\n{}", both[0].err, both[1].err);
        for ran in both {
            let refused = ran.exit == 4 && ran.err.contains("the unfinished run ");
            let finds_them = ran.exit == 0 && ran.err.contains("people complete already");
            let makes_them = ran.exit == 0 && ran.err.contains(&format!("{PEOPLE} done"));
            assert!(refused || finds_them || makes_them, "{}: {}", ran.exit, ran.err);
        }
        assert_eq!(runs(&shell).len(), 1, "one run made them all");
        expect_complete(&shell, &tenant, &names(1..=PEOPLE));
        expect_nothing_left(&shell, job, PEOPLE);
    }
}

#[test]
fn users_who_are_there_get_one_online_account_and_the_password_of_their_letter() {
    for _ in 0..4 {
        let (tenant, shell) = tenant_and_shell(LONG);
        shell.file("people.csv", &people(PEOPLE));
        let users_only =
            "for row in read_csv(\"people.csv\") { create_account(row, #{online: false}) }";
        shell.acctsh(&["-c", users_only, "--yes"]).exits(0);
        for letter in letters(&shell) {
            std::fs::remove_file(letter.path).unwrap();
        }
        let job = &["run", "bulk-create", "--yes"];
        let both = [shell.start(job), shell.start(job)].map(|running| running.ends());
        assert!(both.iter().any(|ran| ran.exit == 0), "{}\n{}", both[0].err, both[1].err);
        assert_eq!(online_accounts(&tenant).len(), PEOPLE);
        assert_eq!(letters(&shell).len(), PEOPLE, "one letter each");
        let accounts = online_accounts(&tenant);
        for letter in letters(&shell) {
            let own = accounts.iter().find(|one| one["userPrincipalName"] == *letter.online_id);
            let id = own.unwrap()["id"].as_str().unwrap();
            let takes = crate::aftermath::tenant_takes(&tenant, id, &letter.password);
            assert!(takes, "the password in the letter to {} is not its own", letter.user_name);
            let user =
                users(&shell).into_iter().find(|user| user.name.as_str() == letter.user_name);
            assert_eq!(user.unwrap().link.unwrap().to_string(), id);
        }
    }
}
