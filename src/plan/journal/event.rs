//! What can happen to a step, and the state that follows from what happened.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{GroupId, ObjectId, Problem, UserGuid};
use crate::plan::step::StepId;

/// What a step made, for the steps that need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// A user.
    User(UserGuid),
    /// An online account.
    Online(ObjectId),
    /// A group.
    Group(GroupId),
    /// A password in the outbox, in the place of one online.
    Queued,
    /// A password in the directory, at this time by the directory's own clock.
    PasswordSet(Timestamp),
}

/// Something that happened to a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// It is about to be sent. From here to its end the outcome is unknown.
    Started,
    /// It was done.
    Done {
        /// What it made.
        made: Option<Made>,
    },
    /// What it did was seen on the other side.
    Verified,
    /// It was refused, for good.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// It was not tried, because a step failed whose success it needs.
    Skipped {
        /// That step.
        because: StepId,
    },
    /// It could not be done for now; a resume tries again.
    Parked {
        /// Why.
        problem: Problem,
    },
}

/// The state of a step: the fold of its events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StepState {
    /// Nothing happened yet.
    #[default]
    Pending,
    /// Sent, outcome unknown.
    Started,
    /// Done: the other side said so.
    Done(Option<Made>),
    /// Done, and seen by whoever reads (`graph.md §14`).
    Verified(Option<Made>),
    /// Refused.
    Failed(Problem),
    /// Not tried.
    Skipped(StepId),
    /// To be tried again.
    Parked(Problem),
}

/// An event that can't follow what happened before.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the journal is damaged: {event:?} can't follow {state:?}")]
pub struct IllegalEvent {
    /// The state before.
    pub state: Box<StepState>,
    /// The event.
    pub event: Box<Event>,
}

impl StepState {
    /// The state after one more event.
    pub fn after(self, event: Event) -> Result<Self, IllegalEvent> {
        match (self, event) {
            (Self::Pending | Self::Started | Self::Parked(_), Event::Started) => Ok(Self::Started),
            (Self::Started, Event::Done { made }) => Ok(Self::Done(made)),
            (Self::Done(made) | Self::Verified(made), Event::Verified) => Ok(Self::Verified(made)),
            (Self::Started, Event::Failed { problem }) => Ok(Self::Failed(problem)),
            (Self::Started, Event::Parked { problem }) => Ok(Self::Parked(problem)),
            (Self::Pending, Event::Skipped { because }) => Ok(Self::Skipped(because)),
            (state, event) => Err(IllegalEvent { state: Box::new(state), event: Box::new(event) }),
        }
    }

    /// Whether nothing more will happen to it.
    pub fn has_ended(&self) -> bool {
        self.has_succeeded() || matches!(self, Self::Failed(_) | Self::Skipped(_))
    }

    /// Whether it was done. Not being seen yet takes nothing from that.
    pub fn has_succeeded(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Verified(_))
    }

    /// What it made.
    pub fn made(&self) -> Option<Made> {
        match self {
            Self::Done(made) | Self::Verified(made) => *made,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_step_that_was_sent_before_a_crash_is_sent_again_and_then_done() {
        let state = StepState::Pending.after(Event::Started).unwrap();
        let state = state.after(Event::Started).unwrap();
        assert_eq!(state.after(Event::Done { made: None }), Ok(StepState::Done(None)));
    }

    #[test]
    fn nothing_follows_an_end_and_nothing_ends_that_was_not_started() {
        let done = StepState::Done(None);
        assert!(done.clone().after(Event::Started).is_err());
        assert!(StepState::Pending.after(Event::Done { made: None }).is_err());
        assert!(StepState::Skipped(StepId(1)).after(Event::Started).is_err());
        assert!(done.after(Event::Skipped { because: StepId(0) }).is_err());
    }

    fn event() -> impl Strategy<Value = Event> {
        let problem = || Problem::error("x", "x", "x");
        prop_oneof![
            3 => Just(Event::Started),
            1 => Just(Event::Done { made: None }),
            1 => Just(Event::Failed { problem: problem() }),
            1 => Just(Event::Parked { problem: problem() }),
            1 => Just(Event::Skipped { because: StepId(0) }),
        ]
    }

    proptest! {
        #[test]
        fn whatever_happens_nothing_is_done_twice_and_nothing_ends_unsent(
            events in prop::collection::vec(event(), 0..12),
        ) {
            let mut state = StepState::Pending;
            let mut was_sent = false;
            for event in events {
                let had_ended = state.has_ended();
                let is_start = event == Event::Started;
                let is_skip = matches!(event, Event::Skipped { .. });
                let Ok(next) = state.clone().after(event) else { continue };
                prop_assert!(!had_ended, "something followed {state:?}");
                prop_assert!(is_start || is_skip != was_sent, "{next:?} without having been sent");
                was_sent |= is_start;
                state = next;
            }
        }
    }
}
