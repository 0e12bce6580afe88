//! Options of a script, made from its PARAMS, beside the common ones.

use std::collections::BTreeMap;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args as _, Command};

use super::options::CommonOptions;
use crate::script::{Fault, Param, ParamType, ParamValue};

/// The script's own command line.
pub(super) fn command(script: &str, help: &str, declared: &[Param]) -> Result<Command, Fault> {
    let (about, more) = help.split_once("\n\n").unwrap_or((help, ""));
    let mut command = Command::new("acctsh")
        .bin_name(format!("acctsh run {script}"))
        .about(about.replace('\n', " "))
        .no_binary_name(true)
        .max_term_width(100);
    if !more.is_empty() {
        command = command.after_help(more.to_owned());
    }
    let common = CommonOptions::augment_args(Command::new("acctsh"));
    let reserved: Vec<&str> = common.get_arguments().filter_map(Arg::get_long).collect();
    for param in declared {
        let option = param.option();
        if reserved.contains(&option.as_str()) || option == "help" {
            let message =
                format!("PARAMS, {}: --{option} is an option of every script", param.name);
            return Err(Fault::new("bad_params", message));
        }
        command = command.arg(argument(param).help_heading("Options of the script"));
    }
    // The description is the script's, not that of the common options.
    let about = command.get_about().cloned();
    command = CommonOptions::augment_args(command);
    Ok(match about {
        Some(about) => command.about(about),
        None => command,
    })
}

fn argument(param: &Param) -> Arg {
    let mut help = param.help.clone();
    if let Some(fallback) = &param.fallback {
        help = format!("{help} [default: {fallback}]");
    }
    let arg = Arg::new(param.name.clone()).long(param.option()).help(help).required(param.required);
    if param.kind == ParamType::Bool {
        // `--flag` alone says yes; `--flag=no` is possible too.
        return arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("BOOL");
    }
    let arg = arg.value_name(param.kind.placeholder());
    let arg = if param.many { arg.action(ArgAction::Append) } else { arg };
    match (param.choices.is_empty(), param.many) {
        (false, true) => {
            arg.value_delimiter(',').value_parser(PossibleValuesParser::new(param.choices.clone()))
        }
        (false, false) => arg.value_parser(PossibleValuesParser::new(param.choices.clone())),
        (true, _) => arg,
    }
}

/// What was given, by the parameters' names.
pub(super) fn given(matches: &ArgMatches, declared: &[Param]) -> BTreeMap<String, ParamValue> {
    let texts = |param: &Param| {
        let values = matches.get_many::<String>(&param.name)?;
        Some((param.name.clone(), values.cloned().collect()))
    };
    declared.iter().filter_map(texts).collect()
}
