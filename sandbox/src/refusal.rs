//! Every way Graph says no: status, code, text and details (`graph.md` §15).
//!
//! One constructor a case, so that a text stands once. Turning a refusal into bytes is `reply.rs`'s.

use serde_json::{Value, json};

/// A request that Graph refuses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// The `details` member; empty when the body has none.
    pub(crate) details: Vec<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 400 `Request_BadRequest`, the code of nearly every refusal.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "Request_BadRequest", message)
    }

    /// 400 for a URL that can't be understood.
    pub(crate) fn malformed_url(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    pub(crate) fn unknown_segment(segment: &str) -> Self {
        Self::malformed_url(format!("Resource not found for the segment '{segment}'."))
    }

    pub(crate) fn unknown_property_in_select(name: &str, type_name: &str) -> Self {
        Self::malformed_url(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type '{type_name}'."
        ))
    }

    pub(crate) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    pub(crate) fn needs_advanced(operator: &str) -> Self {
        Self::unsupported_query(format!(
            "Operator '{operator}' is not supported because the required parameters might be missing. Try adding $count=true query parameter and ConsistencyLevel:eventual header."
        ))
    }

    pub(crate) fn unsupported_clause(property: &str, resource: &str) -> Self {
        Self::unsupported_query(format!(
            "Unsupported or invalid query filter clause specified for property '{property}' of resource '{resource}'."
        ))
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    pub(crate) fn value_required(property: &str, resource: &str) -> Self {
        Self::bad_request(format!(
            "A value is required for property '{property}' of resource '{resource}'."
        ))
    }

    pub(crate) fn invalid_value(property: &str, resource: &str) -> Self {
        Self::bad_request(format!(
            "Invalid value specified for property '{property}' of resource '{resource}'."
        ))
    }

    pub(crate) fn invalid_property(property: &str) -> Self {
        Self::bad_request(format!("Property {property} is invalid."))
    }

    pub(crate) fn read_only(property: &str) -> Self {
        Self::bad_request(format!("Property '{property}' is read-only and cannot be set."))
    }

    pub(crate) fn unknown_property(name: &str, type_name: &str) -> Self {
        Self::bad_request(format!(
            "The property '{name}' does not exist on type '{type_name}'. Make sure to only use property names that are defined by the type."
        ))
    }

    /// 400 with `ObjectConflict` in the details, and not 409 (`graph.md` §4.2).
    pub(crate) fn conflict(property: &str) -> Self {
        let message =
            format!("Another object with the same value for property {property} already exists.");
        let details =
            vec![json!({ "code": "ObjectConflict", "message": message, "target": property })];
        Self { details, ..Self::bad_request(message) }
    }

    pub(crate) fn domain_not_verified() -> Self {
        Self::bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.",
        )
    }

    pub(crate) fn weak_password() -> Self {
        Self::bad_request(
            "The specified password does not comply with password complexity requirements. Please provide a different password.",
        )
    }

    pub(crate) fn synchronized() -> Self {
        Self::bad_request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
        )
    }

    pub(crate) fn not_an_identifier(text: &str) -> Self {
        Self::bad_request(format!("Invalid object identifier '{text}'."))
    }

    pub(crate) fn not_found(name: &str) -> Self {
        Self::new(
            404,
            "Request_ResourceNotFound",
            format!(
                "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    pub(crate) fn denied() -> Self {
        Self::new(
            403,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message).with_header(
            "WWW-Authenticate",
            r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000""#,
        )
    }

    pub(crate) fn outside_the_directory() -> Self {
        Self::new(501, "NotImplemented", "This operation target is not yet supported.")
    }

    pub(crate) fn concurrent_writes() -> Self {
        Self::new(
            409,
            "Directory_ConcurrencyViolation",
            "Your request cannot be completed due to concurrent requests made to the same tenant. Please wait and try again.",
        )
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(503, "ServiceNotAvailable", "The service is temporarily unavailable.")
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "InternalServerError", message)
    }

    /// A member of `details` with `code`, which licence refusals may add (`graph.md` §7.3).
    pub(crate) fn with_detail(mut self, code: &str) -> Self {
        self.details.push(json!({ "code": code, "message": self.message }));
        self
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(format!("the tenant's state can't be used: {error}"))
    }
}

impl From<serde_json::Error> for Refusal {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("the tenant's state is damaged: {error}"))
    }
}
