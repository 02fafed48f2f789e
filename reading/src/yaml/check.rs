//! What go-yaml refuses although it can be read as YAML, and keys that stand twice.

use std::ops::Range;

use super::{NodeId, Plain, Problem, Run, Shape, Style, Tree, plain};
use crate::order;
use crate::source::Span;

/// Above this many keys a mapping gets a sorted index; below, looking at each is faster.
const SMALL: usize = 48;

/// What go-yaml takes of aliases: up to the first number of nodes nearly all may come out of aliases, above the second
/// a tenth.
const ALIAS_RANGE: (u64, u64) = (400_000, 4_000_000);

/// Adds what go-yaml refuses. Where nothing stands, the character before is the place.
pub(super) fn refuse(tree: &mut Tree, source: &str, span: Span, message: impl Into<String>) {
    let span = if span.is_empty() { before(source, span) } else { span };
    tree.problems.push(Problem::Refused { span, message: message.into() });
}

/// Refuses a `...`, which ends a document, before the first one has begun.
pub(super) fn leading_end(tree: &mut Tree, source: &str) {
    let bom = if source.starts_with('\u{feff}') { 3 } else { 0 };
    let mut start = bom;
    for line in source.get(bom..).unwrap_or_default().split_inclusive(['\r', '\n']) {
        let text = line.trim_start_matches([' ', '\t']).trim_end_matches(['\r', '\n']);
        if !text.is_empty() && !text.starts_with('#') {
            let behind = line.strip_prefix("...").map(|rest| rest.chars().next());
            if behind.is_some_and(|next| next.is_none_or(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))) {
                let span = Span::new(tree.file, start..start + 3);
                let message = "nothing stands before this `...`, which ends a document".to_owned();
                tree.problems.push(Problem::Syntax { span, message, inside: None });
            }
            return;
        }
        start += line.len();
    }
}

/// The character before an empty span.
fn before(source: &str, span: Span) -> Span {
    let before = source.get(..span.start as usize).unwrap_or_default();
    let width = before.chars().next_back().map_or(0, char::len_utf8);
    Span::new(span.file, before.len() - width..before.len())
}

/// Duplicate keys, merge keys, keys that are no strings.
pub(super) fn mapping(tree: &mut Tree, source: &str, id: NodeId, run: Run) {
    let pairs = run.of(&tree.pairs);
    let mut found: Vec<Problem> = Vec::new();
    let mut merge = None;
    for (key, value) in pairs {
        let Some(target) = tree.resolve(*key) else { continue };
        let Some(name) = tree.bytes(target) else {
            let span = first_line(source, tree.span(*key));
            found.push(Problem::NoValue {
                span,
                message: "a key must be text; Compose refuses this one".into(),
            });
            continue;
        };
        // Nearly all keys start with a letter that begins nothing but text.
        let suspicious = match name.first() {
            Some(b) => matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'~' | b'<') || b"nNtTfF".contains(b),
            None => true,
        };
        if !suspicious && tree.node(target).properties == 0 {
            continue;
        }
        let kind = match tree.plain(target) {
            Some(Plain::Merge) if target == *key => {
                if merge.is_some() {
                    let message = "a second `<<` in one mapping: Compose refuses it; write `<<: [*a, *b]`";
                    found.push(Problem::NoValue { span: tree.span(*key), message: message.into() });
                } else if !tree.can_be_merged(*value) {
                    let span = first_line(source, tree.span(*value));
                    let span = if span.is_empty() { tree.span(*key) } else { span };
                    let message = "`<<` takes a mapping or a list of mappings; Compose refuses this";
                    found.push(Problem::NoValue { span, message: message.into() });
                }
                merge = Some(*key);
                continue;
            }
            Some(Plain::Null) => "null",
            Some(Plain::Bool) => "a boolean",
            Some(Plain::Integer | Plain::Float) => "a number",
            Some(Plain::Timestamp) => "a date",
            _ => continue,
        };
        let mut span = tree.span(*key);
        if span.is_empty() {
            // A key that is not there: the `:` behind it.
            span.end += u32::from(source.as_bytes().get(span.start as usize) == Some(&b':'));
        }
        let message = format!("this key is {kind}, not text: Compose refuses it; put it in quotes");
        found.push(Problem::NoValue { span, message });
    }
    let has_merge = merge.is_some();
    let has_duplicate = if pairs.len() > SMALL {
        let (sorted, repeated) = sort(tree, pairs, &mut found);
        tree.sorted.insert(id, sorted);
        repeated
    } else {
        find_repeated(tree, pairs, &mut found)
    };
    for problem in &mut found {
        if let Problem::NoValue { span, .. } = problem {
            *span = if span.is_empty() { before(source, *span) } else { *span };
        }
    }
    tree.problems.append(&mut found);
    if let Some(node) = tree.nodes.get_mut(id.0 as usize).filter(|_| has_merge || has_duplicate) {
        node.shape = Shape::Mapping { has_merge, has_duplicate, pairs: run };
    }
}

fn line_start(source: &[u8], i: usize) -> usize {
    let before = source.get(..i).unwrap_or_default();
    before.iter().rposition(|b| matches!(b, b'\r' | b'\n')).map_or(0, |at| at + 1)
}

/// True when the tab at `tab` may stand before a comment: where nothing stands above, below another comment,
/// which takes this one along, or behind a plain text, which might go on so far to the right. Elsewhere
/// go-yaml looks for a token there.
fn may_indent_comment(tree: &Tree, source: &[u8], line: usize, tab: usize) -> bool {
    let text_above = source.get(..line).unwrap_or_default().trim_ascii_end();
    let above = source.get(line_start(source, text_above.len())..).unwrap_or_default();
    if text_above.is_empty() || above.trim_ascii_start().first() == Some(&b'#') {
        return true;
    }
    let last = tree.nodes.partition_point(|node| (node.start as usize) < line).checked_sub(1);
    let Some(node) = last.and_then(|i| tree.nodes.get(i)) else { return true };
    let (start, end) = (node.start as usize, node.end as usize);
    let is_plain = matches!(node.shape, Shape::Scalar { style: Style::Plain, .. }) && start < end;
    let gap = source.get(end..line).unwrap_or_default();
    if !is_plain || !gap.iter().all(u8::is_ascii_whitespace) {
        return false;
    }
    // Where the mapping or list stands that the text is in.
    let first = line_start(source, start);
    let blank = |i: usize| matches!(source.get(i), Some(b' ' | b'\t'));
    let mut at = (first..start).find(|i| !blank(*i)).unwrap_or(start);
    let mut indent = at;
    while source.get(at) == Some(&b'-') && blank(at + 1) && at < start {
        indent = at;
        at = (at + 1..start).find(|i| !blank(*i)).unwrap_or(start);
    }
    indent = if at < start { at } else { indent };
    tab - line > indent - first
}

/// A line that a tab begins, outside of quotes, block texts and brackets: go-yaml cannot read it. (Before a comment it mostly
/// can.)
pub(super) fn line_tabs(tree: &mut Tree, text: &str) {
    let source = text.as_bytes();
    if memchr::memchr(b'\t', source).is_none() {
        return;
    }
    let mut inner: Vec<Span> = Vec::new();
    for (id, node) in (0u32..).zip(&tree.nodes) {
        let is_text = matches!(node.shape, Shape::Scalar { style, .. } if style != Style::Plain);
        if (is_text || tree.is_flow(NodeId(id))) && inner.last().is_none_or(|last| last.end <= node.start) {
            inner.push(tree.span(NodeId(id)));
        }
    }
    let mut found = Vec::new();
    // Where the line starts, and whether nothing but blanks stands in it so far.
    let (mut line, mut is_blank, mut first_tabs) = (0, true, Vec::new());
    for (i, byte) in source.iter().enumerate() {
        match byte {
            b'\r' | b'\n' => (line, is_blank) = (i + 1, true),
            b' ' => {}
            b'\t' if is_blank => {
                is_blank = false;
                first_tabs.push((line, i));
            }
            _ => is_blank = false,
        }
    }
    for (line, i) in first_tabs {
        let rest = source.get(i..).unwrap_or_default().iter().find(|b| !matches!(b, b' ' | b'\t'));
        let place = Span::new(tree.file, i..i + 1);
        let before = inner.partition_point(|span| span.start <= place.start).checked_sub(1);
        let is_inside = before.and_then(|i| inner.get(i)).is_some_and(|span| span.contains(place));
        let is_comment = rest == Some(&b'#');
        if is_inside || !is_comment && i > line {
            continue;
        }
        if !is_comment || !may_indent_comment(tree, source, line, i) {
            found.push(place);
        }
    }
    if !tree.problems.iter().any(|p| matches!(p, Problem::Syntax { .. })) {
        for span in found {
            refuse(tree, text, span, "a tab at the start of a line: Compose cannot read it; write blanks");
        }
    }
}

/// A tab behind the `-` of a list entry: go-yaml cannot read it.
pub(super) fn entry_tabs(tree: &mut Tree, text: &str, items: Run) {
    let source = text.as_bytes();
    let mut found = Vec::new();
    for item in items.of(&tree.items) {
        let node = tree.node(*item);
        let properties = tree.properties(*item);
        let starts = [properties.tag, properties.anchor];
        let start = starts.iter().flatten().map(|run| run.start).fold(node.start, u32::min) as usize;
        // An empty entry stands directly behind its `-`.
        let blanks = |i: &usize| matches!(source.get(*i), Some(b' ' | b'\t'));
        let first = (0..start).rev().take_while(blanks).last().unwrap_or(start);
        let last = if node.start == node.end {
            (start..).take_while(blanks).last().map_or(start, |i| i + 1)
        } else {
            start
        };
        if first.checked_sub(1).and_then(|i| source.get(i)) != Some(&b'-') {
            continue;
        }
        let gap = source.get(first..last).unwrap_or_default();
        if let Some(i) = gap.iter().position(|b| *b == b'\t') {
            found.push(Span::new(tree.file, first + i..first + i + 1));
        }
    }
    for span in found {
        refuse(tree, text, span, "a tab behind the `-`: Compose cannot read it; write a blank");
    }
}

/// Scalars that cannot be what their tag says.
pub(super) fn tags(tree: &mut Tree, source: &str) {
    if tree.properties.is_empty() {
        return;
    }
    let mut found = Vec::new();
    for (id, node) in (0u32..).zip(&tree.nodes) {
        if node.properties == 0 || !matches!(node.shape, Shape::Scalar { .. }) {
            continue;
        }
        let id = NodeId(id);
        let (Some((tag, _)), Some(text)) = (tree.tag(id), tree.str(id)) else { continue };
        // go-yaml takes the text for what it would be without quotes.
        let own = plain(text);
        let (fits, what) = match tag {
            "!!bool" => (own == Plain::Bool, "boolean"),
            "!!int" => (own == Plain::Integer, "whole number"),
            "!!float" => (matches!(own, Plain::Float | Plain::Integer), "number"),
            "!!null" => (own == Plain::Null, "null"),
            "!!timestamp" => (own == Plain::Timestamp, "date"),
            _ => continue,
        };
        if !fits {
            found
                .push((tree.span(id), format!("`{text}` is no {what}, as its tag says: Compose refuses it")));
        }
    }
    for (span, message) in found {
        let span = if span.is_empty() { before(source, span) } else { span };
        tree.problems.push(Problem::NoValue { span, message });
    }
}

/// Compose wants a mapping in every document. `mark` is the `---` before it, if there is one.
pub(super) fn root(tree: &mut Tree, source: &str, document: Option<(NodeId, Span)>) {
    let Some((root, mark)) = document else { return };
    if tree.resolve(root).is_none_or(|id| tree.is_mapping(id)) {
        return;
    }
    if tree.is_empty_value(root) {
        refuse(tree, source, mark, "an empty document: Compose wants a mapping behind every `---`");
    } else {
        let span = first_line(source, tree.span(root));
        refuse(tree, source, span, "the document is no mapping: Compose refuses it");
    }
}

/// A `%YAML` directive in `header` other than the one go-yaml takes.
pub(super) fn version(tree: &mut Tree, source: &str, header: Range<usize>, version: (u32, u32)) {
    let before = source.get(header.clone()).unwrap_or_default();
    let directive = before.rfind("%YAML").and_then(|i| before.get(i..)).unwrap_or_default();
    let line = directive.split(['\r', '\n', '#']).next().unwrap_or_default();
    let at = header.end - directive.len();
    let message =
        format!("Compose reads YAML 1.1 only and refuses a file of YAML {}.{}", version.0, version.1);
    refuse(tree, source, Span::new(tree.file, at..at + line.trim_end().len()), message);
}

/// Aliases that blow the file up: go-yaml refuses the file, and nobody should follow them.
pub(super) fn expansion(tree: &mut Tree, source: &str, expanded: u64, aliased: u64) {
    let (low, high) = ALIAS_RANGE;
    let allowed = match expanded {
        n if n <= low => 99,
        n if n >= high => 10,
        n => 99 - 89 * (n - low) / (high - low),
    };
    let share = u128::from(aliased) * 100 / u128::from(expanded.max(1));
    if aliased <= 100 || expanded <= 1000 || share <= u128::from(allowed) {
        return;
    }
    let mut last = None;
    for node in &mut tree.nodes {
        if let Shape::Alias(target @ Some(_)) = &mut node.shape {
            *target = None;
            last = Some(Run { start: node.start, end: node.end });
        }
    }
    if let Some(run) = last {
        let message = format!(
            "aliases make {} nodes out of {}: Compose refuses the file, and no alias of it is followed",
            expanded,
            tree.nodes.len()
        );
        refuse(tree, source, tree.span_of(run), message);
    }
}
/// `span` without what lies behind its first line.
fn first_line(source: &str, span: Span) -> Span {
    let text = source.get(span.range()).unwrap_or_default();
    let line = text.find(['\r', '\n']).map_or(text, |i| text.get(..i).unwrap_or_default());
    Span { end: span.start + u32::try_from(line.trim_end_matches([' ', '\t']).len()).unwrap_or(0), ..span }
}

fn key_bytes(tree: &Tree, key: NodeId) -> Option<&[u8]> {
    tree.resolve(key).and_then(|id| tree.bytes(id))
}

/// Reports a key that repeats an earlier one. Two merge keys have been reported already, and of an alias that stands
/// for the name of another key go-yaml thinks nothing.
fn repeated(tree: &Tree, first: NodeId, second: NodeId, found: &mut Vec<Problem>) {
    let is_alias = |id| tree.resolve(id) != Some(id);
    let is_merge = tree.is_merge_key(first) && tree.is_merge_key(second);
    if !is_merge && is_alias(first) == is_alias(second) {
        found.push(Problem::DuplicateKey { first, second });
    }
}

/// Compares each key with those before it. True when one is repeated.
fn find_repeated(tree: &Tree, pairs: &[(NodeId, NodeId)], found: &mut Vec<Problem>) -> bool {
    // Of each a number that others hardly have: one look then tells that a key is new.
    let mut marks = [0; SMALL];
    let mut any = false;
    for (i, (key, _)) in pairs.iter().enumerate() {
        let Some(name) = key_bytes(tree, *key) else { continue };
        let mark = mark(name);
        let before = marks.get(..i).unwrap_or_default();
        if before.contains(&mark)
            && let Some((first, _)) = pairs.iter().take(i).find(|p| key_bytes(tree, p.0) == Some(name))
        {
            any = true;
            repeated(tree, *first, *key, found);
        }
        if let Some(slot) = marks.get_mut(i) {
            *slot = mark;
        }
    }
    any
}

/// A number for a key, never 0: equal keys have the same.
fn mark(name: &[u8]) -> u32 {
    let at = |i: usize| name.get(i).map_or(0, |b| u32::from(*b));
    let length = u32::try_from(name.len()).unwrap_or(0);
    let (middle, last) = (at(name.len() / 2), at(name.len().wrapping_sub(1)));
    1 | ((length << 25) ^ (middle << 17) ^ (last << 9) ^ (at(name.len() / 4) << 1))
}

/// The pairs with scalar keys, sorted by key, and whether one is repeated.
fn sort(tree: &Tree, pairs: &[(NodeId, NodeId)], found: &mut Vec<Problem>) -> (Box<[u32]>, bool) {
    let mut keys: Vec<(&[u8], u32)> = Vec::with_capacity(pairs.len());
    for (i, (key, _)) in (0u32..).zip(pairs) {
        keys.extend(key_bytes(tree, *key).map(|name| (name, i)));
    }
    order::sort(&mut keys);
    let mut any = false;
    for same in keys.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        any = true;
        let key = |(_, i): &(&[u8], u32)| pairs.get(*i as usize).map(|p| p.0);
        let mut same = same.iter().filter_map(key);
        if let Some(first) = same.next() {
            same.for_each(|second| repeated(tree, first, second, found));
        }
    }
    (keys.iter().map(|(_, i)| *i).collect(), any)
}
