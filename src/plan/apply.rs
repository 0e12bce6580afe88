//! From a checked plan to a run in the journal; and what an unfinished run forbids.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ZonedDateTime};
use thiserror::Error;

use super::change::{Change, ChangeNo};
use super::check::Plan;
use super::exchange_op::ExchangeOp;
use super::execute::seal_given;
use super::journal::{
    Journal, JournalError, Made, RunHead, RunId, RunState, StepState, StoredChange, StoredRun,
};
use super::step::{Claim, DirectoryOp, Op, Step, Target};
use crate::directory::DirectoryIdentity;
use crate::model::{GroupId, ObjectId, UserGuid};
use crate::passwords::{Handover, PasswordFault, SealingKey};
use crate::state::{RunLock, RunLockError, private_file};

/// What a run is to be called and where its files go.
#[derive(Debug, Clone)]
pub struct RunPlace {
    /// What was run: a script's name, `-c`, or `prompt`.
    pub what: String,
    /// Who runs it: local user and host.
    pub operator: String,
    /// The app as which it signs in to the tenant.
    pub app: Option<String>,
    /// The profile.
    pub profile: String,
    /// Whether the profile's tenant is the sandbox.
    pub is_sandbox: bool,
    /// The folder for letters; by default named after the run, in the current folder.
    pub handover: Option<PathBuf>,
    /// The file for results; by default named after the run, in the current folder.
    pub results: Option<PathBuf>,
    /// The digest of the plan file that is applied.
    pub plan_file: Option<String>,
}

/// Why a run can't begin or go on.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The journal can't be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another run is at work on the same people.
    #[error(transparent)]
    Collision(Collision),
    /// A password that was to be carried over isn't the newest any more.
    #[error("the password of {name} was set anew meanwhile")]
    Overtaken {
        /// Whose.
        name: String,
    },
    /// Another process is at work on the run.
    #[error("the run {run} is held by {by}")]
    Held {
        /// The run.
        run: RunId,
        /// The process.
        by: String,
    },
    /// The folder for letters can't be used.
    #[error(transparent)]
    Handover(#[from] PasswordFault),
    /// The lock's file can't be used.
    #[error("{}: {reason}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
}

/// Takes the lock of a run: whoever holds it may send its steps.
pub fn lock(run: &RunId, locks: &Path) -> Result<RunLock, ApplyError> {
    let path = locks.join(format!("{run}.lock"));
    let refused = |reason| ApplyError::Lock { path: path.clone(), reason };
    private_file::create_folder(locks).map_err(refused)?;
    RunLock::acquire(&path).map_err(|fault| match fault {
        RunLockError::Held { by } => ApplyError::Held { run: run.clone(), by },
        RunLockError::Io(reason) => refused(reason),
    })
}

/// Commits the plan to the journal and takes its lock. From here on it can be resumed.
pub async fn begin(
    plan: Plan,
    place: RunPlace,
    folder: &Path,
    locks: &Path,
    journal: &Journal,
    key: &SealingKey,
) -> Result<(StoredRun, RunLock), ApplyError> {
    let id = RunId::new(&ZonedDateTime::now());
    let lock = lock(&id, locks)?;
    let handover = folder.join(place.handover.unwrap_or_else(|| format!("acctsh-{id}").into()));
    // A folder that can't be made stops the run while nothing is begun.
    if plan.writes_letters() {
        Handover::prepare(&handover)?;
    }
    let harm = plan.harm();
    let head = RunHead {
        destroyed: harm.destroyed,
        revoked: harm.revoked,
        password_length: plan.identities.passwords.longest_minimum,
        created: Timestamp::now(),
        what: place.what,
        operator: place.operator,
        app: place.app,
        profile: place.profile,
        is_sandbox: place.is_sandbox,
        directory: plan.identities.directory,
        tenant: plan.identities.tenant,
        options: plan.options,
        sources: plan.sources,
        handover,
        results: folder.join(place.results.unwrap_or_else(|| format!("acctsh-{id}.csv").into())),
        plan_file: place.plan_file,
        id,
    };
    // A password that was given for somebody who is there already is not used, hence not kept.
    let used: HashSet<_> = plan.steps.iter().filter_map(|step| step.op.password()).collect();
    let mut given = seal_given(key, &plan.secrets);
    given.retain(|copy| used.contains(&copy.change));
    let changes: Vec<StoredChange> = plan
        .changes
        .into_iter()
        .map(|change| StoredChange {
            change: change.change,
            origin: change.origin,
            problems: change.problems,
            left_out: change.left_out,
        })
        .collect();
    let wanted = doubled(&plan.steps);
    let directory = head.directory.clone();
    let clash = move |other: &StoredRun| clash(&wanted, &directory, other);
    let clash = move |other: &StoredRun| clash(other).map(ApplyError::Collision);
    let overtaken = |change: &Change| ApplyError::Overtaken { name: change.intent().label() };
    let (stored, steps) = (changes.clone(), plan.steps.clone());
    journal.begin(head.clone(), stored, steps, given, clash, overtaken).await??;
    let states = vec![StepState::Pending; plan.steps.len()];
    let run = StoredRun {
        head,
        state: RunState::Unfinished,
        changes,
        steps: plan.steps,
        states,
        sent: HashMap::new(),
    };
    Ok((run, lock))
}

/// An unfinished run that makes or sets something for the same people as a plan.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the unfinished run {run} is at work on {name}")]
pub struct Collision {
    /// The run.
    pub run: RunId,
    /// One of the people.
    pub name: String,
}

/// What unfinished runs of this directory have to do with the people of a plan (DESIGN §6).
#[derive(Debug, Default)]
pub struct Collisions {
    /// One that forbids it: nobody may be made or given something twice.
    pub forbids: Option<Collision>,
    /// One that is only worth a warning.
    pub warns: Option<Collision>,
}

/// Looks for them. It spares the confirmation; [`begin`] looks once more, in the transaction that
/// commits the plan, since another process may have begun by then.
pub async fn collisions(plan: &Plan, journal: &Journal) -> Result<Collisions, JournalError> {
    let mut found = Collisions::default();
    let (doubled, touched) = (doubled(&plan.steps), whom(&plan.steps, &[]));
    if touched.is_empty() {
        return Ok(found);
    }
    for head in journal.unfinished().await? {
        let run = journal.load(&head.id).await?;
        let clash = |wanted| clash(wanted, &plan.identities.directory, &run);
        if found.forbids.is_none() {
            found.forbids = clash(&doubled);
        }
        if found.warns.is_none() {
            found.warns = clash(&touched);
        }
    }
    Ok(found)
}

/// Changes of a plan that an unfinished run forbids, each with that run.
pub async fn colliding(
    plan: &Plan,
    journal: &Journal,
) -> Result<HashMap<ChangeNo, Collision>, JournalError> {
    let mut found = HashMap::new();
    let numbers = (0..).map(ChangeNo).take(plan.changes.len());
    let wanted: Vec<(ChangeNo, HashSet<Whom>)> = numbers
        .map(|no| {
            let own: Vec<Step> =
                plan.steps.iter().filter(|step| step.changes.contains(&no)).cloned().collect();
            (no, doubled(&own))
        })
        .filter(|(_, wanted)| !wanted.is_empty())
        .collect();
    for head in journal.unfinished().await? {
        let run = journal.load(&head.id).await?;
        for (no, wanted) in &wanted {
            if let Some(collision) = clash(wanted, &plan.identities.directory, &run) {
                found.entry(*no).or_insert(collision);
            }
        }
    }
    Ok(found)
}

/// Whom steps make, give something or set a password.
fn doubled(steps: &[Step]) -> HashSet<Whom> {
    // By all that their changes write: the step alone may know less of the person than another one.
    let doubled: HashSet<ChangeNo> = (steps.iter())
        .filter(|step| step.op.could_be_doubled())
        .flat_map(|step| step.changes.iter().copied())
        .collect();
    let of_them = steps.iter().filter(|step| step.changes.iter().any(|no| doubled.contains(no)));
    of_them.flat_map(|step| whom(std::slice::from_ref(step), &[])).collect()
}

/// Somebody whom steps make or write to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Whom {
    /// Whoever takes this name.
    Named(String),
    /// A user that is there.
    User(UserGuid),
    /// An online account that is there.
    Online(ObjectId),
    /// A group that is there.
    Group(GroupId),
}

fn clash(
    wanted: &HashSet<Whom>,
    directory: &DirectoryIdentity,
    run: &StoredRun,
) -> Option<Collision> {
    if run.head.directory != *directory {
        return None;
    }
    let both = run.steps.iter().zip(&run.states).find(|(step, state)| {
        let theirs = whom(std::slice::from_ref(step), std::slice::from_ref(state));
        !theirs.is_disjoint(wanted)
    });
    let change = both.and_then(|(step, _)| run.changes.get(step.changes.first()?.0 as usize))?;
    Some(Collision { run: run.head.id.clone(), name: change.change.intent().label() })
}

/// Whom steps are about: by the names they take, by identity whoever is there, and by what is known
/// of it what they made.
fn whom(steps: &[Step], states: &[StepState]) -> HashSet<Whom> {
    let mut whom = HashSet::new();
    for step in steps {
        whom.extend(step.takes.iter().filter_map(|claim| match claim {
            Claim::LocalName(name) => Some(Whom::Named(name.key())),
            Claim::OnlineName(online_id) => Some(Whom::Named(online_id.key())),
            Claim::Seat(_) | Claim::Link(_) | Claim::Address(_) => None,
        }));
        if let Some(Target::Known(group)) = step.group {
            whom.insert(Whom::Group(group));
        }
        if let Op::Exchange(ExchangeOp::CreateGroup { group }) = &step.op {
            whom.insert(Whom::Named(group.name.to_lowercase()));
        }
        if let Op::Directory(DirectoryOp::CreateUser { user, .. }) = &step.op {
            whom.insert(Whom::User(user.guid));
        }
        if let Some(Target::Known(user)) = step.user {
            whom.insert(Whom::User(user));
        }
        if let Some(Target::Known(account)) = step.online {
            whom.insert(Whom::Online(account));
        }
    }
    whom.extend(states.iter().filter_map(|state| match state {
        StepState::Done(Some(Made::Online(account))) => Some(Whom::Online(*account)),
        _ => None,
    }));
    whom
}
