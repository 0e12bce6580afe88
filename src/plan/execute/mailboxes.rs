//! Waiting for mailboxes: many steps wait at once, and one reading serves them all
//! (`exchange.md §12.2`).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::attempt::Tried;
use super::graph::tried;
use crate::model::{Mailbox, ObjectId, Problem, RecipientKind};
use crate::online::{OnlineFault, Tenant};
use crate::plan::exchange_op::Condition;

/// The pause after a reading that found something, or before the first for somebody new.
const SHORT: Duration = Duration::from_millis(500);
/// The longest pause between two readings.
const LONG: Duration = Duration::from_secs(60);
/// More mailboxes than that are looked for in the list of all.
const ONE_BY_ONE: usize = 3;

/// What is waited for, and what was seen.
#[derive(Default)]
pub(super) struct MailboxWatch(Mutex<Watched>);

#[derive(Default)]
struct Watched {
    waiting: HashSet<ObjectId>,
    seen: HashMap<ObjectId, RecipientKind>,
    next: Option<Instant>,
    pause: Duration,
}

impl MailboxWatch {
    /// Whether it is so by now; else when to ask again.
    pub(super) async fn look(
        &self,
        tenant: &Tenant,
        id: ObjectId,
        condition: Condition,
        label: &str,
    ) -> Tried {
        let mut watched = self.0.lock().await;
        let now = Instant::now();
        let is_new = watched.waiting.insert(id);
        if watched.is(id, condition) {
            return watched.done(id);
        }
        if is_new {
            let soon = now + SHORT;
            watched.next = watched.next.map(|next| next.min(soon));
        }
        if watched.next.is_none_or(|next| next <= now) {
            if let Err(fault) = watched.read(tenant).await {
                return tried(label, &fault, None);
            }
            if watched.is(id, condition) {
                return watched.done(id);
            }
        }
        let next = watched.next.unwrap_or(now + SHORT);
        Tried::Again {
            problem: not_yet(condition, label),
            after: Some(next.saturating_duration_since(Instant::now()) + Duration::from_millis(1)),
            out_of_reach: false,
        }
    }
}

impl Watched {
    fn is(&self, id: ObjectId, condition: Condition) -> bool {
        match condition {
            Condition::Mailbox => self.seen.contains_key(&id),
            Condition::Shared => self.seen.get(&id) == Some(&RecipientKind::SharedMailbox),
        }
    }

    fn done(&mut self, id: ObjectId) -> Tried {
        self.waiting.remove(&id);
        Tried::Done(None)
    }

    /// Reads what is waited for, and draws the next reading nearer if there was something new.
    async fn read(&mut self, tenant: &Tenant) -> Result<(), OnlineFault> {
        let before = self.seen.clone();
        if self.waiting.len() > ONE_BY_ONE {
            let all = tenant.mailboxes().await?;
            self.take(all);
        } else {
            for id in self.waiting.clone() {
                let found = tenant.mailbox(id).await?;
                self.take(found);
            }
        }
        let found_some = self.seen != before;
        self.pause = if found_some || self.pause.is_zero() {
            SHORT
        } else {
            self.pause.mul_f64(1.5).min(LONG)
        };
        self.next = Some(Instant::now() + self.pause);
        Ok(())
    }

    fn take(&mut self, mailboxes: impl IntoIterator<Item = Mailbox>) {
        self.seen.extend(mailboxes.into_iter().map(|mailbox| (mailbox.id, mailbox.kind)));
    }
}

fn not_yet(condition: Condition, label: &str) -> Problem {
    let (code, message) = match condition {
        Condition::Mailbox => (
            "no_mailbox_yet",
            "its mailbox is not there yet; as a rule it takes under half an hour",
        ),
        Condition::Shared => ("not_shared_yet", "its mailbox is not seen as a shared one yet"),
    };
    Problem::error(code, label, message).advice("resume the run later: nothing is lost by waiting")
}
