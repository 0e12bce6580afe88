//! The journal: every run with its changes and steps, and what became of each step.
//!
//! What belongs here: the tables, the events, and the state that is the fold of the events. What
//! doesn't: deciding what to do next (`execute`). All steps with their order are on disk before the
//! first write; *started* is on disk before a step is sent; *ended* is on disk no later than any
//! *started* that follows it, because one thread writes both in order.

mod event;
mod password_changes;
mod password_notes;
mod record;
mod seen_users;
mod store;

pub use event::{Event, IllegalEvent, Made, StepState};
pub use password_notes::PasswordEvent;
pub use record::{RunHead, RunId, RunState, Sent, StoredChange, StoredRun};
pub use seen_users::{DirectoryMark, SeenUser};
pub use store::{Journal, JournalError, SealedCopy};
