//! From the parser's events to a [`Tree`].

use crate::hash::HashMap;
use crate::order;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span as Mark, StrInput, StructureStyle, YamlVersion};

use super::fault::{self, Leniency};
use super::{NO_LINES, Node, NodeId, Problem, Properties, Run, Shape, Style, Tree, check, decode};
use crate::source::{Content, FileId, Span};

/// How many bytes may be read once more for the sake of [`load`]'s second tries.
const READ_AGAIN: usize = 16 * 1024 * 1024;

/// How many events the parser makes of `source`, `None` when it finds a fault: what parsing costs without anything that is done
/// with it. For the benchmark, which must have the parser as it is compiled here.
#[must_use]
pub fn count_events(source: &str) -> Option<usize> {
    Parser::new_from_str(source).try_fold(0, |n: usize, event| event.ok().map(|_| n + 1))
}

/// Reads `source`, which should be text, as YAML. It never fails: see [`Tree::problems`]. Comments cost time even if there
/// are none, so that [`Tree::comments`] has them only `with_comments`.
#[must_use]
pub fn parse(file: FileId, source: &Content, with_comments: bool) -> Tree {
    let mut tree;
    match source {
        Content::Text(text) => {
            tree = empty(file, Arc::clone(text));
            load(text, with_comments, &mut tree);
        }
        Content::Bytes(bytes) => {
            tree = empty(file, "".into());
            let error = std::str::from_utf8(bytes).err();
            let fault = error.map(|e| e.valid_up_to()..e.valid_up_to() + e.error_len().unwrap_or(1));
            let span = Span::new(file, fault.unwrap_or_default());
            let message = "this is not UTF-8 text".to_owned();
            tree.problems.push(Problem::Syntax { span, message, inside: None });
        }
    }
    let mut problems = std::mem::take(&mut tree.problems);
    crate::order::by_key(&mut problems, |problem| tree.place(problem).start as usize);
    tree.problems = problems;
    order::sort(&mut tree.comments);
    tree
}

fn empty(file: FileId, source: Arc<str>) -> Tree {
    Tree {
        file,
        nodes: Vec::with_capacity(source.len() / 10),
        items: Vec::new(),
        pairs: Vec::with_capacity(source.len() / 20),
        source,
        decoded: String::new(),
        properties: Vec::new(),
        sorted: HashMap::default(),
        documents: Vec::new(),
        problems: Vec::new(),
        comments: Vec::new(),
    }
}

/// The parser is stricter than go-yaml about a few things that real files have. Where it stops for one, it gets
/// something else to see there, of the same length, and starts again: all spans stay, and texts are decoded from the
/// true source.
fn load(source: &str, with_comments: bool, tree: &mut Tree) {
    let mut seen = odd_characters(source);
    let has_odd = matches!(seen, Cow::Owned(_));
    let mut hidden: Vec<Hidden> = Vec::new();
    let mut again = (READ_AGAIN / source.len().max(1) + 2).min(256);
    while let Some(next) = Loader::new(source, has_odd, &hidden, tree).run(&seen, with_comments, again > 0) {
        again = again.saturating_sub(1);
        let mut bytes = seen.into_owned().into_bytes();
        next.hide(bytes.get_mut(next.range.clone()).unwrap_or_default());
        // Only characters of one byte were replaced, by others of one byte, or whole comments.
        seen = Cow::Owned(String::from_utf8(bytes).unwrap_or_default());
        hidden.push(next);
        *tree = empty(tree.file, Arc::clone(&tree.source));
    }
    let comments = hidden.into_iter().filter(|h| with_comments && h.what == What::Comment);
    tree.comments.extend(comments.map(|h| Span::new(tree.file, h.range)));
    check::leading_end(tree, source);
}

/// `source` as the parser shall see it: go-yaml takes three more characters for line ends, as YAML 1.1 does, and the
/// control characters from U+007F to U+009F for letters.
fn odd_characters(source: &str) -> Cow<'_, str> {
    let has_delete = || memchr::memchr(DELETE as u8, source.as_bytes()).is_some();
    if source.is_ascii() && !has_delete() || !source.contains(is_odd) {
        return Cow::Borrowed(source);
    }
    let mut seen = String::with_capacity(source.len());
    for c in source.chars() {
        match c {
            '\u{85}' => seen.push_str("\r\n"),
            '\u{2028}' | '\u{2029}' => seen.push_str("\r\n\n"),
            DELETE => seen.push('x'),
            c if is_odd(c) => seen.push('\u{e9}'),
            c => seen.push(c),
        }
    }
    Cow::Owned(seen)
}

const DELETE: char = '\u{7f}';

fn is_odd(c: char) -> bool {
    matches!(c, DELETE..='\u{9f}' | '\u{2028}' | '\u{2029}')
}

/// A part of the source that the parser does not get to see as it is.
struct Hidden {
    range: Range<usize>,
    what: What,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// The line breaks of a quoted scalar: its lines need no indentation.
    Breaks,
    /// `\'` in a double-quoted scalar.
    Escapes,
    /// Tabs that indent lines inside brackets.
    Tabs,
    /// A comment right behind a quote or bracket.
    Comment,
}

impl Hidden {
    fn hide(&self, bytes: &mut [u8]) {
        let (mut fresh, mut escaped) = (false, false);
        for byte in bytes {
            let (is_break, is_blank) = (matches!(byte, b'\r' | b'\n'), matches!(byte, b' ' | b'\t'));
            fresh = is_break || fresh && is_blank;
            match self.what {
                What::Comment => *byte = b' ',
                What::Breaks if is_break => *byte = b' ',
                What::Tabs if fresh && *byte == b'\t' => *byte = b' ',
                What::Escapes if escaped && *byte == b'\'' => *byte = b'"',
                _ => {}
            }
            escaped = *byte == b'\\' && !escaped;
        }
    }
}

/// A collection whose end has not come yet.
struct Open {
    id: NodeId,
    /// Where its children start in [`Loader::pending`].
    first: usize,
    is_mapping: bool,
    /// In brackets.
    is_flow: bool,
    /// [`Loader::expanded`] at its start.
    expanded: u64,
}

/// What an anchor names.
struct Anchored {
    id: NodeId,
    /// How many nodes stand there when all aliases in it are followed.
    size: u64,
}

struct Loader<'s, 't> {
    source: &'s str,
    /// There are [`odd_characters`].
    has_odd: bool,
    hidden: &'t [Hidden],
    tree: &'t mut Tree,
    open: Vec<Open>,
    /// Finished nodes whose parent is open.
    pending: Vec<NodeId>,
    /// Anchors go on through all documents of a file, as in go-yaml; the latest counts.
    anchors: HashMap<&'s str, Anchored>,
    /// Names of open anchored collections.
    open_anchors: Vec<(NodeId, &'s str)>,
    /// Behind the last byte of the last node.
    content_end: u32,
    /// Nodes so far with all aliases followed, and how many of them came out of aliases.
    expanded: u64,
    aliased: u64,
    /// The mark that opened the document, or where it starts.
    document: Span,
    /// Something was skipped before the document.
    recovers: bool,
}

impl<'s, 't> Loader<'s, 't> {
    fn new(source: &'s str, has_odd: bool, hidden: &'t [Hidden], tree: &'t mut Tree) -> Self {
        let document = Span { file: tree.file, start: 0, end: 0 };
        Loader {
            source,
            has_odd,
            hidden,
            tree,
            open: Vec::with_capacity(8),
            pending: Vec::with_capacity(64),
            anchors: HashMap::default(),
            open_anchors: Vec::new(),
            content_end: 0,
            expanded: 0,
            aliased: 0,
            document,
            recovers: false,
        }
    }

    /// Reads `seen`, which stands for the source byte by byte. Gives what must be hidden to get further, if that helps
    /// and `may_stop`.
    fn run(mut self, seen: &str, with_comments: bool, may_stop: bool) -> Option<Hidden> {
        let options = granit_parser::options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            emit_comments: with_comments,
            // The default refuses a hundred lines of comment.
            max_buffered_comment_events: usize::MAX,
        };
        let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(seen, options);
        // The root of the last document, when nothing was wrong with it so far.
        let mut ended: Option<(NodeId, Span)> = None;
        loop {
            // Looked at where it is: events are large.
            match &parser.next_event() {
                None => break,
                Some(Ok((Event::DocumentEnd, _))) => {
                    check::root(self.tree, self.source, ended);
                    ended = self.end_document();
                }
                Some(Ok((event, mark))) => self.event(event, mark),
                Some(Err(error)) => {
                    if let Some(hidden) = may_stop.then(|| self.hide(error)).flatten() {
                        return Some(hidden);
                    }
                    // What follows the root without a `---` spoils the document that seemed to have ended.
                    let spoilt = fault::is_behind_root(error.kind()) || !self.open.is_empty();
                    if !spoilt {
                        check::root(self.tree, self.source, ended);
                    }
                    ended = None;
                    self.syntax_error(error);
                    self.end_document();
                    self.recovers = true;
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        break;
                    }
                }
            }
        }
        check::root(self.tree, self.source, ended);
        check::expansion(self.tree, self.source, self.expanded, self.aliased);
        check::line_tabs(self.tree, self.source);
        check::tags(self.tree, self.source);
        None
    }

    /// What to hide from the parser, when it stops at something that go-yaml reads.
    fn hide(&self, error: &granit_parser::ScanError) -> Option<Hidden> {
        let at = error.marker().byte_offset()?;
        let from = self.content_end as usize;
        let (range, what) = match fault::leniency(error.kind())? {
            Leniency::Comment => {
                let rest = self.source.get(at..).filter(|rest| rest.starts_with('#'))?;
                (at..at + rest.find(['\r', '\n']).unwrap_or(rest.len()), What::Comment)
            }
            Leniency::Escape => (fault::quoted_with_apostrophes(self.source, at)?, What::Escapes),
            Leniency::Indentation | Leniency::Tab if fault::quoted(self.source, from, at).is_some() => {
                (fault::quoted(self.source, from, at)?, What::Breaks)
            }
            Leniency::Indentation => return None,
            Leniency::Tab => {
                let open = self.open.iter().find(|open| open.is_flow);
                let open = open.map(|open| self.tree.span(open.id).start as usize);
                let bracket = open.or_else(|| fault::open_bracket(self.source, from, at))?;
                (bracket..fault::behind_bracket(self.source, bracket), What::Tabs)
            }
        };
        let known = self.hidden.iter().any(|h| h.range == range && h.what == what);
        (!known).then_some(Hidden { range, what })
    }

    fn span(&self, run: Run) -> Span {
        self.tree.span_of(run)
    }

    fn push(&mut self, run: Run, shape: Shape, tag: Option<Mark>) -> NodeId {
        let id = NodeId(u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX));
        let mut node = Node { start: run.start, end: run.end, shape, properties: 0 };
        if let Some(tag) = tag {
            let run = bytes(&tag);
            let text = self.source.get(run.start as usize..run.end as usize).unwrap_or_default();
            if self.has_odd && text.contains(DELETE) {
                check::refuse(self.tree, self.source, self.span(run), "a control character in a tag");
            }
            let behind = self.source.as_bytes().get(run.end as usize);
            let is_odd = |c: &char| c.is_ascii() && !(c.is_ascii_alphanumeric() || TAG_MARKS.contains(*c));
            let odd = text.chars().find(is_odd).filter(|_| !text.starts_with("!<"));
            // go-yaml ends a tag at white space alone.
            let next = behind.filter(|b| !b.is_ascii_whitespace() && b.is_ascii()).map(|b| char::from(*b));
            if let Some(odd) = odd.or(next) {
                let message = format!("`{odd}` right behind a tag: Compose takes it for a part of it");
                check::refuse(self.tree, self.source, self.span(run), message);
            }
            self.tree.properties.push(Properties { tag: Some(run), anchor: None });
            node.properties = u32::try_from(self.tree.properties.len()).unwrap_or(0);
        }
        self.tree.nodes.push(node);
        self.expanded = self.expanded.saturating_add(1);
        id
    }

    fn event(&mut self, event: &Event<'_>, mark: &Mark) {
        let run = bytes(mark);
        match event {
            Event::Scalar(value, style, _, tag) => {
                let tag = tag.as_ref().and_then(|_| mark.tag_span());
                self.scalar(value, *style, run, tag);
            }
            Event::MappingStart(style, _, _) => self.start(true, *style, run, mark.tag_span()),
            Event::SequenceStart(style, _, _) => self.start(false, *style, run, mark.tag_span()),
            Event::MappingEnd | Event::SequenceEnd => self.end(Some(run)),
            Event::Alias(_) | Event::UnresolvedAlias(_) => self.alias(run),
            Event::Anchor(..) => self.anchor(run),
            Event::Comment(..) => self.tree.comments.push(self.tree.span_of(run)),
            Event::DocumentStart(explicit, version) => {
                let from = self.content_end;
                self.document = self.span(run);
                if let Some(version) = version.filter(|v| *v != YamlVersion::new(1, 1)) {
                    check::version(
                        self.tree,
                        self.source,
                        from as usize..run.start as usize,
                        (version.major, version.minor),
                    );
                }
                if *explicit {
                    self.content_end = self.content_end.max(run.end);
                } else if std::mem::take(&mut self.recovers) {
                    // It stands behind a `...`.
                    let before = self.source.get(from as usize..run.start as usize).unwrap_or_default();
                    let behind = before.rfind("...").map_or(0, |i| u32::try_from(i + 3).unwrap_or(0));
                    self.content_end = from + behind;
                } else if !self.tree.documents.is_empty() {
                    let message = "a document behind `...` must start with `---`".to_owned();
                    let rest = self.source.get(run.start as usize..).unwrap_or_default();
                    let first = rest.chars().next().map_or(0, char::len_utf8);
                    let span = self.span(Run::new(run.start as usize, run.start as usize + first));
                    self.tree.problems.push(Problem::Syntax { span, message, inside: None });
                }
            }
            _ => {}
        }
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, run: Run, tag: Option<Mark>) {
        let (mut run, mut value) = (run, value);
        let (mut indent, mut at_end) = (0, false);
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::Single,
            ScalarStyle::DoubleQuoted => Style::Double,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        let text = match style {
            Style::Plain => {
                if run.start == run.end {
                    // The parser says `~` for what is not there.
                    value = "";
                    run = self.behind_colon(run);
                }
                run
            }
            Style::Single | Style::Double => Run { start: run.start + 1, end: run.end.saturating_sub(1) },
            Style::Literal | Style::Folded => {
                at_end = run.end as usize == self.source.len() && !self.source.ends_with(['\n', '\r']);
                (run, indent) = self.block(run, style == Style::Folded);
                Run::default()
            }
        };
        let own;
        // At the end of the file the parser adds a line break that is not there; go-yaml does not.
        let odd = |c| is_odd(c) && c != '\u{85}';
        // A block text takes line ends from behind its own last one.
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let within = || self.source.get(run.start as usize..run.end as usize);
        let has_odd = self.has_odd && (is_block || within().is_some_and(|text| text.contains(odd)));
        if at_end || has_odd || self.hidden.iter().any(|h| h.range.start == run.start as usize) {
            own = decode::string(self.source, run.start as usize..run.end as usize, style, indent);
            value = &own;
        }
        let (text, decoded) = if !is_block && text.of(self.source.as_bytes()) == value.as_bytes() {
            (text, false)
        } else {
            let start = self.tree.decoded.len();
            self.tree.decoded.push_str(value);
            (Run::new(start, self.tree.decoded.len()), true)
        };
        let id = self.push(run, Shape::Scalar { style, decoded, indent, text }, tag);
        self.content_end = self.content_end.max(run.end);
        self.pending.push(id);
    }

    /// True when the next node is the value of a key.
    fn is_value(&self) -> bool {
        let children = |open: &Open| self.pending.len() - open.first;
        self.open.last().is_some_and(|open| open.is_mapping && children(open) % 2 == 1)
    }

    /// The parser puts a value that is not there before the `:`.
    fn behind_colon(&self, run: Run) -> Run {
        let rest = self.source.as_bytes().get(run.start as usize..).unwrap_or_default();
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if !self.is_value() || rest.get(blanks) != Some(&b':') {
            return run;
        }
        let at = run.start as usize + blanks + 1;
        Run::new(at, at)
    }

    /// The parser's mark of a block scalar goes from the first character of its content to the next token. Gives the
    /// run from its header to the last byte that counts, and its indentation.
    fn block(&self, run: Run, folded: bool) -> (Run, u16) {
        let source = self.source.as_bytes();
        let header =
            find(source, self.content_end as usize, run.start as usize, |b| matches!(b, b'|' | b'>'));
        let start = run.start as usize;
        let indent = if start <= header || run.start >= run.end {
            NO_LINES
        } else {
            let before = source.get(..start).unwrap_or_default();
            let spaces = before.iter().rev().take_while(|b| **b == b' ').count();
            u16::try_from(spaces).unwrap_or(NO_LINES)
        };
        let limit = (run.end as usize).max(header + 1).min(source.len());
        let end = decode::block(source, header, limit, indent, folded, |_| {});
        (Run::new(header, end), indent)
    }

    fn start(&mut self, is_mapping: bool, style: StructureStyle, run: Run, tag: Option<Mark>) {
        let expanded = self.expanded;
        let shape = if is_mapping {
            Shape::Mapping { has_merge: false, has_duplicate: false, pairs: Run::default() }
        } else {
            Shape::Sequence(Run::default())
        };
        let is_flow = style == StructureStyle::Flow;
        let mut run = run;
        if !is_mapping && !is_flow && self.is_value() {
            // A list that is not indented starts, for the parser, at its first entry.
            let source = self.source.as_bytes();
            let dash = find(source, self.content_end as usize, run.start as usize, |b| b == b'-');
            run = Run::new(dash, dash);
        }
        let id = self.push(run, shape, tag);
        if is_flow {
            self.content_end = self.content_end.max(run.end);
        }
        self.open.push(Open { id, first: self.pending.len(), is_mapping, is_flow, expanded });
    }

    /// Closes the innermost collection. `mark` is the parser's, when it got that far.
    fn end(&mut self, mark: Option<Run>) {
        let Some(open) = self.open.pop() else { return };
        if let Some(bracket) = mark.filter(|m| open.is_flow && m.start < m.end) {
            self.content_end = self.content_end.max(bracket.end);
        }
        let children = self.pending.get(open.first..).unwrap_or_default();
        let shape = if open.is_mapping {
            let first = self.tree.pairs.len();
            // A last key without a value is left out: the document broke there.
            let pairs = children.chunks_exact(2);
            self.tree.pairs.extend(pairs.filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
            Shape::Mapping {
                has_merge: false,
                has_duplicate: false,
                pairs: Run::new(first, self.tree.pairs.len()),
            }
        } else {
            let first = self.tree.items.len();
            self.tree.items.extend_from_slice(children);
            Shape::Sequence(Run::new(first, self.tree.items.len()))
        };
        self.pending.truncate(open.first);
        self.pending.push(open.id);
        let size = self.expanded.saturating_sub(open.expanded);
        if let Some(i) = self.open_anchors.iter().rposition(|(id, _)| *id == open.id) {
            let (_, name) = self.open_anchors.swap_remove(i);
            if let Some(anchored) = self.anchors.get_mut(name).filter(|a| a.id == open.id) {
                anchored.size = size;
            }
        }
        if let Some(node) = self.tree.nodes.get_mut(open.id.0 as usize) {
            // Where a document breaks, nothing of a collection but its start may have been read.
            self.content_end = self.content_end.max(node.start);
            node.end = self.content_end;
            node.shape = shape;
        }
        match shape {
            Shape::Mapping { pairs, .. } => check::mapping(self.tree, self.source, open.id, pairs),
            Shape::Sequence(items) if !open.is_flow => check::entry_tabs(self.tree, self.source, items),
            _ => {}
        }
    }

    fn alias(&mut self, run: Run) {
        let name = self.source.get(run.start as usize + 1..run.end as usize).unwrap_or_default();
        let anchored = self.anchors.get(name).map(|a| (a.id, a.size));
        let cyclic = anchored.is_some_and(|(id, _)| self.open.iter().any(|o| o.id == id));
        let target = anchored.filter(|_| !cyclic).map(|(id, _)| id);
        let id = self.push(run, Shape::Alias(target), None);
        self.content_end = self.content_end.max(run.end);
        self.pending.push(id);
        match anchored {
            None => self.tree.problems.push(Problem::UnknownAlias { alias: id }),
            Some((target, _)) if cyclic => {
                self.tree.problems.push(Problem::CyclicAlias { alias: id, target })
            }
            Some((_, size)) => {
                self.expanded = self.expanded.saturating_add(size);
                self.aliased = self.aliased.saturating_add(size);
            }
        }
    }

    /// The anchor of the node that came last.
    fn anchor(&mut self, run: Run) {
        let Some(index) = self.tree.nodes.len().checked_sub(1) else { return };
        let id = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
        let name = self.source.get(run.start as usize + 1..run.end as usize).unwrap_or_default();
        if !name.is_ascii() || name.contains([':', DELETE]) {
            let span = self.span(run);
            check::refuse(
                self.tree,
                self.source,
                span,
                "Compose takes only printable ASCII characters without `:` in the name of an anchor",
            );
        }
        self.anchors.insert(name, Anchored { id, size: 1 });
        if self.open.last().is_some_and(|open| open.id == id) {
            self.open_anchors.push((id, name));
        }
        let Some(node) = self.tree.nodes.get_mut(index) else { return };
        if node.properties == 0 {
            self.tree.properties.push(Properties::default());
            node.properties = u32::try_from(self.tree.properties.len()).unwrap_or(0);
        }
        let properties = self.tree.properties.get_mut((node.properties as usize).wrapping_sub(1));
        if let Some(properties) = properties {
            properties.anchor = Some(run);
        }
    }

    /// Closes what is open and files the root, if there is one. Gives it with the `---` before it.
    fn end_document(&mut self) -> Option<(NodeId, Span)> {
        while !self.open.is_empty() {
            self.end(None);
        }
        self.open_anchors.clear();
        let root = self.pending.first().copied();
        self.pending.clear();
        self.tree.documents.extend(root);
        root.map(|root| (root, self.document))
    }

    fn syntax_error(&mut self, error: &granit_parser::ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.source.len());
        let from = self.content_end as usize;
        let fault = fault::explain(error.kind(), self.source, at, from, self.last_scalar());
        let span = Span::new(self.tree.file, fault.range);
        let opened = fault.opened.map(|at| Span::new(self.tree.file, at..at + 1));
        let inside = opened.filter(|opened| *opened != span).or_else(|| self.inside(span));
        self.tree.problems.push(Problem::Syntax { span, message: fault.message, inside });
    }

    /// The start of the plain scalar that ends where the last node ends.
    fn last_scalar(&self) -> Option<usize> {
        let node = self.tree.nodes.last()?;
        let is_plain = matches!(node.shape, Shape::Scalar { style: Style::Plain, .. });
        (is_plain && node.end == self.content_end).then_some(node.start as usize)
    }

    /// What is open: the innermost bracket, other than `fault` itself, or, if none is nearer, the key whose value is
    /// being read, or was last.
    fn inside(&self, fault: Span) -> Option<Span> {
        let mut behind = self.pending.len();
        for open in self.open.iter().rev() {
            let children = behind - open.first;
            let key = behind.checked_sub(1).and_then(|i| self.pending.get(i));
            if open.is_mapping && children % 2 == 1 {
                return key.map(|key| self.tree.span(*key));
            }
            let start = self.tree.span(open.id).start;
            let bracket = self.span(Run { start, end: start + 1 });
            if open.is_flow && bracket != fault {
                return Some(bracket);
            }
            behind = open.first;
        }
        let key = self.pending.len().checked_sub(2).and_then(|i| self.pending.get(i))?;
        Some(self.tree.span(*key))
    }
}

/// The bytes of a mark. It always has byte offsets, as the parser reads a `str`.
fn bytes(mark: &Mark) -> Run {
    mark.byte_range().map_or_else(Run::default, |range| Run::new(range.start, range.end.max(range.start)))
}

/// What may stand in a tag beside letters and digits.
const TAG_MARKS: &str = "-_;/?:@&=+$.!~*'()%";

/// The first such byte between `from` and `to`, outside comments, anchors, tags and directives; else `to`.
fn find(source: &[u8], from: usize, to: usize, wanted: fn(u8) -> bool) -> usize {
    let mut i = from;
    let skip = |i: usize, stop: fn(&[u8]) -> bool| {
        (i..to).find(|at| source.get(*at..).is_some_and(stop)).unwrap_or(to)
    };
    // U+0085, U+2028 and U+2029 end lines too.
    let ends_line =
        |rest: &[u8]| matches!(rest, [b'\r' | b'\n', ..] | [0xc2, 0x85, ..] | [0xe2, 0x80, 0xa8 | 0xa9, ..]);
    while i < to {
        match source.get(i) {
            Some(b) if wanted(*b) => return i,
            Some(b'#' | b'%') => i = skip(i, ends_line),
            Some(b'&' | b'!') => i = skip(i, |rest| rest.first().is_some_and(u8::is_ascii_whitespace)),
            _ => i += 1,
        }
    }
    to
}
