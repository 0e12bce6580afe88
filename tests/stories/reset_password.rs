//! `reset_password`: one temporary password on both halves, in a letter and nowhere else.

use crate::aftermath::letters;
use crate::person::{expect_password, office_of, user};
use crate::story::bytes_under;

const RESET: &str = "account(\"bob\").reset_password()";

#[test]
fn both_halves_take_the_password_of_the_letter_and_it_must_be_changed() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let old = shell.passwords()["bob"].clone();
    shell.does("account(\"bob\").set(#{ must_change_password: false })");
    shell.acctsh(&["-c", RESET]).exits(5).says("give --yes");
    expect_password(&tenant, &shell, "bob", &old);

    let ran = shell.does(RESET).says("1 letter, only for your eyes");
    let new: Vec<_> = letters(&shell)
        .into_iter()
        .filter(|letter| letter.user_name == "bob" && letter.password != old)
        .collect();
    assert_eq!(new.len(), 1, "one letter for the one person");
    assert_eq!(new[0].online_id, "bob@contoso.com", "it says where to sign in");
    expect_password(&tenant, &shell, "bob", &new[0].password);
    assert!(user(&shell, "bob").must_change_password);

    // Nowhere else.
    let secret = new[0].password.as_bytes();
    let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    assert!(!is_in(ran.out.as_bytes()) && !is_in(ran.err.as_bytes()), "not on the screen");
    for (path, bytes) in [bytes_under(&shell.home()), bytes_under(&shell.folder())].concat() {
        assert!(!is_in(&bytes) || path == new[0].path, "a password is in {}", path.display());
    }
    assert!(is_in(&std::fs::read(&new[0].path).unwrap()), "the scan finds what is there");
}

#[test]
fn each_of_several_gets_another_one() {
    let (tenant, shell) = office_of(&["bob", "eva"]);
    let old = shell.passwords();
    shell.does("accounts([\"bob\", \"eva\"]).reset_password()").says("2 letters");
    for name in ["bob", "eva"] {
        let new = letters(&shell);
        let new: Vec<_> = new
            .iter()
            .filter(|letter| letter.user_name == name && letter.password != old[name])
            .collect();
        assert_eq!(new.len(), 1);
        expect_password(&tenant, &shell, name, &new[0].password);
    }
}

#[test]
fn what_if_makes_no_password() {
    let (tenant, shell) = office_of(&["bob"]);
    let (old, files) = (shell.passwords()["bob"].clone(), shell.files());
    shell.acctsh(&["-c", RESET, "--what-if"]).exits(0).prints("new password, new online password");
    assert_eq!(shell.files(), files);
    expect_password(&tenant, &shell, "bob", &old);
}
