//! Plans: the changes of one unit, checked, previewed, confirmed and applied together.
//!
//! What belongs here: everything between a verb that records a change and the result of its last
//! step. Verbs only record; `execute` alone writes. What doesn't: how a script names a change
//! (`script`), how a plan is shown in colours (`cli`), reading (`accounts`).
//!
//! * `change/`: one file per change: what it means ([`change::Intent`]).
//! * `person`, `view`: what is, plus what the recorded changes would make of it.
//! * `derive`: changes → edits and steps, in passes that collect what facts they lack.
//! * `check/`: one file per rule over many values.
//! * `step`, `exchange_op`: one write, its order, its claims and its recovery class.
//! * `mail/`: mailboxes, addresses and groups as the plan has them.
//! * `journal/`, `execute/`: a run, and what became of every step.
//! * `letters`: what lies in the hand-over folder of a run.
//! * `plan_file`, `preview`, `tally`, `results`: a plan and a run as data for files and people.
//!
//! To add a change: its file in `change/`, one variant and one arm in `change/mod.rs`.

pub mod apply;
pub mod change;

pub mod check;
pub mod derive;
mod draft;
pub mod edit;
mod exchange_op;
pub mod execute;
pub mod journal;
pub mod letters;
pub mod mail;
mod mail_words;
pub mod person;
pub mod plan_file;
mod planner;
pub mod preview;
pub mod results;
pub mod step;
mod tally;
pub mod view;

pub use check::{
    Guards, Harm, Identities, Plan, PlanOptions, PlannedChange, SeatCount, SeatsShort,
};
pub use draft::Rejected;
pub use exchange_op::{Condition, ExchangeOp};
pub use planner::Planner;
