//! What a plan is summed up in: so many users to create, so many sign-ins to block.

use std::collections::BTreeSet;

use super::edit::{Edit, What};

macro_rules! tallies {
    ($($kind:ident $one:literal $many:literal;)*) => {
        /// A kind of difference, in the order in which they are told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "the table says what each one is")]
        pub enum Tally { $($kind,)* }

        impl Tally {
            /// So many of it, in words.
            pub fn counted(self, count: usize) -> String {
                let (one, many) = match self { $(Self::$kind => ($one, $many),)* };
                format!("{count} {}", if count == 1 { one } else { many })
            }
        }
    };
}

tallies! {
    UserMade "user to create" "users to create";
    OnlineMade "online account to create" "online accounts to create";
    Linked "online account to link" "online accounts to link";
    Unlinked "link to undo" "links to undo";
    UserRestored "user to restore" "users to restore";
    OnlineRestored "online account to restore" "online accounts to restore";
    UserEnabled "user to enable" "users to enable";
    SignInOpened "sign-in to open" "sign-ins to open";
    Licensed "account to license" "accounts to license";
    Updated "account to update" "accounts to update";
    Renamed "account to rename" "accounts to rename";
    PasswordReset "password to reset" "passwords to reset";
    SignedOut "account to sign out" "accounts to sign out";
    UserDisabled "user to disable" "users to disable";
    SignInBlocked "sign-in to block" "sign-ins to block";
    LicensesFreed "account to take licences from" "accounts to take licences from";
    OnlineDeleted "online account to delete" "online accounts to delete";
    UserDeleted "user to delete" "users to delete";
}

impl Tally {
    /// The kinds of one change, each once.
    pub(super) fn of(edits: &[Edit]) -> BTreeSet<Self> {
        let mut kinds: BTreeSet<Self> =
            edits.iter().filter_map(|edit| Self::of_one(&edit.what)).collect();
        // Part of making the online account.
        if kinds.contains(&Self::OnlineMade) {
            kinds.remove(&Self::Linked);
        }
        kinds
    }

    fn of_one(what: &What) -> Option<Self> {
        Some(match what {
            What::UserMade(_) => Self::UserMade,
            What::OnlineMade(_) => Self::OnlineMade,
            What::OnlineTaken(_) | What::Linked { .. } => Self::Linked,
            What::OnlineReleased(_) | What::Unlinked { .. } => Self::Unlinked,
            What::Licenses { old, new } => {
                if new.iter().any(|license| !old.contains(license)) {
                    Self::Licensed
                } else {
                    Self::LicensesFreed
                }
            }
            What::UserEnabled(true) => Self::UserEnabled,
            What::UserEnabled(false) => Self::UserDisabled,
            What::SignInOpen(true) => Self::SignInOpened,
            What::SignInOpen(false) => Self::SignInBlocked,
            What::Remembers { .. } => return None,
            What::UserTexts { .. }
            | What::OnlineTexts { .. }
            | What::Expires { .. }
            | What::ReportsTo { .. }
            | What::OnlineReportsTo(_)
            | What::MustChangePassword(_) => Self::Updated,
            What::UserNamed { .. } | What::OnlineNamed { .. } => Self::Renamed,
            What::UserPassword | What::OnlinePassword { .. } => Self::PasswordReset,
            What::SignedOut => Self::SignedOut,
            What::UserDeleted => Self::UserDeleted,
            What::OnlineDeleted => Self::OnlineDeleted,
            What::UserRestored(_) => Self::UserRestored,
            What::OnlineRestored(_) => Self::OnlineRestored,
        })
    }
}
