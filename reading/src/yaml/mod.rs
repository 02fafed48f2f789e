//! YAML as a tree of nodes that know their bytes.
//!
//! [`parse`] never fails: it gives what could be read, and the [`Problem`]s. The tree says what is *written*: aliases
//! stay references, scalars keep their style and their spelling, and `1.10` is text. What a value means (a number, a
//! port, a variable in it) is the business of the rooms to the right; only two rules of Compose's own YAML reader
//! (go-yaml) are applied here: merge keys, in [`Tree::entries`] and [`Tree::get`], and what it refuses although it
//! looks like YAML ([`Problem::Refused`]).
//!
//! Every tree is finite, whatever the input: an alias to a node that holds it has no target, and when aliases blow a
//! file up beyond what go-yaml takes, none has. So the tree may be walked through aliases without a guard.
//!
//! Not for writing YAML: see [`Text::edit`](crate::text::Text::edit) and `fix`. This is the only room that names the
//! parser (granit).

mod check;
mod decode;
mod fault;
mod load;
mod merge;
mod resolve;
#[cfg(test)]
mod tests;

use crate::hash::HashMap;
use std::sync::Arc;

use crate::source::{FileId, Span};
use crate::text::Text;

pub use load::{count_events, parse};
pub use merge::Entry;
pub use resolve::{Plain, plain};

/// A node of one [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// What stands at a node, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'t> {
    /// A scalar, decoded.
    Scalar(&'t str),
    /// A list.
    Sequence(&'t [NodeId]),
    /// Keys and values in file order, `<<` and repeated keys among them. For what they mean: [`Tree::entries`].
    Mapping(&'t [(NodeId, NodeId)]),
    /// A `*name` and the node it stands for, when there is one; that node is never an alias itself.
    Alias(Option<NodeId>),
}

/// What is wrong with a file as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The rest of the document could not be read; the next document is.
    Syntax {
        /// The fault: at least one character, except in an empty file.
        span: Span,
        /// What is wrong, in plain words.
        message: String,
        /// What the fault is inside of: the open bracket or quote, or else the key whose value it is in.
        inside: Option<Span>,
    },
    /// A key stands twice in one mapping. Compose refuses it; lookups give the last.
    DuplicateKey {
        /// The first of its name.
        first: NodeId,
        /// The one that repeats it.
        second: NodeId,
    },
    /// An alias to an anchor that does not stand before it in the file.
    UnknownAlias {
        /// The alias.
        alias: NodeId,
    },
    /// An alias inside the very node it stands for.
    CyclicAlias {
        /// The alias.
        alias: NodeId,
        /// The node that holds it.
        target: NodeId,
    },
    /// It can be read, but Compose's YAML reader makes no value of it. What is below a `!reset` is never made one.
    NoValue {
        /// The fault.
        span: Span,
        /// What is wrong, in plain words.
        message: String,
    },
    /// It can be read, but Compose's YAML reader refuses it.
    Refused {
        /// The fault.
        span: Span,
        /// What is wrong, in plain words.
        message: String,
    },
}

/// A YAML file. See the module.
#[derive(Debug)]
pub struct Tree {
    file: FileId,
    /// The whole file; empty when it is no UTF-8.
    source: Arc<str>,
    nodes: Vec<Node>,
    /// The children of all sequences, and of all mappings: one run each.
    items: Vec<NodeId>,
    pairs: Vec<(NodeId, NodeId)>,
    /// Every decoded text that does not stand in the source as it is.
    decoded: String,
    properties: Vec<Properties>,
    /// For large mappings: the pairs with scalar keys, sorted by key, then by place.
    sorted: HashMap<NodeId, Box<[u32]>>,
    documents: Vec<NodeId>,
    problems: Vec<Problem>,
    comments: Vec<Span>,
}

/// Kept small: a large cluster has a million nodes.
#[derive(Debug, Clone, Copy)]
struct Node {
    start: u32,
    end: u32,
    shape: Shape,
    /// 0, or 1 + index into [`Tree::properties`].
    properties: u32,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    Scalar {
        style: Style,
        /// The run lies in [`Tree::decoded`], not in the source.
        decoded: bool,
        /// Of the lines of a block scalar; [`NO_LINES`] when it has none.
        indent: u16,
        text: Run,
    },
    Sequence(Run),
    Mapping {
        has_merge: bool,
        has_duplicate: bool,
        pairs: Run,
    },
    Alias(Option<NodeId>),
}

/// The indentation of a block scalar that holds nothing but line breaks.
const NO_LINES: u16 = u16::MAX;

/// A range of some vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Run {
    start: u32,
    end: u32,
}

impl Run {
    #[inline]
    fn new(start: usize, end: usize) -> Run {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Run { start: cut(start), end: cut(end) }
    }

    #[inline]
    fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Where tag and anchor stand.
#[derive(Debug, Clone, Copy, Default)]
struct Properties {
    tag: Option<Run>,
    anchor: Option<Run>,
}

impl Tree {
    #[inline]
    fn node(&self, id: NodeId) -> &Node {
        // An id of another tree finds nothing.
        const NOTHING: &Node = &Node { start: 0, end: 0, shape: Shape::Alias(None), properties: 0 };
        self.nodes.get(id.0 as usize).unwrap_or(NOTHING)
    }

    #[inline]
    fn span_of(&self, run: Run) -> Span {
        Span { file: self.file, start: run.start, end: run.end }
    }

    fn source_text(&self, run: Run) -> &str {
        self.source.get(run.start as usize..run.end as usize).unwrap_or_default()
    }

    /// The whole file; empty when it is no UTF-8.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Does `byte` (of ASCII) stand anywhere in the file, or come out of an escape (`"\x24"`)?
    #[must_use]
    pub fn has(&self, byte: u8) -> bool {
        [&self.source, self.decoded.as_str()].iter().any(|all| memchr::memchr(byte, all.as_bytes()).is_some())
    }

    /// The decoded bytes of a scalar; nothing for another node.
    fn bytes(&self, id: NodeId) -> Option<&[u8]> {
        match self.node(id).shape {
            Shape::Scalar { decoded: false, text, .. } => Some(text.of(self.source.as_bytes())),
            Shape::Scalar { text, .. } => Some(text.of(self.decoded.as_bytes())),
            _ => None,
        }
    }

    /// The file it was read from.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The root of each document, in file order. A document that is empty has an empty scalar as root; one that broke
    /// before its root has none.
    #[must_use]
    pub fn documents(&self) -> &[NodeId] {
        &self.documents
    }

    /// What is wrong with it, in file order.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Where a problem stands: what a label would underline.
    #[must_use]
    pub fn place(&self, problem: &Problem) -> Span {
        match problem {
            Problem::Syntax { span, .. } | Problem::NoValue { span, .. } | Problem::Refused { span, .. } => {
                *span
            }
            Problem::DuplicateKey { second, .. } => self.span(*second),
            Problem::UnknownAlias { alias } | Problem::CyclicAlias { alias, .. } => self.span(*alias),
        }
    }

    /// Every comment, from its `#` to the end of its line, in file order, when [`parse`] was asked for them. Those behind a
    /// syntax error may be missing.
    #[must_use]
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// What is written there.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind<'_> {
        match self.node(id).shape {
            Shape::Scalar { .. } => Kind::Scalar(self.own_str(id)),
            Shape::Sequence(run) => Kind::Sequence(run.of(&self.items)),
            Shape::Mapping { pairs, .. } => Kind::Mapping(pairs.of(&self.pairs)),
            Shape::Alias(target) => Kind::Alias(target),
        }
    }

    /// The bytes of the node, without its tag and anchor. A quoted scalar has its quotes; a block scalar goes from its
    /// `|` or `>` to the last byte that counts; a block collection from its first child to the end of its last. A
    /// value that is not there is an empty span behind what called for it, mostly a `:`.
    #[must_use]
    pub fn span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        Span { file: self.file, start: node.start, end: node.end }
    }

    /// True for a value that has no text at all (`key:`).
    #[must_use]
    pub fn is_empty_value(&self, id: NodeId) -> bool {
        let node = self.node(id);
        matches!(node.shape, Shape::Scalar { style: Style::Plain, .. }) && node.start == node.end
    }

    /// True for a collection in brackets.
    #[must_use]
    pub fn is_flow(&self, id: NodeId) -> bool {
        let node = self.node(id);
        let source = self.source.as_bytes();
        matches!(node.shape, Shape::Sequence(_) | Shape::Mapping { .. })
            && matches!(source.get(node.start as usize), Some(b'[' | b'{'))
            && matches!((node.end as usize).checked_sub(1).and_then(|i| source.get(i)), Some(b']' | b'}'))
    }

    fn properties(&self, id: NodeId) -> Properties {
        let index = (self.node(id).properties as usize).checked_sub(1);
        index.and_then(|i| self.properties.get(i)).copied().unwrap_or_default()
    }

    /// The node's own tag as written (`!reset`, `!!str`), and its place.
    #[must_use]
    pub fn tag(&self, id: NodeId) -> Option<(&str, Span)> {
        let run = self.properties(id).tag?;
        Some((self.source_text(run), self.span_of(run)))
    }

    /// The name of the node's own anchor, and the place of the whole `&name`.
    #[must_use]
    pub fn anchor(&self, id: NodeId) -> Option<(&str, Span)> {
        let run = self.properties(id).anchor?;
        let name = self.source_text(run);
        Some((name.strip_prefix('&').unwrap_or(name), self.span_of(run)))
    }

    /// The name that an alias calls, without its `*`.
    #[must_use]
    pub fn alias_name(&self, id: NodeId) -> Option<&str> {
        let node = self.node(id);
        let name = self.source_text(Run { start: node.start, end: node.end });
        matches!(node.shape, Shape::Alias(_)).then(|| name.strip_prefix('*').unwrap_or(name))
    }

    /// The node itself, or what an alias stands for.
    #[must_use]
    #[inline]
    pub fn resolve(&self, id: NodeId) -> Option<NodeId> {
        match self.node(id).shape {
            Shape::Alias(target) => target,
            _ => Some(id),
        }
    }

    fn own_str(&self, id: NodeId) -> &str {
        match self.node(id).shape {
            Shape::Scalar { decoded: false, text, .. } => self.source_text(text),
            Shape::Scalar { text, .. } => {
                self.decoded.get(text.start as usize..text.end as usize).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// The decoded text of a scalar, through an alias.
    #[must_use]
    pub fn str(&self, id: NodeId) -> Option<&str> {
        let id = self.resolve(id)?;
        matches!(self.node(id).shape, Shape::Scalar { .. }).then(|| self.own_str(id))
    }

    /// How a scalar is written, through an alias.
    #[must_use]
    pub fn style(&self, id: NodeId) -> Option<Style> {
        match self.node(self.resolve(id)?).shape {
            Shape::Scalar { style, .. } => Some(style),
            _ => None,
        }
    }

    /// What go-yaml takes a scalar for, through an alias: quotes and tags count.
    #[must_use]
    pub fn plain(&self, id: NodeId) -> Option<Plain> {
        let id = self.resolve(id)?;
        let Shape::Scalar { style, .. } = self.node(id).shape else { return None };
        let text = self.own_str(id);
        let tag = self.tag(id).map(|t| t.0);
        Some(match (tag, style) {
            (None, Style::Plain) => plain(text),
            (None | Some("!" | "!!str" | "!!binary"), _) => Plain::String,
            (Some("!!null"), _) => Plain::Null,
            (Some("!!bool"), _) => Plain::Bool,
            (Some("!!int"), _) => Plain::Integer,
            (Some("!!float"), _) => Plain::Float,
            (Some("!!timestamp"), _) => Plain::Timestamp,
            (Some("!!merge"), _) => Plain::Merge,
            (Some(_), _) => Plain::String,
        })
    }

    /// The decoded text of a scalar with the bytes of every part, through an alias: it stands where the anchor is.
    #[must_use]
    pub fn text(&self, id: NodeId) -> Option<Text> {
        let id = self.resolve(id)?;
        match self.node(id).shape {
            // It stands in the file as it is, as nearly always.
            Shape::Scalar { style, decoded: false, text, .. } => {
                let (string, span) = (self.source_text(text), self.span_of(text));
                Some(Text::literal_in(self.span(id), string, span, style.encoding()))
            }
            Shape::Scalar { style, indent, .. } => {
                Some(decode::text(&self.source, self.span(id), style, indent, self.own_str(id)))
            }
            _ => None,
        }
    }

    /// The entries of a list, through an alias; none for another node.
    #[must_use]
    pub fn items(&self, sequence: NodeId) -> &[NodeId] {
        match self.resolve(sequence).map(|id| self.node(id).shape) {
            Some(Shape::Sequence(run)) => run.of(&self.items),
            _ => &[],
        }
    }

    /// The entries of a list, through an alias; or else the node that stands in its place.
    #[must_use]
    pub fn listed<'n>(&'n self, node: &'n NodeId) -> &'n [NodeId] {
        if self.is_sequence(*node) { self.items(*node) } else { std::slice::from_ref(node) }
    }

    /// True for a mapping, through an alias.
    #[must_use]
    pub fn is_mapping(&self, id: NodeId) -> bool {
        self.resolve(id).is_some_and(|id| matches!(self.node(id).shape, Shape::Mapping { .. }))
    }

    /// Takes children out of their lists and mappings, those for which `goes` says so. What was taken out of mappings comes
    /// back: the mapping, the key and the value.
    pub fn take_out(&mut self, goes: impl Fn(&Tree, NodeId) -> bool) -> Vec<(NodeId, NodeId, NodeId)> {
        let mut taken = Vec::new();
        for index in 0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX) {
            let id = NodeId(index);
            match self.node(id).shape {
                Shape::Sequence(mut run) => {
                    let kept: Vec<NodeId> =
                        run.of(&self.items).iter().copied().filter(|item| !goes(self, *item)).collect();
                    run = put_back(&mut self.items, run, &kept);
                    self.reshape(id, Shape::Sequence(run));
                }
                Shape::Mapping { has_merge, has_duplicate, pairs: mut run } => {
                    let (gone, kept): (Vec<_>, Vec<_>) =
                        run.of(&self.pairs).iter().copied().partition(|pair| goes(self, pair.1));
                    if gone.is_empty() {
                        continue;
                    }
                    run = put_back(&mut self.pairs, run, &kept);
                    self.sorted.remove(&id);
                    self.reshape(id, Shape::Mapping { has_merge, has_duplicate, pairs: run });
                    taken.extend(gone.into_iter().map(|(key, value)| (id, key, value)));
                }
                _ => {}
            }
        }
        taken
    }

    fn reshape(&mut self, id: NodeId, shape: Shape) {
        if let Some(node) = self.nodes.get_mut(id.0 as usize) {
            node.shape = shape;
        }
    }

    /// True for a list, through an alias.
    #[must_use]
    pub fn is_sequence(&self, id: NodeId) -> bool {
        self.resolve(id).is_some_and(|id| matches!(self.node(id).shape, Shape::Sequence(_)))
    }
}

/// Puts what is kept of a run at its start, and gives where that is now.
fn put_back<T: Copy>(all: &mut [T], run: Run, kept: &[T]) -> Run {
    for (slot, item) in all.iter_mut().skip(run.start as usize).zip(kept) {
        *slot = *item;
    }
    Run::new(run.start as usize, run.start as usize + kept.len())
}
