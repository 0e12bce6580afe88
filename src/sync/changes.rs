//! What else is carried from the directory: last days that are over, and, where the profile says so, users
//! that were disabled, enabled, renamed or deleted there.
//!
//! Everything is a plan under the guards. What can't be carried now is looked at again.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;
use uuid::Uuid;

use super::small_plan::{self, Fate, Wish};
use crate::directory::UserQuery;
use crate::model::{OnlineId, Problem, User, UserGuid};
use crate::plan::apply::ApplyError;
use crate::plan::change::{
    Change, Delete, Disable, Enable, Expire, OnlineName, Rename, Subject, Whom,
};
use crate::plan::journal::{DirectoryMark, SeenUser};
use crate::profile::Carried;
use crate::script::{Fault, Session, directory_fault};

/// What one look at the directory has come to.
#[derive(Default)]
pub struct Changes {
    /// Whom something was carried for, and what.
    pub carried: Vec<(String, &'static str)>,
    /// What was refused.
    pub refused: Vec<(String, &'static str, Problem)>,
    /// Why nothing could be carried that is left.
    pub out_of_reach: Option<Fault>,
}

/// One thing to be carried.
struct Item {
    user: UserGuid,
    name: String,
    what: &'static str,
    change: Change,
}

/// What nobody but the directory's or the profile's owner changes: it isn't tried again by itself.
const FINAL: [&str; 5] =
    ["protected", "synchronized", "no_such_account", "last_administrator", BROKEN_LINK];

/// The halves don't name each other.
const BROKEN_LINK: &str = "broken_link";

/// What would be carried now: whom for, and what.
pub fn changes_to_carry(session: &Arc<Session>) -> Result<Vec<(String, &'static str)>, Fault> {
    if session.profile().sync().carry.is_empty() {
        return Ok(Vec::new());
    }
    let found = look(session, true)?;
    let would = small_plan::would_act(session, &found.wishes())?;
    let acting = found.items.into_iter().zip(would).filter(|(_, acts)| *acts);
    Ok(acting.map(|(item, _)| (item.name, item.what)).collect())
}

/// What a look at the directory has found.
struct Found {
    directory: Uuid,
    carried: String,
    mark: String,
    before: DirectoryMark,
    seen: HashMap<UserGuid, SeenUser>,
    users: Vec<User>,
    deleted: Vec<UserGuid>,
    today: Date,
    items: Vec<Item>,
    refused: Vec<(String, &'static str, Problem)>,
}

impl Found {
    fn wishes(&self) -> Vec<Wish> {
        let wish = |item: &Item| Wish { change: item.change.clone(), password: None };
        self.items.iter().map(wish).collect()
    }
}

/// Looks at what has changed since the last time; with `retries_open` also at what could not be carried then.
fn look(session: &Arc<Session>, retries_open: bool) -> Result<Found, Fault> {
    let carry = &session.profile().sync().carry;
    // Nothing of an earlier look counts.
    session.discard();
    let source = session.profile().sources().directory()?;
    let directory = session.block_on(source.identity())?.map_err(directory_fault)?.id;
    let journal = session.profile().journal()?;
    let before = session.block_on(journal.directory_mark(directory))?.map_err(ApplyError::from)?;
    let seen = session.block_on(journal.seen_users(directory))?.map_err(ApplyError::from)?;
    let carried = format!("{carry:?}");
    let mark = before.mark.as_deref().filter(|_| before.carried == carried);
    let with_deleted = carry.contains(&Carried::Deleted);
    let found = session.block_on(source.changes(mark, with_deleted))?.map_err(directory_fault)?;
    let (mut users, mut deleted) = (found.users, found.deleted);
    if retries_open {
        let is_new = |guid: &&UserGuid| users.iter().all(|user| user.guid != **guid);
        let open: Vec<UserGuid> = before.open.iter().filter(is_new).copied().collect();
        if !open.is_empty() {
            let again = session.block_on(source.users(UserQuery::Guids(open)))?;
            users.extend(again.map_err(directory_fault)?);
        }
        deleted.extend(before.open_deleted.iter().filter(|_| with_deleted));
        deleted.sort_unstable();
        deleted.dedup();
    }
    let mut look = Look {
        session,
        carry,
        seen: &seen,
        today: jiff::ZonedDateTime::now().date(),
        items: Vec::new(),
        refused: Vec::new(),
    };
    look.at_changed(&users)?;
    look.at_expired(&users)?;
    look.at_deleted(&deleted)?;
    let Look { today, items, refused, .. } = look;
    let mark = found.mark;
    Ok(Found { directory, carried, mark, before, seen, users, deleted, today, items, refused })
}

/// Looks at what has changed in the directory and carries it; with `retries_open` also what could not be carried
/// before.
pub fn carry_changes(session: &Arc<Session>, retries_open: bool) -> Result<Changes, Fault> {
    let carry = &session.profile().sync().carry;
    if carry.is_empty() {
        return Ok(Changes::default());
    }
    let found = look(session, retries_open)?;
    let wishes = found.wishes();
    let small_plan::Carried { fates, out_of_reach } = small_plan::carry(session, &wishes)?;
    let Found { directory, carried, mark, before, seen, users, deleted, today, items, refused } =
        found;
    let with_deleted = carry.contains(&Carried::Deleted);

    let mut changes = Changes { refused, out_of_reach, ..Changes::default() };
    let mut open: BTreeSet<UserGuid> = BTreeSet::new();
    for (item, fate) in items.into_iter().zip(fates) {
        match fate {
            Fate::Done => changes.carried.push((item.name, item.what)),
            Fate::Unchanged => {}
            Fate::Refused(problem) => {
                if !FINAL.contains(&problem.code.as_ref()) {
                    open.insert(item.user);
                }
                changes.refused.push((item.name, item.what, problem));
            }
            Fate::Later(problem) => {
                open.insert(item.user);
                if changes.out_of_reach.is_none() {
                    changes.refused.push((item.name, item.what, problem));
                }
            }
        }
    }
    let is_done = |user: &UserGuid| !open.contains(user);
    // Of a rename and of a deletion only the name before tells; else only last days are waited for.
    let needs_names = carry.contains(&Carried::Renamed) || with_deleted;
    let matters =
        |user: &User| needs_names || user.expires.is_some() || seen.contains_key(&user.guid);
    let knows_expired = carry.contains(&Carried::Expires);
    let now: Vec<(UserGuid, SeenUser)> = users
        .iter()
        .filter(|user| is_done(&user.guid) && matters(user))
        .map(|user| (user.guid, seen_now(user, knows_expired, today)))
        .chain(
            expired_since(&seen, &users, today).filter(|(user, _)| knows_expired && is_done(user)),
        )
        .collect();
    let (gone, open_deleted): (Vec<UserGuid>, Vec<UserGuid>) =
        deleted.into_iter().partition(is_done);
    let mut mark = DirectoryMark {
        carried,
        mark: Some(mark),
        open_deleted: open_deleted.into_iter().collect(),
        open: open.into_iter().filter(|user| users.iter().any(|it| it.guid == *user)).collect(),
    };
    if !retries_open {
        mark.open.extend(&before.open);
        mark.open_deleted.extend(&before.open_deleted);
    }
    let journal = session.profile().journal()?;
    session
        .block_on(journal.remember_users(directory, now, gone, mark))?
        .map_err(ApplyError::from)?;
    Ok(changes)
}

fn is_over(expires: Option<Date>, today: Date) -> bool {
    expires.is_some_and(|last_day| last_day < today)
}

fn seen_now(user: &User, knows_expired: bool, today: Date) -> SeenUser {
    SeenUser {
        name: user.name.to_string(),
        expires: user.expires,
        is_expired: knows_expired && is_over(user.expires, today),
    }
}

/// Users that haven't changed, and whose last day is over by now.
fn expired_since<'a>(
    seen: &'a HashMap<UserGuid, SeenUser>,
    changed: &'a [User],
    today: Date,
) -> impl Iterator<Item = (UserGuid, SeenUser)> + 'a {
    let is_changed = |guid: &UserGuid| changed.iter().any(|user| user.guid == *guid);
    seen.iter()
        .filter(move |(guid, it)| !it.is_expired && is_over(it.expires, today) && !is_changed(guid))
        .map(|(guid, it)| (*guid, SeenUser { is_expired: true, ..it.clone() }))
}

/// What is looked for, with what it is compared, and what was found.
struct Look<'a> {
    session: &'a Session,
    carry: &'a BTreeSet<Carried>,
    seen: &'a HashMap<UserGuid, SeenUser>,
    today: Date,
    items: Vec<Item>,
    refused: Vec<(String, &'static str, Problem)>,
}

impl Look<'_> {
    fn carries(&self, what: Carried) -> bool {
        self.carry.contains(&what)
    }

    /// Something is to be carried for a user, unless its online half is somebody else's.
    fn found(
        &mut self,
        user: UserGuid,
        name: &str,
        what: &'static str,
        change: impl FnOnce(Whom) -> Change,
    ) -> Result<(), Fault> {
        let subject = Subject::User(user);
        let online = self.session.look(|view| Ok(view.person(subject)?.online))?;
        if online.is_some_and(|online| online.belongs_to_another(user)) {
            let message = "the online account that it is linked to belongs to somebody else";
            let problem = Problem::error(BROKEN_LINK, name, message)
                .advice("mend the link first: account(…).relink(), or unlink()");
            self.refused.push((name.to_owned(), what, problem));
            return Ok(());
        }
        let whom = Whom { account: subject, label: name.to_owned() };
        self.items.push(Item { user, name: name.to_owned(), what, change: change(whom) });
        Ok(())
    }

    /// Users that have changed.
    fn at_changed(&mut self, users: &[User]) -> Result<(), Fault> {
        for user in users.iter().filter(|user| !user.is_built_in) {
            let (guid, name) = (user.guid, user.name.as_str());
            let is_over = is_over(user.expires, self.today);
            let before = self.seen.get(&guid);
            let was_expired = before.is_some_and(|before| before.is_expired);
            let may_open =
                self.carries(Carried::Enabled) || (was_expired && self.carries(Carried::Expires));
            if !user.enabled && self.carries(Carried::Disabled) {
                self.found(guid, name, "disabled", |whom| Change::Disable(Disable { whom }))?;
            } else if is_over && self.carries(Carried::Expires) {
                self.found(guid, name, "expired", |whom| Change::Expire(Expire { whom }))?;
            } else if user.enabled && !is_over && user.remembered.closed_by_disable && may_open {
                self.found(guid, name, "enabled", |whom| Change::Enable(Enable { whom }))?;
            }
            if self.carries(Carried::Renamed)
                && let Some(before) = before.filter(|before| before.name != name)
                && self.was_named_after(user, &before.name)?
            {
                let online = Some(OnlineName::Local(name.to_owned()));
                self.found(guid, name, "renamed", |whom| {
                    Change::Rename(Rename { whom, user_name: None, online })
                })?;
            }
        }
        Ok(())
    }

    /// Whether the online ID was made of the name that the user had.
    fn was_named_after(&self, user: &User, old: &str) -> Result<bool, Fault> {
        let subject = Subject::User(user.guid);
        let online = self.session.look(|view| Ok(view.person(subject)?.online))?;
        let is_of = |online_id: &OnlineId| online_id.local_part().eq_ignore_ascii_case(old);
        Ok(online.is_some_and(|online| is_of(&online.online_id)))
    }

    /// Users that haven't changed, but whose last day is over by now.
    fn at_expired(&mut self, changed: &[User]) -> Result<(), Fault> {
        if !self.carries(Carried::Expires) {
            return Ok(());
        }
        let expired: Vec<_> = expired_since(self.seen, changed, self.today).collect();
        for (guid, seen) in expired {
            self.found(guid, &seen.name, "expired", |whom| Change::Expire(Expire { whom }))?;
        }
        Ok(())
    }

    /// Online accounts whose user was deleted. They go by the name that the user had, which the profile may
    /// protect.
    fn at_deleted(&mut self, deleted: &[UserGuid]) -> Result<(), Fault> {
        for guid in deleted {
            let online = self
                .session
                .look(|view| Ok(view.facts().online_anchored(*guid, view.needs())?.cloned()))?;
            let Some(online) = online else { continue };
            let seen = self.seen.get(guid).map(|seen| seen.name.clone());
            let label = seen.unwrap_or_else(|| online.online_id.local_part().to_owned());
            let whom = Whom { account: Subject::Online(online.id), label };
            self.items.push(Item {
                user: *guid,
                name: online.online_id.to_string(),
                what: "deleted",
                change: Change::Delete(Delete { whom }),
            });
        }
        Ok(())
    }
}
