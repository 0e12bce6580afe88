//! The words of a `$filter` expression.

use crate::refusal::Refusal;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, keyword, number, GUID or date.
    Word(String),
    /// A string, quotes removed and undoubled.
    Text(String),
    /// One of `( ) , / :`.
    Mark(char),
}

/// Cuts an expression into words.
pub(super) fn cut(expression: &str) -> Result<Vec<Token>, Refusal> {
    let mut tokens = Vec::new();
    let mut rest = expression.chars().enumerate().peekable();
    while let Some((at, first)) = rest.next() {
        match first {
            ' ' | '\t' => {}
            '(' | ')' | ',' | '/' | ':' => tokens.push(Token::Mark(first)),
            '\'' => tokens.push(Token::Text(text(&mut rest, expression)?)),
            _ if is_word(first) => {
                // Times hold colons; elsewhere a colon ends the name of a range variable.
                let dated = first.is_ascii_digit();
                let mut word = String::from(first);
                while let Some((_, next)) =
                    rest.next_if(|(_, next)| is_word(*next) || (dated && *next == ':'))
                {
                    word.push(next);
                }
                tokens.push(Token::Word(word));
            }
            _ => {
                return Err(Refusal::malformed_url(format!(
                    "Invalid filter clause: Syntax error: character '{first}' is not valid at position {at} in '{expression}'."
                )));
            }
        }
    }
    Ok(tokens)
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_.$-+@".contains(character)
}

fn text(
    rest: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    expression: &str,
) -> Result<String, Refusal> {
    let mut text = String::new();
    while let Some((_, character)) = rest.next() {
        if character != '\'' {
            text.push(character);
        } else if rest.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok(text);
        }
    }
    Err(Refusal::malformed_url(format!(
        "Invalid filter clause: There is an unterminated string literal in '{expression}'."
    )))
}
