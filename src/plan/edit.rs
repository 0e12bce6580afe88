//! Edits: what a change would make of what is.

use super::change::{ChangeNo, Subject};
use super::step::OnlineDraft;
use crate::directory::NewUser;
use crate::model::{AssignedLicense, ObjectId, Problem};

/// What becomes different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The person gets a user.
    UserMade(NewUser),
    /// The person gets an online account.
    OnlineMade(OnlineDraft),
    /// The user remembers its online account from now on.
    Linked {
        /// What it remembered before.
        old: Option<ObjectId>,
    },
    /// The licences become others.
    Licenses {
        /// Before.
        old: Vec<AssignedLicense>,
        /// After.
        new: Vec<AssignedLicense>,
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

    /// Something is wrong, or worth a remark.
    pub fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Whether one of the problems stops the plan.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}
