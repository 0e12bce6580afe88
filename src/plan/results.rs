//! What became of each change of a run, as data; `script` and `cli` render it.

use std::collections::HashSet;

use serde::Serialize;

use super::change::ChangeNo;
use super::journal::{Made, RunState, StepState, StoredChange, StoredRun};
use super::step::{DirectoryOp, GraphOp, Needs, Op, Step, StepId, Target};
use crate::model::{ObjectId, Problem};

/// What a person has whose password has arrived online.
pub const PASSWORD_ARRIVED: &str = "online password";

/// What a person has whose password lies in the outbox.
const WAITS: &str = "online password waits";

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was done.
    Done,
    /// There was nothing to do.
    Unchanged,
    /// Refused, in whole or in part.
    Failed,
    /// Left out of the run.
    LeftOut,
    /// Put off; a resume tries again.
    Parked,
    /// Not come to its end.
    Open,
}

impl Outcome {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::LeftOut => "left out",
            Self::Parked => "parked",
            Self::Open => "open",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// One line of the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangeResult {
    /// The row or line that asked for it.
    pub row: String,
    /// The subject's name.
    pub user: String,
    /// The online ID that it got, once it has it.
    pub online_id: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// What the person got, in order; the same many times over is counted.
    pub done: Vec<String>,
    /// Whether some of it was done, but not seen yet by whoever reads the tenant.
    pub not_yet_visible: bool,
    /// Why not all of it.
    pub problem: Option<Problem>,
}

/// The results of a run, in plan order.
pub fn results(run: &StoredRun) -> Vec<ChangeResult> {
    let deletes = |step: &&Step| matches!(step.op, Op::Graph(GraphOp::Delete));
    let deleted: HashSet<Target<ObjectId>> =
        run.steps.iter().filter(deletes).filter_map(|step| step.online).collect();
    let mut steps: Vec<Vec<usize>> = vec![Vec::new(); run.changes.len()];
    for (index, step) in run.steps.iter().enumerate() {
        for ChangeNo(no) in &step.changes {
            if let Some(of_change) = steps.get_mut(*no as usize) {
                of_change.push(index);
            }
        }
    }
    run.changes
        .iter()
        .zip(steps)
        .map(|(change, steps)| result(run, change, &steps, &deleted))
        .collect()
}

fn result(
    run: &StoredRun,
    stored: &StoredChange,
    steps: &[usize],
    deleted: &HashSet<Target<ObjectId>>,
) -> ChangeResult {
    let mut result = ChangeResult {
        row: stored.origin.label(),
        user: stored.change.intent().label(),
        online_id: None,
        outcome: if steps.is_empty() { Outcome::Unchanged } else { Outcome::Done },
        done: Vec::new(),
        not_yet_visible: false,
        problem: None,
    };
    if let Some(problem) = &stored.left_out {
        result.outcome = Outcome::LeftOut;
        result.problem = Some(problem.clone());
    }
    let mut done: Vec<(&'static str, usize)> = Vec::new();
    for index in steps {
        let step = &run.steps[*index];
        match &run.states[*index] {
            state @ (StepState::Done(_) | StepState::Verified(_)) => {
                // Only a run that has ended has looked for what it did; of an account that it deleted
                // nothing is left to be seen.
                let is_gone = step.online.is_some_and(|online| deleted.contains(&online));
                let looked = run.state == RunState::Finished && step.op.can_be_seen() && !is_gone;
                result.not_yet_visible |= looked && matches!(state, StepState::Done(_));
                let gives = match state.made() {
                    Some(Made::Queued) => Some(WAITS),
                    _ => step.gives(),
                };
                if let Some(gives) = gives {
                    match done.iter_mut().find(|(known, _)| *known == gives) {
                        Some((_, count)) => *count += 1,
                        None => done.push((gives, 1)),
                    }
                }
                if let Some(online_id) = online_id(step) {
                    result.online_id = Some(online_id);
                }
            }
            StepState::Failed(problem) => result.worsen(Outcome::Failed, Some(problem)),
            // There was nothing to make up for.
            StepState::Skipped(_) if makes_up(step) => {}
            StepState::Skipped(because) => {
                let problem = skipped(run, &result.user, *because);
                result.worsen(Outcome::Failed, Some(&problem));
            }
            StepState::Parked(problem) => result.worsen(Outcome::Parked, Some(problem)),
            StepState::Pending | StepState::Started => result.worsen(Outcome::Open, None),
        }
    }
    if let Some(problem) = &mut result.problem {
        say_where_the_password_stands(run, steps, problem);
    }
    let counted = |(gives, count): (&str, usize)| match count {
        1 => gives.to_owned(),
        count => format!("{gives} × {count}"),
    };
    result.done = done.into_iter().map(counted).collect();
    result
}

impl ChangeResult {
    /// The first thing that went wrong counts.
    fn worsen(&mut self, outcome: Outcome, problem: Option<&Problem>) {
        if self.outcome == Outcome::Done
            || (self.outcome == Outcome::Open && outcome != Outcome::Open)
        {
            self.outcome = outcome;
        }
        if self.problem.is_none() {
            self.problem = problem.cloned();
        }
    }
}

/// Why a step wasn't tried: the one that it needed has failed, or itself was skipped.
fn skipped(run: &StoredRun, label: &str, because: StepId) -> Problem {
    let mut cause = because;
    while let Some(StepState::Skipped(earlier)) = run.states.get(cause.0 as usize) {
        cause = *earlier;
    }
    let whose = run.steps.get(cause.0 as usize).and_then(|step| step.changes.first());
    let whose = whose.and_then(|no| run.changes.get(no.0 as usize));
    let whose = whose.map(|stored| stored.change.intent().label()).unwrap_or_default();
    Problem::error("skipped", label, format!("not tried, since what it needs of {whose} failed"))
}

/// Whether a step is there only in case another is refused.
fn makes_up(step: &Step) -> bool {
    step.after.iter().any(|(_, needs)| *needs == Needs::Refusal)
}

/// Of a password that one side has taken and the other refused, which one counts where.
fn say_where_the_password_stands(run: &StoredRun, steps: &[usize], problem: &mut Problem) {
    let any = |is: fn(&Op) -> bool, has: fn(&StepState) -> bool| {
        steps.iter().any(|index| is(&run.steps[*index].op) && has(&run.states[*index]))
    };
    let sets =
        |op: &Op| matches!(op, Op::Directory(DirectoryOp::SetPassword { must_change: false, .. }));
    let sends = |op: &Op| matches!(op, Op::Graph(GraphOp::SetPassword { .. }));
    let puts_back = |op: &Op| matches!(op, Op::Directory(DirectoryOp::PutBackPassword { .. }));
    let failed = |state: &StepState| matches!(state, StepState::Failed(_));
    if !any(sets, StepState::has_succeeded) || !any(sends, failed) {
        return;
    }
    problem.message.push_str(if any(puts_back, StepState::has_succeeded) {
        "; the earlier password counts on both sides"
    } else {
        "; the new password counts in the directory, the earlier one online"
    });
}

fn online_id(step: &Step) -> Option<String> {
    match &step.op {
        Op::Graph(GraphOp::CreateOnline { account, .. }) => Some(account.online_id.to_string()),
        Op::Graph(GraphOp::Rename { new, .. }) => Some(new.to_string()),
        Op::Graph(GraphOp::SetPassword { online_id, .. }) => Some(online_id.to_string()),
        _ => None,
    }
}

/// How many changes came to which end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Done.
    pub done: usize,
    /// Nothing to do.
    pub unchanged: usize,
    /// Refused.
    pub failed: usize,
    /// Left out.
    pub left_out: usize,
    /// Put off.
    pub parked: usize,
    /// Not ended.
    pub open: usize,
    /// Done, but not seen yet in the tenant.
    pub not_yet_visible: usize,
}

impl Summary {
    /// Counts results.
    pub fn of(results: &[ChangeResult]) -> Self {
        let mut summary = Self::default();
        for result in results {
            *(match result.outcome {
                Outcome::Done => &mut summary.done,
                Outcome::Unchanged => &mut summary.unchanged,
                Outcome::Failed => &mut summary.failed,
                Outcome::LeftOut => &mut summary.left_out,
                Outcome::Parked => &mut summary.parked,
                Outcome::Open => &mut summary.open,
            }) += 1;
            summary.not_yet_visible += usize::from(result.not_yet_visible);
        }
        summary
    }
}
