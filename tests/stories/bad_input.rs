//! Bad input: each time a clear error that names row, field and value and says what to do, the right
//! exit code, nothing half-written, and no panic.

use std::fs;

use serde_json::json;

use crate::story::{Ran, Shell, Tenant, databases_under};

/// A shell that has been used before, and what it held then.
struct Used {
    shell: Shell,
    tenant: Tenant,
}

impl Used {
    /// `eva` has a user and an online account; `sam@contoso.com` has no user here.
    fn new() -> Self {
        let (shell, tenant) = (Shell::new(), Tenant::start(&[]));
        shell.uses(&tenant).file("first.csv", "User Name,First Name,Last Name\neva,Eva,Li\n");
        shell.acctsh(&["run", "bulk-create", "--csv", "first.csv", "--yes"]).exits(0);
        let other = Shell::new();
        other.uses(&tenant).file("first.csv", "User Name,First Name,Last Name\nsam,Sam,Ode\n");
        other.acctsh(&["run", "bulk-create", "--csv", "first.csv", "--yes"]).exits(0);
        Self { shell, tenant }
    }

    /// Runs the program; whatever it is given, it writes nothing and doesn't panic.
    #[track_caller]
    fn refuses(&self, arguments: &[&str], exit: i32) -> Ran {
        let databases = databases_under(&self.shell.home());
        let (users, skus, files) = (
            self.tenant.summary()["users"].clone(),
            self.tenant.summary()["skus"].clone(),
            self.shell.files(),
        );
        let ran = self
            .shell
            .acctsh(arguments)
            .exits(exit)
            .never_says("panicked")
            .never_says("RUST_BACKTRACE");
        assert_eq!(
            databases_under(&self.shell.home()),
            databases,
            "the directory and the journal are as before"
        );
        assert_eq!(self.tenant.summary()["users"], users);
        assert_eq!(self.tenant.summary()["skus"], skus);
        assert_eq!(self.shell.files(), files);
        ran
    }

    /// Gives a file to the bulk create.
    #[track_caller]
    fn refuses_file(&self, csv: &str, exit: i32) -> Ran {
        self.shell.file("f.csv", csv);
        self.refuses(&["run", "bulk-create", "--csv", "f.csv", "--yes"], exit)
    }
}

#[test]
fn files_that_are_no_list_of_people() {
    let used = Used::new();
    used.refuses(&["run", "bulk-create", "--csv", "missing.csv", "--yes"], 2)
        .says("missing.csv: there is no such file");
    fs::create_dir(used.shell.folder().join("folder.csv")).unwrap();
    used.refuses(&["run", "bulk-create", "--csv", "folder.csv", "--yes"], 2)
        .says("folder.csv is a folder, not a file");
    for empty in ["", "\n\r\n", "\u{feff}"] {
        used.refuses_file(empty, 2).says("f.csv is empty").says("the first line names the columns");
    }
    used.refuses_file("User Name,First Name\n", 2)
        .says("f.csv has a header, but no rows")
        .says("each line below it is one person");
    used.refuses_file("User Name\tFirst Name\neva\tEva\n", 2)
        .says("separated by tabs")
        .says("commas or semicolons");
    used.refuses_file("User Name,Mobile,Mobile Phone\nada,1,2\n", 2)
        .says("the columns \"Mobile\" and \"Mobile Phone\" both mean mobile")
        .says("remove or rename one of them");
    used.refuses_file("User Name,City\nada,\"Bonn\n", 2)
        .says("f.csv:2: cell 2 begins with a quote that is never closed");
    used.refuses_file("User Name,City\nada,Bonn,Bonn\n", 2)
        .says("f.csv:2: there is a value in cell 3");
    fs::write(used.shell.folder().join("f.csv"), b"User Name,City\nada,K\xf6ln\n").unwrap();
    used.refuses(&["run", "bulk-create", "--csv", "f.csv", "--yes"], 2)
        .says("f.csv is not UTF-8 text: line 2")
        .says("CSV UTF-8");
}

#[test]
fn rows_with_a_wrong_value() {
    let long = "x".repeat(65);
    let long_name = "y".repeat(257);
    let rows: &[(&str, &str, &[&str])] = &[
        (
            "an unknown column, with the nearest right one",
            "User Name,First Nam,Shoe Size\nada,Ada,38\n",
            &[
                "f.csv:2: ada: there is no column \"First Nam\" for an account",
                "did you mean first_name?",
                "there is no column \"Shoe Size\" for an account",
            ],
        ),
        (
            "no user name in row 7",
            "User Name,City\na2,x\na3,x\na4,x\na5,x\na6,x\n,x\na8,x\n",
            &["f.csv:7: ", "user_name: there is no user name", "fill the column user_name"],
        ),
        (
            "a name held by somebody else",
            "User Name,First Name\neva,Evelyn\n",
            &[
                "f.csv:2: eva: first_name: the user name is held by somebody else (Eva Li)",
                "first_name is Eva there, Evelyn here",
                "choose another user name, or correct the row if it is the same person",
            ],
        ),
        (
            "an online ID held by another user",
            "User Name,Online ID\nada,eva@contoso.com\n",
            &[
                "f.csv:2: ada: online_id: eva@contoso.com is held by the user eva (Eva Li)",
                "choose another online ID",
            ],
        ),
        (
            "an online ID held by an online account without user",
            "User Name\nsam\n",
            &[
                "f.csv:2: sam: online_id: sam@contoso.com is held by an online account without user (Sam Ode)",
                "is that the same person? then assign that account instead, else choose another online ID",
            ],
        ),
        (
            "two rows of one name",
            "User Name\nada\nADA\n",
            &[
                "f.csv:3: ADA: user_name: user_name ADA is taken by f.csv:2 as well",
                "remove one of the two, or give one of them another name",
            ],
        ),
        (
            "a user name that is too long",
            &format!("User Name\n{long}\n"),
            &["f.csv:2: ", &long, "user_name", "it has 65 characters, at most 64 are allowed"],
        ),
        (
            "a display name that is too long",
            &format!("User Name,Display Name\nada,{long_name}\n"),
            &[
                "f.csv:2: ada: display_name: display_name has 257 characters, at most 256 are allowed",
                "shorten it",
            ],
        ),
        (
            "forbidden characters in a user name",
            "User Name\nada/berg\n",
            &[
                "f.csv:2: ada/berg: user_name: the user name can't be used: the character '/' is not allowed",
            ],
        ),
        (
            "forbidden characters in an online ID",
            "User Name,Online ID\nada,a da@contoso.com\n",
            &[
                "f.csv:2: ada: online_id: the online ID \"a da@contoso.com\" can't be used: the character ' ' is not allowed",
            ],
        ),
        (
            "an unknown licence, with the nearest right one",
            "User Name,Licenses\nada,Microsoft 365 Busines Basic\n",
            &[
                "f.csv:2: ada: licenses: the tenant has no licence \"Microsoft 365 Busines Basic\"",
                "did you mean \"Microsoft 365 Business Basic\"?",
            ],
        ),
        (
            "an unknown licence that is near to none",
            "User Name,Licenses\nada,Gold\n",
            &[
                "the tenant has no licence \"Gold\"",
                "the tenant has: Microsoft 365 Business Basic, ",
            ],
        ),
        (
            "an unknown service",
            "User Name,Without\nada,Teems\n",
            &[
                "f.csv:2: ada: without: none of the licences has a service \"Teems\"",
                "did you mean TEAMS1?",
            ],
        ),
        (
            "an unverified domain",
            "User Name,Online ID\nada,ada@fabrikam.com\n",
            &[
                "f.csv:2: ada: online_id: fabrikam.com is not a verified domain of the tenant",
                "verified domains are: contoso.onmicrosoft.com, contoso.com",
            ],
        ),
        (
            "a usage location that is no country",
            "User Name,Usage Location\nada,Atlantis\n",
            &["f.csv:2: ada: usage_location: ", "Atlantis"],
        ),
        (
            "a date that is none",
            "User Name,Expires\nada,31.02.2027\n",
            &["f.csv:2: ada: expires: ", "31.02.2027", "2027-01-31"],
        ),
        (
            "a password that is too short",
            "User Name,Password\nada,Kettle1\n",
            &["f.csv:2: ada: password: the password can't be used: it has fewer than 8 characters"],
        ),
    ];
    let used = Used::new();
    for (what, csv, texts) in rows {
        println!("{what}");
        let ran = used.refuses_file(csv, 2).says("Nothing was written: ");
        let ran = texts.iter().fold(ran, |ran, text| ran.says(text));
        assert!(ran.out.is_empty(), "{what}: {}", ran.out);
    }
}

#[test]
fn whoever_is_never_touched_is_refused_by_a_guard() {
    let used = Used::new();
    used.refuses_file("User Name\nguest\n", 4)
        .says("f.csv:2: guest: user_name: is built into the directory and is never touched");
}

#[test]
fn no_usage_location_where_there_is_no_default() {
    let used = Used::new();
    used.shell.config(&used.tenant.profile().replace("usage_location = \"US\", ", ""));
    used.refuses_file("User Name,Country\nada,\ntim,Atlantis\nkim,Germany\n", 2)
        .says("f.csv:2: ada: usage_location: no usage location: without one no licence can be assigned")
        .says("f.csv:3: tim: usage_location: no usage location: the country \"Atlantis\" is not known")
        .says("fill the column usage_location or country, or give --usage-location")
        .never_says("kim: usage_location");
}

#[test]
fn all_problems_of_a_file_are_shown_together_in_row_order() {
    let used = Used::new();
    let csv = "User Name,First Name,Online ID,Licenses,Password\n\
        eva,Evelyn,,,\na/b,,,,\nada,,ada@fabrikam.com,Gold,\nada,,,,ada-Secret-99\n,Kim,,,\n";
    let ran = used
        .refuses_file(csv, 2)
        .says("f.csv:2: eva: first_name")
        .says("f.csv:3: a/b: user_name")
        .says("f.csv:4: ada: online_id: fabrikam.com")
        .says("f.csv:4: ada: licenses: the tenant has no licence \"Gold\"")
        .says("f.csv:5: ada: password: the password can't be used")
        .says("f.csv:6: ")
        .never_says("ada-Secret-99");
    let lines = ran.err.lines().filter_map(|line| line.strip_prefix("error: f.csv:"));
    let lines: Vec<u32> =
        lines.map(|line| line.split(':').next().unwrap().parse().unwrap()).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert!(lines.len() >= 6, "{}", ran.err);
}

#[test]
fn options_and_commands_that_do_not_exist() {
    let used = Used::new();
    let table: &[(&[&str], &[&str])] = &[
        (&["plna", "list"], &["unrecognized subcommand 'plna'", "'plan'"]),
        (&["--yess", "-c", "1"], &["unexpected argument '--yess'", "'--yes'"]),
        (
            &["run", "bulk-create", "--license", "x"],
            &["unexpected argument '--license'", "'--licenses'"],
        ),
        (
            &["run", "bulk-crate"],
            &["there is no script \"bulk-crate\"", "did you mean bulk-create?"],
        ),
        (
            &["run", "missing.rhai"],
            &["there is no script \"missing.rhai\"", "acctsh run lists the bundled ones"],
        ),
        (&["run", "bulk-create", "--include", "everybody"], &["'everybody'", "disabled, expired"]),
        (&["--output", "xml", "-c", "1"], &["\"xml\"", "table, list, json, jsonl, csv"]),
        (&["--seats-short", "half", "-c", "1"], &["'half'", "stop, fill, unlicensed"]),
        (
            &["--profile", "contsoo", "-c", "1"],
            &["there is no profile \"contsoo\"", "did you mean \"contoso\"?"],
        ),
        (&["-c", "1", "plan", "list"], &["-c CODE and a subcommand can't go together"]),
        (&["plan", "show", "yesterday"], &["yesterday"]),
        (&["plan", "apply", "missing.json"], &["missing.json"]),
        (&["plan", "apply", "f.csv"], &["f.csv is not a plan file"]),
        (
            &["run", "bulk-create", "--licenses", "Gold", "--csv", "f.csv"],
            &["the tenant has no licence \"Gold\""],
        ),
        (
            &["run", "bulk-create", "--csv", "f.csv", "--domain", "fabrikam.com"],
            &["fabrikam.com is not a verified domain"],
        ),
    ];
    used.shell.file("f.csv", "User Name\nada\n");
    for (arguments, texts) in table {
        println!("{arguments:?}");
        let ran = used.refuses(arguments, 2);
        texts.iter().fold(ran, |ran, text| ran.says(text));
    }
}

#[test]
fn mistakes_in_scripts_are_shown_where_they_are() {
    let used = Used::new();
    let table: &[(&str, i32, &[&str])] = &[
        ("let x = ;", 2, &["Syntax error", "-c:1:9"]),
        ("create_acount(#{})", 1, &["create_acount", "did you mean create_account?", "-c:1:1"]),
        ("let a = 1;\nacount(\"eva\")", 1, &["did you mean account?", "-c:2:1", "acount(\"eva\")"]),
        ("account(\"nobody\")", 2, &["there is nobody called \"nobody\"", "-c:1:1"]),
        ("account(\"evva\")", 2, &["there is nobody called \"evva\"", "did you mean \"eva\"?"]),
        (
            "account(\"eva\").ofice",
            2,
            &["an account has no property \"ofice\"", "did you mean office?"],
        ),
        ("accounts(#{ departmnt: \"x\" })", 2, &["departmnt", "did you mean department?"]),
        (
            "create_account(#{ user_name: \"a\", ofice: \"1\" })",
            2,
            &["there is no option \"ofice\"", "did you mean office?"],
        ),
        ("create_account(#{ user_name: \"a\", enabled: \"perhaps\" })", 2, &["enabled", "perhaps"]),
        ("create_account(#{ first_name: \"A\" })", 2, &["there is no user name"]),
        (
            "account(\"eva\").assign(#{ licences: [] })",
            2,
            &["there is no option \"licences\" for assign", "did you mean licenses?"],
        ),
        ("license(\"Gold\")", 2, &["Gold"]),
        ("loop { }", 1, &["-c:1:"]),
        ("fn f(x) { f(x + 1) } f(1)", 1, &["-c:1:"]),
    ];
    for (code, exit, texts) in table {
        println!("{code}");
        let ran = used.refuses(&["-c", code, "--yes"], *exit);
        texts.iter().fold(ran, |ran, text| ran.says(text));
    }
}

#[test]
fn a_wrong_secret_of_the_tenant() {
    let used = Used::new();
    used.shell.file("f.csv", "User Name\nada\n");
    let databases = databases_under(&used.shell.home());
    let mut command = used.shell.command(&["run", "bulk-create", "--csv", "f.csv", "--yes"]);
    let ran = Ran::of(&command.env("SANDBOX_SECRET", "no-such~secret").output().unwrap());
    ran.exits(6)
        .says("sign-in to the tenant failed: AADSTS7000215")
        .says("the client secret is wrong")
        .never_says("no-such~secret")
        .never_says("panicked");
    let mut command = used.shell.command(&["run", "bulk-create", "--csv", "f.csv", "--yes"]);
    let ran = Ran::of(&command.env_remove("SANDBOX_SECRET").output().unwrap());
    ran.exits(6)
        .says("the environment variable SANDBOX_SECRET with the client secret is not set")
        .says("set it");
    assert_eq!(databases_under(&used.shell.home()), databases);
}

#[test]
fn a_permission_that_is_missing() {
    let used = Used::new();
    used.tenant.knob("PUT", "app", Some(json!({ "permissions": [], "roles": [] })));
    used.refuses_file("User Name\nada\n", 6).says("error: ");
}

#[test]
fn a_tenant_that_is_down() {
    let mut used = Used::new();
    used.shell.file("f.csv", "User Name\nada\n");
    let files = used.shell.files();
    used.tenant.kill();
    let databases = databases_under(&used.shell.home());
    used.shell
        .acctsh(&["run", "bulk-create", "--csv", "f.csv", "--yes"])
        .exits(8)
        .says("the tenant can't be reached")
        .says("check the network and the tenant's URLs in the profile")
        .never_says("panicked");
    assert_eq!(databases_under(&used.shell.home()), databases);
    assert_eq!(used.shell.files(), files);
}

#[test]
fn a_data_folder_that_can_not_be_written() {
    let shell = Shell::new();
    shell.file("f.csv", "User Name\nada\n").file("file", "");
    let create = ["run", "bulk-create", "--csv", "f.csv", "--yes"];
    for home in ["file/home", "file"] {
        let mut command = shell.command(&create);
        let ran = Ran::of(&command.env("ACCTSH_HOME", shell.folder().join(home)).output().unwrap());
        let ran = ran.never_says("panicked").says("error: ").says("file");
        assert!([2, 8].contains(&ran.exit), "{}: {}", ran.exit, ran.err);
    }
    // One of the places inside can't be used.
    for place in ["profiles", "state.db", "locks", "sealing.key"] {
        println!("{place}");
        let shell = Shell::new();
        shell.file("f.csv", "User Name\nada\n");
        fs::create_dir_all(shell.home()).unwrap();
        if place == "profiles" || place == "locks" {
            fs::write(shell.home().join(place), "in the way").unwrap();
        } else {
            fs::create_dir(shell.home().join(place)).unwrap();
        }
        let ran =
            shell.acctsh(&create).never_says("panicked").says("error: ").says(place).says("help: ");
        assert!([2, 8].contains(&ran.exit), "{place}: {}: {}", ran.exit, ran.err);
        assert_eq!(shell.files(), ["f.csv"], "{place}");
    }
}

#[test]
fn places_for_results_and_letters_that_can_not_be_written() {
    let used = Used::new();
    used.shell.file("f.csv", "User Name\nada\n").file("file", "");
    let create = ["run", "bulk-create", "--csv", "f.csv", "--yes"];
    fs::create_dir(used.shell.folder().join("file.d")).unwrap();
    for options in [
        ["--results", "file.d"],
        ["--handover", "file/letters"],
        ["--results", "file/r.csv"],
        ["--plan-out", "file/p.json"],
    ] {
        println!("{options:?}");
        let ran = used
            .shell
            .acctsh(&[&create[..], &options].concat())
            .never_says("panicked")
            .says("error: ")
            .says("file");
        assert_ne!(ran.exit, 0, "{}", ran.err);
        assert_eq!(
            used.shell.value(r#"accounts("ada").len()"#),
            0,
            "{options:?}: seen before the first write"
        );
    }
    used.refuses(&["run", "bulk-create", "--csv", "f.csv", "--review", "file/r.csv"], 2)
        .says("file/r.csv");
}

#[test]
fn a_configuration_that_can_not_be_used() {
    let tenant = Tenant::start(&[]);
    let good = tenant.profile();
    let table: &[(&str, String, &[&str])] = &[
        ("empty", String::new(), &["config.toml", "profiles"]),
        ("no TOML", "profiles = [".to_owned(), &["config.toml"]),
        (
            "an unknown key",
            good.replace("patience_seconds = 5", "patience = 5"),
            &["config.toml", "patience", "patience_seconds"],
        ),
        (
            "an unknown kind of tenant",
            good.replace("microsoft365", "google"),
            &["config.toml", "google", "microsoft365"],
        ),
        (
            "the secret itself",
            good.replace("{ env = \"SANDBOX_SECRET\" }", "\"s3cret~value\""),
            &["config.toml", "line 6: a secret is never in this file, only where it is: { env = "],
        ),
        (
            "no such default",
            good.replace("default_profile = \"contoso\"", "default_profile = \"contos\""),
            &["\"contos\"", "did you mean \"contoso\"?"],
        ),
        (
            "no such country",
            good.replace("\"US\"", "\"Atlantis\""),
            &["usage_location", "Atlantis"],
        ),
    ];
    for (what, config, texts) in table {
        println!("{what}");
        let shell = Shell::new();
        shell.config(config);
        let ran = shell
            .acctsh(&["-c", "accounts()"])
            .exits(2)
            .never_says("panicked")
            .never_says("s3cret~value");
        let ran = texts.iter().fold(ran, |ran, text| ran.says(text));
        assert!(ran.out.is_empty());
        let names: Vec<_> =
            fs::read_dir(shell.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["config.toml"], "{what}: nothing was made");
    }
    let shell = Shell::new();
    fs::create_dir_all(shell.home().join("config.toml")).unwrap();
    shell.acctsh(&["-c", "1"]).exits(2).says("config.toml can't be read");
}
