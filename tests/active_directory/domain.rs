//! The domain as a whole: whose it is, its policy, and what acctsh may do in it.

use acctsh::directory::active_directory::{ActiveDirectory, Whether};
use acctsh::directory::{Directory as _, DirectoryFault, RecycleBin};
use acctsh::model::{PasswordPolicy, Secret};

use crate::samba::{Controller, block_on};

#[test]
fn its_identity_stays_and_its_policy_is_read() {
    let Some(controller) = Controller::shared() else { return };
    let (unit, other) = (controller.unit(), controller.unit());
    let identity = block_on(unit.directory().identity()).unwrap();
    assert_eq!(identity.kind, "active_directory");
    assert_eq!(block_on(other.directory().identity()), Ok(identity));
    let rules = block_on(unit.directory().password_rules()).unwrap();
    assert_eq!(rules.of_new_users, PasswordPolicy::Domain { least: 7, is_complex: true });
    assert_eq!((rules.longest_minimum, rules.finer), (7, 0));
    let rules = block_on(unit.directory().rules()).unwrap();
    assert_eq!((rules.recycle_bin, rules.names.longest), (RecycleBin::WithoutPassword, 20));
}

#[test]
fn what_an_administrator_and_what_an_ordinary_account_may_do_is_known_without_a_write() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let name = unit.name("robot");
    unit.user("robot", &name, &[]);
    unit.user("with blank", &format!("odd {}", unit.name("one")), &[]);
    let all = block_on(unit.directory().rights()).unwrap();
    assert_eq!((all.create, all.reset_password), (Whether::Yes, Whether::Yes));
    assert_eq!(all.unwritable, Some(vec![]));
    assert_eq!(all.unspeakable, [format!("odd {}", unit.name("one"))]);
    assert!(all.clock_ahead.unwrap().abs().as_secs() < 30);

    let mut settings = unit.settings();
    settings.bind = name;
    settings.bind = format!("{}@contoso.test", settings.bind);
    settings.password = Secret::new("Tarnhafen-48-Moor".to_owned());
    let directory = ActiveDirectory::new(settings);
    let few = block_on(directory.rights()).unwrap();
    assert_eq!((few.create, few.reset_password), (Whether::No, Whether::No));
    assert!(few.unwritable.unwrap().contains(&"adminDescription".to_owned()));
}

#[test]
fn an_account_operator_may_do_all_but_is_told_what_it_may_not() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let name = unit.name("robot");
    let dn = unit.user("robot", &name, &[]);
    let operators = format!("CN=Account Operators,CN=Builtin,{}", controller.base());
    let mut settings = unit.settings();
    settings.bind = format!("{name}@contoso.test");
    settings.password = Secret::new("Tarnhafen-48-Moor".to_owned());

    let before = block_on(ActiveDirectory::new(unit_settings(&settings)).users_made());
    assert!(matches!(before, Err(DirectoryFault::NotAllowed { .. })), "{before:?}");
    controller.add_value(&operators, "member", &dn);
    unit.user("somebody", &unit.name("somebody"), &[]);
    let rights = block_on(ActiveDirectory::new(unit_settings(&settings)).rights()).unwrap();
    assert_eq!((rights.create, rights.reset_password), (Whether::Yes, Whether::Yes));
    assert_eq!(rights.unwritable, Some(vec![]));
    assert!(block_on(ActiveDirectory::new(settings).users_made()).is_ok());
}

fn unit_settings(
    settings: &acctsh::directory::active_directory::Settings,
) -> acctsh::directory::active_directory::Settings {
    acctsh::directory::active_directory::Settings {
        servers: settings.servers.clone(),
        base: settings.base.clone(),
        users_ou: settings.users_ou.clone(),
        bind: settings.bind.clone(),
        password: settings.password.clone(),
        ca_file: settings.ca_file.clone(),
        link_attribute: settings.link_attribute.clone(),
        upn_suffix: settings.upn_suffix.clone(),
        kept: settings.kept.clone(),
    }
}

/// Makes a user and gives what came of it.
trait Makes {
    async fn users_made(&self) -> Result<(), DirectoryFault>;
}

impl Makes for ActiveDirectory {
    async fn users_made(&self) -> Result<(), DirectoryFault> {
        let guid = acctsh::model::UserGuid::random();
        let name = format!("m{:08x}", guid.0.as_fields().0);
        let user = acctsh::directory::NewUser {
            guid,
            name: acctsh::model::UserName::parse(&name).unwrap(),
            details: acctsh::model::Details::default(),
            enabled: true,
            must_change_password: true,
            expires: None,
            access_level: acctsh::model::AccessLevel::Standard,
        };
        let password = acctsh::directory::NewPassword {
            secret: Secret::new("Hk7m-Rw4t-Pn9x".to_owned()),
            origin: acctsh::directory::PasswordOrigin::Generated,
        };
        self.create(&user, &password).await.map(|_| ())
    }
}

#[test]
fn finer_password_policies_are_known_where_they_may_be_read() {
    // They are of the whole domain, so it is one of its own.
    let Some(controller) = Controller::fresh() else { return };
    let base = controller.base();
    controller.finer_password_policy(
        "Everybody",
        10,
        12,
        &format!("CN=Domain Users,CN=Users,{base}"),
    );
    controller.finer_password_policy("Weaker", 20, 5, &format!("CN=Domain Users,CN=Users,{base}"));
    controller.finer_password_policy("Chiefs", 5, 25, &format!("CN=Domain Admins,CN=Users,{base}"));
    let unit = controller.unit();
    let rules = block_on(unit.directory().password_rules()).unwrap();
    assert_eq!(rules.of_new_users, PasswordPolicy::Domain { least: 12, is_complex: true });
    assert_eq!((rules.longest_minimum, rules.finer), (25, 3));
}
