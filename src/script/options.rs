//! Options that every unit obeys, whatever it runs.

use std::path::PathBuf;

use crate::plan::{PlanOptions, SeatsShort};
use crate::table::Format;

/// Options of a unit.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Show what would be done, write nothing.
    pub what_if: bool,
    /// Answer questions with yes.
    pub yes: bool,
    /// How results and values are shown.
    pub output: Option<Format>,
    /// The file for results.
    pub results: Option<PathBuf>,
    /// Leave no files behind: what was done is in the journal, and said.
    pub no_files: bool,
    /// The folder for letters.
    pub handover: Option<PathBuf>,
    /// What to do when there are fewer seats than people.
    pub seats_short: SeatsShort,
    /// Save the plan instead of applying it.
    pub plan_out: Option<PathBuf>,
    /// How many people may be deleted, where that is more than without a word.
    pub max_deletes: Option<u32>,
    /// From how many people something may be taken, where that is more than without a word.
    pub max_revokes: Option<u32>,
}

impl RunOptions {
    /// The part that shapes steps.
    pub fn plan_options(&self) -> PlanOptions {
        PlanOptions { seats_short: self.seats_short }
    }
}
