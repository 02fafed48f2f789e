//! Bytes out: standard output, a file of findings, a mended file.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

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

/// Writes a file of findings.
pub(super) fn file(path: &str, text: &[u8]) -> Result<(), Failure> {
    fs::write(path, text).map_err(|e| Failure(format!("cannot write {path}: {e}")))
}

/// Replaces the file at `path`, whose bytes were `old`, by `new`: wholly or not at all, with the same permissions.
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
    let name = real.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = real.with_file_name(format!(".{name}.kraftlint-{}", std::process::id()));
    let written = fill(&temporary, new, permissions).and_then(|()| fs::rename(&temporary, &real));
    written.map_err(|e| {
        // Best effort: it may not exist.
        _ = fs::remove_file(&temporary);
        fail(&e)
    })
}

fn fill(path: &Path, bytes: &[u8], permissions: fs::Permissions) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    // Before the content: the file may hold secrets.
    file.set_permissions(permissions)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let folder = std::env::temp_dir().join(format!("kraftlint-write-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("a.properties");
        fs::write(&path, "old").unwrap();
        let name = path.to_str().unwrap();
        assert!(replace(name, b"other", b"new").unwrap_err().0.contains("changed"));
        replace(name, b"old", b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }
}
