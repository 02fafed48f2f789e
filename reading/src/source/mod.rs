//! Where bytes come from: files, spans into them, line numbers.
//!
//! [`Files`] is the only way to the outside; the disk, a map in memory or a git revision stand behind it. [`Sources`]
//! keeps what was read, so that every later room can name a place by a [`Span`]. Nothing here knows what a file means.

mod discovery;
mod disk;
mod git;
mod glob;
mod memory;
mod overlay;
pub mod path;
mod walk;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use discovery::{Candidate, Role, role_of};
pub use disk::DiskFiles;
pub use git::GitFiles;
pub use glob::Glob;
pub use memory::MemoryFiles;
pub use overlay::Overlay;

/// The largest file that is read, in bytes. Real configuration is a thousand times smaller.
pub const SIZE_LIMIT: u64 = 16 * 1024 * 1024;

/// What a comment that is meant for kraftlint starts with, behind its `#`.
pub const MARK: &str = "kraftlint:";

/// A file of this run, by its place in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A range of bytes of one file, as they stand on disk. May be empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// `range` of `file`. Offsets beyond 4 GiB cannot occur (see [`SIZE_LIMIT`]) and are cut.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Span {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: cut(range.start), end: cut(range.end.max(range.start)) }
    }

    /// The byte range, for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// True when no byte is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The smallest span over both; `self` when they lie in different files.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// True when `other` lies inside.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// There is no such file.
    Missing,
    /// It is a directory.
    Directory,
    /// It is a pipe, a socket or a device; such are never opened.
    NotRegular,
    /// It lies outside the roots of this run, perhaps through a link.
    Outside,
    /// It is larger than [`SIZE_LIMIT`].
    TooLarge(u64),
    /// The operating system said no.
    Denied,
    /// Anything else, in the operating system's words.
    Other(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Missing => f.write_str("it does not exist"),
            ReadError::Directory => f.write_str("it is a directory"),
            ReadError::NotRegular => f.write_str("it is no regular file"),
            ReadError::Outside => f.write_str("it lies outside the folder that is checked"),
            ReadError::TooLarge(n) => write!(f, "it has {n} bytes, more than the {SIZE_LIMIT} that are read"),
            ReadError::Denied => f.write_str("permission denied"),
            ReadError::Other(text) => f.write_str(text),
        }
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file that may be read.
    File,
    /// A directory.
    Directory,
    /// Nothing.
    Missing,
    /// Something that is never read: a pipe, a device, a link that leads out of the roots.
    Other,
}

/// The outside world, as far as kraftlint sees it. Paths are `/`-separated and normalised by [`path::join`]; they are
/// relative to the working directory, or absolute.
pub trait Files: Sync {
    /// The bytes of the regular file at `path`.
    ///
    /// # Errors
    /// When it is missing, is no regular file, lies outside the roots, is too large or cannot be read.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;

    /// What stands at `path`, following links.
    fn kind(&self, path: &str) -> Kind;

    /// The files below `root` whose name makes them worth a look, in path order; a `root` that is a file is itself
    /// the only candidate. The second part tells what could not be entered.
    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>);

    /// True when it is known without a look that `folder` holds none of these names, as of most folders that
    /// [`Files::discover`] came by.
    fn lacks(&self, folder: &str, names: &[&str]) -> bool {
        let _ = (folder, names);
        false
    }
}

/// What stands in a file.
#[derive(Debug, Clone)]
pub enum Content {
    /// It is UTF-8.
    Text(Arc<str>),
    /// It is not.
    Bytes(Arc<[u8]>),
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Content {
        match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text.into()),
            Err(error) => Content::Bytes(error.into_bytes().into()),
        }
    }
}

impl Content {
    /// Its bytes as they stand on disk.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        match self {
            Content::Text(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        }
    }
}

/// One file that was read.
#[derive(Debug)]
pub struct File {
    name: Arc<str>,
    content: Content,
    lines: OnceLock<Vec<u32>>,
}

impl File {
    fn new(name: Arc<str>, content: Content) -> File {
        File { name, content, lines: OnceLock::new() }
    }

    /// Its path as shown: relative to the working directory, with `/`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its bytes as they stand on disk.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }

    /// False when no comment of it can be meant for kraftlint, as in nearly every file.
    #[must_use]
    pub fn may_address_us(&self) -> bool {
        memchr::memmem::find(self.bytes(), MARK.as_bytes()).is_some()
    }

    /// What stands in it, to be shared.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// True when the bytes are valid UTF-8; else they are shown as ISO-8859-1, one character a byte.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        matches!(self.content, Content::Text(_))
    }

    /// Offsets of the line starts. LF, CR and CRLF end a line.
    #[must_use]
    pub fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            for i in memchr::memchr2_iter(b'\n', b'\r', self.bytes()) {
                // Of CRLF the second byte ends the line.
                if !matches!(self.bytes().get(i..i + 2), Some(b"\r\n")) {
                    starts.push(u32::try_from(i + 1).unwrap_or(u32::MAX));
                }
            }
            starts
        })
    }

    /// The 0-based line that holds byte `offset`.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> usize {
        self.lines().partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Line and column of byte `offset`, both 1-based, the column in characters. A byte order mark counts for none.
    #[must_use]
    pub fn position(&self, offset: u32) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.lines().get(line).copied().unwrap_or(0) as usize;
        let before = self.bytes().get(start..offset as usize).unwrap_or_default();
        let before = before.strip_prefix(b"\xef\xbb\xbf").filter(|_| start == 0).unwrap_or(before);
        let column =
            if self.is_utf8() { before.iter().filter(|b| **b & 0xc0 != 0x80).count() } else { before.len() };
        (line + 1, column + 1)
    }

    /// The bytes of `range` as text, cut to the file.
    #[must_use]
    pub fn text(&self, range: Range<usize>) -> std::borrow::Cow<'_, str> {
        let end = range.end.min(self.bytes().len());
        let bytes = self.bytes().get(range.start.min(end)..end).unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) if self.is_utf8() => text.into(),
            _ => bytes.iter().map(|b| char::from(*b)).collect::<String>().into(),
        }
    }
}

/// Every file that was read in this run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<File>,
    by_name: crate::hash::HashMap<Arc<str>, FileId>,
}

impl Sources {
    /// Adds a file, or finds the one already there under that name.
    pub fn add(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> FileId {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let name: Arc<str> = name.into();
        self.files.push(File::new(Arc::clone(&name), bytes.into().into()));
        self.by_name.insert(name, id);
        id
    }

    /// The file read under `name`, if it was.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.by_name.get(name).copied()
    }

    /// The file `id`. An id of another run gives an empty file.
    #[must_use]
    pub fn file(&self, id: FileId) -> &File {
        static NOTHING: OnceLock<File> = OnceLock::new();
        self.files
            .get(id.0 as usize)
            .unwrap_or_else(|| NOTHING.get_or_init(|| File::new("".into(), Content::Text("".into()))))
    }

    /// The path of `id` as shown.
    #[must_use]
    pub fn name(&self, id: FileId) -> &str {
        self.file(id).name()
    }

    /// The text under `span`.
    #[must_use]
    pub fn text(&self, span: Span) -> std::borrow::Cow<'_, str> {
        self.file(span.file).text(span.range())
    }

    /// How many files were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True when nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// All ids, in the order of reading.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..u32::try_from(self.files.len()).unwrap_or(u32::MAX)).map(FileId)
    }
}
