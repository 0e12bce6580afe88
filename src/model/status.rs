//! The status of the online half, and how it follows from facts.

use std::fmt;

use super::{Account, Anchor, License, OnlineAccount};

/// Why an online account is inactive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InactiveReason {
    /// Sign-in is blocked.
    SignInBlocked,
    /// It was unassigned.
    Unassigned,
    /// It has no licence.
    NoLicense,
    /// It has licences, but their subscriptions are suspended, cancelled or gone.
    LicenseSuspended,
}

/// The status of an account's online half (DESIGN §1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// A working licence, and may sign in.
    Active,
    /// There, but of no use as it is.
    Inactive(InactiveReason),
    /// A user without online account.
    None,
    /// An online account without user.
    Unlinked,
    /// Linked, but the two sides don't name each other.
    Broken,
    /// In the recycle bin.
    Deleted,
}

impl Status {
    /// The status that follows from both halves and what the tenant subscribes to.
    pub fn of(account: &Account<'_>, licenses: &[License]) -> Self {
        let Some(online) = account.online else {
            // The user remembers an online account that isn't there.
            return match account.user {
                Some(user) if user.link.is_some() => Self::Broken,
                _ => Self::None,
            };
        };
        let Some(user) = account.user else { return Self::Unlinked };
        if online.anchor != Some(Anchor::of(user.guid)) || user.link != Some(online.id) {
            return Self::Broken;
        }
        if user.remembered.is_unassigned {
            return Self::Inactive(InactiveReason::Unassigned);
        }
        if !online.can_sign_in {
            return Self::Inactive(InactiveReason::SignInBlocked);
        }
        if online.licenses.is_empty() {
            return Self::Inactive(InactiveReason::NoLicense);
        }
        let works = |sku| licenses.iter().any(|l| l.sku == sku && l.state.works());
        if online.licenses.iter().any(|assigned| works(assigned.sku)) {
            Self::Active
        } else {
            Self::Inactive(InactiveReason::LicenseSuspended)
        }
    }

    /// The word for it, as scripts compare it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive(_) => "inactive",
            Self::None => "none",
            Self::Unlinked => "unlinked",
            Self::Broken => "broken",
            Self::Deleted => "deleted",
        }
    }

    /// Why it is so; empty where the word says it all.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Inactive(InactiveReason::SignInBlocked) => "sign-in is blocked",
            Self::Inactive(InactiveReason::Unassigned) => "unassigned",
            Self::Inactive(InactiveReason::NoLicense) => "no licence",
            Self::Inactive(InactiveReason::LicenseSuspended) => "its licence is suspended",
            Self::Broken => "the two halves do not name each other",
            Self::Active | Self::None | Self::Unlinked | Self::Deleted => "",
        }
    }
}

/// What is not as it should be with the mailbox of an account that is active; empty where nothing is,
/// or where no licence comes with a mailbox.
pub fn mailbox_remark(online: &OnlineAccount, licenses: &[License]) -> &'static str {
    let assigned = online.licenses.iter().filter_map(|assigned| {
        let license = licenses.iter().find(|license| license.sku == assigned.sku)?;
        Some((assigned, license))
    });
    let mailboxes: Vec<_> = assigned
        .flat_map(|(assigned, license)| {
            let mailboxes = license.services.iter().filter(|service| service.is_mailbox());
            mailboxes.map(|service| (!assigned.disabled.contains(&service.id), service.is_pending))
        })
        .collect();
    match mailboxes.iter().find(|(is_on, _)| *is_on) {
        None if mailboxes.is_empty() => "",
        None => "its mailbox service is off",
        Some((_, true)) => "its mailbox service is pending",
        Some((_, false)) => "",
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
