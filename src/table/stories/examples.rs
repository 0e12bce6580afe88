//! The files in `examples/` are right.

use std::path::Path;

use crate::model::Field;
use crate::table::{CsvTable, read_csv};

fn example(name: &str) -> CsvTable {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name);
    read_csv(&path, name).unwrap()
}

#[test]
fn starters_are_twelve_people_with_bare_user_names() {
    let starters = example("starters.csv");
    assert_eq!(starters.rows.len(), 12);
    assert!(starters.columns.iter().all(|column| column.field.is_some()));
    for row in &starters.rows {
        let name = row.by_field(Field::UserName).unwrap();
        assert!(crate::model::UserName::parse(name).is_ok(), "{name}");
    }
}

#[test]
fn the_new_office_brings_licenses_and_what_stays_off() {
    let office = example("new-office.csv");
    assert_eq!(office.source.separator, ';');
    assert!(office.columns.iter().all(|column| column.field.is_some()));
    let row = &office.rows[2];
    assert_eq!(row.by_field(Field::Licenses), Some("Microsoft 365 Business Basic"));
    assert_eq!(row.by_field(Field::Without), Some("Teams"));
}
