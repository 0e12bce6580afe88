//! What all units of a process share: the profile, the planner of the current unit, the console.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::console::Console;
use super::exit::Exit;
use super::options::RunOptions;
use super::raise::Fault;
use crate::accounts::R;
use crate::model::{Origin, Problem, Secret, SourceFile};
use crate::plan::apply::ApplyError;
use crate::plan::change::{Change, ChangeNo, Impact, Subject};
use crate::plan::view::View;
use crate::plan::{Guards, Harm, Identities, Plan, PlanOptions, Planner};
use crate::profile::Profile;
use crate::table::Row;

/// A person's handle across the plans of one session: numbers of changes begin anew after each
/// `apply()`, so a handle says of which plan its number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle {
    /// The plan.
    pub generation: u32,
    /// The person.
    pub subject: Subject,
}

/// The state of a session.
pub struct Session {
    profile: Profile,
    console: Console,
    runtime: OnceLock<tokio::runtime::Runtime>,
    options: Mutex<RunOptions>,
    what: Mutex<String>,
    planner: Mutex<Option<Planner>>,
    generation: AtomicU32,
    /// What the changes of earlier plans made.
    made: Mutex<HashMap<Handle, Subject>>,
    /// The row whose `for` is running.
    row: Mutex<Option<Row>>,
    /// The worst end of an `apply()` in the middle of the unit.
    worst: Mutex<Exit>,
    stops: watch::Sender<u32>,
}

impl Session {
    /// A session on a profile.
    pub fn new(profile: Profile, console: Console, options: RunOptions) -> Arc<Self> {
        Arc::new(Self {
            profile,
            console,
            runtime: OnceLock::new(),
            options: Mutex::new(options),
            what: Mutex::default(),
            planner: Mutex::new(None),
            generation: AtomicU32::new(0),
            made: Mutex::default(),
            row: Mutex::default(),
            worst: Mutex::new(Exit::Done),
            stops: watch::Sender::new(0),
        })
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The console.
    pub fn console(&self) -> &Console {
        &self.console
    }

    /// The options in force.
    pub fn options(&self) -> RunOptions {
        locked(&self.options).clone()
    }

    /// The options that a plan file was made with count, not today's.
    pub fn set_plan_options(&self, options: &PlanOptions) {
        locked(&self.options).seats_short = options.seats_short;
    }

    /// What is being run, for the journal.
    pub fn what(&self) -> String {
        locked(&self.what).clone()
    }

    /// Says what is being run.
    pub fn set_what(&self, what: &str) {
        what.clone_into(&mut locked(&self.what));
    }

    /// Ctrl-C stops the unit from now on: once to finish what is on its way, twice to stop now.
    pub fn obey_interrupts(self: &Arc<Self>) {
        let session = Arc::clone(self);
        // Without a handler Ctrl-C ends the process, which is safe too, only less polite.
        let _ = ctrlc::set_handler(move || {
            session.stops.send_modify(|stops| *stops += 1);
            match *session.stops.borrow() {
                1 => session
                    .console
                    .say("Stopping: finishing what is on its way. Ctrl-C again stops at once."),
                _ => session.console.say("Stopping at once."),
            }
        });
    }

    /// How often the person asked to stop.
    pub fn stops(&self) -> watch::Receiver<u32> {
        self.stops.subscribe()
    }

    /// Whether the person asked to stop.
    pub fn is_stopped(&self) -> bool {
        *self.stops.borrow() > 0
    }

    /// A new unit begins: earlier interrupts are forgotten.
    pub fn begin_unit(&self) {
        self.stops.send_replace(0);
        *locked(&self.row) = None;
        *locked(&self.worst) = Exit::Done;
    }

    /// An `apply()` in the middle of the unit ended so.
    pub fn applied(&self, exit: Exit) {
        let mut worst = locked(&self.worst);
        *worst = exit.max(*worst);
    }

    /// The worst end of an `apply()` of this unit.
    pub fn worst(&self) -> Exit {
        *locked(&self.worst)
    }

    /// Runs a future on the session's own thread.
    pub fn block_on<T>(&self, future: impl Future<Output = T>) -> Result<T, Fault> {
        let runtime = if let Some(runtime) = self.runtime.get() {
            runtime
        } else {
            let built = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|reason| Fault::new("script", format!("no runtime: {reason}")))?;
            self.runtime.get_or_init(|| built)
        };
        Ok(runtime.block_on(future))
    }

    /// Runs a future that only reads; Ctrl-C ends it.
    fn block_on_reading<T>(&self, future: impl Future<Output = T>) -> Result<T, Fault> {
        let mut stops = self.stops();
        self.block_on(async move {
            tokio::select! {
                value = future => Ok(value),
                _ = stops.wait_for(|stops| *stops > 0) => Err(Fault::new("stopped", "stopped; nothing was written")),
            }
        })?
    }

    /// Answers a question through the view of the current unit.
    pub fn look<T>(&self, question: impl Fn(&View<'_>) -> R<T>) -> Result<T, Fault> {
        let mut planner = self.planner();
        let planner = planner.get_or_insert_with(|| self.new_planner());
        Ok(self.block_on_reading(planner.look(question))??)
    }

    /// Records a change for the current unit; its handle leads to whom it is about.
    pub fn record(
        &self,
        change: Change,
        origin: Origin,
        source: Option<&SourceFile>,
        password: Option<Secret>,
    ) -> ChangeNo {
        let mut planner = self.planner();
        let planner = planner.get_or_insert_with(|| self.new_planner());
        if let Some(source) = source {
            planner.source(source);
        }
        planner.record(change, origin, password)
    }

    /// Remembers a row that can't become a change, with everything that is wrong with it.
    pub fn reject(&self, origin: Origin, problems: Vec<Problem>) {
        let mut planner = self.planner();
        planner.get_or_insert_with(|| self.new_planner()).reject(origin, problems);
    }

    /// Whether the current unit recorded nothing.
    pub fn is_empty(&self) -> bool {
        self.planner().as_ref().is_none_or(Planner::is_empty)
    }

    /// Works on the planner itself, such as to record a plan file.
    pub fn with_planner<T>(&self, work: impl FnOnce(&mut Planner) -> T) -> T {
        let mut planner = self.planner();
        work(planner.get_or_insert_with(|| self.new_planner()))
    }

    /// Which directory and, if it is asked for, which tenant the profile leads to.
    pub fn identities(&self, online: bool) -> Result<Identities, Fault> {
        let mut planner = self.new_planner();
        Ok(self.block_on_reading(planner.identities(online))??)
    }

    /// Makes the plan of what was recorded. The unit begins anew.
    pub fn plan(&self) -> Result<Plan, Fault> {
        let options = self.options().plan_options();
        let planner = self.planner().take();
        let mut planner = planner.unwrap_or_else(|| self.new_planner());
        self.generation.fetch_add(1, Ordering::Relaxed);
        let plan = self.block_on_reading(planner.plan(options))??;
        self.guarded(plan)
    }

    /// What the plan would be now; what was recorded stays.
    pub fn preview(&self) -> Result<Plan, Fault> {
        let options = self.options().plan_options();
        let mut planner = self.planner();
        let planner = planner.get_or_insert_with(|| self.new_planner());
        let plan = self.block_on_reading(planner.plan(options))??;
        self.guarded(plan)
    }

    /// Holds a plan that takes or destroys something against the guards, and one that counts on passwords
    /// being carried over against what was seen of that.
    fn guarded(&self, mut plan: Plan) -> Result<Plan, Fault> {
        if plan.counts_on_password_changes() {
            let directory = plan.identities.directory.id;
            let seen = self.block_on(self.profile.journal()?.password_change_seen(directory))?;
            if seen.map_err(ApplyError::from)?.is_none() {
                plan.refuse_password_changes();
            }
        }
        if plan.impact().is_some_and(|impact| impact > Impact::Change) {
            let options = self.options();
            plan.hold_against(&Guards {
                max_deletes: options.max_deletes,
                max_revokes: options.max_revokes,
                recent: self.harm_of_the_last_hour()?,
            });
        }
        Ok(plan)
    }

    fn harm_of_the_last_hour(&self) -> Result<Harm, Fault> {
        let heads = self.block_on(self.profile.journal()?.heads())?.map_err(ApplyError::from)?;
        let since = Timestamp::now() - SignedDuration::from_hours(1);
        let mut harm = Harm::default();
        for (head, _) in heads {
            if head.profile == self.profile.name() && head.created > since {
                harm.destroyed = harm.destroyed.saturating_add(head.destroyed);
                harm.revoked = harm.revoked.saturating_add(head.revoked);
            }
        }
        Ok(harm)
    }

    /// Forgets what was recorded and read.
    pub fn discard(&self) {
        *self.planner() = None;
        self.generation.fetch_add(1, Ordering::Relaxed);
    }

    /// A handle on a person of the current plan.
    pub fn handle(&self, subject: Subject) -> Handle {
        Handle { generation: self.generation.load(Ordering::Relaxed), subject }
    }

    /// The person behind a handle, in terms of the current plan. `None`: it was to be made by an
    /// earlier plan and wasn't.
    pub fn subject(&self, handle: Handle) -> Option<Subject> {
        match handle.subject {
            Subject::User(_) | Subject::Online(_) | Subject::Group(_) | Subject::Directory => {
                Some(handle.subject)
            }
            Subject::New(_) if handle.generation == self.generation.load(Ordering::Relaxed) => {
                Some(handle.subject)
            }
            Subject::New(_) => locked(&self.made).get(&handle).copied(),
        }
    }

    /// Remembers whom the changes of the plan that was just taken turned out to be about.
    pub fn remember_made(&self, made: impl IntoIterator<Item = (ChangeNo, Subject)>) {
        let generation = self.generation.load(Ordering::Relaxed).wrapping_sub(1);
        let mut known = locked(&self.made);
        known.extend(
            made.into_iter()
                .map(|(no, subject)| (Handle { generation, subject: Subject::New(no) }, subject)),
        );
    }

    /// The row whose `for` is running.
    pub fn row(&self) -> Option<Row> {
        locked(&self.row).clone()
    }

    /// A `for` comes to a row, or to its end.
    pub fn set_row(&self, row: Option<Row>) {
        *locked(&self.row) = row;
    }

    fn new_planner(&self) -> Planner {
        Planner::new(self.profile.sources().clone(), self.profile.protected())
    }

    fn planner(&self) -> MutexGuard<'_, Option<Planner>> {
        locked(&self.planner)
    }
}

/// A lock whose holder panicked is taken over: the unit of that holder has ended with an error, and
/// what it protects is only replaced as a whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
