//! The prompt, as a person at a terminal has it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use rexpect::session::{Options, PtySession, spawn_with_options};

use crate::person::{Person, ZOE};

/// Far longer than any line takes; a test that fails ends by it.
const PATIENCE_MS: u64 = 30_000;

/// The prompt that waits for a new line; after it the editor puts the cursor in its place.
const READY: &str = "sandbox> ";

/// That person at a terminal.
struct Terminal {
    session: PtySession,
}

impl Person {
    /// Starts the prompt without colours, and waits for it.
    fn sits_down(&self) -> Terminal {
        let mut command = self.command(&[]);
        command.env("NO_COLOR", "1");
        let mut terminal = Terminal::opens(command);
        terminal.sees(READY);
        terminal
    }
}

impl Terminal {
    /// The program at a new terminal.
    fn opens(command: Command) -> Self {
        let options = Options::new().timeout_ms(Some(PATIENCE_MS)).strip_ansi_escape_codes(false);
        let mut session = spawn_with_options(command, options).unwrap();
        // A test that failed must not wait for a prompt that nobody ends.
        session.process_mut().set_kill_timeout(Some(1_000));
        Self { session }
    }

    /// Waits for the text; returns what stood before it.
    fn sees(&mut self, text: &str) -> String {
        self.session.exp_string(text).unwrap()
    }

    /// Presses keys.
    fn presses(&mut self, keys: &str) {
        self.session.send(keys).unwrap();
        self.session.flush().unwrap();
    }

    /// Types a line; returns what is shown until the next prompt.
    fn line(&mut self, line: &str) -> String {
        self.types(line);
        self.sees(READY)
    }

    /// Types a line, and waits until the editor has given the terminal back for it to run.
    fn types(&mut self, line: &str) {
        self.session.send_line(line).unwrap();
        // The end of bracketed paste is the last that the editor writes.
        self.sees("\u{1b}[?2004l");
    }

    fn leaves(mut self) {
        self.session.send_control('d').unwrap();
        self.session.exp_eof().unwrap();
        let status = self.session.process().wait().unwrap();
        let status = format!("{status:?}");
        assert!(status.contains("Exited") && status.ends_with(", 0)"), "{status}");
    }
}

#[test]
fn the_first_start_says_that_it_is_a_practice_tenant_and_opens_nothing() {
    let person = Person::new();
    let mut command = person.command(&[]);
    command.env("NO_COLOR", "1");
    let mut terminal = Terminal::opens(command);

    let greeting = terminal.sees(READY);
    assert!(greeting.contains("practice tenant"), "{greeting}");
    assert!(greeting.contains("help") && greeting.contains("Ctrl-D"), "{greeting}");
    assert!(!person.home().exists(), "a prompt alone makes no file");
    terminal.line("1");
    terminal.leaves();

    let mut command = person.command(&[]);
    command.env("NO_COLOR", "1");
    let again = Terminal::opens(command).sees(READY);
    assert!(!again.contains("practice tenant"), "{again}");
}

#[test]
fn the_sandbox_has_its_own_colour() {
    let person = Person::new();
    let sandbox = Terminal::opens(person.command(&[])).sees("sandbox> ");

    fs::create_dir_all(person.home()).unwrap();
    let config = "default_profile = \"contoso\"\n[profiles.contoso.tenant]\nkind = \"microsoft365\"\n\
                  tenant_id = \"t\"\nclient_id = \"c\"\nclient_secret = { env = \"NONE\" }\n";
    fs::write(person.home().join("config.toml"), config).unwrap();
    let real = Terminal::opens(person.command(&[])).sees("contoso> ");

    let color = |text: &str| text.rsplit('\u{1b}').next().unwrap().to_owned();
    assert_ne!(color(&sandbox), color(&real));
}

#[test]
fn variables_and_functions_stay_from_line_to_line() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.line("let width = 6;");
    terminal.line("fn area(w, h) { w * h }");
    let shown = terminal.line("area(width, 7)");
    assert!(shown.contains("42"), "{shown}");
    terminal.leaves();
}

#[test]
fn a_text_goes_on_until_it_is_whole() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.types("[1, 2, 3].map(|n| {");
    terminal.sees("...> ");
    terminal.types("n * 111");
    terminal.sees("...> ");
    let shown = terminal.line("})");
    assert!(shown.contains("111") && shown.contains("333"), "{shown}");
    terminal.leaves();
    assert!(
        person.history().contains("[1, 2, 3].map(|n| {\\nn * 111\\n})"),
        "one entry: {}",
        person.history()
    );
}

#[test]
fn an_error_ends_its_line_only() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.line("let kept = 41;");
    let shown = terminal.line("acounts()");
    assert!(shown.contains("error:") && shown.contains("did you mean accounts?"), "{shown}");
    terminal.line("let 5 = kept");
    let shown = terminal.line("kept + 1");
    assert!(shown.contains("42"), "{shown}");
    terminal.leaves();
}

#[test]
fn ctrl_c_clears_the_text_that_is_being_typed() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.types("foo(");
    terminal.sees("...> ");
    terminal.session.send_control('c').unwrap();
    terminal.sees(READY);
    terminal.presses("what was this");
    terminal.sees("this");
    terminal.session.send_control('c').unwrap();
    terminal.sees(READY);
    let shown = terminal.line("6 * 7");
    assert!(shown.contains("42"), "{shown}");
    terminal.leaves();
}

#[test]
fn ctrl_c_stops_the_line_that_runs_and_no_later_one() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.types("print(\"begun\"); loop { }");
    terminal.sees("begun");
    terminal.session.send_control('c').unwrap();
    let shown = terminal.sees(READY);
    assert!(shown.contains("stopped; nothing was written"), "{shown}");
    let shown = terminal.line("6 * 7");
    assert!(shown.contains("42"), "{shown}");
    terminal.leaves();
}

#[test]
fn one_change_is_applied_straight_and_shown_in_a_table() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    let shown = terminal.line(ZOE);
    assert!(shown.contains("1 done") && !shown.contains("Apply this plan?"), "{shown}");
    let shown = terminal.line("accounts()");
    assert!(shown.contains("user_name") && shown.contains("zoe@contoso.com"), "{shown}");
    terminal.leaves();
}

#[test]
fn more_than_one_change_is_asked_for_first() {
    let person = Person::new();
    let mut terminal = person.sits_down();
    let two = r#"for n in ["ann", "ben"] { create_account(#{ user_name: n, first_name: n, last_name: "Berg" }); }"#;

    terminal.types(two);
    terminal.sees("Apply this plan? [Y/n] ");
    let shown = {
        terminal.session.send_line("n").unwrap();
        terminal.sees(READY)
    };
    assert!(shown.contains("Nothing was written."), "{shown}");
    let shown = terminal.line("`people: ${accounts().len}`");
    assert!(shown.contains("people: 2"), "the two built-in ones: {shown}");

    terminal.types(two);
    terminal.sees("Apply this plan? [Y/n] ");
    terminal.session.send_line("y").unwrap();
    let shown = terminal.sees(READY);
    assert!(shown.contains("2 done"), "{shown}");
    terminal.leaves();
}

#[test]
fn the_history_is_private_and_comes_back() {
    let person = Person::new();
    let mut terminal = person.sits_down();
    terminal.line("6 * 7");
    terminal.leaves();

    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(person.home().join("history.txt")), 0o600);
    assert_eq!(mode(person.home()), 0o700);
    assert!(person.history().contains("6 * 7"), "{}", person.history());

    let mut terminal = person.sits_down();
    terminal.presses("\u{1b}[A");
    terminal.sees("6 * 7");
    let shown = terminal.line("");
    assert!(shown.contains("42"), "{shown}");
    terminal.leaves();
}

#[test]
fn no_password_gets_into_the_history() {
    let person = Person::new();
    let mut terminal = person.sits_down();
    terminal.line(r#"let options = #{ user_name: "zoe", password: "hunter2-Tulip" };"#);
    terminal.line(r#"options.set_password("hunter2-Tulip")"#);
    terminal.types("let options = #{");
    terminal.sees("...> ");
    terminal.line(r#"password: "hunter2-Tulip" };"#);
    terminal.line("options.len()");
    terminal.leaves();

    let history = person.history();
    assert!(history.contains("options.len()") && !history.contains("hunter2"), "{history}");
}

#[test]
fn tab_completes_functions_variables_and_properties() {
    let person = Person::new();
    let mut terminal = person.sits_down();

    terminal.line("let headcount = 41;");
    terminal.presses("headc\t");
    terminal.sees("headcount");
    let shown = terminal.line(" + 1");
    assert!(shown.contains("42"), "{shown}");
    terminal.presses("online_acc\t");
    terminal.sees("online_accounts");
    terminal.line("()");
    terminal.presses("account(\"Guest\").user_n\t");
    terminal.sees("user_name");
    let shown = terminal.line("");
    assert!(shown.contains("Guest"), "{shown}");
    terminal.leaves();
}

#[test]
fn exit_and_quit_leave() {
    for word in ["exit", "quit", "exit()"] {
        let person = Person::new();
        let mut terminal = person.sits_down();
        terminal.session.send_line(word).unwrap();
        terminal.session.exp_eof().unwrap();
    }
}
