//! `apply`, `preview`, `save`: what a script does with its plan before its end.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, Map, NativeCallContext, export_module, exported_module};

use super::values::dynamic;
use crate::plan::plan_file;
use crate::plan::results::{ChangeResult, Summary};
use crate::script::engine::session;
use crate::script::exit::Exit;
use crate::script::finish::finish;
use crate::script::raise::{Fault, Raised};
use crate::script::{report, review};
use crate::table::Value;

/// A run that `apply()` made; empty while nothing is written.
#[derive(Clone)]
pub(super) struct RunHandle {
    id: Option<String>,
    results: Arc<Vec<ChangeResult>>,
}

impl RunHandle {
    fn known(&self) -> Result<(), Raised> {
        match self.id {
            Some(_) => Ok(()),
            None => Err(Fault::new("known_after_apply", "nothing was applied yet").raise()),
        }
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<RunHandle>("Run");
    engine.register_global_module(exported_module!(plan_api).into());
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod plan_api {
    /// Applies what was recorded so far, and gives the run with its results. Asks first, as at the
    /// end of the script. Under what-if and `--plan-out` nothing is applied: the plan goes on.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// let run = apply();
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn apply(context: NativeCallContext) -> Result<RunHandle, Raised> {
        let session = session(&context)?;
        let options = session.options();
        let nothing = RunHandle { id: None, results: Arc::default() };
        if options.what_if || options.plan_out.is_some() || session.is_empty() {
            return Ok(nothing);
        }
        let finished = finish(&session, true, None).map_err(Fault::raise)?;
        session.applied(finished.exit);
        match (&finished.run, finished.exit) {
            (Some(run), _) => {
                Ok(RunHandle { id: Some(run.to_string()), results: Arc::new(finished.results) })
            }
            (None, Exit::Done) => Ok(nothing),
            (None, Exit::NeedsConfirmation) => {
                Err(Fault::new("needs_confirmation", "apply() was not confirmed").raise())
            }
            (None, _) => Err(Fault::new("bad_plan", "apply() found problems in the plan").raise()),
        }
    }

    /// Shows what the plan would do so far. It goes to standard error.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// preview();
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn preview(context: NativeCallContext) -> Result<(), Raised> {
        let session = session(&context)?;
        let plan = session.preview().map_err(Fault::raise)?;
        report::show_problems(session.console(), &plan);
        report::show_preview(session.console(), &plan, true);
        Ok(())
    }

    /// Saves the plan instead of applying it: for `acctsh plan apply`, or, with a name that ends in
    /// `.csv`, as a review file whose rows can be edited, deleted and taken back.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// save("plan.json");
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn save(context: NativeCallContext, file: &str) -> Result<(), Raised> {
        let session = session(&context)?;
        let plan = session.plan().map_err(Fault::raise)?;
        let path: PathBuf = Path::new(file).to_owned();
        let console = session.console();
        report::show_problems(console, &plan);
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            let rows = review::write(&plan, &path).map_err(|fault| Fault::from(fault).raise())?;
            let people = if rows == 1 { "1 person".to_owned() } else { format!("{rows} people") };
            console.say(&format!("Wrote {file}: {people} to review. Edit or delete rows, then give it back with --csv."));
            return Ok(());
        }
        if plan.has_errors() {
            return Err(Fault::new("bad_plan", "a plan with problems is not saved").raise());
        }
        let key = session.profile().key().map_err(|fault| Fault::from(fault).raise())?;
        plan_file::save(&plan, key, &path).map_err(|fault| Fault::from(fault).raise())?;
        console.say(&format!("Saved as {file}. Apply it with: acctsh plan apply {file}"));
        Ok(())
    }

    /// The run's name, for `acctsh plan show`.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// apply().id
    /// ```
    #[rhai_fn(get = "id", return_raw, pure)]
    pub(crate) fn run_id(run: &mut RunHandle) -> Result<String, Raised> {
        run.known()?;
        Ok(run.id.clone().unwrap_or_default())
    }

    /// How many changes came to which end.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// apply().summary.done
    /// ```
    #[rhai_fn(get = "summary", return_raw, pure)]
    pub(crate) fn run_summary(run: &mut RunHandle) -> Result<Map, Raised> {
        run.known()?;
        let summary = Summary::of(&run.results);
        let counts = [
            ("done", summary.done),
            ("unchanged", summary.unchanged),
            ("failed", summary.failed),
            ("left_out", summary.left_out),
            ("parked", summary.parked),
            ("open", summary.open),
        ];
        let count = |(name, count): (&str, usize)| {
            (name.into(), Dynamic::from(i64::try_from(count).unwrap_or(i64::MAX)))
        };
        Ok(counts.into_iter().map(count).collect())
    }

    /// What became of each change.
    ///
    /// ```rhai
    /// create_account(#{ user_name: "zoe", first_name: "Zoe", last_name: "Berg" });
    /// apply().results[0].outcome
    /// ```
    #[rhai_fn(get = "results", return_raw, pure)]
    pub(crate) fn run_results(run: &mut RunHandle) -> Result<Array, Raised> {
        run.known()?;
        let row = |result: &ChangeResult| {
            let problem = result.problem.as_ref();
            let mut map = Map::new();
            map.insert("row".into(), result.row.clone().into());
            map.insert("user".into(), result.user.clone().into());
            map.insert("online_id".into(), dynamic(Value::from(result.online_id.clone())));
            map.insert("outcome".into(), result.outcome.word().into());
            map.insert(
                "message".into(),
                dynamic(Value::from(problem.map(|problem| problem.message.clone()))),
            );
            Dynamic::from(map)
        };
        Ok(run.results.iter().map(row).collect())
    }
}
