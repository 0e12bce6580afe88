//! The results file is there as a whole or not at all.

use super::Given;
use crate::table::{ColumnHead, ResultsWriter, Value};

fn columns() -> Vec<ColumnHead> {
    vec![ColumnHead::essential("user_name"), ColumnHead::new("reason")]
}

#[test]
fn results_appear_under_their_name_when_they_are_complete() {
    let given = Given::file("");
    let path = given.beside("results.csv");
    let mut results = ResultsWriter::create(&path, &columns()).unwrap();
    results.push(&["eva".into(), Value::Nothing]).unwrap();
    assert!(!path.exists());
    results.push(&["tim".into(), "no seat, \"sorry\"".into()]).unwrap();
    results.finish().unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "user_name,reason\r\neva,\r\ntim,\"no seat, \"\"sorry\"\"\"\r\n"
    );
}

#[test]
fn results_that_stop_half_way_leave_the_old_file_and_nothing_else() {
    let given = Given::file("the old file");
    let mut results = ResultsWriter::create(&given.path, &columns()).unwrap();
    results.push(&["eva".into(), Value::Nothing]).unwrap();
    drop(results);
    assert_eq!(std::fs::read_to_string(&given.path).unwrap(), "the old file");
    assert_eq!(std::fs::read_dir(given.folder.path()).unwrap().count(), 1);
}

#[test]
fn a_row_of_the_wrong_length_and_a_missing_folder_are_errors() {
    let given = Given::file("");
    let mut results = ResultsWriter::create(&given.path, &columns()).unwrap();
    assert_eq!(results.push(&[]).unwrap_err().code(), "uneven_row");
    let nowhere = given.beside("nowhere").join("results.csv");
    let fault = ResultsWriter::create(&nowhere, &columns()).err().unwrap();
    assert_eq!(fault.code(), "file_unwritable");
}

#[cfg(unix)]
#[test]
fn results_have_the_rights_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let given = Given::file("");
    let path = given.beside("results.csv");
    ResultsWriter::create(&path, &columns()).unwrap().finish().unwrap();
    let rights = |path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(rights(&path), rights(&given.path));
}
