//! `read_csv`, `write_csv`: rows of a file. A row is a type of its own; the change recorded in its `for` belongs
//! to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, FnPtr, INT, NativeCallContext, export_module, exported_module};

use crate::model::nearest;
use crate::script::engine::session;
use crate::script::raise::{Fault, Raised};
use crate::script::rendering::table_of;
use crate::script::session::Session;
use crate::table::{ResultsWriter, Row, Table, TableFault, read_csv as read_file};

/// A row for scripts.
#[derive(Clone)]
pub(super) struct RowHandle(pub(super) Row);

/// The rows of a file.
#[derive(Clone)]
pub(super) struct RowList {
    session: Arc<Session>,
    rows: Arc<Vec<Row>>,
}

/// A password in a cell: it can be handed on, not looked at.
#[derive(Clone)]
pub(super) struct SecretCell(pub(super) crate::model::Secret);

/// Goes through rows and tells the session where it is.
pub(super) struct Rows {
    list: RowList,
    next: usize,
}

impl Iterator for Rows {
    type Item = RowHandle;

    fn next(&mut self) -> Option<RowHandle> {
        let row = self.list.rows.get(self.next).cloned();
        self.next += 1;
        self.list.session.set_row(row.clone());
        row.map(RowHandle)
    }
}

impl Drop for Rows {
    /// A `break` leaves the row too.
    fn drop(&mut self) {
        self.list.session.set_row(None);
    }
}

impl IntoIterator for RowList {
    type Item = RowHandle;
    type IntoIter = Rows;

    fn into_iter(self) -> Rows {
        Rows { list: self, next: 0 }
    }
}

/// Makes the functions known.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<RowHandle>("Row");
    engine.register_type_with_name::<RowList>("Rows");
    engine.register_type_with_name::<SecretCell>("Secret");
    engine.register_iterator::<RowList>();
    engine.register_indexer_get(cell);
    engine.register_global_module(exported_module!(rows_api).into());
}

/// A cell by the name of its column. An empty one is `""`.
fn cell(row: &mut RowHandle, name: &str) -> Result<Dynamic, Raised> {
    let columns = row.0.columns();
    let Some(column) = columns.iter().find(|column| column.name == name) else {
        let names = columns.iter().map(|column| column.name.as_str());
        let fault =
            Fault::new("unknown_column", format!("the file has no column {name:?}")).field(name);
        return Err(match nearest(name, names) {
            Some(near) => fault.hint(format!("did you mean {near}?")),
            None => fault,
        }
        .raise());
    };
    if column.field == Some(crate::model::Field::Password) {
        return Ok(row
            .0
            .secret()
            .cloned()
            .map_or_else(|| "".into(), |secret| Dynamic::from(SecretCell(secret))));
    }
    Ok(row.0.text(name).unwrap_or_default().to_owned().into())
}

#[allow(clippy::unwrap_used, reason = "the macro expands to unwrap on its own arguments")]
#[allow(clippy::needless_pass_by_value, reason = "the engine passes values")]
#[export_module]
mod rows_api {
    /// The rows of a CSV file. Columns that are fields of a person have the field's name, others
    /// their own in `snake_case`; an empty cell is `""`.
    ///
    /// ```rhai
    /// for row in read_csv("people.csv") {
    ///     print(row.user_name);
    /// }
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn read_csv(context: NativeCallContext, file: &str) -> Result<RowList, Raised> {
        let session = session(&context)?;
        let path: PathBuf = Path::new(file).to_owned();
        let table = read_file(&path, file).map_err(|fault| Fault::from(fault).raise())?;
        Ok(RowList { session, rows: Arc::new(table.rows) })
    }

    /// Writes people, licences or maps to a CSV file: a row each, under the names of their fields.
    ///
    /// ```rhai
    /// write_csv("report.csv", accounts("a*"));
    /// ```
    #[rhai_fn(return_raw)]
    pub(crate) fn write_csv(
        context: NativeCallContext,
        file: &str,
        what: Dynamic,
    ) -> Result<(), Raised> {
        let session = session(&context)?;
        let table = match table_of(&session, &what).map_err(Fault::raise)? {
            Some(table) => table,
            // Nobody at all has no columns.
            None if what.read_lock::<Array>().is_some_and(|array| array.is_empty()) => {
                Table::default()
            }
            None => {
                let message =
                    format!("write_csv takes a list of people or maps, not {}", what.type_name());
                return Err(Fault::new("wrong_type", message).raise());
            }
        };
        let write = || -> Result<(), TableFault> {
            let mut writer = ResultsWriter::create(Path::new(file), &table.columns)?;
            table.rows.iter().try_for_each(|row| writer.push(row))?;
            writer.finish()
        };
        write().map_err(|fault| Fault::from(fault).raise())
    }

    /// How many rows there are.
    ///
    /// ```rhai
    /// read_csv("people.csv").len()
    /// ```
    #[rhai_fn(name = "len", get = "len", pure)]
    pub(crate) fn row_count(rows: &mut RowList) -> INT {
        INT::try_from(rows.rows.len()).unwrap_or(INT::MAX)
    }

    /// The row at that place.
    ///
    /// ```rhai
    /// read_csv("people.csv")[0].user_name
    /// ```
    #[rhai_fn(index_get, return_raw, pure)]
    pub(crate) fn row_at(rows: &mut RowList, index: INT) -> Result<RowHandle, Raised> {
        let found = usize::try_from(index).ok().and_then(|index| rows.rows.get(index)).cloned();
        let length = rows.rows.len();
        found.map(RowHandle).ok_or_else(|| {
            Fault::new("no_such_place", format!("place {index} of {length} rows")).raise()
        })
    }

    /// The rows for which the function says true.
    ///
    /// ```rhai
    /// read_csv("people.csv").filter(|row| row.user_name != "")
    /// ```
    #[rhai_fn(name = "filter", return_raw, pure)]
    pub(crate) fn row_filter(
        context: NativeCallContext,
        rows: &mut RowList,
        wanted: FnPtr,
    ) -> Result<RowList, Raised> {
        let mut kept = Vec::new();
        for row in rows.rows.iter() {
            if wanted.call_within_context::<bool>(&context, (RowHandle(row.clone()),))? {
                kept.push(row.clone());
            }
        }
        Ok(RowList { session: Arc::clone(&rows.session), rows: Arc::new(kept) })
    }

    /// The line of the file on which the row begins.
    ///
    /// ```rhai
    /// read_csv("people.csv")[0].line
    /// ```
    #[rhai_fn(get = "line", pure)]
    pub(crate) fn row_line(row: &mut RowHandle) -> INT {
        row.0.line().into()
    }

    /// Whether the file has a column of that name.
    ///
    /// ```rhai
    /// read_csv("people.csv")[0].has("user_name")
    /// ```
    #[rhai_fn(pure)]
    pub(crate) fn has(row: &mut RowHandle, column: &str) -> bool {
        row.0.columns().iter().any(|known| known.name == column)
    }
}
