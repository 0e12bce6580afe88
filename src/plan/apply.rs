//! From a checked plan to a run in the journal; and what an unfinished run forbids.

use std::path::PathBuf;

use jiff::{Timestamp, ZonedDateTime};

use super::check::Plan;
use super::execute::seal_given;
use super::journal::{Journal, JournalError, RunHead, RunId, RunState, StoredChange, StoredRun};
use super::step::{Claim, Step};
use crate::passwords::SealingKey;

/// What a run is to be called and where its files go.
#[derive(Debug, Clone)]
pub struct RunPlace {
    /// What was run: a script's name, `-c`, or `prompt`.
    pub what: String,
    /// Who runs it: local user and host.
    pub operator: String,
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

/// Commits the plan to the journal. From here on it can be resumed.
pub async fn begin(
    plan: Plan,
    place: RunPlace,
    folder: &std::path::Path,
    journal: &Journal,
    key: &SealingKey,
) -> Result<StoredRun, JournalError> {
    let id = RunId::new(&ZonedDateTime::now());
    let head = RunHead {
        created: Timestamp::now(),
        what: place.what,
        operator: place.operator,
        profile: place.profile,
        is_sandbox: place.is_sandbox,
        directory: plan.identities.directory,
        tenant: plan.identities.tenant,
        options: plan.options,
        sources: plan.sources,
        handover: folder.join(place.handover.unwrap_or_else(|| format!("acctsh-{id}").into())),
        results: folder.join(place.results.unwrap_or_else(|| format!("acctsh-{id}.csv").into())),
        plan_file: place.plan_file,
        id,
    };
    // A password that was given for somebody who is there already is not used, hence not kept.
    let used: std::collections::HashSet<_> = plan.steps.iter().filter_map(|step| step.op.password()).collect();
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
    journal.begin(head.clone(), changes.clone(), plan.steps.clone(), given).await?;
    let states = vec![super::journal::StepState::Pending; plan.steps.len()];
    Ok(StoredRun { head, state: RunState::Unfinished, changes, steps: plan.steps, states })
}

/// An unfinished run that makes or sets something for the same people as a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// The run.
    pub run: RunId,
    /// One of the people.
    pub name: String,
}

/// The first unfinished run of this directory and tenant that is still at work on names that the
/// plan takes (DESIGN §6): nobody may be made twice.
pub async fn collision(plan: &Plan, journal: &Journal) -> Result<Option<Collision>, JournalError> {
    let wanted: std::collections::HashSet<String> = names(&plan.steps).collect();
    if wanted.is_empty() {
        return Ok(None);
    }
    for head in journal.unfinished().await? {
        if head.directory != plan.identities.directory {
            continue;
        }
        let run = journal.load(&head.id).await?;
        if let Some(name) = names(&run.steps).find(|name| wanted.contains(name)) {
            return Ok(Some(Collision { run: head.id, name }));
        }
    }
    Ok(None)
}

/// The names that steps take or write to.
fn names(steps: &[Step]) -> impl Iterator<Item = String> {
    steps.iter().flat_map(|step| &step.takes).filter_map(|claim| match claim {
        Claim::LocalName(name) => Some(name.key()),
        Claim::OnlineName(online_id) => Some(online_id.key()),
        Claim::Seat(_) => None,
    })
}
