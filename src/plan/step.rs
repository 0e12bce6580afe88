//! Steps: single writes as data, with their order, their claims and how to recover from an unknown
//! outcome.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::change::ChangeNo;
use crate::directory::NewUser;
use crate::model::{AssignedLicense, Details, ObjectId, OnlineId, SkuId, UserGuid, UserName};

/// A step's number within its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepId(pub u32);

/// What a step needs of an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// That it succeeded; if it didn't, this step is skipped.
    Success,
    /// Only that it has ended, one way or the other.
    Ended,
}

/// Something of which there is only one, or only so many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// One seat of a product.
    Seat(SkuId),
    /// An online ID.
    OnlineName(OnlineId),
    /// A user name.
    LocalName(UserName),
}

/// An identity that is known, or that a step of this plan will make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target<Id> {
    /// Known.
    Known(Id),
    /// The output of that step.
    MadeBy(StepId),
}

/// An online account to be made. Its anchor is that of `user`, written in the very request that
/// creates it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineDraft {
    /// Its online ID.
    pub online_id: OnlineId,
    /// The alias (Graph: `mailNickname`).
    pub mail_nickname: String,
    /// Its texts.
    pub details: Details,
    /// Whether the password must be changed at the first sign-in.
    pub must_change_password: bool,
}

/// A write to the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum DirectoryOp {
    /// Makes a user, with the password of that change.
    CreateUser {
        /// The user.
        user: NewUser,
        /// Whose password.
        password: ChangeNo,
    },
    /// Writes the online account's id on the user.
    Link {
        /// The user.
        user: Target<UserGuid>,
        /// What the user remembered before.
        old: Option<ObjectId>,
        /// The online account.
        online: Target<ObjectId>,
    },
}

/// A write to the tenant through Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum GraphOp {
    /// Makes an online account anchored to a user, with the password of that change.
    CreateOnline {
        /// The account.
        account: OnlineDraft,
        /// The user it belongs to.
        user: Target<UserGuid>,
        /// Whose password.
        password: ChangeNo,
    },
    /// Adds and removes licences in one call (`graph.md §7.3`).
    AssignLicenses {
        /// The account.
        account: Target<ObjectId>,
        /// Licences to add.
        add: Vec<AssignedLicense>,
        /// Licences to take away.
        remove: Vec<SkuId>,
    },
}

/// One write, as data: the journal and plan files hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Op {
    /// In the directory.
    Directory(DirectoryOp),
    /// In the tenant.
    Graph(GraphOp),
}

/// What to do when a write's outcome is unknown: after a crash or a cut connection (DESIGN §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Repeat: doing it twice is doing it once.
    Repeat,
    /// Repeat; on a name conflict look the holder up, and adopt it if it is ours.
    Adopt,
}

impl Op {
    /// The recovery class: the one table of them.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::Directory(DirectoryOp::CreateUser { .. })
            | Self::Graph(GraphOp::CreateOnline { .. }) => Recovery::Adopt,
            Self::Directory(DirectoryOp::Link { .. })
            | Self::Graph(GraphOp::AssignLicenses { .. }) => Recovery::Repeat,
        }
    }

    /// What it does.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Directory(DirectoryOp::CreateUser { .. }) => "create user",
            Self::Directory(DirectoryOp::Link { .. }) => "link",
            Self::Graph(GraphOp::CreateOnline { .. }) => "create online account",
            Self::Graph(GraphOp::AssignLicenses { .. }) => "assign licences",
        }
    }

    /// What the person has once it is done.
    pub fn gives(&self) -> &'static str {
        match self {
            Self::Directory(DirectoryOp::CreateUser { .. }) => "user",
            Self::Directory(DirectoryOp::Link { .. }) => "link",
            Self::Graph(GraphOp::CreateOnline { .. }) => "online account",
            Self::Graph(GraphOp::AssignLicenses { .. }) => "licence",
        }
    }

    /// The change whose password it sends.
    pub fn password(&self) -> Option<ChangeNo> {
        match self {
            Self::Directory(DirectoryOp::CreateUser { password, .. })
            | Self::Graph(GraphOp::CreateOnline { password, .. }) => Some(*password),
            Self::Directory(DirectoryOp::Link { .. })
            | Self::Graph(GraphOp::AssignLicenses { .. }) => None,
        }
    }
}

/// One write of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// The changes that want it.
    pub changes: Vec<ChangeNo>,
    /// What it writes.
    pub op: Op,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<(StepId, Needs)>,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<Claim>,
}

impl Step {
    /// Gives the step and every step it names their new numbers. What was taken out of the plan is
    /// waited for no more.
    pub(super) fn renumber(&mut self, numbers: &HashMap<StepId, StepId>) {
        fn target<Id>(target: &mut Target<Id>, numbers: &HashMap<StepId, StepId>) {
            if let Target::MadeBy(step) = target
                && let Some(number) = numbers.get(step)
            {
                *step = *number;
            }
        }
        if let Some(number) = numbers.get(&self.id) {
            self.id = *number;
        }
        self.after.retain(|(step, _)| numbers.contains_key(step));
        for (step, _) in &mut self.after {
            *step = numbers[step];
        }
        match &mut self.op {
            Op::Directory(DirectoryOp::CreateUser { .. }) => {}
            Op::Directory(DirectoryOp::Link { user, online, .. }) => {
                target(user, numbers);
                target(online, numbers);
            }
            Op::Graph(GraphOp::CreateOnline { user, .. }) => target(user, numbers),
            Op::Graph(GraphOp::AssignLicenses { account, .. }) => target(account, numbers),
        }
    }
}
