//! Whether a text needs more lines before it can be run.
//!
//! The engine has no one error for a text that stops too early, so the kinds that it gives at the
//! end of the text are told apart here (`rhai.md §8`).

use rhai::{Engine, LexError, OptimizationLevel, ParseError, ParseErrorType, Position, Token};

/// Tells texts that go on from those that are whole or wrong.
pub(super) struct Grammar {
    /// Without strict variables: a name that isn't known must not hide that the text goes on.
    engine: Engine,
}

impl Grammar {
    pub(super) fn new() -> Self {
        let mut engine = Engine::new_raw();
        engine.set_optimization_level(OptimizationLevel::None);
        Self { engine }
    }

    /// Whether more lines can make this a whole text. A text that is wrong is not unfinished: no
    /// further line mends it.
    pub(super) fn is_unfinished(&self, text: &str) -> bool {
        let error = match self.engine.compile(text) {
            Ok(_) => return self.is_in_comment(text),
            Err(ParseError(error, position)) => (*error, position),
        };
        match error {
            (ParseErrorType::BadInput(LexError::UnterminatedString), position) => {
                is_in_long_string(text, position)
            }
            (ParseErrorType::WrongDocComment, _) => {
                text.lines().last().is_some_and(|line| line.trim_start().starts_with("///"))
            }
            (
                ParseErrorType::UnexpectedEOF
                | ParseErrorType::MissingToken(..)
                | ParseErrorType::MissingSymbol(_)
                | ParseErrorType::FnMissingBody(_)
                | ParseErrorType::FnMissingName
                | ParseErrorType::FnMissingParams(_)
                | ParseErrorType::VariableExpected
                | ParseErrorType::PropertyExpected
                | ParseErrorType::ExprExpected(_),
                position,
            ) => self.ends_before(text, position),
            _ => false,
        }
    }

    /// An open block comment is accepted, and swallows whatever comes after it.
    fn is_in_comment(&self, text: &str) -> bool {
        text.contains("/*") && self.engine.compile(format!("{text}\n)")).is_ok()
    }

    /// Whether no token stands at the position or after it.
    fn ends_before(&self, text: &str, position: Position) -> bool {
        let texts = [text];
        let (tokens, control) = self.engine.lex(&texts);
        // The lexer must be told where the `${…}` of a text ends; this counts its braces.
        let mut open_braces: Vec<usize> = Vec::new();
        for (token, at) in tokens {
            match &token {
                // The iterator goes on for ever after it.
                Token::EOF => break,
                Token::LexError(_) => continue,
                Token::InterpolatedString(_) => open_braces.push(0),
                Token::LeftBrace | Token::MapStart => {
                    if let Some(braces) = open_braces.last_mut() {
                        *braces += 1;
                    }
                }
                Token::RightBrace => {
                    if let Some(braces) = open_braces.last_mut() {
                        *braces = braces.saturating_sub(1);
                        if *braces == 0 {
                            open_braces.pop();
                            control.borrow_mut().is_within_text = true;
                        }
                    }
                }
                _ => {}
            }
            if at >= position {
                return false;
            }
        }
        true
    }
}

/// Texts in back-ticks and raw ones go over lines; one in quotes only after a backslash. After an
/// interpolation the position is that of the rest of the text, where no quote stands, or none.
fn is_in_long_string(text: &str, opening: Position) -> bool {
    let line = opening.line().and_then(|line| text.lines().nth(line.saturating_sub(1)));
    let column = opening.position().unwrap_or(1);
    match line.and_then(|line| line.chars().nth(column.saturating_sub(1))) {
        Some('"') => text.trim_end_matches('\n').ends_with('\\'),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn told(texts: &[&str], expected: bool) {
        let grammar = Grammar::new();
        let wrong: Vec<_> =
            texts.iter().filter(|text| grammar.is_unfinished(text) != expected).collect();
        assert!(wrong.is_empty(), "told wrongly: {wrong:#?}");
    }

    #[test]
    fn a_text_that_stops_too_early_is_unfinished() {
        told(
            &[
                "1 +",
                "let x =",
                "let",
                "foo(",
                "foo(1,",
                "accounts(",
                "person.",
                "person.set(#{",
                "#{ city: \"Oslo\",",
                "[1,",
                "x &&",
                "{",
                "if x {",
                "if x",
                "if x { 1 } else",
                "while true {",
                "for row in read_csv(\"people.csv\") {",
                "for",
                "fn area(w, h) {",
                "fn area(w, h)",
                "fn",
                "switch x { 1 =>",
                "try {",
                "try { x() } catch (e) {",
                "accounts().filter(|a| {",
                "let s = `two",
                "let s = `a ${b} c",
                "let s = `a ${b} c`; foo(",
                "let s = #\"raw",
                "\"goes on \\",
                "/* a comment",
                "1 /* a comment",
                "/// doc",
                "bulk::",
            ],
            true,
        );
    }

    #[test]
    fn a_whole_text_is_finished() {
        told(
            &[
                "",
                "   ",
                "1",
                "accounts()",
                "let x = 1",
                "let x = 1;",
                "if x { 1 }",
                "fn area(w, h) { w * h }",
                "for row in rows { create_account(row); }",
                "unknown + names.are_fine()",
                "bulk::from_csv(\"people.csv\", #{}, [])",
                "// only a comment",
                "/* closed */",
                "\"/* in a text */\"",
                "`a ${b} c`",
                "`${ #{ a: 1 }.a }`",
            ],
            false,
        );
    }

    #[test]
    fn a_wrong_text_is_finished_so_that_its_error_is_shown() {
        told(
            &[
                "foo(1 2",
                "{ } }",
                ")",
                "1 2",
                "match x {",
                "let 5 = 1",
                "let s = \"open",
                "foo(]",
                "#{ a 1",
                "eval(\"1\")}",
                "'ab'",
            ],
            false,
        );
    }
}
