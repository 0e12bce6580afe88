//! One table in every format.

use insta::assert_snapshot;

use crate::table::{ColumnHead, Format, Screen, Table, Value, render};

fn table() -> Table {
    let names = ["user_name", "seats", "enabled", "aliases", "created", "expires", "note"];
    Table {
        columns: names.map(ColumnHead::new).into(),
        rows: vec![
            vec![
                "eva".into(),
                Value::Number(9),
                true.into(),
                vec!["eva@contoso.com".to_owned(), "e.li@contoso.com".to_owned()].into(),
                "2026-05-04T09:12:43.5Z".parse::<jiff::Timestamp>().unwrap().into(),
                jiff::civil::date(2027, 1, 31).into(),
                "=1+1; \"two\"\nlines".into(),
            ],
            vec!["tim".into()],
        ],
    }
}

fn rendered(format: Format) -> String {
    render(&table(), format, &Screen::default())
}

#[test]
fn as_a_table() {
    assert_snapshot!(rendered(Format::Table), @r#"
    user_name  seats  enabled  aliases                            created               expires     note
    eva            9  true     eva@contoso.com, e.li@contoso.com  2026-05-04 09:12:43Z  2027-01-31  =1+1; "two" lines
    tim            –  –        –                                  –                     –           –
    "#);
}

#[test]
fn as_a_list() {
    assert_snapshot!(rendered(Format::List), @r#"
    user_name : eva
    seats     : 9
    enabled   : true
    aliases   : eva@contoso.com
                e.li@contoso.com
    created   : 2026-05-04 09:12:43Z
    expires   : 2027-01-31
    note      : =1+1; "two"
                lines

    user_name : tim
    seats     : –
    enabled   : –
    aliases   : –
    created   : –
    expires   : –
    note      : –
    "#);
}

#[test]
fn as_json() {
    assert_snapshot!(rendered(Format::Json), @r#"
    [
      {"user_name":"eva","seats":9,"enabled":true,"aliases":["eva@contoso.com","e.li@contoso.com"],"created":"2026-05-04T09:12:43.5Z","expires":"2027-01-31","note":"=1+1; \"two\"\nlines"},
      {"user_name":"tim","seats":null,"enabled":null,"aliases":null,"created":null,"expires":null,"note":null}
    ]
    "#);
    let read: serde_json::Value = serde_json::from_str(&rendered(Format::Json)).unwrap();
    assert_eq!(read[1]["seats"], serde_json::Value::Null);
    assert_eq!(render(&Table::default(), Format::Json, &Screen::default()), "[]\n");
}

#[test]
fn as_lines_of_json() {
    let lines = rendered(Format::Jsonl);
    let objects: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(objects.len(), 2);
    assert_eq!(objects[0]["note"], "=1+1; \"two\"\nlines");
}

#[test]
fn as_csv_byte_true_with_the_head_even_without_rows() {
    assert_eq!(
        rendered(Format::Csv),
        "user_name,seats,enabled,aliases,created,expires,note\r\n\
         eva,9,true,eva@contoso.com; e.li@contoso.com,2026-05-04T09:12:43.5Z,2027-01-31,\
         \"=1+1; \"\"two\"\"\nlines\"\r\n\
         tim,,,,,,\r\n"
    );
    let empty = Table { rows: Vec::new(), ..table() };
    let head = render(&empty, Format::Csv, &Screen::default());
    assert_eq!(head, "user_name,seats,enabled,aliases,created,expires,note\r\n");
}
