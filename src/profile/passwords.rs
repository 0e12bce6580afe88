//! Passwords on their way: where a profile's outbox is, its key, and what is known of its people's
//! passwords.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use super::{Home, Profile, ProfileFault};
use crate::accounts::AccountsFault;
use crate::directory::DirectoryIdentity;
use crate::model::{PasswordBook, PasswordHome, PasswordOwner};
use crate::passwords::{Outbox, PasswordFault, SealingKey};
use crate::plan::journal::Journal;

/// Everything that a profile's passwords are kept in.
#[derive(Clone)]
pub(super) struct PasswordPlaces {
    pub(super) outbox: Outbox,
    pub(super) key_file: PathBuf,
    pub(super) state_file: PathBuf,
    pub(super) journal: Arc<OnceLock<Journal>>,
    pub(super) home: PasswordHome,
}

impl PasswordPlaces {
    /// What this machine knows.
    pub(super) async fn read(
        &self,
        directory: DirectoryIdentity,
        with_waiting: bool,
    ) -> Result<PasswordBook, AccountsFault> {
        let failed = |message: String| AccountsFault::NotOpened { message, advice: None };
        let journal = opened(&self.journal, &self.state_file);
        let journal = journal.map_err(|fault| failed(fault.to_string()))?;
        let book = journal.passwords(directory.id).await;
        let mut book = book.map_err(|fault| failed(fault.to_string()))?;
        book.home = self.home;
        if !with_waiting {
            return Ok(book);
        }
        let waiting = self.waiting().map_err(|fault| AccountsFault::NotOpened {
            message: fault.to_string(),
            advice: fault.advice().map(str::to_owned),
        })?;
        for (owner, changed) in waiting {
            let newest = book.waiting.entry(owner).or_insert(changed);
            *newest = changed.max(*newest);
        }
        Ok(book)
    }

    /// Whose passwords wait. An empty outbox needs no key, nor does one that was never set up.
    fn waiting(&self) -> Result<Vec<(PasswordOwner, Timestamp)>, PasswordFault> {
        if self.outbox.size()?.files == 0 {
            return Ok(Vec::new());
        }
        let key = self.outbox.open_key(&self.key_file)?;
        let waiting = self.outbox.open(&key)?.waiting.into_iter();
        Ok(waiting.map(|it| (it.change.owner, it.change.changed)).collect())
    }
}

/// The journal, opened at the first use.
pub(super) fn opened<'a>(
    journal: &'a OnceLock<Journal>,
    state_file: &std::path::Path,
) -> Result<&'a Journal, ProfileFault> {
    if let Some(journal) = journal.get() {
        return Ok(journal);
    }
    let opened = Journal::open(state_file)?;
    Ok(journal.get_or_init(|| opened))
}

impl Profile {
    /// Where changed passwords wait.
    pub fn outbox(&self) -> &Outbox {
        &self.passwords.outbox
    }

    /// The key that opens the outbox. The first time, the outbox is set up.
    pub fn outbox_key(&self) -> Result<SealingKey, ProfileFault> {
        Ok(self.passwords.outbox.open_key(&self.passwords.key_file)?)
    }

    /// Gives up what waits in the outbox under a key that is lost. Gives how many passwords that were.
    pub fn replace_outbox_key(&self) -> Result<usize, ProfileFault> {
        Ok(self.passwords.outbox.replace_key(&self.passwords.key_file)?)
    }
}

impl Home {
    /// Where changed passwords of a profile wait.
    pub fn outbox(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("outbox")
    }

    /// The key to it, which is kept elsewhere than what it opens.
    pub fn outbox_key(&self, profile: &str) -> PathBuf {
        self.profile_folder(profile).join("outbox.key")
    }
}
