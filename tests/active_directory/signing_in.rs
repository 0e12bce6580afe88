//! Reaching a controller and signing in: what is refused, and what is said of it.

use std::net::TcpListener;

use acctsh::directory::active_directory::{ActiveDirectory, Dn, ServerUrl, Settings};
use acctsh::directory::{Directory as _, DirectoryFault};
use acctsh::model::Secret;

use crate::samba::{Controller, block_on};

fn fault(settings: Settings) -> DirectoryFault {
    block_on(ActiveDirectory::new(settings).count()).unwrap_err()
}

#[test]
fn a_wrong_or_empty_password_is_named_and_not_tried_twice() {
    // Wrong passwords are counted only where they lock.
    let Some(controller) = Controller::fresh() else { return };
    controller.set(&controller.base(), "lockoutThreshold", Some("5"));
    let unit = controller.unit();
    let name = unit.name("robot");
    unit.user("robot", &name, &[]);
    let with = |password: &str| {
        let mut settings = unit.settings();
        settings.bind = format!("{name}@contoso.test");
        settings.password = Secret::new(password.to_owned());
        settings
    };
    let directory = ActiveDirectory::new(with("Wrong-Password-1"));
    for _ in 0..3 {
        let said = block_on(directory.count()).unwrap_err();
        assert!(said.to_string().contains("the name or the password is wrong"), "{said}");
        assert!(said.advice().is_some());
    }
    let entry = controller.entry(&format!("(sAMAccountName={name})"));
    assert_eq!(entry.attrs["badPwdCount"], ["1"], "a second try could lock it");
    let said = fault(with(""));
    assert!(said.to_string().contains("is empty"), "{said}");
    assert!(matches!(said, DirectoryFault::SignIn { .. }));
    assert!(block_on(ActiveDirectory::new(with("Tarnhafen-48-Moor")).count()).is_ok());
}

#[test]
fn an_account_that_may_not_sign_in_is_told_why() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let try_as = |own: &str, attributes: &[(&str, &str)]| {
        let name = unit.name(own);
        unit.user(own, &name, attributes);
        let mut settings = unit.settings();
        settings.bind = format!("CONTOSO\\{name}");
        settings.password = Secret::new("Tarnhafen-48-Moor".to_owned());
        fault(settings).to_string()
    };
    assert!(try_as("off", &[("userAccountControl", "514")]).contains("it is disabled"));
    assert!(try_as("past", &[("accountExpires", "131000000000000000")]).contains("it has expired"));
    assert!(try_as("new", &[("pwdLastSet", "0")]).contains("must be changed first"));
}

#[test]
fn a_certificate_that_is_not_trusted_or_for_another_name_is_never_taken() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let mut by_the_system = unit.settings();
    by_the_system.ca_file = None;
    let said = fault(by_the_system).to_string();
    assert!(said.contains("isn't trusted") || said.contains("trusts no certificates"), "{said}");

    // The address is another of this machine's, which the certificate doesn't name.
    let mut elsewhere = unit.settings();
    let port = relay(&controller.url());
    elsewhere.servers = vec![ServerUrl::parse(&format!("ldaps://127.0.0.99:{port}")).unwrap()];
    let said = fault(elsewhere).to_string();
    assert!(said.contains("is for another name"), "{said}");

    let mut broken = unit.settings();
    broken.ca_file = Some(unit.settings().kept.with_extension("pem"));
    std::fs::write(broken.ca_file.as_ref().unwrap(), "no certificate").unwrap();
    assert!(fault(broken).to_string().contains("it holds no certificate"));
}

/// Passes one connection on, from an address that isn't the controller's own.
fn relay(url: &str) -> u16 {
    let listener = TcpListener::bind("127.0.0.99:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let to = url.strip_prefix("ldaps://").unwrap().to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (Ok(client), Ok(server)) = (client, std::net::TcpStream::connect(&to)) else {
                return;
            };
            let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
            let (mut from_server, mut to_server) = (server.try_clone().unwrap(), server);
            std::thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
            std::thread::spawn(move || std::io::copy(&mut from_server, &mut to_client));
        }
    });
    port
}

#[test]
fn of_two_controllers_the_one_that_answers_is_used() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = silent.local_addr().unwrap().port();
    drop(silent);
    let down = ServerUrl::parse(&format!("ldaps://127.0.0.1:{gone}")).unwrap();
    let mut settings = unit.settings();
    settings.servers.insert(0, down.clone());
    assert_eq!(block_on(ActiveDirectory::new(settings).count()), Ok(0));

    let mut nobody = unit.settings();
    nobody.servers = vec![down.clone(), down];
    let said = fault(nobody);
    assert!(matches!(said, DirectoryFault::OutOfReach(_)));
    assert!(said.to_string().contains("no controller answers: 127.0.0.1: Connection refused"));
}

#[test]
fn a_unit_that_is_not_there_is_named() {
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let mut settings = unit.settings();
    let gone = format!("OU=Gone,{}", unit.dn);
    settings.base = Dn::parse(&gone);
    settings.users_ou = Dn::parse(&gone);
    let said = fault(settings);
    assert_eq!(said.to_string(), format!("the directory has no {gone}"));
    let mut settings = unit.settings();
    settings.base = Dn::parse("OU=People,DC=fabrikam,DC=test");
    assert!(fault(settings).to_string().contains("is not in the domain DC=contoso,DC=test"));
}

#[test]
fn a_controller_that_was_started_again_is_used_on() {
    // The first address that is free would be taken by others meanwhile.
    let reserved = [("SAMBA_AD_ADDR", "127.0.0.16")];
    let Some(controller) = Controller::fresh_with(&reserved) else { return };
    let unit = controller.unit();
    let directory = unit.directory();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(directory.count()), Ok(0));
    controller.stop();
    assert!(matches!(runtime.block_on(directory.count()), Err(DirectoryFault::OutOfReach(_))));
    controller.restart();
    assert_eq!(runtime.block_on(directory.count()), Ok(0));
}
