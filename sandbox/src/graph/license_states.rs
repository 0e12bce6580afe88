//! Which licences a user has, from whom: `licenseAssignmentStates` is what is true, one entry for each
//! assignment; `assignedLicenses` is what comes of it (`graph.md` §7.2).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::refusal::Refusal;
use crate::state::users::{self, Document, User};
use crate::state::{skus, users as kept};

/// Products, each with the plans that are off.
pub(super) type Assigned = BTreeMap<String, BTreeSet<String>>;

/// The products a user has, whoever gave them.
pub(super) fn assigned(document: &Document) -> Assigned {
    entries(document, "assignedLicenses").filter_map(product).collect()
}

/// The products that were given to the user as such.
pub(super) fn direct(document: &Document) -> Assigned {
    entries(document, "licenseAssignmentStates")
        .filter(|state| state["assignedByGroup"].is_null())
        .filter_map(product)
        .collect()
}

fn inherited(document: &Document) -> Vec<Value> {
    entries(document, "licenseAssignmentStates")
        .filter(|state| !state["assignedByGroup"].is_null())
        .cloned()
        .collect()
}

fn entries<'a>(document: &'a Document, list: &str) -> impl Iterator<Item = &'a Value> {
    document.get(list).and_then(Value::as_array).into_iter().flatten()
}

fn product(entry: &Value) -> Option<(String, BTreeSet<String>)> {
    let off = entry["disabledPlans"].as_array()?;
    let off = off.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Some((entry["skuId"].as_str()?.to_owned(), off))
}

/// Everything a user has once `direct` is what was given to the user as such. A plan is off only where
/// every assignment of its product has it off; what couldn't be assigned gives nothing.
pub(super) fn with_inherited(document: &Document, direct: &Assigned) -> Assigned {
    let mut all = direct.clone();
    for state in inherited(document).iter().filter(|state| state["state"] == "Active") {
        let Some((sku_id, off)) = product(state) else { continue };
        match all.get_mut(&sku_id) {
            Some(here) => here.retain(|plan| off.contains(plan)),
            None => {
                all.insert(sku_id, off);
            }
        }
    }
    all
}

/// Why a licence can't be taken off the user, if it can't.
pub(super) fn check_removable(document: &Document, sku_id: &str) -> Result<(), Refusal> {
    let mut own = entries(document, "licenseAssignmentStates")
        .filter(|state| state["skuId"] == *sku_id)
        .peekable();
    if own.peek().is_none() {
        return Err(Refusal::bad_request("User does not have a corresponding license."));
    }
    if own.all(|state| !state["assignedByGroup"].is_null()) {
        return Err(Refusal::bad_request(
            "User license is inherited from a group membership and it cannot be removed directly from the user.",
        ));
    }
    Ok(())
}

/// Writes down what was given to the user as such; an assignment that didn't change keeps its date.
pub(super) fn write_down(document: &mut Document, now: Moment, given: &Assigned) {
    let before = direct(document);
    let old: Vec<Value> = entries(document, "licenseAssignmentStates").cloned().collect();
    let own = given.iter().map(|(sku_id, off)| {
        let same = before.get(sku_id) == Some(off);
        let kept = old
            .iter()
            .find(|state| same && state["skuId"] == **sku_id && state["assignedByGroup"].is_null());
        kept.cloned().unwrap_or_else(|| {
            json!({
                "skuId": sku_id,
                "disabledPlans": off,
                "assignedByGroup": null,
                "state": "Active",
                "error": "None",
                "lastUpdatedDateTime": now.to_text(),
            })
        })
    });
    let states: Vec<Value> = own.chain(inherited(document)).collect();
    let licenses: Vec<Value> = with_inherited(document, given)
        .iter()
        .map(|(sku_id, off)| json!({ "skuId": sku_id, "disabledPlans": off }))
        .collect();
    document.insert("licenseAssignmentStates".to_owned(), states.into());
    document.insert("assignedLicenses".to_owned(), licenses.into());
}

/// A licence that a group gives to its members.
pub(crate) struct FromGroup {
    /// The group's id.
    pub(crate) group: String,
    /// The product.
    pub(crate) sku_id: String,
    /// The plans that are off.
    pub(crate) off: BTreeSet<String>,
}

/// Makes `licenses` what the user inherits, and nothing else. Where there is no seat, that shows on the
/// user instead of coming back as a refusal (`graph.md` §7.3).
pub(crate) fn inherit(
    state: &rusqlite::Connection,
    user: &mut User,
    licenses: &[FromGroup],
    now: Moment,
) -> Result<(), Refusal> {
    let given = direct(&user.document);
    let before = assigned(&user.document);
    for sku_id in before.keys().filter(|sku_id| !given.contains_key(*sku_id)) {
        kept::free_seat(state, user.seq, sku_id)?;
    }
    let mut seated: BTreeSet<String> = given.keys().cloned().collect();
    let mut states: Vec<Value> = entries(&user.document, "licenseAssignmentStates")
        .filter(|state| state["assignedByGroup"].is_null())
        .cloned()
        .collect();
    for license in licenses {
        let sku = skus::find(state, &license.sku_id)?
            .ok_or_else(|| Refusal::not_found(&license.sku_id))?;
        let has_seat = seated.contains(&sku.sku_id) || sku.has_seat();
        if has_seat && seated.insert(sku.sku_id.clone()) {
            kept::take_seat(state, user.seq, &sku.sku_id)?;
        }
        states.push(json!({
            "skuId": sku.sku_id,
            "disabledPlans": license.off,
            "assignedByGroup": license.group,
            "state": if has_seat { "Active" } else { "Error" },
            "error": if has_seat { "None" } else { "CountViolation" },
            "lastUpdatedDateTime": now.to_text(),
        }));
    }
    user.document.insert("licenseAssignmentStates".to_owned(), states.into());
    write_down(&mut user.document, now, &given);
    users::save(state, user)
}
