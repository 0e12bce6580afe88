//! Review files: the proposals of a plan as rows to be edited, deleted and taken back.

use std::path::Path;

use crate::model::{Details, Field};
use crate::plan::change::{Change, OnlineWish};
use crate::plan::edit::What;
use crate::plan::{Plan, PlannedChange};
use crate::table::{ColumnHead, ResultsWriter, TableFault, Value};

/// The columns, all of which `create_account` takes back.
const COLUMNS: &[Field] = &[
    Field::UserName,
    Field::DisplayName,
    Field::FirstName,
    Field::LastName,
    Field::EmployeeId,
    Field::Department,
    Field::OnlineId,
    Field::Licenses,
    Field::Without,
    Field::UsageLocation,
];

/// Writes a row for each change that would do something. Returns how many.
pub(super) fn write(plan: &Plan, path: &Path) -> Result<usize, TableFault> {
    let heads: Vec<ColumnHead> =
        COLUMNS.iter().map(|field| ColumnHead::new(field.name())).collect();
    let mut writer = ResultsWriter::create(path, &heads)?;
    let mut written = 0;
    for change in plan.changes.iter().filter(|change| change.acts()) {
        writer.push(&row(change))?;
        written += 1;
    }
    writer.finish()?;
    Ok(written)
}

fn row(change: &PlannedChange) -> Vec<Value> {
    let draft = change.edits.iter().find_map(|edit| match &edit.what {
        What::OnlineMade(draft) => Some(draft),
        _ => None,
    });
    let taken = change.edits.iter().find_map(|edit| match &edit.what {
        What::OnlineTaken(online) => Some(online),
        _ => None,
    });
    let (wish, own) = match &change.change {
        Change::CreateAccount(create) => (create.online.as_ref(), Some(&create.details)),
        Change::Assign(assign) => (Some(&assign.online), None),
        _ => (None, None),
    };
    let nothing = Details::default();
    let details = draft.map(|draft| &draft.details).or(own).unwrap_or(&nothing);
    let cell = |field: &Field| match field {
        Field::UserName => change.change.intent().label().into(),
        Field::OnlineId => {
            let made = draft.map(|draft| &draft.online_id);
            made.or(taken.map(|online| &online.online_id)).map(ToString::to_string).into()
        }
        Field::Licenses => licenses(wish),
        Field::Without => wish.map_or(Value::Nothing, |wish| Value::List(wish.without.clone())),
        detail => details.get(*detail).map(str::to_owned).into(),
    };
    COLUMNS.iter().map(cell).collect()
}

fn licenses(wish: Option<&OnlineWish>) -> Value {
    wish.map_or(Value::Nothing, |wish| {
        Value::List(wish.licenses.iter().map(|name| name.0.clone()).collect())
    })
}
