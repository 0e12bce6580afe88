//! Changes: what an admin asks for on one subject, one file per change.
//!
//! A change is data (plan files and the journal hold it) plus what it means: [`Intent`]. It is pure:
//! it reads the view and gives edits and problems; nothing here can send.
//!
//! To add one: its file, and one line in the list of [`Change`].

mod assign;
mod carry_password;
mod create_account;
mod delete;
mod edit_addresses;
mod exchange;
mod expire;
mod groups;
mod leavers_mailbox;
mod licenses_wanted;
mod link;
mod mailbox_goes;
mod member_wishes;
mod members;
mod memberships;
mod new_mail;
mod online_half;
mod online_wish;
mod reassign;
mod rename;
mod reset_password;
mod same_person;
mod set_fields;
mod set_licenses;
mod set_password;
mod set_password_policy;
mod sign_in;
mod unassign;
mod unlock;
mod whom;

use serde::{Deserialize, Serialize};

use super::edit::{Edit, Edits};
use super::view::View;
use crate::accounts::R;
use crate::model::{GroupId, ObjectId, UserGuid};

pub use assign::Assign;
pub use carry_password::{CarryPassword, NOT_LINKED, OVERTAKEN, TEMPORARY};
pub use create_account::{CreateAccount, ExistingOnline};
pub use delete::{Delete, Restore};
pub use edit_addresses::{Addressee, EditAliases, SetPrimary};
pub use exchange::{AddressWish, WhichGroup};
pub use expire::Expire;
pub use groups::{ChangeGroup, CreateGroup, DeleteGroup};
pub use leavers_mailbox::{
    ConvertMailbox, ForwardMail, ForwardTo, HideMailbox, MailboxAccess, SetAutoReply,
};
pub use link::{Link, Relink, Unlink};
pub use member_wishes::{GroupWish, MemberWish};
pub use members::{AllMembers, EditMembers};
pub use memberships::EditMemberships;
pub use online_wish::{OnlineName, OnlineWish};
pub use reassign::Reassign;
pub use rename::Rename;
pub use reset_password::ResetPassword;
pub use set_fields::{LastDay, Manager, SetFields};
pub use set_licenses::SetLicenses;
pub use set_password::SetPassword;
pub use set_password_policy::SetPasswordPolicy;
pub use sign_in::{Disable, Enable, SignOut};
pub use unassign::Unassign;
pub use unlock::Unlock;
pub use whom::Whom;

/// A change's number within its plan, in the order of recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeNo(pub u32);

/// Whom a change is about: an identity, never a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A user, with or without online account.
    User(UserGuid),
    /// An online account without user.
    Online(ObjectId),
    /// Whoever that change makes.
    New(ChangeNo),
    /// A group.
    Group(GroupId),
    /// The directory itself.
    Directory,
}

/// How much harm a change can do, which decides how it is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Impact {
    /// Adds or changes something.
    Change,
    /// Takes something away that can be given back.
    Revoke,
    /// Destroys something.
    Destroy,
}

macro_rules! changes {
    ($($(#[$doc:meta])* $kind:ident;)*) => {
        /// One thing that the admin asked for on one subject.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "change", rename_all = "snake_case")]
        pub enum Change { $($(#[$doc])* $kind($kind),)* }

        impl Change {
            /// What the change means.
            pub fn intent(&self) -> &dyn Intent {
                match self { $(Self::$kind(change) => change,)* }
            }
        }
    };
}

changes! {
    /// A person gets a user, and usually an online account.
    CreateAccount;
    /// A user gets an online account.
    Assign;
    /// An unassigned account gets its licences back.
    Reassign;
    /// Licences are freed and sign-in is blocked; the link stays.
    Unassign;
    /// Sign-in is blocked on both halves.
    Disable;
    /// The last day is over: the online half is closed.
    Expire;
    /// Sign-in is allowed again.
    Enable;
    /// A locked user is open again.
    Unlock;
    /// Online sessions end.
    SignOut;
    /// A user and an online account become one.
    Link;
    /// They become two again.
    Unlink;
    /// The link is rebuilt from the side that knows it.
    Relink;
    /// Both halves go.
    Delete;
    /// Both halves come back.
    Restore;
    /// Other names.
    Rename;
    /// Values of fields.
    SetFields;
    /// Licences.
    SetLicenses;
    /// A temporary password.
    ResetPassword;
    /// A password that somebody has chosen.
    SetPassword;
    /// A password changed in the directory arrives online.
    CarryPassword;
    /// Aliases come and go.
    EditAliases;
    /// Another primary address.
    SetPrimary;
    /// A mailbox becomes a shared one, or a person's again.
    ConvertMailbox;
    /// Mail goes on to somebody else, or no longer.
    ForwardMail;
    /// A mailbox answers by itself, or no longer.
    SetAutoReply;
    /// Somebody else may open a mailbox, or no longer.
    MailboxAccess;
    /// Address lists leave a mailbox out, or show it again.
    HideMailbox;
    /// A group is made.
    CreateGroup;
    /// A group's properties become others.
    ChangeGroup;
    /// A group goes.
    DeleteGroup;
    /// People come into a group and leave it.
    EditMembers;
    /// A person comes into groups and leaves them.
    EditMemberships;
    /// Another level of the directory's password policy.
    SetPasswordPolicy;
}

impl Change {
    /// Whether it has an online side.
    pub fn touches_tenant(&self) -> bool {
        match self {
            Self::CreateAccount(change) => change.online.is_some() || change.existing.is_some(),
            Self::SetPassword(change) => !change.online_later,
            Self::SetPasswordPolicy(_) => false,
            _ => true,
        }
    }
}

impl Change {
    /// Whether the password that it sets is handed over in a letter: not one that the person has chosen.
    pub fn hands_over(&self) -> bool {
        !matches!(self, Self::SetPassword(_) | Self::CarryPassword(_))
    }
}

/// What a change means.
pub trait Intent {
    /// The person that a verb is about; a change that makes somebody has none.
    fn whom(&self) -> Option<&Whom> {
        None
    }

    /// Whom it is about, as far as it is known when recorded.
    fn subject(&self, no: ChangeNo) -> Subject {
        self.whom().map_or(Subject::New(no), |whom| whom.account)
    }

    /// The subject's name for people.
    fn label(&self) -> String {
        self.whom().map(|whom| whom.label.clone()).unwrap_or_default()
    }

    /// What it would make different, and any number of problems. Pure.
    fn effect(&self, no: ChangeNo, view: &View<'_>, out: &mut Edits) -> R<()>;

    /// How much harm it does, by what really changes.
    fn impact(&self, edits: &[Edit]) -> Impact;
}
