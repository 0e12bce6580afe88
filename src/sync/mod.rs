//! Keeping both halves of people in step without being asked each time: passwords from the outbox to the
//! tenant, and what else the profile says is carried from the directory.
//!
//! What belongs here: which change in the outbox is the newest of a person, small plans of what is to be
//! carried, and the watch that repeats all that. What doesn't: the outbox itself (`passwords`), what a
//! change means and how it is written (`plan`): background work is plans under the same checks, guards and
//! journal as everything else.
//!
//! * `changes`: what else is carried from the directory.
//! * `deliver`: passwords from the outbox.
//! * `small_plan`: a plan that nobody is asked about.
//! * `watch`: all of it again and again.
//! * `health`: what the watch says of itself to `doctor`.

mod changes;
mod deliver;
mod health;
mod small_plan;
mod watch;

pub use changes::{Changes, carry_changes, changes_to_carry};
pub use deliver::{Delivery, Kept, Refused, deliver, discard};
pub use small_plan::settle_earlier_runs;
pub use watch::watch;

use std::path::PathBuf;

use crate::profile::Profile;
use crate::script::Fault;
use crate::state::{RunLock, RunLockError, private_file};

/// What runs of this are called in the journal.
pub const WHAT: &str = "acctsh sync";

/// Takes the lock of a profile's synchronisation: of two that deliver at once, one would send what the
/// other has overtaken.
pub fn lock(profile: &Profile) -> Result<RunLock, Fault> {
    let path = lock_file(profile);
    let unusable = |reason: std::io::Error| {
        Fault::new("bad_folder", format!("{} can't be used: {reason}", path.display()))
    };
    private_file::create_folder(&profile.home().locks()).map_err(unusable)?;
    RunLock::acquire(&path).map_err(|fault| match fault {
        RunLockError::Held { by } => Fault::new(
            "refused",
            format!("another acctsh keeps the profile {} in step: {by}", profile.name()),
        )
        .hint("it delivers what waits; acctsh doctor says how it fares"),
        RunLockError::Io(reason) => unusable(reason),
    })
}

fn lock_file(profile: &Profile) -> PathBuf {
    profile.home().locks().join(format!("sync-{}.lock", profile.name()))
}
