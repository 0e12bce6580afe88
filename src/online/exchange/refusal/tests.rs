//! Each failure of `exchange.md §7.3`, from each of the places where it may stand.

use serde_json::json;

use super::*;

fn said(class: &str, text: &str) -> FaultKind {
    let message = format!("|Microsoft.Exchange.{class}|{text}");
    let plain =
        dig(&json!({ "message": "Error executing cmdlet", "details": [{ "message": message }] }));
    let document =
        json!({ "ClassName": format!("Microsoft.{class}"), "Message": text }).to_string();
    let hidden = dig(&json!({ "message": "Error", "details": [{ "message": document }] }));
    let inner =
        json!({ "internalexception": { "type": format!("Microsoft.{class}"), "message": text } });
    let inner = dig(&json!({ "message": "Invalid Operation", "innererror": inner }));
    assert_eq!((&plain, &plain), (&hidden, &inner), "the place makes no difference");
    kind(400, &plain, true)
}

#[test]
fn every_failure_of_the_table_is_told_apart() {
    let taken = |address: Option<&str>, holder: Option<&str>| FaultKind::AddressTaken {
        address: address.map(Into::into),
        holder: holder.map(Into::into),
    };
    let value = |name: &str| FaultKind::InvalidValue { property: Some(name.to_owned()) };
    let name = FaultKind::NameTaken { property: Some("Name".to_owned()) };
    let wrapped = "An Azure Active Directory call was made … Detailed error message: \n\tUnable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration. [DualWrite (Graph) RequestId: 1] The issue may be transient";
    for (class, text, wanted) in [
        ("ManagementObjectNotFoundException", "x", FaultKind::NotFound),
        (
            "E",
            "The operation couldn\u{2019}t be performed because object 'x' couldn\u{2019}t be found on 'DC'.",
            FaultKind::NotFound,
        ),
        ("E", "The specified mailbox Identity:\"x\" doesn't exist.", FaultKind::NotFound),
        ("E", "Couldn't find object \"x\". Please make sure", FaultKind::NotFound),
        ("E", "There are multiple recipients matching identity \"x\".", FaultKind::Ambiguous),
        ("MemberAlreadyExistsException", "x", FaultKind::AlreadyMember),
        (
            "E",
            "The recipient \"a\" is already a member of the group \"b\".",
            FaultKind::AlreadyMember,
        ),
        ("MemberNotFoundException", "x", FaultKind::NotMember),
        (
            "ProxyAddressExistsException",
            "The proxy address \"SMTP:a@contoso.com\" is already being used by the proxy addresses or LegacyExchangeDN of \"contoso.com/Users/Sales EU\".",
            taken(Some("a@contoso.com"), Some("Sales EU")),
        ),
        (
            "UnableToWriteToAadException",
            "Another object with the same value for property proxyAddresses already exists.",
            taken(None, None),
        ),
        (
            "UnableToWriteToAadException",
            "The value of property EmailAddresses is incorrect. Reason: ObjectConflict",
            taken(None, None),
        ),
        ("ADObjectAlreadyExistsException", "x", name.clone()),
        ("E", "The object 'CN=x' already exists.", name),
        ("NotAcceptedDomainException", "x", FaultKind::DomainNotAccepted),
        ("E", "\"x\" is not a valid SMTP address.", value("EmailAddresses")),
        (
            "DataValidationException",
            "The length of the property is too long. Property Name: Alias",
            value("Alias"),
        ),
        (
            "ParameterTransformationException",
            "Cannot process argument transformation on parameter 'Type'. Known: A.",
            value("Type"),
        ),
        (
            "AmbiguousParameterSetException",
            "Parameter set cannot be resolved. Invalid cmdlet parameters specified. Notez",
            value("Notez"),
        ),
        (
            "UnableToWriteToAadException",
            "The maximum number of proxy addresses permitted is 333.",
            FaultKind::TooManyAddresses,
        ),
        (
            "E",
            "failed because it's out of the current user's write scope. The action",
            FaultKind::Synchronized,
        ),
        ("UnableToWriteToAadException", wrapped, FaultKind::Synchronized),
        ("E", "The executing user is not in the current organization", FaultKind::NotOwner),
        (
            "UnableToWriteToAadException",
            "Resource 'x' does not exist or one of its queried reference-property objects are not present.",
            FaultKind::TooNew,
        ),
        ("E", "ExternalDirectoryObjectId was not returned.", FaultKind::AddressOfDeleted),
        ("CmdletProxyException", "x", FaultKind::Unavailable),
        ("E", "Error on proxy command 'x'", FaultKind::Unavailable),
        (
            "E",
            "The maximum number of concurrent requests per tenant is reached",
            FaultKind::Throttled,
        ),
        ("E", "The pagination request is expired or invalid.", FaultKind::PageExpired),
        ("E", "Nobody has seen this", FaultKind::Other),
    ] {
        assert_eq!(said(class, text), wanted, "{class}: {text}");
    }
}

#[test]
fn a_text_may_hold_bars_and_what_only_names_a_type_is_no_text() {
    assert_eq!(said_by("Ex1|A.B|x | y").text, "x | y");
    let inner = json!({ "internalexception": { "type": "A.B", "message": "Exception of type 'A.B' was thrown." } });
    let found = dig(&json!({ "message": "Error executing cmdlet", "innererror": inner }));
    assert_eq!((found.class.as_str(), found.text.as_str()), ("B", "Error executing cmdlet"));
}

#[test]
fn of_the_sentence_about_entra_only_its_own_words_are_left() {
    let text = "A call was made. Detailed error message: \n\tNo such thing. [DualWrite (Graph) RequestId: 1]\nMay be transient";
    assert_eq!(without_request_id(text), "No such thing.");
}

#[test]
fn a_failed_cmdlet_wrote_nothing_and_a_failed_server_may_have() {
    let cmdlet =
        Said { class: "ManagementObjectAmbiguousException".to_owned(), text: String::new() };
    let of =
        |status, said: &Said, is_write| outcome(status, &kind(status, said, true), said, is_write);
    assert_eq!(of(500, &cmdlet, true), Outcome::Refused);
    for status in [408, 500, 502, 504] {
        assert_eq!(of(status, &Said::default(), true), Outcome::Unknown, "{status}");
        assert_eq!(of(status, &Said::default(), false), Outcome::Refused, "{status}");
    }
    assert_eq!(of(503, &Said::default(), true), Outcome::Refused);
    let proxy = Said { class: "CmdletProxyException".to_owned(), text: String::new() };
    assert_eq!(of(500, &proxy, true), Outcome::Unknown);
}
