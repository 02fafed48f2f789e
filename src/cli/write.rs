//! Bytes out: standard output, files of findings, mended files. A file is replaced wholly or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Failure;

/// Writes to standard output. A closed pipe is no error: who reads has seen enough.
pub(super) fn stdout(text: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("cannot write to standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Writes files that kraftlint makes: path and content of each. If one cannot be written, none is changed.
pub(super) fn files(all: &[(&str, &[u8])]) -> Result<(), Failure> {
    let fail = |path: &str, e: &io::Error| match e.kind() {
        io::ErrorKind::NotFound => Failure(format!("cannot write {path}: its folder does not exist")),
        _ => Failure(format!("cannot write {path}: {e}")),
    };
    let mut ready = Vec::new();
    for (path, bytes) in all {
        // A pipe or a device (`/dev/stderr`) is no file that could be replaced.
        if fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
            fs::write(path, bytes).map_err(|e| fail(path, &e))?;
            continue;
        }
        // A link stays a link.
        let real = fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
        let permissions = fs::metadata(&real).ok().map(|m| m.permissions());
        let is_blocked = permissions.as_ref().is_some_and(fs::Permissions::readonly) || real.is_dir();
        let staged = if is_blocked {
            Err(io::Error::from(if real.is_dir() {
                io::ErrorKind::IsADirectory
            } else {
                io::ErrorKind::PermissionDenied
            }))
        } else {
            Temporary::write(&real, bytes, permissions)
        };
        ready.push((path, staged.map_err(|e| fail(path, &e))?));
    }
    ready.into_iter().try_for_each(|(path, file)| file.keep().map_err(|e| fail(path, &e)))
}

/// Replaces the file at `path`, whose bytes were `old`, by `new`, with the same permissions.
pub(super) fn replace(path: &str, old: &[u8], new: &[u8]) -> Result<(), Failure> {
    let fail = |e: &dyn std::fmt::Display| Failure(format!("cannot write {path}: {e}"));
    // A link stays a link: what it leads to is replaced.
    let real = fs::canonicalize(path).map_err(|e| fail(&e))?;
    let permissions = fs::metadata(&real).map_err(|e| fail(&e))?.permissions();
    if permissions.readonly() {
        return Err(fail(&"it is read-only"));
    }
    if fs::read(&real).map_err(|e| fail(&e))? != old {
        return Err(fail(&"it has changed since it was read"));
    }
    Temporary::write(&real, new, Some(permissions)).and_then(Temporary::keep).map_err(|e| fail(&e))
}

/// A new file beside the one that it shall replace. It is removed unless it is kept.
struct Temporary {
    path: PathBuf,
    target: PathBuf,
}

impl Temporary {
    fn write(target: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<Temporary> {
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let path = target.with_file_name(format!(".{name}.kraftlint-{}", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
        let temporary = Temporary { path, target: target.to_owned() };
        // Before the content: the file may hold secrets.
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(temporary)
    }

    fn keep(self) -> io::Result<()> {
        fs::rename(&self.path, &self.target)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Best effort: once kept, it is no longer there.
        _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("kraftlint-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = folder("write");
        let path = folder.join("a.properties");
        fs::write(&path, "old").unwrap();
        let name = path.to_str().unwrap();
        assert!(replace(name, b"other", b"new").unwrap_err().0.contains("changed"));
        replace(name, b"old", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn all_files_or_none() {
        let folder = folder("write-all");
        let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        fs::write(path("a"), "old").unwrap();
        let (a, b, no) = (path("a"), path("b"), path("no/such"));
        assert!(files(&[(&a, b"new"), (&no, b"new")]).unwrap_err().0.contains("no/such"));
        assert_eq!(fs::read(&a).unwrap(), b"old");
        files(&[(&a, b"new"), (&b, b"newer")]).unwrap();
        assert_eq!((fs::read(&a).unwrap(), fs::read(&b).unwrap()), (b"new".to_vec(), b"newer".to_vec()));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        fs::remove_dir_all(&folder).unwrap();
    }
}
