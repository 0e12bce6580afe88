//! Who is sent when, and with whom: calls that wait at the same time go together as one batch, and
//! their callers don't know.
//!
//! A few lanes take from one queue, each one request at a time. A call that finds a free lane goes in
//! the same turn of the scheduler, together with those that came in that turn; when all lanes are on
//! their way, calls gather. So a lone call isn't delayed, and the more there is to do, the more goes
//! together. Before a request leaves, its cost is spent and a pause of the tenant kept.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;
use uuid::Uuid;

use super::Call;
use super::batch;
use super::budget::Budget;
use super::pause::Pause;
use super::waits::Waits;
use super::wire::{Answer, Wire, no_answer};
use crate::online::auth::SignIn;
use crate::online::{FaultKind, OnlineFault, Outcome};

/// What all lanes share.
pub(super) struct Dispatcher {
    pub(super) wire: Wire,
    pub(super) sign_in: SignIn,
    /// Graph's host, without a slash at the end.
    pub(super) host: String,
    pub(super) lanes: usize,
    pub(super) pause: Pause,
    pub(super) budget: Budget,
    pub(super) waits: Waits,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Errand>,
    open_lanes: usize,
}

/// A call on its way.
pub(super) struct Errand {
    pub(super) call: Arc<Call>,
    goes_alone: bool,
    /// After that nobody waits for it any more.
    deadline: Instant,
    reply: oneshot::Sender<Reply>,
}

pub(super) type Reply = Result<Answer, Failed>;

/// Why a call didn't succeed.
pub(super) enum Failed {
    Fault(OnlineFault),
    /// The batch it was in could not be read or answered as one, and did nothing for this call: it
    /// must go alone.
    InBatch,
}

impl Dispatcher {
    pub(super) fn new(
        wire: Wire,
        sign_in: SignIn,
        host: String,
        lanes: usize,
        budget: Budget,
    ) -> Arc<Self> {
        Arc::new(Self {
            wire,
            sign_in,
            host,
            lanes,
            budget,
            pause: Pause::default(),
            waits: Waits::default(),
            queue: Mutex::default(),
        })
    }

    /// Sends the call once, alone or with others.
    pub(super) async fn pass(
        self: &Arc<Self>,
        call: &Arc<Call>,
        goes_alone: bool,
        deadline: Instant,
    ) -> Reply {
        let (reply, answer) = oneshot::channel();
        let errand = Errand { call: Arc::clone(call), goes_alone, deadline, reply };
        {
            let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.waiting.push_back(errand);
            if queue.open_lanes < self.lanes {
                queue.open_lanes += 1;
                tokio::spawn(lane(Lane(Some(Arc::clone(self)))));
            }
        }
        let lost = |_| {
            let why = "the request was given up on its way";
            Err(Failed::Fault(no_answer(call.is_write(), why.to_owned())))
        };
        answer.await.unwrap_or_else(lost)
    }

    /// The next call for a lane; none closes the lane, before another call can come.
    fn next(&self) -> Option<Errand> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match queue.waiting.pop_front() {
                // Who waits no more gets nothing sent.
                Some(errand) if errand.reply.is_closed() => {}
                Some(errand) => return Some(errand),
                None => {
                    queue.open_lanes -= 1;
                    return None;
                }
            }
        }
    }

    /// What goes with the first call: as many of those that wait as fit in a batch and the quota
    /// has left, and never two writes to one object, which would collide (`graph.md §12`).
    fn load(&self, first: Errand) -> Vec<Errand> {
        let mut written: HashSet<Uuid> = first.call.written().into_iter().collect();
        let is_lone = first.goes_alone;
        let mut load = vec![first];
        if is_lone {
            return load;
        }
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = 0;
        while load.len() < batch::MOST
            && let Some(next) = queue.waiting.get(at)
        {
            let object = next.call.written();
            let collides = object.is_some_and(|object| written.contains(&object));
            if next.goes_alone || collides || next.reply.is_closed() {
                at += 1;
                continue;
            }
            if !self.budget.try_spend(next.call.cost) {
                break;
            }
            written.extend(object);
            load.extend(queue.waiting.remove(at));
        }
        load
    }

    /// Keeps the quota and the pause. Gives the wait that is longer than the call's caller has time.
    async fn clear(&self, errand: &Errand) -> Result<(), Duration> {
        let Errand { call, deadline, .. } = errand;
        self.budget.spend(call.cost, *deadline, &self.waits).await?;
        if self.pause.over(*deadline, &self.waits).await? {
            self.budget.after_pause();
        }
        Ok(())
    }
}

/// An open lane; closes even when the runtime it runs on ends.
struct Lane(Option<Arc<Dispatcher>>);

impl Drop for Lane {
    fn drop(&mut self) {
        let Some(dispatcher) = &self.0 else { return };
        let mut queue = dispatcher.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.open_lanes -= 1;
        if queue.open_lanes == 0 {
            // Nobody is left to take them, and nobody shall wait for ever.
            queue.waiting.clear();
        }
    }
}

async fn lane(mut lane: Lane) {
    while let Some(dispatcher) = lane.0.clone() {
        // Whoever calls in the same turn comes along.
        tokio::task::yield_now().await;
        let Some(first) = dispatcher.next() else {
            lane.0 = None;
            return;
        };
        match dispatcher.clear(&first).await {
            Ok(()) if first.reply.is_closed() => {}
            Ok(()) => dispatcher.carry(dispatcher.load(first)).await,
            Err(wait) => first.fail(too_long(wait)),
        }
    }
}

/// The fault of a call that wasn't sent since it would have had to wait too long.
fn too_long(wait: Duration) -> OnlineFault {
    let detail = format!("not before {} s", wait.as_secs_f64().ceil());
    OnlineFault {
        retry_after: Some(wait),
        ..OnlineFault::new(FaultKind::Throttled, Outcome::NotSent, detail)
    }
}

impl Errand {
    pub(super) fn fail(self, fault: OnlineFault) {
        self.answer(Err(Failed::Fault(fault)));
    }

    pub(super) fn answer(self, reply: Reply) {
        // Nobody is there any more who could be told.
        let _ = self.reply.send(reply);
    }
}
