//! What an answer that isn't a success means.
//!
//! Graph says nearly every refusal with one code, so some are told apart by their text alone
//! (`graph.md §15`). Those texts stand in one table, [`TEXTS`]; a text that isn't in it makes
//! [`FaultKind::Other`], which nothing branches on.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

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
    /// An answer that isn't what Graph promises.
    #[error("the tenant's answer can't be understood")]
    BadAnswer,
    /// Anything else.
    #[error("the tenant refused")]
    Other,
}

/// What is known of a write that didn't succeed. For a read nothing is ever written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The tenant said no; nothing was written.
    Refused,
    /// The request didn't leave; nothing was written.
    NotSent,
    /// It may have been written.
    Unknown,
}

/// A call that didn't succeed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}{}{detail}", if .detail.is_empty() { "" } else { ": " })]
pub struct OnlineFault {
    /// What kind it is.
    pub kind: FaultKind,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// Graph's code, such as `Request_BadRequest`.
    pub code: Option<Box<str>>,
    /// The server's or the network's own words.
    pub detail: String,
    /// The id under which Microsoft's support finds the request.
    pub request_id: Option<Box<str>>,
    /// How long the tenant asks to wait.
    pub retry_after: Option<Duration>,
    outcome: Outcome,
}

impl OnlineFault {
    /// A fault that no answer describes.
    pub(super) fn new(kind: FaultKind, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            detail: detail.into(),
            request_id: None,
            retry_after: None,
            outcome,
        }
    }

    /// A setting or argument that can't be used.
    pub(super) fn setting(name: &str, detail: impl Into<String>) -> Self {
        let kind = FaultKind::InvalidValue { property: Some(name.to_owned()) };
        Self::new(kind, Outcome::NotSent, detail)
    }

    /// An answer to a read that isn't what Graph promises.
    pub(super) fn bad_answer(detail: impl Into<String>) -> Self {
        Self::new(FaultKind::BadAnswer, Outcome::Refused, detail)
    }

    /// The same fault of a request whose effect isn't known.
    pub(super) fn with_outcome(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }

    /// The same fault with the secret blotted out, should the server have repeated it.
    pub(super) fn without(mut self, secret: &str) -> Self {
        if !secret.is_empty() && self.detail.contains(secret) {
            self.detail = self.detail.replace(secret, "***");
        }
        self
    }

    /// What is known of the write.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// Whether it may go away by itself, so that asking again later makes sense.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            FaultKind::Throttled
                | FaultKind::Concurrency
                | FaultKind::Unavailable
                | FaultKind::Unreachable
                | FaultKind::OutcomeUnknown
        )
    }

    /// A name for the fault that never changes, for results and scripts.
    pub fn code_word(&self) -> &'static str {
        match self.kind {
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
            FaultKind::ReadOnly { .. } => "read_only",
            FaultKind::Synchronized => "synchronized",
            FaultKind::PermissionMissing => "permission_missing",
            FaultKind::SignIn { .. } => "sign_in",
            FaultKind::Throttled => "throttled",
            FaultKind::Concurrency => "concurrency",
            FaultKind::Unavailable => "unavailable",
            FaultKind::Unreachable => "unreachable",
            FaultKind::OutcomeUnknown => "outcome_unknown",
            FaultKind::BadAnswer => "bad_answer",
            FaultKind::Other => "other",
        }
    }

    /// What a person can do about it.
    pub fn advice(&self) -> Option<String> {
        let text = match &self.kind {
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
            FaultKind::ReadOnly { .. } => "Graph can't change it; Exchange Online may",
            FaultKind::Synchronized => "change it where the synchronisation comes from",
            FaultKind::PermissionMissing => {
                "grant the app registration the permission, with admin consent"
            }
            FaultKind::SignIn { aadsts, .. } => sign_in_advice(*aadsts),
            FaultKind::Throttled | FaultKind::Concurrency | FaultKind::Unavailable => {
                "try again later"
            }
            FaultKind::Unreachable => "check the network and the tenant's URLs in the profile",
            _ => return None,
        };
        Some(text.to_owned())
    }
}

/// What the table of `graph.md §2` says about a refused sign-in.
fn sign_in_advice(aadsts: Option<u32>) -> &'static str {
    match aadsts {
        Some(7_000_215) => {
            "the client secret is wrong; often it is the secret's id instead of its value"
        }
        Some(7_000_222) => "the client secret is expired: make a new one",
        Some(700_016) => "there is no such app in that tenant: check client id, tenant and cloud",
        Some(7_000_112) => "the app is disabled in the tenant",
        Some(90_002 | 900_023) => "there is no such tenant: check its name and the cloud",
        Some(65_001) => "an administrator of the tenant must consent to the app",
        _ => "check tenant, client id and client secret in the profile",
    }
}

/// An answer that isn't a success, as far as it matters here.
pub(super) struct Refused<'a> {
    pub(super) status: u16,
    pub(super) body: &'a [u8],
    pub(super) request_id: &'a str,
    pub(super) retry_after: Option<Duration>,
    pub(super) is_write: bool,
}

impl Refused<'_> {
    /// Reads Graph's error body (`graph.md §1`) and says what it means.
    pub(super) fn fault(&self) -> OnlineFault {
        let said = serde_json::from_slice::<ErrorBody>(self.body).map(|body| body.error).ok();
        OnlineFault {
            kind: kind(self.status, said.as_ref()),
            status: Some(self.status),
            code: said.as_ref().map(|said| said.code.clone().into_boxed_str()),
            detail: match said {
                Some(said) => said.message,
                None => format!("HTTP status {}", self.status),
            },
            request_id: Some(self.request_id.into()),
            retry_after: self.retry_after,
            outcome: self.outcome(),
        }
    }

    /// 503 is a refusal (`graph.md §13`); after other faults of a server or gateway nobody knows.
    fn outcome(&self) -> Outcome {
        match self.status {
            500 | 502 | 504.. if self.is_write => Outcome::Unknown,
            _ => Outcome::Refused,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: Said,
}

/// What Graph said.
#[derive(Deserialize)]
struct Said {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    target: Option<String>,
}

/// By status, then code, then the codes of details, and only then by text.
fn kind(status: u16, said: Option<&Said>) -> FaultKind {
    let code = said.map_or("", |said| said.code.as_str());
    match (status, code) {
        (401, _) => FaultKind::SignIn {
            error: if code.is_empty() { "unauthorized" } else { code }.to_owned(),
            aadsts: None,
        },
        (403, "Authorization_RequestDenied") => FaultKind::PermissionMissing,
        // Any other 404 is a wrong host or a proxy, and says nothing about an object.
        (404, "Request_ResourceNotFound") => FaultKind::NotFound,
        (409, "Directory_ConcurrencyViolation") => FaultKind::Concurrency,
        (429, _) => FaultKind::Throttled,
        (501, _) => FaultKind::Other,
        (500.., _) => FaultKind::Unavailable,
        (..400, _) => FaultKind::BadAnswer,
        (400 | 403, _) => said.and_then(refusal).unwrap_or(FaultKind::Other),
        _ => FaultKind::Other,
    }
}

fn refusal(said: &Said) -> Option<FaultKind> {
    by_details(said).or_else(|| by_text(&said.message))
}

fn by_details(said: &Said) -> Option<FaultKind> {
    said.details.iter().find_map(|detail| match detail.code.as_deref()? {
        "ObjectConflict" => Some(FaultKind::NameTaken {
            property: detail.target.clone().or_else(|| property_named(&said.message)),
        }),
        "MutuallyExclusiveViolation" => Some(FaultKind::LicensesExclude),
        "DependencyViolation" => Some(FaultKind::LicenseDependsOn),
        _ => None,
    })
}

fn by_text(message: &str) -> Option<FaultKind> {
    let lower = message.to_lowercase();
    TEXTS
        .iter()
        .find(|(words, _)| words.iter().all(|word| lower.contains(word)))
        .map(|(_, kind)| kind(message))
}

type Text = (&'static [&'static str], fn(&str) -> FaultKind);

/// The texts of `graph.md §4.2, §5, §6, §7.3, §8, §14, §15` that can't be told apart otherwise: all
/// the words, in lower case, that a message must contain, and what it then means. The first fits.
static TEXTS: &[Text] = &[
    (&["another object with the same value"], |text| FaultKind::NameTaken {
        property: property_named(text),
    }),
    (&["property netid is invalid"], |_| FaultKind::NameTaken {
        property: Some("netId".to_owned()),
    }),
    (&["proxy address is already being used"], |_| FaultKind::NameTaken {
        property: Some("proxyAddresses".to_owned()),
    }),
    (&["domain portion of the userprincipalname"], |_| FaultKind::DomainNotVerified),
    (&["does not comply with password complexity"], |_| FaultKind::PasswordRefused),
    (&["is read-only and cannot be set"], |text| FaultKind::ReadOnly {
        property: property_named(text),
    }),
    (&["on-premises mastered directory sync objects"], |_| FaultKind::Synchronized),
    (&["invalid usage location"], |_| FaultKind::NoUsageLocation),
    (&["subscription with sku", "does not have any available licenses"], |text| {
        FaultKind::NoSeatLeft { sku: first_guid(text).map(SkuId) }
    }),
    (&["mutually exclusive"], |_| FaultKind::LicensesExclude),
    (&["depends on the service plan"], |_| FaultKind::LicenseDependsOn),
    (&["user does not have a corresponding license"], |_| FaultKind::LicenseNotAssigned),
    (&["license is inherited from a group"], |_| FaultKind::LicenseInherited),
    (&["one of the objects being referenced don't exist"], |_| FaultKind::NotFound),
    (&["a value is required for property"], |text| FaultKind::InvalidValue {
        property: property_named(text),
    }),
    (&["invalid value specified for property"], |text| FaultKind::InvalidValue {
        property: property_named(text),
    }),
    (&["invalid object identifier"], |_| FaultKind::InvalidValue {
        property: Some("id".to_owned()),
    }),
    (&["one or more property values specified are invalid"], |_| FaultKind::InvalidValue {
        property: None,
    }),
    (&["property ", " is invalid."], |text| FaultKind::InvalidValue {
        property: property_named(text),
    }),
];

/// The word after "property", with or without quotes.
fn property_named(message: &str) -> Option<String> {
    let words: Vec<&str> = message.split_whitespace().collect();
    let word = words
        .windows(2)
        .find_map(|pair| pair.first()?.eq_ignore_ascii_case("property").then(|| pair.get(1))?)?;
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    (!word.is_empty()).then(|| word.to_owned())
}

fn first_guid(message: &str) -> Option<Uuid> {
    message
        .split(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .find_map(|word| (word.len() == 36).then(|| word.parse().ok()).flatten())
}
