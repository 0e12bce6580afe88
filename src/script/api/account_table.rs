//! Accounts as a table.

use super::fields;
use crate::accounts::R;
use crate::model::Field;
use crate::model::field::{FIELDS, FieldSpec};
use crate::plan::change::Subject;
use crate::script::raise::Fault;
use crate::script::session::{Handle, Session};
use crate::table::{ColumnHead, Table};

/// Accounts as a table: the columns that matter in a list, or all of them.
pub(in crate::script) fn account_table(
    session: &Session,
    handles: &[Handle],
    whole: bool,
) -> Result<Table, Fault> {
    const LISTED: &[Field] = &[
        Field::UserName,
        Field::DisplayName,
        Field::OnlineId,
        Field::Status,
        Field::StatusReason,
        Field::Licenses,
    ];
    let hidden = [Field::Password, Field::Without];
    let specs: Vec<&'static FieldSpec> = FIELDS
        .iter()
        .filter(
            |spec| if whole { !hidden.contains(&spec.field) } else { LISTED.contains(&spec.field) },
        )
        .collect();
    let subjects: Vec<Option<Subject>> =
        handles.iter().map(|handle| session.subject(*handle)).collect();
    let rows = session.look(|view| {
        let mut rows = Vec::with_capacity(subjects.len());
        let mut missing = None;
        for subject in subjects.iter().flatten() {
            let read = |spec: &&'static FieldSpec| fields::read(view, *subject, spec);
            let cells: Vec<R<fields::Read>> = specs.iter().map(read).collect();
            match cells.into_iter().collect::<R<Vec<_>>>() {
                Ok(cells) => rows.push(cells.into_iter().map(Result::unwrap_or_default).collect()),
                Err(lacking) => missing = Some(lacking),
            }
        }
        missing.map_or(Ok(rows), Err)
    })?;
    let essential = [Field::UserName, Field::OnlineId, Field::Status];
    let head = |spec: &&FieldSpec| {
        if essential.contains(&spec.field) {
            ColumnHead::essential(spec.name)
        } else {
            ColumnHead::new(spec.name)
        }
    };
    Ok(Table { columns: specs.iter().map(head).collect(), rows })
}
