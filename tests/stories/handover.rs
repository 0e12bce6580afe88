//! `acctsh handover RUN [USER]`: whose letters are still there; a password at a terminal, and nowhere
//! else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use rexpect::reader::Options;
use rexpect::session::{PtySession, spawn_with_options};
use serde_json::json;

use crate::story::{Ran, Shell, Tenant};

const TWO: &str = r#"for name in ["eva", "tim"] { create_account(#{ user_name: name, display_name: `Kim ${name}` }) }"#;

/// Two people's letters, in the folder `letters`.
fn with_two_letters() -> (Shell, String) {
    let shell = Shell::new();
    shell.acctsh(&["-c", TWO, "--yes", "--handover", "letters"]).exits(0);
    let run = shell.newest_run();
    (shell, run)
}

/// Runs it without a terminal; no password is said.
#[track_caller]
fn handover(shell: &Shell, arguments: &[&str]) -> Ran {
    let ran = shell.acctsh(&[&["handover"], arguments].concat());
    shell.passwords().values().fold(ran, |ran, password| ran.never_says(password))
}

fn at_a_terminal(command: Command) -> PtySession {
    let options = Options::new().timeout_ms(Some(30_000)).strip_ansi_escape_codes(false);
    let mut terminal = spawn_with_options(command, options).unwrap();
    terminal.process_mut().set_kill_timeout(Some(1_000));
    terminal
}

fn press_enter(terminal: &mut PtySession) {
    terminal.send("\r").unwrap();
    terminal.flush().unwrap();
}

#[test]
fn a_list_says_whose_letters_are_there_and_no_secret() {
    let (shell, run) = with_two_letters();
    insta::assert_snapshot!(handover(&shell, &[&run]).exits(0).out, @r"
    user  file
    eva   letters/eva.txt
    tim   letters/tim.txt
    ");
    let as_json = handover(&shell, &[&run, "--output", "json"]).exits(0).json();
    assert_eq!(
        as_json,
        json!([
            { "user": "eva", "file": "letters/eva.txt" },
            { "user": "tim", "file": "letters/tim.txt" },
        ])
    );
    // Another run's letter in the same folder is that run's; what isn't a letter is nobody's.
    let reset = r#"account("tim").reset_password()"#;
    shell.acctsh(&["-c", reset, "--yes", "--handover", "letters"]).exits(0);
    shell.file("letters/notes.txt", "User name: eva\nTemporary password: in my notes\n");
    let list =
        |run: &str| handover(&shell, &[run, "--output", "csv"]).exits(0).out.replace('\r', "");
    assert_eq!(list(&run), "user,file\neva,letters/eva.txt\n");
    assert_eq!(list(&shell.newest_run()), "user,file\ntim,letters/tim.txt\n");
    handover(&shell, &[&run, "tim"]).exits(1).says("there is no letter for tim in letters/");
}

#[test]
fn at_a_terminal_a_letter_is_shown_until_enter_and_does_not_stay() {
    let (shell, run) = with_two_letters();
    let eva = &shell.passwords()["eva"];
    let mut terminal = at_a_terminal(shell.command_at_a_terminal(&["handover", &run, "EVA"]));
    let before = terminal.exp_string("\u{1b}[?1049h").unwrap();
    assert!(!before.contains(eva));
    let shown = terminal.exp_string("Enter clears this: ").unwrap();
    assert!(shown.contains("Hello Kim eva,") && shown.contains(eva), "{shown}");
    assert!(!shown.contains(&shell.passwords()["tim"]) && !shown.contains("1049l"));
    press_enter(&mut terminal);
    terminal.exp_string("\u{1b}[2J\u{1b}[?1049l").unwrap();
    let after = terminal.exp_eof().unwrap();
    assert!(!after.contains(eva), "{after}");
}

#[test]
fn ctrl_c_clears_it_too() {
    let (shell, run) = with_two_letters();
    let mut terminal = at_a_terminal(shell.command_at_a_terminal(&["handover", &run, "eva"]));
    terminal.exp_string("Enter clears this: ").unwrap();
    terminal.send_control('c').unwrap();
    terminal.exp_string("\u{1b}[2J\u{1b}[?1049l").unwrap();
    terminal.exp_eof().unwrap();
}

#[test]
fn on_a_low_screen_a_letter_comes_in_pages() {
    let (shell, run) = with_two_letters();
    let mut command = shell.command_at_a_terminal(&[]);
    let low =
        format!("stty cols 80 rows 20; exec {} handover {run} eva", env!("CARGO_BIN_EXE_acctsh"));
    command = with_line(command, &low);
    let mut terminal = at_a_terminal(command);
    let first = terminal.exp_string("Enter shows the rest: ").unwrap();
    assert!(first.contains("Hello Kim eva,") && first.contains(&shell.passwords()["eva"]));
    assert!(first.lines().count() <= 20, "{first}");
    press_enter(&mut terminal);
    let second = terminal.exp_string("Enter clears this: ").unwrap();
    assert!(second.contains("If anyone asks for it"), "{second}");
    press_enter(&mut terminal);
    terminal.exp_string("\u{1b}[?1049l").unwrap();
}

#[test]
fn a_terminal_without_another_screen_only_prints_it() {
    let (shell, run) = with_two_letters();
    let mut command = shell.command_at_a_terminal(&["handover", &run, "eva"]);
    command.env("TERM", "dumb");
    let mut terminal = at_a_terminal(command);
    let shown = terminal.exp_eof().unwrap();
    assert!(shown.contains(&shell.passwords()["eva"]) && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn without_a_terminal_no_password_is_shown() {
    let (shell, run) = with_two_letters();
    let said = handover(&shell, &[&run, "eva"]).exits(5).err;
    insta::assert_snapshot!(said, @r"
    error: a password is shown to a person at a terminal only
      help: open the letter yourself: letters/eva.txt
    ");
    // A terminal to type at doesn't help where the output goes to a file, nor the other way round.
    let program = env!("CARGO_BIN_EXE_acctsh");
    for redirected in ["> out.txt", "< /dev/null", "| cat"] {
        let line = format!("{program} handover {run} eva {redirected}; echo ended");
        let command = with_line(shell.command_at_a_terminal(&[]), &line);
        let shown = at_a_terminal(command).exp_string("ended").unwrap();
        assert!(shown.contains("to a person at a terminal only"), "{redirected}: {shown}");
        assert!(!shown.contains(&shell.passwords()["eva"]), "{redirected}: {shown}");
    }
    assert_eq!(shell.read("out.txt"), "");
}

#[test]
fn what_is_not_there_is_said() {
    let (shell, run) = with_two_letters();
    handover(&shell, &["20200101-0900-nope"]).exits(2).says("acctsh plan list shows all");
    handover(&shell, &[&run, "evva"]).exits(2).says("to \"evva\"").says("did you mean eva?");
    handover(&shell, &[&run, "zz"]).exits(2).says(&format!("acctsh handover {run} lists"));
    handover(&shell, &[]).exits(2);

    fs::remove_file(shell.folder().join("letters/eva.txt")).unwrap();
    let handed_out = "handed out already? acctsh keeps no copies; reset_password() makes a new";
    let gone = handover(&shell, &[&run, "eva"]).exits(1).says(handed_out);
    gone.says("there is no letter for eva in letters/");
    fs::remove_file(shell.folder().join("letters/tim.txt")).unwrap();
    handover(&shell, &[&run])
        .exits(0)
        .says("None of its letters is left in letters/")
        .says(handed_out);
    fs::remove_dir_all(shell.folder().join("letters")).unwrap();
    handover(&shell, &[&run, "eva"]).exits(1).says("is gone: letters/").says(handed_out);
    handover(&shell, &[&run]).exits(0).says("is gone: letters/").says(handed_out);
    assert_eq!(handover(&shell, &[&run, "--output", "json"]).exits(0).json(), json!([]));

    shell.does(r#"account("eva").disable()"#);
    let other = shell.newest_run();
    handover(&shell, &[&other]).exits(0).says("hands no password over, so it has no letters");
    handover(&shell, &[&other, "eva"])
        .exits(2)
        .says("hands no password over, so it has no letters");
}

#[test]
fn of_a_run_that_stopped_letters_may_be_yet_to_come() {
    let (tenant, shell) = (Tenant::start(&[]), Shell::new());
    shell.uses(&tenant);
    let refusals =
        json!({ "kind": "cut_before", "method": "POST", "path": "/v1.0/users", "rate": 1.0 });
    tenant.knob("POST", "faults", Some(refusals));
    shell.acctsh(&["-c", TWO, "--yes", "--handover", "letters"]).exits(7);
    let run = shell.newest_run();
    let resume = format!("acctsh plan resume {run}");
    handover(&shell, &[&run]).exits(0).says("has written no letter yet").says(&resume);
    handover(&shell, &[&run, "eva"]).exits(1).says("may be yet to come").says(&resume);

    // Nor is a run resumed, or given up, with letters that can't be written.
    tenant.knob("DELETE", "faults", None);
    let plain = tenant.profile();
    let letters = "letters = { language = \"it\" }\n            patience_seconds";
    shell.config(&plain.replacen("patience_seconds", letters, 1));
    for verb in ["resume", "abandon"] {
        shell.acctsh(&["plan", verb, &run, "--yes"]).exits(2).says("no letters in the language");
    }
    shell.config(&plain);
    shell.acctsh(&["plan", "resume", &run, "--yes"]).exits(0);
    handover(&shell, &[&run]).exits(0).prints("eva").prints("tim");
}

#[test]
fn letters_that_others_could_have_read_or_written_are_not_trusted() {
    let (shell, run) = with_two_letters();
    let open = |name: &str, mode: u32| {
        let path = shell.folder().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    open("letters/eva.txt", 0o644);
    handover(&shell, &[&run]).exits(0).says("letters/eva.txt is open to others").says("chmod");
    handover(&shell, &[&run, "eva"]).exits(1).says("open to others (permissions 644)");
    handover(&shell, &[&run, "tim"]).exits(5);
    open("letters/eva.txt", 0o600);
    open("letters", 0o755);
    handover(&shell, &[&run]).exits(1).says("letters is open to others (permissions 755)");

    // A link leads to what may be anybody's.
    open("letters", 0o700);
    fs::rename(shell.folder().join("letters/eva.txt"), shell.folder().join("moved.txt")).unwrap();
    let link = shell.folder().join("letters/eva.txt");
    std::os::unix::fs::symlink(shell.folder().join("moved.txt"), link).unwrap();
    handover(&shell, &[&run, "eva"]).exits(1).says("there is no letter for eva");
}

/// The same person at the same terminal, who types this line at the shell.
fn with_line(like: Command, line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).current_dir(like.get_current_dir().unwrap()).env_clear();
    for (name, value) in like.get_envs() {
        command.env(name, value.unwrap());
    }
    command
}
