//! Files that can't be understood: what is said, and what to do about it.

use super::{Given, read, refused};

#[test]
fn a_missing_file_a_folder_and_an_empty_file_are_told_apart() {
    let given = Given::file("");
    assert_eq!(given.read().unwrap_err().to_string(), "people.csv is empty");
    let missing = read(&given.beside("other.csv")).unwrap_err();
    assert_eq!(missing.to_string(), "people.csv: there is no such file");
    let folder = read(given.folder.path()).unwrap_err();
    assert_eq!(folder.to_string(), "people.csv is a folder, not a file");
    assert_eq!(refused("\u{feff}\r\n \r\n").code(), "file_empty");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_no_path_to_a_file_is_unreadable() {
    let given = Given::file("user_name\neva\n");
    let fault = read(&given.path.join("people.csv")).unwrap_err();
    assert_eq!(fault.code(), "file_unreadable");
}

#[test]
fn a_header_alone_is_no_list_of_people() {
    for text in ["user_name,city", "user_name,city\n\n", "user_name,city\n,\n"] {
        assert_eq!(refused(text).to_string(), "people.csv has a header, but no rows");
    }
}

#[test]
fn other_encodings_are_named_by_line_and_byte_with_what_to_do() {
    let fault = refused(b"user_name;city\neva;Z\xfcrich\n");
    assert_eq!(fault.to_string(), "people.csv is not UTF-8 text: line 2, byte 20 of the file");
    assert!(fault.advice().unwrap().contains("CSV UTF-8"));
    let utf16: Vec<u8> = "user_name".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(utf16).line(), Some(1));
}

#[test]
fn a_value_beyond_the_last_column_names_its_line_and_never_its_text() {
    let fault = refused("user_name,city\neva,Ulm\ntim,Bonn,secret\n");
    assert_eq!(
        fault.to_string(),
        "people.csv:3: there is a value in cell 3, but the header names no column there"
    );
    assert_eq!(refused("user_name;;city\neva;x;Ulm\n").code(), "too_many_cells");
}

#[test]
fn a_quote_that_is_never_closed_names_its_line() {
    let fault = refused("user_name,city\neva,Ulm\ntim,\"Bonn\nada,Kiel\n");
    assert_eq!(fault.to_string(), "people.csv:3: cell 2 begins with a quote that is never closed");
    let fault = refused("user_name,city\ntim, \"Bonn, am Rhein\"\n");
    assert_eq!(fault.to_string(), "people.csv:2: cell 2 has text or blanks outside its quotes");
}

#[test]
fn two_columns_of_one_meaning_are_both_named() {
    let fault = refused("User Name,username\neva,eva\n");
    assert_eq!(
        fault.to_string(),
        "people.csv: the columns \"User Name\" and \"username\" both mean user_name"
    );
}

#[test]
fn tabs_and_lines_before_the_header_are_refused_with_a_word_each() {
    let tabs = refused("user_name\tcity\neva\tUlm\n");
    assert_eq!(tabs.to_string(), "people.csv: the columns are separated by tabs");
    for (text, found) in [
        ("#TYPE Microsoft.ActiveDirectory.Management.ADUser\n\"Name\"\n\"Eva\"\n", "#TYPE"),
        ("\u{feff}version:v1.0,,\nUser name [userPrincipalName] Required\neva\n", "version:"),
        ("sep=;\nuser_name;city\neva;Ulm\n", "sep="),
    ] {
        let fault = refused(text);
        assert_eq!(
            fault.to_string(),
            format!("people.csv: line 1 begins with {found:?}, which is not a header")
        );
    }
}

#[test]
fn a_carriage_return_that_cuts_a_row_in_two_is_refused() {
    let fault = refused("user_name,city\neva,Ulm\rtim\nada,Kiel\n");
    assert_eq!(
        fault.to_string(),
        "people.csv:2: the row is cut by a carriage return without line feed"
    );
    assert_eq!(refused("user_name\rcity\neva,Ulm\n").code(), "bad_line_end");
}
