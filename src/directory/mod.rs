//! The local half: users in a directory.
//!
//! What belongs here: the [`Directory`] trait and one folder per backend. What doesn't: anything
//! about online accounts, except that a user remembers the object id of theirs.
//!
//! The trait is shaped by Active Directory (`active-directory.md`): entries are held by GUID, never
//! by name; a write carries the value it replaces, so that a change made by somebody else in the
//! meantime is noticed (compare-and-set, §4); a directory may choose GUIDs itself and has name
//! rules of its own (20 characters, §3). Many requests may be on their way at once.
//!
//! To add a backend: its folder here, and one arm where `profile` opens it.

pub mod active_directory;
mod details;
pub mod embedded;
mod fault;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{
    AccessLevel, DeletedUser, Details, Field, InvalidName, MailAddresses, ObjectId, PasswordPolicy,
    Remembered, Secret, User, UserGuid, UserName,
};

pub use fault::DirectoryFault;

/// Which directory this is, for plan files and messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryIdentity {
    /// Tells directories apart; never changes.
    pub id: Uuid,
    /// `embedded` or `active_directory`.
    pub kind: String,
}

/// Which users to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserQuery {
    /// All of them.
    All,
    /// Those with these names; names that nobody has are left out.
    Names(Vec<UserName>),
    /// Those with these GUIDs; unknown ones are left out.
    Guids(Vec<UserGuid>),
    /// Those linked to these online accounts.
    Links(Vec<ObjectId>),
}

/// A user to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewUser {
    /// The GUID to give it, where the directory lets us choose (see [`DirectoryRules::takes_guid`]); else
    /// the mark by which a repeated create knows the user that it made.
    pub guid: UserGuid,
    /// Its name.
    pub name: UserName,
    /// Its texts.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// Whether the person may sign in.
    pub enabled: bool,
    /// Whether the password must be changed at the next sign-in.
    pub must_change_password: bool,
    /// Last day of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// What the person may do.
    #[serde(default)]
    pub access_level: AccessLevel,
}

/// How a password came to be, which decides how it is hashed (DESIGN §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordOrigin {
    /// Made up by acctsh with at least 80 bits.
    Generated,
    /// Chosen by a person.
    Chosen,
}

/// A password for a user.
#[derive(Clone)]
pub struct NewPassword {
    /// The password.
    pub secret: Secret,
    /// How it came to be.
    pub origin: PasswordOrigin,
}

/// One value of a user, with the value it replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "attribute", rename_all = "snake_case")]
pub enum UserWrite {
    /// The link to the online account.
    Link {
        /// The link as it was read.
        old: Option<ObjectId>,
        /// The link to write.
        new: Option<ObjectId>,
    },
    /// All texts at once.
    Details {
        /// The texts as they were read.
        old: Details,
        /// The texts to write.
        new: Details,
    },
    /// What is remembered of the online half.
    Remembered {
        /// As it was read.
        old: Remembered,
        /// As it is to be.
        new: Remembered,
    },
    /// Whether the person may sign in.
    Enabled {
        /// As it was read.
        old: bool,
        /// As it is to be.
        new: bool,
    },
    /// Whether the password must be changed at the next sign-in.
    MustChangePassword {
        /// As it was read.
        old: bool,
        /// As it is to be.
        new: bool,
    },
    /// Opens a user that wrong passwords have locked; one that isn't locked stays as it is.
    Unlock,
    /// The last day of the account.
    Expires {
        /// As it was read.
        old: Option<Date>,
        /// As it is to be.
        new: Option<Date>,
    },
    /// The user that it reports to.
    Manager {
        /// As it was read.
        old: Option<UserGuid>,
        /// As it is to be.
        new: Option<UserGuid>,
    },
    /// The e-mail addresses, `SMTP:` and `smtp:` entries alone; other kinds are
    /// [`DirectoryFault::Refused`]. Active Directory has them as `mail` and `proxyAddresses`.
    Mail {
        /// As they were read.
        old: MailAddresses,
        /// As they are to be.
        new: MailAddresses,
    },
    /// The user name. One that another user has is [`DirectoryFault::NameTaken`].
    Name {
        /// As it was read.
        old: UserName,
        /// As it is to be.
        new: UserName,
    },
}

impl UserWrite {
    /// The field that it writes, for messages.
    pub fn field(&self) -> Field {
        match self {
            Self::Link { .. } | Self::Remembered { .. } => Field::OnlineId,
            Self::Details { .. } => Field::DisplayName,
            Self::Enabled { .. } | Self::Unlock => Field::Enabled,
            Self::MustChangePassword { .. } => Field::MustChangePassword,
            Self::Expires { .. } => Field::Expires,
            Self::Manager { .. } => Field::Manager,
            Self::Mail { .. } => Field::Email,
            Self::Name { .. } => Field::UserName,
        }
    }
}

/// What comes back of a deleted user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecycleBin {
    /// All that it had.
    Everything,
    /// All that it had but its password: it can't sign in until that is set again. What another machine
    /// deleted comes back with little more than its name.
    WithoutPassword,
    /// Nothing: the directory keeps deleted users and can't bring them back.
    Nothing,
}

/// Which user names a directory takes, beyond what [`UserName`] checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NameRules {
    /// The most characters.
    pub longest: usize,
}

impl NameRules {
    /// Whether the directory takes this name.
    pub fn check(self, name: &UserName) -> Result<(), InvalidName> {
        let actual = name.as_str().chars().count();
        if actual > self.longest {
            return Err(InvalidName::TooLong { actual, limit: self.longest, place: "" });
        }
        Ok(())
    }
}

/// What a directory asks of passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// Of a new user's first one.
    pub of_new_users: PasswordPolicy,
    /// The most characters that any of its rules asks of anybody: a longer password is long enough
    /// for everybody.
    pub longest_minimum: u16,
    /// How many rules of their own there are for some of the users.
    pub finer: usize,
    /// After so many days a password has to be changed; `None` for never.
    pub days: Option<u32>,
}

/// What a directory takes and gives back, beyond what every one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DirectoryRules {
    /// Its user names.
    pub names: NameRules,
    /// Whether [`NewUser::guid`] is obeyed, so that others can be tied to the user before it is made.
    /// Active Directory makes its own.
    pub takes_guid: bool,
    /// Whether a new user can be an administrator.
    pub makes_administrators: bool,
    /// What comes back of a deleted user.
    pub recycle_bin: RecycleBin,
    /// Whether a user can have the password back that it had before, see
    /// [`Directory::put_back_password`].
    pub puts_back_passwords: bool,
}

/// What has changed in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryChanges {
    /// How far the directory was: to be given the next time.
    pub mark: String,
    /// Users that have changed, as they are now.
    pub users: Vec<User>,
    /// Users that are gone, as far as that was asked for.
    pub deleted: Vec<UserGuid>,
}

/// A directory of users.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Which directory this is.
    async fn identity(&self) -> Result<DirectoryIdentity, DirectoryFault>;

    /// What it takes and gives back, beyond what every directory does.
    async fn rules(&self) -> Result<DirectoryRules, DirectoryFault>;

    /// What passwords must be.
    async fn password_rules(&self) -> Result<PasswordRules, DirectoryFault>;

    /// How many users there are.
    async fn count(&self) -> Result<u64, DirectoryFault>;

    /// Reads users. The order is that of their creation.
    async fn users(&self, query: UserQuery) -> Result<Vec<User>, DirectoryFault>;

    /// What has changed since the mark of an earlier answer; without one, or with one that this directory
    /// can't compare, all users are given and none as deleted.
    async fn changes(
        &self,
        since: Option<&str>,
        with_deleted: bool,
    ) -> Result<DirectoryChanges, DirectoryFault>;

    /// Makes a user with a password. A name that is taken is [`DirectoryFault::NameTaken`].
    /// Recovery class *Adopt*: repeating it after an unknown outcome ends in
    /// [`DirectoryFault::AlreadyMade`] if the first try went through: the user bears
    /// [`NewUser::guid`], as its own or as a mark.
    async fn create(
        &self,
        user: &NewUser,
        password: &NewPassword,
    ) -> Result<UserGuid, DirectoryFault>;

    /// Replaces values of a user, all or none. A value that is the new one already counts as done;
    /// one that is neither old nor new is [`DirectoryFault::ChangedMeanwhile`].
    async fn update(&self, user: UserGuid, writes: &[UserWrite]) -> Result<(), DirectoryFault>;

    /// Sets a password. Gives when that was by the directory's own clock, where it says so
    /// ([`User::password_changed`]).
    async fn set_password(
        &self,
        user: UserGuid,
        password: &NewPassword,
        must_change: bool,
    ) -> Result<Option<Timestamp>, DirectoryFault>;

    /// Gives a user the password back that it had before `password` was set, in a directory whose
    /// [`DirectoryRules`] say that it can. A user that has another one by now keeps it. Gives whether it
    /// has the earlier one now.
    async fn put_back_password(
        &self,
        user: UserGuid,
        password: &NewPassword,
    ) -> Result<bool, DirectoryFault>;

    /// Whether it is the user's password. It may count as an attempt to sign in.
    async fn has_password(&self, user: &User, password: &Secret) -> Result<bool, DirectoryFault>;

    /// Puts another level in the place of its password policy. One that is the new one already counts as
    /// done; one that is neither old nor new is [`DirectoryFault::PolicyChangedMeanwhile`]. The policy
    /// of Active Directory is the domain's own, and stays.
    async fn set_password_policy(
        &self,
        old: PasswordPolicy,
        new: PasswordPolicy,
    ) -> Result<(), DirectoryFault>;

    /// Puts a user into the recycle bin. One that isn't there any more counts as done.
    async fn delete(&self, user: UserGuid) -> Result<(), DirectoryFault>;

    /// Who is in the recycle bin, the latest first.
    async fn deleted_users(&self) -> Result<Vec<DeletedUser>, DirectoryFault>;

    /// Brings a user back from the recycle bin with everything that [`RecycleBin`] promises.
    /// One that is there already counts as done; if its name was taken meanwhile, that is
    /// [`DirectoryFault::NameTaken`], and if the bin hasn't got it, [`DirectoryFault::NoSuchUser`].
    async fn restore(&self, user: UserGuid) -> Result<(), DirectoryFault>;
}
