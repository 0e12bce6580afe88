//! What a domain says has changed, and whether a password is somebody's.

use acctsh::directory::{Directory as _, DirectoryFault};
use acctsh::model::Secret;

use crate::samba::{Controller, block_on};

#[test]
fn what_changed_since_the_last_look_is_told_and_nothing_else() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let directory = unit.directory();
    let [eva, tim, ada] = ["eva", "tim", "ada"].map(|own| {
        let name = unit.name(own);
        (unit.user(own, &name, &[]), name)
    });
    let names = |changes: &acctsh::directory::DirectoryChanges| {
        let mut names: Vec<String> = changes.users.iter().map(|it| it.name.to_string()).collect();
        names.sort();
        names
    };
    let first = block_on(directory.changes(None, true)).unwrap();
    assert_eq!(first.users.len(), 3, "without a mark everybody");
    assert_eq!(first.deleted, []);
    let nothing = block_on(directory.changes(Some(&first.mark), true)).unwrap();
    assert_eq!((nothing.users.len(), nothing.deleted.len()), (0, 0));

    // Disabled; and another name.
    controller.set(&eva.0, "userAccountControl", Some("514"));
    let renamed = unit.name("timo");
    controller.set(&tim.0, "sAMAccountName", Some(&renamed));
    let second = block_on(directory.changes(Some(&nothing.mark), true)).unwrap();
    let mut expected = vec![eva.1.clone(), renamed];
    expected.sort();
    assert_eq!(names(&second), expected);
    assert!(second.users.iter().any(|it| it.name.as_str() == eva.1 && !it.enabled));

    // Deleted; told once.
    let gone = first.users.iter().find(|it| it.name.as_str() == ada.1).unwrap().guid;
    block_on(directory.delete(gone)).unwrap();
    let third = block_on(directory.changes(Some(&second.mark), true)).unwrap();
    assert!(third.deleted.contains(&gone) && third.users.is_empty(), "{third:?}");
    let unasked = block_on(directory.changes(Some(&second.mark), false)).unwrap();
    assert_eq!(unasked.deleted, []);
    let fourth = block_on(directory.changes(Some(&third.mark), true)).unwrap();
    assert!(!fourth.deleted.contains(&gone));
}

#[test]
fn a_mark_of_another_controller_or_of_a_later_state_means_everybody() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    unit.user("eva", &unit.name("eva"), &[]);
    let directory = unit.directory();
    let mark = block_on(directory.changes(None, false)).unwrap().mark;
    let (number, own) = mark.split_once(' ').unwrap();
    let ahead = format!("{} {own}", number.parse::<i64>().unwrap() + 1_000_000);
    for strange in [&format!("{number} CN=NTDS Settings,CN=OTHER"), &ahead, "0", ""] {
        let all = block_on(directory.changes(Some(strange), false)).unwrap();
        assert_eq!(all.users.len(), 1, "{strange}");
    }
}

#[test]
fn a_password_is_somebodys_or_not_and_a_locked_user_is_said_to_be_locked() {
    let Some(controller) = Controller::fresh() else { return };
    let unit = controller.unit();
    let directory = unit.directory();
    let dn = unit.user("eva", &unit.name("eva"), &[]);
    controller.set_password(&dn, "Kestrel-47-north");
    controller.set(&dn, "userAccountControl", Some("512"));
    let eva = block_on(directory.changes(None, false)).unwrap().users.remove(0);
    let has =
        |password: &str| block_on(directory.has_password(&eva, &Secret::new(password.to_owned())));
    assert_eq!(has("Kestrel-47-north"), Ok(true));
    assert_eq!(has("Kestrel-47-south"), Ok(false));
    // Nobody's name without a password would be a success for Microsoft.
    assert_eq!(has(""), Ok(false));
    // One that has to be changed is right.
    controller.set(&dn, "pwdLastSet", Some("0"));
    assert_eq!(has("Kestrel-47-north"), Ok(true));
    controller.set(&dn, "pwdLastSet", Some("-1"));

    controller.set(&controller.base(), "lockoutThreshold", Some("3"));
    for _ in 0..4 {
        let _ = has("wrong");
    }
    match has("Kestrel-47-north") {
        Err(DirectoryFault::Refused { reason, .. }) => {
            assert!(reason.contains("locked"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}
