//! The products the tenant owns, and how many seats are taken.

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
}

const COLUMNS: &str = "sku_id, part_number, seats, consumed, plans";

fn from_row(row: &Row<'_>) -> rusqlite::Result<(Sku, String)> {
    let sku = Sku {
        sku_id: row.get(0)?,
        part_number: row.get(1)?,
        seats: row.get(2)?,
        consumed: row.get(3)?,
        plans: Vec::new(),
    };
    Ok((sku, row.get(4)?))
}

fn with_plans((sku, plans): (Sku, String)) -> Result<Sku, Refusal> {
    Ok(Sku { plans: serde_json::from_str(&plans)?, ..sku })
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

/// Sets how many seats the tenant has; whether there is such a product.
pub(crate) fn set_seats(state: &Connection, sku_id: &str, seats: u32) -> Result<bool, Refusal> {
    let changed =
        state.execute("UPDATE skus SET seats = ?2 WHERE sku_id = ?1", params![sku_id, seats])?;
    Ok(changed > 0)
}
