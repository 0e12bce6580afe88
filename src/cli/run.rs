//! `acctsh run SCRIPT`: a file, a bundled script, or standard input, with the script's own options.

use std::io::Read as _;

use clap::{Args, FromArgMatches as _};

use super::options::CommonOptions;
use super::script_args;
use super::{arguments_refused, with_session};
use crate::model::nearest;
use crate::script::{
    Console, Exit, Fault, SCRIPTS, Source, Unit, bundled, read_params, show_fault,
};

#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(super) struct Run {
    /// The script: a file, a bundled script's name, or - for standard input.
    script: Option<String>,
    /// Options of the script, and common ones: see acctsh run SCRIPT --help.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTIONS")]
    rest: Vec<String>,
}

pub(super) fn run(common: CommonOptions, run: Run, console: &Console) -> Exit {
    let Some(name) = run.script.filter(|name| name != "--help" && name != "-h") else {
        return overview(console);
    };
    let source = match load(&name) {
        Ok(source) => source,
        Err(fault) => return show_fault(console, &fault),
    };
    let (declared, help) = match read_params(&source) {
        Ok(found) => found,
        Err(fault) => return show_fault(console, &fault),
    };
    let command = match script_args::command(&name, &help, &declared) {
        Ok(command) => command,
        Err(fault) => return show_fault(console, &fault),
    };
    let matches = match command.try_get_matches_from(&run.rest) {
        Ok(matches) => matches,
        Err(error) => return arguments_refused(&error),
    };
    let after = match CommonOptions::from_arg_matches(&matches) {
        Ok(after) => after,
        Err(error) => return arguments_refused(&error),
    };
    let given = script_args::given(&matches, &declared);
    with_session(common.overridden_by(after, &matches), console, |session| {
        let mut unit = Unit::new(session);
        if let Err(fault) = unit.set_params(&declared, given) {
            return show_fault(session.console(), &fault);
        }
        unit.run(&source)
    })
}

/// What can be run.
fn overview(console: &Console) -> Exit {
    console.data("Usage: acctsh run SCRIPT [OPTIONS]\n\nBundled scripts:\n");
    for script in SCRIPTS {
        let source = Source { name: script.name.to_owned(), text: script.text.to_owned() };
        let help = read_params(&source).map(|(_, help)| help).unwrap_or_default();
        let first = help.lines().next().unwrap_or_default().to_owned();
        console.data(&format!("  {:<16}{first}\n", script.name));
    }
    console.data("\nacctsh run SCRIPT --help shows a script's options.\n");
    Exit::Done
}

fn load(name: &str) -> Result<Source, Fault> {
    if name == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(|reason| {
            Fault::new("bad_file", format!("standard input can't be read: {reason}"))
        })?;
        return Ok(Source { name: "standard input".to_owned(), text });
    }
    // A name without folder and extension is a bundled script's; a file of that name needs ./
    if let Some(script) = bundled(name) {
        return Ok(Source { name: script.name.to_owned(), text: script.text.to_owned() });
    }
    match std::fs::read_to_string(name) {
        Ok(text) => Ok(Source { name: name.to_owned(), text }),
        Err(reason) => {
            let fault = Fault::new("bad_file", format!("there is no script {name:?}: {reason}"));
            let near = nearest(name, SCRIPTS.iter().map(|script| script.name));
            Err(match near {
                Some(near) => fault.hint(format!("did you mean {near}?")),
                None => fault.hint("acctsh run lists the bundled ones"),
            })
        }
    }
}
