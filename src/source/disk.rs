//! [`Files`] on the disk. The only place that opens files for reading.
//!
//! The input of a linter in CI is a stranger's: links that lead out of the roots, pipes, devices and huge files are
//! refused before they are opened.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::discovery::{self, Candidate};
use super::{Files, Kind, ReadError, SIZE_LIMIT, path};

/// The disk, as far as the roots of this run allow.
#[derive(Debug)]
pub struct DiskFiles {
    roots: Vec<PathBuf>,
    /// The true path of each folder that was asked for.
    folders: Mutex<HashMap<PathBuf, Option<PathBuf>>>,
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
        DiskFiles { roots, folders: Mutex::default() }
    }

    fn allowed(&self, name: &str) -> Result<PathBuf, ReadError> {
        let path = local(name);
        // Most names asked for are not there, and hardly any is a link: one look tells.
        let meta = fs::symlink_metadata(path).map_err(|e| read_error(&e))?;
        let real = match (path.parent(), path.file_name()) {
            (Some(folder), Some(file)) if meta.is_file() => self.folder(folder).map(|real| real.join(file)),
            _ => None,
        };
        let real = match real {
            Some(real) => real,
            None => fs::canonicalize(path).map_err(|e| read_error(&e))?,
        };
        if self.roots.iter().any(|r| real.starts_with(r)) { Ok(real) } else { Err(ReadError::Outside) }
    }
}

impl DiskFiles {
    /// The true path of `folder`, asked for once.
    fn folder(&self, folder: &Path) -> Option<PathBuf> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = folders.get(folder) {
            return known.clone();
        }
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let real = fs::canonicalize(here).ok();
        folders.insert(folder.to_owned(), real.clone());
        real
    }
}

fn local(name: &str) -> &Path {
    Path::new(if name.is_empty() { "." } else { name })
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
        let real = self.allowed(name)?;
        let meta = fs::metadata(&real).map_err(|e| read_error(&e))?;
        if meta.is_dir() {
            return Err(ReadError::Directory);
        }
        if !meta.is_file() {
            return Err(ReadError::NotRegular);
        }
        if meta.len() > SIZE_LIMIT {
            return Err(ReadError::TooLarge(meta.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or(0) + 1);
        let file = fs::File::open(&real).map_err(|e| read_error(&e))?;
        file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|e| read_error(&e))?;
        Ok(bytes)
    }

    fn kind(&self, name: &str) -> Kind {
        let Ok(real) = self.allowed(name) else {
            return if fs::symlink_metadata(local(name)).is_ok() { Kind::Other } else { Kind::Missing };
        };
        match fs::metadata(real) {
            Ok(meta) if meta.is_dir() => Kind::Directory,
            Ok(meta) if meta.is_file() => Kind::File,
            Ok(_) => Kind::Other,
            Err(_) => Kind::Missing,
        }
    }

    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        let root = path::normalise(root);
        if !local(&root).is_dir() {
            return (discovery::candidate(&root, true).into_iter().collect(), Vec::new());
        }
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        let mut walk = ignore::WalkBuilder::new(local(&root));
        walk.hidden(false)
            .git_global(false)
            .parents(true)
            .require_git(false)
            .follow_links(false)
            .sort_by_file_name(Ord::cmp);
        walk.filter_entry(|e| e.depth() == 0 || !is_foreign(e.file_name().to_str().unwrap_or("")));
        for entry in walk.build() {
            match entry {
                Ok(entry) => {
                    let Some(name) = entry.path().to_str() else { continue };
                    let name = path::normalise(name);
                    let Some(candidate) = discovery::candidate(&name, false) else { continue };
                    let kind = entry.file_type();
                    // A folder that bears a configuration file's name is walked, not read, unless it stands where a
                    // file is meant: that is reported by who refers to it.
                    if kind.is_some_and(|t| t.is_file())
                        || kind.is_some_and(|t| t.is_symlink()) && self.kind(&name) == Kind::File
                    {
                        found.push(candidate);
                    } else if kind.is_some_and(|t| t.is_dir())
                        && candidate.role == discovery::Role::Properties
                    {
                        failed.push((name, ReadError::Directory));
                    } else if kind.is_some_and(|t| t.is_symlink()) {
                        failed.push((name, ReadError::Outside));
                    } else if !kind.is_some_and(|t| t.is_dir()) {
                        failed.push((name, ReadError::NotRegular));
                    }
                }
                Err(e) => {
                    let name = match &e {
                        ignore::Error::WithPath { path, .. } => path.to_string_lossy().into_owned(),
                        _ => root.clone(),
                    };
                    let reason = e.io_error().map_or_else(|| ReadError::Other(e.to_string()), read_error);
                    failed.push((path::normalise(&name), reason));
                }
            }
        }
        found.sort();
        (found, failed)
    }
}

/// Folders that hold other people's files.
fn is_foreign(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".svn" | "node_modules" | "target" | "__pycache__" | "venv" | ".venv")
}
