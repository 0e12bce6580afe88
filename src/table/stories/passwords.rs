//! A password in a file is a secret from the parser on.

use proptest::prelude::*;

use super::{refused, understood};
use crate::model::{Field, Secret};
use crate::table::CellText;

fn is(secret: Option<&Secret>, text: &str) -> bool {
    secret.is_some_and(|secret| secret.expose() == text)
}

#[test]
fn the_password_is_a_secret_and_its_bytes_are_cut_from_the_row() {
    let table = understood(
        "user_name,Password,city\neva,\"Tarn+\"\"hafen\"\"\n48\",\"Bad\nUlm\"\ntim,,Bonn\nada, kV7-rtq ,Kiel\njo\n",
    );
    let [eva, tim, ada, jo] = table.rows.as_slice() else { panic!("four rows") };
    assert!(is(eva.secret(), "Tarn+\"hafen\"\n48"));
    assert!(tim.secret().is_none());
    assert!(is(ada.secret(), "kV7-rtq"));
    assert!(jo.secret().is_none());
    assert_eq!(eva.raw(), "eva,,\"Bad\nUlm\"");
    assert_eq!(tim.raw(), "tim,,Bonn");
    assert_eq!(ada.raw(), "ada,,Kiel");
    assert_eq!(eva.text("city"), Some("Bad\nUlm"));
    assert_eq!((tim.line(), ada.line()), (5, 6));
}

#[test]
fn the_password_is_no_text() {
    let table = understood("user_name,password\neva,Tarn+hafen48\n");
    let row = &table.rows[0];
    assert_eq!(row.text("password"), None);
    assert_eq!(row.by_field(Field::Password), None);
    let secrets = row.cells().filter(|(_, cell)| matches!(cell, CellText::Secret(Some(_))));
    assert_eq!(secrets.count(), 1);
    assert!(!format!("{table:?}").contains("Tarn"));
}

#[test]
fn no_message_about_a_bad_file_holds_a_cell() {
    for text in [
        "user_name,password\neva,Tarn,hafen48\n",
        "user_name,password\neva,\"Tarn\"hafen48\n",
        "user_name,password\neva,\"Tarn-hafen48\n",
        "password,Password\nTarn,hafen48\n",
    ] {
        let fault = refused(text);
        let said = format!("{fault} {fault:?} {:?}", fault.advice());
        assert!(!said.contains("Tarn") && !said.contains("hafen"), "{said}");
    }
}

proptest! {
    #[test]
    fn whatever_the_password_nothing_but_the_secret_holds_it(
        inner in "[a-z\",;\n ]{0,8}",
        separator in prop_oneof![Just(','), Just(';')],
        column in 0_usize..3,
    ) {
        let password = format!("Q{inner}Q");
        let mut header = vec!["user_name", "city"];
        header.insert(column, "password");
        let mut before = vec!["eva", "\"a\n\"\"b\"\"\""];
        before.insert(column, "");
        let quoted = format!("\"{}\"", password.replace('"', "\"\""));
        let mut cells = before.clone();
        cells[column] = &quoted;
        let s = separator.to_string();
        let table = understood(format!("{}\n{}\n", header.join(&s), cells.join(&s)));
        let row = &table.rows[0];
        prop_assert!(is(row.secret(), &password));
        prop_assert_eq!(row.raw(), before.join(&s));
        prop_assert_eq!(row.text("city"), Some("a\n\"b\""));
        prop_assert_eq!(row.text("user_name"), Some("eva"));
    }
}
