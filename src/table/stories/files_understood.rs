//! Files that people have, and what is read from them.

use std::fmt::Write;

use super::understood;
use crate::model::Field;
use crate::table::CellText;

#[test]
fn a_file_with_byte_order_mark_windows_line_ends_and_semicolons_is_read() {
    let table = understood("\u{feff}Username;First name;City\r\neva;Eva;Zürich\r\n");
    assert_eq!(table.source.separator, ';');
    assert_eq!(table.source.line_end, "\r\n");
    assert!(table.source.bom);
    assert_eq!(table.source.head, "Username;First name;City\r\n");
    let row = &table.rows[0];
    assert_eq!(row.by_field(Field::UserName), Some("eva"));
    assert_eq!(row.text("city"), Some("Zürich"));
    assert_eq!(row.text("street"), None, "there is no such column");
    assert_eq!(row.line(), 2);
}

#[test]
fn a_comma_in_a_quoted_header_does_not_hide_the_semicolons() {
    let table = understood("user_name;\"a, b, c, d\"\neva;x, y\n");
    assert_eq!(table.source.separator, ';');
    assert_eq!(table.rows[0].text("a_b_c_d"), Some("x, y"));
}

#[test]
fn one_column_needs_no_separator() {
    let table = understood("User Name\neva\ntim");
    let names: Vec<_> = table.rows.iter().map(|row| row.by_field(Field::UserName)).collect();
    assert_eq!(names, [Some("eva"), Some("tim")]);
}

#[test]
fn short_rows_have_empty_cells_and_empty_rows_are_skipped() {
    let table = understood("user_name,city,office\neva\n\n,,\n   \ntim,Ulm,,,\n");
    let rows: Vec<_> = table.rows.iter().map(|row| (row.line(), row.text("city"))).collect();
    assert_eq!(rows, [(2, Some("")), (6, Some("Ulm"))]);
    assert_eq!(table.rows[0].text("office"), Some(""));
}

#[test]
fn cells_are_trimmed_for_use_and_true_in_the_row() {
    let table =
        understood("user_name,street,office\n eva ,\" Hafenweg 3\r\n2nd \",\"the \"\"A\"\"\"\n");
    let row = &table.rows[0];
    assert_eq!(row.text("user_name"), Some("eva"));
    assert_eq!(row.text("street"), Some("Hafenweg 3\r\n2nd"));
    assert_eq!(row.text("office"), Some("the \"A\""));
    let origin = row.origin();
    assert_eq!(origin.label(), "people.csv:2");
    assert_eq!(origin.row.as_deref(), Some(" eva ,\" Hafenweg 3\r\n2nd \",\"the \"\"A\"\"\""));
}

#[test]
fn the_line_of_a_row_is_where_it_begins_also_below_quoted_line_ends() {
    let table = understood("user_name,street\neva,\"a\nb\nc\"\ntim,d\n");
    assert_eq!(table.rows.iter().map(crate::table::Row::line).collect::<Vec<_>>(), [2, 5]);
}

#[test]
fn columns_without_a_name_are_none_as_long_as_they_are_empty() {
    let table = understood("user_name;;city;\neva;;Ulm;\n");
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["user_name", "city"]);
    assert_eq!(table.rows[0].text("city"), Some("Ulm"));
    assert_eq!(table.rows[0].raw(), "eva;;Ulm;");
}

#[test]
fn unknown_columns_keep_their_values_under_a_name_of_their_own() {
    let table = understood("user_name,Delete After,online\neva,2027-01-31,false\n");
    let cells: Vec<_> = table.rows[0]
        .cells()
        .map(|(column, cell)| match cell {
            CellText::Plain(text) => (column.name.as_str(), column.field, text),
            CellText::Secret(_) => panic!("there is no password"),
        })
        .collect();
    assert_eq!(
        cells,
        [
            ("user_name", Some(Field::UserName), "eva"),
            ("delete_after", None, "2027-01-31"),
            ("online", None, "false"),
        ]
    );
}

#[test]
fn a_large_file_is_read_whole() {
    let mut text = String::from("user_name,display_name,street\n");
    for number in 0..20_000 {
        writeln!(text, "user{number},\"Person {number}\",\"Weg \"\"{number}\"\"\"").unwrap();
    }
    let table = understood(text);
    assert_eq!(table.rows.len(), 20_000);
    let last = &table.rows[19_999];
    assert_eq!((last.line(), last.text("street")), (20_001, Some("Weg \"19999\"")));
}

#[test]
fn line_ends_may_be_mixed_or_those_of_old_macs() {
    let mixed = understood("user_name,city\r\neva,Ulm\ntim,Bonn\r\n");
    assert_eq!(mixed.rows.len(), 2);
    let old = understood("user_name,city\reva,Ulm\rtim,Bonn");
    assert_eq!((old.rows[1].line(), old.rows[1].text("city")), (3, Some("Bonn")));
    assert_eq!(old.source.line_end, "\r");
}
