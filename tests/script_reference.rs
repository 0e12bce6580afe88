//! The comments of script functions are the manual: each has one, with an example, and every example
//! runs, in a world with Ada and Eva, who have online accounts with mailboxes, Grace, who has none, and
//! the groups All staff and Board.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use acctsh::model::field::FIELDS;
use acctsh::profile::Profile;
use acctsh::script::{Console, RunOptions, Session, Unit};
use rhai::Engine;
use serde_json::Value;
use tempfile::TempDir;

const PEOPLE: &str =
    "user_name,first_name,last_name,country\nmia,Mia,Berg,Germany\njo,Jo,Lind,Sweden\n";

struct Function {
    signature: String,
    comments: String,
}

/// Functions and properties that the program adds to the language.
fn functions() -> Vec<Function> {
    let profile = Profile::load(Some("sandbox")).unwrap();
    let session = Session::new(profile, Console::new(), RunOptions::default());
    let json = Unit::new(&session).engine().gen_fn_metadata_to_json(false).unwrap();
    let metadata: Value = serde_json::from_str(&json).unwrap();
    let functions = metadata["functions"].as_array().unwrap().iter().map(|function| {
        let comments = function["docComments"].as_array().cloned().unwrap_or_default();
        let lines = comments.iter().flat_map(|block| block.as_str().unwrap().lines());
        let text: Vec<&str> =
            lines.map(|line| line.trim_start().trim_start_matches("///")).collect();
        Function {
            signature: function["signature"].as_str().unwrap().to_owned(),
            comments: text.join("\n"),
        }
    });
    // Properties made from the table of fields are described there.
    let from_table = |function: &Function| {
        function.signature.starts_with("get$") || function.signature.starts_with("index$get")
    };
    functions.filter(|function| !(from_table(function) && function.comments.is_empty())).collect()
}

fn examples(comments: &str) -> Vec<String> {
    let blocks = comments.split("```rhai").skip(1);
    blocks.map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

fn acctsh(folder: &Path, home: &Path, code: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_acctsh"))
        .args(["-c", code, "--yes"])
        .current_dir(folder)
        .env("ACCTSH_HOME", home)
        .output()
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn every_function_has_a_comment_and_an_example() {
    let functions = functions();
    assert!(functions.len() > 20, "the functions are found at all");
    let silent: Vec<&str> = functions
        .iter()
        .filter(|function| examples(&function.comments).is_empty())
        .map(|function| function.signature.as_str())
        .collect();
    assert_eq!(silent, Vec::<&str>::new());
}

#[test]
fn every_example_runs() {
    let world = TempDir::new().unwrap();
    let made = acctsh(
        world.path(),
        &world.path().join("home"),
        r#"create_account(#{ user_name: "ada", first_name: "Ada", last_name: "Lovelace", department: "Research" });
           create_account(#{ user_name: "eva", first_name: "Eva", last_name: "Ek" });
           create_account(#{ user_name: "grace", first_name: "Grace", last_name: "Hopper", online: false });
           account("ada").add_alias("info");
           create_group(#{ name: "All staff", alias: "all", owners: "ada", members: "ada" }).add_alias("team");
           create_group(#{ name: "Board", owners: "eva" });"#,
    );
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for function in functions() {
        for example in examples(&function.comments) {
            let place = TempDir::new().unwrap();
            copy(&world.path().join("home"), &place.path().join("home"));
            fs::write(place.path().join("people.csv"), PEOPLE).unwrap();
            let ran = acctsh(place.path(), &place.path().join("home"), &example);
            assert!(
                ran.status.success(),
                "{}:\n{example}\n{}",
                function.signature,
                String::from_utf8_lossy(&ran.stderr)
            );
        }
    }
}

#[test]
fn no_name_is_a_reserved_word() {
    let engine = Engine::new();
    let parses = |code: &str| assert!(engine.compile(code).is_ok(), "{code}");
    for spec in FIELDS {
        parses(&format!("let a = #{{}}; a.{0}; #{{ {0}: 1 }}", spec.name));
    }
    for function in functions() {
        let name = function.signature.split(['(', ' ', ':']).next().unwrap_or_default();
        if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && name != "print" {
            parses(&format!("let a = 1; a.{name}(1); {name}(1);"));
        }
    }
    for option in ["online", "domain"] {
        parses(&format!("#{{ {option}: 1 }}"));
    }
}
