//! Writes to the tenant through Exchange, and what is waited for there, as data.

use serde::{Deserialize, Serialize};

use super::step::Recovery;
use crate::model::AutoReply;
use crate::model::EmailAddress;
use crate::online::{Forwarding, GroupChange, NewGroup};

/// A write to a mailbox or a group. To which is the step's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum ExchangeOp {
    /// Adds aliases and removes others; what somebody else added meanwhile stays.
    EditAddresses {
        /// Those that come.
        add: Vec<EmailAddress>,
        /// Those that go.
        remove: Vec<EmailAddress>,
    },
    /// Makes an address the primary one.
    SetPrimary {
        /// The one that it is.
        old: EmailAddress,
        /// The one that it becomes.
        new: EmailAddress,
    },
    /// Turns the mailbox into a shared one, or back.
    SetShared {
        /// Whether it is shared afterwards.
        shared: bool,
    },
    /// Sends the mailbox's mail on, or stops that.
    SetForwarding {
        /// Where to.
        forwarding: Forwarding,
    },
    /// Lets the mailbox answer by itself, or no longer.
    SetAutoReply {
        /// What it answers.
        reply: Option<AutoReply>,
    },
    /// Lets somebody open the mailbox.
    GrantAccess {
        /// Who, by address.
        delegate: EmailAddress,
    },
    /// Ends that.
    RevokeAccess {
        /// Who, by address.
        delegate: EmailAddress,
    },
    /// Leaves the mailbox out of address lists, or no longer.
    SetHidden {
        /// Whether they leave it out afterwards.
        hidden: bool,
    },
    /// Makes a group.
    CreateGroup {
        /// What is asked for.
        group: NewGroup,
    },
    /// Changes a group's properties.
    ChangeGroup {
        /// What is written.
        change: GroupChange,
    },
    /// Removes a group for good (`exchange.md §10.3`).
    DeleteGroup,
    /// Takes the step's member into the group.
    AddMember {
        /// The member's name, for people.
        name: String,
    },
    /// Takes the step's member out of it.
    RemoveMember {
        /// The member's name, for people.
        name: String,
    },
}

/// Something that is only read until it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// The mailbox is there (`exchange.md §12.2`).
    Mailbox,
    /// The mailbox is a shared one (`exchange.md §12.3`).
    Shared,
}

impl ExchangeOp {
    /// The recovery class (`exchange.md §8`).
    pub(super) fn recovery(&self) -> Recovery {
        match self {
            Self::CreateGroup { .. } => Recovery::Adopt,
            // A primary address is read before it is written, and a group that isn't there is removed.
            _ => Recovery::Repeat,
        }
    }

    /// What it does.
    pub(super) fn verb(&self) -> &'static str {
        match self {
            Self::EditAddresses { .. } => "change aliases",
            Self::SetPrimary { .. } => "set the primary address",
            Self::SetShared { shared: true } => "make the mailbox shared",
            Self::SetShared { shared: false } => "make the mailbox a person's",
            Self::SetForwarding { forwarding: Forwarding::Off } => "stop forwarding",
            Self::SetForwarding { .. } => "forward mail",
            Self::SetAutoReply { reply: Some(_) } => "set the automatic reply",
            Self::SetAutoReply { reply: None } => "end the automatic reply",
            Self::GrantAccess { .. } => "grant access to the mailbox",
            Self::RevokeAccess { .. } => "revoke access to the mailbox",
            Self::SetHidden { hidden: true } => "hide from address lists",
            Self::SetHidden { hidden: false } => "show in address lists",
            Self::CreateGroup { .. } => "create group",
            Self::ChangeGroup { .. } => "update group",
            Self::DeleteGroup => "delete group",
            Self::AddMember { .. } => "add member",
            Self::RemoveMember { .. } => "remove member",
        }
    }

    /// What there is once it is done.
    pub(super) fn gives(&self) -> &'static str {
        match self {
            Self::EditAddresses { add, .. } if add.is_empty() => "alias removed",
            Self::EditAddresses { .. } => "alias",
            Self::SetPrimary { .. } => "primary address",
            Self::SetShared { shared: true } => "mailbox converted",
            Self::SetShared { shared: false } => "mailbox converted back",
            Self::SetForwarding { forwarding: Forwarding::Off } => "forwarding stopped",
            Self::SetForwarding { .. } => "mail forwarded",
            Self::SetAutoReply { reply: Some(_) } => "automatic reply",
            Self::SetAutoReply { reply: None } => "automatic reply ended",
            Self::GrantAccess { .. } => "access granted",
            Self::RevokeAccess { .. } => "access revoked",
            Self::SetHidden { hidden: true } => "hidden",
            Self::SetHidden { hidden: false } => "shown",
            Self::CreateGroup { .. } => "group",
            Self::ChangeGroup { .. } => "group updated",
            Self::DeleteGroup => "group deleted",
            Self::AddMember { .. } => "member added",
            Self::RemoveMember { .. } => "member removed",
        }
    }
}

impl Condition {
    /// What it does.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Mailbox => "wait for the mailbox",
            Self::Shared => "see the mailbox shared",
        }
    }

    /// What there is once it is so.
    pub(super) fn gives(self) -> &'static str {
        match self {
            Self::Mailbox => "mailbox",
            Self::Shared => "shared mailbox",
        }
    }
}
