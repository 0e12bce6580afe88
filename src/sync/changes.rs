//! What else is carried from the directory: last days that are over, and, where the profile says so, users
//! that were disabled, enabled, renamed or deleted there.
//!
//! Everything is a plan under the guards. What can't be carried now is looked at again: how far the directory
//! was taken in is remembered only when all of it was carried or refused.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::civil::Date;

use super::small_plan::{self, Fate, Wish, is_guard};
use crate::model::{OnlineId, Problem, User, UserGuid};
use crate::plan::apply::ApplyError;
use crate::plan::change::{
    Change, Delete, Disable, Enable, Expire, OnlineName, Rename, Subject, Whom,
};
use crate::plan::journal::SeenUser;
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
    user: Option<UserGuid>,
    name: String,
    what: &'static str,
    change: Change,
}

/// Looks at what has changed in the directory and carries it.
pub fn carry_changes(session: &Arc<Session>) -> Result<Changes, Fault> {
    let carry = &session.profile().sync().carry;
    if carry.is_empty() {
        return Ok(Changes::default());
    }
    let source = session.profile().sources().directory()?;
    let directory = session.block_on(source.identity())?.map_err(directory_fault)?.id;
    let journal = session.profile().journal()?;
    let mark = session.block_on(journal.directory_mark(directory))?.map_err(ApplyError::from)?;
    let seen = session.block_on(journal.seen_users(directory))?.map_err(ApplyError::from)?;
    let found = session
        .block_on(source.changes(mark.as_deref(), carry.contains(&Carried::Deleted)))?
        .map_err(directory_fault)?;

    let look = Look { session, carry, seen: &seen, today: jiff::ZonedDateTime::now().date() };
    let mut items = look.of_changed(&found.users)?;
    items.extend(look.of_expired(&found.users));
    items.extend(look.of_deleted(&found.deleted)?);
    let wishes: Vec<Wish> =
        items.iter().map(|item| Wish { change: item.change.clone(), password: None }).collect();
    let small_plan::Carried { fates, out_of_reach } = small_plan::carry(session, &wishes)?;

    let mut changes = Changes { out_of_reach, ..Changes::default() };
    // Whoever isn't done yet is looked at again as it was.
    let mut open: BTreeSet<Option<UserGuid>> = BTreeSet::new();
    for (item, fate) in items.into_iter().zip(fates) {
        match fate {
            Fate::Done => changes.carried.push((item.name, item.what)),
            Fate::Unchanged => {}
            Fate::Refused(problem) => {
                if is_guard(&problem) {
                    open.insert(item.user);
                }
                changes.refused.push((item.name, item.what, problem));
            }
            Fate::Later(_) => {
                open.insert(item.user);
            }
        }
    }
    let is_done = |user: &UserGuid| !open.contains(&Some(*user));
    let today = look.today;
    // Of a rename only the name before tells; else only last days are waited for.
    let matters = |user: &User| {
        carry.contains(&Carried::Renamed) || user.expires.is_some() || seen.contains_key(&user.guid)
    };
    let now: Vec<(UserGuid, SeenUser)> = found
        .users
        .iter()
        .filter(|user| is_done(&user.guid) && matters(user))
        .map(|user| (user.guid, seen_now(user, today)))
        .chain(expired_since(&seen, &found.users, today).filter(|(user, _)| is_done(user)))
        .collect();
    let mark = open.is_empty().then_some(found.mark);
    let gone = found.deleted.into_iter().filter(is_done).collect();
    session
        .block_on(journal.remember_users(directory, now, gone, mark))?
        .map_err(ApplyError::from)?;
    Ok(changes)
}

fn is_over(expires: Option<Date>, today: Date) -> bool {
    expires.is_some_and(|last_day| last_day < today)
}

fn seen_now(user: &User, today: Date) -> SeenUser {
    SeenUser {
        name: user.name.to_string(),
        expires: user.expires,
        is_expired: is_over(user.expires, today),
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

/// What is looked for, and with what it is compared.
struct Look<'a> {
    session: &'a Session,
    carry: &'a BTreeSet<Carried>,
    seen: &'a HashMap<UserGuid, SeenUser>,
    today: Date,
}

impl Look<'_> {
    fn carries(&self, what: Carried) -> bool {
        self.carry.contains(&what)
    }

    /// Users that have changed.
    fn of_changed(&self, users: &[User]) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        for user in users.iter().filter(|user| !user.is_built_in) {
            let whom = whom(user);
            let item = |what, change| Item {
                user: Some(user.guid),
                name: user.name.to_string(),
                what,
                change,
            };
            let is_over = is_over(user.expires, self.today);
            let before = self.seen.get(&user.guid);
            if !user.enabled && self.carries(Carried::Disabled) {
                items.push(item("disabled", Change::Disable(Disable { whom: whom.clone() })));
            } else if is_over && self.carries(Carried::Expires) {
                items.push(item("expired", Change::Expire(Expire { whom: whom.clone() })));
            } else if user.enabled && !is_over && user.remembered.closed_by_disable {
                let was_expired = before.is_some_and(|before| before.is_expired);
                if self.carries(Carried::Enabled) || (was_expired && self.carries(Carried::Expires))
                {
                    items.push(item("enabled", Change::Enable(Enable { whom: whom.clone() })));
                }
            }
            if self.carries(Carried::Renamed)
                && let Some(before) = before.filter(|before| before.name != user.name.as_str())
                && self.was_named_after(user, &before.name)?
            {
                let online = Some(OnlineName::Local(user.name.to_string()));
                let rename = Rename { whom, user_name: None, online };
                items.push(item("renamed", Change::Rename(rename)));
            }
        }
        Ok(items)
    }

    /// Whether the online ID was made of the name that the user had.
    fn was_named_after(&self, user: &User, old: &str) -> Result<bool, Fault> {
        let subject = Subject::User(user.guid);
        let online = self.session.look(|view| Ok(view.person(subject)?.online))?;
        let is_of = |online_id: &OnlineId| online_id.local_part().eq_ignore_ascii_case(old);
        Ok(online.is_some_and(|online| is_of(&online.online_id)))
    }

    /// Users that haven't changed, but whose last day is over by now.
    fn of_expired(&self, changed: &[User]) -> Vec<Item> {
        if !self.carries(Carried::Expires) {
            return Vec::new();
        }
        let expired = expired_since(self.seen, changed, self.today);
        let item = |(guid, seen): (UserGuid, SeenUser)| {
            let whom = Whom { account: Subject::User(guid), label: seen.name.clone() };
            let change = Change::Expire(Expire { whom });
            Item { user: Some(guid), name: seen.name, what: "expired", change }
        };
        expired.map(item).collect()
    }

    /// Online accounts whose user was deleted.
    fn of_deleted(&self, deleted: &[UserGuid]) -> Result<Vec<Item>, Fault> {
        let mut items = Vec::new();
        for guid in deleted {
            let online = self
                .session
                .look(|view| Ok(view.facts().online_anchored(*guid, view.needs())?.cloned()))?;
            let Some(online) = online else { continue };
            let label = online.online_id.to_string();
            let whom = Whom { account: Subject::Online(online.id), label: label.clone() };
            let change = Change::Delete(Delete { whom });
            items.push(Item { user: Some(*guid), name: label, what: "deleted", change });
        }
        Ok(items)
    }
}

fn whom(user: &User) -> Whom {
    Whom { account: Subject::User(user.guid), label: user.name.to_string() }
}
