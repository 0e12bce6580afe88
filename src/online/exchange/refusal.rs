//! Reading a refusal: Exchange hides what it means in one of several places (`exchange.md §7.1`), and
//! the HTTP status says little (§7.2). By the class of the exception first, then by the text.

use serde_json::Value;

use crate::online::http::Answer;
use crate::online::{FaultKind, OnlineFault, Outcome};

/// What was said, dug out of its place.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// The last part of the exception's type.
    class: String,
    text: String,
}

/// The fault that an answer other than a success means.
pub(super) fn fault(answer: &Answer, is_write: bool) -> OnlineFault {
    let body = serde_json::from_slice::<Value>(answer.body()).ok();
    let error = body.as_ref().and_then(|body| body.get("error")).filter(|error| error.is_object());
    let said = error.map(dig).unwrap_or_default();
    let kind = kind(answer.status, &said, error.is_some());
    let outcome = outcome(answer.status, &kind, &said, is_write);
    let says_all = matches!(kind, FaultKind::AddressTaken { address: Some(_), holder: Some(_) });
    let detail = if says_all {
        // Exchange's own sentence says the same once more.
        String::new()
    } else if !said.text.is_empty() {
        without_request_id(&said.text)
    } else if let Some(told) = &answer.diagnostics {
        told.to_string()
    } else {
        format!("HTTP status {}", answer.status)
    };
    OnlineFault {
        kind,
        status: Some(answer.status),
        code: (!said.class.is_empty()).then(|| said.class.into()),
        detail,
        request_id: Some(answer.request_id.clone()),
        retry_after: answer.retry_after,
        outcome,
    }
}

/// The fault inside an answer that calls itself a success (`exchange.md §5`, `@adminapi.errors`).
pub(super) fn inside_success(answer: &Answer, error: &Value) -> OnlineFault {
    let said = match error {
        Value::String(text) => said_by(text),
        error => dig(error),
    };
    let kind = kind(400, &said, true);
    OnlineFault {
        kind,
        status: Some(answer.status),
        code: (!said.class.is_empty()).then(|| said.class.into()),
        detail: said.text,
        request_id: Some(answer.request_id.clone()),
        retry_after: None,
        outcome: Outcome::Unknown,
    }
}

fn dig(error: &Value) -> Said {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let inner = &error["innererror"]["internalexception"];
    let in_details = error["details"][0]["message"].as_str().map(said_by).unwrap_or_default();
    let inner = Said { class: last_part(&text(&inner["type"])), text: text(&inner["message"]) };
    let only_names_a_type = inner.text.starts_with("Exception of type");
    let class = if in_details.class.is_empty() { inner.class } else { in_details.class };
    let text = if !in_details.text.is_empty() {
        in_details.text
    } else if !inner.text.is_empty() && !only_names_a_type {
        inner.text
    } else {
        text(&error["message"])
    };
    Said { class, text }
}

/// `id|type|text`, where the text may hold bars; or a JSON document.
fn said_by(message: &str) -> Said {
    if message.trim_start().starts_with('{')
        && let Ok(document) = serde_json::from_str::<Value>(message)
    {
        let member = |name: &str| document[name].as_str().unwrap_or_default();
        return Said { class: last_part(member("ClassName")), text: member("Message").to_owned() };
    }
    match message.splitn(3, '|').collect::<Vec<_>>()[..] {
        [_, class, text] => Said { class: last_part(class), text: text.to_owned() },
        _ => Said { class: String::new(), text: message.to_owned() },
    }
}

fn last_part(name: &str) -> String {
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Entra's own words inside the sentence around them (`exchange.md §7.3`, dual write).
fn without_request_id(text: &str) -> String {
    let text = match text.split_once("Detailed error message:") {
        Some((_, inner)) => inner,
        None => text,
    };
    text.split("[DualWrite").next().unwrap_or_default().trim().to_owned()
}

fn kind(status: u16, said: &Said, is_readable: bool) -> FaultKind {
    if let Some(kind) = by_class(said).or_else(|| by_text(said)) {
        return kind;
    }
    match status {
        401 => FaultKind::SignIn { error: "unauthorized".to_owned(), aadsts: None },
        // No role, or no such cmdlet for this caller; the body may be zeros.
        403 => FaultKind::PermissionMissing,
        429 => FaultKind::Throttled,
        // A cmdlet's failure says which it is; without one it is the server's.
        500.. if said.class.is_empty() => FaultKind::Unavailable,
        ..400 => FaultKind::BadAnswer,
        400.. if !is_readable => FaultKind::Unreadable,
        _ => FaultKind::Other,
    }
}

fn by_class(said: &Said) -> Option<FaultKind> {
    Some(match said.class.as_str() {
        "ManagementObjectNotFoundException" => FaultKind::NotFound,
        "ManagementObjectAmbiguousException" => FaultKind::Ambiguous,
        "MemberAlreadyExistsException" => FaultKind::AlreadyMember,
        "MemberNotFoundException" => FaultKind::NotMember,
        "ProxyAddressExistsException" => address_taken(&said.text),
        "ADObjectAlreadyExistsException" => {
            FaultKind::NameTaken { property: Some("Name".to_owned()) }
        }
        "NotAcceptedDomainException" => FaultKind::DomainNotAccepted,
        "ParameterTransformationException"
        | "ParameterBindingException"
        | "AmbiguousParameterSetException" => {
            FaultKind::InvalidValue { property: parameter_named(&said.text) }
        }
        "CmdletProxyException"
        | "ServerBusyException"
        | "TransientException"
        | "BackendCommunicationException" => FaultKind::Unavailable,
        _ => return None,
    })
}

type Text = (&'static [&'static str], fn(&str) -> FaultKind);

/// The texts of `exchange.md §7.3`: all the words, in lower case and with plain quotes, that a text
/// must contain. The first fits.
static TEXTS: &[Text] = &[
    (&["couldn't be found on"], |_| FaultKind::NotFound),
    (&["specified mailbox", "doesn't exist"], |_| FaultKind::NotFound),
    (&["couldn't find object"], |_| FaultKind::NotFound),
    (&["multiple recipients matching identity"], |_| FaultKind::Ambiguous),
    (&["is already a member of the group"], |_| FaultKind::AlreadyMember),
    (&["isn't a member of the group"], |_| FaultKind::NotMember),
    (&["already being used by the proxy addresses"], address_taken),
    (&["another object with the same value for property proxyaddresses"], address_taken),
    (&["emailaddresses is incorrect", "objectconflict"], address_taken),
    (&["not an accepted domain"], |_| FaultKind::DomainNotAccepted),
    (&["maximum number of proxy addresses"], |_| FaultKind::TooManyAddresses),
    (&["on-premises mastered directory sync objects"], |_| FaultKind::Synchronized),
    (&["being synchronized from your on-premises"], |_| FaultKind::Synchronized),
    (&["out of the current user's write scope"], |_| FaultKind::Synchronized),
    (&["executing user is not in the current organization"], |_| FaultKind::NotOwner),
    (&["queried reference-property objects are not present"], |_| FaultKind::TooNew),
    (&["externaldirectoryobjectid was not returned"], |_| FaultKind::AddressOfDeleted),
    (&["maximum number of concurrent requests per tenant"], |_| FaultKind::Throttled),
    (&["error on proxy command"], |_| FaultKind::Unavailable),
    (&["cmdletproxynotavailablefailure"], |_| FaultKind::Unavailable),
    (&["pagination request"], |_| FaultKind::PageExpired),
    (&["role assigned to application", "isn't supported"], |_| FaultKind::PermissionMissing),
    (&["not a valid smtp address"], |_| FaultKind::InvalidValue {
        property: Some("EmailAddresses".to_owned()),
    }),
    (&["the length of the property is too long"], |text| FaultKind::InvalidValue {
        property: text.rsplit_once(": ").map(|(_, name)| name.to_owned()),
    }),
    (&["already exists"], |_| FaultKind::NameTaken { property: Some("Name".to_owned()) }),
];

fn by_text(said: &Said) -> Option<FaultKind> {
    let text = said.text.to_lowercase().replace('\u{2019}', "'");
    let fits = |words: &&[&str]| words.iter().all(|word| text.contains(word));
    TEXTS.iter().find(|(words, _)| fits(words)).map(|(_, kind)| kind(&said.text))
}

/// `proxy address "SMTP:a@b" is already being used by … of "holder"`.
fn address_taken(text: &str) -> FaultKind {
    let mut quoted = text.split('"').skip(1).step_by(2);
    let address = quoted.next().map(|each| each.split_once(':').map_or(each, |(_, rest)| rest));
    // A directory path ends in the name.
    let holder = quoted.next().map(|each| each.rsplit('/').next().unwrap_or(each));
    FaultKind::AddressTaken { address: address.map(Into::into), holder: holder.map(Into::into) }
}

/// The parameter that is at fault: in quotes, or the last word.
fn parameter_named(text: &str) -> Option<String> {
    let quoted = text.split('\'').nth(1);
    let last = text.split_whitespace().next_back();
    quoted.or(last).map(str::to_owned)
}

/// A cmdlet that failed has written nothing; after a server's or gateway's fault nobody knows.
fn outcome(status: u16, kind: &FaultKind, said: &Said, is_write: bool) -> Outcome {
    let is_servers = matches!(status, 408 | 502 | 504..) && status != 503
        || status == 500 && (said.class.is_empty() || *kind == FaultKind::Unavailable);
    if is_write && is_servers { Outcome::Unknown } else { Outcome::Refused }
}

#[cfg(test)]
mod tests;
