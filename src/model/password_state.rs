//! Whether a person's two passwords are one, and what that follows from.
//!
//! A change online is told by the tenant's own times, wherever one was read; only where nobody has looked
//! yet, the clocks of this machine and of the tenant are compared, with [`CLOCK_SLACK`]. Which of two changes
//! in the directory is the newer one, the directory's own clock says where it has one.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Account, ObjectId, PasswordHome, User, UserGuid};

/// How far the tenant's clock and ours may be apart.
pub const CLOCK_SLACK: SignedDuration = SignedDuration::from_secs(60);

/// How much earlier than the directory itself somebody may say that a password was changed: Samba's script
/// for checking passwords is called before the change, and has ten seconds (`active-directory.md §11`).
const EARLY: SignedDuration = SignedDuration::from_secs(15);

/// How a person's password online stands to the one in the directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordState {
    /// The last password that was set online is the one of the directory.
    InStep,
    /// The person has not chosen a password yet.
    Waits,
    /// A newer one waits in the outbox.
    Pending,
    /// Changed online, where this person's passwords have their home.
    Own,
    /// Changed online, though the directory is the home of passwords.
    ChangedOnline,
    /// The last change was refused online.
    Refused,
    /// Nothing is known.
    Unknown,
}

impl PasswordState {
    /// The word for it, as scripts compare it.
    pub fn word(self) -> &'static str {
        match self {
            Self::InStep => "in step",
            Self::Waits => "waits",
            Self::Pending => "pending",
            Self::Own => "own",
            Self::ChangedOnline => "changed online",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

/// Which password acctsh has sent to an online account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentPassword {
    /// One to be changed at the next sign-in.
    Temporary,
    /// One that nobody knows, until a change made in the directory arrives.
    Undisclosed,
    /// The one that the person has in the directory.
    Shared,
}

/// The last password that acctsh has sent to an online account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PasswordNote {
    /// Which one arrived, and when by the clock of this machine.
    pub arrived: Option<(SentPassword, Timestamp)>,
    /// When one was sent of which nobody knows whether it arrived.
    pub attempted: Option<Timestamp>,
    /// The time that the tenant then gave as that of the last change.
    pub seen: Option<Timestamp>,
    /// When the person had changed it, for one that was carried over.
    pub changed: Option<Timestamp>,
}

impl PasswordNote {
    /// Whether a change that the tenant shows is one that we made.
    pub fn accounts_for(&self, last_change: Timestamp) -> bool {
        let ours = |at: Timestamp| last_change <= at + CLOCK_SLACK;
        match self.seen {
            Some(seen) if last_change <= seen => true,
            // Nobody else can be told from an attempt whose outcome is unknown.
            Some(_) => self.attempted.is_some_and(ours),
            None => {
                let arrived = self.arrived.map(|(_, at)| at);
                [arrived, self.attempted].into_iter().flatten().any(ours)
            }
        }
    }
}

/// Why a password wasn't taken online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordRefusal {
    /// When the person had changed it.
    pub changed: Timestamp,
    /// When it was refused.
    pub at: Timestamp,
    /// A stable name of the reason.
    pub code: String,
    /// The reason.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// Whose password a change in the outbox is: as whoever queued it named the user.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PasswordOwner {
    /// By GUID.
    Guid(UserGuid),
    /// By user name, in lower case.
    Name(String),
}

impl PasswordOwner {
    /// Reads a GUID or a name.
    pub fn parse(text: &str) -> Self {
        match text.trim_matches(['{', '}']).parse() {
            Ok(guid) => Self::Guid(UserGuid(guid)),
            Err(_) => Self::Name(text.to_lowercase()),
        }
    }
}

impl std::fmt::Display for PasswordOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Guid(guid) => guid.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// What this machine knows of passwords on their way.
#[derive(Debug, Clone, Default)]
pub struct PasswordBook {
    /// Where people change their passwords.
    pub home: PasswordHome,
    /// The last one sent to each online account.
    pub sent: HashMap<ObjectId, PasswordNote>,
    /// When acctsh last set a user's password in the directory.
    pub set: HashMap<UserGuid, Timestamp>,
    /// Changes that wait in the outbox: when the newest of each owner was made.
    pub waiting: HashMap<PasswordOwner, Timestamp>,
    /// Changes that were refused.
    pub refused: HashMap<PasswordOwner, PasswordRefusal>,
}

impl PasswordBook {
    /// What is known of a user under any of its names.
    fn of<'a, T>(known: &'a HashMap<PasswordOwner, T>, account: &Account<'_>) -> Option<&'a T> {
        let by_user = |user: &User| {
            known
                .get(&PasswordOwner::Guid(user.guid))
                .or_else(|| known.get(&PasswordOwner::Name(user.name.key())))
        };
        account.user.and_then(by_user).or_else(|| {
            let online = account.online?;
            known.get(&PasswordOwner::Name(online.online_id.key()))
        })
    }

    /// Why the last change of a person's password was refused.
    pub fn refusal(&self, account: &Account<'_>) -> Option<&PasswordRefusal> {
        Self::of(&self.refused, account)
    }

    /// Whether a change that was made at that time isn't the newest one of this person any more: a later
    /// one has arrived online, or acctsh has set another one in the directory since.
    /// Two changes may bear the same whole second: the one that was queued after the other's arrival is
    /// another. A time that is more exact is the same change, said twice.
    pub fn is_overtaken(
        &self,
        account: &Account<'_>,
        changed: Timestamp,
        queued: Timestamp,
        own: bool,
    ) -> bool {
        // A time that is still to come was read off a clock that was wrong.
        let now = Timestamp::now() + CLOCK_SLACK;
        let set = account.user.and_then(|user| self.set.get(&user.guid).copied());
        let set = set.filter(|set| *set <= now);
        let note = account.online.and_then(|online| self.sent.get(&online.id));
        let carried = note.and_then(|note| Some((note.changed?, note.arrived?.1)));
        let carried = carried.filter(|(last, _)| *last <= now);
        let last = account.user.and_then(|user| user.password_changed);
        let is_set_since = match last {
            // By the directory's own clock. What counts there now may be what we have set ourselves: then the
            // hook's word of it is an echo, and only our own copy is one that has still to arrive. Who
            // says of a change while it is being made is some seconds early.
            Some(last) => {
                let is_ours = own && changed == last;
                changed + EARLY < last || (set == Some(last) && !is_ours)
            }
            None => set.is_some_and(|set| changed < set),
        };
        is_set_since
            || carried.is_some_and(|(last, at)| {
                let is_exact = changed.subsec_nanosecond() != 0;
                changed < last || (changed == last && (is_exact || queued <= at))
            })
    }

    /// Whether somebody else has changed the password online since that time: after our last one, where
    /// we have sent one.
    pub fn is_changed_online_since(&self, account: &Account<'_>, since: Timestamp) -> bool {
        let Some(online) = account.online else { return false };
        let Some(last) = online.last_password_change else { return false };
        let note = self.sent.get(&online.id);
        let is_shared = note
            .and_then(|note| note.arrived)
            .is_some_and(|(sent, _)| sent == SentPassword::Shared);
        if !is_shared && account.user.is_some_and(|user| user.remembered.waits_for_password) {
            // What made it wait was a password of acctsh, perhaps of another machine's.
            return false;
        }
        let is_ours = note.is_some_and(|note| note.accounts_for(last));
        !is_ours && last > since + CLOCK_SLACK
    }

    /// How the two passwords of a person stand, and since when as far as that is known. `None` without
    /// an online account.
    pub fn state(&self, account: &Account<'_>) -> Option<(PasswordState, Option<Timestamp>)> {
        let online = account.online?;
        let last = online.last_password_change;
        // A refused one lies in the outbox too, until a newer one comes.
        let refusal = self.refusal(account);
        // One that is to be changed first stays there until it is.
        let must_change = account.user.is_some_and(|user| user.must_change_password);
        let waiting = Self::of(&self.waiting, account).filter(|_| !must_change);
        if must_change && self.home == PasswordHome::Directory {
            return Some((PasswordState::Waits, last));
        }
        match (refusal, waiting) {
            (Some(refusal), Some(waiting)) if *waiting <= refusal.changed => {
                return Some((PasswordState::Refused, Some(refusal.at)));
            }
            (_, Some(waiting)) => return Some((PasswordState::Pending, Some(*waiting))),
            (Some(refusal), None) => return Some((PasswordState::Refused, Some(refusal.at))),
            (None, None) => {}
        }
        let waits = account.user.is_some_and(|user| user.remembered.waits_for_password);
        let note = self.sent.get(&online.id);
        let Some((note, (sent, at))) = note.and_then(|note| Some((note, note.arrived?))) else {
            return Some(self.without_note(waits, online.created, last));
        };
        if let Some(last) = last
            && !note.accounts_for(last)
        {
            return Some((self.changed_online(), Some(last)));
        }
        // Set in the directory since, and nothing waits: a run was given up half-way.
        let set = account.user.and_then(|user| self.set.get(&user.guid));
        if set.is_some_and(|set| *set > at + CLOCK_SLACK) && sent == SentPassword::Shared {
            return Some((PasswordState::Unknown, set.copied()));
        }
        Some(match sent {
            SentPassword::Shared => (PasswordState::InStep, Some(at)),
            SentPassword::Temporary | SentPassword::Undisclosed => (PasswordState::Waits, Some(at)),
        })
    }

    fn changed_online(&self) -> PasswordState {
        match self.home {
            PasswordHome::Online => PasswordState::Own,
            PasswordHome::Directory => PasswordState::ChangedOnline,
        }
    }

    /// Another machine may have sent passwords: what a change online was is known only where it can't
    /// have been one of those.
    fn without_note(
        &self,
        waits: bool,
        created: Option<Timestamp>,
        last: Option<Timestamp>,
    ) -> (PasswordState, Option<Timestamp>) {
        if waits {
            return (PasswordState::Waits, last);
        }
        let is_later = |created: Timestamp| last.is_some_and(|last| last > created + CLOCK_SLACK);
        match self.home {
            PasswordHome::Online if created.is_some_and(is_later) => (PasswordState::Own, last),
            _ => (PasswordState::Unknown, None),
        }
    }
}
