//! WHERE: conditions and the values they compare with.

use std::sync::OnceLock;

use super::lexer::Kind;
use super::parser::{Parser, Source};
use super::{Select, malformed};
use crate::local_org::filter::{Expression, Literal, Operator, Path, Within};
use crate::local_org::soap::Fault;

impl Parser<'_> {
    /// `a OR b OR c`
    pub(super) fn alternatives(&mut self, source: &Source) -> Result<Expression, Fault> {
        let mut parts = vec![self.conditions(source)?];
        while self.is_keyword("OR") {
            self.next += 1;
            parts.push(self.conditions(source)?);
        }
        Ok(Expression::Any(parts))
    }

    /// `a AND b AND c`
    fn conditions(&mut self, source: &Source) -> Result<Expression, Fault> {
        let mut parts = vec![self.condition(source)?];
        while self.is_keyword("AND") {
            self.next += 1;
            parts.push(self.condition(source)?);
        }
        Ok(Expression::All(parts))
    }

    fn condition(&mut self, source: &Source) -> Result<Expression, Fault> {
        if self.is_keyword("NOT") {
            self.next += 1;
            return Ok(Expression::Not(Box::new(self.condition(source)?)));
        }
        if self.symbol("(") {
            let inner = self.alternatives(source)?;
            self.close()?;
            return Ok(inner);
        }
        let (name, start) = self.word()?;
        let path = self.path(source, &name, start)?;
        if self.is_keyword("NOT") {
            self.next += 1;
            self.keyword("IN")?;
            return Ok(Expression::Not(Box::new(self.list(path)?)));
        }
        if self.is_keyword("IN") {
            self.next += 1;
            return self.list(path);
        }
        let operator = match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Symbol("=")) => Operator::Equal,
            Some(Kind::Symbol("!=" | "<>")) => Operator::NotEqual,
            Some(Kind::Symbol("<")) => Operator::Less,
            Some(Kind::Symbol("<=")) => Operator::LessOrEqual,
            Some(Kind::Symbol(">")) => Operator::Greater,
            Some(Kind::Symbol(">=")) => Operator::GreaterOrEqual,
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(Expression::Compare(path, operator, self.literal()?))
    }

    /// What follows IN: values, or a query that has them in its one column.
    fn list(&mut self, path: Path) -> Result<Expression, Fault> {
        if !self.symbol("(") {
            return Err(self.unexpected());
        }
        if !self.is_keyword("SELECT") {
            return Ok(Expression::In(path, self.literals()?));
        }
        let start = self.peek().map_or(0, |token| token.start);
        let (query, _) = self.query(None)?;
        self.close()?;
        let is_plain = matches!(query.select, Select::Records(_))
            && query.order.is_empty()
            && query.limit.is_none();
        match &query.paths[..] {
            [column] if is_plain => Ok(Expression::Within(
                path,
                Box::new(Within {
                    column: column.clone(),
                    query,
                    values: OnceLock::new(),
                }),
            )),
            _ => Err(malformed(
                self.text,
                start,
                "A semi join has one field in its SELECT list, and neither ORDER BY nor LIMIT",
            )),
        }
    }

    fn literals(&mut self) -> Result<Vec<Literal>, Fault> {
        let mut literals = Vec::new();
        loop {
            literals.push(self.literal()?);
            if !self.symbol(",") {
                self.close()?;
                return Ok(literals);
            }
        }
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        let literal = match self.peek().map(|token| token.kind.clone()) {
            Some(Kind::Text(text)) => Literal::Text(text),
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("NULL") => Literal::Null,
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("TRUE") => {
                Literal::Text("true".to_owned())
            }
            Some(Kind::Word(word)) if word.eq_ignore_ascii_case("FALSE") => {
                Literal::Text("false".to_owned())
            }
            Some(Kind::Word(word))
                if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
            {
                // What is no number is a date, and dates compare as text.
                word.parse().map_or(Literal::Text(word), Literal::Number)
            }
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(literal)
    }
}
