//! [`Text`]: a decoded string that knows where every part of it came from.
//!
//! A value reaches Kafka through layers: YAML quotes → `${VAR:-default}` and the `.env` line that supplied it → an
//! environment variable → the properties grammar. Each layer builds its text from slices of the one before, so any
//! sub-range can be traced back to bytes ([`Slice::span`]) and, where nothing was lost on the way, written
//! ([`Text::edit`]). A part that is not known is a *hole*: one [`HOLE`] character that stands for any text.
//!
//! Not for parsing: the lexers make texts, the value types of `kafka` take slices of them.

use std::fmt;
use std::ops::Range;

use crate::source::{FileId, Span};

/// Stands for an unknown part. A noncharacter that no configuration holds; if one does, it is taken as unknown too.
pub const HOLE: char = '\u{fdd0}';

/// How a text is written where it stands, from the outside in. Needed only to write back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encoding {
    /// The file's own grammar.
    pub base: Base,
    /// Compose interpolates the text: a `$` is written `$$`.
    pub dollar: bool,
    /// The text is read by the properties grammar, after the layers above.
    pub properties: Option<Part>,
}

/// The grammar of the file that holds the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// Bytes as they are.
    #[default]
    Raw,
    /// A plain YAML scalar.
    YamlPlain,
    /// `'…'`
    YamlSingle,
    /// `"…"`
    YamlDouble,
    /// `|` or `>`
    YamlBlock,
    /// `.env`, without quotes.
    EnvPlain,
    /// `.env`, `'…'`
    EnvSingle,
    /// `.env`, `"…"`
    EnvDouble,
    /// A word of a shell command.
    Shell,
}

/// Key or value of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Before the separator.
    Key,
    /// After it.
    Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Byte for byte as in the file.
    Literal,
    /// Written otherwise; the whole source span makes the whole piece.
    Escape,
    /// Unknown; the span is what stands for it.
    Hole,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where the piece ends in the decoded string; it starts where the one before ends.
    end: u32,
    kind: Kind,
    span: Span,
    /// 0, or 1 + index of the variable use that brought the piece here.
    via: u32,
    encoding: Encoding,
}

/// A use of a variable: `${NAME…}` in a file that Compose interpolates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The whole `${…}`.
    pub span: Span,
    /// The variable's name.
    pub name: Box<str>,
}

/// What a text of one piece came from. Nearly all are such, and texts are most of what is kept: a word then, not a list.
#[derive(Debug, Clone, Copy, Default)]
enum Sole {
    /// No piece at all.
    #[default]
    None,
    /// Byte for byte, this many bytes behind the start of the text's place.
    Literal { lead: u8, encoding: Encoding },
    /// The place as a whole stands for it.
    Escape,
    /// Unknown; the place stands for it.
    Hole,
}

impl Sole {
    /// `piece` as the only one of a text at `place`, if it can be said so.
    #[inline]
    fn of(piece: Piece, place: Span) -> Option<Sole> {
        let Piece { end, kind, span, via: 0, encoding } = piece else { return None };
        match kind {
            Kind::Literal => {
                let lead = span.start.checked_sub(place.start).and_then(|n| u8::try_from(n).ok())?;
                let fits = span.file == place.file && span.start.checked_add(end) == Some(span.end);
                fits.then_some(Sole::Literal { lead, encoding })
            }
            Kind::Escape if span == place => Some(Sole::Escape),
            Kind::Hole if span == place => Some(Sole::Hole),
            _ => None,
        }
    }
}

/// What any other text came from.
#[derive(Debug, Clone, Default)]
struct Parts {
    pieces: Vec<Piece>,
    /// The uses of variables that it came through.
    uses: Vec<Use>,
}

/// A change of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub span: Span,
    /// What it is replaced by.
    pub replacement: String,
}

/// Equality of values that may be partly unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// Equal whatever the unknown parts are.
    Yes,
    /// Different whatever the unknown parts are.
    No,
    /// It depends on what is not known.
    Unknown,
}

/// A decoded string and where it came from. See the module.
#[derive(Clone)]
pub struct Text {
    string: String,
    /// The place of the whole text, for what is empty.
    place: Span,
    /// What it came from, unless there are parts.
    sole: Sole,
    parts: Option<Box<Parts>>,
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{}..{}", self.string, self.place.start, self.place.end)
    }
}

impl Text {
    /// An empty text that stands at `place` and will be filled piece by piece.
    #[must_use]
    #[inline]
    pub fn at(place: Span) -> Text {
        Text { string: String::new(), place, sole: Sole::None, parts: None }
    }

    /// A text that stands byte for byte at `span`.
    #[must_use]
    #[inline]
    pub fn literal(string: impl Into<String>, span: Span, encoding: Encoding) -> Text {
        Text::literal_in(span, string, span, encoding)
    }

    /// A text that stands byte for byte at `span`, and as a whole (for instance with its quotes) at `place`.
    #[must_use]
    #[inline]
    pub fn literal_in(place: Span, string: impl Into<String>, span: Span, encoding: Encoding) -> Text {
        let mut text = Text::at(place);
        text.string = string.into();
        text.add(Kind::Literal, span, encoding);
        text
    }

    /// A text that `span` as a whole stands for.
    #[must_use]
    pub fn decoded(string: impl Into<String>, span: Span) -> Text {
        let mut text = Text::at(span);
        text.string = string.into();
        text.add(Kind::Escape, span, Encoding::default());
        text
    }

    /// A wholly unknown text that `span` stands for.
    #[must_use]
    pub fn hole(span: Span) -> Text {
        let mut text = Text::at(span);
        text.push_hole(span);
        text
    }

    #[inline]
    fn add(&mut self, kind: Kind, span: Span, encoding: Encoding) {
        self.push(Piece { end: cut(self.string.len()), kind, span, via: 0, encoding });
    }

    /// Appends a piece, unless it is empty, whose part of the string is there already.
    fn push(&mut self, piece: Piece) {
        match &mut self.parts {
            Some(parts) if parts.pieces.last().map_or(0, |p| p.end) >= piece.end => {}
            Some(parts) => parts.pieces.push(piece),
            None if piece.end == 0 || !matches!(self.sole, Sole::None) => {}
            None => match Sole::of(piece, self.place) {
                Some(sole) => self.sole = sole,
                None => self.parts = Some(Box::new(Parts { pieces: vec![piece], uses: Vec::new() })),
            },
        }
    }

    /// Makes room for a string of that many bytes in all.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.string.reserve(bytes);
    }

    /// Appends to the string. What it was made of until now is no longer all of it.
    #[inline]
    fn push_str(&mut self, string: &str) {
        if !string.is_empty() && !matches!(self.sole, Sole::None) {
            self.parts();
        }
        self.string.push_str(string);
    }

    /// Its parts; an only piece becomes one of them.
    fn parts(&mut self) -> &mut Parts {
        let sole = self.sole();
        self.sole = Sole::None;
        let parts = self.parts.get_or_insert_default();
        parts.pieces.extend(sole);
        parts
    }

    /// The piece, of a text that has one and no parts.
    #[inline]
    fn sole(&self) -> Option<Piece> {
        let (place, end) = (self.place, cut(self.string.len()));
        let encoding = Encoding::default();
        Some(match self.sole {
            Sole::None => return None,
            Sole::Literal { lead, encoding } => {
                let start = place.start + u32::from(lead);
                let span = Span { file: place.file, start, end: start + end };
                Piece { end, kind: Kind::Literal, span, via: 0, encoding }
            }
            Sole::Escape => Piece { end, kind: Kind::Escape, span: place, via: 0, encoding },
            Sole::Hole => Piece { end, kind: Kind::Hole, span: place, via: 0, encoding },
        })
    }

    /// Appends `string`, which stands byte for byte at `span`.
    pub fn push_literal(&mut self, string: &str, span: Span, encoding: Encoding) {
        self.push_str(string);
        self.add(Kind::Literal, span, encoding);
    }

    /// Appends `string`, which `span` as a whole stands for.
    pub fn push_decoded(&mut self, string: &str, span: Span) {
        self.push_str(string);
        self.add(Kind::Escape, span, Encoding::default());
    }

    /// Appends an unknown part that `span` stands for.
    pub fn push_hole(&mut self, span: Span) {
        self.push_str(HOLE.encode_utf8(&mut [0; 4]));
        self.add(Kind::Hole, span, Encoding::default());
    }

    /// Appends `slice` with all that is known of it. `layer` tells what this layer adds to its encoding.
    pub fn push_slice(&mut self, slice: Slice<'_>, layer: impl Fn(Encoding) -> Encoding) {
        self.push_via(slice, &layer, None);
    }

    /// Appends `slice`, the value of a variable that is used at `usage`.
    pub fn push_use(&mut self, slice: Slice<'_>, usage: Use) {
        self.push_via(slice, &|e| e, Some(usage));
    }

    fn push_via(&mut self, slice: Slice<'_>, layer: &dyn Fn(Encoding) -> Encoding, usage: Option<Use>) {
        // The uses of the slice are kept beside our own; an outer use replaces the inner ones.
        let outer = usage.map(|u| {
            let all = &mut self.parts().uses;
            all.push(u);
            cut(all.len())
        });
        let shift = cut(self.uses().len());
        let mut inner_used = false;
        for (piece, span, range) in slice.parts() {
            let via = match outer {
                Some(index) => index,
                None if piece.via == 0 => 0,
                None => {
                    inner_used = true;
                    shift + piece.via
                }
            };
            self.push_str(slice.text.string.get(range).unwrap_or_default());
            let (end, encoding) = (cut(self.string.len()), layer(piece.encoding));
            self.push(Piece { end, kind: piece.kind, span, via, encoding });
        }
        if inner_used {
            self.parts().uses.extend(slice.text.uses().iter().cloned());
        }
    }

    /// The uses of variables that its pieces came through.
    fn uses(&self) -> &[Use] {
        self.parts.as_ref().map_or(&[], |p| &p.uses)
    }

    /// The pieces that end behind `from`, and where the first of them starts.
    fn pieces_from(&self, from: u32) -> (impl Iterator<Item = Piece>, u32) {
        let all = self.parts.as_ref().map_or(&[][..], |p| &p.pieces);
        let first = all.partition_point(|p| p.end <= from);
        let start = first.checked_sub(1).and_then(|i| all.get(i)).map_or(0, |p| p.end);
        let sole = if self.parts.is_none() { self.sole().filter(|p| p.end > from) } else { None };
        (sole.into_iter().chain(all.get(first..).unwrap_or_default().iter().copied()), start)
    }

    /// The decoded string, with [`HOLE`] for each unknown part.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.string
    }

    /// The whole text as a slice.
    #[must_use]
    #[inline]
    pub fn slice(&self) -> Slice<'_> {
        Slice { text: self, start: 0, end: self.string.len() }
    }

    /// The part that lies at `extent`, which came from this text.
    #[must_use]
    #[inline]
    pub fn part(&self, extent: Extent) -> Slice<'_> {
        Slice { text: self, start: extent.start as usize, end: extent.end as usize }
    }

    /// The decoded string, when all of it is known.
    #[must_use]
    #[inline]
    pub fn known(&self) -> Option<&str> {
        self.slice().known()
    }

    /// The bytes it came from, or the place where it would stand.
    #[must_use]
    #[inline]
    pub fn span(&self) -> Span {
        match (&self.parts, self.sole()) {
            (None, None) => self.place,
            (None, Some(piece)) => piece.span,
            _ => self.slice().span(),
        }
    }

    /// The place of the whole text in its own file, quotes included.
    #[must_use]
    #[inline]
    pub fn place(&self) -> Span {
        self.place
    }

    /// The file of [`Text::place`].
    #[must_use]
    pub fn file(&self) -> FileId {
        self.place.file
    }

    /// Sets the place of the whole text (for instance with its quotes).
    #[must_use]
    #[inline]
    pub fn placed(mut self, place: Span) -> Text {
        if let Some(piece) = self.sole() {
            match Sole::of(piece, place) {
                Some(sole) => self.sole = sole,
                None => {
                    self.parts();
                }
            }
        }
        self.place = place;
        self
    }

    /// Tells what a further layer adds to how the text is written.
    #[must_use]
    #[inline]
    pub fn layered(mut self, layer: impl Fn(Encoding) -> Encoding) -> Text {
        if let Sole::Literal { encoding, .. } = &mut self.sole {
            *encoding = layer(*encoding);
        }
        for piece in self.parts.iter_mut().flat_map(|p| &mut p.pieces) {
            piece.encoding = layer(piece.encoding);
        }
        self
    }

    /// Replaces `range` of the decoded string by `new`, written as each layer wants it. `None` when it cannot be done
    /// faithfully: the range holds an escape or a hole, came out of a variable, or `new` has no safe spelling there.
    #[must_use]
    pub fn edit(&self, range: Range<usize>, new: &str) -> Option<Edit> {
        let slice = self.slice().range(range);
        let mut span: Option<Span> = None;
        let mut encoding = None;
        for (piece, part, _) in slice.parts() {
            if piece.kind != Kind::Literal || piece.via != 0 {
                return None;
            }
            if encoding.is_some_and(|e| e != piece.encoding) || span.is_some_and(|s| s.end != part.start) {
                return None;
            }
            encoding = Some(piece.encoding);
            span = Some(span.map_or(part, |s| s.cover(part)));
        }
        Some(Edit { span: span?, replacement: encode(new, encoding?)? })
    }
}

fn cut(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// `new` as `encoding` writes it, or `None` where that would need quotes or escapes that are not there.
fn encode(new: &str, encoding: Encoding) -> Option<String> {
    if new.contains(HOLE) || new.chars().any(char::is_control) {
        return None;
    }
    let mut text = new.to_owned();
    if let Some(part) = encoding.properties {
        let mut escaped = String::with_capacity(text.len());
        for (i, c) in text.chars().enumerate() {
            match c {
                '\\' => escaped.push_str("\\\\"),
                ' ' if part == Part::Key || i == 0 => escaped.push_str("\\ "),
                '=' | ':' if part == Part::Key => escaped.extend(['\\', c]),
                '#' | '!' if part == Part::Key && i == 0 => escaped.extend(['\\', c]),
                c if c.is_ascii() => escaped.push(c),
                _ => return None,
            }
        }
        text = escaped;
    }
    if encoding.dollar {
        text = text.replace('$', "$$");
    }
    let safe = |extra: &str| text.chars().all(|c| c.is_alphanumeric() || extra.contains(c));
    match encoding.base {
        Base::Raw | Base::YamlBlock => Some(text),
        Base::YamlPlain => {
            let fine =
                !text.contains(": ") && !text.contains(" #") && !text.ends_with(':') && text.trim() == text;
            (fine && safe("._-/:@,=+~$ ") && !text.starts_with(['-', ' '])).then_some(text)
        }
        Base::YamlSingle => Some(text.replace('\'', "''")),
        Base::YamlDouble => Some(text.replace('\\', "\\\\").replace('"', "\\\"")),
        Base::EnvPlain | Base::Shell => safe("._-/:@,=+").then_some(text),
        Base::EnvSingle => (!text.contains('\'')).then_some(text),
        Base::EnvDouble => (!text.contains(['"', '\\', '$'])).then_some(text),
    }
}

/// A part of a [`Text`].
#[derive(Clone, Copy)]
pub struct Slice<'t> {
    text: &'t Text,
    start: usize,
    end: usize,
}

/// Where a [`Slice`] lies in its text: for who keeps beside a text what was read of it. [`Text::part`] goes back.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    start: u32,
    end: u32,
}

/// Some slices of one text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Slices<'t> {
    text: Option<&'t Text>,
    extents: &'t [Extent],
}

impl<'t> Slices<'t> {
    /// Those that lie at `extents`, which came from `text`.
    #[must_use]
    pub fn new(text: &'t Text, extents: &'t [Extent]) -> Slices<'t> {
        Slices { text: Some(text), extents }
    }

    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = Slice<'t>> {
        self.text.into_iter().flat_map(move |text| self.extents.iter().map(|e| text.part(*e)))
    }

    /// True when there are none.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.extents.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.extents.len()
    }
}

impl fmt::Debug for Slice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl<'t> Slice<'t> {
    /// The text it is a part of.
    #[must_use]
    pub fn text(self) -> &'t Text {
        self.text
    }

    /// Where it lies in [`Slice::text`].
    #[must_use]
    #[inline]
    pub fn extent(self) -> Extent {
        Extent { start: cut(self.start), end: cut(self.end) }
    }

    /// Its range in the decoded string of [`Slice::text`].
    #[must_use]
    pub fn bounds(self) -> Range<usize> {
        self.start..self.end
    }

    /// The decoded string, with [`HOLE`] for each unknown part.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> &'t str {
        self.text.string.get(self.start..self.end).unwrap_or("")
    }

    /// The decoded string, when all of it is known.
    #[must_use]
    #[inline]
    pub fn known(self) -> Option<&'t str> {
        (!self.has_hole()).then_some(self.as_str())
    }

    /// True when a part is unknown.
    #[must_use]
    #[inline]
    pub fn has_hole(self) -> bool {
        let s = self.as_str();
        // Asked of nearly every text: no byte above ASCII, no hole.
        !s.is_ascii() && s.contains(HOLE)
    }

    /// True when nothing but holes (and blanks) is in it.
    #[must_use]
    pub fn is_all_hole(self) -> bool {
        self.has_hole() && self.as_str().chars().all(|c| c == HOLE || c.is_whitespace())
    }

    /// True when the decoded string is empty.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// `range` of this slice (offsets in its own string), cut to it and to character borders.
    #[must_use]
    #[inline]
    pub fn range(self, range: Range<usize>) -> Slice<'t> {
        let border = |mut i: usize| {
            i = i.min(self.end);
            while !self.text.string.is_char_boundary(i) {
                i -= 1;
            }
            i
        };
        let start = border(self.start.saturating_add(range.start));
        let end = border(self.start.saturating_add(range.end)).max(start);
        Slice { text: self.text, start, end }
    }

    /// Without blanks at both ends. Java's `trim`: everything up to U+0020 is blank.
    #[must_use]
    #[inline]
    pub fn trim(self) -> Slice<'t> {
        let s = self.as_str().as_bytes();
        let blanks = s.iter().take_while(|b| **b <= b' ').count();
        let behind = s.iter().skip(blanks).rev().take_while(|b| **b <= b' ').count();
        Slice { text: self.text, start: self.start + blanks, end: self.end - behind }
    }

    /// The parts between `separator`s (of ASCII), empty ones too. An empty slice is one empty part.
    pub fn split(self, separator: u8) -> impl Iterator<Item = Slice<'t>> {
        let mut at = self.start;
        // Texts are short: going through the bytes beats what `str` prepares for a search.
        self.as_str().as_bytes().split(move |b| *b == separator).map(move |part| {
            let slice = Slice { text: self.text, start: at, end: at + part.len() };
            at += part.len() + 1;
            slice
        })
    }

    /// Before and after the first `separator` (of ASCII).
    #[must_use]
    pub fn split_once(self, separator: u8) -> Option<(Slice<'t>, Slice<'t>)> {
        Some(self.cut_at(self.as_str().bytes().position(|b| b == separator)?))
    }

    /// Before and after the last `separator` (of ASCII).
    #[must_use]
    pub fn rsplit_once(self, separator: u8) -> Option<(Slice<'t>, Slice<'t>)> {
        Some(self.cut_at(self.as_str().bytes().rposition(|b| b == separator)?))
    }

    /// Before and after the byte at `at`.
    #[inline]
    fn cut_at(self, at: usize) -> (Slice<'t>, Slice<'t>) {
        let middle = self.start + at;
        let before = Slice { text: self.text, start: self.start, end: middle };
        (before, Slice { text: self.text, start: middle + 1, end: self.end })
    }

    /// Pieces that take part, each with its bytes and the decoded range.
    fn parts(self) -> impl Iterator<Item = (Piece, Span, Range<usize>)> + 't {
        let (pieces, start) = self.text.pieces_from(cut(self.start));
        let mut start = start as usize;
        let inside = pieces.map_while(move |piece| {
            let (from, end) = (start, piece.end as usize);
            start = end;
            (from < self.end).then_some((piece, from, end))
        });
        inside.filter_map(move |(piece, from, end)| {
            let (a, b) = (from.max(self.start), end.min(self.end));
            if a >= b {
                return None;
            }
            let span = if piece.kind == Kind::Literal {
                let first = piece.span.start + cut(a - from);
                Span { file: piece.span.file, start: first, end: first + cut(b - a) }
            } else {
                piece.span
            };
            Some((piece, span, a..b))
        })
    }

    /// The bytes it came from: from the first to the last of those that lie in the file of the first. An empty slice
    /// has an empty span where it would stand.
    #[must_use]
    pub fn span(self) -> Span {
        let mut parts = self.parts();
        if let Some((_, first, _)) = parts.next() {
            return parts.fold(first, |all, (_, span, _)| all.cover(span));
        }
        // The piece that ends right here, else the one around.
        let (pieces, start) = self.text.pieces_from(cut(self.start).saturating_sub(1));
        let mut start = start as usize;
        for piece in pieces {
            let end = piece.end as usize;
            if start <= self.start && self.start <= end {
                let at = match piece.kind {
                    Kind::Literal => piece.span.start + cut(self.start - start),
                    _ if self.start == start => piece.span.start,
                    _ => piece.span.end,
                };
                return Span { file: piece.span.file, start: at, end: at };
            }
            start = end;
        }
        self.text.place
    }

    /// The places where variables brought parts of it in, in order, each once.
    pub fn uses(self) -> impl Iterator<Item = &'t Use> {
        let mut last = 0;
        self.parts().filter_map(move |(piece, _, _)| {
            if piece.via == last {
                return None;
            }
            last = piece.via;
            self.text.uses().get((piece.via as usize).checked_sub(1)?)
        })
    }

    /// Every span that takes part, one for each run of bytes.
    #[must_use]
    pub fn spans(self) -> Vec<Span> {
        let mut out: Vec<Span> = Vec::new();
        for (_, span, _) in self.parts() {
            match out.last_mut() {
                Some(last) if last.file == span.file && last.end == span.start => *last = last.cover(span),
                _ => out.push(span),
            }
        }
        if out.is_empty() {
            out.push(self.span());
        }
        out
    }

    /// The slice as a text of its own.
    #[must_use]
    pub fn to_text(self) -> Text {
        let mut text = Text::at(self.span());
        text.push_slice(self, |e| e);
        text
    }

    /// Three-valued equality. With `fold`, letter case does not count.
    #[must_use]
    pub fn same(self, other: Slice<'_>, fold: bool) -> Same {
        let (a, b) = (self.as_str(), other.as_str());
        let equal = |x: &str, y: &str| if fold { x.eq_ignore_ascii_case(y) } else { x == y };
        if !self.has_hole() && !other.has_hole() {
            return if equal(a, b) { Same::Yes } else { Same::No };
        }
        let (x, y) = (a.split_once(HOLE), b.split_once(HOLE));
        let (head_a, head_b) = (x.map_or(a, |x| x.0), y.map_or(b, |y| y.0));
        let tail = |s: &'_ str| s.rsplit_once(HOLE).map_or(s.len(), |t| t.1.len());
        let (tail_a, tail_b) = (a.len() - tail(a), b.len() - tail(b));
        let (tail_a, tail_b) = (a.get(tail_a..).unwrap_or(""), b.get(tail_b..).unwrap_or(""));
        let n = head_a.len().min(head_b.len());
        let heads = match (head_a.get(..n), head_b.get(..n)) {
            (Some(p), Some(q)) => equal(p, q),
            _ => true,
        };
        let m = tail_a.len().min(tail_b.len());
        let tails = match (tail_a.get(tail_a.len() - m..), tail_b.get(tail_b.len() - m..)) {
            (Some(p), Some(q)) => equal(p, q),
            _ => true,
        };
        // A known side that is shorter than what the other one surely holds cannot equal it.
        let short = x.is_none() && a.len() < head_b.len() + tail_b.len()
            || y.is_none() && b.len() < head_a.len() + tail_a.len();
        if heads && tails && !short { Same::Unknown } else { Same::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32, end: u32) -> Span {
        Span { file: FileId(0), start, end }
    }

    fn lit(s: &str, at: u32) -> Text {
        Text::literal(s, span(at, at + cut(s.len())), Encoding::default())
    }

    #[test]
    fn slices_point_back_through_a_variable() {
        // compose: `1@${H}:9093` at 10; .env: `a,b` in file 1 at 4
        let outer = lit("1@${H}:9093", 10);
        let value = Text::literal("a,b", Span { file: FileId(1), start: 4, end: 7 }, Encoding::default());
        let mut text = Text::at(outer.place());
        text.push_slice(outer.slice().range(0..2), |e| e);
        text.push_use(value.slice(), Use { span: span(12, 16), name: "H".into() });
        text.push_slice(outer.slice().range(6..11), |e| e);
        assert_eq!(text.as_str(), "1@a,b:9093");
        let b = text.slice().range(4..5);
        assert_eq!(b.as_str(), "b");
        assert_eq!(b.span(), Span { file: FileId(1), start: 6, end: 7 });
        assert_eq!(b.uses().map(|u| u.span).collect::<Vec<_>>(), [span(12, 16)]);
        assert_eq!(text.slice().range(5..10).span(), span(16, 21));
        assert!(text.edit(2..3, "c").is_none(), "a variable may be used elsewhere");
        assert_eq!(text.edit(6..10, "19093").unwrap().span, span(17, 21));
    }

    #[test]
    fn an_empty_variable_changes_nothing() {
        let outer = lit("U=${A}", 10);
        let empty = Text::at(Span { file: FileId(1), start: 2, end: 2 });
        let mut text = Text::at(outer.place());
        text.push_slice(outer.slice().range(0..2), |e| e);
        text.push_use(empty.slice(), Use { span: span(12, 16), name: "A".into() });
        assert_eq!(text.slice().to_text().as_str(), "U=");
        assert_eq!(text.slice().range(0..1).to_text().as_str(), "U");
        assert_eq!(text.slice().range(1..2).span(), span(11, 12));
        let moved = text.placed(span(0, 40));
        assert_eq!((moved.slice().range(0..1).span(), moved.place()), (span(10, 11), span(0, 40)));
    }

    #[test]
    fn equality_has_three_answers() {
        let hole = |head: &str, tail: &str| {
            let mut t = Text::at(span(0, 0));
            t.push_literal(head, span(0, cut(head.len())), Encoding::default());
            t.push_hole(span(50, 54));
            t.push_literal(tail, span(60, 60 + cut(tail.len())), Encoding::default());
            t
        };
        let same = |a: &Text, b: &Text| a.slice().same(b.slice(), true);
        assert_eq!(same(&lit("Host", 0), &lit("hosT", 9)), Same::Yes);
        assert_eq!(same(&lit("host", 0), &lit("host2", 9)), Same::No);
        assert_eq!(same(&hole("1@", ":9093"), &lit("1@h:9093", 0)), Same::Unknown);
        assert_eq!(same(&hole("1@", ":9093"), &lit("1@h:9094", 0)), Same::No);
        assert_eq!(same(&hole("1@", ":9093"), &lit("2@h:9093", 0)), Same::No);
    }

    #[test]
    fn writes_as_the_layers_want_it() {
        let text =
            |base, s: &str| Text::literal(s, span(0, cut(s.len())), Encoding { base, ..Default::default() });
        let edit = |t: &Text, new: &str| t.edit(0..t.as_str().len(), new).map(|e| e.replacement);
        assert_eq!(edit(&text(Base::YamlPlain, "a"), "b: c"), None);
        assert_eq!(edit(&text(Base::YamlSingle, "a"), "it's").as_deref(), Some("it''s"));
        assert_eq!(edit(&text(Base::YamlDouble, "a"), "a\"b").as_deref(), Some("a\\\"b"));
        let dollar = Encoding { base: Base::YamlPlain, dollar: true, properties: None };
        let t = Text::literal("a", span(0, 1), dollar);
        assert_eq!(edit(&t, "$x").as_deref(), Some("$$x"));
        let key = Encoding { properties: Some(Part::Key), ..Default::default() };
        assert_eq!(edit(&Text::literal("a", span(0, 1), key), "a b").as_deref(), Some("a\\ b"));
    }

    #[test]
    fn an_empty_slice_has_a_place() {
        let t = lit("a,,b", 7);
        let parts: Vec<_> = t.slice().split(b',').collect();
        assert_eq!(parts.len(), 3);
        assert_eq!(parts.get(1).map(|p| p.span()), Some(span(9, 9)));
    }
}
