//! Whom a domain has besides the people that acctsh made, and what names they have.

use acctsh::directory::{Directory as _, DirectoryFault, UserQuery, UserWrite};
use acctsh::model::{AccessLevel, Details, Field, ObjectId, SetApart, User, UserName};

use crate::samba::{Controller, block_on};

fn named<'a>(users: &'a [User], name: &str) -> &'a User {
    users.iter().find(|user| user.name.as_str() == name).unwrap_or_else(|| panic!("no {name}"))
}

#[test]
fn names_with_every_sign_are_read_moved_and_written() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let directory = unit.directory();
    let names = [
        "Müller, Jörg \"JM\"",
        " leading (and) trailing ",
        "#hash + plus; semi <x> = y \\ z",
        "*)(objectClass=*",
        "名前 Ünïcode",
    ];
    for (number, own) in names.iter().enumerate() {
        unit.user(own, &unit.name(&format!("u{number}")), &[("displayName", own)]);
    }
    let users = block_on(directory.users(UserQuery::All)).unwrap();
    let shown: Vec<&str> =
        users.iter().map(|user| user.details.get(Field::DisplayName).unwrap()).collect();
    assert_eq!(shown, names);
    for user in &users {
        let link = UserWrite::Link { old: None, new: Some(ObjectId::random()) };
        let old = user.details.clone();
        let mut new = old.clone();
        new.set(Field::City, names[3]);
        let name = UserName::parse(&format!("r{}", user.name)).unwrap();
        let name = UserWrite::Name { old: user.name.clone(), new: name };
        block_on(
            unit.directory().update(user.guid, &[link, UserWrite::Details { old, new }, name]),
        )
        .unwrap();
    }
    let after = block_on(unit.directory().users(UserQuery::All)).unwrap();
    assert!(after.iter().all(|user| user.details.get(Field::City) == Some(names[3])));
}

#[test]
fn a_unit_whose_name_has_every_sign_takes_new_users() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let own = "Köln, \"West\" + (Ost) #1; a=b \\ c";
    let inner = acctsh::directory::active_directory::Dn::parse(&unit.dn).unwrap().child("OU", own);
    controller.add(&inner.to_string(), "organizationalUnit", &[]);
    let mut settings = unit.settings();
    settings.users_ou = Some(inner);
    let directory = acctsh::directory::active_directory::ActiveDirectory::new(settings);
    let user = new_user(&unit.name("eva"));
    let guid = block_on(directory.create(&user, &password())).unwrap();
    let users = block_on(unit.directory().users(UserQuery::Guids(vec![guid]))).unwrap();
    assert_eq!(users.len(), 1);
}

fn new_user(name: &str) -> acctsh::directory::NewUser {
    acctsh::directory::NewUser {
        guid: acctsh::model::UserGuid::random(),
        name: UserName::parse(name).unwrap(),
        details: Details::default(),
        enabled: true,
        must_change_password: false,
        expires: None,
        access_level: AccessLevel::Standard,
    }
}

fn password() -> acctsh::directory::NewPassword {
    acctsh::directory::NewPassword {
        secret: acctsh::model::Secret::new("Hk7m-Rw4t-Pn9x".to_owned()),
        origin: acctsh::directory::PasswordOrigin::Generated,
    }
}

#[test]
fn accounts_of_the_domain_and_of_programs_are_told_apart_from_people() {
    let Some(controller) = Controller::shared() else { return };
    let mut settings = controller.unit().settings();
    settings.base = None;
    settings.users_ou = None;
    let unit = controller.unit();
    let (web, chief, off) = (unit.name("web"), unit.name("chief"), unit.name("off"));
    unit.user("web", &web, &[("servicePrincipalName", &format!("HTTP/{web}"))]);
    unit.user("chief", &chief, &[("adminCount", "1")]);
    unit.user("off", &off, &[("userAccountControl", "514")]);
    controller.add(
        &unit.entry("machine"),
        "computer",
        &[("sAMAccountName", &format!("{}$", unit.name("pc"))), ("userAccountControl", "4096")],
    );
    let directory = acctsh::directory::active_directory::ActiveDirectory::new(settings);
    let users = block_on(directory.users(UserQuery::All)).unwrap();
    for built_in in ["Administrator", "Guest", "krbtgt"] {
        assert!(named(&users, built_in).is_built_in, "{built_in}");
    }
    assert_eq!(named(&users, &web).set_apart, Some(SetApart::Service));
    assert_eq!(named(&users, &chief).set_apart, Some(SetApart::Privileged));
    assert_eq!(named(&users, &chief).access_level, AccessLevel::Administrator);
    assert!(!named(&users, &off).enabled);
    assert!(users.iter().all(|user| !user.name.as_str().ends_with('$')));

    // And nothing touches those of the domain.
    let krbtgt = named(&users, "krbtgt").guid;
    let off = UserWrite::Enabled { old: false, new: true };
    let refused = [
        block_on(directory.update(krbtgt, &[off])),
        block_on(directory.set_password(krbtgt, &password(), true)).map(drop),
        block_on(directory.delete(krbtgt)),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::UserName, .. })));
    }
}

#[test]
fn a_user_that_is_moved_and_renamed_by_somebody_else_keeps_its_link() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let directory = unit.directory();
    let guid = block_on(directory.create(&new_user(&unit.name("eva")), &password())).unwrap();
    let link = ObjectId::random();
    let write = UserWrite::Link { old: None, new: Some(link) };
    block_on(unit.directory().update(guid, &[write])).unwrap();

    let inner = format!("OU=Sales,{}", unit.dn);
    controller.add(&inner, "organizationalUnit", &[]);
    controller.move_to(&unit.entry(&unit.name("eva")), &inner);
    let dn = format!("CN={},{inner}", unit.name("eva"));
    controller.set(&dn, "sAMAccountName", Some(&unit.name("eva.maria")));
    let found = block_on(unit.directory().users(UserQuery::Links(vec![link]))).unwrap();
    assert_eq!((found[0].guid, found[0].name.as_str()), (guid, unit.name("eva.maria").as_str()));

    let entry = controller.entry(&format!("(sAMAccountName={})", unit.name("eva.maria")));
    let raw = |name: &str| {
        entry
            .bin_attrs
            .get(name)
            .map(|values| values[0].clone())
            .or_else(|| entry.attrs.get(name).map(|values| values[0].clone().into_bytes()))
    };
    assert_eq!(raw("mS-DS-ConsistencyGuid"), raw("objectGUID"));
    assert_eq!(entry.attrs["adminDescription"], [format!("m365:{link}")]);
}

#[test]
fn what_somebody_else_keeps_where_the_link_goes_is_left_alone() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let name = unit.name("eva");
    unit.user("eva", &name, &[("adminDescription", "Group_of 7")]);
    let user = block_on(unit.directory().users(UserQuery::All)).unwrap().remove(0);
    let write = UserWrite::Link { old: None, new: Some(ObjectId::random()) };
    let refused = block_on(unit.directory().update(user.guid, &[write])).unwrap_err();
    assert!(refused.to_string().contains("adminDescription of the user holds something"));
    let entry = controller.entry(&format!("(sAMAccountName={name})"));
    assert_eq!(entry.attrs["adminDescription"], ["Group_of 7"]);
}

#[test]
fn a_name_that_is_taken_elsewhere_in_the_domain_is_taken() {
    let Some(controller) = Controller::shared() else { return };
    let (unit, elsewhere) = (controller.unit(), controller.unit());
    let name = unit.name("staff");
    controller.add(&elsewhere.entry("staff"), "group", &[("sAMAccountName", &name)]);
    let refused = block_on(unit.directory().create(&new_user(&name), &password())).unwrap_err();
    assert!(matches!(refused, DirectoryFault::NameTaken { .. }), "{refused}");

    // A thing of the same name in the unit isn't somebody of that user name.
    let name = unit.name("print");
    controller.add(&unit.entry(&name), "group", &[("sAMAccountName", &unit.name("printers"))]);
    let made = block_on(unit.directory().create(&new_user(&name), &password()));
    assert!(made.is_ok(), "{made:?}");
}

#[test]
fn a_name_that_microsoft_would_not_take_is_refused_by_us() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let long = "a".repeat(21);
    let refused = block_on(unit.directory().create(&new_user(&long), &password())).unwrap_err();
    assert!(refused.to_string().contains("at most 20 are allowed"), "{refused}");
    assert_eq!(block_on(unit.directory().users(UserQuery::All)).unwrap(), []);
}
