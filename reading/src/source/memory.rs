//! [`Files`] in memory: for tests, rule pages and a language server.

use std::collections::BTreeMap;

use super::discovery::{self, Candidate};
use super::{Files, Kind, ReadError, path};

/// A folder tree in memory: path → bytes.
#[derive(Debug, Default, Clone)]
pub struct MemoryFiles {
    files: BTreeMap<String, Vec<u8>>,
}

impl MemoryFiles {
    /// Puts `bytes` at `name`.
    pub fn insert(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path::normalise(name), bytes.into());
    }

    /// Every path with its bytes, in path order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }
}

impl Files for MemoryFiles {
    fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        match self.kind(name) {
            Kind::Directory => Err(ReadError::Directory),
            _ => self.files.get(name).cloned().ok_or(ReadError::Missing),
        }
    }

    fn kind(&self, name: &str) -> Kind {
        if self.files.contains_key(name) {
            return Kind::File;
        }
        let below = if name.is_empty() || name == "." { String::new() } else { format!("{name}/") };
        if self.files.keys().any(|k| k.starts_with(&below)) { Kind::Directory } else { Kind::Missing }
    }

    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        let root = path::normalise(root);
        let found = self
            .files
            .keys()
            .filter(|name| path::is_below(name, &root))
            .filter_map(|name| discovery::candidate(name, *name == root))
            .collect();
        (found, Vec::new())
    }
}
