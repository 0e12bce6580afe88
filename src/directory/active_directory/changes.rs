//! What has changed since somebody last looked: by the number that each write gets from its controller
//! (`active-directory.md §8`). Numbers of different controllers can't be compared, so the mark says whose it
//! is; another controller means reading everything once more.

use super::recycle_bin::deleted_since;
use super::{ActiveDirectory, name, read};
use crate::directory::{DirectoryChanges, DirectoryFault, UserQuery};
use crate::model::UserGuid;

/// What changed since the mark; everything without one.
pub(super) async fn since(
    ad: &ActiveDirectory,
    mark: Option<&str>,
    with_deleted: bool,
) -> Result<DirectoryChanges, DirectoryFault> {
    let domain = ad.domain().await?;
    let (_, asked) = ad.connection.server().await?;
    let root = read::entry(&ad.connection, "", &["dsServiceName", "highestCommittedUSN"]).await?;
    let now = root.and_then(|root| {
        Some(Mark {
            controller: root.text("dsServiceName")?.to_owned(),
            number: root.number("highestCommittedUSN")?,
        })
    });
    let now = now.ok_or_else(|| {
        DirectoryFault::OutOfReach("the controller doesn't say how far it is".to_owned())
    })?;
    let since = mark.and_then(Mark::read);
    // A number that is smaller than before: the controller was put back to an earlier state.
    let since = since.filter(|it| it.controller == now.controller && it.number <= now.number);
    let Some(since) = since else {
        let users = read::users(&ad.connection, domain, ad.link(), UserQuery::All).await?;
        return Ok(DirectoryChanges { mark: now.to_string(), users, deleted: Vec::new() });
    };
    let later = format!("(uSNChanged>={})", since.number.saturating_add(1));
    let filter = name::all_of(&[read::PEOPLE, &later]);
    let base = domain.base.to_string();
    let found = read::matching(&ad.connection, &base, ad.link(), &filter).await?;
    let deleted = if with_deleted { deleted_since(ad, &later).await? } else { Vec::new() };
    // Another controller may have answered: its numbers are others.
    if ad.connection.server().await?.1 != asked {
        return Err(DirectoryFault::OutOfReach("the controller changed meanwhile".to_owned()));
    }
    let users = found.into_iter().map(|found| found.user);
    let own = domain.own.map(UserGuid);
    let users = users.filter(|user| Some(user.guid) != own).collect();
    Ok(DirectoryChanges { mark: now.to_string(), users, deleted })
}

/// How far a controller was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    controller: String,
    number: i64,
}

impl Mark {
    fn read(text: &str) -> Option<Self> {
        let (number, controller) = text.split_once(' ')?;
        Some(Self { controller: controller.to_owned(), number: number.parse().ok()? })
    }
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.number, self.controller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written() {
        let mark = Mark { controller: "CN=NTDS Settings,CN=DC1,CN=Servers".to_owned(), number: 47 };
        assert_eq!(Mark::read(&mark.to_string()), Some(mark));
        assert_eq!(Mark::read("of an embedded directory"), None);
    }
}
