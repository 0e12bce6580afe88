//! Changes: what an admin asks for on one subject, one file per change.
//!
//! A change is data (plan files and the journal hold it) plus what it means: [`Intent`]. It is pure:
//! it reads the view and gives edits and problems; nothing here can send.
//!
//! To add one: its file, a variant of [`Change`] and its arm in [`Change::intent`].

mod assign;
mod create_account;
mod licenses_wanted;
mod online_half;
mod online_wish;
mod same_person;

use serde::{Deserialize, Serialize};

use super::edit::Edits;
use super::view::View;
use crate::accounts::R;
use crate::model::{ObjectId, UserGuid};

pub use assign::Assign;
pub use create_account::CreateAccount;
pub use online_wish::{OnlineName, OnlineWish};

/// A change's number within its plan, in the order of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeNo(pub u32);

/// Whom a change is about: an identity, never a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A user, with or without online account.
    User(UserGuid),
    /// An online account without user.
    Online(ObjectId),
    /// Whoever that change makes.
    New(ChangeNo),
}

/// How much harm a change can do, which decides how it is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Adds or changes something.
    Change,
    /// Takes something away that can be given back.
    Revoke,
    /// Destroys something.
    Destroy,
}

/// One thing that the admin asked for on one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// A person gets a user, and usually an online account.
    CreateAccount(CreateAccount),
    /// A user gets an online account.
    Assign(Assign),
}

impl Change {
    /// What the change means.
    pub fn intent(&self) -> &dyn Intent {
        match self {
            Self::CreateAccount(change) => change,
            Self::Assign(change) => change,
        }
    }

    /// Whether it has an online side.
    pub fn touches_tenant(&self) -> bool {
        match self {
            Self::CreateAccount(change) => change.online.is_some(),
            Self::Assign(_) => true,
        }
    }
}

/// What a change means.
pub trait Intent {
    /// Whom it is about, as far as it is known when recorded.
    fn subject(&self, no: ChangeNo) -> Subject;

    /// The subject's name for people.
    fn label(&self) -> String;

    /// What it would make different, and any number of problems. Pure.
    fn effect(&self, no: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()>;

    /// How much harm it can do.
    fn impact(&self) -> Impact;
}
