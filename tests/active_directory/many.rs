//! Many people: what a listing costs beside `ldapsearch` with the same pages and attributes. By hand:
//! `cargo test --release --test active_directory -- --ignored --nocapture twenty_thousand`.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use acctsh::directory::{Directory as _, NewPassword, NewUser, PasswordOrigin, UserQuery};
use acctsh::model::{AccessLevel, Details, Field, Secret, UserGuid, UserName};
use futures::StreamExt as _;

use crate::samba::{Controller, Unit, block_on};

/// `ACCTSH_TEST_PEOPLE=2000` for fewer: Samba takes its time to make them.
fn how_many() -> usize {
    let given = std::env::var("ACCTSH_TEST_PEOPLE").ok().and_then(|given| given.parse().ok());
    given.unwrap_or(20_000)
}

#[test]
#[ignore = "it takes minutes"]
#[allow(clippy::print_stderr, reason = "the figures are what it is run for")]
fn twenty_thousand_users_are_read_about_as_fast_as_ldapsearch_reads_them() {
    let Some(controller) = Controller::fresh() else { return };
    let (unit, count) = (controller.unit(), how_many());
    let directory = unit.directory();
    let begun = Instant::now();
    block_on(async {
        let password = NewPassword {
            secret: Secret::new("Hk7m-Rw4t-Pn9x".to_owned()),
            origin: PasswordOrigin::Generated,
        };
        let (directory, password) = (&directory, &password);
        let people = futures::stream::iter(0..count).map(|number| async move {
            directory.create(&person(number), password).await.unwrap();
        });
        people.buffer_unordered(64).collect::<Vec<()>>().await;
    });
    eprintln!("{count} users made in {:.1?}", begun.elapsed());
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let begun = Instant::now();
        let read = block_on(unit.directory().users(UserQuery::All)).unwrap().len();
        own.push(begun.elapsed());
        assert_eq!(read, count);
        other.push(ldapsearch(&unit));
    }
    own.sort();
    other.sort();
    eprintln!("read in {own:.2?}, by ldapsearch in {other:.2?}");
    let ratio = own[2].as_secs_f64() / other[2].as_secs_f64();
    eprintln!("ratio of the medians: {ratio:.2}");
    assert!(ratio <= 1.2, "{ratio:.2}");
}

fn person(number: usize) -> NewUser {
    let details = Details::from_iter([
        (Field::DisplayName, format!("Kim Number{number:05}")),
        (Field::FirstName, "Kim".to_owned()),
        (Field::LastName, format!("Number{number:05}")),
        (Field::Department, "Plant".to_owned()),
        (Field::JobTitle, "Operator".to_owned()),
        (Field::City, "Köln".to_owned()),
        (Field::Country, "Germany".to_owned()),
    ]);
    NewUser {
        guid: UserGuid::random(),
        name: UserName::parse(&format!("person.{number:05}")).unwrap(),
        details,
        enabled: true,
        must_change_password: true,
        expires: None,
        access_level: AccessLevel::Standard,
    }
}

fn ldapsearch(unit: &Unit<'_>) -> Duration {
    let (bind, password) = unit.controller.administrator();
    let attributes = "displayName givenName sn employeeID title department company \
        physicalDeliveryOfficeName telephoneNumber mobile facsimileTelephoneNumber streetAddress l st \
        postalCode co otherMailbox preferredLanguage objectGUID objectSid sAMAccountName \
        userAccountControl pwdLastSet accountExpires adminCount isCriticalSystemObject \
        servicePrincipalName manager whenCreated whenChanged uSNCreated adminDescription";
    let begun = Instant::now();
    let status = Command::new("ldapsearch")
        .env("LDAPTLS_CACERT", unit.controller.ca_file())
        .args(["-LLL", "-x", "-H", &unit.controller.url(), "-D", &bind, "-w", &password])
        .args(["-b", &unit.dn, "-E", "pr=1000/noprompt"])
        .args(["-E", "!1.2.840.113556.1.4.529=::MAMCAQE="])
        .arg("(&(objectCategory=person)(objectClass=user)(sAMAccountType=805306368))")
        .args(attributes.split_whitespace())
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    begun.elapsed()
}
