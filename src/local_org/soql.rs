//! A small reader of SOQL: enough for the queries that clients are tested with, and the service's own
//! faults for the rest.
//!
//! `ORDER BY` is checked but not obeyed: rows come newest first. No date literals, TYPEOF, HAVING or
//! functions other than the aggregates and FIELDS().

use std::sync::Arc;

use super::data::{self, Child, Field, Object, Parent};
use super::filter::{Expression, Literal, Operator, Path};
use super::soap::{Fault, FaultKind};

/// Parent relationships that a path may cross; 5 in the documents, 10 in the deepest records seen.
const DEEPEST_PATH: usize = 10;
const KEYWORDS: [&str; 14] = [
    "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "BY",
    "HAVING", "WITH", "FOR",
];

/// A query, bound to the objects it names.
pub(super) struct Query {
    pub(super) object: &'static Object,
    pub(super) select: Select,
    pub(super) filter: Option<Expression>,
    pub(super) limit: Option<u64>,
}

/// What a query returns.
pub(super) enum Select {
    /// `COUNT()`: no records, only a size.
    Count,
    Records(Vec<Node>),
    /// AggregateResults: one for each different list of keys.
    Groups {
        keys: Vec<Path>,
        columns: Vec<Column>,
    },
}

/// One thing in a record, in the order of the SELECT list.
pub(super) enum Node {
    Field(&'static Field),
    Parent(&'static Parent, Vec<Node>),
    Children(&'static Child, Arc<Query>),
}

/// One column of an AggregateResult.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) value: ColumnValue,
}

pub(super) enum ColumnValue {
    /// The key at this place in the GROUP BY list.
    Key(usize),
    Aggregate(Aggregate, Path),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Average,
    Least,
    Greatest,
}

impl Aggregate {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "COUNT" => Self::Count,
            "COUNT_DISTINCT" => Self::CountDistinct,
            "SUM" => Self::Sum,
            "AVG" => Self::Average,
            "MIN" => Self::Least,
            "MAX" => Self::Greatest,
            _ => return None,
        })
    }
}

/// Reads a query.
///
/// # Errors
/// The fault that the service would give, with the place marked.
pub(super) fn parse(text: &str) -> Result<Query, Fault> {
    let tokens = Lexer { text }.tokens()?;
    let mut parser = Parser {
        text,
        tokens,
        next: 0,
    };
    let query = parser.query(None)?;
    match parser.peek() {
        None => Ok(query),
        Some(_) => Err(parser.unexpected()),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// Names, with their dots, and bare literals: numbers, dates, `true`.
    Word(String),
    Text(String),
    Symbol(&'static str),
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    start: usize,
}

struct Lexer<'a> {
    text: &'a str,
}

impl Lexer<'_> {
    fn tokens(&self) -> Result<Vec<Token>, Fault> {
        const SYMBOLS: [&str; 10] = ["!=", "<>", "<=", ">=", "(", ")", ",", "=", "<", ">"];
        let mut tokens = Vec::new();
        let mut at = 0;
        while let Some(first) = self.text[at..].chars().next() {
            let rest = &self.text[at..];
            if first.is_whitespace() {
                at += first.len_utf8();
            } else if first == '\'' {
                let (value, length) = self.quoted(at)?;
                tokens.push(Token {
                    kind: Kind::Text(value),
                    start: at,
                });
                at += length;
            } else if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol))
            {
                tokens.push(Token {
                    kind: Kind::Symbol(symbol),
                    start: at,
                });
                at += symbol.len();
            } else {
                let is_word = |c: char| c.is_alphanumeric() || "_.:+-".contains(c);
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Err(malformed(
                        self.text,
                        at,
                        &format!("unexpected token: '{first}'"),
                    ));
                }
                tokens.push(Token {
                    kind: Kind::Word(rest[..length].to_owned()),
                    start: at,
                });
                at += length;
            }
        }
        Ok(tokens)
    }

    /// The value of a quoted string, and its length with quotes and escapes.
    fn quoted(&self, start: usize) -> Result<(String, usize), Fault> {
        let mut value = String::new();
        let mut characters = self.text[start..].char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\'' => return Ok((value, at + 1)),
                '\\' => match characters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, other)) => value.push(other),
                    None => break,
                },
                other => value.push(other),
            }
        }
        Err(malformed(self.text, start, "unterminated string literal"))
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
}

/// The object of a query and the name it goes by in paths.
#[derive(Clone)]
struct Source {
    object: &'static Object,
    alias: Option<String>,
}

/// A SELECT list while it is read.
#[derive(Default)]
struct List {
    nodes: Vec<Node>,
    /// Plain paths, which become keys if there is an aggregate.
    paths: Vec<(Path, usize)>,
    columns: Vec<(Option<String>, Picked)>,
    count_alone: bool,
    all_fields: Option<usize>,
}

enum Picked {
    Path(usize),
    Aggregate(Aggregate, Path),
}

impl Parser<'_> {
    /// A query up to its end or closing parenthesis. `outer` is set in a subquery, whose FROM names a
    /// relationship.
    fn query(&mut self, outer: Option<&'static Object>) -> Result<Query, Fault> {
        self.keyword("SELECT")?;
        let source = self.source(outer)?;
        let mut list = List::default();
        loop {
            self.item(&source, &mut list)?;
            if !self.symbol(",") {
                break;
            }
        }
        self.keyword("FROM")?;
        self.next += if source.alias.is_some() { 2 } else { 1 };
        let filter = if self.is_keyword("WHERE") {
            self.next += 1;
            Some(self.alternatives(&source)?)
        } else {
            None
        };
        let keys = self.group_by(&source)?;
        self.order_by(&source)?;
        let limit = self.number_after("LIMIT")?;
        if let Some(start) = list.all_fields
            && limit.is_none_or(|limit| limit > 200)
        {
            return Err(malformed(
                self.text,
                start,
                "The SOQL FIELDS function must have a LIMIT of at most 200",
            ));
        }
        let select = self.select(list, keys)?;
        Ok(Query {
            object: source.object,
            select,
            filter,
            limit,
        })
    }

    /// Looks ahead to the FROM of this query.
    fn source(&self, outer: Option<&'static Object>) -> Result<Source, Fault> {
        let mut depth = 0_usize;
        for at in self.next..self.tokens.len() {
            match &self.tokens[at].kind {
                Kind::Symbol("(") => depth += 1,
                Kind::Symbol(")") if depth == 0 => break,
                Kind::Symbol(")") => depth -= 1,
                Kind::Word(word) if depth == 0 && word.eq_ignore_ascii_case("FROM") => {
                    let Some(Token {
                        kind: Kind::Word(name),
                        start,
                    }) = self.tokens.get(at + 1)
                    else {
                        break;
                    };
                    let object = match outer {
                        None => data::object(name),
                        Some(outer) => child_named(outer, name).map(|child| child.object),
                    };
                    let object = object.ok_or_else(|| self.no_such_object(name, *start, outer))?;
                    let alias = match self.tokens.get(at + 2) {
                        Some(Token {
                            kind: Kind::Word(word),
                            ..
                        }) if !is_reserved(word) => Some(word.clone()),
                        _ => None,
                    };
                    return Ok(Source { object, alias });
                }
                _ => {}
            }
        }
        Err(malformed(
            self.text,
            self.text.len(),
            "unexpected token: '<EOF>'",
        ))
    }

    fn item(&mut self, source: &Source, list: &mut List) -> Result<(), Fault> {
        if self.symbol("(") {
            return self.subquery(source, list);
        }
        let (name, start) = self.word()?;
        if !self.symbol("(") {
            let path = self.path(source, &name, start)?;
            let alias = self.alias();
            self.add_path(&mut list.nodes, &path, start)?;
            list.columns.push((alias, Picked::Path(list.paths.len())));
            list.paths.push((path, start));
            return Ok(());
        }
        if name.eq_ignore_ascii_case("FIELDS") {
            let (which, which_start) = self.word()?;
            let all = which.eq_ignore_ascii_case("ALL");
            if !all && !which.eq_ignore_ascii_case("STANDARD") {
                return Err(malformed(
                    self.text,
                    which_start,
                    &format!("unexpected token: '{which}'"),
                ));
            }
            if all {
                list.all_fields = Some(start);
            }
            for field in source
                .object
                .fields
                .iter()
                .filter(|field| all || !field.name.ends_with("__c"))
            {
                self.add_path(
                    &mut list.nodes,
                    &Path {
                        parents: Vec::new(),
                        field,
                    },
                    start,
                )?;
            }
            return self.close();
        }
        let Some(aggregate) = Aggregate::named(&name) else {
            return Err(malformed(
                self.text,
                start,
                &format!("unexpected token: '{name}'"),
            ));
        };
        if aggregate == Aggregate::Count && self.symbol(")") {
            list.count_alone = true;
            return Ok(());
        }
        let (argument, argument_start) = self.word()?;
        let path = self.path(source, &argument, argument_start)?;
        self.close()?;
        let alias = self.alias();
        list.columns
            .push((alias, Picked::Aggregate(aggregate, path)));
        Ok(())
    }

    fn subquery(&mut self, source: &Source, list: &mut List) -> Result<(), Fault> {
        let query = self.query(Some(source.object))?;
        self.close()?;
        // The source was found by this name, so it is there.
        let child = source
            .object
            .children
            .iter()
            .find(|child| std::ptr::eq(child.object, query.object));
        if let Some(child) = child {
            list.nodes.push(Node::Children(child, Arc::new(query)));
        }
        Ok(())
    }

    fn select(&self, list: List, key_paths: Vec<Path>) -> Result<Select, Fault> {
        if list.count_alone {
            return match list.columns.is_empty() && list.nodes.is_empty() && key_paths.is_empty() {
                true => Ok(Select::Count),
                false => Err(malformed(
                    self.text,
                    0,
                    "COUNT() must be the only element in the SELECT list",
                )),
            };
        }
        let aggregated = list
            .columns
            .iter()
            .any(|(_, picked)| matches!(picked, Picked::Aggregate(..)));
        if !aggregated && key_paths.is_empty() {
            return Ok(Select::Records(list.nodes));
        }
        let mut unnamed = 0;
        let mut columns = Vec::new();
        for (alias, picked) in list.columns {
            let column = match picked {
                Picked::Aggregate(aggregate, path) => {
                    let name = alias.unwrap_or_else(|| {
                        unnamed += 1;
                        format!("expr{}", unnamed - 1)
                    });
                    Column {
                        name,
                        value: ColumnValue::Aggregate(aggregate, path),
                    }
                }
                Picked::Path(index) => {
                    let (path, start) = &list.paths[index];
                    let Some(key) = key_paths.iter().position(|key| key == path) else {
                        let message =
                            format!("Field must be grouped or aggregated: {}", path.field.name);
                        return Err(malformed(self.text, *start, &message));
                    };
                    Column {
                        name: alias.unwrap_or_else(|| path.field.name.to_owned()),
                        value: ColumnValue::Key(key),
                    }
                }
            };
            columns.push(column);
        }
        Ok(Select::Groups {
            keys: key_paths,
            columns,
        })
    }

    fn group_by(&mut self, source: &Source) -> Result<Vec<Path>, Fault> {
        if !self.is_keyword("GROUP") {
            return Ok(Vec::new());
        }
        self.next += 1;
        self.keyword("BY")?;
        self.paths(source, |_| Ok(()))
    }

    fn order_by(&mut self, source: &Source) -> Result<(), Fault> {
        if !self.is_keyword("ORDER") {
            return Ok(());
        }
        self.next += 1;
        self.keyword("BY")?;
        self.paths(source, |parser| {
            if parser.is_keyword("ASC") || parser.is_keyword("DESC") {
                parser.next += 1;
            }
            if parser.is_keyword("NULLS") {
                parser.next += 1;
                if !parser.is_keyword("FIRST") && !parser.is_keyword("LAST") {
                    return Err(parser.unexpected());
                }
                parser.next += 1;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn paths(
        &mut self,
        source: &Source,
        after_each: impl Fn(&mut Self) -> Result<(), Fault>,
    ) -> Result<Vec<Path>, Fault> {
        let mut paths = Vec::new();
        loop {
            let (name, start) = self.word()?;
            paths.push(self.path(source, &name, start)?);
            after_each(self)?;
            if !self.symbol(",") {
                return Ok(paths);
            }
        }
    }

    fn number_after(&mut self, keyword: &str) -> Result<Option<u64>, Fault> {
        if !self.is_keyword(keyword) {
            return Ok(None);
        }
        self.next += 1;
        let (word, start) = self.word()?;
        word.parse()
            .map(Some)
            .map_err(|_| malformed(self.text, start, &format!("unexpected token: '{word}'")))
    }

    /// `a OR b OR c`
    fn alternatives(&mut self, source: &Source) -> Result<Expression, Fault> {
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
            return Ok(Expression::Not(Box::new(Expression::In(
                path,
                self.literals()?,
            ))));
        }
        if self.is_keyword("IN") {
            self.next += 1;
            return Ok(Expression::In(path, self.literals()?));
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

    fn literals(&mut self) -> Result<Vec<Literal>, Fault> {
        if !self.symbol("(") {
            return Err(self.unexpected());
        }
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

    /// Binds `Account.Owner.Name`, with or without the alias of the FROM in front.
    fn path(&self, source: &Source, name: &str, start: usize) -> Result<Path, Fault> {
        let mut parts: Vec<&str> = name.split('.').collect();
        let own_names = [source.alias.as_deref(), Some(source.object.name)];
        let is_own = own_names
            .into_iter()
            .flatten()
            .any(|own| own.eq_ignore_ascii_case(parts[0]));
        if parts.len() > 1 && is_own {
            parts.remove(0);
        }
        let mut object = source.object;
        let mut parents = Vec::new();
        let (field, relationships) = match parts.split_last() {
            Some((field, relationships)) => (*field, relationships),
            None => ("", &[][..]),
        };
        for relationship in relationships {
            let parent = object
                .parents
                .iter()
                .find(|parent| parent.name.eq_ignore_ascii_case(relationship))
                .ok_or_else(|| self.no_such_relationship(relationship, object, start))?;
            parents.push(parent);
            object = parent.object;
        }
        if parents.len() > DEEPEST_PATH {
            return Err(malformed(
                self.text,
                start,
                "Too many levels of parent relationships",
            ));
        }
        let field = object
            .fields
            .iter()
            .find(|candidate| candidate.name.eq_ignore_ascii_case(field))
            .ok_or_else(|| self.no_such_field(field, object, start))?;
        Ok(Path { parents, field })
    }

    /// Adds a path to a tree of nodes: all fields of one parent stand together, where the first stood.
    fn add_path(&self, nodes: &mut Vec<Node>, path: &Path, start: usize) -> Result<(), Fault> {
        let mut nodes = nodes;
        for parent in &path.parents {
            let found = nodes.iter().position(
                |node| matches!(node, Node::Parent(known, _) if std::ptr::eq(*known, *parent)),
            );
            let at = found.unwrap_or_else(|| {
                nodes.push(Node::Parent(parent, Vec::new()));
                nodes.len() - 1
            });
            let Node::Parent(_, inner) = &mut nodes[at] else {
                return Err(malformed(self.text, start, "unexpected relationship"));
            };
            nodes = inner;
        }
        let twice = nodes
            .iter()
            .any(|node| matches!(node, Node::Field(known) if std::ptr::eq(*known, path.field)));
        if twice {
            let message = format!("duplicate field selected: {}", path.field.name);
            return Err(positioned(
                FaultKind::InvalidField,
                "INVALID_FIELD",
                self.text,
                start,
                &message,
            ));
        }
        nodes.push(Node::Field(path.field));
        Ok(())
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: Kind::Word(word), .. }) if word.eq_ignore_ascii_case(keyword))
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if !self.is_keyword(keyword) {
            return Err(self.unexpected());
        }
        self.next += 1;
        Ok(())
    }

    fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Symbol(other), .. }) if *other == symbol);
        self.next += usize::from(found);
        found
    }

    fn close(&mut self) -> Result<(), Fault> {
        if self.symbol(")") {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn word(&mut self) -> Result<(String, usize), Fault> {
        match self.peek() {
            Some(Token {
                kind: Kind::Word(word),
                start,
            }) if !is_reserved(word) => {
                let found = (word.clone(), *start);
                self.next += 1;
                Ok(found)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn alias(&mut self) -> Option<String> {
        let Some(Token {
            kind: Kind::Word(word),
            ..
        }) = self.peek()
        else {
            return None;
        };
        if is_reserved(word) {
            return None;
        }
        let alias = word.clone();
        self.next += 1;
        Some(alias)
    }

    fn unexpected(&self) -> Fault {
        let (start, shown) = match self.peek() {
            None => (self.text.len(), "<EOF>".to_owned()),
            Some(Token {
                kind: Kind::Word(word),
                start,
            }) => (*start, word.clone()),
            Some(Token {
                kind: Kind::Text(text),
                start,
            }) => (*start, text.clone()),
            Some(Token {
                kind: Kind::Symbol(symbol),
                start,
            }) => (*start, (*symbol).to_owned()),
        };
        malformed(self.text, start, &format!("unexpected token: '{shown}'"))
    }

    fn no_such_field(&self, field: &str, object: &Object, start: usize) -> Fault {
        let message = format!(
            "No such column '{field}' on entity '{}'. If you are attempting to use a custom field, be sure to append \
             the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            object.name
        );
        positioned(
            FaultKind::InvalidField,
            "INVALID_FIELD",
            self.text,
            start,
            &message,
        )
    }

    fn no_such_relationship(&self, name: &str, object: &Object, start: usize) -> Fault {
        let message = format!(
            "Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, \
             be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe \
             call for the appropriate names. ({})",
            object.name
        );
        positioned(
            FaultKind::InvalidField,
            "INVALID_FIELD",
            self.text,
            start,
            &message,
        )
    }

    fn no_such_object(&self, name: &str, start: usize, outer: Option<&Object>) -> Fault {
        let message = match outer {
            None => format!(
                "sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append \
                 the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
            ),
            Some(_) => {
                format!("Didn't understand relationship '{name}' in FROM part of query call.")
            }
        };
        positioned(
            FaultKind::InvalidSObject,
            "INVALID_TYPE",
            self.text,
            start,
            &message,
        )
    }
}

fn child_named(object: &Object, name: &str) -> Option<&'static Child> {
    object
        .children
        .iter()
        .find(|child| child.name.eq_ignore_ascii_case(name))
}

fn is_reserved(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(word))
}

fn malformed(text: &str, start: usize, message: &str) -> Fault {
    positioned(
        FaultKind::MalformedQuery,
        "MALFORMED_QUERY",
        text,
        start,
        message,
    )
}

/// A fault that shows the query's line with a caret, as the service does.
fn positioned(
    kind: FaultKind,
    code: &'static str,
    text: &str,
    start: usize,
    message: &str,
) -> Fault {
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[line_start..].lines().next().unwrap_or_default();
    let row = text[..start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let indent = " ".repeat(column - 1);
    let message = format!("\n{line}\n{indent}^\nERROR at Row:{row}:Column:{column}\n{message}");
    Fault {
        kind,
        code,
        message,
        position: Some((row, column)),
    }
}
