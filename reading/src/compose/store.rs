//! The files that projects are made of: each read once in a run, and parsed once for each folder that needs it.

use crate::hash::HashSet;
use std::rc::Rc;

use crate::dotenv::{self, Dotenv};
use crate::interpolate::Mode;
use crate::source::{self, Content, FileId, Files, ReadError, Sources, Span};
use crate::yaml::{self, Kind, NodeId, Tree};

/// A YAML file, parsed, with what can be told of its bytes at once.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) tree: Tree,
    /// `!reset` or `!override` stands in it.
    pub(super) has_tags: bool,
    /// What stands below an `!override`, where tags mean nothing (`loader/reset.go`, `resolveReset`).
    pub(super) below_override: HashSet<NodeId>,
    /// What each `!reset` that counts takes away.
    pub(super) resets: Vec<Span>,
    /// The entries with a `!reset`, as mapping, key and value, by mapping: they are not in the tree, as Compose makes nothing of
    /// them.
    removed: Vec<(NodeId, NodeId, NodeId)>,
    /// No part of its texts can be unknown: nothing is put in.
    pub(super) is_fixed: bool,
    /// A `$` stands in it, or comes out of an escape.
    pub(super) has_dollar: bool,
    /// `.inf` or `.nan` stands in it.
    pub(super) has_unbounded: bool,
    /// `{{` stands in it.
    pub(super) has_braces: bool,
    /// It is a template: `{%` stands in it, or a value without quotes that starts with `{{` or is a `{$NAME}`. In
    /// quotes, `{{.Name}}` is the business of Docker.
    pub(super) has_template: bool,
}

impl Parsed {
    pub(super) fn new(file: FileId, source: &Content, with_comments: bool) -> Parsed {
        let mut tree = yaml::parse(file, source, with_comments);
        // Most files have none of these characters.
        let (mark, brace, has_dollar) = (tree.has(b'!'), tree.has(b'{'), tree.has(b'$'));
        let has_tags = mark && ["!reset", "!override"].iter().any(|tag| tree.source().contains(tag));
        let (below_override, resets) = if has_tags { below_tags(&tree) } else { Default::default() };
        let removed = if has_tags { take_out(&mut tree, &below_override) } else { Vec::new() };
        let text = tree.source();
        let bytes = text.as_bytes();
        Parsed {
            removed,
            below_override,
            has_tags,
            resets,
            is_fixed: !has_dollar && !brace && !tree.has(b'\\') && text.is_ascii(),
            has_dollar,
            has_unbounded: memchr::memchr_iter(b'.', bytes).any(|dot| unbounded(bytes, dot)),
            has_braces: brace && text.contains("{{"),
            has_template: brace && memchr::memchr_iter(b'{', bytes).any(|brace| templated(bytes, brace)),
            tree,
        }
    }

    /// The whole file.
    pub(super) fn text(&self) -> &str {
        self.tree.source()
    }

    /// The entries of a mapping that a `!reset` took away: keys and values.
    pub(super) fn removed(&self, mapping: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let id = self.tree.resolve(mapping).unwrap_or(mapping);
        let from = self.removed.partition_point(|r| r.0 < id);
        self.removed.iter().skip(from).take_while(move |r| r.0 == id).map(|r| (r.1, r.2))
    }

    /// The text under `span`, which lies in this file.
    pub(super) fn source(&self, span: Span) -> &str {
        self.tree.source().get(span.range()).unwrap_or("")
    }
}

/// Does YAML's word for no number, or for one without end, follow on the `.` at `dot`?
fn unbounded(text: &[u8], dot: usize) -> bool {
    matches!(text.get(dot + 1..dot + 4), Some(b"inf" | b"Inf" | b"INF" | b"nan" | b"NaN" | b"NAN"))
}

/// Does a template, and not YAML, start with the `{` at `brace`: `{%`, `: {{`, `- {{` or ` {$`?
fn templated(text: &[u8], brace: usize) -> bool {
    let before = |marks: &[&[u8]]| text.get(..brace).is_some_and(|t| marks.iter().any(|m| t.ends_with(m)));
    match text.get(brace + 1) {
        Some(b'%') => true,
        Some(b'{') => before(&[b": ", b"- "]),
        Some(b'$') => before(&[b" "]),
        _ => false,
    }
}

/// What stands below an `!override`, and the places of every `!reset` that does not.
fn below_tags(tree: &Tree) -> (HashSet<NodeId>, Vec<Span>) {
    let (mut found, mut resets) = (HashSet::default(), Vec::new());
    let mut open: Vec<(NodeId, bool)> = tree.documents().iter().map(|root| (*root, false)).collect();
    while let Some((node, below)) = open.pop() {
        let tag = tree.tag(node).map(|t| t.0);
        if below {
            found.insert(node);
        } else if tag == Some("!reset") {
            resets.push(tree.span(node));
        }
        let below = below || tag == Some("!override");
        match tree.kind(node) {
            Kind::Mapping(pairs) => open.extend(pairs.iter().map(|p| (p.1, below))),
            Kind::Sequence(items) => open.extend(items.iter().map(|item| (*item, below))),
            _ => {}
        }
    }
    (found, resets)
}

/// Takes away what bears a `!reset`, or is an alias to what does (`loader/reset.go`, `resolveReset`).
fn take_out(tree: &mut Tree, below_override: &HashSet<NodeId>) -> Vec<(NodeId, NodeId, NodeId)> {
    let is_reset = |tree: &Tree, node| tree.tag(node).is_some_and(|t| t.0 == "!reset");
    tree.take_out(|tree, node| {
        !below_override.contains(&node)
            && (is_reset(tree, node) || tree.resolve(node).is_some_and(|id| is_reset(tree, id)))
    })
}

/// See the module.
pub(super) struct Store<'a> {
    files: &'a dyn Files,
    pub(super) sources: &'a mut Sources,
    mode: Mode,
    /// By file.
    parsed: Vec<Option<Rc<Parsed>>>,
    /// By file, in the usual format and in the raw one.
    dotenvs: [Vec<Option<Rc<Dotenv>>>; 2],
    seen: HashSet<(FileId, &'static str)>,
    pub(super) used: Vec<(FileId, &'static str)>,
    /// The comments of files that have one for kraftlint.
    pub(super) comments: Vec<Span>,
}

impl<'a> Store<'a> {
    pub(super) fn new(files: &'a dyn Files, sources: &'a mut Sources, mode: Mode) -> Store<'a> {
        Store {
            files,
            sources,
            mode,
            parsed: Vec::new(),
            dotenvs: Default::default(),
            seen: HashSet::default(),
            used: Vec::new(),
            comments: Vec::new(),
        }
    }

    /// Gives back the room of a file's tree; who asks again parses it again.
    pub(super) fn forget(&mut self, file: FileId) {
        if let Some(slot) = self.parsed.get_mut(file.0 as usize) {
            *slot = None;
        }
    }

    /// True for a folder.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        self.files.kind(if path.is_empty() { "." } else { path }) == source::Kind::Directory
    }

    /// The file at `path`, read if it was not yet.
    pub(super) fn open(&mut self, path: &str) -> Result<FileId, ReadError> {
        if let Some(file) = self.sources.find(path) {
            return Ok(file);
        }
        Ok(self.sources.add(path, self.files.read(path)?))
    }

    /// The file as YAML.
    pub(super) fn yaml(&mut self, file: FileId) -> Rc<Parsed> {
        if self.parsed.len() < self.sources.len() {
            self.parsed.resize(self.sources.len(), None);
        }
        if let Some(Some(known)) = self.parsed.get(file.0 as usize) {
            return Rc::clone(known);
        }
        let source = self.sources.file(file);
        let mut parsed = Parsed::new(file, source.content(), source.may_address_us());
        // Compose knows no templates.
        parsed.has_template &= self.mode == Mode::Open;
        let parsed = Rc::new(parsed);
        self.comments.extend(parsed.tree.comments());
        if let Some(slot) = self.parsed.get_mut(file.0 as usize) {
            *slot = Some(Rc::clone(&parsed));
        }
        parsed
    }

    /// The file as a `.env`, or in the raw format.
    pub(super) fn dotenv(&mut self, file: FileId, raw: bool) -> Rc<Dotenv> {
        let [usual, in_raw] = &mut self.dotenvs;
        let of_format = if raw { in_raw } else { usual };
        if of_format.len() < self.sources.len() {
            of_format.resize(self.sources.len(), None);
        }
        let slot = of_format.get_mut(file.0 as usize);
        if let Some(Some(known)) = slot {
            return Rc::clone(known);
        }
        let source = self.sources.file(file);
        let parse = if raw { dotenv::parse_raw } else { dotenv::parse };
        let parsed = Rc::new(parse(file, source.bytes()));
        if source.may_address_us() {
            self.comments.extend(&parsed.comments);
        }
        if let Some(slot) = slot {
            *slot = Some(Rc::clone(&parsed));
        }
        parsed
    }

    /// Takes note of what a file was read as.
    pub(super) fn note(&mut self, file: FileId, what: &'static str) {
        if self.seen.insert((file, what)) {
            self.used.push((file, what));
        }
    }
}
