//! Steps: single writes as data, with their order, their claims and how to recover from an unknown
//! outcome.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::change::ChangeNo;
use super::exchange_op::{Condition, ExchangeOp};
use crate::directory::{NewUser, UserWrite};
use crate::model::{
    AssignedLicense, Details, EmailAddress, Field, GroupId, ObjectId, OnlineId, PasswordPolicy,
    RecipientId, SkuId, UserGuid, UserName,
};

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
    /// That it was refused; if it wasn't, there is no need of this step.
    Refusal,
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
    /// To be the half of one user.
    Link(ObjectId),
    /// An address of a mailbox or a group.
    Address(EmailAddress),
}

/// An identity that is known, or that a step of this plan will make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Which password it gets.
    pub password: OnlinePassword,
}

/// Which password an online account gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnlinePassword {
    /// That of the change, to be changed at the next sign-in.
    Temporary,
    /// That of the change, which stays: the person has it in the directory too.
    Lasting,
    /// That of the change, which the person has chosen in the directory.
    Carried {
        /// When.
        changed: Timestamp,
    },
    /// One that nobody gets to know, never to be changed there: changes made in the directory arrive.
    Undisclosed,
}

impl OnlinePassword {
    /// Whether it must be changed at the next sign-in.
    pub fn must_change(self) -> bool {
        self == Self::Temporary
    }

    /// Whether nobody gets to know it.
    pub fn is_undisclosed(self) -> bool {
        self == Self::Undisclosed
    }
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
        /// What the user remembered before.
        old: Option<ObjectId>,
    },
    /// Replaces values of the user, all or none.
    Update {
        /// The values.
        writes: Vec<UserWrite>,
    },
    /// Sets the password of that change.
    SetPassword {
        /// Whose password.
        password: ChangeNo,
        /// Whether it must be changed at the next sign-in.
        must_change: bool,
        /// The person's language, for the letter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
    /// Gives the user the password back that it had before.
    PutBackPassword {
        /// Whose is to go.
        password: ChangeNo,
    },
    /// Puts the user into the recycle bin.
    Delete,
    /// Brings the user back from it.
    Restore,
    /// Sets the directory's password policy to another level.
    SetPasswordPolicy {
        /// The level as it was read.
        old: PasswordPolicy,
        /// The level to set.
        new: PasswordPolicy,
    },
}

/// A write to the outbox of passwords.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum OutboxOp {
    /// Puts the password of that change there, until the tenant can be reached.
    Queue {
        /// Whose password.
        password: ChangeNo,
    },
}

/// A write to the tenant through Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum GraphOp {
    /// Makes an online account anchored to the user, with the password of that change.
    CreateOnline {
        /// The account.
        account: OnlineDraft,
        /// Whose password.
        password: ChangeNo,
    },
    /// Adds and removes licences in one call (`graph.md §7.3`).
    AssignLicenses {
        /// Licences to add.
        add: Vec<AssignedLicense>,
        /// Licences to take away.
        remove: Vec<SkuId>,
    },
    /// Opens or blocks sign-in.
    SetSignIn {
        /// Whether it is open afterwards.
        open: bool,
    },
    /// Anchors the account to the user; without a user, empties its anchor.
    SetAnchor,
    /// Writes texts; `None` clears one.
    SetTexts {
        /// The texts.
        texts: BTreeMap<Field, Option<String>>,
    },
    /// Gives it another online ID.
    Rename {
        /// The one it had.
        old: OnlineId,
        /// The one it gets.
        new: OnlineId,
    },
    /// Sets the password of that change.
    SetPassword {
        /// Whose password.
        password: ChangeNo,
        /// Which one.
        kind: OnlinePassword,
        /// The name that goes with the password, for the letter.
        online_id: OnlineId,
        /// The person's language, for the letter.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
    },
    /// Says whom it reports to; without one, nobody.
    SetManager {
        /// That online account.
        manager: Option<ObjectId>,
    },
    /// Ends its sessions.
    SignOut,
    /// Puts it into the tenant's recycle bin.
    Delete,
    /// Brings it back from there.
    Restore,
}

/// One write, as data: the journal and plan files hold it. Whom it writes to is the step's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Op {
    /// In the directory.
    Directory(DirectoryOp),
    /// In the tenant.
    Graph(GraphOp),
    /// In the tenant's Exchange.
    Exchange(ExchangeOp),
    /// Nowhere: something is read until it is so.
    Wait(Condition),
    /// In the outbox of passwords.
    Outbox(OutboxOp),
}

/// What to do when a write's outcome is unknown: after a crash or a cut connection (DESIGN §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Repeat: doing it twice is doing it once, or the write carries the value that it replaces.
    Repeat,
    /// Repeat; on a name conflict look the holder up, and adopt it if it is ours.
    Adopt,
    /// Look first: it is as it should be, or as it was, or somebody else has changed it.
    Look,
    /// Repeat from the sealed copy, unless somebody has set another password since.
    Secret,
    /// Ask again.
    Wait,
}

impl Op {
    /// The recovery class: the one table of them.
    pub fn recovery(&self) -> Recovery {
        match self {
            Self::Directory(DirectoryOp::CreateUser { .. })
            | Self::Graph(GraphOp::CreateOnline { .. }) => Recovery::Adopt,
            Self::Graph(GraphOp::Rename { .. } | GraphOp::Restore) => Recovery::Look,
            // To take away what is gone already is refused, and with it the whole call
            // (graph.md §7.3).
            Self::Graph(GraphOp::AssignLicenses { remove, .. }) if !remove.is_empty() => {
                Recovery::Look
            }
            Self::Graph(GraphOp::SetPassword { .. }) => Recovery::Secret,
            Self::Exchange(op) => op.recovery(),
            Self::Wait(_) => Recovery::Wait,
            Self::Directory(
                DirectoryOp::Link { .. }
                | DirectoryOp::Update { .. }
                | DirectoryOp::SetPassword { .. }
                | DirectoryOp::PutBackPassword { .. }
                | DirectoryOp::Delete
                | DirectoryOp::Restore
                | DirectoryOp::SetPasswordPolicy { .. },
            )
            | Self::Graph(
                GraphOp::AssignLicenses { .. }
                | GraphOp::SetSignIn { .. }
                | GraphOp::SetAnchor
                | GraphOp::SetTexts { .. }
                | GraphOp::SetManager { .. }
                | GraphOp::SignOut
                | GraphOp::Delete,
            )
            | Self::Outbox(OutboxOp::Queue { .. }) => Recovery::Repeat,
        }
    }

    /// What it does.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Directory(DirectoryOp::CreateUser { .. }) => "create user",
            Self::Directory(DirectoryOp::Link { .. }) => "link",
            Self::Directory(DirectoryOp::Update { .. }) => "update user",
            Self::Directory(DirectoryOp::SetPassword { .. }) => "set the user's password",
            Self::Directory(DirectoryOp::PutBackPassword { .. }) => "put the user's password back",
            Self::Directory(DirectoryOp::Delete) => "delete user",
            Self::Directory(DirectoryOp::Restore) => "restore user",
            Self::Directory(DirectoryOp::SetPasswordPolicy { .. }) => "set the password policy",
            Self::Graph(GraphOp::CreateOnline { .. }) => "create online account",
            Self::Graph(GraphOp::AssignLicenses { .. }) => "assign licences",
            Self::Graph(GraphOp::SetSignIn { open: true }) => "open sign-in",
            Self::Graph(GraphOp::SetSignIn { open: false }) => "block sign-in",
            Self::Graph(GraphOp::SetAnchor) => "anchor",
            Self::Graph(GraphOp::SetTexts { .. }) => "update online account",
            Self::Graph(GraphOp::Rename { .. }) => "rename online account",
            Self::Graph(GraphOp::SetPassword { .. }) => "set the online password",
            Self::Graph(GraphOp::SetManager { .. }) => "set the manager online",
            Self::Graph(GraphOp::SignOut) => "sign out",
            Self::Graph(GraphOp::Delete) => "delete online account",
            Self::Graph(GraphOp::Restore) => "restore online account",
            Self::Exchange(op) => op.verb(),
            Self::Wait(condition) => condition.verb(),
            Self::Outbox(OutboxOp::Queue { .. }) => "put the password into the outbox",
        }
    }

    /// Whether it makes somebody, gives somebody something or sets a password: doing that beside an
    /// unfinished run of the same people could do it twice. Everything else, such as disabling
    /// somebody in a hurry, can't.
    pub fn could_be_doubled(&self) -> bool {
        match self {
            Self::Graph(GraphOp::AssignLicenses { add, .. }) => !add.is_empty(),
            Self::Directory(DirectoryOp::CreateUser { .. } | DirectoryOp::SetPassword { .. })
            | Self::Graph(
                GraphOp::CreateOnline { .. }
                | GraphOp::SetPassword { .. }
                | GraphOp::SetAnchor
                | GraphOp::Restore,
            )
            | Self::Exchange(ExchangeOp::CreateGroup { .. }) => true,
            _ => false,
        }
    }

    /// Whether what it did shows on the online account afterwards.
    pub fn can_be_seen(&self) -> bool {
        matches!(
            self,
            Self::Graph(
                GraphOp::CreateOnline { .. }
                    | GraphOp::AssignLicenses { .. }
                    | GraphOp::SetSignIn { .. }
                    | GraphOp::SetTexts { .. }
                    | GraphOp::SetPassword { .. }
                    | GraphOp::Rename { .. }
                    | GraphOp::Restore
            )
        )
    }

    /// The change whose password it sends.
    pub fn password(&self) -> Option<ChangeNo> {
        match self {
            _ if self.is_undisclosed() => None,
            Self::Directory(
                DirectoryOp::CreateUser { password, .. }
                | DirectoryOp::SetPassword { password, .. }
                | DirectoryOp::PutBackPassword { password },
            )
            | Self::Graph(
                GraphOp::CreateOnline { password, .. } | GraphOp::SetPassword { password, .. },
            )
            | Self::Outbox(OutboxOp::Queue { password }) => Some(*password),
            _ => None,
        }
    }

    /// Whether the password that it sends goes into the outbox where the tenant is out of reach.
    pub fn may_be_queued(&self) -> bool {
        matches!(self, Self::Graph(GraphOp::SetPassword { kind: OnlinePassword::Lasting, .. }))
    }

    /// Whether it puts a password into the outbox, or may come to.
    pub fn needs_outbox(&self) -> bool {
        self.may_be_queued() || matches!(self, Self::Outbox(_))
    }

    /// Whether it sends a password that nobody gets to know: made up anew each time it is sent.
    pub fn is_undisclosed(&self) -> bool {
        match self {
            Self::Graph(GraphOp::CreateOnline { account, .. }) => account.password.is_undisclosed(),
            Self::Graph(GraphOp::SetPassword { kind, .. }) => kind.is_undisclosed(),
            _ => false,
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
    /// The user that it writes to, or whose half it writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Target<UserGuid>>,
    /// The online account that it writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Target<ObjectId>>,
    /// The group that it writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Target<GroupId>>,
    /// Whom it takes into the group, or out of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberTarget>,
    /// What it writes.
    pub op: Op,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<(StepId, Needs)>,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub takes: Vec<Claim>,
    /// What it leaves for others to take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub frees: Vec<Claim>,
}

/// Who comes into a group or leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberTarget {
    /// An online account.
    Online(Target<ObjectId>),
    /// Another group.
    Group(Target<GroupId>),
    /// Whoever else can receive mail.
    Recipient(RecipientId),
}

impl MemberTarget {
    fn made_by(&self) -> Option<StepId> {
        match self {
            Self::Online(target) => target.made_by(),
            Self::Group(target) => target.made_by(),
            Self::Recipient(_) => None,
        }
    }
}

impl<Id> Target<Id> {
    /// The step that makes it.
    pub fn made_by(&self) -> Option<StepId> {
        match self {
            Self::MadeBy(step) => Some(*step),
            Self::Known(_) => None,
        }
    }

    fn renumber(&mut self, numbers: &HashMap<StepId, StepId>) {
        if let Self::MadeBy(step) = self
            && let Some(number) = numbers.get(step)
        {
            *step = *number;
        }
    }
}

impl Step {
    /// A step of one change that writes to nobody, waits for nothing and takes nothing yet.
    pub fn new(id: StepId, change: ChangeNo, op: Op) -> Self {
        Self {
            id,
            changes: vec![change],
            user: None,
            online: None,
            group: None,
            member: None,
            op,
            after: Vec::new(),
            takes: Vec::new(),
            frees: Vec::new(),
        }
    }

    /// What the person has once it is done; `None` for what only acctsh itself needs to know.
    pub fn gives(&self) -> Option<&'static str> {
        Some(match &self.op {
            Op::Directory(op) => match op {
                DirectoryOp::CreateUser { .. } => "user",
                DirectoryOp::Link { .. } => "link",
                DirectoryOp::Update { writes } => updated(writes)?,
                DirectoryOp::SetPassword { .. } => "password",
                DirectoryOp::PutBackPassword { .. } => "password put back",
                DirectoryOp::Delete => "user deleted",
                DirectoryOp::Restore => "user restored",
                DirectoryOp::SetPasswordPolicy { .. } => "password policy",
            },
            Op::Graph(op) => match op {
                GraphOp::CreateOnline { .. } => "online account",
                GraphOp::AssignLicenses { add, .. } if add.is_empty() => "licence freed",
                GraphOp::AssignLicenses { .. } => "licence",
                GraphOp::SetSignIn { open: true } => "sign-in open",
                GraphOp::SetSignIn { open: false } => "sign-in blocked",
                GraphOp::SetAnchor if self.user.is_none() => "anchor removed",
                GraphOp::SetAnchor => "anchor",
                GraphOp::SetTexts { .. } => "online account updated",
                GraphOp::Rename { .. } => "online ID",
                GraphOp::SetPassword { .. } => super::results::PASSWORD_ARRIVED,
                GraphOp::SetManager { .. } => "manager online",
                GraphOp::SignOut => "signed out",
                GraphOp::Delete => "online account deleted",
                GraphOp::Restore => "online account restored",
            },
            Op::Exchange(op) => op.gives(),
            Op::Wait(condition) => condition.gives(),
            Op::Outbox(OutboxOp::Queue { .. }) => return None,
        })
    }

    /// The steps whose output it uses.
    pub fn made_by(&self) -> impl Iterator<Item = StepId> {
        let user = self.user.as_ref().and_then(Target::made_by);
        let online = self.online.as_ref().and_then(Target::made_by);
        let group = self.group.as_ref().and_then(Target::made_by);
        let member = self.member.as_ref().and_then(MemberTarget::made_by);
        [user, online, group, member].into_iter().flatten()
    }

    /// Gives the step and every step it names their new numbers. What was taken out of the plan is
    /// waited for no more.
    pub(super) fn renumber(&mut self, numbers: &HashMap<StepId, StepId>) {
        if let Some(number) = numbers.get(&self.id) {
            self.id = *number;
        }
        self.after.retain(|(step, _)| numbers.contains_key(step));
        for (step, _) in &mut self.after {
            *step = numbers[step];
        }
        if let Some(user) = &mut self.user {
            user.renumber(numbers);
        }
        if let Some(online) = &mut self.online {
            online.renumber(numbers);
        }
        if let Some(group) = &mut self.group {
            group.renumber(numbers);
        }
        match &mut self.member {
            Some(MemberTarget::Online(target)) => target.renumber(numbers),
            Some(MemberTarget::Group(target)) => target.renumber(numbers),
            Some(MemberTarget::Recipient(_)) | None => {}
        }
    }
}

/// What a user has after these values were written: the one that matters most.
fn updated(writes: &[UserWrite]) -> Option<&'static str> {
    let word = |write: &UserWrite| match write {
        UserWrite::Enabled { new: true, .. } => Some("user enabled"),
        UserWrite::Enabled { new: false, .. } => Some("user disabled"),
        UserWrite::Name { .. } => Some("user name"),
        UserWrite::Link { new: None, .. } => Some("link undone"),
        UserWrite::Details { .. } | UserWrite::Expires { .. } | UserWrite::Manager { .. } => {
            Some("user updated")
        }
        UserWrite::Unlock => Some("user unlocked"),
        UserWrite::MustChangePassword { .. } => Some("password to be changed"),
        UserWrite::Link { .. } | UserWrite::Remembered { .. } | UserWrite::Mail { .. } => None,
    };
    writes.iter().find_map(word)
}
