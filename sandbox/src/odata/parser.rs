//! From the text of a `$filter` to its tree; refuses bad syntax, unknown properties, values of the wrong
//! type, and operators a property doesn't take.

use super::filter::{Filter, Literal, Operand, Test};
use super::lexer::{Token, cut};
use crate::refusal::Refusal;
use crate::schema::{ANY_LENGTH, Access, Kind, Property, Resource};

impl Filter {
    /// Reads a filter over that resource.
    pub(crate) fn parse(expression: &str, resource: &'static Resource) -> Result<Self, Refusal> {
        let tokens = cut(expression)?;
        let mut parser = Parser { expression, tokens, at: 0, resource, item: None };
        let filter = parser.either()?;
        if parser.at < parser.tokens.len() {
            return Err(parser.syntax());
        }
        Ok(filter)
    }
}

/// The range variable of an `any`, and the collection it goes through.
#[derive(Clone)]
struct Item {
    variable: String,
    collection: &'static Property,
}

struct Parser<'a> {
    expression: &'a str,
    tokens: Vec<Token>,
    at: usize,
    resource: &'static Resource,
    item: Option<Item>,
}

impl Parser<'_> {
    fn syntax(&self) -> Refusal {
        Refusal::malformed_url(format!(
            "Invalid filter clause: Syntax error at position {} in '{}'.",
            self.at, self.expression
        ))
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, mark: char) -> bool {
        let found = self.tokens.get(self.at) == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, mark: char) -> Result<(), Refusal> {
        if self.takes(mark) { Ok(()) } else { Err(self.syntax()) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(next)) if next.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn word(&mut self) -> Result<String, Refusal> {
        match self.next() {
            Some(Token::Word(word)) => Ok(word),
            _ => Err(self.syntax()),
        }
    }

    fn either(&mut self) -> Result<Filter, Refusal> {
        let mut all = vec![self.both()?];
        while self.takes_word("or") {
            all.push(self.both()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Filter::Or(all) })
    }

    fn both(&mut self) -> Result<Filter, Refusal> {
        let mut all = vec![self.single()?];
        while self.takes_word("and") {
            all.push(self.single()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Filter::And(all) })
    }

    fn single(&mut self) -> Result<Filter, Refusal> {
        if self.takes_word("not") {
            return Ok(Filter::Not(Box::new(self.single()?)));
        }
        if self.takes('(') {
            let inner = self.either()?;
            self.expect(')')?;
            return Ok(inner);
        }
        let first = self.word()?;
        if self.takes('(') {
            return self.function(&first);
        }
        self.about(&first)
    }

    fn function(&mut self, name: &str) -> Result<Filter, Refusal> {
        let (operator, ends) = match name.to_ascii_lowercase().as_str() {
            "startswith" => ("startsWith", false),
            "endswith" => ("endsWith", true),
            "contains" => {
                return Err(Refusal::unsupported_query(
                    "Filter operator 'Contains' is not supported.",
                ));
            }
            _ => {
                return Err(Refusal::malformed_url(format!(
                    "Invalid filter clause: An unknown function with name '{name}' was found."
                )));
            }
        };
        let first = self.word()?;
        let (operand, property, kind) = self.operand(&first)?;
        self.expect(',')?;
        let Some(Token::Text(text)) = self.next() else { return Err(self.syntax()) };
        self.expect(')')?;
        if !property.supports(operator) || !matches!(kind, Kind::Text(_)) {
            return Err(self.unsupported(property));
        }
        let affix = if operand.exact_case { text } else { text.to_lowercase() };
        let found = Filter::Test(
            operand,
            if ends { Test::EndsWith(affix) } else { Test::StartsWith(affix) },
        );
        // `startsWith(…) eq true` is the long form.
        if self.takes_word("eq") {
            return match self.literal()? {
                Literal::Bool(true) => Ok(found),
                Literal::Bool(false) => Ok(Filter::Not(Box::new(found))),
                _ => Err(self.incompatible()),
            };
        }
        Ok(found)
    }

    /// A path: names with slashes, to a property, an item's member, `any(…)` or `$count`.
    fn about(&mut self, first: &str) -> Result<Filter, Refusal> {
        if self.tokens.get(self.at) == Some(&Token::Mark('/')) && self.item_named(first).is_none() {
            let property = self.property(first)?;
            if matches!(property.kind, Kind::Texts | Kind::Objects) {
                self.expect('/')?;
                return self.collection(property);
            }
        }
        let (operand, property, kind) = self.operand(first)?;
        let operator = self.word()?.to_ascii_lowercase();
        if operator == "in" {
            return self.one_of(operand, property, kind);
        }
        let literal = self.literal()?;
        self.check_type(&literal, kind)?;
        let supported = match (operator.as_str(), &literal) {
            ("eq", Literal::Null) => property.supports("null"),
            ("eq" | "ne" | "ge" | "le", _) => property.supports(&operator),
            ("gt" | "lt", _) => false,
            _ => return Err(self.syntax()),
        };
        if !supported {
            return Err(self.unsupported(property));
        }
        let literal = if operand.exact_case { literal } else { literal.folded() };
        Ok(Filter::Test(
            operand,
            match operator.as_str() {
                "eq" => Test::Equal(literal),
                "ne" => Test::NotEqual(literal),
                "ge" => Test::AtLeast(literal),
                _ => Test::AtMost(literal),
            },
        ))
    }

    fn one_of(
        &mut self,
        operand: Operand,
        property: &'static Property,
        kind: Kind,
    ) -> Result<Filter, Refusal> {
        if !property.supports("in") {
            return Err(self.unsupported(property));
        }
        self.expect('(')?;
        let mut literals = Vec::new();
        loop {
            let literal = self.literal()?;
            self.check_type(&literal, kind)?;
            literals.push(if operand.exact_case { literal } else { literal.folded() });
            if !self.takes(',') {
                break;
            }
        }
        self.expect(')')?;
        // Graph evaluates `in` as that many clauses joined by `or`, of which it takes 15.
        if literals.len() > LONGEST_IN {
            return Err(Refusal::unsupported_query(format!(
                "Too many child clauses specified in search filter expression containing 'OR' operators: {}. Max allowed: {LONGEST_IN}.",
                literals.len()
            )));
        }
        Ok(Filter::Test(operand, Test::OneOf(literals)))
    }

    fn collection(&mut self, property: &'static Property) -> Result<Filter, Refusal> {
        let operand =
            Operand { property: property.name, member: None, of_item: false, exact_case: false };
        let word = self.word()?.to_ascii_lowercase();
        match word.as_str() {
            "$count" => {
                let operator = self.word()?.to_ascii_lowercase();
                let literal = self.literal()?;
                match (operator.as_str(), literal) {
                    ("eq" | "ne", Literal::Number(0)) if property.supports("count") => {
                        Ok(Filter::Count(operand, operator == "eq", 0))
                    }
                    _ => Err(self.unsupported(property)),
                }
            }
            "any" => {
                self.expect('(')?;
                if self.takes(')') {
                    return Ok(Filter::Any(operand, None));
                }
                let variable = self.word()?;
                self.expect(':')?;
                let outer = self.item.replace(Item { variable, collection: property });
                if outer.is_some() {
                    return Err(self.unsupported(property));
                }
                let inner = self.either()?;
                self.item = None;
                self.expect(')')?;
                Ok(Filter::Any(operand, Some(Box::new(inner))))
            }
            _ => Err(self.unsupported(property)),
        }
    }

    fn item_named(&self, name: &str) -> Option<&'static Property> {
        self.item.as_ref().filter(|item| item.variable == name).map(|item| item.collection)
    }

    fn property(&self, name: &str) -> Result<&'static Property, Refusal> {
        let property = self.resource.property(name).ok_or_else(|| {
            Refusal::malformed_url(format!(
                "Invalid filter clause: Could not find a property named '{name}' on type '{}'.",
                self.resource.type_name
            ))
        })?;
        if property.access == Access::Outside {
            return Err(Refusal::outside_the_directory());
        }
        Ok(property)
    }

    /// A name with at most one member behind it, and the type of what it stands for.
    fn operand(&mut self, first: &str) -> Result<(Operand, &'static Property, Kind), Refusal> {
        let item = self.item_named(first);
        let property = match item {
            Some(collection) => collection,
            None => self.property(first)?,
        };
        let member = if self.takes('/') { Some(self.word()?) } else { None };
        let kind = match (property.kind, &member) {
            (Kind::Object, Some(_)) => Kind::Text(ANY_LENGTH),
            (Kind::Objects, Some(_)) | (Kind::Texts, None) if item.is_some() => {
                Kind::Text(ANY_LENGTH)
            }
            (Kind::Object | Kind::Objects | Kind::Texts, _) | (_, Some(_)) => {
                return Err(self.unsupported(property));
            }
            (kind, None) => kind,
        };
        let operand = Operand {
            property: property.name,
            member,
            of_item: item.is_some(),
            // Base64: two values may differ in nothing but case.
            exact_case: property.name == "onPremisesImmutableId",
        };
        Ok((operand, property, kind))
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => literal(&word).ok_or_else(|| self.syntax()),
            _ => Err(self.syntax()),
        }
    }

    fn check_type(&self, literal: &Literal, kind: Kind) -> Result<(), Refusal> {
        let fits = match literal {
            Literal::Null => true,
            Literal::Text(_) | Literal::Guid(_) => matches!(kind, Kind::Text(_)),
            Literal::Time(_) => kind == Kind::Time,
            Literal::Bool(_) => kind == Kind::Bool,
            Literal::Number(_) => kind == Kind::Int,
        };
        if fits { Ok(()) } else { Err(self.incompatible()) }
    }

    fn incompatible(&self) -> Refusal {
        Refusal::malformed_url(format!(
            "Invalid filter clause: A binary operator with incompatible types was detected in '{}'.",
            self.expression
        ))
    }

    fn unsupported(&self, property: &Property) -> Refusal {
        Refusal::unsupported_clause(property.name, self.resource.name)
    }
}

const LONGEST_IN: usize = 15;

fn literal(word: &str) -> Option<Literal> {
    match word.to_ascii_lowercase().as_str() {
        "null" => return Some(Literal::Null),
        "true" => return Some(Literal::Bool(true)),
        "false" => return Some(Literal::Bool(false)),
        _ => {}
    }
    if let Ok(guid) = uuid::Uuid::try_parse(word) {
        return Some(Literal::Guid(guid.to_string()));
    }
    if let Ok(number) = word.parse() {
        return Some(Literal::Number(number));
    }
    word.parse().ok().map(Literal::Time)
}

impl Literal {
    fn folded(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.to_lowercase()),
            other => other,
        }
    }
}
