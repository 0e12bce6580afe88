//! A CSV file becomes users, online accounts and licences with one command.

use crate::story::{Shell, people};

#[test]
fn everyone_in_the_file_gets_a_user_an_online_account_and_a_licence() {
    let shell = Shell::new();
    shell.file("people.csv", &people(3));
    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"])
        .exits(0)
        .says("Plan: 3 users to create, 3 online accounts to create, 3 accounts to license.")
        .says("Seats of Microsoft 365 Business Basic: 3 needed, 10000 free.")
        .says("3 done")
        .prints("person.0001@contoso.com");

    let accounts = shell.value(r#"accounts("person.*")"#);
    assert_eq!(accounts.as_array().unwrap().len(), 3);
    for account in accounts.as_array().unwrap() {
        assert_eq!(account["status"], "active");
        assert_eq!(account["licenses"][0], "Microsoft 365 Business Basic");
    }
}

#[test]
fn running_it_again_finds_nothing_to_do() {
    let shell = Shell::new();
    shell.file("people.csv", &people(3));
    shell.acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"]).exits(0);
    let files = shell.files();
    shell
        .acctsh(&["run", "bulk-create", "--csv", "people.csv", "--yes"])
        .exits(0)
        .says("3 people complete already");
    assert_eq!(shell.files(), files, "a run that does nothing leaves no files");
}
