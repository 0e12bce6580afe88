//! What can be typed: functions, verbs and properties with their comments, read from the engine.

use rhai::{AST, FnAccess};

use crate::model::Field;
use crate::model::field::FIELDS;
use crate::script::Unit;

/// Where a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Use {
    /// On its own: `accounts()`.
    Function,
    /// After a dot, called: `person.assign(…)`.
    Verb,
    /// After a dot: `person.city`.
    Property,
}

/// One function, verb or property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, with the module's: `bulk::from_csv`.
    pub(super) name: String,
    /// How it is used.
    pub(super) used: Use,
    /// How it is written: `account.assign(options)`.
    pub(super) signature: String,
    /// Its comment, without the comment marks.
    pub(super) doc: String,
}

impl Entry {
    /// The first sentence of the comment.
    pub(super) fn summary(&self) -> String {
        let paragraph: Vec<&str> =
            self.doc.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
        let paragraph = paragraph.join(" ");
        match paragraph.find(". ") {
            Some(end) => paragraph[..=end].to_owned(),
            None => paragraph,
        }
    }
}

/// Everything that the unit knows by now.
pub(super) fn entries(unit: &Unit) -> Vec<Entry> {
    let mut entries = of_engine(unit);
    for (module, ast) in unit.standard_library() {
        entries.extend(of_script(&ast, Some(module)));
    }
    entries.extend(of_script(unit.functions(), None));
    entries.extend(of_accounts());
    entries.sort_by(|a, b| {
        (a.used, &a.name, a.signature.len()).cmp(&(b.used, &b.name, b.signature.len()))
    });
    entries.dedup_by(|a, b| (&a.name, &a.signature) == (&b.name, &b.signature));
    entries
}

fn of_engine(unit: &Unit) -> Vec<Entry> {
    let entry = |info: rhai::FuncInfo<'_>| {
        // Modules come from the standard library's own texts, whether compiled by now or not.
        if !info.namespace.is_empty() {
            return None;
        }
        let function = info.metadata;
        let name = function.name.as_str();
        let parameters: Vec<(&str, &str)> =
            function.params_info.iter().map(|parameter| parts(parameter)).collect();
        let doc = uncommented(function.comments.iter().map(AsRef::as_ref));
        let receiver = parameters.first().filter(|(_, kind)| kind.starts_with("&mut"));
        if let Some(property) = name.strip_prefix("get$") {
            // Those of accounts are described in the table of fields.
            if doc.is_empty() && FIELDS.iter().any(|spec| spec.name == property) {
                return None;
            }
            let owner = receiver.map_or("", |(owner, _)| owner);
            let signature = format!("{owner}.{property}");
            return Some(Entry { name: property.to_owned(), used: Use::Property, signature, doc });
        }
        // Setters, index functions and operators aren't typed by name, and every value has a text.
        let is_typed = name.starts_with(|c: char| c.is_alphabetic()) && !name.contains('$');
        if !is_typed || matches!(name, "to_string" | "to_debug") {
            return None;
        }
        let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
        let (used, signature) = match receiver {
            Some((owner, _)) => {
                (Use::Verb, format!("{owner}.{name}({})", names.get(1..)?.join(", ")))
            }
            None => (Use::Function, format!("{name}({})", names.join(", "))),
        };
        Some(Entry { name: name.to_owned(), used, signature, doc })
    };
    unit.engine().collect_fn_metadata(None, entry, false)
}

/// Name and type of a parameter.
fn parts(parameter: &str) -> (&str, &str) {
    let (name, kind) = parameter.split_once(':').unwrap_or((parameter, ""));
    (name.trim(), kind.trim())
}

fn of_script(ast: &AST, module: Option<&str>) -> Vec<Entry> {
    let is_typed = |access: FnAccess, name: &str| access.is_public() && !name.contains('$');
    ast.iter_functions()
        .filter(|function| is_typed(function.access, function.name))
        .map(|function| {
            let name = match module {
                Some(module) => format!("{module}::{}", function.name),
                None => function.name.to_owned(),
            };
            let signature = format!("{name}({})", function.params.join(", "));
            let doc = uncommented(function.comments.iter().copied());
            Entry { name, used: Use::Function, signature, doc }
        })
        .collect()
}

fn of_accounts() -> impl Iterator<Item = Entry> {
    let written_only = |field| matches!(field, Field::Password | Field::Without);
    FIELDS.iter().filter(move |spec| !written_only(spec.field)).map(|spec| Entry {
        name: spec.name.to_owned(),
        used: Use::Property,
        signature: format!("account.{}", spec.name),
        doc: spec.help.to_owned(),
    })
}

/// The text of doc comments.
fn uncommented<'a>(comments: impl Iterator<Item = &'a str>) -> String {
    let line = |line: &'a str| {
        let text = line.trim_start().strip_prefix("///").unwrap_or(line);
        text.strip_prefix(' ').unwrap_or(text)
    };
    let lines: Vec<&str> = comments.flat_map(str::lines).map(line).collect();
    lines.join("\n").trim().to_owned()
}
