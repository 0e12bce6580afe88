//! The end of a unit: plan, preview, confirmation, run, results.

use std::sync::Arc;

use super::exit::Exit;
use super::raise::Fault;
use super::report::{self, seat_lines, show_preview, show_problems, summary_line};
use super::run_files;
use super::runs::shown;
use super::session::Session;
use crate::plan::apply::{self, ApplyError, RunPlace};
use crate::plan::change::{ChangeNo, Impact, Subject};
use crate::plan::execute::{Counts, Executed, Executor, Halt, Observer};
use crate::plan::journal::{Made, RunId, StepState, StoredRun};
use crate::plan::plan_file;
use crate::plan::preview::preview;
use crate::plan::results::{ChangeResult, Summary, results};
use crate::plan::step::{DirectoryOp, Op, Target};
use crate::plan::{ExchangeOp, Plan, PlannedChange};
use crate::state::RunLock;

/// How a unit ended.
pub struct Finished {
    /// The exit code.
    pub exit: Exit,
    /// The run, if something was applied.
    pub run: Option<RunId>,
    /// The results, to be shown if the unit has no value of its own.
    pub results: Vec<ChangeResult>,
}

impl Finished {
    pub(super) fn without_run(exit: Exit) -> Self {
        Self { exit, run: None, results: Vec::new() }
    }
}

/// Ends the unit: makes the plan of what was recorded, and applies it if all agree. `plan_file` is
/// the digest of the file that the changes were read from.
pub(super) fn finish(
    session: &Arc<Session>,
    has_value: bool,
    plan_file: Option<&plan_file::PlanFile>,
) -> Result<Finished, Fault> {
    if session.is_empty() {
        return Ok(Finished::without_run(Exit::Done));
    }
    let console = session.console();
    let options = session.options();
    let plan = session.plan()?;
    // A problem that is new since the file was written makes it stale, and isn't the person's slip.
    if let Some(file) = plan_file {
        file.compare(&plan)?;
    }
    show_problems(console, &plan);
    if plan.has_errors() {
        let errors = plan.problems().filter(|(_, problem)| problem.is_error()).count();
        for line in seat_lines(&plan) {
            console.say(&line);
        }
        console.say(&format!(
            "Nothing was written: {errors} {} to mend first.",
            if errors == 1 { "problem" } else { "problems" }
        ));
        let exit = if plan.is_guarded() {
            Exit::Refused
        } else if plan.lacks_permissions() {
            Exit::SignIn
        } else {
            Exit::BadInput
        };
        return Ok(Finished::without_run(exit));
    }
    refuse_collision(session, &plan)?;
    session.profile().letter_languages(plan.writes_letters())?;
    if let Some(path) = &options.plan_out {
        plan_file::save(&plan, session.profile().key()?, path)?;
        show_preview(console, &plan, true);
        console.say(&format!(
            "Saved as {}. Apply it with: acctsh plan apply {}",
            path.display(),
            path.display()
        ));
        remember(session, &plan.changes);
        return Ok(Finished::without_run(Exit::Done));
    }
    if options.what_if {
        if !has_value {
            report::print_table(console, &report::plan_table(preview(&plan)), options.output);
        }
        show_preview(console, &plan, false);
        console.say("What-if: nothing was written.");
        remember(session, &plan.changes);
        return Ok(Finished::without_run(Exit::Done));
    }
    let Some(impact) = plan.impact() else {
        show_preview(console, &plan, false);
        remember(session, &plan.changes);
        return Ok(Finished { exit: left_out_exit(&plan), run: None, results: Vec::new() });
    };
    if let Some(exit) = confirm(session, &plan, impact) {
        return Ok(Finished::without_run(exit));
    }
    let (run, lock) = begin(session, plan, plan_file.map(plan_file::PlanFile::digest))?;
    execute(session, run, lock)
}

/// An unfinished run at work on the same people comes first.
fn refuse_collision(session: &Session, plan: &Plan) -> Result<(), Fault> {
    let journal = session.profile().journal()?;
    let found = session.block_on(apply::collisions(plan, journal))?;
    let found = found.map_err(|fault| Fault::from(ApplyError::from(fault)))?;
    if let Some(collision) = found.forbids {
        return Err(ApplyError::Collision(collision).into());
    }
    if let Some(collision) = found.warns {
        session.console().warn(&collision.to_string());
        session.console().advice(&format!(
            "finish it with acctsh plan resume {run}, or give it up with acctsh plan abandon {run}",
            run = collision.run
        ));
    }
    Ok(())
}

/// People, groups, or both.
fn what_is_deleted(plan: &Plan) -> &'static str {
    let deletes = |change: &&PlannedChange| change.acts() && change.impact() == Impact::Destroy;
    let groups: Vec<bool> = (plan.changes.iter().filter(deletes))
        .map(|change| matches!(change.subject, Subject::Group(_)))
        .collect();
    match (groups.contains(&true), groups.contains(&false)) {
        (true, false) => "groups",
        (true, true) => "people and groups",
        (false, _) => "people",
    }
}

/// Asks, unless that was answered beforehand. `Some` ends the unit.
fn confirm(session: &Session, plan: &Plan, impact: Impact) -> Option<Exit> {
    let console = session.console();
    let yes = session.options().yes;
    // A prompt line with one change and no warning is applied straight.
    let straight = session.what() == "prompt"
        && plan.acting() == 1
        && impact == Impact::Change
        && !plan.has_warnings();
    show_preview(console, plan, !yes && !straight);
    if yes || straight {
        return None;
    }
    let destroyed = plan.harm().destroyed;
    let answer = if destroyed > 1 {
        let what = format!("This deletes {destroyed} {}.", what_is_deleted(plan));
        console.ask_for_number(&what, destroyed)
    } else {
        console.ask("Apply this plan?", impact == Impact::Change)
    };
    match answer {
        Some(true) => None,
        Some(false) => {
            console.say("Nothing was written.");
            Some(Exit::Done)
        }
        None => {
            console.error("this needs a confirmation, and there is no terminal");
            console.advice("give --yes, or look first with --what-if");
            Some(Exit::NeedsConfirmation)
        }
    }
}

fn begin(
    session: &Session,
    plan: Plan,
    plan_file: Option<&str>,
) -> Result<(StoredRun, RunLock), Fault> {
    let profile = session.profile();
    let options = session.options();
    let folder = std::env::current_dir().map_err(|reason| {
        Fault::new("bad_folder", format!("the current folder can't be used: {reason}"))
    })?;
    let mut place_of_results = options.results;
    if options.no_files {
        // Where whoever resumes the run finds them.
        let home = profile.home().profile_folder(profile.name());
        place_of_results = Some(home.join("results.csv"));
    } else {
        let results = place_of_results.clone().unwrap_or_else(|| "acctsh-results.csv".into());
        run_files::check_place(&folder.join(results))?;
    }
    let place = RunPlace {
        what: session.what(),
        operator: operator(),
        app: profile.app().map(str::to_owned),
        profile: profile.name().to_owned(),
        is_sandbox: profile.is_sandbox(),
        handover: options.handover,
        results: place_of_results,
        plan_file: plan_file.map(str::to_owned),
    };
    let locks = profile.home().locks();
    let (journal, key) = (profile.journal()?, profile.key()?);
    let begun = session.block_on(apply::begin(plan, place, &folder, &locks, journal, key))?;
    Ok(begun?)
}

/// The local user and host, for the journal: the tenant's own log only knows the app.
fn operator() -> String {
    let user = std::env::var("USER").or_else(|_| std::env::var("LOGNAME"));
    let user = user.unwrap_or_else(|_| format!("uid {}", rustix::process::getuid().as_raw()));
    format!("{user}@{}", gethostname::gethostname().to_string_lossy())
}

/// Runs what isn't done yet of a run, under its lock, and closes it.
pub(super) fn execute(
    session: &Arc<Session>,
    run: StoredRun,
    lock: RunLock,
) -> Result<Finished, Fault> {
    let progress = super::progress::Progress::new(session.console(), run.steps.len());
    let id = run.head.id.clone();
    let executed = send(session, run, &progress);
    progress.clear();
    drop(lock);
    let executed = executed.map_err(|fault| {
        fault.hint(format!("what was done is in the journal; go on with: acctsh plan resume {id}"))
    })?;
    remember_run(session, &executed.run);
    Ok(close(session, executed))
}

/// Commits a plan that nobody is asked about.
pub fn begin_quietly(session: &Session, plan: Plan) -> Result<(StoredRun, RunLock), Fault> {
    begin(session, plan, None)
}

/// Runs what isn't done yet of a run, whose lock the caller holds, without a word to anybody.
pub fn execute_quietly(session: &Session, run: StoredRun) -> Result<Executed, Fault> {
    send(session, run, &Unwatched)
}

/// Nobody watches the run.
struct Unwatched;

impl Observer for Unwatched {
    fn counts(&self, _: Counts) {}
    fn waiting(&self, _: Option<&str>) {}
    fn tenant_waits(&self, _: Option<&str>) {}
}

fn send(session: &Session, run: StoredRun, observer: &dyn Observer) -> Result<Executed, Fault> {
    let profile = session.profile();
    let languages = profile.letter_languages(run.writes_letters())?;
    if run.steps.iter().any(|step| step.op.needs_outbox()) {
        // Set up before the first write: what can't be sent must find its place.
        profile.outbox_key()?;
    }
    let executor = Executor {
        sources: profile.sources(),
        journal: profile.journal()?,
        key: profile.key()?,
        languages: &languages,
        outbox: profile.outbox(),
        sign_in_url: profile.sign_in_url(),
        patience: profile.patience(),
        mailbox_patience: profile.mailbox_patience(),
        observer,
    };
    Ok(session.block_on(executor.execute(run, session.stops()))??)
}

/// Writes the files of the run and says how it ended.
fn close(session: &Session, executed: Executed) -> Finished {
    let Executed { run, halt, letters } = executed;
    let console = session.console();
    let results = results(&run);
    let summary = Summary::of(&results);
    // What was done is done, whether or not its files can be written.
    let leaves_files = !session.options().no_files;
    let files = if leaves_files { run_files::write(&run, &results) } else { Ok(Vec::new()) };
    if let Err(fault) = &files {
        console.error(&format!("the results can't be written: {fault}"));
        console.advice(&format!("they are in the journal too: acctsh plan show {}", run.head.id));
    }
    if let Some(Halt::OutOfReach(problem)) = &halt {
        console.error(&problem.message);
        if let Some(advice) = &problem.advice {
            console.advice(advice);
        }
    }
    console.say(&format!("Run {}: {}.", run.head.id, summary_line(&summary)));
    if leaves_files && files.is_ok() {
        console.say(&format!("  results    {}", shown(&run.head.results)));
    }
    let files_missing = files.is_err();
    for failed in files.unwrap_or_default() {
        console.say(&format!("  failed     {} (mend it and run it again)", shown(&failed)));
    }
    if letters > 0 {
        let people = if letters == 1 { "1 letter" } else { &format!("{letters} letters") };
        console.say(&format!(
            "  passwords  {}/ ({people}, only for your eyes)",
            shown(&run.head.handover)
        ));
    }
    let waiting = run.states.iter().filter(|state| state.made() == Some(Made::Queued)).count();
    if waiting > 0 {
        let what =
            if waiting == 1 { "1 online password" } else { &format!("{waiting} online passwords") };
        console.say(&format!("  waiting    {what} in the outbox: acctsh sync delivers what waits"));
    }
    let ended = run.states.iter().all(StepState::has_ended);
    if !ended {
        console.say(&format!("  to go on   acctsh plan resume {}", run.head.id));
    }
    if run.head.is_sandbox {
        console.say(&format!(
            "  profile    {} (a practice tenant: nothing real was changed)",
            run.head.profile
        ));
    } else {
        console.say(&format!("  profile    {}", run.head.profile));
    }
    let exit = match halt {
        _ if !ended => Exit::Stopped,
        _ if summary.failed + summary.left_out > 0 && summary.done + summary.unchanged > 0 => {
            Exit::SomeFailed
        }
        _ if summary.failed + summary.left_out > 0 || files_missing => Exit::Failed,
        _ => Exit::Done,
    };
    Finished { exit, run: Some(run.head.id), results }
}

fn left_out_exit(plan: &Plan) -> Exit {
    if plan.changes.iter().any(|change| change.left_out.is_some()) {
        Exit::Failed
    } else {
        Exit::Done
    }
}

/// Handles of this plan lead to the people and groups that its changes turned out to be about.
fn remember(session: &Session, changes: &[PlannedChange]) {
    let known = changes.iter().enumerate().filter_map(|(index, change)| match change.subject {
        Subject::New(_) => None,
        there => Some((ChangeNo(u32::try_from(index).ok()?), there)),
    });
    session.remember_made(known.collect::<Vec<_>>());
}

fn remember_run(session: &Session, run: &StoredRun) {
    let made =
        run.steps.iter().zip(&run.states).filter_map(|(step, state)| match (&step.op, state) {
            // Not every directory takes the GUID that was drawn for the user.
            (Op::Directory(DirectoryOp::CreateUser { .. }), state) => match state.made() {
                Some(Made::User(guid)) => Some((*step.changes.first()?, Subject::User(guid))),
                _ => None,
            },
            (Op::Exchange(ExchangeOp::CreateGroup { .. }), state) => match state.made() {
                Some(Made::Group(id)) => Some((*step.changes.first()?, Subject::Group(id))),
                _ => None,
            },
            _ => match step.user {
                Some(Target::Known(guid)) => Some((*step.changes.first()?, Subject::User(guid))),
                _ => None,
            },
        });
    session.remember_made(made.collect::<Vec<_>>());
}
