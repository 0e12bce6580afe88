//! The command line: helps, exit codes, options before and after the script's name, parameters of
//! scripts, standard input, output formats.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::story::{Ran, Shell, Tenant, people};

/// A script with one parameter of each kind.
const GREET: &str = r#"//! Greets people.
//!
//! Nobody is changed by it.
const PARAMS = #{
    name: #{ type: "string", required: true, help: "whom to greet" },
    times: #{ type: "int", fallback: 2, help: "how often" },
    loud: #{ type: "bool", help: "in capitals" },
    on_day: #{ type: "date", help: "when" },
    color: #{ type: "string", choices: ["red", "blue"], fallback: "red", help: "in which colour" },
    others: #{ type: "account", many: true, help: "whom else" },
};
#{
    name: params::name, times: params::times, loud: params::loud, on_day: params::on_day,
    color: params::color, others: params::others,
}
"#;

fn with_script(text: &str) -> Shell {
    let shell = Shell::new();
    shell.file("greet.rhai", text);
    shell
}

/// Runs the program with a text on standard input.
fn with_input(shell: &Shell, arguments: &[&str], input: &str) -> Ran {
    let mut process = shell.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    Ran::of(&process.wait_with_output().unwrap())
}

#[test]
fn helps_say_what_there_is() {
    let shell = with_script(GREET);
    for (name, arguments) in [
        ("acctsh", &["--help"][..]),
        ("acctsh_run", &["run"]),
        ("acctsh_run_bulk_create", &["run", "bulk-create", "--help"]),
        ("acctsh_run_greet", &["run", "greet.rhai", "--help"]),
        ("acctsh_plan", &["plan", "--help"]),
        ("acctsh_handover", &["handover", "--help"]),
        ("acctsh_sandbox", &["sandbox", "--help"]),
    ] {
        let ran = shell.acctsh(arguments).exits(0);
        assert!(ran.err.is_empty(), "help goes to standard output:\n{}", ran.err);
        insta::assert_snapshot!(name, ran.out);
    }
    assert!(!shell.home().exists(), "a help makes no files");
}

#[test]
fn exit_codes_tell_how_a_command_ended() {
    let mut tenant = Tenant::start(&[]);
    let shell = Shell::new();
    tenant.knob("PUT", "skus/O365_BUSINESS_ESSENTIALS", Some(json!({ "seats": 1 })));
    shell.uses(&tenant).file("two.csv", &people(2)).file("bad.csv", "User Name\na/b\n");
    let create = |options: &[&str]| {
        shell.acctsh(&[&["run", "bulk-create", "--csv", "two.csv"], options].concat())
    };

    shell.acctsh(&["-c", "1 + 1"]).exits(0).prints("2");
    shell.acctsh(&["-c", "fail(\"no\")"]).exits(1);
    shell.acctsh(&["run", "bulk-create", "--csv", "bad.csv"]).exits(2);
    create(&["--yes"]).exits(2).says("no seat is left");
    create(&["--seats-short", "unlicensed", "--plan-out", "p.json"]).exits(0);
    create(&["--seats-short", "fill"]).exits(5);
    create(&["--seats-short", "fill", "--yes"]).exits(3);
    shell.acctsh(&["plan", "apply", "p.json", "--yes"]).exits(4);
    let mut command = shell.command(&["-c", "licenses()"]);
    Ran::of(&command.env("SANDBOX_SECRET", "wrong").output().unwrap()).exits(6);
    tenant.kill();
    shell.acctsh(&["-c", "licenses()"]).exits(8);
}

#[test]
fn common_options_stand_before_or_after_the_scripts_name() {
    let shell = with_script(GREET);
    let before = shell.acctsh(&["--output", "json", "run", "greet.rhai", "--name", "Ada"]).exits(0);
    let between =
        shell.acctsh(&["run", "--output", "json", "greet.rhai", "--name", "Ada"]).exits(0);
    let after = shell.acctsh(&["run", "greet.rhai", "--name", "Ada", "--output", "json"]).exits(0);
    assert_eq!(before.json(), after.json());
    assert_eq!(between.json(), after.json());
    let both = shell
        .acctsh(&["--output", "csv", "run", "greet.rhai", "--name", "Ada", "--output", "json"])
        .exits(0);
    assert_eq!(both.json(), after.json(), "the later one counts");

    shell.file("two.csv", &people(2));
    for arguments in [
        &["--what-if", "run", "bulk-create", "--csv", "two.csv"][..],
        &["run", "bulk-create", "--what-if", "--csv", "two.csv"],
        &["run", "bulk-create", "--csv", "two.csv", "--what-if"],
    ] {
        shell.acctsh(arguments).exits(0).says("What-if: nothing was written.");
    }
}

#[test]
fn parameters_have_types_fallbacks_and_choices() {
    let shell = with_script(GREET);
    let run = |options: &[&str]| {
        shell
            .acctsh(&[&["run", "greet.rhai", "--output", "json"], options].concat())
            .exits(0)
            .json()[0]
            .clone()
    };
    assert_eq!(
        run(&["--name", "Ada"]),
        json!({ "name": "Ada", "times": 2, "loud": false, "on_day": null, "color": "red", "others": [] })
    );
    assert_eq!(
        run(&[
            "--name=Ada",
            "--times",
            "3",
            "--loud",
            "--on-day",
            "2027-01-31",
            "--color",
            "blue",
            "--others",
            "eva,tim",
            "--others",
            "kim"
        ]),
        json!({ "name": "Ada", "times": 3, "loud": true, "on_day": "2027-01-31", "color": "blue", "others": ["eva", "tim", "kim"] })
    );
    assert_eq!(run(&["--name", "Ada", "--loud=no"])["loud"], false);

    let table: &[(&[&str], &str)] = &[
        (&[], "--name <TEXT>"),
        (&["--name", "Ada", "--times", "often"], "--times: \"often\" is not a whole number"),
        (
            &["--name", "Ada", "--on-day", "31.01.2027"],
            "--on-day: \"31.01.2027\" is not a date such as 2027-01-31",
        ),
        (&["--name", "Ada", "--color", "green"], "red, blue"),
        (&["--name", "Ada", "--loud=perhaps"], "\"perhaps\" is not true or false"),
        (&["--name", "Ada", "--colour", "red"], "'--color'"),
    ];
    for (options, text) in table {
        shell.acctsh(&[&["run", "greet.rhai"], *options].concat()).exits(2).says(text);
    }
}

#[test]
fn parameters_that_are_declared_wrongly_are_refused_before_anything_runs() {
    let table = [
        (r#"const PARAMS = #{ yes: #{ type: "bool" } };"#, "--yes is an option of every script"),
        (
            r#"const PARAMS = #{ what_if: #{ type: "bool" } };"#,
            "--what-if is an option of every script",
        ),
        (r"const PARAMS = #{ seats_short: #{} };", "--seats-short is an option of every script"),
        (r"const PARAMS = #{ help: #{} };", "--help is an option of every script"),
        (r#"const PARAMS = #{ list: #{ type: "fil" } };"#, "did you mean \"file\"?"),
        (r#"const PARAMS = #{ list: #{ tpye: "file" } };"#, "did you mean type?"),
        (r#"const PARAMS = #{ list: #{ required: "yes" } };"#, "required must be true or false"),
        (r#"const PARAMS = #{ list: "file" };"#, "it must be a map such as #{ type: \"file\" }"),
        (r"const PARAMS = 7;", "it must be a map of parameters"),
    ];
    for (declaration, text) in table {
        println!("{declaration}");
        let shell = with_script(&format!("{declaration}\nprint(\"it ran\");"));
        shell
            .acctsh(&["run", "greet.rhai"])
            .exits(2)
            .says("PARAMS")
            .says(text)
            .never_says("it ran");
    }
}

#[test]
fn a_script_comes_from_standard_input() {
    let shell = Shell::new();
    with_input(&shell, &["run", "-"], "1 + 1").exits(0).prints("2");
    with_input(&shell, &["run", "-", "--name", "Ada", "--output", "json"], GREET)
        .exits(0)
        .prints("\"name\":\"Ada\"");
    with_input(&shell, &["run", "-", "--yes"], "create_account(#{ user_name: \"ada\" })")
        .exits(0)
        .says("1 done");
    with_input(&shell, &["run", "-"], "let a = ;").exits(2).says("standard input:1:9");
    with_input(&shell, &["run", "-"], "create_account(#{ user_name: \"eva\" })")
        .exits(5)
        .says("there is no terminal");
}

#[test]
fn a_bundled_script_is_found_by_name_and_a_file_by_its_path() {
    let shell = Shell::new();
    shell.file("bulk-create", "\"my own\"");
    shell.acctsh(&["run", "./bulk-create"]).exits(0).prints("my own");
    shell.acctsh(&["run", "bulk-create"]).exits(0).never_says("my own");
    shell.acctsh(&["run"]).exits(0).prints("bulk-create").prints("acctsh run SCRIPT --help");
}

#[test]
fn people_are_shown_in_five_formats() {
    let shell = Shell::new();
    let code = r#"create_account(#{ user_name: "ada", first_name: "Ada", last_name: "Berg" })"#;
    shell.acctsh(&["-c", code, "--yes"]).exits(0);
    let show =
        |format: &str| shell.acctsh(&["-c", "accounts(\"ada\")", "--output", format]).exits(0).out;

    insta::assert_snapshot!("accounts_as_table", show("table"));
    insta::assert_snapshot!("accounts_as_list", show("list"));
    insta::assert_snapshot!("accounts_as_json", show("json"));
    insta::assert_snapshot!("accounts_as_jsonl", show("jsonl"));
    insta::assert_snapshot!("accounts_as_csv", show("csv"));
    assert_eq!(
        shell.acctsh(&["-c", "accounts(\"ada\")"]).out,
        show("table"),
        "a table unless asked otherwise"
    );
}

#[test]
fn plain_values_are_printed_as_they_are_and_as_json_when_asked_for() {
    let shell = Shell::new();
    for (code, plain, as_json) in [
        ("1 + 1", "2\n", "2\n"),
        ("\"two words\"", "two words\n", "\"two words\"\n"),
        ("true", "true\n", "true\n"),
        ("[1, 2]", "1\n2\n", "[1,2]\n"),
        ("[]", "", "[]\n"),
        ("()", "", ""),
    ] {
        assert_eq!(shell.acctsh(&["-c", code]).exits(0).out, plain, "{code}");
        assert_eq!(shell.acctsh(&["-c", code, "--output", "json"]).exits(0).out, as_json, "{code}");
    }
}

#[test]
fn data_goes_to_standard_output_and_all_else_to_standard_error() {
    let shell = Shell::new();
    shell.file("two.csv", &people(2));
    let ran = shell
        .acctsh(&["run", "bulk-create", "--csv", "two.csv", "--yes", "--output", "json"])
        .exits(0);
    assert_eq!(ran.json().as_array().unwrap().len(), 2, "nothing but the results");
    assert!(ran.err.contains("2 done"));
    assert!(!ran.err.contains('\u{1b}') && !ran.out.contains('\u{1b}'), "no colours in a pipe");
    let ran = shell.acctsh(&["-c", "print(\"a\"); warn(\"b\"); inform(\"c\"); \"d\""]).exits(0);
    assert_eq!(ran.out, "a\nd\n");
    assert!(ran.err.contains('b') && ran.err.contains('c'));
}
