//! What prefixes stand for.

use super::MAX_ATTRIBUTES;
use super::name::same;

/// The namespaces in scope.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    /// Innermost last.
    bindings: Vec<Binding<'a>>,
}

#[derive(Debug, Clone, Copy)]
struct Binding<'a> {
    prefix: &'a str,
    /// As written: a namespace spelled with entities stays unknown.
    uri: &'a str,
    /// The depth of the element that declares it.
    depth: usize,
}

impl<'a> Scope<'a> {
    /// Enters a declaration of the element at this depth, unless there are too many. The default
    /// namespace has no prefix.
    pub(super) fn bind(&mut self, prefix: &'a str, uri: &'a str, depth: usize) -> bool {
        let has_room = self.bindings.len() < MAX_ATTRIBUTES;
        if has_room {
            self.bindings.push(Binding { prefix, uri, depth });
        }
        has_room
    }

    /// Leaves the element at this depth; whether it had declared anything.
    pub(super) fn leave(&mut self, depth: usize) -> bool {
        let before = self.bindings.len();
        while self
            .bindings
            .last()
            .is_some_and(|binding| binding.depth == depth)
        {
            self.bindings.pop();
        }
        self.bindings.len() < before
    }

    /// What a prefix stands for; empty when it stands for nothing.
    pub(super) fn namespace(&self, prefix: &str) -> &'a str {
        self.bindings
            .iter()
            .rev()
            .find(|binding| same(binding.prefix, prefix))
            .map_or("", |binding| binding.uri)
    }

    /// The declarations as attributes, but for the URIs in `without`.
    pub(super) fn declarations(&self, without: &[&str]) -> String {
        let mut declarations = String::new();
        for (at, binding) in self.bindings.iter().enumerate() {
            let hidden = self.bindings[at + 1..]
                .iter()
                .any(|inner| inner.prefix == binding.prefix);
            if hidden || without.contains(&binding.uri) {
                continue;
            }
            let colon = if binding.prefix.is_empty() { "" } else { ":" };
            // It may have been quoted with the other quote.
            let uri = binding.uri.replace('"', "&quot;");
            declarations.push_str(&format!(" xmlns{colon}{}=\"{uri}\"", binding.prefix));
        }
        declarations
    }
}
