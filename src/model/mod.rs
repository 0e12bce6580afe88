//! Plain types and rules about one value, without I/O and without knowledge of any other layer.
//!
//! What belongs here: names, ids, the fields of a person, both halves of an account, status and how
//! it follows from facts, password policies, [`Problem`]. What doesn't: anything that reads or
//! writes (`directory`, `online`), rules over many values (`plan/check`), how things are shown
//! (`table`).
//!
//! To add a field of a person: one line in [`field::FIELDS`] and one variant of [`Field`].

mod account;
mod auto_reply;
mod country;
mod details;
mod domain;
mod email_address;
pub mod field;
mod group;
mod guid;
mod license;
mod mail_addresses;
mod mailbox;
mod names;
mod nearest;
mod online_account;
mod online_id;
mod origin;
mod password_home;
mod password_policy;
mod password_state;
mod problem;
mod recipient;
mod secret;
mod status;
mod user;

pub use account::Account;
pub use auto_reply::{AutoReply, ReplyAudience};
pub use country::{CountryCode, UnknownCountry};
pub use details::Details;
pub use domain::{Authentication, Domain, DomainName};
pub use email_address::EmailAddress;
pub use field::Field;
pub use group::Group;
pub use guid::{Anchor, GroupId, ObjectId, RecipientId, ServiceId, SkuId, TenantId, UserGuid};
pub use license::{
    AssignedLicense, License, LicenseName, Service, SubscriptionState, gives_mailbox,
};
pub use mail_addresses::MailAddresses;
pub use mailbox::Mailbox;
pub use names::{InvalidName, UserName};
pub use nearest::nearest;
pub use online_account::{DeletedAccount, OnlineAccount, UserType};
pub use online_id::OnlineId;
pub use origin::{Origin, SourceFile};
pub use password_home::PasswordHome;
pub use password_policy::{PasswordPolicy, PasswordRule};
pub use password_state::{
    CLOCK_SLACK, PasswordBook, PasswordNote, PasswordOwner, PasswordRefusal, PasswordState,
    SentPassword,
};
pub use problem::{Problem, Severity};
pub use recipient::{Recipient, RecipientKind};
pub use secret::Secret;
pub use status::{InactiveReason, Status, mailbox_remark};
pub use user::{AccessLevel, DeletedUser, Remembered, SetApart, User};
