//! A plan that nobody is asked about: derived, checked, held against the guards and journalled as every
//! other. What is refused of one person keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::Arc;

use super::WHAT;
use crate::model::{Origin, Problem, Secret};
use crate::plan::apply::{self, ApplyError};
use crate::plan::change::Change;
use crate::plan::execute::{Halt, abandon};
use crate::plan::journal::{PasswordEvent, RunHead, RunId, RunState, StepState, StoredChange};
use crate::plan::results::{ChangeResult, Outcome, PASSWORD_ARRIVED, results};
use crate::plan::step::{GraphOp, Op, Target};
use crate::plan::{Plan, PlannedChange};
use crate::script::{Exit, Fault, Session, begin_quietly, execute_quietly, load_run, run_heads};

/// How often a plan is made anew because a newer password was set meanwhile.
const TRIES: usize = 5;

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
    let mut tries = 0;
    while !open.is_empty() && tries < TRIES {
        let plan = match planned(session, wishes, &open) {
            Ok(plan) => plan,
            Err(fault) if is_of_the_other_side(&fault) => {
                out_of_reach = Some(fault);
                break;
            }
            Err(fault) => return Err(fault),
        };
        if let Some(problem) = stops_all(&plan) {
            out_of_reach = Some(fault_of(problem));
            break;
        }
        if let Some(guard) = guard(&plan) {
            // A guard is of the plan as a whole: without some of them the others would slip through.
            fates.extend(open.iter().map(|index| (*index, Fate::Refused(guard.clone()))));
            break;
        }
        let mut others = refusals(&plan, &open);
        if others.is_empty() {
            others = collisions(session, &plan, &open)?;
        }
        if others.is_empty() {
            match apply(session, plan, &open, &mut fates) {
                Ok(()) => break,
                Err(Stopped::Overtaken) => tries += 1,
                Err(Stopped::Fault(fault)) => {
                    out_of_reach = Some(fault);
                    break;
                }
            }
            continue;
        }
        open.retain(|index| !others.contains_key(index));
        fates.extend(others);
    }
    let later = || {
        let message = "not tried yet";
        Fate::Later(Problem::note("later", "", message))
    };
    let fates = (0..wishes.len()).map(|index| fates.remove(&index).unwrap_or_else(later));
    Ok(Carried { fates: fates.collect(), out_of_reach })
}

/// Which of the wishes would make something different.
pub(super) fn would_act(session: &Session, wishes: &[Wish]) -> Result<Vec<bool>, Fault> {
    let all: Vec<usize> = (0..wishes.len()).collect();
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let plan = planned(session, wishes, &all)?;
    Ok(plan.changes.iter().map(PlannedChange::acts).collect())
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
fn is_guard(problem: &Problem) -> bool {
    problem.is_error() && problem.code.starts_with("too_many_")
}

/// What the app may not do at all: no other password and no other person would help.
fn stops_all(plan: &Plan) -> Option<&Problem> {
    let mut problems = plan.problems().map(|(_, problem)| problem);
    problems.find(|problem| problem.is_error() && problem.code == "permission")
}

/// The first error of each change that has one.
fn refusals(plan: &Plan, open: &[usize]) -> HashMap<usize, Fate> {
    let errors = plan.changes.iter().zip(open).filter_map(|(change, index)| {
        let error = change.problems.iter().find(|problem| problem.is_error())?;
        Some((*index, Fate::Refused(error.clone())))
    });
    errors.collect()
}

/// Changes that an unfinished run forbids: they wait for its end, and nobody else does.
fn collisions(
    session: &Session,
    plan: &Plan,
    open: &[usize],
) -> Result<HashMap<usize, Fate>, Fault> {
    let journal = session.profile().journal()?;
    let found = session.block_on(apply::colliding(plan, journal))?.map_err(ApplyError::from)?;
    let fates = found.into_iter().filter_map(|(no, collision)| {
        let index = *open.get(no.0 as usize)?;
        let problem = Problem::note("collision", &collision.name, collision.to_string());
        Some((index, Fate::Later(problem)))
    });
    Ok(fates.collect())
}

/// What keeps a plan from being applied as a whole.
enum Stopped {
    /// Something that another try may mend.
    Fault(Fault),
    /// A newer password was set while this was planned: it is to be planned again.
    Overtaken,
}

fn apply(
    session: &Arc<Session>,
    plan: Plan,
    open: &[usize],
    fates: &mut HashMap<usize, Fate>,
) -> Result<(), Stopped> {
    if plan.impact().is_none() {
        fates.extend(open.iter().map(|index| (*index, Fate::Unchanged)));
        return Ok(());
    }
    let begun = begin_quietly(session, plan).map_err(|fault| match fault.kind.as_ref() {
        "overtaken" => Stopped::Overtaken,
        _ => Stopped::Fault(fault),
    });
    let (run, lock) = begun?;
    let executed = execute_quietly(session, run).map_err(Stopped::Fault)?;
    for (result, index) in results(&executed.run).into_iter().zip(open) {
        fates.insert(*index, fate_of(result));
    }
    if executed.run.state == RunState::Unfinished {
        end(session, &executed.run.head.id).map_err(Stopped::Fault)?;
    }
    drop(lock);
    match executed.halt {
        Some(Halt::OutOfReach(problem)) => Err(Stopped::Fault(fault_of(&problem))),
        Some(Halt::Stopped) | None => Ok(()),
    }
}

/// A password that has arrived is delivered, also where something beside it could not be remembered.
fn fate_of(result: ChangeResult) -> Fate {
    let has_arrived = result.done.iter().any(|done| done == PASSWORD_ARRIVED);
    let unknown = || Problem::note("later", &result.user, "it has not come to its end");
    match result.outcome {
        Outcome::Done => Fate::Done,
        _ if has_arrived => Fate::Done,
        Outcome::Unchanged => Fate::Unchanged,
        Outcome::Failed | Outcome::LeftOut => Fate::Refused(result.problem.unwrap_or_else(unknown)),
        Outcome::Parked | Outcome::Open => Fate::Later(result.problem.unwrap_or_else(unknown)),
    }
}

/// Ends the runs that an earlier process was at when it was killed. Nothing of them is sent: what they were to
/// do is looked at anew, since the world may have moved on.
pub fn settle_earlier_runs(session: &Arc<Session>) -> Result<(), Fault> {
    let profile = session.profile();
    let is_ours = |head: &RunHead| head.what == WHAT && head.profile == profile.name();
    for (head, state) in run_heads(session)? {
        if state == RunState::Unfinished && is_ours(&head) {
            let lock = apply::lock(&head.id, &profile.home().locks())?;
            end(session, &head.id)?;
            drop(lock);
        }
    }
    Ok(())
}

/// Gives an unfinished run up that carries passwords alone: whatever isn't done lies in the outbox still, and an
/// unfinished run would only stand in the way of a newer change. What was sent without an answer is
/// remembered as that. Other runs stay for a person to look at: `doctor` names them.
fn end(session: &Session, run: &RunId) -> Result<(), Fault> {
    let run = load_run(session, run)?;
    let carries = |stored: &StoredChange| matches!(stored.change, Change::CarryPassword(_));
    if run.state != RunState::Unfinished || !run.changes.iter().all(carries) {
        return Ok(());
    }
    let unanswered = run.steps.iter().zip(&run.states).filter_map(|(step, state)| {
        let is_sent = matches!(state, StepState::Started)
            && matches!(step.op, Op::Graph(GraphOp::SetPassword { .. }));
        let (Some(Target::Known(account)), Some(sent)) = (step.online, run.sent.get(&step.id))
        else {
            return None;
        };
        is_sent.then_some(PasswordEvent::Attempted { account, at: sent.last })
    });
    let profile = session.profile();
    let journal = profile.journal()?;
    let remembered = session.block_on(journal.remember_passwords(unanswered.collect()))?;
    remembered.map_err(ApplyError::from)?;
    let languages = profile.letter_languages(run.writes_letters())?;
    let given_up = abandon(&run, journal, profile.key()?, &languages, profile.sign_in_url());
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
