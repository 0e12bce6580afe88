//! Active Directory as the directory, over LDAPS.
//!
//! What belongs here: how a user is an entry, and what the controllers of Microsoft and Samba make of a
//! request. What doesn't: rules that any directory has (`model`), and where the settings come from
//! (`profile`). Facts about the servers are in `active-directory.md`; where Samba is looser than Microsoft,
//! the code is for the stricter.
//!
//! * `settings`, `tls`, `connection`: reaching a controller, encrypted and signed in.
//! * `name`, `entry`, `clock`, `note`, `attribute`, `user`: how things are written there.
//! * `read`, `create`, `update`, `password`, `recycle_bin`, `give_back`: what is asked and written.
//! * `outcome`: what the answers mean.
//! * `rights`: what the account that signs in may do, for `doctor`.

mod attribute;
mod changes;
mod clock;
mod connection;
mod create;
mod entry;
mod give_back;
mod kept;
mod name;
mod note;
mod outcome;
mod password;
mod policy;
mod read;
mod recycle_bin;
mod rights;
mod settings;
mod tls;
mod update;
mod user;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::OnceCell;
use uuid::Uuid;

use self::connection::Connection;
use self::kept::Kept;
use self::outcome::Tried;
use super::{
    Directory, DirectoryChanges, DirectoryFault, DirectoryIdentity, DirectoryRules, NameRules,
    NewPassword, NewUser, PasswordRules, UserQuery, UserWrite,
};
use crate::model::{DeletedUser, Field, PasswordPolicy, Secret, User, UserGuid};

pub use name::Dn;
pub use policy::SET_IN_THE_DOMAIN;
pub use rights::{Rights, Whether};
pub use settings::{LinkAttribute, ServerUrl, Settings};

/// User names (`active-directory.md §3`): Samba would take more, Microsoft and old
/// programs don't.
const NAMES: NameRules = NameRules { longest: 20 };

/// A domain of Active Directory.
pub struct ActiveDirectory {
    settings: Arc<Settings>,
    connection: Connection,
    domain: OnceCell<Domain>,
    kept: OnceCell<Kept>,
}

/// What is known of the domain once it was asked.
struct Domain {
    dn: Dn,
    id: Uuid,
    base: Dn,
    users_ou: Dn,
    /// Who signs in for acctsh.
    own: Option<Uuid>,
}

impl ActiveDirectory {
    /// The domain with these settings; nothing is sent yet.
    pub fn new(settings: Settings) -> Self {
        let settings = Arc::new(settings);
        Self {
            connection: Connection::new(Arc::clone(&settings)),
            settings,
            domain: OnceCell::new(),
            kept: OnceCell::new(),
        }
    }

    /// What acctsh may do there, and how the domain is set up.
    pub async fn rights(&self) -> Result<Rights, DirectoryFault> {
        rights::rights(self).await
    }

    /// Where the domain's root is, and what follows from it.
    async fn domain(&self) -> Result<&Domain, DirectoryFault> {
        self.domain.get_or_try_init(|| self.ask_domain()).await
    }

    async fn ask_domain(&self) -> Result<Domain, DirectoryFault> {
        let strange = || DirectoryFault::Setup {
            reason: "the server is no controller of an Active Directory domain".to_owned(),
            advice: "correct directory in the profile".to_owned(),
        };
        let root = read::entry(&self.connection, "", &["defaultNamingContext"]).await?;
        let root = root.ok_or_else(strange)?;
        let dn = root.text("defaultNamingContext").and_then(Dn::parse).ok_or_else(strange)?;
        let head = read::entry(&self.connection, &dn.to_string(), &["objectGUID"]).await?;
        let id = head.and_then(|head| head.guid("objectGUID")).ok_or_else(strange)?;
        let own = read::own(&self.connection, &dn, &self.settings.bind).await?;
        let base = self.settings.base.clone().unwrap_or_else(|| dn.clone());
        let users_ou = self.settings.users_ou.clone().unwrap_or_else(|| dn.child("CN", "Users"));
        for (setting, place) in [("base", &base), ("users_ou", &users_ou)] {
            if !place.is_within(&dn) {
                return Err(DirectoryFault::Setup {
                    reason: format!("{setting} {place} is not in the domain {dn}"),
                    advice: format!("correct {setting} in the profile"),
                });
            }
        }
        if !users_ou.is_within(&base) {
            return Err(DirectoryFault::Setup {
                reason: format!("users_ou {users_ou} is not below base {base}"),
                advice: "new users would not be found again: let base hold users_ou".to_owned(),
            });
        }
        Ok(Domain { dn, id, base, users_ou, own })
    }

    /// What deleted users lose, kept on this machine.
    async fn kept(&self) -> Result<&Kept, DirectoryFault> {
        self.kept.get_or_try_init(|| async { Kept::open(&self.settings.kept) }).await
    }

    /// The `userPrincipalName` of a user with that name.
    fn principal_name(&self, domain: &Domain, name: &str) -> String {
        match &self.settings.upn_suffix {
            Some(suffix) => format!("{name}@{suffix}"),
            None => format!("{name}@{}", domain.dn.domain()),
        }
    }

    fn link(&self) -> &LinkAttribute {
        &self.settings.link_attribute
    }
}

/// What the domain's own users are refused for.
fn built_in() -> DirectoryFault {
    DirectoryFault::Refused {
        field: Field::UserName,
        reason: "users that are built into the domain, and the one that acctsh signs in with, stay as they are"
            .to_owned(),
    }
}

fn values<const N: usize>(values: [&[u8]; N]) -> HashSet<Vec<u8>> {
    values.into_iter().map(<[u8]>::to_vec).collect()
}

/// For answers to changes of a user.
fn changing(field: Field) -> Tried<'static> {
    Tried { what: "change this user", right: "write all properties of users", field }
}

#[async_trait]
impl Directory for ActiveDirectory {
    async fn identity(&self) -> Result<DirectoryIdentity, DirectoryFault> {
        Ok(DirectoryIdentity { id: self.domain().await?.id, kind: "active_directory".to_owned() })
    }

    async fn password_rules(&self) -> Result<PasswordRules, DirectoryFault> {
        policy::rules(&self.connection, &self.domain().await?.dn).await
    }

    async fn rules(&self) -> Result<DirectoryRules, DirectoryFault> {
        Ok(DirectoryRules {
            names: NAMES,
            takes_guid: false,
            makes_administrators: false,
            recycle_bin: recycle_bin::kind(self).await?,
            puts_back_passwords: false,
        })
    }

    async fn count(&self) -> Result<u64, DirectoryFault> {
        read::count(&self.connection, &self.domain().await?.base).await
    }

    async fn users(&self, query: UserQuery) -> Result<Vec<User>, DirectoryFault> {
        read::users(&self.connection, self.domain().await?, self.link(), query).await
    }

    async fn changes(
        &self,
        since: Option<&str>,
        with_deleted: bool,
    ) -> Result<DirectoryChanges, DirectoryFault> {
        changes::since(self, since, with_deleted).await
    }

    async fn create(
        &self,
        user: &NewUser,
        password: &NewPassword,
    ) -> Result<UserGuid, DirectoryFault> {
        create::create(self, user, password).await
    }

    async fn update(&self, user: UserGuid, writes: &[UserWrite]) -> Result<(), DirectoryFault> {
        update::update(self, user, writes).await
    }

    async fn set_password(
        &self,
        user: UserGuid,
        password: &NewPassword,
        must_change: bool,
    ) -> Result<Option<Timestamp>, DirectoryFault> {
        password::set(self, user, &password.secret, must_change).await
    }

    async fn put_back_password(
        &self,
        _: UserGuid,
        _: &NewPassword,
    ) -> Result<bool, DirectoryFault> {
        Err(DirectoryFault::Refused {
            field: Field::Password,
            reason: "a domain gives no earlier password back".to_owned(),
        })
    }

    async fn has_password(&self, user: &User, password: &Secret) -> Result<bool, DirectoryFault> {
        password::is_of(self, user.guid, password).await
    }

    async fn set_password_policy(
        &self,
        _: PasswordPolicy,
        _: PasswordPolicy,
    ) -> Result<(), DirectoryFault> {
        Err(DirectoryFault::NotAllowed {
            reason: "acctsh doesn't set the password policy of a domain".to_owned(),
            advice: SET_IN_THE_DOMAIN.to_owned(),
        })
    }

    async fn delete(&self, user: UserGuid) -> Result<(), DirectoryFault> {
        recycle_bin::delete(self, user).await
    }

    async fn deleted_users(&self) -> Result<Vec<DeletedUser>, DirectoryFault> {
        recycle_bin::deleted_users(self).await
    }

    async fn restore(&self, user: UserGuid) -> Result<(), DirectoryFault> {
        recycle_bin::restore(self, user).await
    }
}
