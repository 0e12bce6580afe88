//! The files of a run: its results, and the rows that failed.

use std::path::{Path, PathBuf};

use crate::model::SourceFile;
use crate::plan::journal::StoredRun;
use crate::plan::results::{ChangeResult, Outcome};
use crate::table::{ColumnHead, ResultsWriter, TableFault, Value, write_failed_rows};

/// Writes the results of a run. Returns the files of failed rows: one for each file that has any.
pub(super) fn write(run: &StoredRun, results: &[ChangeResult]) -> Result<Vec<PathBuf>, TableFault> {
    write_results(&run.head.results, results)?;
    write_failed(run, results)
}

/// Whether results can be written to that file: better known before the first write than after the
/// last. Nothing is left there.
pub(super) fn check_place(path: &Path) -> Result<(), TableFault> {
    ResultsWriter::create(path, &[ColumnHead::new("row")]).map(drop)
}

fn write_results(path: &Path, results: &[ChangeResult]) -> Result<(), TableFault> {
    let columns =
        ["row", "user", "online_id", "outcome", "done", "code", "field", "message", "advice"];
    let heads: Vec<ColumnHead> = columns.iter().map(|name| ColumnHead::new(*name)).collect();
    let mut writer = ResultsWriter::create(path, &heads)?;
    for result in results {
        let problem = result.problem.as_ref();
        writer.push(&[
            Value::from(result.row.clone()),
            Value::from(result.user.clone()),
            Value::from(result.online_id.clone()),
            Value::from(result.outcome.word()),
            Value::from(result.done.clone()),
            Value::from(problem.map(|problem| problem.code.to_string())),
            Value::from(
                problem.and_then(|problem| problem.field).map(|field| field.name().to_owned()),
            ),
            Value::from(problem.map(|problem| problem.message.clone())),
            Value::from(problem.and_then(|problem| problem.advice.clone())),
        ])?;
    }
    writer.finish()
}

/// The rows that failed or were left out, in the form of the files that they came from.
fn write_failed(run: &StoredRun, results: &[ChangeResult]) -> Result<Vec<PathBuf>, TableFault> {
    let mut files = Vec::new();
    for source in &run.head.sources {
        let extension = match files.len() {
            0 => "failed.csv".to_owned(),
            earlier => format!("failed-{}.csv", earlier + 1),
        };
        let path = run.head.results.with_extension(extension);
        if write_failed_of(&path, source, run, results)? > 0 {
            files.push(path);
        }
    }
    Ok(files)
}

/// The failed rows of one file. Without any, nothing is written. Returns how many there were.
pub(super) fn write_failed_of(
    path: &Path,
    source: &SourceFile,
    run: &StoredRun,
    results: &[ChangeResult],
) -> Result<usize, TableFault> {
    let rows: Vec<(&str, &str)> = run
        .changes
        .iter()
        .zip(results)
        .filter(|(stored, result)| {
            stored.origin.file.as_ref() == Some(&source.name)
                && matches!(result.outcome, Outcome::Failed | Outcome::LeftOut)
        })
        .filter_map(|(stored, result)| {
            let reason = result.problem.as_ref().map_or("", |problem| problem.message.as_str());
            Some((stored.origin.row.as_deref()?, reason))
        })
        .collect();
    if !rows.is_empty() {
        write_failed_rows(path, source, rows.iter().copied())?;
    }
    Ok(rows.len())
}
