//! Seats: as many as the plan needs, or what to do when there are fewer.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Free, Plan, drop_steps};
use crate::accounts::{Facts, Needs};
use crate::model::{Field, License, Problem, SkuId};
use crate::plan::change::ChangeNo;
use crate::plan::edit::What;
use crate::plan::step::{Claim, GraphOp, Op};

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
    let mut without_seat = HashSet::new();
    for (change, skus) in &takers {
        // Nobody gets half of the licences: a person who lacks one seat takes none.
        if skus.iter().all(|sku| free.get(sku).copied().unwrap_or(0) > 0) {
            for sku in skus {
                *free.entry(*sku).or_default() -= 1;
            }
        } else {
            without_seat.insert(*change);
        }
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
        .filter(|(change, _)| without_seat.contains(change))
        .map(|(change, skus)| (*change, names(skus).join(", ")))
        .collect();
    for (change, products) in problems {
        short_of_seats(plan, change, &products);
    }
    apply_policy(plan, &without_seat);
}

/// Changes that take seats, in plan order.
fn takers(plan: &Plan) -> Vec<(ChangeNo, Vec<SkuId>)> {
    let mut takers: Vec<(ChangeNo, Vec<SkuId>)> = Vec::new();
    for step in &plan.steps {
        let skus: Vec<SkuId> = step
            .takes
            .iter()
            .filter_map(|claim| match claim {
                Claim::Seat(sku) => Some(*sku),
                Claim::OnlineName(_) | Claim::LocalName(_) | Claim::Link(_) => None,
            })
            .collect();
        if let (false, Some(change)) = (skus.is_empty(), step.changes.first()) {
            takers.push((*change, skus));
        }
    }
    takers
}

fn counts(licenses: &[License], takers: &[(ChangeNo, Vec<SkuId>)]) -> Vec<SeatCount> {
    let mut needed: HashMap<SkuId, i64> = HashMap::new();
    for sku in takers.iter().flat_map(|(_, skus)| skus) {
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
