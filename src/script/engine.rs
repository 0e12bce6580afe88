//! The engine, set up as acctsh needs it.

use std::sync::Arc;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Dynamic, Engine, Module, OptimizationLevel, Scope};

use super::api;
use super::bundled::STANDARD_LIBRARY;
use super::params::Params;
use super::raise::{Fault, Raised};
use super::session::Session;

/// Nested calls and expressions beyond these end a script with an error. Set for every build, since
/// the engine's own limits differ between debug and release.
const CALL_LEVELS: usize = 64;
const EXPRESSION_DEPTH: usize = 192;
/// A hundred million operations are some ten seconds of pure computing; a script that only wants to
/// manage people never comes near.
const OPERATIONS: u64 = 100_000_000;
const TEXT_BYTES: usize = 64 * 1024 * 1024;

/// An engine whose functions act on the session.
pub(super) fn build(session: &Arc<Session>) -> Engine {
    let mut engine = Engine::new();
    // Level Simple drops statements without evaluating them and panics on some (rhai.md §0.1).
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.set_max_call_levels(CALL_LEVELS);
    engine.set_max_expr_depths(EXPRESSION_DEPTH, EXPRESSION_DEPTH);
    engine.set_max_operations(OPERATIONS);
    engine.set_max_string_size(TEXT_BYTES);
    engine.disable_symbol("eval");
    // Scripts see no files: modules come from the standard library alone.
    engine.set_module_resolver(DummyModuleResolver::new());
    engine.set_default_tag(Dynamic::from(Arc::clone(session)));
    let stopped = Arc::clone(session);
    engine.on_progress(move |_| stopped.is_stopped().then(|| Dynamic::from("stopped")));
    let out = Arc::clone(session);
    engine.on_print(move |text| out.console().data(&format!("{text}\n")));
    let err = Arc::clone(session);
    engine.on_debug(move |text, _, _| err.console().say(text));
    api::register(&mut engine);
    engine
}

/// Makes `params::name` readable everywhere in the script.
pub(super) fn set_params(engine: &mut Engine, params: &Params) {
    let mut module = Module::new();
    for (name, value) in params.values() {
        module.set_var(name.clone(), value.clone());
    }
    engine.register_static_module("params", module.into());
}

/// Compiles the modules of the standard library that the text mentions, and those that they mention:
/// a module uses only those before it.
pub(super) fn add_modules(engine: &mut Engine, text: &str) -> Result<(), Raised> {
    let mut texts = vec![text];
    let mut wanted = Vec::new();
    for (name, source) in STANDARD_LIBRARY.iter().rev() {
        let mention = format!("{name}::");
        if texts.iter().any(|text| text.contains(&mention)) {
            texts.push(source);
            wanted.push((name, source));
        }
    }
    for (name, source) in wanted.into_iter().rev() {
        let mut ast = engine.compile(source)?;
        ast.set_source(format!("std:{name}"));
        let module = Module::eval_ast_as_new(Scope::new(), &ast, engine)?;
        engine.register_static_module(*name, module.into());
    }
    Ok(())
}

/// The session behind an engine's functions.
pub(super) fn session(context: &rhai::NativeCallContext<'_>) -> Result<Arc<Session>, Raised> {
    let session =
        context.tag().and_then(|tag| tag.read_lock::<Arc<Session>>().map(|s| Arc::clone(&s)));
    session
        .ok_or_else(|| Fault::new("script", "the function was called outside of a session").raise())
}
