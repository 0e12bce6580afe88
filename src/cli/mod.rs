//! The command line: arguments, one file per subcommand, and how a command ends.
//!
//! To add a subcommand: its file here, one variant of `Command` and one arm in `run_command`.

mod code;
mod connect;
mod disconnect;
mod doctor;
mod handover;
mod options;
mod passwd;
mod password_changed;
mod plan;
mod run;
mod sandbox;
mod script_args;
mod sync;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::options::CommonOptions;
use crate::profile::Profile;
use crate::script::{Console, Exit, Fault, RunOptions, Session, show_fault};
use crate::table::Format;

/// People's local users and Microsoft 365 online accounts, as one.
#[derive(Debug, Parser)]
#[command(name = "acctsh", version, about, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    /// Run this line, then exit.
    #[arg(short = 'c', value_name = "CODE")]
    code: Option<String>,
    #[command(flatten)]
    common: CommonOptions,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a script: a file, the name of a bundled one, or - for standard input.
    Run(run::Run),
    /// Look at plans and runs, apply, resume or give them up.
    #[command(subcommand)]
    Plan(plan::Plan),
    /// List runs (the same as plan list).
    Runs,
    /// List the letters of a run that are still there; show one, at a terminal.
    Handover(handover::Handover),
    /// Connect a Microsoft 365 tenant: prints one script to run there, then writes a profile and tries it.
    Connect(connect::Connect),
    /// Take a profile out; the tenant itself is not touched.
    Disconnect(disconnect::Disconnect),
    /// Look whether everything is there that acctsh needs, and say what to do where it isn't.
    Doctor,
    /// Set a person's password, in the directory and online.
    Passwd(passwd::Passwd),
    /// Bring passwords that were changed in the directory to the tenant, once or from now on.
    Sync(sync::Sync),
    /// Take in a password that somebody has changed: what a directory's hook calls.
    PasswordChanged(password_changed::PasswordChanged),
    /// Serve the practice tenant alone, for other clients.
    Sandbox(sandbox::Sandbox),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let console = Console::new();
    let matches = match Cli::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return ended(arguments_refused(&error)),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return ended(arguments_refused(&error)),
    };
    log(&cli);
    ended(run_command(cli, &console))
}

fn ended(exit: Exit) -> ExitCode {
    ExitCode::from(exit.code())
}

/// Shows clap's message: help goes to standard output, mistakes to standard error.
fn arguments_refused(error: &clap::Error) -> Exit {
    let _ = error.print();
    if error.use_stderr() { Exit::BadInput } else { Exit::Done }
}

fn run_command(cli: Cli, console: &Console) -> Exit {
    let Cli { common, code, command } = cli;
    match (code, command) {
        (Some(_), Some(_)) => show_fault(
            console,
            &Fault::new("bad_arguments", "-c CODE and a subcommand can't go together"),
        ),
        (Some(code), None) => with_session(common, console, |session| code::run(session, code)),
        (None, None) => with_session(common, console, crate::shell::run),
        (None, Some(Command::Run(run))) => run::run(common, run, console),
        (None, Some(Command::Plan(plan))) => plan::run(common, plan, console),
        (None, Some(Command::Runs)) => plan::run(common, plan::Plan::List, console),
        (None, Some(Command::Handover(handover))) => handover::run(common, handover, console),
        (None, Some(Command::Connect(connect))) => connect::run(common, connect, console),
        (None, Some(Command::Disconnect(disconnect))) => {
            disconnect::run(&common, disconnect, console)
        }
        (None, Some(Command::Doctor)) => doctor::run(common, console),
        (None, Some(Command::Passwd(passwd))) => passwd::run(common, passwd, console),
        (None, Some(Command::Sync(sync))) => sync::run(common, sync, console),
        (None, Some(Command::PasswordChanged(hook))) => {
            password_changed::run(&common, hook, console)
        }
        (None, Some(Command::Sandbox(sandbox))) => sandbox::run(&common, sandbox, console),
    }
}

/// Opens the profile and begins a session.
fn with_session(
    common: CommonOptions,
    console: &Console,
    work: impl FnOnce(&std::sync::Arc<Session>) -> Exit,
) -> Exit {
    let name = common.profile.clone();
    with_options(name.as_deref(), common.into(), console, work)
}

/// Opens the profile and begins a session with these options.
fn with_options(
    profile: Option<&str>,
    options: RunOptions,
    console: &Console,
    work: impl FnOnce(&std::sync::Arc<Session>) -> Exit,
) -> Exit {
    match Profile::load(profile) {
        Ok(profile) => {
            let session = Session::new(profile, console.clone(), options);
            session.obey_interrupts();
            work(&session)
        }
        Err(fault) => show_fault(console, &Fault::from(fault)),
    }
}

/// `-v` shows what is asked of the tenant, `-vv` more. A watch has a log in any case, a line of JSON for
/// each entry where JSON is asked for.
fn log(cli: &Cli) {
    let watches = matches!(&cli.command, Some(Command::Sync(sync)) if sync.watches());
    let level = match cli.common.verbose {
        0 if watches => "acctsh::sync=info",
        0 => return,
        1 => "acctsh=debug",
        _ => "acctsh=trace,acctsh_sandbox=debug",
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second subscriber in one process is refused; the first one goes on.
    let _ = match cli.common.output {
        Some(Format::Json | Format::Jsonl) if watches => {
            tracing::subscriber::set_global_default(subscriber.json().flatten_event(true).finish())
        }
        _ => {
            let colors = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            tracing::subscriber::set_global_default(subscriber.with_ansi(colors).finish())
        }
    };
}
