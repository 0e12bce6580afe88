//! There are fewer seats than people: stop, fill in row order, or go on unlicensed.

use serde_json::{Value, json};

use crate::story::{Shell, Tenant};

/// Four people in a file as spreadsheets write it: byte-order mark, semicolons, quotes, carriage
/// returns, a column that we don't use filled with what people type.
const FOUR: &str = "\u{feff}User Name;Display Name;Password;Office\r\n\
    ada;\"Berg; Ada\";;1\r\n\
    eva;Eva \"\"Li\"\";;2\r\n\
    tim;\"Tim \"\"T\"\" Ode\";Kettle-Harbor-47; 3\r\n\
    zoe;'Zoë';;4 \r\n";

/// A tenant with two seats, and a file of four people.
fn short() -> (Shell, Tenant) {
    let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
    seats(&tenant, 2);
    shell.uses(&tenant).file("four.csv", FOUR);
    (shell, tenant)
}

fn seats(tenant: &Tenant, count: u32) {
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(json!({ "seats": count })));
}

fn licensed(shell: &Shell) -> Value {
    shell.value(r"accounts().filter(|a| a.licenses.len() > 0).sort_by(|a| a.user_name).map(|a| a.user_name)")
}

fn with_user(shell: &Shell) -> Value {
    shell.value(
        r"accounts().filter(|a| !a.is_built_in).sort_by(|a| a.user_name).map(|a| a.user_name)",
    )
}

fn create(options: &[&str]) -> Vec<String> {
    let fixed = ["run", "bulk-create", "--csv", "four.csv", "--results", "r.csv", "--yes"];
    fixed.iter().chain(options).map(|argument| (*argument).to_owned()).collect()
}

fn run(shell: &Shell, options: &[&str]) -> crate::story::Ran {
    let arguments = create(options);
    shell.acctsh(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn by_default_nothing_is_written_and_whoever_gets_no_seat_is_named() {
    let (shell, tenant) = short();
    let before = tenant.summary();
    run(&shell, &[])
        .exits(2)
        .says("Seats of Microsoft 365 Business Basic: 4 needed, 2 free.")
        .says(
            "2 rows: licenses: no seat is left: Microsoft 365 Business Basic (4 needed, 2 free): ",
        )
        .says("tim (four.csv:4), zoe (four.csv:5)")
        .says("buy seats, or let --seats-short fill or unlicensed decide who goes without")
        .never_says("eva");
    run(&shell, &["--seats-short", "stop"]).exits(2);
    assert_eq!(tenant.summary()["users"], before["users"]);
    assert_eq!(with_user(&shell), json!([]));
    assert_eq!(shell.files(), ["four.csv"]);
}

#[test]
fn fill_serves_people_in_row_order_while_seats_last() {
    let (shell, tenant) = short();
    run(&shell, &["--seats-short", "fill"])
        .exits(3)
        .says("2 done, 2 left out")
        .says("failed     r.failed.csv (mend it and run it again)");
    assert_eq!(with_user(&shell), json!(["ada", "eva"]), "the others have no user either");
    assert_eq!(licensed(&shell), json!(["ada", "eva"]));
    assert_eq!(tenant.summary()["skus"]["O365_BUSINESS_ESSENTIALS"]["consumed"], 2);
    assert_eq!(shell.passwords().len(), 2);
}

#[test]
fn the_rows_left_out_are_byte_true_but_for_passwords_have_their_reason_and_run_again() {
    let (shell, tenant) = short();
    run(&shell, &["--seats-short", "fill"]).exits(3);
    let failed = shell.read("r.failed.csv");
    let rows: Vec<&str> = failed.split("\r\n").collect();
    assert_eq!(rows[0], "\u{feff}User Name;Display Name;Password;Office;acctsh_reason");
    let reason = "no seat is left: Microsoft 365 Business Basic (4 needed, 2 free); left out";
    assert_eq!(rows[1], format!("tim;\"Tim \"\"T\"\" Ode\";; 3;\"{reason}\""));
    assert_eq!(rows[2], format!("zoe;'Zoë';;4 ;\"{reason}\""));
    assert_eq!(rows[3..], [""]);

    let again = ["run", "bulk-create", "--csv", "r.failed.csv", "--yes"];
    shell.acctsh(&again).exits(2).says("tim (r.failed.csv:2), zoe (r.failed.csv:3)");
    seats(&tenant, 4);
    shell.acctsh(&again).exits(0).says("2 done");
    assert_eq!(licensed(&shell), json!(["ada", "eva", "tim", "zoe"]));
    assert_eq!(shell.value(r#"account("tim").display_name"#), "Tim \"T\" Ode");
    shell
        .acctsh(&["run", "bulk-create", "--csv", "four.csv", "--yes"])
        .exits(0)
        .says("4 people complete already");
}

#[test]
fn fill_with_no_seat_at_all_writes_nothing_and_has_failed() {
    let (shell, _tenant) = short();
    shell.file("first.csv", "User Name\nkim\nlee\n");
    shell.acctsh(&["run", "bulk-create", "--csv", "first.csv", "--yes"]).exits(0);
    run(&shell, &["--seats-short", "fill"]).exits(1).says("4 left out");
    assert_eq!(with_user(&shell), json!(["kim", "lee"]));
}

#[test]
fn unlicensed_makes_everybody_and_licenses_the_first_ones() {
    let (shell, _tenant) = short();
    run(&shell, &["--seats-short", "unlicensed"])
        .exits(0)
        .says("made without a licence: tim (four.csv:4), zoe (four.csv:5)")
        .says("4 done");
    assert_eq!(with_user(&shell), json!(["ada", "eva", "tim", "zoe"]));
    assert_eq!(licensed(&shell), json!(["ada", "eva"]));
    let reasons = shell.value(
        r#"accounts(["eva", "tim"]).map(|a| #{ status: a.status, reason: a.status_reason })"#,
    );
    assert_eq!(reasons[0]["status"], "active");
    assert_eq!(reasons[1]["status"], "inactive");
    assert!(reasons[1]["reason"].as_str().unwrap().contains("licen"), "{reasons}");
    assert!(!shell.files().contains(&"r.failed.csv".to_owned()));
}

#[test]
fn once_there_are_seats_the_same_file_licenses_the_rest() {
    let (shell, tenant) = short();
    run(&shell, &["--seats-short", "unlicensed"]).exits(0);
    seats(&tenant, 4);
    run(&shell, &[]).exits(0).says("Plan: 2 accounts to license, 2 people complete already.");
    assert_eq!(licensed(&shell), json!(["ada", "eva", "tim", "zoe"]));
}

#[test]
fn whoever_needs_no_seat_is_not_held_up() {
    let (shell, tenant) = short();
    run(&shell, &["--seats-short", "fill"]).exits(3);
    seats(&tenant, 2);
    shell.file("f.csv", "User Name,Licenses\nada,\nkim,EXCHANGESTANDARD\n");
    shell.acctsh(&["run", "bulk-create", "--csv", "f.csv", "--yes"]).exits(0).says("1 done");
    assert_eq!(shell.value(r#"account("kim").status"#), "active");
}

#[test]
fn a_person_who_lacks_one_of_two_seats_takes_neither() {
    let (shell, tenant) = short();
    tenant.knob("PUT", "skus/SPB", Some(json!({ "seats": 1 })));
    let licenses = "O365_BUSINESS_ESSENTIALS|SPB";
    shell.file(
        "f.csv",
        &format!(
            "User Name,Licenses\nkim,{licenses}\nlee,{licenses}\nmay,O365_BUSINESS_ESSENTIALS\n"
        ),
    );
    shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--what-if", "--seats-short", "fill"])
        .exits(0)
        .says("f.csv:3: lee: licenses: no seat is left")
        .says("Microsoft 365 Business Premium (2 needed, 1 free)")
        .never_says("may: licenses");
}
