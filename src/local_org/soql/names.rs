//! Names bound to objects, relationships and fields, and the faults for those that there are not.

use super::parser::{Parser, Source};
use super::{Node, malformed, positioned};
use crate::local_org::data::{Child, Object};
use crate::local_org::filter::Path;
use crate::local_org::soap::{Fault, FaultKind};

/// Parent relationships that a path may cross; 5 in the documents, 10 in the deepest records seen.
const DEEPEST_PATH: usize = 10;

impl Parser<'_> {
    /// Binds `Account.Owner.Name`, with or without the alias of the FROM in front.
    pub(super) fn path(&self, source: &Source, name: &str, start: usize) -> Result<Path, Fault> {
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
    pub(super) fn add_path(
        &self,
        nodes: &mut Vec<Node>,
        path: &Path,
        start: usize,
    ) -> Result<(), Fault> {
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

    pub(super) fn no_such_object(&self, name: &str, start: usize, outer: Option<&Object>) -> Fault {
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

pub(super) fn child_named(object: &Object, name: &str) -> Option<&'static Child> {
    object
        .children
        .iter()
        .find(|child| child.name.eq_ignore_ascii_case(name))
}
