//! Edits: what a change would make of what is.

use std::sync::Arc;

use jiff::civil::Date;

use super::change::{ChangeNo, Subject};
use super::mail::{MailEdit, OnlineRef};
use super::step::{OnlineDraft, OnlinePassword};
use crate::directory::NewUser;
use crate::model::{
    AssignedLicense, Details, MailAddresses, ObjectId, OnlineAccount, OnlineId, PasswordPolicy,
    Problem, Remembered, User, UserGuid, UserName,
};

/// What becomes different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The person gets a user.
    UserMade(NewUser),
    /// The person gets an online account.
    OnlineMade(OnlineDraft),
    /// The online account that is there becomes the person's: it is anchored to the user.
    OnlineTaken(Arc<OnlineAccount>),
    /// The online account is anchored to nobody any more.
    OnlineReleased(Arc<OnlineAccount>),
    /// The user remembers its online account from now on.
    Linked {
        /// What it remembered before.
        old: Option<ObjectId>,
    },
    /// The user remembers no online account any more.
    Unlinked {
        /// What it remembered before.
        old: ObjectId,
    },
    /// The licences become others.
    Licenses {
        /// Before.
        old: Vec<AssignedLicense>,
        /// After.
        new: Vec<AssignedLicense>,
    },
    /// The user may sign in, or not any more.
    UserEnabled(bool),
    /// Sign-in online is opened, or blocked.
    SignInOpen(bool),
    /// What the user remembers of its online half.
    Remembers {
        /// Before.
        old: Remembered,
        /// After.
        new: Remembered,
    },
    /// The user's texts.
    UserTexts {
        /// Before.
        old: Details,
        /// After.
        new: Details,
    },
    /// The online account's texts.
    OnlineTexts {
        /// Before.
        old: Details,
        /// After.
        new: Details,
    },
    /// The addresses that the user keeps of its mailbox.
    UserMail {
        /// Before.
        old: MailAddresses,
        /// After.
        new: MailAddresses,
    },
    /// The last day of the account.
    Expires {
        /// Before.
        old: Option<Date>,
        /// After.
        new: Option<Date>,
    },
    /// Whether the user must change the password at the next sign-in.
    MustChangePassword(bool),
    /// The user, locked by wrong passwords, is open again.
    Unlocked,
    /// The user that the person reports to.
    ReportsTo {
        /// Before.
        old: Option<UserGuid>,
        /// After.
        new: Option<UserGuid>,
        /// The name of that user, for the preview.
        name: String,
    },
    /// The online account that it reports to in the tenant.
    OnlineReportsTo(Option<ObjectId>),
    /// The user's name.
    UserNamed {
        /// Before.
        old: UserName,
        /// After.
        new: UserName,
    },
    /// The online ID.
    OnlineNamed {
        /// Before.
        old: OnlineId,
        /// After.
        new: OnlineId,
    },
    /// The user gets another password.
    UserPassword {
        /// Whether it must be changed at the next sign-in.
        must_change: bool,
    },
    /// The user's password is the earlier one again, should the new one be refused online.
    PasswordPutBack,
    /// The password waits in the outbox until it can be sent online.
    PasswordQueued,
    /// The online account gets another password.
    OnlinePassword {
        /// The name that goes with it.
        online_id: OnlineId,
        /// Which one.
        kind: OnlinePassword,
    },
    /// All sessions end.
    SignedOut,
    /// The user goes into the directory's recycle bin.
    UserDeleted,
    /// The online account goes into the tenant's recycle bin.
    OnlineDeleted,
    /// The user comes back.
    UserRestored(Box<User>),
    /// The online account comes back.
    OnlineRestored(Box<OnlineAccount>),
    /// Of a mailbox, of addresses, or of a group.
    Mail(MailEdit),
    /// The level of the directory's password policy.
    PasswordPolicy {
        /// Before.
        old: PasswordPolicy,
        /// After.
        new: PasswordPolicy,
    },
}

/// One difference on one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Whose.
    pub subject: Subject,
    /// What.
    pub what: What,
}

/// Collects what one change finds: differences and problems.
#[derive(Debug)]
pub struct Edits {
    /// The change.
    pub no: ChangeNo,
    /// The person that the change turned out to be about.
    pub subject: Subject,
    /// Differences, in the order in which they come about.
    pub edits: Vec<Edit>,
    /// Problems, in the order in which they were found.
    pub problems: Vec<Problem>,
}

impl Edits {
    /// An empty collection for a change about `subject`.
    pub fn new(no: ChangeNo, subject: Subject) -> Self {
        Self { no, subject, edits: Vec::new(), problems: Vec::new() }
    }

    /// The change's person becomes different in this.
    pub fn add(&mut self, what: What) {
        self.edits.push(Edit { subject: self.subject, what });
    }

    /// The change's mailbox or group becomes different in this.
    pub fn add_mail(&mut self, edit: MailEdit) {
        self.add(What::Mail(edit));
    }

    /// The mailbox of that person is waited for; once is enough.
    pub fn await_mailbox(&mut self, subject: Subject, of: OnlineRef) {
        let awaited = What::Mail(MailEdit::Awaited { of });
        if self.edits.iter().all(|edit| edit.what != awaited) {
            self.edits.push(Edit { subject, what: awaited });
        }
    }

    /// Another person or group becomes different in this.
    pub fn add_to(&mut self, subject: Subject, edit: MailEdit) {
        self.edits.push(Edit { subject, what: What::Mail(edit) });
    }

    /// Something is wrong, or worth a remark.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Where nothing else is to be written, no mailbox is waited for.
    pub(super) fn drop_idle_waiting(&mut self) {
        let waits = |edit: &Edit| matches!(edit.what, What::Mail(MailEdit::Awaited { .. }));
        if self.edits.iter().all(waits) {
            self.edits.clear();
        }
    }

    /// Whether one of the problems stops the plan.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}
