//! The rows that failed, in a file that runs again.

use super::{Given, read};
use crate::table::write_failed_rows;

/// Reads a file and writes all its rows as failed; gives the bytes of the new file.
fn all_failed(text: &str, reason: &str) -> (Given, String) {
    let given = Given::file(text);
    let table = given.read().unwrap();
    let path = given.beside("failed.csv");
    write_failed_rows(&path, &table.source, table.rows.iter().map(|row| (row.raw(), reason)))
        .unwrap();
    let written = std::fs::read_to_string(path).unwrap();
    (given, written)
}

#[test]
fn header_and_rows_are_byte_true_with_one_more_column() {
    let (_, written) = all_failed(
        "\u{feff}\r\nUser Name ;\"city\";Shoe size\r\n eva ;\"Bad\r\nUlm\";39\r\n\r\ntim;'Bonn;\r\n",
        "no seats left",
    );
    assert_eq!(
        written,
        "\u{feff}\r\nUser Name ;\"city\";Shoe size;acctsh_reason\r\n\
         \u{20}eva ;\"Bad\r\nUlm\";39;no seats left\r\n\
         tim;'Bonn;;no seats left\r\n"
    );
}

#[test]
fn the_reason_stands_under_its_header_also_in_short_and_long_rows() {
    let (_, written) = all_failed("user_name,city,office\neva\ntim,Ulm,,,\n", "late, \"again\"");
    assert_eq!(
        written,
        "user_name,city,office,acctsh_reason\n\
         eva,,,\"late, \"\"again\"\"\"\n\
         tim,Ulm,,\"late, \"\"again\"\"\"\n"
    );
}

#[test]
fn the_file_reads_as_the_first_one_did_and_fails_again_without_growing() {
    let text = "user_name,password,city\neva,Tarn+hafen48,Ulm\ntim,,\n";
    let (given, written) = all_failed(text, "tenant down");
    assert!(!written.contains("Tarn"));
    let first = given.read().unwrap();
    let path = given.beside("failed.csv");
    let again = read(&path).unwrap();
    assert_eq!(again.columns, first.columns);
    assert_eq!(again.source, first.source);
    for (row, before) in again.rows.iter().zip(&first.rows) {
        assert_eq!(row.raw(), before.raw());
    }
    let rows = again.rows.iter().map(|row| (row.raw(), "tenant down"));
    write_failed_rows(&path, &again.source, rows).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written);
}

#[test]
fn a_reason_column_that_was_moved_is_left_out_all_the_same() {
    for text in [
        "acctsh_reason,user_name,city\nno seat,eva,Ulm\n",
        "user_name,acctsh_reason,city\neva,\"no, seat\",Ulm\n",
        "user_name,city,Acctsh Reason\neva,Ulm,\"no\nseat\"\n",
    ] {
        let table = super::understood(text);
        assert_eq!(table.source.head, "user_name,city\n");
        assert_eq!(table.rows[0].raw(), "eva,Ulm");
        assert_eq!(table.rows[0].text("city"), Some("Ulm"));
        assert_eq!(table.columns.len(), 2);
    }
}

#[test]
fn a_row_with_nothing_but_an_old_reason_is_no_row() {
    let table = super::understood("user_name,acctsh_reason\neva,\n,no user name\n");
    assert_eq!(table.rows.len(), 1);
}
