//! Passwords from the outbox to the tenant: of each person the newest one, once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::small_plan::{Carried, Fate, Wish, carry};
use crate::directory::UserQuery;
use crate::model::{CLOCK_SLACK, PasswordBook, PasswordOwner, Problem, User, UserGuid, UserName};
use crate::passwords::{Outbox, Waiting};
use crate::plan::apply::ApplyError;
use crate::plan::change::{CarryPassword, Change, NOT_LINKED, OVERTAKEN, Subject, TEMPORARY, Whom};
use crate::plan::execute::{SUPERSEDED, refusal};
use crate::plan::journal::PasswordEvent;
use crate::script::{Fault, Session};

/// Which of two changes is the newer one can't be told.
const CLOCK_SKEW: &str = "clock_skew";

/// What one pass has come to.
#[derive(Default)]
pub struct Delivery {
    /// Whose password has arrived, with the time that it took from the change to its arrival.
    pub delivered: Vec<(String, jiff::SignedDuration)>,
    /// Whose password was refused.
    pub refused: Vec<Refused>,
    /// Whose password stays in the outbox for now.
    pub kept: Vec<Kept>,
    /// Changes that a later one has overtaken: whose, and in which way.
    pub overtaken: Vec<Kept>,
    /// Users that are built into the directory: theirs is never carried.
    pub never: Vec<String>,
    /// Files of the outbox that the key doesn't open.
    pub unreadable: usize,
    /// What is refused, and waits for somebody to see to that.
    pub known: Vec<KnownRefused>,
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

/// A file whose password is known to be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRefused {
    /// The file.
    pub file: PathBuf,
    /// Whose password it is, if that is anybody.
    user: Option<UserGuid>,
    /// When it was changed.
    changed: Timestamp,
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
    /// When acctsh had last set the user's password.
    set_before: Option<Timestamp>,
}

/// Delivers what waits. What was refused is tried again only if that was before `refused_before`: the same
/// password is refused for the same reason, unless somebody has seen to it.
///
/// Files in `known` are passed over: those that are known to be refused, of which each pass would otherwise open
/// all again.
pub fn deliver(
    session: &Arc<Session>,
    refused_before: Timestamp,
    known: &[KnownRefused],
) -> Result<Delivery, Fault> {
    let mut delivery = Delivery::default();
    let profile = session.profile();
    let outbox = profile.outbox();
    let key = profile.outbox_key()?;
    let opened = outbox
        .open_but(&key, &known.iter().map(|it| it.file.clone()).collect())
        .map_err(Fault::from)?;
    delivery.unreadable = opened.unreadable.len();
    if opened.waiting.is_empty() {
        return Ok(delivery);
    }
    session.discard();
    let owners: Vec<PasswordOwner> =
        opened.waiting.iter().map(|it| it.change.owner.clone()).collect();
    let users = match users_of(session, &owners) {
        Ok(users) => users,
        Err(fault) => {
            delivery.kept = opened.waiting.iter().map(|it| kept(&it.change.owner, "")).collect();
            delivery.out_of_reach = Some(fault);
            return Ok(delivery);
        }
    };
    let directory = directory_id(session)?;
    let mut pass = Pass { session, outbox, directory, delivery, known };
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

/// Gives up what waits for one person, and what is remembered of its refusal. Gives how many changes that were.
pub fn discard(session: &Session, user: &str) -> Result<usize, Fault> {
    let profile = session.profile();
    let key = profile.outbox_key()?;
    let opened = profile.outbox().open(&key).map_err(Fault::from)?;
    let named = PasswordOwner::parse(user);
    let mut owners: Vec<PasswordOwner> =
        opened.waiting.iter().map(|it| it.change.owner.clone()).collect();
    owners.push(named.clone());
    let users = users_of(session, &owners)?;
    let person = users.get(&named);
    let own = owners_of(&named, person);
    let is_theirs = |owner: &PasswordOwner| {
        own.contains(owner)
            || users.get(owner).zip(person).is_some_and(|(one, other)| one.guid == other.guid)
    };
    let theirs: Vec<&Waiting> =
        opened.waiting.iter().filter(|it| is_theirs(&it.change.owner)).collect();
    for waiting in &theirs {
        profile.outbox().remove(waiting).map_err(Fault::from)?;
    }
    let directory = directory_id(session)?;
    let settled = own.into_iter().map(|owner| PasswordEvent::Settled { directory, owner });
    remember(session, settled.collect())?;
    Ok(theirs.len())
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
            own: change.own,
            set_before: newest.set_before,
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
    /// What was refused before, and isn't opened again.
    known: &'a [KnownRefused],
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
        let is_refused = |candidate: &Waiting, user: Option<&User>| {
            let owners = owners_of(&candidate.change.owner, user);
            let mut refusals = owners.iter().filter_map(|owner| book.refused.get(owner));
            refusals
                .find(|it| {
                    // Whoever has an online account by now was waited for.
                    let is_over =
                        it.code == NOT_LINKED && user.is_some_and(|user| user.link.is_some());
                    it.changed == candidate.change.changed && it.at >= refused_before && !is_over
                })
                .cloned()
        };
        let mut candidates = Vec::new();
        for waiting in waiting {
            let owner = waiting.change.owner.clone();
            let user = users.get(&owner).filter(|user| !is_made_since(user, &waiting));
            if let Some(refusal) = is_refused(&waiting, user) {
                self.delivery.known.push(KnownRefused::of(&waiting, user));
                let user = user.map_or_else(|| owner.to_string(), |user| user.name.to_string());
                self.delivery.kept.push(Kept { user, why: refusal.message });
                continue;
            }
            let Some(user) = user else {
                let problem = no_such_user(&owner);
                self.refused(&waiting, None, problem)?;
                continue;
            };
            // What no run may ever touch has nothing to wait for.
            if user.is_built_in {
                self.outbox.remove(&waiting).map_err(Fault::from)?;
                self.delivery.never.push(user.name.to_string());
                continue;
            }
            let set_before = book.set.get(&user.guid).copied();
            let candidate = Newest { user: user.clone(), waiting, set_before };
            // The newest was refused: an older one would only look as if it were the person's.
            let mut refusals =
                owners_of(&owner, Some(user)).into_iter().filter_map(|it| book.refused.get(&it));
            let changed = candidate.waiting.change.changed;
            if refusals.any(|it| it.changed > changed && it.code != CLOCK_SKEW) {
                self.overtaken(&candidate, "a later change was refused")?;
                continue;
            }
            candidates.push(candidate);
        }
        self.newest_of_each(candidates)
    }

    /// Of each person the newest. One whose time can't be believed is no newer than any other.
    fn newest_of_each(&mut self, candidates: Vec<Newest>) -> Result<Vec<Newest>, Fault> {
        let (skewed, candidates): (Vec<_>, Vec<_>) =
            candidates.into_iter().partition(|it| it.waiting.is_skewed());
        let mut newest: Vec<Newest> = Vec::new();
        let mut places: HashMap<UserGuid, usize> = HashMap::new();
        for candidate in candidates {
            let place = places.entry(candidate.user.guid).or_insert(newest.len());
            match newest.get_mut(*place) {
                None => newest.push(candidate),
                Some(other) => {
                    let is_newer = candidate.order() > other.order();
                    let older =
                        if is_newer { std::mem::replace(other, candidate) } else { candidate };
                    self.overtaken(&older, "a later change has overtaken it")?;
                }
            }
        }
        for candidate in skewed {
            let has_later = places
                .get(&candidate.user.guid)
                .and_then(|place| newest.get(*place))
                .is_some_and(|it| it.waiting.arrived > candidate.waiting.arrived);
            if has_later {
                self.overtaken(&candidate, "a later change has overtaken it")?;
            } else {
                let problem = clocks_differ(&candidate.user);
                self.refused(&candidate.waiting, Some(&candidate.user), problem)?;
            }
        }
        Ok(newest)
    }

    /// Takes in what became of a change.
    fn ended(&mut self, newest: &Newest, fate: Fate) -> Result<(), Fault> {
        let name = newest.user.name.to_string();
        match fate {
            Fate::Done | Fate::Unchanged => {
                self.outbox.remove(&newest.waiting).map_err(Fault::from)?;
                self.settled(newest)?;
                let took = Timestamp::now().duration_since(newest.waiting.change.changed);
                self.delivery.delivered.push((name, took));
            }
            Fate::Refused(problem) if problem.code == OVERTAKEN || problem.code == SUPERSEDED => {
                self.overtaken(newest, &problem.message)?;
                self.settled(newest)?;
            }
            Fate::Refused(problem) if problem.code == TEMPORARY => {
                self.delivery.kept.push(Kept { user: name, why: problem.message });
            }
            Fate::Refused(problem) => {
                self.refused(&newest.waiting, Some(&newest.user), problem)?;
            }
            Fate::Later(problem) => {
                self.delivery.kept.push(Kept { user: name, why: problem.message });
            }
        }
        Ok(())
    }

    fn overtaken(&mut self, older: &Newest, why: &str) -> Result<(), Fault> {
        self.outbox.remove(&older.waiting).map_err(Fault::from)?;
        self.delivery
            .overtaken
            .push(Kept { user: older.user.name.to_string(), why: why.to_owned() });
        Ok(())
    }

    /// Under every name that a person was queued by.
    fn refused(
        &mut self,
        waiting: &Waiting,
        user: Option<&User>,
        problem: Problem,
    ) -> Result<(), Fault> {
        let refusal = refusal(&problem, waiting.change.changed);
        let event = |owner| PasswordEvent::Refused {
            directory: self.directory,
            owner,
            refusal: refusal.clone(),
        };
        let owners = owners_of(&waiting.change.owner, user);
        remember(self.session, owners.into_iter().map(event).collect())?;
        self.delivery.known.push(KnownRefused::of(waiting, user));
        let owner = &waiting.change.owner;
        let user = user.map_or_else(|| owner.to_string(), |user| user.name.to_string());
        self.delivery.refused.push(Refused { user, problem });
        Ok(())
    }

    /// No earlier refusal counts any more, and what was refused has been overtaken.
    fn settled(&mut self, newest: &Newest) -> Result<(), Fault> {
        for known in self.known {
            let is_theirs = known.user == Some(newest.user.guid);
            if is_theirs && known.changed <= newest.waiting.change.changed {
                self.outbox.remove_file(&known.file).map_err(Fault::from)?;
                let why = "a later change has overtaken it".to_owned();
                self.delivery.overtaken.push(Kept { user: newest.user.name.to_string(), why });
            }
        }
        let directory = self.directory;
        let owners = owners_of(&newest.waiting.change.owner, Some(&newest.user));
        let settled = owners.into_iter().map(|owner| PasswordEvent::Settled { directory, owner });
        remember(self.session, settled.collect())
    }
}

/// All that a person is known by in the outbox.
fn owners_of(owner: &PasswordOwner, user: Option<&User>) -> Vec<PasswordOwner> {
    let mut owners = vec![owner.clone()];
    if let Some(user) = user {
        owners.push(PasswordOwner::Guid(user.guid));
        owners.push(PasswordOwner::Name(user.name.key()));
    }
    owners.sort();
    owners.dedup();
    owners
}

/// Whether the name has become somebody else's since: whoever was made later had no password then.
fn is_made_since(user: &User, waiting: &Waiting) -> bool {
    matches!(waiting.change.owner, PasswordOwner::Name(_))
        && user.created > waiting.change.changed + CLOCK_SLACK
}

impl KnownRefused {
    fn of(waiting: &Waiting, user: Option<&User>) -> Self {
        Self {
            file: waiting.file.clone(),
            user: user.map(|user| user.guid),
            changed: waiting.change.changed,
        }
    }
}

impl Newest {
    /// When it was changed; of two at the same time, the one that acctsh has set itself, then the one that was
    /// queued later.
    fn order(&self) -> (Timestamp, bool, Timestamp) {
        let change = &self.waiting.change;
        (change.changed, change.own, self.waiting.queued)
    }
}

impl Waiting {
    /// Whether the clock of whoever queued it and the clock of the folder are so far apart that it can't be
    /// said which of two changes is the newer one.
    fn is_skewed(&self) -> bool {
        let apart = self.arrived.duration_since(self.queued).abs();
        let latest = self.arrived.min(Timestamp::now()) + CLOCK_SLACK;
        apart > CLOCK_SLACK || self.change.changed > latest
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
    Problem::error(CLOCK_SKEW, &user.name, message).advice(
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
fn users_of(
    session: &Session,
    owners: &[PasswordOwner],
) -> Result<HashMap<PasswordOwner, User>, Fault> {
    let mut names = Vec::new();
    let mut guids = Vec::new();
    for owner in owners {
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
