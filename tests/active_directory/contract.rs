//! What every directory promises, the embedded one and a domain alike.

use std::sync::Arc;

use acctsh::directory::embedded::EmbeddedDirectory;
use acctsh::directory::{
    Directory, DirectoryFault, NewPassword, NewUser, PasswordOrigin, UserQuery, UserWrite,
};
use acctsh::model::field::FIELDS;
use acctsh::model::{
    AccessLevel, AssignedLicense, Details, Field, MailAddresses, ObjectId, Remembered, Secret,
    ServiceId, SkuId, User, UserGuid, UserName,
};
use jiff::civil::date;
use tempfile::TempDir;

use crate::samba::{Controller, Unit, block_on};

const PASSWORD: &str = "Hk7m-Rw4t-Pn9x";

/// Tells one story of both directories.
fn on_both(story: impl AsyncFn(&Place<'_>)) {
    let folder = TempDir::new().unwrap();
    let embedded = EmbeddedDirectory::open(&folder.path().join("directory.db")).unwrap();
    let place = Place { directory: Arc::new(embedded), unit: None, keeps_usage_location: true };
    block_on(story(&place));
    let Some(controller) = Controller::shared() else { return };
    let unit = controller.unit();
    let place = Place {
        directory: Arc::new(unit.directory()),
        unit: Some(unit),
        keeps_usage_location: false,
    };
    block_on(story(&place));
}

struct Place<'a> {
    directory: Arc<dyn Directory>,
    unit: Option<Unit<'a>>,
    keeps_usage_location: bool,
}

impl Place<'_> {
    fn name(&self, text: &str) -> UserName {
        let text = self.unit.as_ref().map_or_else(|| text.to_owned(), |unit| unit.name(text));
        UserName::parse(&text).unwrap()
    }

    fn new_user(&self, text: &str) -> NewUser {
        NewUser {
            guid: UserGuid::random(),
            name: self.name(text),
            details: Details::default(),
            enabled: true,
            must_change_password: true,
            expires: None,
            access_level: AccessLevel::Standard,
        }
    }

    async fn create(&self, text: &str) -> UserGuid {
        self.directory.create(&self.new_user(text), &password(PASSWORD)).await.unwrap()
    }

    async fn user(&self, guid: UserGuid) -> User {
        self.directory.users(UserQuery::Guids(vec![guid])).await.unwrap().remove(0)
    }

    async fn people(&self) -> Vec<String> {
        let all = self.directory.users(UserQuery::All).await.unwrap();
        all.iter().filter(|user| !user.is_built_in).map(|user| user.name.to_string()).collect()
    }
}

fn password(text: &str) -> NewPassword {
    NewPassword { secret: Secret::new(text.to_owned()), origin: PasswordOrigin::Generated }
}

#[test]
fn every_value_of_a_user_comes_back_as_it_was_given() {
    on_both(async |place| {
        let details: Details = FIELDS
            .iter()
            .filter(|spec| spec.field.is_detail())
            .filter(|spec| place.keeps_usage_location || spec.field != Field::UsageLocation)
            .map(|spec| (spec.field, "é".repeat(spec.max_chars.unwrap_or(5).min(300))))
            .collect();
        let given = NewUser {
            details: details.clone(),
            enabled: false,
            must_change_password: false,
            expires: Some(date(2027, 1, 31)),
            ..place.new_user("Zoe")
        };
        let guid = place.directory.create(&given, &password(PASSWORD)).await.unwrap();
        assert_eq!(guid == given.guid, place.directory.rules().await.unwrap().takes_guid);
        let read = place.user(guid).await;
        assert_eq!((read.name.as_str(), &read.details), (given.name.as_str(), &details));
        assert_eq!((read.enabled, read.must_change_password), (false, false));
        assert_eq!((read.expires, read.access_level), (given.expires, AccessLevel::Standard));
        assert_eq!((read.is_built_in, read.link, read.set_apart), (false, None, None));
        assert_eq!(read.remembered, Remembered::default());
    });
}

#[test]
fn a_create_that_is_repeated_knows_its_own() {
    on_both(async |place| {
        let eva = place.new_user("eva");
        let made = place.directory.create(&eva, &password(PASSWORD)).await.unwrap();
        let again = place.directory.create(&eva, &password(PASSWORD)).await;
        assert_eq!(again, Err(DirectoryFault::AlreadyMade(made)));

        let other = place.new_user("EVA");
        let taken = place.directory.create(&other, &password(PASSWORD)).await;
        assert_eq!(taken, Err(DirectoryFault::NameTaken { name: other.name, holder: made }));
        assert_eq!(place.people().await.len(), 1);
    });
}

#[test]
fn users_are_found_by_name_guid_and_link_in_the_order_of_their_creation() {
    on_both(async |place| {
        let (eva, tim) = (place.create("eva").await, place.create("Tim").await);
        let (link, longer) = (ObjectId::random(), ObjectId::random());
        let write = UserWrite::Link { old: None, new: Some(link) };
        place.directory.update(tim, &[write]).await.unwrap();

        let found = async |query| -> Vec<UserGuid> {
            let users = place.directory.users(query).await.unwrap();
            users.iter().map(|user| user.guid).collect()
        };
        let names = ["TIM", "nobody", "eva", "eva"].map(|name| place.name(name)).to_vec();
        assert_eq!(found(UserQuery::Names(names)).await, [eva, tim]);
        assert_eq!(found(UserQuery::Guids(vec![tim, UserGuid::random(), eva])).await, [eva, tim]);
        assert_eq!(found(UserQuery::Links(vec![longer, link])).await, [tim]);
        assert_eq!(found(UserQuery::Names(Vec::new())).await, []);
        let all = place.people().await;
        assert_eq!(all, [place.name("eva").to_string(), place.name("Tim").to_string()]);
    });
}

#[test]
fn an_update_compares_before_it_writes_and_is_all_or_nothing() {
    on_both(async |place| {
        let directory = &place.directory;
        let eva = place.create("eva").await;
        let (ours, theirs) = (ObjectId::random(), ObjectId::random());
        let titled =
            |title: &str| Details::from_iter([(Field::JobTitle, title), (Field::City, "Köln")]);
        let link = |old, new| UserWrite::Link { old, new };

        let first = [
            link(None, Some(ours)),
            UserWrite::Details { old: Details::default(), new: titled("Nurse") },
            UserWrite::Enabled { old: true, new: false },
            UserWrite::Expires { old: None, new: Some(date(2027, 5, 31)) },
        ];
        directory.update(eva, &first).await.unwrap();
        let written = place.user(eva).await;
        assert_eq!((written.link, &written.details), (Some(ours), &titled("Nurse")));
        assert_eq!((written.enabled, written.expires), (false, Some(date(2027, 5, 31))));

        // Again after an unknown outcome: done, and nothing changes.
        directory.update(eva, &first).await.unwrap();
        assert_eq!(place.user(eva).await, written);

        let stale_link = [
            UserWrite::Details { old: titled("Nurse"), new: titled("Doctor") },
            link(None, Some(theirs)),
        ];
        let changed = |field| Err(DirectoryFault::ChangedMeanwhile { user: eva, field });
        assert_eq!(directory.update(eva, &stale_link).await, changed(Field::OnlineId));
        let stale_text = [
            link(Some(ours), None),
            UserWrite::Details { old: titled("Clerk"), new: titled("Doctor") },
        ];
        assert_eq!(directory.update(eva, &stale_text).await, changed(Field::JobTitle));
        assert_eq!(place.user(eva).await, written);

        let back = [
            link(Some(ours), None),
            UserWrite::Details { old: titled("Nurse"), new: Details::default() },
            UserWrite::Enabled { old: false, new: true },
            UserWrite::Expires { old: Some(date(2027, 5, 31)), new: None },
            UserWrite::MustChangePassword { old: true, new: false },
        ];
        directory.update(eva, &back).await.unwrap();
        let now = place.user(eva).await;
        assert_eq!((now.link, now.details.is_empty(), now.expires), (None, true, None));
        assert_eq!((now.enabled, now.must_change_password), (true, false));

        let nobody = UserGuid::random();
        let refused = directory.update(nobody, &first).await;
        assert_eq!(refused, Err(DirectoryFault::NoSuchUser(nobody)));
    });
}

#[test]
fn what_is_remembered_comes_back_beside_the_link() {
    on_both(async |place| {
        let eva = place.create("eva").await;
        let licenses: Vec<AssignedLicense> = (0..6)
            .map(|_| AssignedLicense {
                sku: SkuId::random(),
                disabled: vec![ServiceId::random(), ServiceId::random()],
            })
            .collect();
        let remembered = Remembered {
            closed_by_disable: true,
            is_unassigned: true,
            waits_for_password: true,
            licenses,
        };
        let nothing = Remembered::default();
        let link = ObjectId::random();
        let both = [
            UserWrite::Link { old: None, new: Some(link) },
            UserWrite::Remembered { old: nothing.clone(), new: remembered.clone() },
        ];
        place.directory.update(eva, &both).await.unwrap();
        let user = place.user(eva).await;
        assert_eq!((user.link, &user.remembered), (Some(link), &remembered));
        assert_eq!(place.directory.users(UserQuery::Links(vec![link])).await.unwrap().len(), 1);
        let forgotten = [UserWrite::Remembered { old: remembered, new: nothing.clone() }];
        place.directory.update(eva, &forgotten).await.unwrap();
        let user = place.user(eva).await;
        assert_eq!((user.link, &user.remembered), (Some(link), &nothing));
    });
}

#[test]
fn a_manager_is_a_user_and_follows_it() {
    on_both(async |place| {
        let (eva, boss, other) =
            (place.create("eva").await, place.create("boss").await, place.create("other").await);
        let manager = |old, new| [UserWrite::Manager { old, new }];
        place.directory.update(eva, &manager(None, Some(boss))).await.unwrap();
        assert_eq!(place.user(eva).await.manager, Some(boss));
        let renamed = UserWrite::Name { old: place.name("boss"), new: place.name("chief") };
        place.directory.update(boss, &[renamed]).await.unwrap();
        assert_eq!(place.user(eva).await.manager, Some(boss));
        place.directory.update(eva, &manager(Some(boss), Some(other))).await.unwrap();
        assert_eq!(place.user(eva).await.manager, Some(other));
        let stale = place.directory.update(eva, &manager(Some(boss), None)).await;
        let field = Field::Manager;
        assert_eq!(stale, Err(DirectoryFault::ChangedMeanwhile { user: eva, field }));
        place.directory.update(eva, &manager(Some(other), None)).await.unwrap();
        assert_eq!(place.user(eva).await.manager, None);
    });
}

#[test]
fn a_renamed_user_leaves_its_name_to_others() {
    on_both(async |place| {
        let (eva, tim) = (place.create("eva").await, place.create("tim").await);
        let name =
            |old: &str, new: &str| [UserWrite::Name { old: place.name(old), new: place.name(new) }];
        let taken = place.directory.update(eva, &name("eva", "TIM")).await;
        assert!(matches!(taken, Err(DirectoryFault::NameTaken { holder, .. }) if holder == tim));
        place.directory.update(eva, &name("eva", "Eva")).await.unwrap();
        place.directory.update(eva, &name("Eva", "ada")).await.unwrap();
        place.directory.update(eva, &name("Eva", "ada")).await.unwrap();
        assert_eq!(place.user(eva).await.name.as_str(), place.name("ada").as_str());
        let next = place.create("eva").await;
        assert_ne!(next, eva);
    });
}

#[test]
fn a_deleted_user_comes_back_with_what_it_had() {
    on_both(async |place| {
        let directory = &place.directory;
        let link = ObjectId::random();
        let details = Details::from_iter([(Field::DisplayName, "Eva Li"), (Field::City, "Köln")]);
        let new = NewUser { details: details.clone(), ..place.new_user("eva") };
        let eva = directory.create(&new, &password(PASSWORD)).await.unwrap();
        let boss = place.create("boss").await;
        let writes = [
            UserWrite::Link { old: None, new: Some(link) },
            UserWrite::Manager { old: None, new: Some(boss) },
            UserWrite::Expires { old: None, new: Some(date(2027, 5, 31)) },
        ];
        directory.update(eva, &writes).await.unwrap();
        let before = place.user(eva).await;

        directory.delete(eva).await.unwrap();
        directory.delete(eva).await.unwrap();
        assert_eq!(directory.users(UserQuery::Guids(vec![eva])).await.unwrap(), []);
        let bin = directory.deleted_users().await.unwrap();
        let deleted = bin.iter().find(|deleted| deleted.user.guid == eva).unwrap();
        assert_eq!((deleted.user.link, &deleted.user.details), (Some(link), &details));

        // Somebody has the name meanwhile.
        let other = place.create("eva").await;
        let taken = directory.restore(eva).await;
        assert!(matches!(taken, Err(DirectoryFault::NameTaken { holder, .. }) if holder == other));
        let name = UserWrite::Name { old: place.name("eva"), new: place.name("eve") };
        directory.update(other, &[name]).await.unwrap();

        directory.restore(eva).await.unwrap();
        directory.restore(eva).await.unwrap();
        let after = place.user(eva).await;
        assert_eq!((&after.details, after.link), (&before.details, before.link));
        assert_eq!((after.manager, after.expires), (before.manager, before.expires));
        assert_eq!((after.enabled, &after.name), (before.enabled, &before.name));
        assert!(directory.deleted_users().await.unwrap().iter().all(|gone| gone.user.guid != eva));
        let nobody = UserGuid::random();
        assert_eq!(directory.restore(nobody).await, Err(DirectoryFault::NoSuchUser(nobody)));
    });
}

#[test]
fn values_that_no_directory_takes_are_refused_by_field() {
    on_both(async |place| {
        let too_long = Details::from_iter([(Field::EmployeeId, "1".repeat(17))]);
        let user = NewUser { details: too_long, ..place.new_user("eva") };
        let refused = place.directory.create(&user, &password(PASSWORD)).await.unwrap_err();
        assert_eq!(
            refused.to_string(),
            "employee_id is refused: it has 17 characters, at most 16 are allowed"
        );
        let refused = place.directory.create(&place.new_user("eva"), &password("short")).await;
        assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::Password, .. })));
        let eva = place.create("eva").await;
        let refused = place.directory.set_password(eva, &password("x"), true).await;
        assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::Password, .. })));
        let nobody = UserGuid::random();
        let refused = place.directory.set_password(nobody, &password(PASSWORD), true).await;
        assert_eq!(refused, Err(DirectoryFault::NoSuchUser(nobody)));
    });
}

#[test]
fn many_creates_at_once_all_arrive() {
    on_both(async |place| {
        let users: Vec<NewUser> =
            (0..300).map(|number| place.new_user(&format!("user{number}"))).collect();
        let secret = password(PASSWORD);
        let creates = users.iter().map(|user| place.directory.create(user, &secret));
        let made = futures::future::try_join_all(creates).await.unwrap();
        let before = place.directory.count().await.unwrap();
        assert_eq!(place.people().await.len(), 300);
        assert!(before >= 300);
        let half = place.directory.users(UserQuery::Guids(made[..250].to_vec())).await.unwrap();
        assert_eq!(half.len(), 250);
    });
}

#[test]
fn mail_addresses_are_kept_and_the_primary_one_may_change_places() {
    on_both(async |place| {
        let eva = place.create("eva").await;
        let [first, second] =
            ["eva", "e.li"].map(|name| format!("{}@contoso.com", place.name(name)));
        let list = |entries: &[String]| MailAddresses::received(entries.to_vec());
        let one = list(&[format!("SMTP:{first}")]);
        let two = list(&[format!("SMTP:{second}"), format!("smtp:{first}")]);
        let steps = [
            (MailAddresses::default(), one.clone()),
            (one.clone(), two.clone()),
            (two, MailAddresses::default()),
        ];
        for (old, new) in steps {
            let write = [UserWrite::Mail { old, new: new.clone() }];
            place.directory.update(eva, &write).await.unwrap();
            place.directory.update(eva, &write).await.unwrap();
            assert_eq!(place.user(eva).await.mail, new);
        }
        let stale = [UserWrite::Mail {
            old: one,
            new: MailAddresses::received(vec!["SMTP:x@contoso.com".into()]),
        }];
        let field = Field::Email;
        let refused = place.directory.update(eva, &stale).await;
        assert_eq!(refused, Err(DirectoryFault::ChangedMeanwhile { user: eva, field }));
        let sip = [UserWrite::Mail {
            old: MailAddresses::default(),
            new: MailAddresses::received(vec!["SIP:eva@contoso.com".to_owned()]),
        }];
        let refused = place.directory.update(eva, &sip).await;
        assert!(matches!(refused, Err(DirectoryFault::Refused { field: Field::Email, .. })));
    });
}
