//! Lines that the prompt is given through standard input.

use std::io::Write as _;
use std::process::{Output, Stdio};

use crate::person::{Person, ZOE};

impl Person {
    /// Gives the lines to standard input.
    fn pipes(&self, arguments: &[&str], lines: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_lists_every_function_and_shows_one_with_its_example() {
    let person = Person::new();
    let all = out(&person.pipes(&[], "help"));
    for name in ["accounts()", "create_account(", "read_csv(file)", "bulk::from_csv(", "assign("] {
        assert!(all.contains(name), "{name} in {all}");
    }
    let one = out(&person.pipes(&[], "help create_account"));
    assert!(one.contains("create_account(#{ user_name: \"zoe\""), "{one}");
    let own = out(&person.pipes(&[], "/// Twice as much.\nfn twice(n) { n * 2 }\nhelp twice"));
    assert!(own.contains("twice(n)\n    Twice as much."), "{own}");
    let unknown = person.pipes(&[], "help acounts");
    assert!(err(&unknown).contains("did you mean accounts?"), "{}", err(&unknown));
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn lines_from_standard_input_are_run_without_prompt_or_history() {
    let person = Person::new();
    let ran = person.pipes(&[], "let x = 40;\nfn next(n) {\n  n + 1\n}\nnext(x) + 1\nexit\n1 + 1");

    assert_eq!((out(&ran).as_str(), err(&ran).as_str()), ("42\n", ""));
    assert_eq!(ran.status.code(), Some(0));
    assert!(!person.home().exists());
}

#[test]
fn the_exit_code_is_that_of_the_last_line_that_failed() {
    let person = Person::new();
    let ran = person.pipes(&[], "let 5 = 1\nnope()\n\n6 * 7\n");

    assert_eq!(out(&ran), "42\n");
    assert_eq!(ran.status.code(), Some(1), "{}", err(&ran));
    assert!(err(&ran).contains("stdin:2:1"), "lines are counted: {}", err(&ran));
}

#[test]
fn input_that_ends_too_early_is_an_error() {
    let ran = Person::new().pipes(&[], "6 * 7\naccounts(\n");

    assert_eq!(out(&ran), "42\n");
    assert_eq!(ran.status.code(), Some(2), "{}", err(&ran));
}

#[test]
fn without_a_terminal_even_one_change_needs_yes() {
    let person = Person::new();
    let ran = person.pipes(&[], ZOE);
    assert_eq!(ran.status.code(), Some(5), "{}", err(&ran));

    let ran = person.pipes(&["--yes"], &format!("{ZOE}\naccount(\"zoe\").online_id\n"));
    assert_eq!(ran.status.code(), Some(0), "{}", err(&ran));
    assert!(out(&ran).ends_with("zoe@contoso.com\n"), "{}", out(&ran));
}
