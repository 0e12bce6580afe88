//! A plan that nobody is asked about: derived, checked, held against the guards and journalled as every
//! other. What is refused of one person keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::Arc;

use super::WHAT;
use crate::model::{Origin, Problem, Secret};
use crate::plan::Plan;
use crate::plan::apply;
use crate::plan::change::Change;
use crate::plan::execute::{Halt, abandon};
use crate::plan::journal::{RunHead, RunState, StoredRun};
use crate::plan::results::{Outcome, results};
use crate::script::{Exit, Fault, Session, begin_quietly, execute_quietly, run_heads};

/// A change that is to be made.
#[derive(Clone)]
pub(super) struct Wish {
    /// The change.
    pub(super) change: Change,
    /// The password that it sets.
    pub(super) password: Option<Secret>,
}

/// What became of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// Refused, by the check or by the other side.
    Refused(Problem),
    /// Not now.
    Later(Problem),
}

/// What became of all.
pub(super) struct Carried {
    /// One for each wish.
    pub(super) fates: Vec<Fate>,
    /// Why none of those that are left can be done now.
    pub(super) out_of_reach: Option<Fault>,
}

/// Makes one plan of the wishes and applies what the check lets through.
pub(super) fn carry(session: &Arc<Session>, wishes: &[Wish]) -> Result<Carried, Fault> {
    let mut fates: HashMap<usize, Fate> = HashMap::new();
    let mut out_of_reach = None;
    let mut open: Vec<usize> = (0..wishes.len()).collect();
    while !open.is_empty() {
        let plan = match planned(session, wishes, &open) {
            Ok(plan) => plan,
            Err(fault) if is_of_the_other_side(&fault) => {
                out_of_reach = Some(fault);
                break;
            }
            Err(fault) => return Err(fault),
        };
        if plan.lacks_permissions() {
            let problem = plan.problems().map(|(_, problem)| problem).find(|it| it.is_error());
            out_of_reach = problem.map(fault_of);
            break;
        }
        if let Some(guard) = guard(&plan) {
            // A guard is of the plan as a whole: without some of them the others would slip through.
            fates.extend(open.iter().map(|index| (*index, Fate::Refused(guard.clone()))));
            break;
        }
        let refused = refusals(&plan, &open);
        if refused.is_empty() {
            if let Err(fault) = apply(session, plan, &open, &mut fates) {
                out_of_reach = Some(fault);
            }
            break;
        }
        open.retain(|index| !refused.contains_key(index));
        fates.extend(refused.into_iter().map(|(index, why)| (index, Fate::Refused(why))));
    }
    let later = || {
        let message = "not tried yet";
        Fate::Later(Problem::note("later", "", message))
    };
    let fates = (0..wishes.len()).map(|index| fates.remove(&index).unwrap_or_else(later));
    Ok(Carried { fates: fates.collect(), out_of_reach })
}

fn planned(session: &Session, wishes: &[Wish], open: &[usize]) -> Result<Plan, Fault> {
    session.discard();
    for index in open {
        let wish = &wishes[*index];
        let origin = Origin { file: Some(WHAT.to_owned()), line: 0, row: None };
        session.record(wish.change.clone(), origin, None, wish.password.clone());
    }
    session.plan()
}

/// The guard that the plan runs into: too many people at once.
fn guard(plan: &Plan) -> Option<Problem> {
    let mut problems = plan.problems().map(|(_, problem)| problem);
    problems.find(|problem| is_guard(problem)).cloned()
}

/// Whether something is refused for how many there are, which time or somebody's word mends.
pub(super) fn is_guard(problem: &Problem) -> bool {
    problem.is_error() && problem.code.starts_with("too_many_")
}

/// The first error of each change that has one.
fn refusals(plan: &Plan, open: &[usize]) -> HashMap<usize, Problem> {
    let errors = plan.changes.iter().zip(open).filter_map(|(change, index)| {
        let error = change.problems.iter().find(|problem| problem.is_error())?;
        Some((*index, error.clone()))
    });
    errors.collect()
}

fn apply(
    session: &Arc<Session>,
    plan: Plan,
    open: &[usize],
    fates: &mut HashMap<usize, Fate>,
) -> Result<(), Fault> {
    if plan.impact().is_none() {
        fates.extend(open.iter().map(|index| (*index, Fate::Unchanged)));
        return Ok(());
    }
    let (run, lock) = begin_quietly(session, plan)?;
    let executed = execute_quietly(session, run)?;
    for (result, index) in results(&executed.run).into_iter().zip(open) {
        let problem = result.problem;
        let unknown = || Problem::note("later", &result.user, "it has not come to its end");
        let fate = match result.outcome {
            Outcome::Done => Fate::Done,
            Outcome::Unchanged => Fate::Unchanged,
            Outcome::Failed | Outcome::LeftOut => Fate::Refused(problem.unwrap_or_else(unknown)),
            Outcome::Parked | Outcome::Open => Fate::Later(problem.unwrap_or_else(unknown)),
        };
        fates.insert(*index, fate);
    }
    // What isn't done yet is found again by whoever asked for it: an unfinished run would only stand in
    // the way of a newer change.
    if executed.run.state == RunState::Unfinished {
        give_up(session, &executed.run)?;
    }
    drop(lock);
    match executed.halt {
        Some(Halt::OutOfReach(problem)) => Err(fault_of(&problem)),
        Some(Halt::Stopped) | None => Ok(()),
    }
}

/// Finishes what an earlier process was at when it was killed, as far as it can be finished now: only then
/// it is known what it has sent.
pub fn settle_earlier_runs(session: &Arc<Session>) -> Result<(), Fault> {
    let profile = session.profile();
    let is_ours = |head: &RunHead| head.what == WHAT && head.profile == profile.name();
    for (head, state) in run_heads(session)? {
        if state != RunState::Unfinished || !is_ours(&head) {
            continue;
        }
        let lock = apply::lock(&head.id, &profile.home().locks())?;
        let run = crate::script::load_run(session, &head.id)?;
        if run.state == RunState::Unfinished {
            let executed = execute_quietly(session, run)?;
            if executed.run.state == RunState::Unfinished {
                give_up(session, &executed.run)?;
            }
        }
        drop(lock);
    }
    Ok(())
}

fn give_up(session: &Session, run: &StoredRun) -> Result<(), Fault> {
    let profile = session.profile();
    let languages = profile.letter_languages(run.writes_letters())?;
    let (journal, key) = (profile.journal()?, profile.key()?);
    let given_up = abandon(run, journal, key, &languages, profile.sign_in_url());
    session.block_on(given_up)??;
    Ok(())
}

/// Whether another try may do better, without anybody changing what was asked for.
fn is_of_the_other_side(fault: &Fault) -> bool {
    matches!(Exit::of_kind(&fault.kind), Exit::OutOfReach | Exit::SignIn)
}

fn fault_of(problem: &Problem) -> Fault {
    let fault = Fault::new(problem.code.as_ref(), problem.message.as_str());
    match &problem.advice {
        Some(advice) => fault.hint(advice.as_str()),
        None => fault,
    }
}
