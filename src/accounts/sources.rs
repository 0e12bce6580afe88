//! The directory and the tenant, opened at the first use.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use thiserror::Error;

use crate::directory::{Directory, DirectoryFault, DirectoryIdentity};
use crate::model::PasswordBook;
use crate::online::{OnlineFault, Tenant};

/// Why facts could not be read.
#[derive(Debug, Clone, Error)]
pub enum AccountsFault {
    /// The directory refused or is out of reach.
    #[error(transparent)]
    Directory(#[from] DirectoryFault),
    /// The tenant refused or is out of reach.
    #[error(transparent)]
    Online(#[from] OnlineFault),
    /// A backend could not be opened, by the profile's settings.
    #[error("{message}")]
    NotOpened {
        /// What is wrong.
        message: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// The secret for signing in to the tenant is not where the profile says.
    #[error("{message}")]
    NoSecret {
        /// What is wrong.
        message: String,
        /// What to do about it.
        advice: Option<String>,
    },
    /// A question kept lacking facts although everything asked for was read.
    #[error("a question about the accounts could not be answered; please report this")]
    Unanswered,
}

type Opener<T> = Box<dyn Fn() -> Result<T, AccountsFault> + Send + Sync>;

type PasswordReader = Box<
    dyn Fn(DirectoryIdentity, bool) -> BoxFuture<'static, Result<PasswordBook, AccountsFault>>
        + Send
        + Sync,
>;

/// Both backends. Nothing is opened before somebody asks.
pub struct Sources {
    directory: OnceLock<Arc<dyn Directory>>,
    tenant: OnceLock<Arc<Tenant>>,
    open_directory: Opener<Arc<dyn Directory>>,
    open_tenant: Opener<Arc<Tenant>>,
    read_passwords: PasswordReader,
}

impl Sources {
    /// Backends that the first two functions open; the third reads what this machine knows of passwords.
    pub fn new(
        open_directory: impl Fn() -> Result<Arc<dyn Directory>, AccountsFault> + Send + Sync + 'static,
        open_tenant: impl Fn() -> Result<Arc<Tenant>, AccountsFault> + Send + Sync + 'static,
        read_passwords: impl Fn(
            DirectoryIdentity,
            bool,
        ) -> BoxFuture<'static, Result<PasswordBook, AccountsFault>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self {
            directory: OnceLock::new(),
            tenant: OnceLock::new(),
            open_directory: Box::new(open_directory),
            open_tenant: Box::new(open_tenant),
            read_passwords: Box::new(read_passwords),
        }
    }

    /// The directory.
    pub fn directory(&self) -> Result<Arc<dyn Directory>, AccountsFault> {
        once(&self.directory, &self.open_directory)
    }

    /// What this machine knows of passwords that were sent; and of those that wait, which takes opening each.
    pub async fn passwords(&self, with_waiting: bool) -> Result<PasswordBook, AccountsFault> {
        let identity = self.directory()?.identity().await?;
        (self.read_passwords)(identity, with_waiting).await
    }

    /// The tenant.
    pub fn tenant(&self) -> Result<Arc<Tenant>, AccountsFault> {
        once(&self.tenant, &self.open_tenant)
    }
}

fn once<T: Clone>(cell: &OnceLock<T>, open: &Opener<T>) -> Result<T, AccountsFault> {
    if let Some(value) = cell.get() {
        return Ok(value.clone());
    }
    let opened = open()?;
    Ok(cell.get_or_init(|| opened).clone())
}
