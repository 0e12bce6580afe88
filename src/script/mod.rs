//! The Rhai host: scripts, what they can call, and the life of a unit from recording to results.
//!
//! What belongs here: the engine, the objects and functions of scripts (`api`), parameters, bundled
//! scripts and standard library, errors with their place in the source, and the end of a unit
//! (preview, confirmation, results). What doesn't: what a change means (`plan`), arguments of the
//! command line (`cli`), the prompt (`shell`).
//!
//! To add a script function: in the file of its object under `api/`, with doc comment and example.

mod api;
mod bundled;
mod console;
mod engine;
mod exit;
mod finish;
mod options;
mod params;
mod passwd;
mod place;
mod progress;
mod raise;
mod rendering;
mod report;
mod review;
mod run_files;
mod runs;
mod secret_page;
mod session;
mod unit;

pub use bundled::{BundledScript, SCRIPTS, bundled};
pub use console::Console;
pub use exit::Exit;
pub use finish::{Finished, begin_quietly, execute_quietly};
pub use options::RunOptions;
pub use params::{Param, ParamType, ParamValue, Params};
pub use passwd::{Person, find_person, set_password};
pub use raise::{Fault, directory_fault};
pub use report::{print_table, results_table, runs_table};
pub use runs::{
    abandon_run, export_failed, load_run, restore_files, resume_run, run_heads, shown, summary_of,
};
pub use secret_page::{is_seen_by_a_person, show_for_a_while};
pub use session::Session;
pub use unit::{Source, Unit, apply_file, read_params, show_fault};
