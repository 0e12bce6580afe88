//! Who can receive mail in the tenant.

use std::fmt;

use super::{MailAddresses, ObjectId, RecipientId};

/// What kind of recipient it is. The kinds of groups are told apart because they differ in what can be
/// done to them (`exchange.md §10`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RecipientKind {
    /// A person's mailbox.
    UserMailbox,
    /// A mailbox of nobody in particular.
    SharedMailbox,
    /// A room's or a device's mailbox.
    ResourceMailbox,
    /// A distribution group.
    DistributionGroup,
    /// A security group with an address.
    MailEnabledSecurityGroup,
    /// A distribution group whose members follow from a rule.
    DynamicDistributionGroup,
    /// A Microsoft 365 group.
    Microsoft365Group,
    /// Somebody elsewhere, known here by an address.
    Contact,
    /// A user here whose mail goes elsewhere.
    MailUser,
    /// A guest.
    Guest,
    /// Something else, by Exchange's name.
    Other(String),
}

impl RecipientKind {
    /// From Exchange's `RecipientTypeDetails`.
    pub fn received(name: &str) -> Self {
        match name {
            "UserMailbox" => Self::UserMailbox,
            "SharedMailbox" => Self::SharedMailbox,
            "RoomMailbox" | "EquipmentMailbox" => Self::ResourceMailbox,
            "MailUniversalDistributionGroup" | "RoomList" | "MailNonUniversalGroup" => {
                Self::DistributionGroup
            }
            "MailUniversalSecurityGroup" => Self::MailEnabledSecurityGroup,
            "DynamicDistributionGroup" => Self::DynamicDistributionGroup,
            "GroupMailbox" => Self::Microsoft365Group,
            "MailContact" => Self::Contact,
            "MailUser" => Self::MailUser,
            "GuestMailUser" => Self::Guest,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether it is a mailbox.
    pub fn is_mailbox(&self) -> bool {
        matches!(self, Self::UserMailbox | Self::SharedMailbox | Self::ResourceMailbox)
    }

    /// Whether it is a group of any kind.
    pub fn is_group(&self) -> bool {
        matches!(
            self,
            Self::DistributionGroup
                | Self::MailEnabledSecurityGroup
                | Self::DynamicDistributionGroup
                | Self::Microsoft365Group
        )
    }

    /// Whether a distribution group takes it as a member (`exchange.md §10.4`).
    pub fn may_be_member(&self) -> bool {
        !matches!(self, Self::Microsoft365Group | Self::DynamicDistributionGroup | Self::Other(_))
    }
}

impl fmt::Display for RecipientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserMailbox => "mailbox",
            Self::SharedMailbox => "shared mailbox",
            Self::ResourceMailbox => "resource mailbox",
            Self::DistributionGroup => "distribution group",
            Self::MailEnabledSecurityGroup => "mail-enabled security group",
            Self::DynamicDistributionGroup => "dynamic distribution group",
            Self::Microsoft365Group => "Microsoft 365 group",
            Self::Contact => "contact",
            Self::MailUser => "mail user",
            Self::Guest => "guest",
            Self::Other(name) => name,
        })
    }
}

/// Somebody who can receive mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The identity.
    pub id: RecipientId,
    /// The online account that it is, or another object in the tenant's directory; contacts may have
    /// none.
    pub object: Option<ObjectId>,
    /// The name it is shown under.
    pub display_name: String,
    /// All its addresses; a member that lost its mailbox has none.
    pub addresses: MailAddresses,
    /// What it is.
    pub kind: RecipientKind,
}
