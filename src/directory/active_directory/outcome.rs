//! What a controller's answers mean: result code and the number in its text, of Samba and of Microsoft
//! (`active-directory.md §2, §6`).

use ldap3::LdapResult;

use crate::directory::DirectoryFault;
use crate::model::Field;

/// Result codes that are told apart.
pub(super) mod code {
    pub(crate) const SIZE_LIMIT: u32 = 4;
    pub(crate) const REFERRAL: u32 = 10;
    pub(crate) const NO_SUCH_ATTRIBUTE: u32 = 16;
    pub(crate) const CONSTRAINT: u32 = 19;
    pub(crate) const VALUE_EXISTS: u32 = 20;
    pub(crate) const SYNTAX: u32 = 21;
    pub(crate) const NO_SUCH_OBJECT: u32 = 32;
    pub(crate) const INVALID_DN: u32 = 34;
    pub(crate) const INVALID_CREDENTIALS: u32 = 49;
    pub(crate) const INSUFFICIENT_RIGHTS: u32 = 50;
    pub(crate) const BUSY: u32 = 51;
    pub(crate) const UNAVAILABLE: u32 = 52;
    pub(crate) const UNWILLING: u32 = 53;
    pub(crate) const CLASS_VIOLATION: u32 = 65;
    pub(crate) const NOT_A_LEAF: u32 = 66;
    pub(crate) const EXISTS: u32 = 68;
}

/// Why a bind was refused; `None` if another controller may take it.
pub(super) fn bind_refused(bind: &str, answer: &LdapResult) -> Option<DirectoryFault> {
    // Any other answer judges no password: the controller is ill.
    if answer.rc != code::INVALID_CREDENTIALS {
        return None;
    }
    let (reason, advice) = match sub_code(&answer.text) {
        Some("525" | "52e") => (
            "the name or the password is wrong",
            "correct bind in the profile, or the password where the profile says it is",
        ),
        Some("530") => ("it may not sign in at this hour", "give it logon hours round the clock"),
        Some("531") => ("it may not sign in from here", "let it sign in to all computers"),
        Some("532") => ("its password has expired", "set a new one, and let it never expire"),
        Some("533") => ("it is disabled", "enable it, or let the profile name another account"),
        Some("701") => ("it has expired", "let it never expire, or name another account"),
        Some("773") => ("its password must be changed first", "set one that needn't be changed"),
        Some("775") => ("it is locked", "unlock it, and find out who tried wrong passwords"),
        _ => {
            return Some(DirectoryFault::SignIn {
                reason: format!("the directory doesn't let {bind} sign in: {}", said(answer)),
                advice: "look the answer up, or ask who runs the directory".to_owned(),
            });
        }
    };
    Some(DirectoryFault::SignIn {
        reason: format!("the directory doesn't let {bind} sign in: {reason}"),
        advice: advice.to_owned(),
    })
}

/// Whether a sign-in with a user's password was refused for the password alone. One that has to be changed
/// first is right (`active-directory.md §2`).
pub(super) fn judged(answer: &LdapResult) -> Result<bool, DirectoryFault> {
    match (answer.rc, sub_code(&answer.text)) {
        (0, _) | (code::INVALID_CREDENTIALS, Some("532" | "773")) => Ok(true),
        (code::INVALID_CREDENTIALS, Some("525" | "52e")) => Ok(false),
        (code::INVALID_CREDENTIALS, Some("775")) => Err(DirectoryFault::Refused {
            field: Field::Password,
            reason: "the user is locked by wrong passwords".to_owned(),
        }),
        (code::INVALID_CREDENTIALS, _) => Err(DirectoryFault::Refused {
            field: Field::Password,
            reason: format!("the user may not sign in: {}", said(answer)),
        }),
        _ => Err(DirectoryFault::OutOfReach(said(answer))),
    }
}

/// The `xxx` of `data xxx,` in the text of a refused bind.
fn sub_code(text: &str) -> Option<&str> {
    let rest = text.split("data ").nth(1)?;
    let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
    rest.get(..end)
}

/// The number at the beginning of the text, such as `0000052D`.
fn detail(answer: &LdapResult) -> &str {
    answer.text.get(..8).unwrap_or_default()
}

/// What the controller says, shortened to what a person may want to look up.
pub(super) fn said(answer: &LdapResult) -> String {
    let text: String = answer.text.chars().filter(|c| !c.is_control()).take(200).collect();
    let text = text.trim();
    if text.is_empty() {
        format!("result {}", answer.rc)
    } else {
        format!("result {} ({text})", answer.rc)
    }
}

/// Whether the controller as a whole can't do it now.
pub(super) fn is_elsewhere(answer: &LdapResult) -> bool {
    matches!(answer.rc, code::BUSY | code::UNAVAILABLE)
}

/// Whether the policy refuses a password: constraint for a change, unwilling for Microsoft's reset.
fn is_policy(answer: &LdapResult) -> bool {
    matches!(answer.rc, code::CONSTRAINT | code::UNWILLING) && detail(answer) == "0000052D"
}

/// What a refused password was refused for.
fn policy_reason(answer: &LdapResult) -> String {
    let told = answer.text.split("check_password_restrictions: ").nth(1).map(str::trim);
    match told.filter(|told| !told.is_empty()) {
        Some(told) => format!("the domain's password policy: {}", told.trim_end_matches('!')),
        // Microsoft gives no reason.
        None => "the domain's password policy: most often it is too short, too simple, or was used before"
            .to_owned(),
    }
}

/// What was tried, for the words and the advice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tried<'a> {
    /// What, such as `make users in OU=People,…`.
    pub(super) what: &'a str,
    /// The right that it needs, in the words of the delegation wizard.
    pub(super) right: &'a str,
    /// The field that is most likely meant by a refusal.
    pub(super) field: Field,
}

/// What an answer other than success means for an operation on a user.
pub(super) fn refused(answer: &LdapResult, tried: Tried<'_>) -> DirectoryFault {
    let refuse = |field: Field, reason: String| DirectoryFault::Refused { field, reason };
    match answer.rc {
        _ if is_policy(answer) => refuse(Field::Password, policy_reason(answer)),
        _ if is_elsewhere(answer) => DirectoryFault::OutOfReach(said(answer)),
        code::INSUFFICIENT_RIGHTS => DirectoryFault::NotAllowed {
            reason: format!("the directory doesn't let acctsh {}", tried.what),
            advice: format!(
                "give its account the right to {}: delegate control of the organisational unit to it",
                tried.right
            ),
        },
        code::REFERRAL => DirectoryFault::Setup {
            reason: format!("the domain sends acctsh elsewhere when it tries to {}", tried.what),
            advice: "base and users_ou must be in the domain of the profile's servers".to_owned(),
        },
        code::SYNTAX if detail(answer) == "0000200B" => {
            refuse(tried.field, "it is longer than the directory takes".to_owned())
        }
        code::CONSTRAINT if detail(answer) == "00002082" => {
            refuse(tried.field, "it is longer than the directory takes".to_owned())
        }
        code::CONSTRAINT if matches!(detail(answer), "0000202F" | "000021C8") => {
            refuse(Field::UserName, "its principal name belongs to somebody else".to_owned())
        }
        code::NO_SUCH_ATTRIBUTE | code::CLASS_VIOLATION => DirectoryFault::Setup {
            reason: format!("the directory's schema has no place for it: {}", said(answer)),
            advice: "choose another link_attribute in the profile".to_owned(),
        },
        code::NOT_A_LEAF => refuse(
            tried.field,
            "there are entries below it; move or delete them first, such as those of its devices"
                .to_owned(),
        ),
        code::UNWILLING => {
            refuse(tried.field, format!("the directory is unwilling: {}", said(answer)))
        }
        _ => refuse(tried.field, said(answer)),
    }
}

/// What a search that failed means.
pub(super) fn unread(answer: &LdapResult, base: &str) -> DirectoryFault {
    match answer.rc {
        code::NO_SUCH_OBJECT | code::INVALID_DN | code::REFERRAL => DirectoryFault::Setup {
            reason: format!("the directory has no {base}"),
            advice: "correct base and users_ou in the profile".to_owned(),
        },
        code::INSUFFICIENT_RIGHTS => DirectoryFault::NotAllowed {
            reason: format!("the directory doesn't let acctsh read {base}"),
            advice: "give its account the right to read it".to_owned(),
        },
        // An answer that was cut off must not pass for the whole.
        code::SIZE_LIMIT => {
            DirectoryFault::OutOfReach("it sent only a part of what it was asked for".to_owned())
        }
        _ => DirectoryFault::OutOfReach(said(answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rc: u32, text: &str) -> LdapResult {
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: vec![],
            ctrls: vec![],
        }
    }

    const RESET: Tried<'static> =
        Tried { what: "set passwords", right: "reset passwords", field: Field::DisplayName };

    #[test]
    fn each_reason_for_a_refused_bind_has_its_words() {
        let bind = |data: &str| {
            let text = format!(
                "80090308: LdapErr: DSID-0C09041C, comment: AcceptSecurityContext error, data {data}, v4563"
            );
            bind_refused("acctsh@contoso.test", &answer(49, &text)).unwrap().to_string()
        };
        for (data, words) in [
            ("525", "name or the password is wrong"),
            ("52e", "name or the password is wrong"),
            ("530", "at this hour"),
            ("531", "from here"),
            ("532", "password has expired"),
            ("533", "is disabled"),
            ("701", "it has expired"),
            ("773", "must be changed first"),
            ("775", "is locked"),
            ("999", "AcceptSecurityContext"),
        ] {
            assert!(bind(data).contains(words), "{data}: {}", bind(data));
        }
        assert_eq!(bind_refused("x", &answer(51, "busy")), None);
    }

    #[test]
    fn a_refused_password_is_told_as_policy_by_samba_and_by_microsoft() {
        let samba = "0000052D: Constraint violation - check_password_restrictions: \
                     the password is too short. It should be equal or longer than 7 characters!";
        let said = refused(&answer(19, samba), RESET).to_string();
        assert!(
            said.contains("password is refused: the domain's password policy: the password is too")
        );
        for rc in [19, 53] {
            let microsoft =
                "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0";
            let said = refused(&answer(rc, microsoft), RESET).to_string();
            assert!(said.contains("most often it is too short"), "{said}");
        }
    }

    #[test]
    fn what_microsoft_and_samba_answer_differently_means_the_same() {
        for (rc, text, words) in [
            (21, "0000200B: objectclass_attrs: attribute 'title' too long", "longer than"),
            (19, "00002082: AtrErr: DSID-03151394, #1", "longer than"),
            (19, "0000202F: samldb: userPrincipalName in use", "principal name belongs"),
            (19, "000021C8: AtrErr: DSID-03200BDE", "principal name belongs"),
            (10, "0000202B: RefErr: DSID-0310082F", "sends acctsh elsewhere"),
            (50, "00002098: SecErr: DSID-03150F94", "doesn't let acctsh set passwords"),
            (52, "00002095: SvcErr", "can't be reached"),
            (53, "0000001F: SvcErr: DSID-031A12D2", "unwilling"),
        ] {
            let said = refused(&answer(rc, text), RESET).to_string();
            assert!(said.contains(words), "{rc} {text}: {said}");
        }
    }

    #[test]
    fn a_listing_that_was_cut_off_is_never_taken_for_the_whole() {
        let cut = unread(&answer(4, "size limit"), "DC=contoso,DC=test");
        assert!(matches!(cut, DirectoryFault::OutOfReach(_)));
        let nowhere = unread(&answer(32, "00002030: No such object"), "OU=X,DC=contoso,DC=test");
        assert_eq!(nowhere.to_string(), "the directory has no OU=X,DC=contoso,DC=test");
    }
}
