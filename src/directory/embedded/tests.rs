//! What the embedded directory promises, shown on real files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::date;
use tempfile::TempDir;

use super::*;
use crate::model::{AccessLevel, Details, Field, MailAddresses, ObjectId};

struct Home {
    folder: TempDir,
    directory: EmbeddedDirectory,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = EmbeddedDirectory::open(&path_in(&folder)).unwrap();
        Self { folder, directory }
    }

    fn open_again(&self) -> EmbeddedDirectory {
        EmbeddedDirectory::open(&path_in(&self.folder)).unwrap()
    }
}

fn path_in(folder: &TempDir) -> PathBuf {
    folder.path().join("directory.db")
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

fn new_user(text: &str) -> NewUser {
    NewUser {
        guid: UserGuid::random(),
        name: name(text),
        details: Details::default(),
        enabled: true,
        must_change_password: true,
        expires: None,
        access_level: AccessLevel::Standard,
    }
}

fn generated(text: &str) -> NewPassword {
    NewPassword { secret: Secret::new(text.to_owned()), origin: PasswordOrigin::Generated }
}

fn chosen(text: &str) -> NewPassword {
    NewPassword { origin: PasswordOrigin::Chosen, ..generated(text) }
}

async fn create(directory: &EmbeddedDirectory, text: &str) -> UserGuid {
    directory.create(&new_user(text), &generated("Hk7m-Rw4t")).await.unwrap()
}

async fn user(directory: &EmbeddedDirectory, guid: UserGuid) -> User {
    directory.users(UserQuery::Guids(vec![guid])).await.unwrap().remove(0)
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

#[tokio::test]
async fn a_new_directory_has_its_built_in_users_and_an_identity_that_stays() {
    let home = Home::new();
    let users = home.directory.users(UserQuery::All).await.unwrap();
    assert_eq!(names(&users), ["Administrator", "Guest"]);
    assert!(users.iter().all(|user| user.is_built_in));
    assert_eq!(users.iter().map(|user| user.enabled).collect::<Vec<_>>(), [true, false]);
    assert_eq!(home.directory.count().await, Ok(2));

    let again = home.open_again();
    assert_eq!(again.identity().await, home.directory.identity().await);
    assert_eq!(again.users(UserQuery::All).await.unwrap(), users);
    assert_ne!(Home::new().directory.identity().await, again.identity().await);
}

#[tokio::test]
async fn every_value_of_a_user_comes_back_as_it_was_given() {
    let home = Home::new();
    let details: Details = crate::model::field::FIELDS
        .iter()
        .filter(|spec| spec.field.is_detail())
        .map(|spec| (spec.field, "é".repeat(spec.max_chars.unwrap_or(5))))
        .collect();
    let given = NewUser {
        details: details.clone(),
        enabled: false,
        must_change_password: false,
        expires: Some(date(2027, 1, 31)),
        access_level: AccessLevel::Administrator,
        ..new_user("Zoë")
    };
    home.directory.create(&given, &generated("Hk7m-Rw4t")).await.unwrap();

    let read = user(&home.open_again(), given.guid).await;
    assert_eq!((read.name.as_str(), read.details), ("Zoë", details));
    assert_eq!((read.enabled, read.must_change_password), (false, false));
    assert_eq!((read.expires, read.access_level), (given.expires, AccessLevel::Administrator));
    assert_eq!((read.is_built_in, read.link), (false, None));
    assert_eq!(read.created, read.last_changed);
}

#[tokio::test]
async fn a_name_is_taken_without_regard_to_case_also_beyond_ascii() {
    let home = Home::new();
    let holder = create(&home.directory, "Åsa.Öberg").await;
    let refused = home.directory.create(&new_user("åsa.öBERG"), &generated("Hk7m-Rw4t")).await;
    assert_eq!(refused, Err(DirectoryFault::NameTaken { name: name("åsa.öberg"), holder }));
    assert_eq!(home.directory.count().await, Ok(3));
}

#[tokio::test]
async fn a_create_that_is_repeated_finds_itself_as_the_holder() {
    let home = Home::new();
    let eva = new_user("eva");
    assert_eq!(home.directory.create(&eva, &generated("Hk7m-Rw4t")).await, Ok(eva.guid));
    let repeated = home.directory.create(&eva, &generated("Hk7m-Rw4t")).await;
    assert_eq!(repeated, Err(DirectoryFault::AlreadyMade(eva.guid)));

    let other_name = NewUser { name: name("tim"), ..eva };
    let refused = home.directory.create(&other_name, &generated("Hk7m-Rw4t")).await;
    assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::UserName, .. })));
}

#[tokio::test]
async fn users_are_found_by_name_guid_and_link_in_the_order_of_their_creation() {
    let home = Home::new();
    let directory = &home.directory;
    let (eva, tim) = (create(directory, "eva").await, create(directory, "Tim").await);
    let link = ObjectId::random();
    let write = UserWrite::Link { old: None, new: Some(link) };
    directory.update(tim, &[write]).await.unwrap();

    let found = async |query| directory.users(query).await.unwrap();
    let by_name = UserQuery::Names(vec![name("TIM"), name("nobody"), name("eva"), name("eva")]);
    assert_eq!(names(&found(by_name).await), ["eva", "Tim"]);
    let by_guid = UserQuery::Guids(vec![tim, UserGuid::random(), eva]);
    assert_eq!(names(&found(by_guid).await), ["eva", "Tim"]);
    let by_link = UserQuery::Links(vec![ObjectId::random(), link]);
    assert_eq!(names(&found(by_link).await), ["Tim"]);
    assert_eq!(found(UserQuery::Names(Vec::new())).await, []);
}

#[tokio::test]
async fn an_update_compares_before_it_writes_and_is_all_or_nothing() {
    let home = Home::new();
    let directory = &home.directory;
    let eva = create(directory, "eva").await;
    let (ours, theirs) = (ObjectId::random(), ObjectId::random());
    let details = |title: &str| Details::from_iter([(Field::JobTitle, title.to_owned())]);
    let link = |old, new| UserWrite::Link { old, new };

    let first = [
        link(None, Some(ours)),
        UserWrite::Details { old: Details::default(), new: details("Nurse") },
    ];
    directory.update(eva, &first).await.unwrap();
    let written = user(directory, eva).await;
    assert_eq!((written.link, written.details.get(Field::JobTitle)), (Some(ours), Some("Nurse")));
    assert!(written.last_changed > written.created);

    // Again after an unknown outcome: done, and nothing changes.
    directory.update(eva, &first).await.unwrap();
    assert_eq!(user(directory, eva).await, written);

    let stale_link = [
        UserWrite::Details { old: details("Nurse"), new: details("Doctor") },
        link(None, Some(theirs)),
    ];
    let changed = |field| Err(DirectoryFault::ChangedMeanwhile { user: eva, field });
    assert_eq!(directory.update(eva, &stale_link).await, changed(Field::OnlineId));
    let stale_details = [
        link(Some(ours), None),
        UserWrite::Details { old: details("Clerk"), new: details("Doctor") },
    ];
    assert_eq!(directory.update(eva, &stale_details).await, changed(Field::JobTitle));
    assert_eq!(user(directory, eva).await, written);

    let nobody = UserGuid::random();
    assert_eq!(directory.update(nobody, &first).await, Err(DirectoryFault::NoSuchUser(nobody)));
}

fn addresses(entries: &[&str]) -> MailAddresses {
    MailAddresses::received(entries.iter().map(|entry| (*entry).to_owned()).collect())
}

#[tokio::test]
async fn addresses_are_compared_before_they_are_written_and_come_back_with_their_user() {
    let home = Home::new();
    let directory = &home.directory;
    let eva = create(directory, "eva").await;
    let none = user(directory, eva).await.mail;
    assert_eq!(none, MailAddresses::default());
    let one = addresses(&["SMTP:eva@contoso.com", "smtp:boss@contoso.com"]);
    let mail = |old: &MailAddresses, new: &MailAddresses| {
        [UserWrite::Mail { old: old.clone(), new: new.clone() }]
    };
    directory.update(eva, &mail(&none, &one)).await.unwrap();
    let written = user(&home.open_again(), eva).await;
    assert_eq!(written.mail, one);

    // Again after an unknown outcome: done, and nothing changes.
    directory.update(eva, &mail(&none, &one)).await.unwrap();
    assert_eq!(user(directory, eva).await, written);
    let other = addresses(&["SMTP:li@contoso.com"]);
    let changed = DirectoryFault::ChangedMeanwhile { user: eva, field: Field::Email };
    assert_eq!(directory.update(eva, &mail(&none, &other)).await, Err(changed));

    directory.delete(eva).await.unwrap();
    assert_eq!(directory.deleted_users().await.unwrap()[0].user.mail, one);
    directory.restore(eva).await.unwrap();
    assert_eq!(user(directory, eva).await.mail, one);
}

#[tokio::test]
async fn addresses_of_a_user_are_for_email_alone_and_one_is_the_primary() {
    let home = Home::new();
    let eva = create(&home.directory, "eva").await;
    for (entries, said) in [
        (
            &["SIP:eva@contoso.com"][..],
            "email is refused: SIP:eva@contoso.com is no e-mail address (smtp:)",
        ),
        (
            &["SMTP:a@contoso.com", "SMTP:b@contoso.com"],
            "email is refused: 2 addresses are primary, only one can be",
        ),
    ] {
        let write = UserWrite::Mail { old: MailAddresses::default(), new: addresses(entries) };
        let refused = home.directory.update(eva, &[write]).await.unwrap_err();
        assert_eq!(refused.to_string(), said);
    }
}

#[tokio::test]
async fn values_that_a_directory_does_not_take_are_refused_by_field() {
    let home = Home::new();
    let too_long = Details::from_iter([(Field::EmployeeId, "1".repeat(17))]);
    let user = NewUser { details: too_long, ..new_user("eva") };
    let refused = home.directory.create(&user, &generated("Hk7m-Rw4t")).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "employee_id is refused: it has 17 characters, at most 16 are allowed"
    );

    let not_a_text = Details::from_iter([(Field::Licenses, "E3".to_owned())]);
    let user = NewUser { details: not_a_text, ..new_user("eva") };
    let refused = home.directory.create(&user, &generated("Hk7m-Rw4t")).await;
    assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::Licenses, .. })));
}

#[tokio::test]
async fn a_password_is_verified_replaced_and_held_to_the_policy() {
    let home = Home::new();
    let directory = &home.directory;
    let eva = create(directory, "eva").await;
    let fits = async |text: &str| {
        directory.verify_password(eva, &Secret::new(text.to_owned())).await.unwrap()
    };
    assert!(fits("Hk7m-Rw4t").await);
    assert!(!fits("hk7m-rw4t").await);

    directory.set_password(eva, &chosen("Summer-27"), false).await.unwrap();
    assert!(fits("Summer-27").await);
    assert!(!fits("Hk7m-Rw4t").await);
    assert!(!user(directory, eva).await.must_change_password);

    let refused = directory.set_password(eva, &chosen("Eva-2027"), false).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "password is refused: it contains the user name or the e-mail name"
    );
    let refused = directory.create(&new_user("tim"), &chosen("short")).await;
    assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::Password, .. })));
    assert!(fits("Summer-27").await);

    let nobody = UserGuid::random();
    let refused = directory.set_password(nobody, &generated("Hk7m-Rw4t"), true).await;
    assert_eq!(refused, Err(DirectoryFault::NoSuchUser(nobody)));
}

#[tokio::test]
async fn the_level_is_kept_in_the_file_and_every_password_is_held_to_it() {
    let home = Home::new();
    let directory = &home.directory;
    let eva = create(directory, "eva").await;
    let level = async || home.open_again().password_rules().await.unwrap().of_new_users;
    assert_eq!(level().await, PasswordPolicy::Strong);

    for (old, new, refused, taken) in [
        (PasswordPolicy::Strong, PasswordPolicy::MediumStrong, "abcd1", "eva-1"),
        (PasswordPolicy::MediumStrong, PasswordPolicy::Medium, "eva1", "abcde"),
        (PasswordPolicy::Medium, PasswordPolicy::Weak, "", "e"),
        (PasswordPolicy::Weak, PasswordPolicy::Strong, "abc-12", "abc-123"),
    ] {
        directory.set_password_policy(old, new).await.unwrap();
        assert_eq!(level().await, new);
        // Whoever opened the file before is held to it too.
        for directory in [directory, &home.open_again()] {
            let is_refused = |result: Result<(), DirectoryFault>| {
                matches!(result, Err(DirectoryFault::Refused { field: Field::Password, .. }))
            };
            let set = async |text| directory.set_password(eva, &chosen(text), false).await;
            assert!(is_refused(set(refused).await.map(drop)), "{new}");
            assert!(set(taken).await.is_ok(), "{new}");
            let person = NewUser { name: name("eva.too"), ..new_user("eva.too") };
            let made = directory.create(&person, &chosen(refused)).await;
            assert!(is_refused(made.map(|_| ())), "{new}");
            directory.create(&person, &chosen(taken)).await.unwrap();
            directory.delete(person.guid).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_level_that_somebody_else_has_set_meanwhile_stays() {
    use PasswordPolicy::{Medium, Strong, Weak};
    let home = Home::new();
    home.directory.set_password_policy(Strong, Medium).await.unwrap();
    home.directory.set_password_policy(Strong, Medium).await.unwrap();
    let refused = home.directory.set_password_policy(Strong, Weak).await.unwrap_err();
    assert_eq!(refused, DirectoryFault::PolicyChangedMeanwhile(Medium));
    assert_eq!(
        refused.to_string(),
        "the password policy was changed by someone else: it is medium"
    );
    assert_eq!(home.directory.password_rules().await.unwrap().of_new_users, Medium);
}

#[tokio::test]
async fn a_file_from_before_there_were_levels_is_strong_and_keeps_its_users() {
    let home = Home::new();
    let eva = create(&home.directory, "eva").await;
    let file = rusqlite::Connection::open(path_in(&home.folder)).unwrap();
    file.execute_batch(
        "ALTER TABLE directory DROP COLUMN password_policy; PRAGMA user_version = 4",
    )
    .unwrap();
    drop(file);
    let again = home.open_again();
    assert_eq!(again.password_rules().await.unwrap().of_new_users, PasswordPolicy::Strong);
    assert_eq!(user(&again, eva).await.name, name("eva"));
}

#[tokio::test]
async fn a_built_in_user_has_no_password_that_fits() {
    let home = Home::new();
    let users = home.directory.users(UserQuery::All).await.unwrap();
    for user in users {
        let empty = Secret::new(String::new());
        assert_eq!(home.directory.verify_password(user.guid, &empty).await, Ok(false));
    }
}

#[tokio::test]
async fn no_file_of_the_directory_holds_a_password_in_the_open() {
    let home = Home::new();
    home.directory.create(&new_user("eva"), &generated("Hk7m-Rw4t")).await.unwrap();
    home.directory.create(&new_user("tim"), &chosen("Summer-27")).await.unwrap();
    for entry in std::fs::read_dir(home.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        for password in ["Hk7m-Rw4t", "Summer-27"] {
            assert!(!bytes.windows(password.len()).any(|part| part == password.as_bytes()));
        }
    }
}

#[tokio::test]
async fn two_at_once_on_one_file_give_a_name_to_one_of_them_only() {
    let home = Home::new();
    let directories = [Arc::new(home.open_again()), Arc::new(home.open_again())];
    let mut made = 0;
    for round in 0..20 {
        let race = directories.iter().map(|directory| {
            let directory = Arc::clone(directory);
            async move {
                let user = new_user(&format!("user{round}"));
                directory.create(&user, &generated("Hk7m-Rw4t")).await
            }
        });
        let outcomes = futures::future::join_all(race).await;
        let winner = *outcomes.iter().flatten().next().unwrap();
        made += outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let taken =
            DirectoryFault::NameTaken { name: name(&format!("user{round}")), holder: winner };
        assert!(outcomes.contains(&Err(taken)));
    }
    assert_eq!(made, 20);
    assert_eq!(home.directory.count().await, Ok(22));
}

#[tokio::test]
async fn many_creates_at_once_all_arrive_in_the_order_of_the_calls() {
    let home = Home::new();
    let users: Vec<NewUser> = (0..2000).map(|n| new_user(&format!("user{n}"))).collect();
    let password = generated("Hk7m-Rw4t");
    let creates = users.iter().map(|user| home.directory.create(user, &password));
    futures::future::try_join_all(creates).await.unwrap();

    let found = home.directory.users(UserQuery::All).await.unwrap();
    let expected: Vec<UserGuid> = users.iter().map(|user| user.guid).collect();
    assert_eq!(found[2..].iter().map(|user| user.guid).collect::<Vec<_>>(), expected);
    let half = UserQuery::Guids(expected[..1000].to_vec());
    assert_eq!(home.directory.users(half).await.unwrap(), found[2..1002]);
}

#[test]
fn a_file_that_cannot_be_used_is_unavailable_and_named_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let path = path_in(&folder);
    std::fs::write(&path, "no database at all ".repeat(100)).unwrap();
    let Err(DirectoryFault::Unavailable(text)) = EmbeddedDirectory::open(&path) else {
        panic!("it was opened");
    };
    let named = format!("{} is not a database, or it is damaged", Path::new(&path).display());
    assert_eq!(text, format!("{named}; move the file away, or bring it back from a copy"));
}
