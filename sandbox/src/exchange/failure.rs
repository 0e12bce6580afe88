//! Every way Exchange says no (`exchange.md` §7.3), and where it hides what it says (§7.1).
//!
//! One constructor a case, so that a text stands once.

use serde_json::{Value, json};
use uuid::Uuid;

use super::behavior::Refusals;
use crate::call::{Content, Reply};
use crate::refusal::Refusal;

const TASKS: &str = "Microsoft.Exchange.Configuration.Tasks.";
const MODEL: &str = "Microsoft.Exchange.Configuration.ObjectModel.";
const MANAGEMENT: &str = "Microsoft.Exchange.Management.Tasks.";
const DUAL_WRITE: &str = "Microsoft.Exchange.Configuration.DualWrite.LocStrings.";
const SERVER: &str = "SANDBOXDC01.PROD.OUTLOOK.COM";

/// A command that Exchange refuses.
#[derive(Debug)]
pub(super) enum Failure {
    /// The cmdlet ran, and failed.
    Cmdlet { status: u16, id: &'static str, exception: String, text: String },
    /// The cmdlet couldn't be called so: `Invalid Operation`, no `details`.
    Binding { exception: &'static str, text: String },
    /// 403: no role, or no such cmdlet.
    Forbidden,
    /// Not of Exchange's making.
    Other(Refusal),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(error.into())
    }
}

impl Failure {
    fn cmdlet(
        status: u16,
        prefix: &str,
        class: &str,
        id: &'static str,
        text: impl Into<String>,
    ) -> Self {
        Self::Cmdlet { status, id, exception: format!("{prefix}{class}"), text: text.into() }
    }

    pub(super) fn not_found(identity: &str) -> Self {
        let text = format!(
            "The operation couldn't be performed because object '{identity}' couldn't be found on '{SERVER}'."
        );
        Self::cmdlet(404, TASKS, "ManagementObjectNotFoundException", "Ex6F9304", text)
    }

    /// As cmdlets about permissions say it.
    pub(super) fn no_such_mailbox(identity: &str) -> Self {
        let text = format!("The specified mailbox Identity:\"{identity}\" doesn't exist.");
        Self::cmdlet(404, TASKS, "ManagementObjectNotFoundException", "Ex41BAF5", text)
    }

    pub(super) fn no_such_member(identity: &str) -> Self {
        let text = format!(
            "Couldn't find object \"{identity}\". Please make sure that it was spelled correctly or specify a different object."
        );
        Self::cmdlet(404, TASKS, "ManagementObjectNotFoundException", "", text)
    }

    pub(super) fn ambiguous(identity: &str) -> Self {
        let text = format!(
            "There are multiple recipients matching identity \"{identity}\". Please specify a unique value."
        );
        Self::cmdlet(500, TASKS, "ManagementObjectAmbiguousException", "", text)
    }

    pub(super) fn already_member(member: &str, group: &str) -> Self {
        let text =
            format!("The recipient \"{member}\" is already a member of the group \"{group}\".");
        Self::cmdlet(400, MANAGEMENT, "MemberAlreadyExistsException", "", text)
    }

    pub(super) fn not_member(member: &str, group: &str) -> Self {
        let text = format!("The recipient \"{member}\" isn't a member of the group \"{group}\".");
        Self::cmdlet(400, MANAGEMENT, "MemberNotFoundException", "", text)
    }

    pub(super) fn address_taken(address: &str, holder: &str) -> Self {
        let text = format!(
            "The proxy address \"SMTP:{address}\" is already being used by the proxy addresses or LegacyExchangeDN of \"{holder}\". Please choose another proxy address."
        );
        Self::cmdlet(409, MODEL, "ProxyAddressExistsException", "", text)
    }

    pub(super) fn name_taken(name: &str) -> Self {
        let text = format!(
            "The object 'CN={name},OU=contoso.onmicrosoft.com,OU=Microsoft Exchange Hosted Organizations' already exists."
        );
        Self::cmdlet(
            400,
            "Microsoft.Exchange.Data.Directory.",
            "ADObjectAlreadyExistsException",
            "",
            text,
        )
    }

    pub(super) fn domain_not_accepted() -> Self {
        let text =
            "You can't use the domain because it's not an accepted domain for your organization.";
        Self::cmdlet(400, MODEL, "NotAcceptedDomainException", "", text)
    }

    /// Data that the cmdlet's own validation doesn't take; the texts are ours (§7.3, unconfirmed).
    pub(super) fn invalid_data(text: impl Into<String>) -> Self {
        Self::cmdlet(400, "Microsoft.Exchange.Data.", "DataValidationException", "", text)
    }

    /// Something Entra refused when Exchange passed the write on.
    pub(super) fn entra(detail: &str) -> Self {
        let text = format!(
            "An Azure Active Directory call was made to keep object in sync between Azure Active Directory and Exchange Online. However, it failed. Detailed error message: \n\t{detail} [DualWrite (Graph) RequestId: {}]\nThe issue may be transient and please retry a couple of minutes later. If issue persists, please see exception members for more information.",
            Uuid::new_v4()
        );
        Self::cmdlet(400, DUAL_WRITE, "UnableToWriteToAadException", "", text)
    }

    pub(super) fn held_by_deleted() -> Self {
        Self::cmdlet(
            400,
            MANAGEMENT,
            "RecipientTaskException",
            "",
            "ExternalDirectoryObjectId was not returned.",
        )
    }

    pub(super) fn synchronized(cmdlet: &str, property: &str, name: &str) -> Self {
        let what = if cmdlet.contains("Group") { "group" } else { "mailbox" };
        let text = format!(
            "The operation on {what} \"{name}\" failed because it's out of the current user's write scope. The action '{cmdlet}', '{property}', can't be performed on the object '{name}' because the object is being synchronized from your on-premises organization. This action should be performed on the object in your on-premises organization."
        );
        Self::cmdlet(400, TASKS, "InvalidOperationException", "", text)
    }

    pub(super) fn not_an_owner() -> Self {
        let text = "You don't have sufficient permissions. This operation can only be performed by a manager of the group: the executing user is not in the current organization.";
        Self::cmdlet(400, MANAGEMENT, "OperationRequiresGroupManagerException", "", text)
    }

    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self::cmdlet(400, MANAGEMENT, "RecipientTaskException", "", text)
    }

    pub(super) fn proxy() -> Self {
        let text = "Error on proxy command 'CmdletProxyNotAvailableFailure'.";
        Self::cmdlet(500, "Microsoft.Exchange.Configuration.", "CmdletProxyException", "", text)
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::Binding {
            exception: "AmbiguousParameterSetException",
            text: format!(
                "Parameter set cannot be resolved using the specified named parameters. Invalid cmdlet parameters specified. {name}"
            ),
        }
    }

    pub(super) fn wrong_value(name: &str, known: &[&str]) -> Self {
        let known = if known.is_empty() {
            String::new()
        } else {
            format!(" Specify one of the following names: {}.", known.join(", "))
        };
        Self::Binding {
            exception: "ParameterTransformationException",
            text: format!("Cannot process argument transformation on parameter '{name}'.{known}"),
        }
    }

    pub(super) fn missing_parameter(name: &str) -> Self {
        Self::Binding {
            exception: "ParameterBindingException",
            text: format!(
                "Cannot bind argument to parameter '{name}' because it is null or missing."
            ),
        }
    }

    /// 400 about the body itself.
    pub(super) fn misshapen(text: &str) -> Self {
        Self::Other(Refusal::new(400, "BadRequest", text))
    }

    pub(super) fn expired_page() -> Self {
        Self::Other(Refusal::new(
            400,
            "BadRequest",
            "The pagination request is expired or invalid. Pages must be requested within 30 minutes.",
        ))
    }

    /// The answer that a failure becomes.
    pub(super) fn into_reply(self, style: Refusals, bare_forbidden: bool) -> Reply {
        let odata = "Microsoft.Exchange.Admin.OData.Core.ODataServiceException";
        match self {
            Self::Forbidden => {
                let mut reply = Reply { status: 403, headers: Vec::new(), content: Content::None };
                if bare_forbidden {
                    reply.content = Content::Text("\0".repeat(32));
                    reply.headers.push(("Content-Encoding", "gzip".to_owned()));
                }
                reply
            }
            Self::Other(refusal) => {
                let error = json!({ "code": refusal.code, "message": refusal.message });
                Reply {
                    headers: refusal.headers,
                    ..Reply::json(refusal.status, json!({ "error": error }))
                }
            }
            Self::Binding { exception, text } => {
                let error = json!({
                    "code": "BadRequest", "message": "Invalid Operation",
                    "innererror": { "message": "Invalid Operation", "type": odata, "internalexception": { "message": text, "type": exception, "stacktrace": "" } },
                });
                Reply::json(400, json!({ "error": error }))
            }
            Self::Cmdlet { status, id, exception, text } => {
                let mut error = json!({
                    "code": word(status), "message": "Error executing cmdlet",
                    "innererror": {
                        "message": "Error executing cmdlet", "type": odata, "stacktrace": "   at Microsoft.Exchange.Admin",
                        "internalexception": { "message": text, "type": exception, "stacktrace": "   at Microsoft.Exchange" },
                    },
                    "adminapi.warnings@odata.type": "#Collection(String)",
                    "@adminapi.warnings": [],
                });
                if let Some(message) = detail(style, id, &exception, &text) {
                    error["details"] =
                        json!([{ "code": "Client", "target": "", "message": message }]);
                    error["innererror"]["internalexception"]["message"] =
                        json!(format!("Exception of type '{exception}' was thrown."));
                }
                let mut reply = Reply::json(status, json!({ "error": error }));
                reply.headers.push(("x-ExceptionType", exception));
                reply
            }
        }
    }
}

fn detail(style: Refusals, id: &str, exception: &str, text: &str) -> Option<String> {
    match style {
        Refusals::Plain => Some(format!("{id}|{exception}|{text}")),
        Refusals::Json => {
            let document: Value = json!({
                "ClassName": exception, "Message": text, "localizedString": { "stringId": id },
            });
            Some(document.to_string())
        }
        Refusals::Inner => None,
    }
}

fn word(status: u16) -> &'static str {
    match status {
        404 => "NotFound",
        409 => "Conflict",
        500 => "InternalServerError",
        503 => "ServiceUnavailable",
        _ => "BadRequest",
    }
}
