//! Looking a profile over: can its directory and tenant be used, is everything allowed that acctsh
//! needs, was nothing left half done.
//!
//! What belongs here: findings as data, each with what to do about it. What doesn't: how they are shown
//! (`cli`). Nothing is written to either side.

mod domain;
mod embedded;
mod exchange;
mod password_home;
mod passwords;
mod runs;
mod tenant;

use super::Profile;
use crate::accounts::AccountsFault;
use crate::directory::DirectoryFault;
use crate::online::{FaultKind, OnlineFault};

/// What was looked at, how it is, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at; the word never changes.
    pub check: &'static str,
    /// Which one, where there are several: a permission, a run.
    pub subject: Option<String>,
    /// How it is.
    pub state: State,
    /// The same in words.
    pub says: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Good,
    /// Worth knowing.
    Remark,
    /// Nobody knows, since something before it is wrong.
    Untested,
    /// Wrong.
    Wrong(Cause),
}

/// What kind of wrong, as far as the end of a command depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Sign-in or permission.
    Access,
    /// Out of reach.
    OutOfReach,
    /// Anything else.
    Other,
}

impl State {
    /// The word for it in every format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Remark => "note",
            Self::Untested => "untested",
            Self::Wrong(_) => "wrong",
        }
    }
}

impl Finding {
    fn new(check: &'static str, state: State, says: impl Into<String>) -> Self {
        Self { check, subject: None, state, says: says.into(), advice: None }
    }

    fn good(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, State::Good, says)
    }

    fn about(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), ..self }
    }

    fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }

    /// What a fault of either side means.
    fn fault(check: &'static str, fault: &AccountsFault) -> Self {
        let (cause, advice) = match fault {
            AccountsFault::Online(online) => (cause_of(online), online.advice()),
            AccountsFault::NoSecret { advice, .. } => (Cause::Access, advice.clone()),
            AccountsFault::NotOpened { advice, .. } => (Cause::OutOfReach, advice.clone()),
            AccountsFault::Directory(DirectoryFault::Unavailable(_)) => (
                Cause::OutOfReach,
                Some("check that the folder exists and that you may write there".to_owned()),
            ),
            AccountsFault::Directory(directory) => {
                let cause = match directory {
                    DirectoryFault::SignIn { .. } | DirectoryFault::NotAllowed { .. } => {
                        Cause::Access
                    }
                    DirectoryFault::OutOfReach(_) => Cause::OutOfReach,
                    _ => Cause::Other,
                };
                (cause, directory.advice().map(str::to_owned))
            }
            AccountsFault::Unanswered => (Cause::Other, None),
        };
        Self { advice, ..Self::new(check, State::Wrong(cause), fault.to_string()) }
    }
}

fn cause_of(fault: &OnlineFault) -> Cause {
    match fault.kind {
        FaultKind::SignIn { .. } | FaultKind::PermissionMissing => Cause::Access,
        FaultKind::InvalidValue { .. } => Cause::Other,
        _ => Cause::OutOfReach,
    }
}

impl Profile {
    /// Looks everything over, in the order in which one thing rests on another.
    pub async fn check_up(&self) -> Vec<Finding> {
        let mut findings = match domain::checked(self).await {
            Some(findings) => findings,
            None => embedded::checked(self).await,
        };
        findings.extend(tenant::checked(self).await);
        findings.extend(password_home::checked(self).await);
        findings.extend(passwords::checked(self).await);
        findings.extend(runs::checked(self).await);
        findings
    }

    /// Looks over what the tenant allows, and nothing else.
    pub async fn check_up_tenant(&self) -> Vec<Finding> {
        tenant::checked(self).await
    }
}
