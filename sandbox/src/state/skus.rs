//! The products the tenant owns, and how many seats are taken.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// A service that comes with a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// A GUID in lower case.
    pub(crate) id: String,
    pub(crate) name: String,
}

/// How a subscription stands: `capabilityStatus` (`graph.md` §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Standing {
    Enabled,
    /// Expired, in grace: what it gives goes on.
    Warning,
    Suspended,
    LockedOut,
    Deleted,
}

impl Standing {
    /// Graph's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Warning => "Warning",
            Self::Suspended => "Suspended",
            Self::LockedOut => "LockedOut",
            Self::Deleted => "Deleted",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Enabled, Self::Warning, Self::Suspended, Self::LockedOut, Self::Deleted]
            .into_iter()
            .find(|standing| standing.word() == word)
    }

    /// Whether a seat of it can be given to somebody.
    pub(crate) fn gives_seats(self) -> bool {
        matches!(self, Self::Enabled | Self::Warning)
    }
}

/// A product of the tenant.
#[derive(Debug, Clone)]
#[allow(clippy::struct_field_names, reason = "skuId is Graph's name")]
pub(crate) struct Sku {
    /// A GUID in lower case.
    pub(crate) sku_id: String,
    pub(crate) part_number: String,
    pub(crate) seats: i64,
    pub(crate) consumed: i64,
    pub(crate) plans: Vec<Plan>,
    pub(crate) standing: Standing,
    /// Plans that aren't set up yet, by id.
    pub(crate) pending: BTreeSet<String>,
}

impl Sku {
    /// Whether one more user can have it.
    pub(crate) fn has_seat(&self) -> bool {
        self.standing.gives_seats() && self.consumed < self.seats
    }
}

const COLUMNS: &str = "sku_id, part_number, seats, consumed, plans, standing, pending";

/// A row, with the columns that hold JSON or a word.
type Kept = (Sku, [String; 3]);

fn from_row(row: &Row<'_>) -> rusqlite::Result<Kept> {
    let sku = Sku {
        sku_id: row.get(0)?,
        part_number: row.get(1)?,
        seats: row.get(2)?,
        consumed: row.get(3)?,
        plans: Vec::new(),
        standing: Standing::Enabled,
        pending: BTreeSet::new(),
    };
    Ok((sku, [row.get(4)?, row.get(5)?, row.get(6)?]))
}

fn with_plans((sku, [plans, standing, pending]): Kept) -> Result<Sku, Refusal> {
    let standing = Standing::of_word(&standing)
        .ok_or_else(|| Refusal::internal(format!("a subscription stands as {standing:?}")))?;
    let (plans, pending) = (serde_json::from_str(&plans)?, serde_json::from_str(&pending)?);
    Ok(Sku { plans, standing, pending, ..sku })
}

/// All products in the order they were bought.
pub(crate) fn all(state: &Connection) -> Result<Vec<Sku>, Refusal> {
    let mut statement =
        state.prepare_cached(&format!("SELECT {COLUMNS} FROM skus ORDER BY rowid"))?;
    let rows: Vec<_> = statement.query_map([], from_row)?.collect::<Result<_, _>>()?;
    rows.into_iter().map(with_plans).collect()
}

/// The product with that id, which is in lower case.
pub(crate) fn find(state: &Connection, sku_id: &str) -> Result<Option<Sku>, Refusal> {
    let mut statement =
        state.prepare_cached(&format!("SELECT {COLUMNS} FROM skus WHERE sku_id = ?1"))?;
    statement.query_row([sku_id], from_row).optional()?.map(with_plans).transpose()
}

/// Adds a product nobody has yet.
pub(crate) fn add(state: &Connection, sku: &Sku) -> Result<(), Refusal> {
    state.execute(
        "INSERT INTO skus (sku_id, part_number, seats, plans) VALUES (?1, ?2, ?3, ?4)",
        params![sku.sku_id, sku.part_number, sku.seats, serde_json::to_string(&sku.plans)?],
    )?;
    Ok(())
}

/// Keeps seats, standing and pending plans of a product that is there.
pub(crate) fn save(state: &Connection, sku: &Sku) -> Result<(), Refusal> {
    state.execute(
        "UPDATE skus SET seats = ?2, standing = ?3, pending = ?4 WHERE sku_id = ?1",
        params![sku.sku_id, sku.seats, sku.standing.word(), serde_json::to_string(&sku.pending)?],
    )?;
    Ok(())
}
