//! The embedded directory: the default, in one `SQLite` file.
//!
//! What belongs here: its tables and statements, and how it keeps passwords. What doesn't: `SQLite`
//! itself (`state`), and rules that any directory has (`model`).

mod password_hash;
mod password_policy;
mod read;
mod recycle_bin;
mod row;
mod schema;
mod write;

use std::num::NonZero;
use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Transaction;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{
    Directory, DirectoryChanges, DirectoryFault, DirectoryIdentity, DirectoryRules, NameRules,
    NewPassword, NewUser, PasswordOrigin, PasswordRules, RecycleBin, UserQuery, UserWrite,
};
use crate::model::{DeletedUser, PasswordPolicy, Secret, User, UserGuid, UserName};
use crate::state::{Database, StateError};
use password_hash::HashError;

/// Users in a `SQLite` file, which several processes may use at once.
#[derive(Debug)]
pub struct EmbeddedDirectory {
    database: Database,
    id: Uuid,
    /// As many at once as there are cores: each argon2id needs 19 MiB.
    expensive_hashes: Semaphore,
}

impl EmbeddedDirectory {
    /// Opens the file; one that isn't there is made, with its built-in users.
    pub fn open(path: &Path) -> Result<Self, DirectoryFault> {
        let database = Database::open(path, &schema::migrations())?;
        let id = database
            .read_blocking(|transaction| Ok::<_, DirectoryFault>(read::identity(transaction)?))?;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Ok(Self { database, id, expensive_hashes: Semaphore::new(cores) })
    }

    /// Whether it is the user's password; a user without password has none that is.
    pub async fn verify_password(
        &self,
        user: UserGuid,
        password: &Secret,
    ) -> Result<bool, DirectoryFault> {
        let kept = self.kept_hash(user).await?;
        let Some(kept) = kept else { return Ok(false) };
        let password = password.clone();
        self.expensively(move || password_hash::verify(&password, &kept)).await
    }

    async fn kept_hash(&self, user: UserGuid) -> Result<Option<String>, DirectoryFault> {
        self.database.read(move |transaction| read::password_hash(transaction, user)).await
    }

    /// The hash that is kept of the user's password, if this is it.
    async fn kept_hash_of(
        &self,
        user: UserGuid,
        password: &Secret,
    ) -> Result<Option<String>, DirectoryFault> {
        let Some(kept) = self.kept_hash(user).await? else { return Ok(None) };
        let (secret, hash) = (password.clone(), kept.clone());
        let is_it = self.expensively(move || password_hash::verify(&secret, &hash)).await?;
        Ok(is_it.then_some(kept))
    }

    async fn hash(&self, password: &NewPassword) -> Result<String, DirectoryFault> {
        match password.origin {
            // Cheaper than handing it to another thread.
            PasswordOrigin::Generated => {
                Ok(password_hash::hash(&password.secret, password.origin)?)
            }
            PasswordOrigin::Chosen => {
                let password = password.clone();
                self.expensively(move || password_hash::hash(&password.secret, password.origin))
                    .await
            }
        }
    }

    /// Runs the work off the threads that everybody waits for.
    async fn expensively<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, DirectoryFault> {
        let unavailable = |error: &dyn ToString| DirectoryFault::Unavailable(error.to_string());
        let _turn = self.expensive_hashes.acquire().await.map_err(|error| unavailable(&error))?;
        let result =
            tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(&error))?;
        Ok(result?)
    }
}

#[async_trait]
impl Directory for EmbeddedDirectory {
    async fn identity(&self) -> Result<DirectoryIdentity, DirectoryFault> {
        Ok(DirectoryIdentity { id: self.id, kind: "embedded".to_owned() })
    }

    async fn password_rules(&self) -> Result<PasswordRules, DirectoryFault> {
        let level = |transaction: &Transaction<'_>| {
            Ok::<_, DirectoryFault>(password_policy::read(transaction)?)
        };
        let policy = self.database.read(level).await?;
        Ok(PasswordRules {
            of_new_users: policy,
            longest_minimum: policy.least(),
            finer: 0,
            days: None,
        })
    }

    async fn rules(&self) -> Result<DirectoryRules, DirectoryFault> {
        Ok(DirectoryRules {
            names: NameRules { longest: UserName::LONGEST },
            takes_guid: true,
            makes_administrators: true,
            recycle_bin: RecycleBin::Everything,
            puts_back_passwords: true,
        })
    }

    async fn count(&self) -> Result<u64, DirectoryFault> {
        self.database.read(|transaction| Ok(read::count(transaction)?)).await
    }

    async fn users(&self, query: UserQuery) -> Result<Vec<User>, DirectoryFault> {
        self.database.read(move |transaction| Ok(read::users(transaction, &query)?)).await
    }

    async fn changes(
        &self,
        since: Option<&str>,
        with_deleted: bool,
    ) -> Result<DirectoryChanges, DirectoryFault> {
        let since = since.and_then(|mark| mark.parse().ok());
        self.database.read(move |db| Ok(read::changes(db, since, with_deleted)?)).await
    }

    async fn create(
        &self,
        user: &NewUser,
        password: &NewPassword,
    ) -> Result<UserGuid, DirectoryFault> {
        let hash = self.hash(password).await?;
        let (user, secret) = (user.clone(), password.secret.clone());
        self.database
            .write(move |transaction| write::create(transaction, &user, &secret, &hash))
            .await
    }

    async fn update(&self, user: UserGuid, writes: &[UserWrite]) -> Result<(), DirectoryFault> {
        let writes = writes.to_vec();
        self.database.write(move |transaction| write::update(transaction, user, &writes)).await
    }

    async fn set_password(
        &self,
        user: UserGuid,
        password: &NewPassword,
        must_change: bool,
    ) -> Result<Option<Timestamp>, DirectoryFault> {
        let kept =
            if must_change { None } else { self.kept_hash_of(user, &password.secret).await? };
        let hash = match kept {
            // Set a second time, after a crash: what there was before stays known.
            Some(kept) => kept,
            None => self.hash(password).await?,
        };
        let secret = password.secret.clone();
        self.database
            .write(move |transaction| {
                write::set_password(transaction, user, &secret, &hash, must_change)
            })
            .await?;
        Ok(None)
    }

    async fn put_back_password(
        &self,
        user: UserGuid,
        password: &NewPassword,
    ) -> Result<bool, DirectoryFault> {
        let Some(hash) = self.kept_hash_of(user, &password.secret).await? else {
            return Ok(false);
        };
        self.database
            .write(move |transaction| write::put_back_password(transaction, user, &hash))
            .await
    }

    async fn has_password(&self, user: &User, password: &Secret) -> Result<bool, DirectoryFault> {
        self.verify_password(user.guid, password).await
    }

    async fn set_password_policy(
        &self,
        old: PasswordPolicy,
        new: PasswordPolicy,
    ) -> Result<(), DirectoryFault> {
        self.database
            .write(move |transaction| password_policy::replace(transaction, old, new))
            .await
    }

    async fn delete(&self, user: UserGuid) -> Result<(), DirectoryFault> {
        self.database.write(move |transaction| recycle_bin::delete(transaction, user)).await
    }

    async fn deleted_users(&self) -> Result<Vec<DeletedUser>, DirectoryFault> {
        self.database.read(|transaction| Ok(recycle_bin::deleted_users(transaction)?)).await
    }

    async fn restore(&self, user: UserGuid) -> Result<(), DirectoryFault> {
        self.database.write(move |transaction| recycle_bin::restore(transaction, user)).await
    }
}

impl From<StateError> for DirectoryFault {
    fn from(error: StateError) -> Self {
        Self::Unavailable(match error.advice() {
            Some(advice) => format!("{error}; {advice}"),
            None => error.to_string(),
        })
    }
}

impl From<rusqlite::Error> for DirectoryFault {
    fn from(error: rusqlite::Error) -> Self {
        StateError::from(error).into()
    }
}

impl From<HashError> for DirectoryFault {
    fn from(error: HashError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests;
