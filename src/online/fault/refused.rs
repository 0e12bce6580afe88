//! Reading a refusal: from status, code and text to a [`FaultKind`].
//!
//! Graph says nearly every refusal with one code, so some are told apart by their text alone
//! (`graph.md §15`). Those texts stand in one table, [`TEXTS`]; a text that isn't in it makes
//! [`FaultKind::Other`], which nothing branches on.

use std::time::Duration;

use serde::Deserialize;
use uuid::Uuid;

use super::{FaultKind, OnlineFault, Outcome};
use crate::model::SkuId;

/// An answer that isn't a success, as far as it matters here.
pub(in crate::online) struct Refused<'a> {
    pub(in crate::online) status: u16,
    pub(in crate::online) body: &'a [u8],
    pub(in crate::online) request_id: &'a str,
    pub(in crate::online) retry_after: Option<Duration>,
    pub(in crate::online) is_write: bool,
}

impl Refused<'_> {
    /// Reads Graph's error body (`graph.md §1`) and says what it means.
    pub(in crate::online) fn fault(&self) -> OnlineFault {
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
            408 | 500 | 502 | 504.. if self.is_write => Outcome::Unknown,
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
        // Any other 404 says nothing about an object.
        (404, "Request_ResourceNotFound") => FaultKind::NotFound,
        (409, "Directory_ConcurrencyViolation") => FaultKind::Concurrency,
        (429, _) => FaultKind::Throttled,
        (501, _) => FaultKind::Other,
        (500.., _) => FaultKind::Unavailable,
        (..400, _) => FaultKind::BadAnswer,
        // It broke off on its way, or a proxy or a wrong host said it.
        (400..500, _) if said.is_none() => FaultKind::Unreadable,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fault_of(status: u16, body: &str) -> OnlineFault {
        let body = body.as_bytes();
        Refused { status, body, request_id: "r-1", retry_after: None, is_write: true }.fault()
    }

    fn kind_of(status: u16, code: &str, message: &str) -> FaultKind {
        let body = serde_json::json!({ "error": { "code": code, "message": message } });
        fault_of(status, &body.to_string()).kind
    }

    #[test]
    fn every_text_of_the_catalogue_is_told_apart() {
        let sku = "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46";
        let (a, b) =
            ("fe71d6c3-a2ea-4499-9778-da042bf08063", "5dbe027f-2339-4123-9542-606e4d348a72");
        for (text, kind) in [
            (
                "Another object with the same value for property userPrincipalName already exists.",
                FaultKind::NameTaken { property: Some("userPrincipalName".to_owned()) },
            ),
            (
                "Another object with the same value for property proxyAddresses already exists.",
                FaultKind::NameTaken { property: Some("proxyAddresses".to_owned()) },
            ),
            (
                "Property netId is invalid.",
                FaultKind::NameTaken { property: Some("netId".to_owned()) },
            ),
            (
                "The domain portion of the userPrincipalName property is invalid. You must use one \
                 of the verified domain names in your organization.",
                FaultKind::DomainNotVerified,
            ),
            (
                "Property userPrincipalName is invalid.",
                FaultKind::InvalidValue { property: Some("userPrincipalName".to_owned()) },
            ),
            (
                "Invalid value specified for property 'mailNickname' of resource 'User'.",
                FaultKind::InvalidValue { property: Some("mailNickname".to_owned()) },
            ),
            (
                "A value is required for property 'displayName' of resource 'User'.",
                FaultKind::InvalidValue { property: Some("displayName".to_owned()) },
            ),
            (
                "The specified password does not comply with password complexity requirements. \
                 Please provide a different password.",
                FaultKind::PasswordRefused,
            ),
            (
                "Property 'proxyAddresses' is read-only and cannot be set.",
                FaultKind::ReadOnly { property: Some("proxyAddresses".to_owned()) },
            ),
            (
                "Unable to update the specified properties for on-premises mastered Directory Sync \
                 objects or objects currently undergoing migration.",
                FaultKind::Synchronized,
            ),
            (
                "License assignment cannot be done for user with invalid usage location.",
                FaultKind::NoUsageLocation,
            ),
            (
                &format!("Subscription with SKU {sku} does not have any available licenses."),
                FaultKind::NoSeatLeft { sku: sku.parse().ok() },
            ),
            (
                &format!(
                    "License assignment failed because service plans {a}, {b} are mutually exclusive."
                ),
                FaultKind::LicensesExclude,
            ),
            (
                &format!(
                    "License assignment failed because service plan {a} depends on the service \
                     plan(s) {b}."
                ),
                FaultKind::LicenseDependsOn,
            ),
            ("User does not have a corresponding license.", FaultKind::LicenseNotAssigned),
            (
                "User license is inherited from a group membership and it cannot be removed \
                 directly from the user.",
                FaultKind::LicenseInherited,
            ),
            (
                "The source resource object or one of the objects being referenced don't exist.",
                FaultKind::NotFound,
            ),
            (
                "Invalid object identifier 'x'.",
                FaultKind::InvalidValue { property: Some("id".to_owned()) },
            ),
            (
                "One or more property values specified are invalid.",
                FaultKind::InvalidValue { property: None },
            ),
        ] {
            assert_eq!(kind_of(400, "Request_BadRequest", text), kind, "{text}");
        }
    }

    #[test]
    fn a_text_nobody_knows_is_branched_on_by_nobody() {
        assert_eq!(kind_of(400, "Request_BadRequest", "Something new."), FaultKind::Other);
        assert_eq!(kind_of(403, "Directory_QuotaExceeded", "Too many owners."), FaultKind::Other);
        assert_eq!(kind_of(418, "Teapot", "Property x is invalid."), FaultKind::Other);
    }

    #[test]
    fn status_and_code_go_before_the_text() {
        for (status, code, kind) in [
            (403, "Authorization_RequestDenied", FaultKind::PermissionMissing),
            (404, "Request_ResourceNotFound", FaultKind::NotFound),
            (404, "UnknownHost", FaultKind::Other),
            (409, "Directory_ConcurrencyViolation", FaultKind::Concurrency),
            (429, "activityLimitReached", FaultKind::Throttled),
            (503, "ServiceNotAvailable", FaultKind::Unavailable),
            (501, "NotImplemented", FaultKind::Other),
            (302, "", FaultKind::BadAnswer),
        ] {
            assert_eq!(kind_of(status, code, "User does not have a corresponding license."), kind);
        }
    }

    #[test]
    fn a_conflict_is_known_by_its_details_whatever_the_text_says() {
        let fault = fault_of(
            400,
            r#"{"error": {"code": "Request_BadRequest", "message": "Ein Konflikt.", "details": [
                {"code": "ObjectConflict", "target": "userPrincipalName"}]}}"#,
        );
        assert_eq!(
            fault.kind,
            FaultKind::NameTaken { property: Some("userPrincipalName".to_owned()) }
        );
        assert_eq!(
            fault.to_string(),
            "another object has the same userPrincipalName: Ein Konflikt."
        );
    }

    #[test]
    fn after_a_gateway_fault_nobody_knows_whether_a_write_was_done() {
        assert_eq!(fault_of(504, "<html>").outcome(), Outcome::Unknown);
        assert_eq!(fault_of(408, "<html>").outcome(), Outcome::Unknown);
        assert_eq!(fault_of(500, "").outcome(), Outcome::Unknown);
        assert_eq!(fault_of(503, "").outcome(), Outcome::Refused);
        assert_eq!(fault_of(501, "").outcome(), Outcome::Refused);
        assert_eq!(fault_of(400, "").outcome(), Outcome::Refused);
    }

    #[test]
    fn a_refusal_without_graphs_body_says_nothing_but_that_nothing_was_done() {
        for status in [400, 403, 404, 409, 424] {
            for body in ["", r#"{"error": {"code": "Requ"#, "<html>no such page</html>", "[]"] {
                let fault = fault_of(status, body);
                assert_eq!(
                    (&fault.kind, fault.outcome()),
                    (&FaultKind::Unreadable, Outcome::Refused)
                );
                assert!(fault.is_transient() && fault.detail == format!("HTTP status {status}"));
            }
        }
    }

    #[test]
    fn a_status_that_says_enough_needs_no_body() {
        assert_eq!(fault_of(429, "<html>").kind, FaultKind::Throttled);
        assert_eq!(fault_of(401, "").code_word(), "sign_in");
        assert_eq!(fault_of(501, "").kind, FaultKind::Other);
    }

    #[test]
    fn a_fault_survives_the_journal() {
        let kind = FaultKind::NameTaken { property: Some("mail".to_owned()) };
        let json = serde_json::to_string(&kind).unwrap();
        assert_eq!(json, r#"{"name_taken":{"property":"mail"}}"#);
        assert_eq!(serde_json::from_str::<FaultKind>(&json).unwrap(), kind);
    }
}
