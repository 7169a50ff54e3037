//! The grammar: one function a clause.

use std::sync::Arc;

use super::lexer::{Kind, Token, is_reserved};
use super::names::child_named;
use super::order::Key;
use super::{Aggregate, Column, ColumnValue, Node, Query, Select, malformed};
use crate::local_org::data::{self, Child, Object};
use crate::local_org::filter::Path;
use crate::local_org::soap::Fault;

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    /// Index of the token at hand.
    pub(super) next: usize,
}

/// The object of a query and the name it goes by in paths.
#[derive(Clone)]
pub(super) struct Source {
    pub(super) object: &'static Object,
    /// The relationship, in a subquery.
    child: Option<&'static Child>,
    pub(super) alias: Option<String>,
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
    /// The one query that the text must be.
    pub(super) fn whole(mut self) -> Result<Query, Fault> {
        let (query, _) = self.query(None)?;
        match self.peek() {
            None => Ok(query),
            Some(_) => Err(self.unexpected()),
        }
    }

    /// A query up to its end or closing parenthesis. `outer` is set in a subquery, whose FROM names a
    /// relationship.
    pub(super) fn query(
        &mut self,
        outer: Option<&'static Object>,
    ) -> Result<(Query, Source), Fault> {
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
        let order = self.order_by(&source, &keys)?;
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
        let all_fields = list.all_fields.is_some();
        let paths = list.paths.iter().map(|(path, _)| path.clone()).collect();
        let select = self.select(list, keys)?;
        let query = Query {
            object: source.object,
            select,
            paths,
            filter,
            order,
            all_fields,
            limit,
        };
        Ok((query, source))
    }

    /// Looks ahead to the FROM of this query: the SELECT list cannot be read without it.
    fn source(&self, outer: Option<&'static Object>) -> Result<Source, Fault> {
        let name = self.from().map(|from| from + 1);
        let Some((
            at,
            Token {
                kind: Kind::Word(name),
                start,
            },
        )) = name.and_then(|at| Some((at, self.tokens.get(at)?)))
        else {
            return Err(malformed(
                self.text,
                self.text.len(),
                "unexpected token: '<EOF>'",
            ));
        };
        let child = outer.and_then(|outer| child_named(outer, name));
        let object = match outer {
            None => data::object(name),
            Some(_) => child.map(|child| child.object),
        };
        let object = object.ok_or_else(|| self.no_such_object(name, *start, outer))?;
        let alias = match self.tokens.get(at + 1).map(|token| &token.kind) {
            Some(Kind::Word(word)) if !is_reserved(word) => Some(word.clone()),
            _ => None,
        };
        Ok(Source {
            object,
            child,
            alias,
        })
    }

    /// The index of this query's FROM, past those of its subqueries.
    fn from(&self) -> Option<usize> {
        let mut depth = 0_usize;
        for at in self.next..self.tokens.len() {
            match &self.tokens[at].kind {
                Kind::Symbol("(") => depth += 1,
                Kind::Symbol(")") => depth = depth.checked_sub(1)?,
                Kind::Word(word) if depth == 0 && word.eq_ignore_ascii_case("FROM") => {
                    return Some(at);
                }
                _ => {}
            }
        }
        None
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
                let path = Path {
                    parents: Vec::new(),
                    field,
                };
                self.add_path(&mut list.nodes, &path, start)?;
                list.paths.push((path, start));
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
        let (query, inner) = self.query(Some(source.object))?;
        self.close()?;
        if let Some(child) = inner.child {
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
        let mut keys = Vec::new();
        loop {
            let (name, start) = self.word()?;
            keys.push(self.path(source, &name, start)?);
            if !self.symbol(",") {
                return Ok(keys);
            }
        }
    }

    fn order_by(&mut self, source: &Source, keys: &[Path]) -> Result<Vec<Key>, Fault> {
        if !self.is_keyword("ORDER") {
            return Ok(Vec::new());
        }
        self.next += 1;
        self.keyword("BY")?;
        let mut order = Vec::new();
        loop {
            let (name, start) = self.word()?;
            let path = self.path(source, &name, start)?;
            if !keys.is_empty() && !keys.contains(&path) {
                let message = format!("Ordered field must be grouped or aggregated: {name}");
                return Err(malformed(self.text, start, &message));
            }
            order.push(self.direction(path)?);
            if !self.symbol(",") {
                return Ok(order);
            }
        }
    }

    /// Nil comes first unless the query says otherwise, in both directions (SOQL reference, ORDER BY).
    fn direction(&mut self, path: Path) -> Result<Key, Fault> {
        let descending = self.is_keyword("DESC");
        if descending || self.is_keyword("ASC") {
            self.next += 1;
        }
        let mut nulls_last = false;
        if self.is_keyword("NULLS") {
            self.next += 1;
            nulls_last = self.is_keyword("LAST");
            if !nulls_last && !self.is_keyword("FIRST") {
                return Err(self.unexpected());
            }
            self.next += 1;
        }
        Ok(Key {
            path,
            descending,
            nulls_last,
        })
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

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    pub(super) fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: Kind::Word(word), .. }) if word.eq_ignore_ascii_case(keyword))
    }

    pub(super) fn keyword(&mut self, keyword: &str) -> Result<(), Fault> {
        if !self.is_keyword(keyword) {
            return Err(self.unexpected());
        }
        self.next += 1;
        Ok(())
    }

    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token { kind: Kind::Symbol(other), .. }) if *other == symbol);
        self.next += usize::from(found);
        found
    }

    pub(super) fn close(&mut self) -> Result<(), Fault> {
        if self.symbol(")") {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(super) fn word(&mut self) -> Result<(String, usize), Fault> {
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

    pub(super) fn unexpected(&self) -> Fault {
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
}
