//! Options that are accepted everywhere, before or after a script's name.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ValueEnum};

use crate::plan::SeatsShort;
use crate::script::RunOptions;
use crate::table::Format;

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Common options")]
pub(super) struct CommonOptions {
    /// The profile to use.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) profile: Option<String>,
    /// Show what would be done; write nothing.
    #[arg(long, global = true)]
    pub(super) what_if: bool,
    /// Answer questions with yes.
    #[arg(long, short = 'y', global = true)]
    pub(super) yes: bool,
    /// How data is shown: table, list, json, jsonl or csv.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
    /// The file for results (default: acctsh-RUN.csv).
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) results: Option<PathBuf>,
    /// The folder for letters with temporary passwords (default: acctsh-RUN/).
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(super) handover: Option<PathBuf>,
    /// When seats are short: write nothing, serve rows in order, or go on without licences.
    #[arg(long, global = true, value_name = "POLICY", value_enum, default_value_t = SeatsPolicy::Stop)]
    pub(super) seats_short: SeatsPolicy,
    /// Save the plan to this file instead of applying it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) plan_out: Option<PathBuf>,
    /// How many people may be deleted at once (default: 3, or a tenth of all up to 20).
    #[arg(long, global = true, value_name = "N")]
    pub(super) max_deletes: Option<u32>,
    /// From how many people access may be taken at once (default: 10, or a quarter of all up to 100).
    #[arg(long, global = true, value_name = "N")]
    pub(super) max_revokes: Option<u32>,
    /// Say more: -v shows every request to the tenant.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

impl CommonOptions {
    /// Options given before the script's name, overridden by those after it.
    pub(super) fn overridden_by(self, after: Self, matches: &ArgMatches) -> Self {
        let said = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self {
            profile: after.profile.or(self.profile),
            what_if: after.what_if || self.what_if,
            yes: after.yes || self.yes,
            output: after.output.or(self.output),
            results: after.results.or(self.results),
            handover: after.handover.or(self.handover),
            seats_short: if said("seats_short") { after.seats_short } else { self.seats_short },
            plan_out: after.plan_out.or(self.plan_out),
            max_deletes: after.max_deletes.or(self.max_deletes),
            max_revokes: after.max_revokes.or(self.max_revokes),
            verbose: after.verbose.max(self.verbose),
        }
    }
}

/// The words for [`SeatsShort`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SeatsPolicy {
    Stop,
    Fill,
    Unlicensed,
}

impl From<CommonOptions> for RunOptions {
    fn from(common: CommonOptions) -> Self {
        Self {
            what_if: common.what_if,
            yes: common.yes,
            output: common.output,
            no_files: false,
            results: common.results,
            handover: common.handover,
            seats_short: match common.seats_short {
                SeatsPolicy::Stop => SeatsShort::Stop,
                SeatsPolicy::Fill => SeatsShort::Fill,
                SeatsPolicy::Unlicensed => SeatsShort::Unlicensed,
            },
            plan_out: common.plan_out,
            max_deletes: common.max_deletes,
            max_revokes: common.max_revokes,
        }
    }
}
