//! [`Files`] on the disk. With [`super::walk`], which lists folders and reads ignore files, the only place that opens
//! files for reading.
//!
//! The input of a linter in CI is a stranger's: links that lead out of the roots, pipes, devices and huge files are
//! refused before they are opened.

use crate::hash::HashMap;
use crate::order;
use std::cell::RefCell;
use std::fs::{self, FileType};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::discovery::{self, Candidate};
use super::walk::{self, Entry, Listing, local};
use super::{Files, Kind, ReadError, SIZE_LIMIT, path};

/// The disk, as far as the roots of this run allow.
#[derive(Debug)]
pub struct DiskFiles {
    roots: Vec<PathBuf>,
    folders: Mutex<HashMap<String, Folder>>,
    /// How many files were read.
    reads: Arc<AtomicUsize>,
}

/// What is known of a folder.
#[derive(Debug)]
struct Folder {
    /// Does it truly lie below the roots?
    inside: bool,
    /// What it holds, where discovery came by.
    listing: Option<Listing>,
}

/// Something that may be opened.
struct Allowed {
    path: PathBuf,
    kind: FileType,
}

impl DiskFiles {
    /// The disk below `paths` (for a file its folder) and below the git work tree that holds each of them.
    #[must_use]
    pub fn below<S: AsRef<str>>(paths: &[S]) -> DiskFiles {
        let mut roots = Vec::new();
        for p in paths {
            let Ok(real) = fs::canonicalize(Path::new(p.as_ref())) else { continue };
            let folder = if real.is_dir() { real.as_path() } else { real.parent().unwrap_or(&real) };
            let git = folder.ancestors().find(|a| a.join(".git").exists());
            roots.push(git.unwrap_or(folder).to_owned());
        }
        DiskFiles { roots, folders: Mutex::default(), reads: Arc::default() }
    }

    /// Adds to `reads` one for each file that is read.
    #[must_use]
    pub fn counted(self, reads: &Arc<AtomicUsize>) -> DiskFiles {
        DiskFiles { reads: Arc::clone(reads), ..self }
    }

    fn allowed(&self, name: &str) -> Result<Allowed, ReadError> {
        let (folder, last) = (path::parent(name), path::file_name(name));
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let listed =
            folders.get(folder).and_then(|f| f.listing.as_ref().map(|all| (f.inside, all.get(last))));
        // Most names asked for are not there, and hardly any is a link: one look tells.
        let (inside, kind) = match listed.filter(|_| last != "..") {
            Some((_, None)) => return Err(ReadError::Missing),
            Some((inside, Some(kind))) => (Some(inside), kind),
            None => {
                let kind = fs::symlink_metadata(local(name)).map_err(|e| read_error(&e))?.file_type();
                (folders.get(folder).map(|f| f.inside), kind)
            }
        };
        if kind.is_symlink() || last == ".." || last.is_empty() {
            let real = fs::canonicalize(local(name)).map_err(|e| read_error(&e))?;
            let kind = fs::metadata(&real).map_err(|e| read_error(&e))?.file_type();
            return if self.is_inside(&real) {
                Ok(Allowed { path: real, kind })
            } else {
                Err(ReadError::Outside)
            };
        }
        let inside = inside.unwrap_or_else(|| {
            let inside = fs::canonicalize(local(folder)).is_ok_and(|real| self.is_inside(&real));
            folders.insert(folder.to_owned(), Folder { inside, listing: None });
            inside
        });
        if inside { Ok(Allowed { path: local(name).to_owned(), kind }) } else { Err(ReadError::Outside) }
    }

    fn is_inside(&self, real: &Path) -> bool {
        self.roots.iter().any(|r| real.starts_with(r))
    }
}

fn read_error(e: &std::io::Error) -> ReadError {
    match e.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => ReadError::Missing,
        std::io::ErrorKind::PermissionDenied => ReadError::Denied,
        std::io::ErrorKind::IsADirectory => ReadError::Directory,
        _ => ReadError::Other(e.to_string()),
    }
}

impl Files for DiskFiles {
    fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        let Allowed { path, kind } = self.allowed(name)?;
        if kind.is_dir() {
            return Err(ReadError::Directory);
        }
        if !kind.is_file() {
            return Err(ReadError::NotRegular);
        }
        self.reads.fetch_add(1, Ordering::Relaxed);
        let file = fs::File::open(path).map_err(|e| read_error(&e))?;
        let size = file.metadata().map_err(|e| read_error(&e))?.len();
        if size > SIZE_LIMIT {
            return Err(ReadError::TooLarge(size));
        }
        // What is there now is read, without asking once more for the end; some files do not tell their size.
        let most = if size == 0 { SIZE_LIMIT } else { size };
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        file.take(most).read_to_end(&mut bytes).map_err(|e| read_error(&e))?;
        Ok(bytes)
    }

    fn kind(&self, name: &str) -> Kind {
        match self.allowed(name) {
            Ok(found) if found.kind.is_dir() => Kind::Directory,
            Ok(found) if found.kind.is_file() => Kind::File,
            Ok(_) => Kind::Other,
            Err(_) if fs::symlink_metadata(local(name)).is_ok() => Kind::Other,
            Err(_) => Kind::Missing,
        }
    }

    fn lacks(&self, folder: &str, names: &[&str]) -> bool {
        let folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let listing = folders.get(folder).and_then(|f| f.listing.as_ref());
        listing.is_some_and(|all| names.iter().all(|name| all.get(name).is_none()))
    }

    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        let root = path::normalise(root);
        if !local(&root).is_dir() {
            return (discovery::candidate(&root, true).into_iter().collect(), Vec::new());
        }
        let (mut found, failed) = (Vec::new(), RefCell::new(Vec::new()));
        let visit = |entry: Entry<'_>| {
            let Some(candidate) = discovery::candidate(entry.path, false) else { return };
            let kind = entry.kind;
            let fail = |reason| failed.borrow_mut().push((entry.path.to_owned(), reason));
            // A folder that bears a configuration file's name is walked, not read, unless it stands where a file is
            // meant: that is reported by who refers to it.
            if kind.is_file() || kind.is_symlink() && self.kind(entry.path) == Kind::File {
                found.push(candidate);
            } else if kind.is_dir() {
                if candidate.role == discovery::Role::Properties {
                    fail(ReadError::Directory);
                }
            } else {
                fail(if kind.is_symlink() { ReadError::Outside } else { ReadError::NotRegular });
            }
        };
        // Links are not followed: what lies below the root in sight lies below it in truth.
        let inside = fs::canonicalize(local(&root)).is_ok_and(|real| self.is_inside(&real));
        let listed = |folder: &str, listing: Listing| {
            let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
            folders.insert(folder.to_owned(), Folder { inside, listing: Some(listing) });
        };
        walk::walk(&root, visit, listed, |folder, e| {
            failed.borrow_mut().push((folder.to_owned(), read_error(&e)));
        });
        order::sort(&mut found);
        (found, failed.into_inner())
    }
}
