//! Scalars of one compose file as texts, with their variables replaced.

use std::rc::Rc;

use super::scalar;
use super::store::Parsed;
use super::variables::Variables;
use crate::interpolate::{Mode, Problem, interpolate};
use crate::order;
use crate::source::Span;
use crate::text::{Encoding, Text};
use crate::yaml::{Kind, NodeId, Plain, Tree};

/// Where a file's values are read: its relative paths and its variables.
#[derive(Debug)]
pub(super) struct Scope {
    /// Relative paths start here.
    pub(super) folder: String,
    /// What may be used in values.
    pub(super) variables: Rc<Variables>,
}

/// A file in a scope.
#[derive(Clone)]
pub(super) struct Values {
    pub(super) file: Rc<Parsed>,
    pub(super) scope: Rc<Scope>,
    pub(super) mode: Mode,
}

impl Values {
    /// The file's tree.
    #[inline]
    pub(super) fn tree(&self) -> &Tree {
        &self.file.tree
    }

    /// The type of a scalar; `None` for a collection.
    pub(super) fn plain(&self, node: NodeId) -> Option<Plain> {
        self.tree().plain(node)
    }

    /// True for no value, `null` or `~`.
    pub(super) fn is_null(&self, node: NodeId) -> bool {
        self.tree().plain(node) == Some(Plain::Null)
    }

    /// True for `{{ … }}` without quotes: YAML makes it a mapping, its author a template.
    pub(super) fn is_template(&self, node: NodeId) -> bool {
        let Some(id) = self.tree().resolve(node).filter(|_| self.file.has_braces) else { return false };
        self.mode == Mode::Open
            && self.tree().is_mapping(id)
            && self.tree().is_flow(id)
            && self.file.source(self.tree().span(id)).starts_with("{{")
    }

    /// A scalar as Compose has it, variables replaced; `None` for a collection.
    pub(super) fn text(&self, node: NodeId) -> Option<Text> {
        let plain = self.tree().plain(node)?;
        let text = self.tree().text(node)?;
        match plain {
            Plain::String | Plain::Merge => Some(self.replaced(text).0),
            Plain::Integer if scalar::is_decimal(text.as_str()) => Some(text),
            plain => {
                let printed = match scalar::printed(plain, text.as_str()) {
                    Some(printed) if printed == text.as_str() => return Some(text),
                    printed => printed,
                };
                Some(match printed {
                    Some(printed) => Text::decoded(printed, text.place()),
                    None => Text::hole(text.place()),
                })
            }
        }
    }

    /// A string, variables replaced; `None` for a collection, a number, a boolean or null.
    pub(super) fn string(&self, node: NodeId) -> Option<Text> {
        match self.tree().plain(node)? {
            Plain::String => Some(self.replaced(self.tree().text(node)?).0),
            _ => None,
        }
    }

    /// `text` with its variables replaced, and what is wrong with them.
    pub(super) fn replaced(&self, text: Text) -> (Text, Vec<Problem>) {
        let templated = if self.mode == Mode::Open && self.file.has_braces { template(&text) } else { None };
        let is_template = templated.is_some();
        let text = templated.unwrap_or(text);
        if !self.file.has_dollar || memchr::memchr(b'$', text.as_str().as_bytes()).is_none() {
            return (text.layered(|e| Encoding { dollar: true, ..e }), Vec::new());
        }
        let lookup = |name: &str| self.scope.variables.lookup(name);
        let mut result = interpolate(text.slice(), &lookup, self.mode);
        if is_template {
            result.problems.clear();
        }
        (result.text, result.problems)
    }

    /// True for a scalar that is what it is: nothing is put in, and no part of it can be unknown.
    pub(super) fn is_fixed(&self, node: NodeId) -> bool {
        let fixed = |text: &str| text.is_ascii() && memchr::memchr2(b'$', b'{', text.as_bytes()).is_none();
        self.file.is_fixed || self.tree().str(node).is_some_and(fixed)
    }

    /// A value with its types, keys sorted, so that two are equal when their texts are.
    pub(super) fn deep(&self, node: NodeId) -> String {
        self.deep_after(node, |_, _| None)
    }

    /// As [`Values::deep`], once `cast` has made of texts what Compose makes of them at once: of the value of a key.
    pub(super) fn deep_after(&self, node: NodeId, cast: fn(&str, &str) -> Option<String>) -> String {
        let tree = self.tree();
        let value = |key: &str, value| {
            let text = (tree.plain(value) == Some(Plain::String)).then(|| self.text(value)).flatten();
            let made = text.and_then(|text| cast(key, text.as_str()));
            made.unwrap_or_else(|| self.deep_after(value, cast))
        };
        match tree.resolve(node).map(|id| tree.kind(id)) {
            Some(Kind::Mapping(_)) => {
                let entries = tree.entries(node);
                let pair = |key| format!("{key:?}: ");
                let mut all: Vec<String> = entries
                    .iter()
                    .map(|e| (tree.str(e.key).unwrap_or(""), e.value))
                    .map(|(key, node)| pair(key) + &value(key, node))
                    .collect();
                order::sort(&mut all);
                format!("{{{}}}", all.join(", "))
            }
            Some(Kind::Sequence(items)) => {
                let all: Vec<String> = items.iter().map(|item| self.deep_after(*item, cast)).collect();
                format!("[{}]", all.join(", "))
            }
            _ => match (self.plain(node), self.text(node)) {
                (Some(Plain::String | Plain::Merge), Some(text)) => format!("{:?}", text.as_str()),
                (_, text) => text.map_or_else(String::new, |text| text.as_str().to_owned()),
            },
        }
    }

    /// A value as Go's `%v` writes it: how a list or mapping comes to be a text when it is put together with others.
    pub(super) fn printed(&self, node: NodeId) -> String {
        let tree = self.tree();
        match tree.resolve(node).map(|id| tree.kind(id)) {
            Some(Kind::Mapping(_)) => {
                let mut all: Vec<(&str, String)> = tree
                    .entries(node)
                    .iter()
                    .map(|e| (tree.str(e.key).unwrap_or(""), self.printed(e.value)))
                    .collect();
                order::sort(&mut all);
                let all: Vec<String> = all.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
                format!("map[{}]", all.join(" "))
            }
            Some(Kind::Sequence(items)) => {
                let all: Vec<String> = items.iter().map(|item| self.printed(*item)).collect();
                format!("[{}]", all.join(" "))
            }
            _ if self.is_null(node) => "<nil>".to_owned(),
            _ => self.text(node).map_or_else(String::new, |text| text.as_str().to_owned()),
        }
    }

    /// A whole node as it stands in the file.
    pub(super) fn whole(&self, node: NodeId) -> Text {
        let span = self.span(node);
        Text::literal(self.file.source(span).to_owned(), span, Encoding::default())
    }

    /// The bytes of what stands at the node, through an alias.
    pub(super) fn span(&self, node: NodeId) -> Span {
        self.tree().span(self.tree().resolve(node).unwrap_or(node))
    }

    /// True for an `!override`, or an alias to one: what earlier files say goes, then this comes (`loader/reset.go`).
    pub(super) fn is_override(&self, node: NodeId) -> bool {
        let tree = self.tree();
        let has_tag = |id| tree.tag(id).is_some_and(|t| t.0 == "!override");
        self.file.has_tags
            && !self.file.below_override.contains(&node)
            && (has_tag(node) || tree.resolve(node).is_some_and(has_tag))
    }
}

/// `text` with a hole for each `{{ … }}`; `None` when there is none.
fn template(text: &Text) -> Option<Text> {
    let s = text.as_str();
    let (mut at, mut out) = (0, None);
    while let Some(open) = s.get(at..).and_then(|rest| rest.find("{{")) {
        let Some(close) = s.get(at + open..).and_then(|rest| rest.find("}}")) else { break };
        let out = out.get_or_insert_with(|| Text::at(text.place()));
        let (from, to) = (at + open, at + open + close + 2);
        out.push_slice(text.slice().range(at..from), |e| e);
        out.push_hole(text.slice().range(from..to).span());
        at = to;
    }
    let mut out = out?;
    out.push_slice(text.slice().range(at..s.len()), |e| e);
    Some(out)
}
