//! One unit: a script, a text after `-c`, a line at the prompt.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, EvalAltResult, ParseError, Scope};

use super::api::{AccountHandle, AccountList, GroupHandle};
use super::bundled::STANDARD_LIBRARY;
use super::engine;
use super::exit::Exit;
use super::finish::{Finished, finish};
use super::params::{Param, ParamValue, Params};
use super::place::{self, Text};
use super::raise::Fault;
use super::rendering;
use super::report;
use super::session::Session;
use crate::plan::apply::ApplyError;
use crate::plan::plan_file::PlanFile;

/// What is to be run.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name in messages: a file, a bundled script, `-c`, `prompt`.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Declared parameters and help text (`//!`) of a script; nothing is run.
pub fn read_params(source: &Source) -> Result<(Vec<Param>, String), Fault> {
    let mut engine = Engine::new();
    engine.set_optimization_level(rhai::OptimizationLevel::None);
    let ast = engine.compile(&source.text).map_err(|error| syntax(source, &error))?;
    let help: Vec<&str> =
        ast.doc().lines().map(|line| line.trim_start_matches("//!").trim()).collect();
    Ok((Params::declared(&ast)?, help.join("\n").trim().to_owned()))
}

fn syntax(source: &Source, error: &ParseError) -> Fault {
    let position = error.position();
    let place = position.line().map_or_else(String::new, |line| {
        format!(" ({}:{line}:{})", source.name, position.position().unwrap_or(1))
    });
    Fault::new("syntax", format!("{}{place}", error.err_type()))
}

/// A unit, or a sequence of them that share variables and functions, as at the prompt.
pub struct Unit {
    session: Arc<Session>,
    engine: Engine,
    scope: Scope<'static>,
    /// Functions of earlier lines.
    functions: AST,
}

impl Unit {
    /// A unit of a session.
    pub fn new(session: &Arc<Session>) -> Self {
        Self {
            session: Arc::clone(session),
            engine: engine::build(session),
            scope: Scope::new(),
            functions: AST::empty(),
        }
    }

    /// The engine, for completion and for telling whether a line is finished.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Variables of earlier lines.
    pub fn variables(&self) -> Vec<String> {
        self.scope.iter().map(|(name, ..)| name.to_owned()).collect()
    }

    /// Functions of earlier lines, with their comments.
    pub fn functions(&self) -> &AST {
        &self.functions
    }

    /// The modules of the standard library by name; they are compiled for this, and nothing is run.
    pub fn standard_library(&self) -> Vec<(&'static str, AST)> {
        let compiled = |(name, text): &(&'static str, &str)| {
            self.engine.compile(text).ok().map(|module| (*name, module))
        };
        STANDARD_LIBRARY.iter().filter_map(compiled).collect()
    }

    /// Gives the script's parameters their values.
    pub fn set_params(
        &mut self,
        declared: &[Param],
        given: BTreeMap<String, ParamValue>,
    ) -> Result<(), Fault> {
        engine::set_params(&mut self.engine, &Params::from_given(declared, given)?);
        Ok(())
    }

    /// Runs the source, then plans and applies what it recorded.
    pub fn run(&mut self, source: &Source) -> Exit {
        self.session.begin_unit();
        self.session.set_what(&source.name);
        let script = Text { name: &source.name, text: &source.text };
        let value = match self.evaluate(source) {
            Ok(value) => value,
            Err(error) => {
                self.session.discard();
                return place::report(&error, &script, self.session.console());
            }
        };
        // A verb gives its person back for the next verb; the results say what came of it.
        let value = if is_of_verb(&value) { Dynamic::UNIT } else { value };
        match finish(&self.session, !value.is_unit(), None) {
            Ok(finished) => self.show(&value, &finished).max(self.session.worst()),
            Err(fault) => self.report(&fault),
        }
    }

    /// Shows an error that has no place in the source.
    fn report(&self, fault: &Fault) -> Exit {
        self.session.discard();
        show_fault(self.session.console(), fault)
    }

    fn evaluate(&mut self, source: &Source) -> Result<Dynamic, Box<EvalAltResult>> {
        engine::add_modules(&mut self.engine, &source.text)?;
        let mut ast = self.engine.compile_with_scope(&self.scope, &source.text)?;
        ast.set_source(String::new());
        let merged = self.functions.merge(&ast);
        let before = self.scope.len();
        let (engine, scope) = (&self.engine, &mut self.scope);
        // A panic in a native function would go through the engine (rhai.md §5).
        let evaluated = catch_unwind(AssertUnwindSafe(|| {
            engine.eval_ast_with_scope::<Dynamic>(scope, &merged)
        }));
        let result = evaluated.unwrap_or_else(|_| {
            Err(Fault::new(
                "script",
                "acctsh has a defect: please report this; nothing was written",
            )
            .raise())
        });
        if result.is_err() {
            self.scope.rewind(before);
        }
        self.functions = merged;
        self.functions.clear_statements();
        result
    }

    /// The value of the last expression, or the results.
    fn show(&self, value: &Dynamic, finished: &Finished) -> Exit {
        let console = self.session.console();
        let format = self.session.options().output;
        if value.is_unit() {
            if finished.run.is_some() {
                report::print_table(console, &report::results_table(&finished.results), format);
            }
            return finished.exit;
        }
        report::show_undone(console, &finished.results);
        match rendering::render(&self.session, value, format) {
            Ok(text) => console.data(&text),
            Err(fault) => {
                self.report(&fault);
                return finished.exit.max(Exit::Failed);
            }
        }
        finished.exit
    }
}

fn is_of_verb(value: &Dynamic) -> bool {
    value.read_lock::<AccountHandle>().is_some_and(|account| account.is_of_verb())
        || value.read_lock::<AccountList>().is_some_and(|accounts| accounts.is_of_verb())
        || value.read_lock::<GroupHandle>().is_some_and(|group| group.is_of_verb())
}

/// Shows an error with its advice, and says how the command ends.
pub fn show_fault(console: &super::Console, fault: &Fault) -> Exit {
    console.error(&fault.message);
    if let Some(hint) = &fault.hint {
        console.advice(hint);
    }
    Exit::of_kind(&fault.kind)
}

/// Applies a plan file: its changes are recorded and derived again, and must come out the same.
pub fn apply_file(session: &Arc<Session>, path: &Path) -> Exit {
    session.begin_unit();
    session.set_what(&format!("plan apply {}", path.display()));
    match try_apply_file(session, path) {
        Ok(finished) => {
            if finished.run.is_some() {
                let table = report::results_table(&finished.results);
                report::print_table(session.console(), &table, session.options().output);
            }
            finished.exit
        }
        Err(fault) => show_fault(session.console(), &fault),
    }
}

fn try_apply_file(session: &Arc<Session>, path: &Path) -> Result<Finished, Fault> {
    let file = PlanFile::read(path)?;
    let journal = session.profile().journal()?;
    let applied = session.block_on(journal.run_of_file(file.digest()))?;
    if let Some(run) = applied.map_err(|fault| Fault::from(ApplyError::from(fault)))? {
        return Err(Fault::new(
            "refused",
            format!("{} was applied already, by run {run}", path.display()),
        )
        .hint(format!("look at it with: acctsh plan show {run}")));
    }
    session.set_plan_options(file.options());
    let key = session.profile().key()?;
    session.with_planner(|planner| file.record(planner, key))?;
    finish(session, false, Some(&file))
}
