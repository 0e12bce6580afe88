//! Seats: as many as the plan needs, or what to do when there are fewer.

use std::collections::{HashMap, HashSet, VecDeque};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Free, Plan, drop_steps};
use crate::accounts::{Facts, Needs};
use crate::model::{Field, License, Problem, SkuId};
use crate::plan::change::ChangeNo;
use crate::plan::edit::What;
use crate::plan::step::{Claim, GraphOp, Needs as StepNeeds, Op, StepId};

/// What to do when there are fewer seats than people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatsShort {
    /// Write nothing.
    #[default]
    Stop,
    /// Serve people in row order while seats last; the others are left out.
    Fill,
    /// Everybody gets everything; those without a seat all but the licence.
    Unlicensed,
}

impl FromStr for SeatsShort {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "stop" => Ok(Self::Stop),
            "fill" => Ok(Self::Fill),
            "unlicensed" => Ok(Self::Unlicensed),
            other => Err(format!("{other:?} is none of stop, fill, unlicensed")),
        }
    }
}

/// Seats of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeatCount {
    /// The product.
    pub sku: SkuId,
    /// Its name.
    pub name: String,
    /// Seats that the plan asks for.
    pub needed: i64,
    /// Seats that were free when the facts were read.
    pub free: i64,
}

/// Counts seats and applies the policy to whoever gets none.
pub(super) fn check(plan: &mut Plan, facts: &Facts) {
    let needs = std::cell::RefCell::new(Needs::default());
    let Ok(licenses) = facts.licenses(&needs) else { return };
    let takers = takers(plan);
    plan.seats = counts(licenses, &takers);
    let mut free: Free = licenses.iter().map(|license| (license.sku, license.free())).collect();
    let mut freed = freed(plan);
    let mut without_seat = HashSet::new();
    let mut waits = Vec::new();
    for taker in &takers {
        let has_free = |sku: &&SkuId| free.get(sku).copied().unwrap_or(0) > 0;
        // A seat that an earlier step gives up counts only where none is free without it.
        let given_up: Option<Vec<(SkuId, StepId)>> = (taker.skus.iter())
            .filter(|sku| !has_free(sku))
            .map(|sku| {
                let first = freed.get(sku)?.front().filter(|step| **step < taker.step)?;
                Some((*sku, *first))
            })
            .collect();
        // Nobody gets half of the licences: a person who lacks one seat takes none.
        let Some(given_up) = given_up else {
            without_seat.insert(taker.change);
            continue;
        };
        for sku in taker.skus.iter().filter(|sku| given_up.iter().all(|(other, _)| other != *sku)) {
            *free.entry(*sku).or_default() -= 1;
        }
        for (sku, step) in given_up {
            freed.entry(sku).or_default().pop_front();
            waits.push((taker.step, step));
        }
    }
    for (taker, freer) in waits {
        plan.steps[taker.0 as usize].after.push((freer, StepNeeds::Success));
    }
    if without_seat.is_empty() {
        return;
    }
    let names = |skus: &[SkuId]| -> Vec<String> {
        let short = plan
            .seats
            .iter()
            .filter(|seats| seats.needed > seats.free && skus.contains(&seats.sku));
        short
            .map(|seats| {
                format!("{} ({} needed, {} free)", seats.name, seats.needed, seats.free.max(0))
            })
            .collect()
    };
    let problems: Vec<(ChangeNo, String)> = takers
        .iter()
        .filter(|taker| without_seat.contains(&taker.change))
        .map(|taker| (taker.change, names(&taker.skus).join(", ")))
        .collect();
    for (change, products) in problems {
        short_of_seats(plan, change, &products);
    }
    apply_policy(plan, &without_seat);
}

/// A step that takes seats.
struct Taker {
    change: ChangeNo,
    step: StepId,
    skus: Vec<SkuId>,
}

/// The steps that take seats, in plan order.
fn takers(plan: &Plan) -> Vec<Taker> {
    let mut takers = Vec::new();
    for step in &plan.steps {
        let skus = seats(&step.takes);
        if let (false, Some(change)) = (skus.is_empty(), step.changes.first()) {
            takers.push(Taker { change: *change, step: step.id, skus });
        }
    }
    takers
}

/// The steps that give seats up, by product and in plan order. Who is deleted keeps the seat until
/// the recycle bin is emptied, so that doesn't count (`graph.md §9`).
fn freed(plan: &Plan) -> HashMap<SkuId, VecDeque<StepId>> {
    let mut freed: HashMap<SkuId, VecDeque<StepId>> = HashMap::new();
    for step in &plan.steps {
        for sku in seats(&step.frees) {
            freed.entry(sku).or_default().push_back(step.id);
        }
    }
    freed
}

fn seats(claims: &[Claim]) -> Vec<SkuId> {
    let seat = |claim: &Claim| match claim {
        Claim::Seat(sku) => Some(*sku),
        Claim::OnlineName(_) | Claim::LocalName(_) | Claim::Link(_) | Claim::Address(_) => None,
    };
    claims.iter().filter_map(seat).collect()
}

fn counts(licenses: &[License], takers: &[Taker]) -> Vec<SeatCount> {
    let mut needed: HashMap<SkuId, i64> = HashMap::new();
    for sku in takers.iter().flat_map(|taker| &taker.skus) {
        *needed.entry(*sku).or_default() += 1;
    }
    licenses
        .iter()
        .filter_map(|license| {
            let needed = *needed.get(&license.sku)?;
            Some(SeatCount {
                sku: license.sku,
                name: license.name.clone(),
                needed,
                free: license.free(),
            })
        })
        .collect()
}

fn short_of_seats(plan: &mut Plan, change: ChangeNo, products: &str) {
    let policy = plan.options.seats_short;
    let planned = &mut plan.changes[change.0 as usize];
    let subject = planned.change.intent().label();
    let message = format!("no seat is left: {products}");
    let problem = match policy {
        SeatsShort::Stop => Problem::error("no_seat", subject, message)
            .advice("buy seats, or let --seats-short fill or unlicensed decide who goes without"),
        SeatsShort::Fill => Problem::warning("no_seat", subject, format!("{message}; left out")),
        SeatsShort::Unlicensed => {
            Problem::warning("no_seat", subject, format!("{message}; made without a licence"))
        }
    }
    .field(Field::Licenses);
    if policy == SeatsShort::Fill {
        planned.left_out = Some(problem.clone());
    }
    planned.problems.push(problem);
}

fn apply_policy(plan: &mut Plan, without: &HashSet<ChangeNo>) {
    let concerned = |changes: &[ChangeNo]| changes.iter().any(|no| without.contains(no));
    match plan.options.seats_short {
        SeatsShort::Stop => {}
        SeatsShort::Fill => drop_steps(&mut plan.steps, |step| concerned(&step.changes)),
        SeatsShort::Unlicensed => {
            let assigns = |op: &Op| matches!(op, Op::Graph(GraphOp::AssignLicenses { .. }));
            drop_steps(&mut plan.steps, |step| assigns(&step.op) && concerned(&step.changes));
            for no in without {
                let edits = &mut plan.changes[no.0 as usize].edits;
                edits.retain(|edit| !matches!(edit.what, What::Licenses { .. }));
            }
        }
    }
}
