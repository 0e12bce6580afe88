//! What a plan is summed up in: so many users to create, so many sign-ins to block.

use std::collections::BTreeMap;

use super::edit::{Edit, What};
use super::mail::MailEdit;
use super::step::OnlinePassword;
use crate::online::Forwarding;

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
    PasswordSet "password to set" "passwords to set";
    SignedOut "account to sign out" "accounts to sign out";
    PolicySet "password policy to set" "password policies to set";
    GroupMade "group to create" "groups to create";
    GroupUpdated "group to update" "groups to update";
    MembersAdded "member to add" "members to add";
    AliasesAdded "alias to add" "aliases to add";
    PrimarySet "primary address to set" "primary addresses to set";
    MailboxConverted "mailbox to convert" "mailboxes to convert";
    MailboxUpdated "mailbox to update" "mailboxes to update";
    MailForwarded "mailbox to forward" "mailboxes to forward";
    AliasesRemoved "alias to remove" "aliases to remove";
    MembersRemoved "member to remove" "members to remove";
    UserDisabled "user to disable" "users to disable";
    SignInBlocked "sign-in to block" "sign-ins to block";
    LicensesFreed "account to take licences from" "accounts to take licences from";
    OnlineDeleted "online account to delete" "online accounts to delete";
    UserDeleted "user to delete" "users to delete";
    GroupDeleted "group to delete" "groups to delete";
}

impl Tally {
    /// The kinds of one change, each once, however many values of a person change; members and aliases
    /// are counted.
    pub(super) fn of(edits: &[Edit]) -> BTreeMap<Self, usize> {
        let mut kinds: BTreeMap<Self, usize> = BTreeMap::new();
        for edit in edits {
            let Some(kind) = Self::of_one(&edit.what) else { continue };
            let count = match &edit.what {
                What::Mail(MailEdit::Aliases { add, remove, .. }) => add.len().max(remove.len()),
                _ => 1,
            };
            let so_far = kinds.entry(kind).or_default();
            let is_counted = matches!(
                kind,
                Self::MembersAdded
                    | Self::MembersRemoved
                    | Self::AliasesAdded
                    | Self::AliasesRemoved
            );
            *so_far = if is_counted { *so_far + count } else { 1 };
        }
        // Part of making the online account.
        if kinds.contains_key(&Self::OnlineMade) {
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
            What::Remembers { .. }
            | What::UserMail { .. }
            | What::PasswordPutBack
            | What::PasswordQueued => return None,
            What::UserTexts { .. }
            | What::OnlineTexts { .. }
            | What::Expires { .. }
            | What::ReportsTo { .. }
            | What::OnlineReportsTo(_)
            | What::Unlocked
            | What::MustChangePassword(_) => Self::Updated,
            What::UserNamed { .. } | What::OnlineNamed { .. } => Self::Renamed,
            What::UserPassword { must_change: true }
            | What::OnlinePassword {
                kind: OnlinePassword::Temporary | OnlinePassword::Undisclosed,
                ..
            } => Self::PasswordReset,
            What::UserPassword { must_change: false } | What::OnlinePassword { .. } => {
                Self::PasswordSet
            }
            What::SignedOut => Self::SignedOut,
            What::UserDeleted => Self::UserDeleted,
            What::OnlineDeleted => Self::OnlineDeleted,
            What::UserRestored(_) => Self::UserRestored,
            What::OnlineRestored(_) => Self::OnlineRestored,
            What::Mail(edit) => return Self::of_mail(edit),
            What::PasswordPolicy { .. } => Self::PolicySet,
        })
    }

    fn of_mail(edit: &MailEdit) -> Option<Self> {
        Some(match edit {
            MailEdit::Awaited { .. } => return None,
            MailEdit::Aliases { add, .. } if add.is_empty() => Self::AliasesRemoved,
            MailEdit::Aliases { .. } => Self::AliasesAdded,
            MailEdit::Primary { .. } => Self::PrimarySet,
            MailEdit::Shared { .. } => Self::MailboxConverted,
            MailEdit::Forwarded { new: Forwarding::Off, .. }
            | MailEdit::AutoReply { .. }
            | MailEdit::Delegate { .. }
            | MailEdit::Hidden { .. } => Self::MailboxUpdated,
            MailEdit::Forwarded { .. } => Self::MailForwarded,
            MailEdit::GroupMade { .. } => Self::GroupMade,
            MailEdit::GroupChanged { .. } => Self::GroupUpdated,
            MailEdit::GroupDeleted { .. } => Self::GroupDeleted,
            MailEdit::MemberAdded { .. } => Self::MembersAdded,
            MailEdit::MemberRemoved { .. } => Self::MembersRemoved,
        })
    }
}
