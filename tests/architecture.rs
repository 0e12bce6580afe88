//! Holds the picture of ARCHITECTURE.md: which layer may know which, how big a file may be, and that
//! the documents name only what is there.
//!
//! To add a layer: its folder in `src/`, one line of [`ARROWS`], its row in ARCHITECTURE.md.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and the layers it may use. Arrows only point right in the picture, so what is further
/// to the left may use all that the one to its right may; `profile` opens what it hands to the
/// layers above, and of `plan` it knows the journal alone.
const ARROWS: &[(&str, &[&str])] = &[
    ("cli", &["shell", "sync", "script", "plan", "profile", "passwords", "table", "model"]),
    ("shell", &["script", "plan", "profile", "table", "model", "state"]),
    ("sync", &["script", "plan", "profile", "passwords", "directory", "state", "model"]),
    (
        "script",
        &["plan", "profile", "table", "accounts", "directory", "passwords", "state", "model"],
    ),
    ("profile", &["plan", "accounts", "directory", "online", "passwords", "state", "model"]),
    ("plan", &["accounts", "passwords", "directory", "online", "state", "model"]),
    ("accounts", &["directory", "online", "model"]),
    ("directory", &["state", "model"]),
    ("online", &["model"]),
    ("passwords", &["state", "model"]),
    ("table", &["state", "model"]),
    ("state", &[]),
    ("model", &[]),
];

/// Lines of code (blank lines and comments not counted) that fit one idea.
const LONGEST_FILE: usize = 450;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

/// Where documents of the repository are.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "docs/guide.md"];

#[test]
fn every_folder_of_src_has_its_place_in_the_picture() {
    let folders: BTreeSet<String> = fs::read_dir(root().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let placed: BTreeSet<String> = ARROWS.iter().map(|(layer, _)| (*layer).to_owned()).collect();

    assert_eq!(folders, placed);
}

#[test]
fn a_layer_uses_only_those_to_its_right() {
    let mut wrong = Vec::new();
    for (layer, may_use) in ARROWS {
        for file in rust_files(&format!("src/{layer}")) {
            for (line, used) in layers_named(&file.code) {
                if used != *layer && !may_use.contains(&used.as_str()) {
                    wrong.push(format!("{}:{line}: {layer} may not use {used}", file.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// `crate::{plan, model}` and an import of the root would hide an arrow from the test above.
#[test]
fn each_use_of_another_layer_names_it_in_full() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        for (number, line) in file.code.lines().enumerate() {
            if ["crate::{", "crate::*", "use crate;"].iter().any(|hidden| line.contains(hidden)) {
                wrong.push(format!("{}:{}: {line}", file.name, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn of_plan_the_profile_knows_the_journal_alone() {
    let mut wrong = Vec::new();
    for file in rust_files("src/profile") {
        for (number, line) in file.code.lines().enumerate() {
            if line.contains("crate::plan") && !line.contains("crate::plan::journal") {
                wrong.push(format!("{}:{}: {line}", file.name, number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_profile_knows_the_sandbox() {
    let knowing: Vec<String> = rust_files("src")
        .filter(|file| {
            ["acctsh_sandbox::", "acctsh_sandbox;"].iter().any(|it| file.code.contains(it))
        })
        .map(|file| file.name)
        .filter(|name| !name.starts_with("src/profile/"))
        .collect();

    assert!(knowing.is_empty(), "{knowing:#?}");
}

/// An error on one side can't hide behind the same error on the other, as long as they share nothing.
#[test]
fn the_sandbox_does_not_know_its_client() {
    let of_its_own = |text: &str| text.replace("acctsh_sandbox", "").replace("acctsh-sandbox", "");
    let manifest = fs::read_to_string(root().join("sandbox/Cargo.toml")).unwrap();
    assert!(!of_its_own(&manifest).contains("acctsh"), "sandbox/Cargo.toml names acctsh");

    let knowing: Vec<String> = rust_files("sandbox")
        .filter(|file| of_its_own(&file.code).contains("acctsh"))
        .map(|file| file.name)
        .collect();
    assert!(knowing.is_empty(), "{knowing:#?}");
}

#[test]
fn every_file_begins_by_saying_what_belongs_there() {
    let silent: Vec<String> = rust_files("src")
        .chain(rust_files("sandbox/src"))
        .chain(rust_files("tests"))
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.name)
        .collect();

    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn a_file_holds_one_idea() {
    let long: Vec<String> = rust_files("src")
        .chain(rust_files("sandbox/src"))
        .map(|file| {
            let lines = file.code.lines().filter(|line| !line.trim().is_empty()).count();
            (lines, file.name)
        })
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, name)| format!("{name} has {lines} lines of code"))
        .collect();

    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn no_file_is_named_after_nothing() {
    let empty: Vec<String> = rust_files("src")
        .chain(rust_files("sandbox/src"))
        .map(|file| file.name)
        .filter(|name| {
            name.trim_end_matches(".rs").split(['/', '_']).any(|word| EMPTY_NAMES.contains(&word))
        })
        .collect();

    assert!(empty.is_empty(), "{empty:#?}");
}

#[test]
fn the_documents_name_only_what_is_there() {
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for path in paths_named(&text) {
            if !root().join(&path).exists() {
                missing.push(format!("{document} names {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A source file.
struct SourceFile {
    /// Its path from the root of the repository.
    name: String,
    text: String,
    /// Its text with the comment lines emptied, so that line numbers stay.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &str) -> impl Iterator<Item = SourceFile> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found.into_iter().map(read)
}

fn read(path: PathBuf) -> SourceFile {
    let text = fs::read_to_string(&path).unwrap();
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    let code: Vec<&str> =
        text.lines().map(|line| if is_comment(line) { "" } else { line }).collect();
    let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    SourceFile { name, code: code.join("\n"), text }
}

/// What follows `crate::`, with its line; macros of our own (`$crate::`) count too.
fn layers_named(code: &str) -> Vec<(usize, String)> {
    let mut named = Vec::new();
    for (number, line) in code.lines().enumerate() {
        for (at, prefix) in line.match_indices("crate::") {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            named.push((number + 1, rest[..end.unwrap_or(rest.len())].to_owned()));
        }
    }
    named
}

/// Words of a document that begin like a path of the repository. A word with `<`, `*` or `…` stands
/// for many.
fn paths_named(text: &str) -> BTreeSet<String> {
    const FOLDERS: &[&str] = &[
        "src/",
        "tests/",
        "sandbox/",
        "bench/",
        "stdlib/",
        "scripts/",
        "examples/",
        "docs/",
        ".ci/",
    ];
    const FILES: &[&str] =
        &["README.md", "ARCHITECTURE.md", "LICENSE-MIT", "LICENSE-APACHE", "clippy.toml"];
    text.split(|c: char| c.is_whitespace() || "`()[]\"'|,;".contains(c))
        .map(|word| word.trim_end_matches(['.', ':']).trim_start_matches("../"))
        .filter(|word| {
            FILES.contains(word) || FOLDERS.iter().any(|folder| word.starts_with(folder))
        })
        .filter(|word| !word.contains(['<', '*', '…']))
        .map(str::to_owned)
        .collect()
}
