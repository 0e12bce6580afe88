//! Passwords from the outbox to the tenant: of each person the newest one, once.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::small_plan::{Carried, Fate, Wish, carry};
use crate::directory::UserQuery;
use crate::model::{CLOCK_SLACK, PasswordBook, PasswordOwner, Problem, User, UserGuid, UserName};
use crate::passwords::{Outbox, Waiting};
use crate::plan::apply::ApplyError;
use crate::plan::change::{CarryPassword, Change, NOT_LINKED, OVERTAKEN, Subject, TEMPORARY, Whom};
use crate::plan::execute::refusal;
use crate::plan::journal::PasswordEvent;
use crate::script::{Fault, Session};

/// What one pass has come to.
#[derive(Default)]
pub struct Delivery {
    /// Whose password has arrived, with the time that it took from the change to its arrival.
    pub delivered: Vec<(String, jiff::SignedDuration)>,
    /// Whose password was refused.
    pub refused: Vec<Refused>,
    /// Whose password stays in the outbox for now.
    pub kept: Vec<Kept>,
    /// Changes that a later one has overtaken, and whose they were.
    pub overtaken: Vec<String>,
    /// Users that are built into the directory: theirs is never carried.
    pub never: Vec<String>,
    /// Files of the outbox that the key doesn't open.
    pub unreadable: usize,
    /// Why nothing could be delivered that is left.
    pub out_of_reach: Option<Fault>,
}

/// A password that was refused.
pub struct Refused {
    /// Whose.
    pub user: String,
    /// Why.
    pub problem: Problem,
}

/// A password that waits on.
pub struct Kept {
    /// Whose.
    pub user: String,
    /// Why.
    pub why: String,
}

/// One candidate: the newest change of a user.
struct Newest {
    user: User,
    waiting: Waiting,
}

/// Delivers what waits. What was refused is tried again only if that was before `refused_before`: the same
/// password is refused for the same reason, unless somebody has seen to it.
pub fn deliver(session: &Arc<Session>, refused_before: Timestamp) -> Result<Delivery, Fault> {
    let mut delivery = Delivery::default();
    let profile = session.profile();
    let outbox = profile.outbox();
    let key = profile.outbox_key()?;
    let opened = outbox.open(&key).map_err(Fault::from)?;
    delivery.unreadable = opened.unreadable.len();
    if opened.waiting.is_empty() {
        return Ok(delivery);
    }
    let users = match users_of(session, &opened.waiting) {
        Ok(users) => users,
        Err(fault) => {
            delivery.kept = opened.waiting.iter().map(|it| kept(&it.change.owner, "")).collect();
            delivery.out_of_reach = Some(fault);
            return Ok(delivery);
        }
    };
    let mut pass = Pass { session, outbox, delivery, directory: directory_id(session)? };
    let book = pass.book()?;
    let newest = pass.newest(opened.waiting, &users, &book, refused_before)?;
    let wishes: Vec<Wish> = newest.iter().map(wish).collect();
    let Carried { fates, out_of_reach } = carry(session, &wishes)?;
    pass.delivery.out_of_reach = out_of_reach;
    for (newest, fate) in newest.iter().zip(fates) {
        pass.ended(newest, fate)?;
    }
    Ok(pass.delivery)
}

/// Gives up what waits for one person. Gives how many changes that were.
pub fn discard(session: &Session, user: &str) -> Result<usize, Fault> {
    let profile = session.profile();
    let key = profile.outbox_key()?;
    let opened = profile.outbox().open(&key).map_err(Fault::from)?;
    let users = users_of(session, &opened.waiting)?;
    let named = PasswordOwner::parse(user);
    let same = |owner: &PasswordOwner| {
        *owner == named || users.get(owner).is_some_and(|it| it.name.key() == user.to_lowercase())
    };
    let mut discarded = 0;
    for waiting in opened.waiting.iter().filter(|it| same(&it.change.owner)) {
        profile.outbox().remove(waiting).map_err(Fault::from)?;
        discarded += 1;
        let mut owners = vec![waiting.change.owner.clone()];
        owners.extend(users.get(&waiting.change.owner).map(|it| PasswordOwner::Guid(it.guid)));
        let directory = directory_id(session)?;
        let settled = owners.into_iter().map(|owner| PasswordEvent::Settled { directory, owner });
        remember(session, settled.collect())?;
    }
    Ok(discarded)
}

fn wish(newest: &Newest) -> Wish {
    let change = &newest.waiting.change;
    let whom =
        Whom { account: Subject::User(newest.user.guid), label: newest.user.name.to_string() };
    Wish {
        change: Change::CarryPassword(CarryPassword {
            whom,
            changed: change.changed,
            queued: newest.waiting.queued,
        }),
        password: Some(change.password.clone()),
    }
}

/// A pass under way.
struct Pass<'a> {
    session: &'a Session,
    outbox: &'a Outbox,
    directory: uuid::Uuid,
    delivery: Delivery,
}

impl Pass<'_> {
    fn book(&self) -> Result<PasswordBook, Fault> {
        let journal = self.session.profile().journal()?;
        let read = self.session.block_on(journal.passwords(self.directory))?;
        Ok(read.map_err(ApplyError::from)?)
    }

    /// The newest change of each person. Older ones are taken out; what nobody has is refused.
    fn newest(
        &mut self,
        waiting: Vec<Waiting>,
        users: &HashMap<PasswordOwner, User>,
        book: &PasswordBook,
        refused_before: Timestamp,
    ) -> Result<Vec<Newest>, Fault> {
        let mut newest: Vec<Newest> = Vec::new();
        let mut places: HashMap<UserGuid, usize> = HashMap::new();
        for waiting in waiting {
            let owner = &waiting.change.owner;
            let Some(user) = users.get(owner) else {
                let refusal = book.refused.get(owner).filter(|it| it.at >= refused_before);
                if let Some(refusal) = refusal {
                    let why = refusal.message.clone();
                    self.delivery.kept.push(Kept { user: owner.to_string(), why });
                    continue;
                }
                let problem = no_such_user(owner);
                self.refused(owner.clone(), owner.to_string(), waiting.change.changed, problem)?;
                continue;
            };
            // What no run may ever touch has nothing to wait for.
            if user.is_built_in {
                self.outbox.remove(&waiting).map_err(Fault::from)?;
                self.delivery.never.push(user.name.to_string());
                continue;
            }
            let candidate = Newest { user: user.clone(), waiting };
            let place = places.entry(user.guid).or_insert(newest.len());
            match newest.get_mut(*place) {
                None => newest.push(candidate),
                Some(other) => {
                    let is_newer = candidate.order() > other.order();
                    let older =
                        if is_newer { std::mem::replace(other, candidate) } else { candidate };
                    self.outbox.remove(&older.waiting).map_err(Fault::from)?;
                    self.delivery.overtaken.push(older.user.name.to_string());
                }
            }
        }
        let mut ready = Vec::new();
        for candidate in newest {
            let owner = PasswordOwner::Guid(candidate.user.guid);
            let changed = candidate.waiting.change.changed;
            let before = book.refused.get(&owner);
            let before = before.filter(|it| {
                // Whoever has an online account by now was waited for.
                let is_over = it.code == NOT_LINKED && candidate.user.link.is_some();
                it.changed >= changed && it.at >= refused_before && !is_over
            });
            let name = candidate.user.name.to_string();
            match before {
                Some(refusal) => {
                    self.delivery.kept.push(Kept { user: name, why: refusal.message.clone() });
                }
                None if candidate.waiting.is_skewed() => {
                    self.refused(owner, name, changed, clocks_differ(&candidate.user))?;
                }
                None => ready.push(candidate),
            }
        }
        Ok(ready)
    }

    /// Takes in what became of a change.
    fn ended(&mut self, newest: &Newest, fate: Fate) -> Result<(), Fault> {
        let name = newest.user.name.to_string();
        let changed = newest.waiting.change.changed;
        match fate {
            Fate::Done | Fate::Unchanged => {
                self.outbox.remove(&newest.waiting).map_err(Fault::from)?;
                let took = Timestamp::now().duration_since(changed);
                self.delivery.delivered.push((name, took));
            }
            Fate::Refused(problem) if problem.code == OVERTAKEN => {
                self.outbox.remove(&newest.waiting).map_err(Fault::from)?;
                self.delivery.overtaken.push(name);
            }
            Fate::Refused(problem) if problem.code == TEMPORARY => {
                self.delivery.kept.push(Kept { user: name, why: problem.message });
            }
            Fate::Refused(problem) => {
                self.refused(PasswordOwner::Guid(newest.user.guid), name, changed, problem)?;
            }
            Fate::Later(problem) => {
                self.delivery.kept.push(Kept { user: name, why: problem.message });
            }
        }
        Ok(())
    }

    fn refused(
        &mut self,
        owner: PasswordOwner,
        user: String,
        changed: Timestamp,
        problem: Problem,
    ) -> Result<(), Fault> {
        let refusal = refusal(&problem, changed);
        let event = PasswordEvent::Refused { directory: self.directory, owner, refusal };
        remember(self.session, vec![event])?;
        self.delivery.refused.push(Refused { user, problem });
        Ok(())
    }
}

impl Newest {
    /// When it was changed; of two at the same time, the one that was queued later.
    fn order(&self) -> (Timestamp, Timestamp) {
        (self.waiting.change.changed, self.waiting.queued)
    }
}

impl Waiting {
    /// Whether the clock of whoever queued it and the clock of the folder are so far apart that it can't be
    /// said which of two changes is the newer one.
    fn is_skewed(&self) -> bool {
        let apart = self.arrived.duration_since(self.queued).abs();
        apart > CLOCK_SLACK || self.change.changed > self.arrived + CLOCK_SLACK
    }
}

fn no_such_user(owner: &PasswordOwner) -> Problem {
    Problem::error("no_such_user", owner, format!("nobody in the directory is called {owner}"))
        .advice(format!(
            "look at what calls password-changed; or give it up: acctsh sync --discard {owner}"
        ))
}

fn clocks_differ(user: &User) -> Problem {
    let message = "whoever queued it has another time than this outbox: which change is the newest can't be told";
    Problem::error("clock_skew", &user.name, message).advice(
        "set the clocks; then the next change arrives, or reset_password() makes a new beginning",
    )
}

fn kept(owner: &PasswordOwner, why: &str) -> Kept {
    Kept { user: owner.to_string(), why: why.to_owned() }
}

fn directory_id(session: &Session) -> Result<uuid::Uuid, Fault> {
    let directory = session.profile().sources().directory()?;
    let identity = session.block_on(directory.identity())?;
    Ok(identity.map_err(crate::script::directory_fault)?.id)
}

/// The users that the owners lead to, read in one or two questions.
fn users_of(session: &Session, waiting: &[Waiting]) -> Result<HashMap<PasswordOwner, User>, Fault> {
    let mut names = Vec::new();
    let mut guids = Vec::new();
    for owner in waiting.iter().map(|it| &it.change.owner) {
        match owner {
            PasswordOwner::Guid(guid) => guids.push(*guid),
            // What can't be a name is nobody's.
            PasswordOwner::Name(name) => names.extend(UserName::parse(name).ok()),
        }
    }
    let directory = session.profile().sources().directory()?;
    let mut found = Vec::new();
    for query in [UserQuery::Names(names), UserQuery::Guids(guids)] {
        if query == UserQuery::Names(Vec::new()) || query == UserQuery::Guids(Vec::new()) {
            continue;
        }
        let users = session.block_on(directory.users(query))?;
        found.extend(users.map_err(crate::script::directory_fault)?);
    }
    let by_name = found.iter().map(|user| (PasswordOwner::Name(user.name.key()), user.clone()));
    let by_guid = found.iter().map(|user| (PasswordOwner::Guid(user.guid), user.clone()));
    Ok(by_name.chain(by_guid).collect())
}

fn remember(session: &Session, events: Vec<PasswordEvent>) -> Result<(), Fault> {
    let journal = session.profile().journal()?;
    let remembered = session.block_on(journal.remember_passwords(events))?;
    Ok(remembered.map_err(ApplyError::from)?)
}
