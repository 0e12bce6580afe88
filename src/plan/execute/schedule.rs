//! Which step may run: everything it waits for has ended, and what it needs succeeded.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::plan::journal::StepState;
use crate::plan::step::{Needs, Step, StepId};

/// The order of a run's steps.
pub(super) struct Schedule {
    /// Ends that each step still waits for.
    waiting: Vec<u32>,
    /// Who waits for each step.
    waiters: Vec<Vec<(StepId, Needs)>>,
    /// Steps that may run, the earliest first.
    ready: BinaryHeap<Reverse<StepId>>,
    /// Steps that will not run, with the one to blame.
    skipped: Vec<(StepId, StepId)>,
    closed: Vec<bool>,
}

impl Schedule {
    /// The order of what isn't done yet.
    pub(super) fn new(steps: &[Step], states: &[StepState]) -> Self {
        let mut schedule = Self {
            waiting: vec![0; steps.len()],
            waiters: vec![Vec::new(); steps.len()],
            ready: BinaryHeap::new(),
            skipped: Vec::new(),
            closed: states.iter().map(StepState::has_ended).collect(),
        };
        for step in steps {
            for (before, needs) in &step.after {
                schedule.waiting[step.id.0 as usize] += 1;
                schedule.waiters[before.0 as usize].push((step.id, *needs));
            }
        }
        for step in steps {
            if schedule.waiting[step.id.0 as usize] == 0 && !schedule.closed[step.id.0 as usize] {
                schedule.ready.push(Reverse(step.id));
            }
        }
        for (index, state) in states.iter().enumerate() {
            if state.has_ended() {
                schedule.release(StepId(u32::try_from(index).unwrap_or(u32::MAX)), state);
            }
        }
        schedule
    }

    /// The earliest step that may run now.
    pub(super) fn next(&mut self) -> Option<StepId> {
        self.ready.pop().map(|Reverse(step)| step)
    }

    /// A step that was given out has ended, or was put off.
    pub(super) fn ended(&mut self, step: StepId, state: &StepState) {
        if state.has_ended() {
            self.closed[step.0 as usize] = true;
            self.release(step, state);
        }
    }

    /// Steps that were found not to run since the last call.
    pub(super) fn take_skipped(&mut self) -> Vec<(StepId, StepId)> {
        std::mem::take(&mut self.skipped)
    }

    fn release(&mut self, step: StepId, state: &StepState) {
        let mut ended = vec![(step, End::of(state))];
        while let Some((step, end)) = ended.pop() {
            for (waiter, needs) in self.waiters[step.0 as usize].clone() {
                let index = waiter.0 as usize;
                self.waiting[index] = self.waiting[index].saturating_sub(1);
                if self.closed[index] {
                    continue;
                }
                if !end.satisfies(needs) {
                    self.closed[index] = true;
                    self.skipped.push((waiter, step));
                    ended.push((waiter, End::Skipped));
                } else if self.waiting[index] == 0 {
                    self.ready.push(Reverse(waiter));
                }
            }
        }
    }
}

/// How a step has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Done,
    Refused,
    Skipped,
}

impl End {
    fn of(state: &StepState) -> Self {
        match state {
            StepState::Done(_) | StepState::Verified(_) => Self::Done,
            StepState::Failed(_) => Self::Refused,
            _ => Self::Skipped,
        }
    }

    fn satisfies(self, needs: Needs) -> bool {
        match needs {
            Needs::Success => self == Self::Done,
            Needs::Refusal => self == Self::Refused,
            Needs::Ended => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Problem;
    use crate::plan::change::ChangeNo;
    use crate::plan::step::{DirectoryOp, Op};

    fn step(id: u32, after: &[(u32, Needs)]) -> Step {
        Step {
            after: after.iter().map(|(id, needs)| (StepId(*id), *needs)).collect(),
            ..Step::new(StepId(id), ChangeNo(0), Op::Directory(DirectoryOp::Delete))
        }
    }

    fn failed() -> StepState {
        StepState::Failed(Problem::error("x", "x", "x"))
    }

    #[test]
    fn the_earliest_step_that_may_run_goes_first() {
        let steps = [step(0, &[]), step(1, &[(0, Needs::Success)]), step(2, &[])];
        let mut schedule = Schedule::new(&steps, &vec![StepState::Pending; 3]);
        assert_eq!(schedule.next(), Some(StepId(0)));
        schedule.ended(StepId(0), &StepState::Done(None));
        assert_eq!(schedule.next(), Some(StepId(1)));
        assert_eq!(schedule.next(), Some(StepId(2)));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn a_failure_skips_what_needs_its_success_and_only_that() {
        let steps = [
            step(0, &[]),
            step(1, &[(0, Needs::Success)]),
            step(2, &[(1, Needs::Success)]),
            step(3, &[(0, Needs::Ended)]),
        ];
        let mut schedule = Schedule::new(&steps, &vec![StepState::Pending; 4]);
        schedule.next();
        schedule.ended(StepId(0), &failed());
        assert_eq!(schedule.take_skipped(), [(StepId(1), StepId(0)), (StepId(2), StepId(1))]);
        assert_eq!(schedule.next(), Some(StepId(3)));
    }

    #[test]
    fn what_makes_up_for_a_refusal_runs_after_one_and_only_then() {
        let steps =
            [step(0, &[]), step(1, &[(0, Needs::Success)]), step(2, &[(1, Needs::Refusal)])];
        let run = |first: StepState, second: Option<StepState>| {
            let mut schedule = Schedule::new(&steps, &vec![StepState::Pending; 3]);
            schedule.next();
            schedule.ended(StepId(0), &first);
            if let Some(second) = second {
                assert_eq!(schedule.next(), Some(StepId(1)));
                schedule.ended(StepId(1), &second);
            }
            schedule.next()
        };
        let done = || StepState::Done(None);
        assert_eq!(run(done(), Some(failed())), Some(StepId(2)));
        assert_eq!(run(done(), Some(done())), None);
        assert_eq!(run(failed(), None), None);
    }

    #[test]
    fn what_waits_for_a_step_that_was_put_off_waits_on() {
        let steps = [step(0, &[]), step(1, &[(0, Needs::Ended)])];
        let mut schedule = Schedule::new(&steps, &vec![StepState::Pending; 2]);
        schedule.next();
        schedule.ended(StepId(0), &StepState::Parked(Problem::error("x", "x", "x")));
        assert_eq!(schedule.next(), None);
    }

    #[test]
    fn a_resumed_run_goes_on_where_it_stopped() {
        let steps =
            [step(0, &[]), step(1, &[(0, Needs::Success)]), step(2, &[(1, Needs::Success)])];
        let states = [StepState::Done(None), StepState::Started, StepState::Pending];
        let mut schedule = Schedule::new(&steps, &states);
        assert_eq!(schedule.next(), Some(StepId(1)));
        assert_eq!(schedule.next(), None);
        schedule.ended(StepId(1), &StepState::Done(None));
        assert_eq!(schedule.next(), Some(StepId(2)));
    }

    /// What a step waits for, as numbers: a graph without cycles only names earlier steps.
    type Edges = Vec<Vec<(u32, Needs)>>;

    fn edges(steps: usize, earlier_only: bool) -> impl Strategy<Value = Edges> {
        let needs = prop_oneof![Just(Needs::Success), Just(Needs::Ended)];
        let after = prop::collection::vec((any::<prop::sample::Index>(), needs), 0..3);
        prop::collection::vec(after, 1..steps).prop_map(move |all| {
            let count = all.len();
            let of = |id: usize, (before, needs): &(prop::sample::Index, Needs)| {
                let range = if earlier_only { id } else { count };
                (range > 0).then(|| (u32::try_from(before.index(range)).unwrap(), *needs))
            };
            let edges = all.iter().enumerate().map(|(id, after)| {
                let mut after: Vec<_> = after.iter().filter_map(|edge| of(id, edge)).collect();
                after.sort_by_key(|(before, _)| *before);
                after.dedup_by_key(|(before, _)| *before);
                after
            });
            edges.collect()
        })
    }

    fn steps(edges: &Edges) -> Vec<Step> {
        edges.iter().zip(0..).map(|(after, id)| step(id, after)).collect()
    }

    /// Runs a schedule: which of the running steps ends next is drawn, and which fail. After so many
    /// ends the process dies and another resumes. Panics where a step runs before its time.
    fn run(
        edges: &Edges,
        draws: &[prop::sample::Index],
        fails: &[bool],
        dies_after: usize,
    ) -> Vec<StepState> {
        let steps = steps(edges);
        let mut states = vec![StepState::Pending; steps.len()];
        let mut draws = draws.iter().cycle();
        let mut ends = 0;
        'process: loop {
            let mut schedule = Schedule::new(&steps, &states);
            let mut running = Vec::new();
            loop {
                for (skipped, because) in schedule.take_skipped() {
                    states[skipped.0 as usize] = StepState::Skipped(because);
                }
                while let Some(id) = schedule.next() {
                    for (before, needs) in &edges[id.0 as usize] {
                        let state = &states[*before as usize];
                        assert!(state.has_ended(), "{id:?} runs before {before}");
                        assert!(*needs == Needs::Ended || state.has_succeeded());
                    }
                    assert!(!states[id.0 as usize].has_ended(), "{id:?} runs twice");
                    running.push(id);
                }
                if running.is_empty() {
                    return states;
                }
                if ends == dies_after {
                    ends += 1;
                    continue 'process;
                }
                let id = running.swap_remove(draws.next().unwrap().index(running.len()));
                let failed = fails[id.0 as usize % fails.len()];
                let state = if failed { self::failed() } else { StepState::Done(None) };
                states[id.0 as usize] = state;
                schedule.ended(id, &states[id.0 as usize]);
                ends += 1;
            }
        }
    }

    proptest! {
        #[test]
        fn any_interleaving_and_a_crash_keep_the_order_and_skip_exactly_the_dependents(
            edges in edges(12, true),
            draws in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
            fails in prop::collection::vec(prop::bool::weighted(0.3), 12),
            dies_after in 0_usize..14,
        ) {
            let states = run(&edges, &draws, &fails, dies_after);
            for (id, state) in states.iter().enumerate() {
                let lacks = edges[id].iter().any(|(before, needs)| {
                    *needs == Needs::Success && !states[*before as usize].has_succeeded()
                });
                prop_assert!(state.has_ended(), "{id} was forgotten");
                prop_assert_eq!(matches!(state, StepState::Skipped(_)), lacks);
            }
        }

        #[test]
        fn no_step_of_a_cycle_ever_runs(
            edges in edges(10, false),
            draws in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        ) {
            // That each step runs after everything it waits for, `run` asserts itself.
            run(&edges, &draws, &[false], usize::MAX);
        }
    }
}
