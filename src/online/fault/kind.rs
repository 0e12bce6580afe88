//! The kinds of faults: their sentences, their names for scripts, and what to do about them.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::SkuId;

/// What kind of fault it is: what callers branch on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Another object has that value: a name, an address, an anchor.
    #[error("another object has the same {}", .property.as_deref().unwrap_or("name"))]
    NameTaken {
        /// Graph's name of the property.
        property: Option<String>,
    },
    /// There is no such object, or not yet (`graph.md §14`).
    #[error("the object does not exist, or is not visible yet")]
    NotFound,
    /// All seats are in use.
    #[error("no seat of the licence is left")]
    NoSeatLeft {
        /// Which licence, where the tenant says so.
        sku: Option<SkuId>,
    },
    /// An account without usage location takes no licence.
    #[error("the account has no usage location")]
    NoUsageLocation,
    /// Two licences have services that exclude each other.
    #[error("licences exclude each other")]
    LicensesExclude,
    /// A service needs another one that would be missing.
    #[error("a licence needs a service of another one")]
    LicenseDependsOn,
    /// A licence was to be taken away that the account doesn't have.
    #[error("the account does not have the licence")]
    LicenseNotAssigned,
    /// A licence was to be taken away that a group gives.
    #[error("the licence comes from a group")]
    LicenseInherited,
    /// Too weak, too short, or a word that the tenant bans.
    #[error("the tenant refuses the password")]
    PasswordRefused,
    /// The online ID's domain isn't one of the tenant's verified ones.
    #[error("the domain of the online ID is not verified")]
    DomainNotVerified,
    /// A value of a form that the property doesn't take, or a required one that is missing.
    #[error("the value of {} is refused", .property.as_deref().unwrap_or("a property"))]
    InvalidValue {
        /// Graph's name of the property, or the name of a setting.
        property: Option<String>,
    },
    /// A name that several go by.
    #[error("the name is that of several")]
    Ambiguous,
    /// Another recipient has the address.
    #[error("the address {} is held by {}", .address.as_deref().unwrap_or("asked for"), .holder.as_deref().unwrap_or("another object"))]
    AddressTaken {
        /// Which one.
        address: Option<Box<str>>,
        /// Who has it, where the tenant says so.
        holder: Option<Box<str>>,
    },
    /// A deleted object keeps the address until it is gone for good.
    #[error("a deleted object still has the address")]
    AddressOfDeleted,
    /// The address's domain isn't one of the tenant's accepted ones, or not yet.
    #[error("the domain of the address is not accepted")]
    DomainNotAccepted,
    /// More addresses than one object may have.
    #[error("too many addresses")]
    TooManyAddresses,
    /// The recipient is in the group already.
    #[error("is a member already")]
    AlreadyMember,
    /// The recipient isn't in the group.
    #[error("is not a member")]
    NotMember,
    /// Only an owner of the group may do that.
    #[error("only an owner of the group may do that")]
    NotOwner,
    /// The object was made just now, and not all of the tenant knows it.
    #[error("the object is too new")]
    TooNew,
    /// A long list changed or took too long while it was read.
    #[error("the list could not be read to its end")]
    PageExpired,
    /// Graph doesn't write that property.
    #[error("{} can't be written", .property.as_deref().unwrap_or("a property"))]
    ReadOnly {
        /// Graph's name of the property.
        property: Option<String>,
    },
    /// The account is run by directory synchronisation.
    #[error("the account is run by directory synchronisation")]
    Synchronized,
    /// The app registration lacks a permission or a role.
    #[error("the app registration lacks a permission")]
    PermissionMissing,
    /// No token, or one that Graph doesn't take.
    #[error("sign-in to the tenant failed")]
    SignIn {
        /// The error's name, such as `invalid_client`.
        error: String,
        /// Microsoft's number for it, such as 7000215.
        aadsts: Option<u32>,
    },
    /// Too many requests.
    #[error("the tenant asks to slow down")]
    Throttled,
    /// Two writes met at one object.
    #[error("another write to the tenant got in the way")]
    Concurrency,
    /// The service has a fault of its own.
    #[error("the tenant's service is not available")]
    Unavailable,
    /// No connection, or for a read no answer: nothing was written.
    #[error("the tenant can't be reached")]
    Unreachable,
    /// A write was sent, and no answer came.
    #[error("the tenant did not answer; whether it did what was asked is not known")]
    OutcomeUnknown,
    /// The tenant refused, but its answer broke off, or isn't Graph's: why isn't known.
    #[error("the tenant refused, and its reason can't be read")]
    Unreadable,
    /// An answer that isn't what Graph promises.
    #[error("the tenant's answer can't be understood")]
    BadAnswer,
    /// Anything else.
    #[error("the tenant refused")]
    Other,
}

impl FaultKind {
    /// A name for the fault that never changes, for results and scripts.
    pub(super) fn code_word(&self) -> &'static str {
        match self {
            FaultKind::NameTaken { .. } => "name_taken",
            FaultKind::NotFound => "not_found",
            FaultKind::NoSeatLeft { .. } => "no_seat_left",
            FaultKind::NoUsageLocation => "no_usage_location",
            FaultKind::LicensesExclude => "licenses_exclude",
            FaultKind::LicenseDependsOn => "license_depends_on",
            FaultKind::LicenseNotAssigned => "license_not_assigned",
            FaultKind::LicenseInherited => "license_inherited",
            FaultKind::PasswordRefused => "password_refused",
            FaultKind::DomainNotVerified => "domain_not_verified",
            FaultKind::InvalidValue { .. } => "invalid_value",
            FaultKind::Ambiguous => "ambiguous",
            FaultKind::AddressTaken { .. } => "address_taken",
            FaultKind::AddressOfDeleted => "address_of_deleted",
            FaultKind::DomainNotAccepted => "domain_not_accepted",
            FaultKind::TooManyAddresses => "too_many_addresses",
            FaultKind::AlreadyMember => "already_member",
            FaultKind::NotMember => "not_member",
            FaultKind::NotOwner => "not_owner",
            FaultKind::TooNew => "too_new",
            FaultKind::PageExpired => "page_expired",
            FaultKind::ReadOnly { .. } => "read_only",
            FaultKind::Synchronized => "synchronized",
            FaultKind::PermissionMissing => "permission_missing",
            FaultKind::SignIn { .. } => "sign_in",
            FaultKind::Throttled => "throttled",
            FaultKind::Concurrency => "concurrency",
            FaultKind::Unavailable => "unavailable",
            FaultKind::Unreachable => "unreachable",
            FaultKind::OutcomeUnknown => "outcome_unknown",
            FaultKind::Unreadable => "unreadable",
            FaultKind::BadAnswer => "bad_answer",
            FaultKind::Other => "other",
        }
    }

    /// What a person can do about it.
    pub(super) fn advice(&self) -> Option<&'static str> {
        Some(match self {
            FaultKind::NameTaken { .. } => "choose another name, or find out who has this one",
            FaultKind::NoSeatLeft { .. } => "buy seats, or take the licence from somebody else",
            FaultKind::NoUsageLocation => "set a usage location, such as DE",
            FaultKind::LicensesExclude => "give only one of them, or leave the doubled service out",
            FaultKind::LicenseDependsOn => "give or keep the licence it needs as well",
            FaultKind::LicenseInherited => "take the account out of the group that gives it",
            FaultKind::PasswordRefused => {
                "choose a longer one that is no common word with small changes"
            }
            FaultKind::DomainNotVerified => "use a verified domain of the tenant",
            FaultKind::Ambiguous => "name it by its address",
            FaultKind::AddressTaken { .. } => {
                "take it from whoever has it; a freed address stays refused for up to an hour"
            }
            FaultKind::AddressOfDeleted => {
                "delete that object for good, restore it, or choose another address"
            }
            FaultKind::DomainNotAccepted => {
                "use an accepted domain; one verified just now takes some minutes"
            }
            FaultKind::TooManyAddresses => "remove some first",
            FaultKind::ReadOnly { .. } => "Graph can't change it; Exchange Online may",
            FaultKind::Synchronized => "change it where the synchronisation comes from",
            FaultKind::PermissionMissing => {
                "grant the app registration the permission, with admin consent"
            }
            FaultKind::SignIn { aadsts, .. } => sign_in_advice(*aadsts),
            FaultKind::Throttled
            | FaultKind::Concurrency
            | FaultKind::Unavailable
            | FaultKind::TooNew
            | FaultKind::PageExpired => "try again later",
            FaultKind::Unreachable => "check the network and the tenant's URLs in the profile",
            FaultKind::Unreadable => {
                "check what stands between here and the tenant, such as a proxy, and the tenant's \
                 URLs in the profile"
            }
            _ => return None,
        })
    }
}

/// What the table of `graph.md §2` says about a refused sign-in.
fn sign_in_advice(aadsts: Option<u32>) -> &'static str {
    match aadsts {
        Some(7_000_215) => {
            "the client secret is wrong; often it is the secret's id instead of its value"
        }
        Some(700_027) => {
            "the certificate is not registered with the app: upload its public part there"
        }
        Some(700_024) => {
            "set this machine's clock: the signed statement counts as too old or too new"
        }
        Some(7_000_222) => "the client secret is expired: make a new one",
        Some(700_016) => "there is no such app in that tenant: check client id, tenant and cloud",
        Some(7_000_112) => "the app is disabled in the tenant",
        Some(90_002 | 900_023) => "there is no such tenant: check its name and the cloud",
        Some(65_001) => "an administrator of the tenant must consent to the app",
        _ => "check tenant, client id and credential in the profile",
    }
}
