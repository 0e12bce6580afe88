//! Exchange Online's admin API: mailboxes, groups, addresses (`exchange.md`). Graph can write none of
//! them (§0.1).
//!
//! What belongs here: one file per resource, the one way a command is sent (`connection`), how it is
//! written (`command`) and what a refusal means (`refusal`). What doesn't: what to do about an unknown
//! outcome. A command that changes something is sent once; again only after an answer that says it
//! wasn't done, or where a second run finds it done and says so (§8).
//!
//! Recovery, by the classes of the plan: *repeat* for member add and remove, flags, forwarding, replies,
//! permissions and alias edits, which end in the same state however often they run; *adopt* for a new
//! group; *look* for a primary address and the removal of a group.

mod accepted_domains;
pub(super) mod access;
pub(super) mod auto_reply;
mod command;
mod connection;
pub(super) mod groups;
pub(super) mod mailboxes;
mod members;
mod permissions;
pub(super) mod recipients;
mod refusal;

pub(super) use connection::Exchange;

use connection::Done;

/// What a write came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It was done.
    Done,
    /// It was so already.
    AlreadySo,
}

impl Written {
    /// Exchange tells by a warning that nothing was to be done (`exchange.md §7.3`).
    fn of(done: &Done) -> Self {
        let already = ["no settings of", "is already present", "isn't present", "not present"];
        let says = |warning: &String| already.iter().any(|words| warning.contains(words));
        if done.warnings.iter().any(says) { Self::AlreadySo } else { Self::Done }
    }
}
