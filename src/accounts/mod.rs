//! The read side: what the directory and the tenant say, both halves linked.
//!
//! What belongs here: facts and how they are read in bulk (a listing where that is fewer requests
//! than asking by key; never one request per row), and the linked view of both halves. What doesn't:
//! anything that writes (`plan/execute`), and what a plan would change (`plan/view`).

mod fact;
mod facts;
mod mail;
mod needs;
mod read_mail;
mod reader;
mod sources;

pub use fact::Linked;
pub use facts::{DirectoryFacts, Facts};
pub use mail::{MailFacts, MailNeeds};
pub use needs::{Missing, Needs, R};
pub use reader::Reader;
pub use sources::{AccountsFault, Sources};
