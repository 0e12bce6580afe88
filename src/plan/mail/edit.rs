//! What becomes different of mailboxes, addresses and groups. A group's edit has the group as subject.

use std::sync::Arc;

use super::{Holder, Member, OnlineRef, PlannedMember};
use crate::model::AutoReply;
use crate::model::{EmailAddress, Group, MailAddresses, RecipientKind};
use crate::online::{Forwarding, GroupChange, NewGroup};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEdit {
    /// The mailbox is waited for.
    Awaited {
        /// Whose.
        of: OnlineRef,
    },
    /// Aliases come and go.
    Aliases {
        /// Whose.
        of: Holder,
        /// Those that come.
        add: Vec<EmailAddress>,
        /// Those that go.
        remove: Vec<EmailAddress>,
        /// All addresses afterwards.
        after: MailAddresses,
    },
    /// Another primary address; the old one stays as an alias.
    Primary {
        /// Whose.
        of: Holder,
        /// Before.
        old: EmailAddress,
        /// After.
        new: EmailAddress,
        /// All addresses afterwards.
        after: MailAddresses,
    },
    /// The mailbox becomes a shared one, or a person's again.
    Shared {
        /// Whose.
        of: OnlineRef,
        /// Whether it is shared afterwards.
        shared: bool,
    },
    /// Mail goes on to somebody else, or no longer.
    Forwarded {
        /// Whose.
        of: OnlineRef,
        /// To whom before, for people.
        old: String,
        /// To whom after.
        new: Forwarding,
        /// To whom after, for people.
        label: String,
        /// The online account that gets it, if it is one.
        to: Option<OnlineRef>,
    },
    /// The mailbox answers by itself, or no longer.
    AutoReply {
        /// Whose.
        of: OnlineRef,
        /// Before.
        old: Option<AutoReply>,
        /// After.
        new: Option<AutoReply>,
    },
    /// Somebody else may open the mailbox, or no longer.
    Delegate {
        /// Whose.
        of: OnlineRef,
        /// Who.
        who: OnlineRef,
        /// By that address.
        address: EmailAddress,
        /// Whether they may afterwards.
        granted: bool,
    },
    /// Address lists leave the mailbox out, or show it again.
    Hidden {
        /// Whose.
        of: OnlineRef,
        /// Whether they leave it out afterwards.
        hidden: bool,
    },
    /// A group is made.
    GroupMade {
        /// What is asked for.
        new: NewGroup,
        /// Its owners, where their mailboxes may have to be waited for.
        owners: Vec<OnlineRef>,
        /// What it will be.
        after: Arc<Group>,
    },
    /// A group's properties become others.
    GroupChanged {
        /// What is written.
        change: GroupChange,
        /// New owners.
        owners: Vec<OnlineRef>,
        /// Who owns it before and after, for people, if that becomes different.
        owner_names: Option<(String, String)>,
        /// Before.
        old: Arc<Group>,
        /// After.
        after: Arc<Group>,
    },
    /// A group goes, for good.
    GroupDeleted {
        /// What it was.
        old: Arc<Group>,
    },
    /// Somebody comes into a group.
    MemberAdded {
        /// Who.
        it: PlannedMember,
        /// The group's name.
        group: String,
    },
    /// Somebody leaves a group.
    MemberRemoved {
        /// Who.
        it: PlannedMember,
        /// The group's name.
        group: String,
    },
}

impl MailEdit {
    /// The mailbox that it changes.
    pub fn mailbox(&self) -> Option<OnlineRef> {
        match self {
            Self::Aliases { of: Holder::Mailbox(of), .. }
            | Self::Primary { of: Holder::Mailbox(of), .. }
            | Self::Awaited { of }
            | Self::Shared { of, .. }
            | Self::Forwarded { of, .. }
            | Self::AutoReply { of, .. }
            | Self::Delegate { of, .. }
            | Self::Hidden { of, .. } => Some(*of),
            _ => None,
        }
    }

    /// Every mailbox that must be there for it.
    pub(crate) fn needs_mailboxes(&self) -> Vec<OnlineRef> {
        let mut all: Vec<OnlineRef> = self.mailbox().into_iter().collect();
        match self {
            Self::Awaited { .. } => all.clear(),
            Self::Forwarded { to, .. } => all.extend(*to),
            Self::Delegate { who, .. } => all.push(*who),
            Self::GroupMade { owners, .. } | Self::GroupChanged { owners, .. } => {
                all.extend(owners);
            }
            Self::MemberAdded { it: PlannedMember { member: Member::Account(of), .. }, .. } => {
                all.push(*of);
            }
            _ => {}
        }
        all
    }

    /// Whether it takes something away: an alias, mail, a member, a right.
    pub(crate) fn takes_away(&self) -> bool {
        match self {
            Self::Aliases { add, remove, .. } => add.is_empty() && !remove.is_empty(),
            Self::Forwarded { new, .. } => *new != Forwarding::Off,
            Self::Delegate { granted, .. } => !granted,
            Self::MemberRemoved { .. } => true,
            _ => false,
        }
    }
}

impl PlannedMember {
    /// An online account as a member.
    pub(crate) fn account(of: OnlineRef, label: String) -> Self {
        Self { member: Member::Account(of), label, kind: RecipientKind::UserMailbox }
    }
}
