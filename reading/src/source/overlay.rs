//! [`Files`] of which some are changed in memory only: to see what a change would do before it is written.

use crate::hash::HashMap;

use super::{Candidate, Files, Kind, ReadError};

/// Other files with changes on top. Every changed file is there without the change too.
pub struct Overlay<'a> {
    under: &'a dyn Files,
    changed: HashMap<String, Vec<u8>>,
}

impl<'a> Overlay<'a> {
    /// `under` with the content of the files that `changed` names replaced.
    #[must_use]
    pub fn new(under: &'a dyn Files, changed: HashMap<String, Vec<u8>>) -> Overlay<'a> {
        Overlay { under, changed }
    }
}

impl Files for Overlay<'_> {
    fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        match self.changed.get(name) {
            Some(bytes) => Ok(bytes.clone()),
            None => self.under.read(name),
        }
    }

    fn kind(&self, name: &str) -> Kind {
        self.under.kind(name)
    }

    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        self.under.discover(root)
    }

    fn lacks(&self, folder: &str, names: &[&str]) -> bool {
        self.under.lacks(folder, names)
    }
}
