//! What must not be done a second time: bringing back whom somebody else brought back, and making a user on
//! another controller that hasn't heard of the first try.

use std::net::TcpListener;

use acctsh::directory::active_directory::{ActiveDirectory, ServerUrl};
use acctsh::directory::{Directory as _, DirectoryFault, NewPassword, NewUser, PasswordOrigin};
use acctsh::model::{AccessLevel, Details, Secret, UserGuid, UserName};
use rusqlite::Connection;

use crate::samba::{Controller, block_on};

fn password() -> NewPassword {
    let secret = Secret::new("Tarnhafen-48-Moor".to_owned());
    NewPassword { secret, origin: PasswordOrigin::Generated }
}

fn new_user(name: &str) -> NewUser {
    NewUser {
        guid: UserGuid::random(),
        name: UserName::parse(name).unwrap(),
        details: Details::default(),
        enabled: true,
        must_change_password: false,
        expires: None,
        access_level: AccessLevel::Standard,
    }
}

#[test]
fn whom_somebody_else_brought_back_stays_as_they_made_it() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let (directory, name) = (unit.directory(), unit.name("eva"));
    let eva = block_on(directory.create(&new_user(&name), &password())).unwrap();
    let at = unit.entry(&name);
    let (group, group_name) = (unit.entry("Cooks"), unit.name("cooks"));
    controller.add(&group, "group", &[("sAMAccountName", &group_name)]);
    controller.add_value(&group, "member", &at);
    block_on(directory.delete(eva)).unwrap();
    controller.undelete(&name, &at);
    controller.set_password(&at, "Tarnhafen-49-Moor");
    controller.set(&at, "userAccountControl", Some("514"));
    controller.set(&at, "description", Some("left in July"));
    assert_eq!(block_on(directory.deleted_users()).unwrap(), []);

    // A run that was put off while she was deleted goes on only now.
    block_on(directory.restore(eva)).unwrap();
    let entry = controller.entry(&format!("(sAMAccountName={name})"));
    assert_eq!(entry.attrs["userAccountControl"], ["514"], "she stays disabled");
    assert_eq!(entry.attrs["description"], ["left in July"]);
    assert!(!entry.attrs.contains_key("memberOf"), "she is no cook any more");
    let (_, text) = block_on(controller.signs_in(&at, "Tarnhafen-49-Moor"));
    assert!(text.contains("data 533"), "it is still her password: {text}");
}

#[test]
fn a_user_is_made_on_the_controller_that_was_asked_first_or_not_at_all() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("ldaps://127.0.0.1:{}", silent.local_addr().unwrap().port());
    drop(silent);
    let settings = || {
        let mut settings = unit.settings();
        settings.servers.insert(0, ServerUrl::parse(&gone).unwrap());
        settings
    };
    let directory = ActiveDirectory::new(settings());
    let eva = new_user(&unit.name("eva"));
    let made = block_on(directory.create(&eva, &password())).unwrap();
    let again = block_on(ActiveDirectory::new(settings()).create(&eva, &password()));
    assert_eq!(again, Err(DirectoryFault::AlreadyMade(made)));

    // The first try went to the one that is gone now.
    let tim = new_user(&unit.name("tim"));
    let kept = Connection::open(settings().kept).unwrap();
    let asked = "INSERT INTO creations VALUES (?1, ?2, 1900000000000000)";
    kept.execute(asked, rusqlite::params![tim.guid.0.as_bytes(), gone]).unwrap();
    let refused = block_on(ActiveDirectory::new(settings()).create(&tim, &password()));
    assert!(matches!(refused, Err(DirectoryFault::OutOfReach(_))), "{refused:?}");
    assert!(controller.entries(&format!("(sAMAccountName={})", tim.name)).is_empty());
}
