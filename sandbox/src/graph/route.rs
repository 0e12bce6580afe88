//! From a path to what it means. Segments are matched without regard to case (`graph.md` §1).

use crate::call::decode;
use crate::refusal::Refusal;

/// What a path names. Names and ids are as the client wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Batch,
    Users,
    UsersCount,
    User(String),
    AssignLicense(String),
    LicenseDetails(String),
    RevokeSignInSessions(String),
    SubscribedSkus,
    SubscribedSku(String),
    Domains,
    Domain(String),
    Organizations,
    Organization(String),
    DirectoryRoles,
    DirectoryRole(String),
    RoleMembers(String),
    Manager(String),
    ManagerReference(String),
    DeletedUsers,
    DeletedItem(String),
    Restore(String),
}

impl Route {
    /// Whether even a read may purge users whose time is over.
    pub(crate) fn expires_deleted(&self) -> bool {
        matches!(self, Self::DeletedUsers | Self::DeletedItem(_) | Self::Restore(_))
    }

    /// The path with braces where names and ids stand.
    pub(crate) fn shape(&self) -> &'static str {
        match self {
            Self::Batch => "/$batch",
            Self::Users => "/users",
            Self::UsersCount => "/users/$count",
            Self::User(_) => "/users/{id}",
            Self::AssignLicense(_) => "/users/{id}/assignLicense",
            Self::LicenseDetails(_) => "/users/{id}/licenseDetails",
            Self::RevokeSignInSessions(_) => "/users/{id}/revokeSignInSessions",
            Self::SubscribedSkus => "/subscribedSkus",
            Self::SubscribedSku(_) => "/subscribedSkus/{id}",
            Self::Domains => "/domains",
            Self::Domain(_) => "/domains/{id}",
            Self::Organizations => "/organization",
            Self::Organization(_) => "/organization/{id}",
            Self::DirectoryRoles => "/directoryRoles",
            Self::DirectoryRole(_) => "/directoryRoles/{id}",
            Self::RoleMembers(_) => "/directoryRoles/{id}/members",
            Self::Manager(_) => "/users/{id}/manager",
            Self::ManagerReference(_) => "/users/{id}/manager/$ref",
            Self::DeletedUsers => "/directory/deletedItems/microsoft.graph.user",
            Self::DeletedItem(_) => "/directory/deletedItems/{id}",
            Self::Restore(_) => "/directory/deletedItems/{id}/restore",
        }
    }
}

/// A piece of a path between slashes, or a key in parentheses behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Name(String),
    Key(String),
}

/// Finds what the path behind `/v1.0` names.
pub(crate) fn find(path: &str) -> Result<Route, Refusal> {
    let segments = cut(path)?;
    let lower: Vec<String> = segments
        .iter()
        .map(|segment| match segment {
            Segment::Name(name) => name.to_ascii_lowercase(),
            // Never equal to a path segment, which can't begin with a blank.
            Segment::Key(key) => format!(" {key}"),
        })
        .collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let key = |at: usize| match segments.get(at) {
        Some(Segment::Key(key)) => Ok(key.clone()),
        // A user name that begins with `$` needs the form in parentheses (`graph.md` §3).
        Some(Segment::Name(name)) if name.starts_with('$') => Err(Refusal::unknown_segment(name)),
        Some(Segment::Name(name)) => Ok(name.clone()),
        None => Err(Refusal::unknown_segment("")),
    };
    let route = match lower.as_slice() {
        ["$batch"] => Route::Batch,
        ["users"] => Route::Users,
        ["users", "$count"] => Route::UsersCount,
        ["users", _] => Route::User(key(1)?),
        ["users", _, "assignlicense" | "microsoft.graph.assignlicense"] => {
            Route::AssignLicense(key(1)?)
        }
        ["users", _, "licensedetails"] => Route::LicenseDetails(key(1)?),
        ["users", _, "revokesigninsessions" | "microsoft.graph.revokesigninsessions"] => {
            Route::RevokeSignInSessions(key(1)?)
        }
        ["users", _, "manager"] => Route::Manager(key(1)?),
        ["users", _, "manager", "$ref"] => Route::ManagerReference(key(1)?),
        ["subscribedskus"] => Route::SubscribedSkus,
        ["subscribedskus", _] => Route::SubscribedSku(key(1)?),
        ["domains"] => Route::Domains,
        ["domains", _] => Route::Domain(key(1)?),
        ["organization"] => Route::Organizations,
        ["organization", _] => Route::Organization(key(1)?),
        ["directoryroles"] => Route::DirectoryRoles,
        ["directoryroles", _] => Route::DirectoryRole(key(1)?),
        ["directoryroles", _, "members"] => Route::RoleMembers(key(1)?),
        ["directory", "deleteditems", "microsoft.graph.user" | "graph.user"] => Route::DeletedUsers,
        ["directory", "deleteditems", _] => Route::DeletedItem(key(2)?),
        ["directory", "deleteditems", _, "microsoft.graph.user" | "graph.user"] => {
            Route::DeletedItem(key(2)?)
        }
        ["directory", "deleteditems", _, "restore" | "microsoft.graph.restore"] => {
            Route::Restore(key(2)?)
        }
        _ => return Err(Refusal::unknown_segment(stranger(&segments))),
    };
    Ok(route)
}

/// The segment to blame for a path that leads nowhere: the last name.
fn stranger(segments: &[Segment]) -> &str {
    segments
        .iter()
        .rev()
        .find_map(|segment| match segment {
            Segment::Name(name) => Some(name.as_str()),
            Segment::Key(_) => None,
        })
        .unwrap_or_default()
}

fn cut(path: &str) -> Result<Vec<Segment>, Refusal> {
    let mut segments = Vec::new();
    for piece in path.split('/').filter(|piece| !piece.is_empty()) {
        let piece = decode(piece)?;
        match piece.split_once('(') {
            Some((name, rest)) if rest.ends_with(')') && !name.is_empty() => {
                segments.push(Segment::Name(name.to_owned()));
                segments.push(Segment::Key(unquoted(&rest[..rest.len() - 1])));
            }
            _ => segments.push(Segment::Name(piece)),
        }
    }
    Ok(segments)
}

/// `'a''b'` and `roleTemplateId='a''b'` both mean `a'b`.
fn unquoted(key: &str) -> String {
    let value = key.split_once("='").map_or(key, |(_, value)| value);
    let value = value.strip_prefix('\'').unwrap_or(value);
    value.strip_suffix('\'').unwrap_or(value).replace("''", "'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_matched_without_regard_to_case_and_keys_keep_theirs() {
        assert_eq!(find("/Users/Mia@contoso.com"), Ok(Route::User("Mia@contoso.com".into())));
        assert_eq!(
            find("/users('O''Neil@contoso.com')/assignLicense"),
            Ok(Route::AssignLicense("O'Neil@contoso.com".into()))
        );
    }

    #[test]
    fn a_user_name_with_a_dollar_needs_parentheses() {
        assert_eq!(find("/users('$ann@contoso.com')"), Ok(Route::User("$ann@contoso.com".into())));
        assert_eq!(find("/users/$ann@contoso.com").unwrap_err().status, 400);
    }

    #[test]
    fn a_guests_name_is_percent_encoded() {
        assert_eq!(
            find("/users/ann_fabrikam.com%23EXT%23@contoso.com"),
            Ok(Route::User("ann_fabrikam.com#EXT#@contoso.com".into()))
        );
    }

    #[test]
    fn an_unknown_path_names_its_segment() {
        let refusal = find("/users/x/licenceDetails").unwrap_err();
        assert_eq!(refusal.message, "Resource not found for the segment 'licenceDetails'.");
    }
}
